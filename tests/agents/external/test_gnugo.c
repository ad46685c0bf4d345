/* Complete games with GNU Go, if it is installed, under every rule set. */
#include <criterion/criterion.h>

#include "agents/agent.h"
#include "games/game.h"

static bool installed(void)
{
    char *found = g_find_program_in_path("gnugo");
    bool here = found || g_file_test("/usr/games/gnugo", G_FILE_TEST_EXISTS);
    g_free(found);
    return here;
}

static void play(const char *game_spec, int most)
{
    struct game game;
    struct agent *agents[2];
    GError *error = NULL;
    const char *const specs[2] = {"random", "gtp:gnugo --mode gtp --level 0"};
    const struct agent_config config = {.seed = 3, .threads = 1};
    cr_assert(game_parse(&game, game_spec, NULL));
    for (int i = 0; i < 2; i++) {
        cr_assert(agent_open(&agents[i], specs[i], &game, &config, &error) == 0, "%s", error ? error->message : "");
        cr_assert(agent_new_game(agents[i], 3, &error), "%s: %s", game_spec, error ? error->message : "");
    }
    for (int ply = 0; ply < most && !game_over(agents[0]->position); ply++) {
        struct agent_choice choice;
        struct agent *agent = agents[agents[0]->position->player];
        cr_assert(agent_choose(agent, NULL, &choice, &error), "%s: %s", game_spec, error ? error->message : "");
        if (choice.action == AGENT_RESIGNS)
            break;
        cr_assert(game.ops->legal(&game, agent->position, &agent->history, choice.move), "%s: illegal", game_spec);
        for (int i = 0; i < 2; i++)
            cr_assert(agent_moved(agents[i], choice.move, &error), "%s: %s", game_spec, error ? error->message : "");
    }
    for (int i = 0; i < 2; i++)
        agent_close(agents[i]);
}

Test(gnugo, plays_every_rule_set)
{
    if (!installed())
        cr_skip_test("GNU Go is not installed");
    play("go:5", 200);
    play("go:7,komi=-3.5", 200);
    play("go:7,rules=chinese", 200);
    play("go:7,rules=japanese", 200);
    play("go:9,handicap=4,komi=0.5", 40);
    play("go:19,rules=aga", 6);
}

/* Searches have nobody to agree with on dead stones: with territory scoring they play the cleanup phase. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "agents/agent.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/agents/open.h"

static void keep_value(const struct agent_report *report, void *data)
{
    *(float *)data = report->value;
}

/* The white stone at B4 is dead, and white has just passed. */
static float value_of_passing(const struct game *game, struct agent *agent)
{
    static const char board[] = ". . X O . O\n"
                                ". . X O O .\n"
                                ". O X O . O\n"
                                ". . X O O O\n"
                                "X X X X O .\n"
                                ". X . X O .";
    union any_position at;
    float value = 0;
    uint8_t allowed[GAME_MAX_MOVES] = {0};
    allowed[game->pass] = 1;
    cr_assert(game_set_up_drawing(game, &at.p, board, GAME_WHITE, NULL));
    cr_assert(game_try(game, &at.p, NULL, game->pass));
    cr_assert(agent_set_position(agent, &at.p, NULL, NULL));
    const struct agent_clock clock = {.visits = 400};
    const struct agent_analysis analysis = {.candidates = 1, .allowed = allowed, .report = keep_value, .data = &value};
    cr_assert(agent_analyse(agent, &clock, &analysis, NULL, NULL));
    return value;
}

/* Black has 11 points, white 5 and komi; with the stones as they are, black would lose by area. */
Test(unattended, passing_wins_by_territory)
{
    struct game game;
    cr_assert(game_parse(&game, "go:6,rules=japanese,komi=2.5", NULL));
    struct agent *agent = open_agent(&game, "rollout:400");
    float value = value_of_passing(&game, agent);
    cr_expect_gt(value, 0.3f, "%g", (double)value);
    agent_close(agent);
}

/* A komi that changes between two searches of the same agent reaches the second. */
Test(unattended, options_that_change)
{
    struct game game;
    cr_assert(game_parse(&game, "go:6,rules=japanese,komi=2.5", NULL));
    struct agent *agent = open_agent(&game, "rollout:400");
    game_set_komi(&game, 40);
    float value = value_of_passing(&game, agent);
    cr_expect_lt(value, -0.3f, "%g", (double)value);
    cr_expect_eq(game_komi(&agent->search_game), 40);
    agent_close(agent);
}

/* Also of nets whose features do not encode the phase: the board as it stands would misjudge dead stones more. */
Test(unattended, nets_of_any_features)
{
    char folder[] = "/tmp/tengen-unattended-XXXXXX";
    struct game game;
    cr_assert(mkdtemp(folder) && chdir(folder) == 0);
    cr_assert(game_parse(&game, "go:5,rules=japanese", NULL));
    static const char *const names[] = {"go-v1", "go-v2"};
    for (int i = 0; i < 2; i++) {
        struct net *net;
        const struct game_features *features = game_features_find(&game, names[i]);
        cr_assert_eq(evaluator_net_fresh_for(&net, &game, features, "conv:8", 1, NULL), 0);
        cr_assert_eq(net_save(net, "net.safetensors", NULL, NULL), 0);
        net_unref(net);
        struct agent *agent = open_agent(&game, "net:net.safetensors,backend=plain,visits=4");
        cr_expect_eq(game_option_value(&agent->search_game, "cleanup", -1), 1);
        agent_close(agent);
    }
    cr_assert(unlink("net.safetensors") == 0 && rmdir(folder) == 0);
}

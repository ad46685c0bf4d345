/* The option `threats` of the agents that search. */
#include <criterion/criterion.h>

#include "agents/agent.h"
#include "games/game.h"
#include "tests/agents/open.h"

/* Black to move in an open three: with the search for threats C6 or G6 is a proven win, which takes one playout. */
static void choose(const char *spec, struct agent_choice *choice, bool *winning)
{
    static const char rows[] =
        "......... ......... ......... ...XXX... ......... ......... .O..O.... ......... .........";
    struct game game;
    union any_position position;
    struct agent *agent = open_agent_for(spec, &game, "gomoku:9");
    cr_assert(game_set_up_drawing(&game, &position.p, rows, GAME_BLACK, NULL));
    cr_assert(agent_start_from(agent, &position.p, NULL, 1, NULL));
    cr_assert(agent_choose(agent, NULL, choice, NULL));
    *winning = choice->move == game_move_parse(&game, "C6") || choice->move == game_move_parse(&game, "G6");
    agent_close(agent);
}

Test(threats_option, of_searching_agents)
{
    static const struct {
        const char *spec;
        bool proves;
    } agents[] = {
        {"net:default,visits=20,selection=gumbel", true},
        {"net:default,visits=20", true},
        {"net:default,visits=20,threats=2", true},
        {"net:default,visits=20,threats=0", false},
        {"net:default,visits=20,temperature=1", true},
        {"rollout:20", false},
        {"rollout:20,threats=1", true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(agents); i++) {
        struct agent_choice choice;
        bool winning;
        choose(agents[i].spec, &choice, &winning);
        cr_assert_eq(choice.value == 1 && choice.visits <= 2, agents[i].proves, "%s: value %g, %d visits",
                     agents[i].spec, choice.value, (int)choice.visits);
        cr_assert(!agents[i].proves || winning, "%s plays %d", agents[i].spec, choice.move);
    }
}

/* The option `threats` of the agents that search. */
#include <criterion/criterion.h>

#include "agents/agent.h"
#include "games/game.h"
#include "tests/agents/open.h"

/* What the game's solver examined in calls at the root; in the tree a call may examine TREE_BUDGET. */
enum { TREE_BUDGET = 200 };
static int64_t examined;
static gulong sleep_us; /* before the next call */
static enum game_solved (*inner_solve)(const struct game *game, const struct position *position,
                                       struct game_solver *solver);

static enum game_solved counting_solve(const struct game *game, const struct position *position,
                                       struct game_solver *solver)
{
    g_usleep(sleep_us);
    sleep_us = 0;
    enum game_solved solved = inner_solve(game, position, solver);
    if (solver->budget != TREE_BUDGET)
        examined += solver->examined;
    return solved;
}

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

static void counted_game(struct game *game, struct game_ops *ops, const char *spec)
{
    cr_assert(game_parse(game, spec, NULL));
    *ops = *game->ops;
    inner_solve = ops->solve;
    ops->solve = counting_solve;
    game->ops = ops;
}

/* White to move in a position with many fours of both sides, of which an unlimited search examines thousands. */
Test(threats_option, keeps_to_the_time)
{
    static const char rows[] = ".....X......... ...XO...O...... ..........X.... ......X........ .....OO...X.... "
                               ".....O......... .......X...XX.. "
                               ".........X..... ...O.OXOOO.XXO. ...O.X..X..OX.. .........XO.OO. ..O.....O.X.XO. "
                               ".......OOX.OXX. ..........OXX.. "
                               ".............X.";
    static const char *const specs[] = {"net:default,visits=400", "net:default,visits=400,time=5ms",
                                        "net:default,time=5ms"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game;
        struct game_ops ops;
        union any_position position;
        struct agent_choice choice;
        counted_game(&game, &ops, "gomoku:15");
        cr_assert(game_set_up_drawing(&game, &position.p, rows, GAME_WHITE, NULL));
        struct agent *agent = open_agent(&game, specs[i]);
        cr_assert(agent_start_from(agent, &position.p, NULL, 1, NULL));
        examined = 0;
        cr_assert(agent_choose(agent, NULL, &choice, NULL));
        agent_close(agent);
        if (i == 0)
            cr_assert_gt(examined, 5000);
        else
            cr_assert_leq(examined, 500, "%s: %d positions", specs[i], (int)examined);
    }
}

/* What the first visit takes is part of the move's time: 0.6 s of 0.7 s, which leaves 0.1 s. */
Test(threats_option, one_time_for_both_runs)
{
    struct game game;
    struct game_ops ops;
    struct agent_choice choice;
    counted_game(&game, &ops, "gomoku:9");
    struct agent *agent = open_agent(&game, "net:default,visits=1000000,time=700ms");
    sleep_us = 600000;
    const int64_t start = g_get_monotonic_time();
    cr_assert(agent_choose(agent, NULL, &choice, NULL));
    const int64_t took = (g_get_monotonic_time() - start) / 1000;
    cr_assert(took >= 600 && took < 900, "%d ms", (int)took);
    agent_close(agent);
}

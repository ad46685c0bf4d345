/* Time kept for moves that need it: the plan, games on a simulated clock, and the agents' option. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

#include "agents/agent.h"
#include "agents/builtin/budget.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/agents/open.h"

static struct agent_clock clock_of(const char *text)
{
    struct agent_clock clock;
    cr_assert(agent_clock_parse(text, &clock, NULL), "%s", text);
    return clock;
}

/* ---- the rules of the reserve ---- */

Test(hold, what_is_saved_is_kept)
{
    const struct agent_clock main = clock_of("10s"), limited = clock_of("10s,500ms/move"), move = clock_of("1s/move"),
                             periods = clock_of("0s+3x5s"), none = {.main_ms = 0};
    struct budget_reserve reserve = {0};
    budget_settle(&reserve, &main, 400, 100, 0.5f);
    cr_assert(reserve.kept_ms == 300 && reserve.moved && reserve.value == 0.5f);
    cr_assert_eq(budget_extra_ms(&reserve, &main, 400), 150, "half of it");
    cr_assert_eq(budget_extra_ms(&reserve, &main, 50), 100, "at most three times the plan");
    cr_assert_eq(budget_extra_ms(&reserve, &limited, 400), 500 - BUDGET_LAG_MS - 400, "the limit of a move");
    cr_assert_eq(budget_extra_ms(&reserve, &limited, 480), 0);
    budget_settle(&reserve, &main, 400, 550, 0);
    cr_assert_eq(reserve.kept_ms, 150, "the move took 150 ms of it");
    budget_settle(&reserve, &main, 400, 900, 0);
    cr_assert_eq(reserve.kept_ms, 0);
    for (int i = 0; i < 20; i++)
        budget_settle(&reserve, &main, 400, 0, 0);
    cr_assert_eq(reserve.kept_ms, 2500, "at most a quarter of the main time");
    budget_settle(&reserve, &main, 400, 400, 0);
    cr_assert_eq(reserve.kept_ms, 2400, "of what is left of it");
    for (int i = 0; i < 20; i++)
        budget_settle(&reserve, &none, 100, 0, 0);
    cr_assert_eq(reserve.kept_ms, 800, "eight moves of the agent's own time");
    cr_assert_eq(budget_extra_ms(&reserve, &none, 100), 200);
    budget_settle(&reserve, &move, 970, 10, 0);
    cr_assert_eq(reserve.kept_ms, 0, "a limit per move cannot be saved");
    budget_settle(&reserve, &periods, 4970, 10, 0);
    cr_assert_eq(reserve.kept_ms, 0, "nor a period");
}

Test(hold, the_plan_leaves_what_is_kept)
{
    struct game game;
    struct agent *agent = open_agent_for("random", &game, "gomoku:15");
    struct budget_reserve reserve = {0};
    const struct agent_clock twenty = clock_of("20s"), sixteen = clock_of("16s"), fifteen = clock_of("15s"),
                             move = clock_of("1s/move");
    cr_assert_eq(budget_plan_rest_ms(agent, &twenty, &reserve), budget_plan_ms(agent, &twenty));
    reserve.kept_ms = 4000;
    cr_assert_eq(budget_plan_rest_ms(agent, &twenty, &reserve), budget_plan_ms(agent, &sixteen));
    reserve.kept_ms = 9000; /* more than a quarter: other delays have used up the clock */
    cr_assert_eq(budget_plan_rest_ms(agent, &twenty, &reserve), budget_plan_ms(agent, &fifteen));
    cr_assert_eq(budget_plan_rest_ms(agent, &move, &reserve), budget_plan_ms(agent, &move));
    agent_close(agent);
}

Test(hold, which_moves_need_it)
{
    const struct budget_reserve fresh = {0}, won = {.moved = true, .value = 0.5f};
    const struct budget_outlook clear = {.first = 1000, .second = 590, .agreed = true, .value = 0.41f},
                                close = {.first = 1000, .second = 600, .agreed = true, .value = 0.41f},
                                torn = {.first = 1000, .second = 590, .agreed = false, .value = 0.41f},
                                fallen = {.first = 1000, .second = 590, .agreed = true, .value = 0.39f};
    cr_assert(!budget_unsettled(&fresh, &clear) && !budget_unsettled(&won, &clear));
    cr_assert(budget_unsettled(&fresh, &close));
    cr_assert(budget_unsettled(&fresh, &torn));
    cr_assert(budget_unsettled(&won, &fallen) && !budget_unsettled(&fresh, &fallen));
}

/* ---- whole games on a simulated clock ---- */

enum { OWN_MOVES = 40, HARD_EVERY = 5 };

struct shares {
    int64_t hard_ms, easy_ms; /* thinking time of moves that need it and of others */
};

/* A game of Go on 9x9: every fifth move stays unsettled and takes all that it may, the others stop early after 60 % of
 * their plan. 20 ms pass besides each move. */
static struct shares play_game(struct agent *agent, const char *clock, bool hold)
{
    const struct agent_clock control = clock_of(clock);
    struct agent_clock c = control;
    struct budget_reserve reserve = {0};
    struct shares shares = {0, 0};
    int64_t over;
    for (int move = 0; move < OWN_MOVES; move++) {
        const bool hard = move % HARD_EVERY == HARD_EVERY - 1;
        agent->position->ply = (uint16_t)(2 * move);
        const int64_t planned = budget_plan_rest_ms(agent, &c, &reserve);
        int64_t spent = hard ? planned + budget_extra_ms(&reserve, &c, planned) : planned * 60 / 100;
        *(hard ? &shares.hard_ms : &shares.easy_ms) += spent;
        if (hold)
            budget_settle(&reserve, &c, planned, spent, 0);
        cr_assert(agent_clock_spend(&c, &control, spent + 20, 0, &over), "%s: lost on time at move %d, %ld ms late",
                  clock, move, (long)over);
    }
    return shares;
}

/* The moves that need it get most of what the others save: with a reserve they take more than half as much again as
 * without, and no game is lost on time. */
Test(hold, saved_time_goes_to_moves_that_need_it)
{
    static const struct {
        const char *clock;
        int percent; /* of the time that hard moves have without a reserve, at least */
    } clocks[] = {{"60s", 160},     {"10s", 150},     {"10s+0.1s", 150}, {"2s", 100},       {"20s,10s/move", 150},
                  {"5s+3x1s", 100}, {"0s+1x1s", 100}, {"1s/move", 100},  {"3s+10/5s", 100}, {"500ms+50ms", 100}};
    struct game game;
    struct agent *agent = open_agent_for("random", &game, "go:9");
    for (size_t i = 0; i < G_N_ELEMENTS(clocks); i++) {
        const struct shares without = play_game(agent, clocks[i].clock, false),
                            with = play_game(agent, clocks[i].clock, true);
        cr_log_info("%s: moves that need it %ld ms, with a reserve %ld ms; others %ld ms, %ld ms", clocks[i].clock,
                    (long)without.hard_ms, (long)with.hard_ms, (long)without.easy_ms, (long)with.easy_ms);
        cr_assert(with.hard_ms * 100 >= without.hard_ms * clocks[i].percent, "%s: %ld ms instead of %ld ms",
                  clocks[i].clock, (long)with.hard_ms, (long)without.hard_ms);
    }
    agent_close(agent);
}

/* ---- the option ---- */

static char folder[] = "/tmp/tengen-hold-XXXXXX";

static void save_net(const struct game *game)
{
    struct net *net;
    cr_assert(mkdtemp(folder) && chdir(folder) == 0);
    cr_assert(evaluator_net_fresh(&net, game, "1x8", 1, NULL) == 0);
    cr_assert(net_save(net, "net.safetensors", NULL, NULL) == 0);
    net_unref(net);
}

static void remove_net(void)
{
    cr_assert(unlink("net.safetensors") == 0 && chdir("/") == 0 && rmdir(folder) == 0);
}

/* Black to move in an open three: a win by threats, which takes no time. */
static void start_won(struct agent *agent)
{
    static const char rows[] =
        "......... ......... ......... ...XXX... ......... ......... .O..O.... ......... .O.......";
    union any_position position;
    cr_assert(game_set_up_drawing(agent->game, &position.p, rows, GAME_BLACK, NULL));
    cr_assert(agent_start_from(agent, &position.p, NULL, 1, NULL));
}

/* The time of a move in a game in which several moves before it were found at once. */
static int64_t time_after_easy_moves(const char *spec, const struct game *game, const struct agent_clock *clock,
                                     int easy)
{
    struct agent *agent = open_agent(game, spec);
    struct agent_choice choice;
    start_won(agent);
    for (int i = 0; i < easy; i++) {
        cr_assert(agent_choose(agent, clock, &choice, NULL));
        cr_assert(choice.value == 1 && choice.visits <= 2);
    }
    cr_assert(agent_moved(agent, game_move_parse(game, "J9"), NULL) &&
              agent_moved(agent, game_move_parse(game, "G6"), NULL));
    const int64_t start = g_get_monotonic_time();
    cr_assert(agent_choose(agent, clock, &choice, NULL));
    const int64_t took = (g_get_monotonic_time() - start) / 1000;
    agent_close(agent);
    return took;
}

/* The value falls from a win to an even position, and exploration keeps all moves alike: the move takes three times its plan
 * if time was saved before, and the agent may. */
Test(hold, option)
{
    static const struct {
        const char *spec, *clock;
        int easy;
        int64_t least_ms, most_ms;
    } cases[] = {
        {"net:net.safetensors,threads=1,cpuct=50,time=150ms,hold=yes", "none", 6, 400, 450},
        {"net:net.safetensors,threads=1,cpuct=50,time=150ms,hold=yes", "none", 0, 100, 150},
        {"net:net.safetensors,threads=1,cpuct=50,time=150ms,hold=no", "none", 6, 100, 150},
        {"net:net.safetensors,threads=1,cpuct=50,time=150ms,hold=yes", "180ms/move", 6, 100, 150},
    };
    enum { BUSY_MS = 120 }; /* a machine with other work */
    struct game game;
    cr_assert(game_parse(&game, "gomoku:9", NULL));
    save_net(&game);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct agent_clock clock = clock_of(cases[i].clock);
        const int64_t took = time_after_easy_moves(cases[i].spec, &game, &clock, cases[i].easy);
        cr_assert(took >= cases[i].least_ms && took <= cases[i].most_ms + BUSY_MS, "case %zu: %ld ms", i, (long)took);
    }
    remove_net();
}

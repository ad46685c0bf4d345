/* Time planning: budgets of single moves and of whole games under every kind of clock. */
#include <criterion/criterion.h>

#include "agents/agent.h"
#include "agents/builtin/budget.h"
#include "games/game.h"

static struct game game;

static struct agent *open_agent(const char *spec)
{
    struct agent *agent;
    const struct agent_config config = {.threads = 1};
    cr_assert(game_parse(&game, spec, NULL), "%s", spec);
    cr_assert_eq(agent_open(&agent, "random", &game, &config, NULL), 0);
    return agent;
}

static struct agent_clock clock_of(const char *text)
{
    struct agent_clock clock;
    cr_assert(agent_clock_parse(text, &clock, NULL), "%s", text);
    return clock;
}

/* Plays the next move of a Gomoku game that fills the board and is drawn: rows of XXOOXXOO, each the opposite of the one
 * above. Returns false at its end. */
static bool play_quietly(struct agent *agent)
{
    for (int p = 0; p < game.points; p++) {
        const bool black = (p % game.width / 2 + p / game.width) % 2 == 0;
        if (black == (agent->position->colour == GAME_BLACK) &&
            game.ops->stone(&game, agent->position, p) == GAME_EMPTY) {
            cr_assert(agent_moved(agent, (game_move)p, NULL));
            return !game_over(agent->position);
        }
    }
    cr_assert_fail("no point is left");
    return false;
}

static void play_to(struct agent *agent, int ply)
{
    cr_assert(agent_new_game(agent, 1, NULL));
    while (agent->position->ply < ply)
        cr_assert(play_quietly(agent));
}

static int64_t budget_at(struct agent *agent, int ply, const char *clock)
{
    const struct agent_clock c = clock_of(clock);
    play_to(agent, ply);
    return budget_plan_ms(agent, &c);
}

/* Under every clock, a whole game of Go in which each move takes its budget plus half of the lag never loses on time. */
Test(budget, lasts_a_game_of_go)
{
    static const char *const clocks[] = {"10s+0.1s", "1s+0.1s",  "2s",      "5s+3x1s",   "0s+1x1s",
                                         "0s+5/2s",  "3s+10/5s", "1s/move", "500ms+50ms"};
    struct agent *agent = open_agent("go:9");
    for (size_t i = 0; i < G_N_ELEMENTS(clocks); i++) {
        const struct agent_clock settings = clock_of(clocks[i]);
        struct agent_clock c = settings;
        int64_t used = 0, over;
        for (int move = 0; move < 40; move++) {
            agent->position->ply = (uint16_t)(2 * move);
            int64_t budget = budget_plan_ms(agent, &c);
            cr_assert(budget >= 1);
            used += budget;
            cr_assert(agent_clock_spend(&c, &settings, budget + BUDGET_LAG_MS / 2, 0, &over),
                      "%s: lost on time at move %d, %ld ms late", clocks[i], move, (long)over);
        }
        cr_assert(settings.main_ms == 0 || used > settings.main_ms / 2, "%s: only %ld ms used", clocks[i], (long)used);
    }
    agent_close(agent);
}

/* A game of Gomoku that fills the board, whose moves take this percentage of their budgets, and lag_ms besides. Returns
 * the first player's thinking time before ply 40. */
static int64_t fill_board(struct agent *agent, const char *clock, int percent, int lag_ms)
{
    const struct agent_clock control = clock_of(clock);
    struct agent_clock c = control;
    int64_t early_ms = 0, over;
    play_to(agent, 0);
    do {
        if (agent->position->player != 0)
            continue;
        int64_t spent = budget_plan_ms(agent, &c) * percent / 100;
        early_ms += agent->position->ply < 40 ? spent : 0;
        cr_assert(agent_clock_spend(&c, &control, spent + lag_ms, 0, &over), "%s on %d: lost at ply %d, %ld ms late",
                  clock, game.width, agent->position->ply, (long)over);
    } while (play_quietly(agent));
    return early_ms;
}

/* The longest game is not lost on time, even if every move takes its whole budget. */
Test(budget, lasts_the_longest_gomoku)
{
    static const char *const specs[] = {"gomoku:9", "gomoku:15", "gomoku:20"};
    static const char *const clocks[] = {"5s", "20s", "5m", "1s+0.1s", "10s+10ms", "20s,2s/move"};
    for (size_t s = 0; s < G_N_ELEMENTS(specs); s++) {
        struct agent *agent = open_agent(specs[s]);
        for (size_t i = 0; i < G_N_ELEMENTS(clocks); i++)
            fill_board(agent, clocks[i], 100, 4);
        agent_close(agent);
    }
}

/* Most of the time is used within 40 plies, although searches leave half of their budgets unused. */
Test(budget, is_used_in_gomoku)
{
    static const char *const specs[] = {"gomoku:15", "gomoku:20"};
    for (size_t s = 0; s < G_N_ELEMENTS(specs); s++) {
        struct agent *agent = open_agent(specs[s]);
        int64_t used_ms = fill_board(agent, "20s", 50, 4);
        cr_assert(used_ms >= 12000 && used_ms <= 16000, "%s: %ld ms of 20 s", specs[s], (long)used_ms);
        agent_close(agent);
    }
}

/* The plan follows from the expected length: 47 plies at the start of a game on 15x15, 27 at ply 20. */
Test(budget, of_a_gomoku_move)
{
    struct agent *agent = open_agent("gomoku:15");
    /* 560 ms in reserve; 24 moves; twice the share, as half of it is left unused; the lag. */
    cr_assert_eq(budget_at(agent, 0, "20s"), 2 * ((20000 - 5 * 112) / 24 - BUDGET_LAG_MS));
    cr_assert_eq(budget_at(agent, 20, "20s"), 2 * ((20000 - 5 * 102) / 14 - BUDGET_LAG_MS));
    /* The reserve never exceeds a quarter. */
    cr_assert_eq(budget_at(agent, 0, "2s"), 2 * (1500 / 24 - BUDGET_LAG_MS));
    /* Three seconds left: a useful time for each move, early in the game and late. */
    int64_t early = budget_at(agent, 20, "3s"), late = budget_at(agent, 100, "3s");
    cr_assert(early >= 200 && early <= 300 && late >= 100 && late <= 200, "%ld and %ld ms", (long)early, (long)late);
    /* At the end of the board few moves are left; even so, one never takes more than a third. */
    cr_assert_eq(budget_at(agent, 222, "9s"), (9000 - 5 * 1) / 3);
    agent_close(agent);
}

Test(budget, of_renewed_time)
{
    struct agent *agent = open_agent("gomoku:15");
    /* An increment is used as it comes, and pays for the lag. */
    cr_assert_eq(budget_at(agent, 0, "10s+1s"), 2 * ((10000 - 5 * 112) / 24) + 900 - BUDGET_LAG_MS);
    /* It comes after the move: until then there is only what is left. */
    const struct agent_clock little = {.main_ms = 200, .increment_ms = 1000};
    cr_assert_eq(budget_plan_ms(agent, &little), 200 - BUDGET_LAG_MS);
    /* A period's time is used from the start. */
    cr_assert_eq(budget_at(agent, 0, "1s+3x5s"), 5000 - BUDGET_LAG_MS);
    cr_assert_eq(budget_at(agent, 0, "0s+10/20s"), 2000 - BUDGET_LAG_MS);
    /* A limit per move bounds the plan, and is one by itself. */
    cr_assert_eq(budget_at(agent, 0, "20s,500ms/move"), 500 - BUDGET_LAG_MS);
    cr_assert_eq(budget_at(agent, 0, "500ms/move"), 500 - BUDGET_LAG_MS);
    cr_assert_eq(budget_at(agent, 0, "none"), 0);
    agent_close(agent);
}

/* Nearly nothing left: at once, and never past the end. */
Test(budget, of_the_last_milliseconds)
{
    struct agent *agent = open_agent("gomoku:15");
    for (int64_t left_ms = 1; left_ms <= 200; left_ms++) {
        const struct agent_clock c = {.main_ms = left_ms};
        int64_t budget = budget_plan_ms(agent, &c);
        cr_assert(budget >= 1 && (budget == 1 || budget <= left_ms - BUDGET_LAG_MS), "%ld ms of %ld", (long)budget,
                  (long)left_ms);
    }
    agent_close(agent);
}

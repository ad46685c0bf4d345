/* Clocks: notation, what is left after each move, and what a search takes of it. */
#include <criterion/criterion.h>

#include "agents/agent.h"
#include "agents/builtin/player.h"

static struct agent_clock clock_of(const char *text)
{
    struct agent_clock clock;
    GError *error = NULL;
    cr_assert(agent_clock_parse(text, &clock, &error), "%s: %s", text, error ? error->message : "");
    return clock;
}

Test(clock, notation)
{
    cr_assert(clock_of("5m").main_ms == 300000 && clock_of("1.5h").main_ms == 5400000);
    struct agent_clock c = clock_of("10s+0.1s");
    cr_assert(c.main_ms == 10000 && c.increment_ms == 100 && c.periods == 0);
    c = clock_of("5m+3x30s");
    cr_assert(c.main_ms == 300000 && c.periods == 3 && c.byo_ms == 30000 && c.byo_moves == 1);
    c = clock_of("0s+25/10m");
    cr_assert(c.main_ms == 0 && c.periods == 1 && c.byo_ms == 600000 && c.byo_moves == 25);
    c = clock_of("250ms/move");
    cr_assert(c.move_ms == 250 && c.main_ms == 0);
    static const char *const bad[] = {"",        "5",         "m",     "-5m",   "5m+",
                                      "5m+x30s", "5m+0x30s",  "0s",    "0s+1s", "5m/turn",
                                      "5m+3x",   "5m+3x0s",   "1e99h", "5m 3s", "0s/move",
                                      "5m+2s/m", "5m+3x30s ", "nan",   "inf",   "5m+99999999999999999999x1s"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        GError *error = NULL;
        cr_assert(!agent_clock_parse(bad[i], &c, &error), "\"%s\" was read", bad[i]);
        cr_assert(strstr(error->message, "is not a time control"));
        g_clear_error(&error);
    }
}

static int64_t over;
static bool spend(struct agent_clock *c, const char *settings, int64_t ms)
{
    struct agent_clock s = clock_of(settings);
    return agent_clock_spend(c, &s, ms, 0, &over);
}

Test(clock, absolute_and_increment)
{
    struct agent_clock c = clock_of("10s");
    cr_assert(spend(&c, "10s", 4000) && c.main_ms == 6000);
    cr_assert(!spend(&c, "10s", 6001) && over == 1);
    cr_assert(spend(&c, "10s", 6000) && c.main_ms == 0);
    c = clock_of("1s+0.5s");
    cr_assert(spend(&c, "1s+0.5s", 1000) && c.main_ms == 500, "the increment comes after the move");
    cr_assert(!spend(&c, "1s+0.5s", 900));
    c = clock_of("2s/move");
    for (int i = 0; i < 5; i++)
        cr_assert(spend(&c, "2s/move", 2000));
    cr_assert(!spend(&c, "2s/move", 2001));
}

Test(clock, margin)
{
    struct agent_clock c = clock_of("10s"), s = c;
    cr_assert(agent_clock_spend(&c, &s, 10040, 50, &over) && over == 40 && c.main_ms == 0);
    c = s;
    cr_assert(!agent_clock_spend(&c, &s, 10051, 50, &over) && over == 51);
}

Test(clock, byo_yomi)
{
    struct agent_clock c = clock_of("10s+3x5s");
    cr_assert(agent_clock_limit_ms(&c) == 25000);
    cr_assert(spend(&c, "10s+3x5s", 8000) && c.main_ms == 2000 && c.periods == 3);
    cr_assert(spend(&c, "10s+3x5s", 6000) && c.main_ms == 0 && c.periods == 3, "4 s into the first period");
    cr_assert(spend(&c, "10s+3x5s", 4999) && c.periods == 3);
    cr_assert(spend(&c, "10s+3x5s", 11000) && c.periods == 1, "two whole periods are gone");
    cr_assert(!spend(&c, "10s+3x5s", 5001));
    c = clock_of("0s+2/10s");
    cr_assert(spend(&c, "0s+2/10s", 7000) && c.byo_ms == 3000 && c.byo_moves == 1);
    struct agent_clock late = c;
    cr_assert(!spend(&late, "0s+2/10s", 3001));
    cr_assert(spend(&c, "0s+2/10s", 3000) && c.byo_ms == 10000 && c.byo_moves == 2);
}

/* Whatever the clock, a whole game of the budgets that a search takes, each overdrawn by the lag kept for that, never
 * loses on time. */
Test(clock, budgets_last_a_game)
{
    struct game game;
    struct agent *agent;
    const struct agent_config config = {.threads = 1};
    static const char *const clocks[] = {"10s+0.1s", "1s+0.1s",  "2s",      "5s+3x1s",   "0s+1x1s",
                                         "0s+5/2s",  "3s+10/5s", "1s/move", "500ms+50ms"};
    cr_assert(game_parse(&game, "go:9", NULL));
    cr_assert(agent_open(&agent, "random", &game, &config, NULL) == 0);
    for (size_t i = 0; i < G_N_ELEMENTS(clocks); i++) {
        const struct agent_clock settings = clock_of(clocks[i]);
        struct agent_clock c = settings;
        int64_t used = 0;
        for (int move = 0; move < 40; move++) {
            agent->position->ply = (uint16_t)(2 * move);
            int64_t budget = player_budget_ms(agent, &c);
            cr_assert(budget >= 1);
            used += budget;
            cr_assert(agent_clock_spend(&c, &settings, budget + PLAYER_LAG_MS / 2, 0, &over),
                      "%s: lost on time at move %d, %ld ms late", clocks[i], move, (long)over);
        }
        cr_assert(settings.main_ms == 0 || used > settings.main_ms / 2, "%s: only %ld ms used", clocks[i], (long)used);
    }
    agent_close(agent);
}

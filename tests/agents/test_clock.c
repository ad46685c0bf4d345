/* Clocks: notation, remaining time after each move. */
#include <criterion/criterion.h>

#include "agents/clock.h"

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
    c = clock_of("10m+5m/20");
    cr_assert(c.main_ms == 600000 && c.periods == 1 && c.byo_ms == 300000 && c.byo_moves == 20 && c.increment_ms == 0);
    c = clock_of("250ms/move");
    cr_assert(c.move_ms == 250 && c.main_ms == 0);
    c = clock_of("5m,30s/move");
    cr_assert(c.main_ms == 300000 && c.move_ms == 30000 && c.increment_ms == 0);
    c = clock_of("5m+2s,30s/move");
    cr_assert(c.main_ms == 300000 && c.move_ms == 30000 && c.increment_ms == 2000);
    c = clock_of("none");
    cr_assert_eq(agent_clock_kind(&c), AGENT_CLOCK_NONE);
    static const char *const bad[] = {"",
                                      "5",
                                      "m",
                                      "-5m",
                                      "5m+",
                                      "5m+x30s",
                                      "5m+0x30s",
                                      "0s",
                                      "0s+1s",
                                      "5m/turn",
                                      "5m+3x",
                                      "5m+3x0s",
                                      "1e99h",
                                      "5m 3s",
                                      "0s/move",
                                      "5m+2s/m",
                                      "5m+3x30s ",
                                      "nan",
                                      "inf",
                                      "none ",
                                      "10m+5m/0",
                                      "5m,",
                                      "5m,30s",
                                      ",30s/move",
                                      "5m,0s/move",
                                      "none,3s/move",
                                      "0s,3s/move",
                                      "3s/move,3s/move",
                                      "5m+3x30s,3s/move",
                                      "5m,30s/move,",
                                      "5m,3s/turn",
                                      "10m+5m/20s",
                                      "10m+20/0s",
                                      "10m+0s/20",
                                      "10m+/20",
                                      "10m+5m/",
                                      "10",
                                      "5m+99999999999999999999x1s"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        GError *error = NULL;
        cr_assert(!agent_clock_parse(bad[i], &c, &error), "\"%s\" was accepted", bad[i]);
        cr_assert(strstr(error->message, "is not a time control"));
        g_clear_error(&error);
    }
}

/* Formatted time controls parse back to the same control. Columns: input, formatted, kind, SGF's TM and OT. */
Test(clock, spelled_and_read)
{
    static const struct {
        const char *text, *spelled;
        enum agent_clock_kind kind;
        const char *tm, *ot;
    } cases[] = {
        {"none", "none", AGENT_CLOCK_NONE, "0", ""},
        {"10m", "10m", AGENT_CLOCK_ABSOLUTE, "600", ""},
        {"0.75s", "0.75s", AGENT_CLOCK_ABSOLUTE, "0.75", ""},
        {"1.5h", "90m", AGENT_CLOCK_ABSOLUTE, "5400", ""},
        {"10m+3x30s", "10m+3x30s", AGENT_CLOCK_BYOYOMI, "600", "3x30 byo-yomi"},
        {"0s+5x250ms", "0s+5x0.25s", AGENT_CLOCK_BYOYOMI, "0", "5x0.25 byo-yomi"},
        {"5m+25/10m", "5m+25/10m", AGENT_CLOCK_CANADIAN, "300", "25/600 Canadian"},
        {"10m+5m/20", "10m+20/5m", AGENT_CLOCK_CANADIAN, "600", "20/300 Canadian"},
        {"5m+10s", "5m+10s", AGENT_CLOCK_FISCHER, "300", "10 fischer"},
        {"12345.678s+1ms", "12345.678s+0.001s", AGENT_CLOCK_FISCHER, "12345.678", "0.001 fischer"},
        {"2s/move", "2s/move", AGENT_CLOCK_MOVE, "0", "1x2 byo-yomi"},
        {"180s,5s/move", "3m,5s/move", AGENT_CLOCK_ABSOLUTE, "180", "at most 5 a move"},
        {"3m+2s,60s/move", "3m+2s,1m/move", AGENT_CLOCK_FISCHER, "180", "2 fischer, at most 60 a move"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char text[AGENT_CLOCK_TEXT_MAX], ot[AGENT_CLOCK_TEXT_MAX];
        const struct agent_clock control = clock_of(cases[i].text), again = clock_of(agent_clock_spell(&control, text));
        cr_assert_str_eq(text, cases[i].spelled);
        cr_assert_eq(memcmp(&control, &again, sizeof control), 0, "%s became %s", cases[i].text, text);
        cr_assert_eq(agent_clock_kind(&control), cases[i].kind, "%s", cases[i].text);
        cr_assert_eq(agent_clock_sgf(&control, text, ot), cases[i].kind != AGENT_CLOCK_NONE);
        cr_assert_str_eq(text, cases[i].tm);
        cr_assert_str_eq(ot, cases[i].ot);
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
    cr_assert(spend(&c, "1s+0.5s", 1000) && c.main_ms == 500, "the increment is added after the move");
    cr_assert(!spend(&c, "1s+0.5s", 900));
    c = clock_of("2s/move");
    for (int i = 0; i < 5; i++)
        cr_assert(spend(&c, "2s/move", 2000));
    cr_assert(!spend(&c, "2s/move", 2001));
}

/* The lower of both limits ends a move; the one per move comes back after it. */
Test(clock, limits_per_game_and_per_move)
{
    static const char both[] = "10s,4s/move";
    struct agent_clock c = clock_of(both), control = c;
    cr_assert(agent_clock_limit_ms(&c) == 4000 && agent_clock_left_ms(&c, &control) == 4000);
    cr_assert(!spend(&c, both, 4001) && over == 1);
    c = clock_of(both);
    cr_assert(spend(&c, both, 4000) && c.main_ms == 6000 && c.move_ms == 4000);
    cr_assert(spend(&c, both, 3000) && c.main_ms == 3000);
    cr_assert(agent_clock_limit_ms(&c) == 3000);
    cr_assert(!spend(&c, both, 3001) && over == 1);
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

/* A running clock, as the window displays it between moves. */
Test(clock, running)
{
    const struct agent_clock byo_yomi = clock_of("10s+3x5s"), canadian = clock_of("1s+10s/2"),
                             fischer = clock_of("10s+2s"), move = clock_of("3s/move"), none = {0};
    char text[AGENT_CLOCK_TEXT_MAX];
    struct agent_clock c = byo_yomi;
    cr_assert_eq(agent_clock_run(&c, &byo_yomi, 9000), 0);
    agent_clock_moved(&c, &byo_yomi);
    cr_assert_eq(c.main_ms, 1000);
    cr_assert_eq(agent_clock_run(&c, &byo_yomi, 4000), 0); /* main time and 3 s of the first period */
    cr_assert(c.periods == 3 && c.byo_ms == 2000);
    agent_clock_moved(&c, &byo_yomi);
    cr_assert_eq(c.byo_ms, 5000, "a move within the period restores it");
    cr_assert_eq(agent_clock_run(&c, &byo_yomi, 11000), 0);
    cr_assert(c.periods == 1 && c.byo_ms == 4000);
    cr_assert_eq(agent_clock_left_ms(&c, &byo_yomi), 4000);
    cr_assert_str_eq(agent_clock_format(&c, &byo_yomi, text), "0:04.0 (1)");
    cr_assert_eq(agent_clock_run(&c, &byo_yomi, 4001), 1);
    cr_assert_eq(agent_clock_left_ms(&c, &byo_yomi), 0);

    c = canadian;
    cr_assert_str_eq(agent_clock_format(&c, &canadian, text), "0:01.0");
    cr_assert_eq(agent_clock_run(&c, &canadian, 5000), 0);
    agent_clock_moved(&c, &canadian);
    cr_assert(c.byo_moves == 1 && c.byo_ms == 6000);
    cr_assert_str_eq(agent_clock_format(&c, &canadian, text), "0:06.0 /1");
    cr_assert_eq(agent_clock_run(&c, &canadian, 5000), 0);
    agent_clock_moved(&c, &canadian);
    cr_assert(c.byo_moves == 2 && c.byo_ms == 10000);
    cr_assert_eq(agent_clock_run(&c, &canadian, 10001), 1);

    c = fischer;
    cr_assert_eq(agent_clock_run(&c, &fischer, 3000), 0);
    agent_clock_moved(&c, &fischer);
    cr_assert_eq(c.main_ms, 9000);
    cr_assert_eq(agent_clock_run(&c, &fischer, 9000), 0);
    cr_assert_eq(agent_clock_left_ms(&c, &fischer), 0, "the increment comes too late");

    c = move;
    cr_assert_eq(agent_clock_run(&c, &move, 1000), 0);
    cr_assert_eq(agent_clock_left_ms(&c, &move), 2000);
    cr_assert_str_eq(agent_clock_format(&c, &move, text), "0:02.0");
    agent_clock_moved(&c, &move);
    cr_assert_eq(agent_clock_left_ms(&c, &move), 3000);

    c = none;
    cr_assert_eq(agent_clock_run(&c, &none, 1000000), 0);
}

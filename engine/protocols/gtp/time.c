/* Time control: the settings commands of GTP, KGS and KataGo, and the clock that the agent is given. */
#include <math.h>

#include "agents/clock.h"
#include "engine/protocols/gtp/session.h"
#include "games/game.h"

enum { MOST_SECONDS = 1000000000 };

static bool read_ms(struct gtp_call *call, int index, int64_t *ms)
{
    char *end;
    double seconds = index < call->count ? g_ascii_strtod(call->args[index], &end) : NAN;
    if (!(seconds >= 0 && seconds <= MOST_SECONDS) || *end)
        return gtp_fail(call, "syntax error");
    *ms = (int64_t)(seconds * 1000);
    return true;
}

static void set_clocks(struct gtp *gtp, const struct agent_clock *control, bool timed)
{
    gtp->counts_periods = false;
    gtp->control = gtp->clocks[0] = gtp->clocks[1] = *control;
    gtp->timed[0] = gtp->timed[1] = timed;
}

static struct agent_clock with_periods(int64_t main_ms, int64_t period_ms, int64_t moves, int64_t periods)
{
    if (moves == 0)
        return (struct agent_clock){.main_ms = main_ms};
    return (struct agent_clock){
        .main_ms = main_ms, .byo_ms = period_ms, .byo_moves = (int)moves, .periods = (int)periods};
}

static bool time_settings(struct gtp_call *call)
{
    int64_t main_ms = 0, byo_ms = 0, stones = 0;
    if (!read_ms(call, 0, &main_ms) || !read_ms(call, 1, &byo_ms) || !gtp_read_int(call, 2, 0, 100000, &stones))
        return false;
    bool timed = !(byo_ms > 0 && stones == 0) && (main_ms > 0 || byo_ms > 0);
    const struct agent_clock control = with_periods(main_ms, byo_ms, byo_ms ? stones : 0, 1);
    set_clocks(call->gtp, &control, timed);
    return true;
}

/* What is left in the main time and the current period, in a period of byo-yomi of one kind or another. Servers that
 * tell more than a period count the main time in. */
static void set_period_left(const struct gtp *gtp, struct agent_clock *clock, int64_t ms, int64_t number)
{
    const struct agent_clock *control = &gtp->control;
    int64_t period_ms = control->byo_ms > 0 ? MIN(ms, control->byo_ms) : ms;
    clock->main_ms = ms - period_ms;
    clock->byo_ms = period_ms;
    clock->byo_moves = gtp->counts_periods ? 1 : (int)number;
    if (gtp->counts_periods)
        clock->periods = (int)number;
}

/* time_left COLOUR TIME NUMBER: the main time left if NUMBER is 0, otherwise the time left in the period, and the moves
 * still to be made in it, or, in Japanese byo-yomi, the periods left. */
static bool time_left(struct gtp_call *call)
{
    enum game_colour colour;
    int64_t ms = 0, number = 0;
    if (!gtp_read_colour(call, 0, &colour))
        return false;
    if (call->args[1][0] == '-') /* some controllers send negative times when a player is over time */
        ms = 0;
    else if (!read_ms(call, 1, &ms))
        return false;
    if (!gtp_read_int(call, 2, 0, 100000, &number))
        return false;
    struct agent_clock *clock = &call->gtp->clocks[colour == GAME_WHITE];
    call->gtp->timed[colour == GAME_WHITE] = true;
    *clock = call->gtp->control;
    if (number)
        set_period_left(call->gtp, clock, ms, number);
    else
        clock->main_ms = ms;
    return true;
}

/* none; absolute MAIN; byoyomi MAIN PERIOD PERIODS; canadian MAIN PERIOD STONES; fischer MAIN INCREMENT; fischer-capped
 * MAIN INCREMENT MAIN_LIMIT MOVE_LIMIT, which bound the main time however many increments are added (it is told by
 * time_left) and the time of each move. */
static bool named_settings(struct gtp_call *call)
{
    static const struct {
        const char *name;
        int min_args, max_args;
    } kinds[] = {{"none", 0, 0},     {"absolute", 1, 1}, {"byoyomi", 3, 3},
                 {"canadian", 3, 3}, {"fischer", 2, 2},  {"fischer-capped", 2, 4}};
    enum { NONE, ABSOLUTE, BYOYOMI, CANADIAN, FISCHER };
    struct agent_clock control = {0};
    int64_t main_ms = 0, second_ms = 0, number = 1, move_ms = 0;
    size_t kind = 0;
    while (kind < G_N_ELEMENTS(kinds) && g_ascii_strcasecmp(kinds[kind].name, call->args[0]) != 0)
        kind++;
    if (kind == G_N_ELEMENTS(kinds) || call->count - 1 < kinds[kind].min_args || call->count - 1 > kinds[kind].max_args)
        return gtp_fail(call, "syntax error");
    if (kind >= ABSOLUTE && !read_ms(call, 1, &main_ms))
        return false;
    if (kind >= BYOYOMI && !read_ms(call, 2, &second_ms))
        return false;
    if ((kind == BYOYOMI || kind == CANADIAN) && !gtp_read_int(call, 3, 0, 100000, &number))
        return false;
    if (kind > FISCHER && call->count > 4 && !read_ms(call, 4, &move_ms))
        return false;
    if (kind >= FISCHER)
        control = (struct agent_clock){.main_ms = main_ms, .increment_ms = second_ms, .move_ms = move_ms};
    else if (kind == BYOYOMI)
        control = with_periods(main_ms, second_ms, number > 0, number);
    else if (kind >= ABSOLUTE)
        control = with_periods(main_ms, second_ms, kind == CANADIAN ? number : 0, 1);
    set_clocks(call->gtp, &control, kind != NONE);
    call->gtp->counts_periods = kind == BYOYOMI && number > 0;
    return true;
}

static bool list_settings(struct gtp_call *call)
{
    g_string_append(call->out, "none absolute byoyomi canadian fischer fischer-capped");
    return true;
}

/* Under a time limit, at least 1 ms is left, because 0 means unlimited to the agent. */
struct agent_clock gtp_agent_clock(const struct gtp *gtp, enum game_colour colour)
{
    struct agent_clock clock = gtp->clocks[colour == GAME_WHITE];
    if (!gtp->timed[colour == GAME_WHITE])
        return (struct agent_clock){0};
    if (clock.byo_moves > 0)
        clock.byo_ms = MAX(clock.byo_ms, 1);
    else
        clock.main_ms = MAX(clock.main_ms, 1);
    return clock;
}

void gtp_spend_time(struct gtp *gtp, enum game_colour colour, int64_t ms)
{
    struct agent_clock *clock = &gtp->clocks[colour == GAME_WHITE];
    agent_clock_run(clock, &gtp->control, ms);
    agent_clock_moved(clock, &gtp->control);
}

const struct gtp_command gtp_time_commands[] = {
    {"time_settings", 3, 3, time_settings},           {"time_left", 3, 3, time_left},
    {"kgs-time_settings", 1, -1, named_settings},     {"kata-time_settings", 1, -1, named_settings},
    {"kata-list_time_settings", 0, 0, list_settings}, {NULL, 0, 0, NULL},
};

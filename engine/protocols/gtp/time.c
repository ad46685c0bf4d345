/* Clocks: GTP's, KGS's and KataGo's ways of setting them, and what an agent is told of them. */
#include <math.h>

#include "engine/protocols/gtp/session.h"

enum { MOST_SECONDS = 1000000000 };

static struct gtp_clock *clock_of(struct gtp *gtp, enum game_colour colour)
{
    return &gtp->clocks[colour == GAME_WHITE];
}

static bool read_ms(struct gtp_call *call, int index, int64_t *ms)
{
    char *end;
    double seconds = index < call->count ? g_ascii_strtod(call->args[index], &end) : NAN;
    if (!(seconds >= 0 && seconds <= MOST_SECONDS) || *end)
        return gtp_refuse(call, "syntax error");
    *ms = (int64_t)(seconds * 1000);
    return true;
}

static void set_clocks(struct gtp *gtp, const struct gtp_clock *clock)
{
    gtp->clocks[0] = gtp->clocks[1] = *clock;
}

static struct gtp_clock make_clock(int64_t main_ms, int64_t period_ms, int64_t moves)
{
    return (struct gtp_clock){.limited = true,
                              .main_ms = main_ms,
                              .byo_ms = moves ? period_ms : 0,
                              .byo_moves = (int)moves,
                              .period_ms = moves ? period_ms : 0,
                              .period_moves = (int)moves};
}

static bool time_settings(struct gtp_call *call)
{
    int64_t main_ms = 0, byo_ms = 0, stones = 0;
    if (!read_ms(call, 0, &main_ms) || !read_ms(call, 1, &byo_ms) || !gtp_read_int(call, 2, 0, 100000, &stones))
        return false;
    struct gtp_clock clock = make_clock(main_ms, byo_ms, byo_ms ? stones : 0);
    clock.limited = !(byo_ms > 0 && stones == 0) && (main_ms > 0 || byo_ms > 0);
    set_clocks(call->gtp, &clock);
    return true;
}

/* time_left COLOUR TIME STONES: main time with no stones, else what is left of a period and the moves due in it. */
static bool time_left(struct gtp_call *call)
{
    enum game_colour colour;
    int64_t ms = 0, stones = 0;
    if (!gtp_read_colour(call, 0, &colour))
        return false;
    if (call->args[1][0] == '-') /* overdrawn: some referees count on */
        ms = 0;
    else if (!read_ms(call, 1, &ms))
        return false;
    if (!gtp_read_int(call, 2, 0, 100000, &stones))
        return false;
    struct gtp_clock *clock = clock_of(call->gtp, colour);
    clock->limited = true;
    clock->main_ms = stones ? 0 : ms;
    clock->byo_ms = stones ? ms : clock->period_ms;
    clock->byo_moves = stones ? (int)stones : clock->period_moves;
    return true;
}

/* none; absolute MAIN; byoyomi MAIN PERIOD PERIODS; canadian MAIN PERIOD STONES; fischer MAIN INCREMENT; KataGo's
 * fischer-capped has two limits more, which only ever shorten a move. */
static bool named_settings(struct gtp_call *call)
{
    static const struct {
        const char *name;
        int least, most;
    } kinds[] = {{"none", 0, 0},     {"absolute", 1, 1}, {"byoyomi", 3, 3},
                 {"canadian", 3, 3}, {"fischer", 2, 2},  {"fischer-capped", 2, 4}};
    enum { NONE, ABSOLUTE, BYOYOMI, CANADIAN, FISCHER };
    struct gtp_clock clock = {.limited = false};
    int64_t main_ms = 0, second_ms = 0, number = 1;
    size_t kind = 0;
    while (kind < G_N_ELEMENTS(kinds) && g_ascii_strcasecmp(kinds[kind].name, call->args[0]) != 0)
        kind++;
    if (kind == G_N_ELEMENTS(kinds) || call->count - 1 < kinds[kind].least || call->count - 1 > kinds[kind].most)
        return gtp_refuse(call, "syntax error");
    if (kind >= ABSOLUTE && !read_ms(call, 1, &main_ms))
        return false;
    if (kind >= BYOYOMI && !read_ms(call, 2, &second_ms))
        return false;
    if ((kind == BYOYOMI || kind == CANADIAN) && !gtp_read_int(call, 3, 0, 100000, &number))
        return false;
    if (kind >= FISCHER) {
        clock = make_clock(main_ms, 0, 0);
        clock.increment_ms = second_ms;
    } else if (kind >= ABSOLUTE) {
        clock = make_clock(main_ms, second_ms, kind == CANADIAN ? number : kind == BYOYOMI && number ? 1 : 0);
    }
    set_clocks(call->gtp, &clock);
    return true;
}

static bool list_settings(struct gtp_call *call)
{
    g_string_append(call->out, "none absolute byoyomi canadian fischer fischer-capped");
    return true;
}

struct agent_clock gtp_agent_clock(const struct gtp *gtp, enum game_colour colour)
{
    const struct gtp_clock *clock = &gtp->clocks[colour == GAME_WHITE];
    if (!clock->limited)
        return (struct agent_clock){0};
    return (struct agent_clock){.main_ms = clock->main_ms > 0 || clock->byo_moves ? clock->main_ms : 1,
                                .increment_ms = clock->increment_ms,
                                .byo_ms = clock->byo_moves && clock->byo_ms < 1 ? 1 : clock->byo_ms,
                                .byo_moves = clock->byo_moves};
}

void gtp_spend_time(struct gtp *gtp, enum game_colour colour, int64_t ms)
{
    struct gtp_clock *clock = clock_of(gtp, colour);
    if (!clock->limited)
        return;
    int64_t beyond = MAX(ms - clock->main_ms, 0);
    bool in_period = clock->main_ms == 0 || beyond > 0;
    clock->main_ms = MAX(clock->main_ms - ms, 0) + clock->increment_ms;
    if (!in_period || !clock->byo_moves)
        return;
    clock->byo_ms = MAX(clock->byo_ms - beyond, 0);
    if (--clock->byo_moves == 0) {
        clock->byo_moves = clock->period_moves;
        clock->byo_ms = clock->period_ms;
    }
}

const struct gtp_command gtp_time_commands[] = {
    {"time_settings", 3, 3, time_settings},           {"time_left", 3, 3, time_left},
    {"kgs-time_settings", 1, -1, named_settings},     {"kata-time_settings", 1, -1, named_settings},
    {"kata-list_time_settings", 0, 0, list_settings}, {NULL, 0, 0, NULL},
};

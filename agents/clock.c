/* Clock arithmetic: elapsed time, increments, periods. */
#include "agents/clock.h"

enum agent_clock_kind agent_clock_kind(const struct agent_clock *control)
{
    if (control->byo_moves > 0)
        return control->byo_moves == 1 ? AGENT_CLOCK_BYOYOMI : AGENT_CLOCK_CANADIAN;
    if (control->increment_ms > 0)
        return AGENT_CLOCK_FISCHER;
    if (control->main_ms > 0)
        return AGENT_CLOCK_ABSOLUTE;
    return control->move_ms > 0 ? AGENT_CLOCK_MOVE : AGENT_CLOCK_NONE;
}

/* Main time plus all remaining periods. */
static int64_t game_left_ms(const struct agent_clock *clock)
{
    int64_t later = clock->byo_moves == 1 ? MAX(clock->periods - 1, 0) : 0;
    return clock->main_ms + (clock->byo_moves > 0 ? clock->byo_ms * (1 + later) : 0);
}

int64_t agent_clock_limit_ms(const struct agent_clock *clock)
{
    int64_t limit = game_left_ms(clock);
    if (limit <= 0)
        limit = clock->increment_ms;
    return limit > 0 && clock->move_ms > 0 ? MIN(limit, clock->move_ms) : MAX(limit, clock->move_ms);
}

int64_t agent_clock_left_ms(const struct agent_clock *clock, const struct agent_clock *control)
{
    enum agent_clock_kind kind = agent_clock_kind(control);
    if (kind == AGENT_CLOCK_MOVE || kind == AGENT_CLOCK_NONE)
        return MAX(clock->move_ms, 0);
    int64_t left = game_left_ms(clock);
    return MAX(control->move_ms > 0 ? MIN(left, clock->move_ms) : left, 0);
}

/* Subtracts time from the periods. In Japanese byo-yomi each expired period is lost, until the last one runs out. */
static void run_period(struct agent_clock *clock, const struct agent_clock *control, int64_t spent_ms)
{
    clock->byo_ms -= spent_ms;
    while (clock->byo_ms <= 0 && clock->byo_moves == 1 && clock->periods > 1 && control->byo_ms > 0) {
        clock->periods--;
        clock->byo_ms += control->byo_ms;
    }
    clock->byo_ms = MAX(clock->byo_ms, 0);
}

int64_t agent_clock_run(struct agent_clock *clock, const struct agent_clock *control, int64_t spent_ms)
{
    int64_t limit = agent_clock_limit_ms(clock);
    if (limit == 0)
        return 0;
    int64_t over_ms = MAX(spent_ms - limit, 0), within = spent_ms - over_ms;
    if (clock->move_ms > 0)
        clock->move_ms -= within;
    int64_t from_main = MIN(within, clock->main_ms);
    clock->main_ms -= from_main;
    if (clock->byo_moves > 0 && clock->main_ms <= 0)
        run_period(clock, control, within - from_main);
    return over_ms;
}

void agent_clock_moved(struct agent_clock *clock, const struct agent_clock *control)
{
    clock->move_ms = control->move_ms;
    clock->main_ms += clock->increment_ms;
    if (clock->byo_moves <= 0 || clock->main_ms > 0)
        return;
    if (control->byo_moves == 1 || --clock->byo_moves <= 0) {
        clock->byo_moves = control->byo_moves;
        clock->byo_ms = control->byo_ms;
    }
}

bool agent_clock_spend(struct agent_clock *clock, const struct agent_clock *control, int64_t spent_ms,
                       int64_t margin_ms, int64_t *over_ms)
{
    *over_ms = agent_clock_run(clock, control, spent_ms);
    if (*over_ms > margin_ms)
        return false;
    agent_clock_moved(clock, control);
    return true;
}

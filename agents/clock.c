/* Time controls: their notation, and the clock of one player through a game. */
#include <math.h>

#include "agents/agent.h"

/* "90s", "1.5m", "250ms", "2h" at the start of text; -1 when there is no such time. */
static int64_t parse_time(const char *text, const char **rest)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    char *end;
    double value = g_ascii_strtod(text, &end);
    if (end == text || strspn(text, "0123456789.") != (size_t)(end - text)) /* no sign, no exponent, no 0x */
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_str_has_prefix(end, units[i].unit)) {
            *rest = end + strlen(units[i].unit);
            return value * units[i].ms <= 1e11 ? (int64_t)llround(value * units[i].ms) : -1;
        }
    return -1;
}

/* What follows the '+': "0.1s" an increment, "3x30s" periods of a move each, "25/10m" moves in a period. */
static bool parse_gain(const char *text, struct agent_clock *clock)
{
    char *after;
    const char *rest = text;
    guint64 count = g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &after, 10) : 0;
    if (count > 0 && count <= 10000 && (*after == 'x' || *after == '/')) {
        clock->byo_ms = parse_time(after + 1, &rest);
        clock->periods = *after == 'x' ? (int)count : 1;
        clock->byo_moves = *after == 'x' ? 1 : (int)count;
        return clock->byo_ms > 0 && !*rest;
    }
    clock->increment_ms = parse_time(text, &rest);
    return clock->increment_ms >= 0 && !*rest;
}

bool agent_clock_parse(const char *text, struct agent_clock *clock, GError **error)
{
    const char *rest = text;
    *clock = (struct agent_clock){.main_ms = parse_time(text, &rest)};
    bool fine = clock->main_ms >= 0;
    if (fine && strcmp(rest, "/move") == 0) {
        clock->move_ms = clock->main_ms;
        clock->main_ms = 0;
        fine = clock->move_ms > 0;
    } else if (fine && *rest == '+') {
        fine = parse_gain(rest + 1, clock) && (clock->main_ms > 0 || clock->byo_moves > 0);
    } else {
        fine = fine && !*rest && clock->main_ms > 0;
    }
    if (fine)
        return true;
    *clock = (struct agent_clock){0};
    g_set_error(
        error, AGENT_ERROR, AGENT_ERROR_SPEC,
        "\"%s\" is not a time control; it is 5m (for the game), 10s+0.1s (gained by each move), 5m+3x30s (byo-yomi, "
        "a move in each period), 5m+25/10m (25 moves in each period) or 2s/move",
        text);
    return false;
}

bool agent_clock_spend(struct agent_clock *clock, const struct agent_clock *settings, int64_t spent_ms,
                       int64_t margin_ms, int64_t *over_ms)
{
    int64_t limit = agent_clock_limit_ms(clock);
    *over_ms = limit ? MAX(spent_ms - limit, 0) : 0;
    if (*over_ms > margin_ms)
        return false;
    spent_ms -= *over_ms;
    int64_t from_main = MIN(spent_ms, clock->main_ms);
    clock->main_ms -= from_main;
    spent_ms -= from_main;
    if (clock->byo_moves > 0 && clock->main_ms <= 0) {
        if (settings->byo_moves <= 1) {
            /* Whole periods that passed are gone; the one in which the move was made begins anew. */
            clock->periods = MAX(clock->periods - (int)(spent_ms / settings->byo_ms), 1);
        } else {
            clock->byo_ms -= spent_ms;
            if (--clock->byo_moves <= 0) {
                clock->byo_moves = settings->byo_moves;
                clock->byo_ms = settings->byo_ms;
            }
        }
    } else if (clock->main_ms > 0 || settings->main_ms > 0) {
        clock->main_ms += clock->increment_ms;
    }
    return true;
}

#include "engine/viewer/session/clock.h"

#include <glib.h>
#include <string.h>

void clock_start(const struct clock_rules *rules, struct clock_state *state)
{
    *state = (struct clock_state){.main_ms = rules->main_ms};
    if (rules->kind == CLOCK_BYOYOMI || rules->kind == CLOCK_CANADIAN)
        state->period_ms = rules->period_ms;
    if (rules->kind == CLOCK_BYOYOMI)
        state->periods = (int16_t)rules->periods;
    if (rules->kind == CLOCK_CANADIAN)
        state->stones = (int16_t)rules->stones;
}

bool clock_spend(const struct clock_rules *rules, struct clock_state *state, int32_t ms)
{
    if (rules->kind == CLOCK_NONE)
        return true;
    int32_t from_main = ms < state->main_ms ? ms : state->main_ms;
    state->main_ms -= from_main;
    ms -= from_main;
    if (rules->kind == CLOCK_ABSOLUTE || rules->kind == CLOCK_FISCHER)
        return state->main_ms > 0;
    if (state->main_ms > 0)
        return true;
    state->period_ms -= ms;
    while (rules->kind == CLOCK_BYOYOMI && state->period_ms <= 0 && state->periods > 1) {
        state->periods--;
        state->period_ms += rules->period_ms;
    }
    if (state->period_ms > 0)
        return true;
    state->period_ms = 0;
    return false;
}

void clock_moved(const struct clock_rules *rules, struct clock_state *state)
{
    switch (rules->kind) {
    case CLOCK_FISCHER:
        state->main_ms += rules->period_ms;
        break;
    case CLOCK_BYOYOMI:
        if (state->main_ms == 0)
            state->period_ms = rules->period_ms;
        break;
    case CLOCK_CANADIAN:
        if (state->main_ms == 0 && --state->stones <= 0) {
            state->stones = (int16_t)rules->stones;
            state->period_ms = rules->period_ms;
        }
        break;
    default:
        break;
    }
}

int32_t clock_left_ms(const struct clock_rules *rules, const struct clock_state *state)
{
    int32_t left = state->main_ms;
    if (rules->kind == CLOCK_BYOYOMI)
        left += state->period_ms + (state->periods - 1) * rules->period_ms;
    if (rules->kind == CLOCK_CANADIAN)
        left += state->period_ms;
    return left;
}

char *clock_format(const struct clock_rules *rules, const struct clock_state *state, char *buffer)
{
    bool in_period = state->main_ms == 0 && (rules->kind == CLOCK_BYOYOMI || rules->kind == CLOCK_CANADIAN);
    int32_t ms = in_period ? state->period_ms : state->main_ms;
    char tail[12] = "";
    if (rules->kind == CLOCK_BYOYOMI)
        g_snprintf(tail, sizeof tail, " (%d)", state->periods);
    if (in_period && rules->kind == CLOCK_CANADIAN)
        g_snprintf(tail, sizeof tail, " /%d", state->stones);
    if (ms < 10000)
        g_snprintf(buffer, 32, "0:%02d.%d%s", ms / 1000, ms / 100 % 10, tail);
    else if (ms < 3600000)
        g_snprintf(buffer, 32, "%d:%02d%s", ms / 60000, ms / 1000 % 60, tail);
    else
        g_snprintf(buffer, 32, "%d:%02d:%02d%s", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, tail);
    return buffer;
}

/* "10m", "30s", "1h"; sets *end behind it. A day at most. */
static bool read_span(const char *text, const char **end, int32_t *ms)
{
    char *stop;
    double value = g_ascii_strtod(text, &stop);
    double unit = *stop == 's' ? 1e3 : *stop == 'm' ? 6e4 : *stop == 'h' ? 3.6e6 : 0;
    if (stop == text || unit == 0 || !(value >= 0 && value * unit <= 86400000.0))
        return false;
    *ms = (int32_t)(value * unit);
    *end = stop + 1;
    return true;
}

static bool read_count(const char **text, int32_t most, int32_t *count)
{
    char *stop;
    gint64 value = g_ascii_strtoll(*text, &stop, 10);
    if (stop == *text || value < 1 || value > most)
        return false;
    *text = stop;
    *count = (int32_t)value;
    return true;
}

bool clock_parse(const char *text, struct clock_rules *rules)
{
    const char *at = text;
    *rules = (struct clock_rules){.kind = CLOCK_NONE};
    if (strcmp(text, "none") == 0)
        return true;
    struct clock_rules got = {.kind = CLOCK_ABSOLUTE};
    if (!read_span(at, &at, &got.main_ms))
        return false;
    if (*at == '+') {
        const char *times = strchr(++at, 'x');
        got.kind = CLOCK_FISCHER;
        if (times) {
            got.kind = CLOCK_BYOYOMI;
            if (!read_count(&at, 1000, &got.periods) || at++ != times)
                return false;
        }
        if (!read_span(at, &at, &got.period_ms) || got.period_ms == 0)
            return false;
        if (*at == '/' && !times) {
            at++;
            got.kind = CLOCK_CANADIAN;
            if (!read_count(&at, 1000, &got.stones))
                return false;
        }
    }
    if (*at || (got.main_ms == 0 && (got.kind == CLOCK_ABSOLUTE || got.kind == CLOCK_FISCHER)))
        return false;
    *rules = got;
    return true;
}

static char *spell_span(int32_t ms, char *buffer, size_t size)
{
    if (ms % 60000 == 0 && ms > 0)
        g_snprintf(buffer, size, "%dm", ms / 60000);
    else
        g_snprintf(buffer, size, "%gs", ms / 1000.0);
    return buffer;
}

char *clock_spell(const struct clock_rules *rules, char *buffer)
{
    char start[16], period[16];
    spell_span(rules->main_ms, start, sizeof start);
    spell_span(rules->period_ms, period, sizeof period);
    switch (rules->kind) {
    case CLOCK_ABSOLUTE:
        g_snprintf(buffer, 32, "%s", start);
        break;
    case CLOCK_BYOYOMI:
        g_snprintf(buffer, 32, "%s+%dx%s", start, rules->periods, period);
        break;
    case CLOCK_CANADIAN:
        g_snprintf(buffer, 32, "%s+%s/%d", start, period, rules->stones);
        break;
    case CLOCK_FISCHER:
        g_snprintf(buffer, 32, "%s+%s", start, period);
        break;
    default:
        g_strlcpy(buffer, "none", 32);
    }
    return buffer;
}

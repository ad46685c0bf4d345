/* Clocks as text: the notation of commands, settings and files, SGF properties, and display format. */
#include <string.h>

#include "agents/agent.h"
#include "games/option.h"

enum { MAX_COUNT = 10000 }; /* periods, or moves in a period */

/* Parses a time at *at and advances *at; returns milliseconds, or -1 if it is invalid or longer than three years. */
static int64_t take_time(const char **at)
{
    double ms = option_take_time(at);
    return ms >= 0 && ms <= 1e11 ? (int64_t)ms : -1;
}

/* Parses a positive integer at *at and advances *at; returns 0 if there is none or it is too large. */
static int take_count(const char **at)
{
    char *end;
    guint64 count = g_ascii_isdigit(**at) ? g_ascii_strtoull(*at, &end, 10) : 0;
    if (count < 1 || count > MAX_COUNT)
        return 0;
    *at = end;
    return (int)count;
}

/* The part after '+': "0.1s": increment; "3x30s": periods; "25/10m" or "10m/25": moves per period. */
static bool parse_overtime(const char *text, struct agent_clock *control)
{
    const char *at = text;
    int count = take_count(&at);
    bool periods = count && *at == 'x';
    if (periods || (count && *at == '/')) {
        at++;
        control->byo_ms = take_time(&at);
    } else {
        at = text;
        control->increment_ms = take_time(&at);
        if (*at != '/' || control->increment_ms < 0)
            return control->increment_ms >= 0 && !*at;
        control->byo_ms = control->increment_ms;
        control->increment_ms = 0;
        at++;
        count = take_count(&at);
    }
    control->periods = periods ? count : 1;
    control->byo_moves = periods ? 1 : count;
    return control->byo_ms > 0 && count > 0 && !*at;
}

/* The time in "30s/move"; -1 if it is invalid or 0. */
static int64_t parse_move_limit(const char *text)
{
    int64_t ms = take_time(&text);
    return ms > 0 && strcmp(text, "/move") == 0 ? ms : -1;
}

static bool parse_game(const char *text, struct agent_clock *control)
{
    const char *at = text;
    if (strcmp(text, "none") == 0)
        return true;
    control->main_ms = take_time(&at);
    if (control->main_ms < 0)
        return false;
    if (*at == '+')
        return parse_overtime(at + 1, control) && (control->main_ms > 0 || control->byo_moves > 0);
    return !*at && control->main_ms > 0;
}

/* A limit per move, time for the game, or both; byo-yomi limits its moves itself. */
static bool parse(const char *text, struct agent_clock *control)
{
    *control = (struct agent_clock){.move_ms = MAX(parse_move_limit(text), 0)};
    if (control->move_ms)
        return true;
    const char *comma = strchr(text, ',');
    if (!comma)
        return parse_game(text, control);
    char *game = g_strndup(text, (gsize)(comma - text));
    bool fine = parse_game(game, control) && control->main_ms > 0 && !control->byo_moves;
    g_free(game);
    control->move_ms = parse_move_limit(comma + 1);
    return fine && control->move_ms > 0;
}

bool agent_clock_parse(const char *text, struct agent_clock *control, GError **error)
{
    if (parse(text, control))
        return true;
    *control = (struct agent_clock){0};
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "\"%s\" is not a time control; expected " AGENT_CLOCK_NOTATION,
                text);
    return false;
}

static const char *spell_time(int64_t ms, char *buffer, size_t size)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    bool minutes = ms > 0 && ms % 60000 == 0;
    g_ascii_formatd(number, sizeof number, "%.15g", (double)ms / (minutes ? 60000 : 1000));
    g_snprintf(buffer, size, "%s%s", number, minutes ? "m" : "s");
    return buffer;
}

char *agent_clock_spell(const struct agent_clock *control, char *buffer)
{
    char start[32], over[32];
    const size_t size = AGENT_CLOCK_TEXT_MAX;
    spell_time(control->main_ms, start, sizeof start);
    switch (agent_clock_kind(control)) {
    case AGENT_CLOCK_ABSOLUTE:
        g_strlcpy(buffer, start, size);
        break;
    case AGENT_CLOCK_BYOYOMI:
        g_snprintf(buffer, size, "%s+%dx%s", start, MAX(control->periods, 1),
                   spell_time(control->byo_ms, over, sizeof over));
        break;
    case AGENT_CLOCK_CANADIAN:
        g_snprintf(buffer, size, "%s+%d/%s", start, control->byo_moves, spell_time(control->byo_ms, over, sizeof over));
        break;
    case AGENT_CLOCK_FISCHER:
        g_snprintf(buffer, size, "%s+%s", start, spell_time(control->increment_ms, over, sizeof over));
        break;
    case AGENT_CLOCK_MOVE:
        g_snprintf(buffer, size, "%s/move", spell_time(control->move_ms, over, sizeof over));
        break;
    default:
        g_strlcpy(buffer, "none", size);
    }
    if (control->main_ms > 0 && control->move_ms > 0) {
        g_strlcat(buffer, ",", size);
        g_strlcat(buffer, spell_time(control->move_ms, over, sizeof over), size);
        g_strlcat(buffer, "/move", size);
    }
    return buffer;
}

static const char *spell_seconds(int64_t ms, char *buffer)
{
    return g_ascii_formatd(buffer, G_ASCII_DTOSTR_BUF_SIZE, "%.10g", (double)ms / 1000);
}

bool agent_clock_sgf(const struct agent_clock *control, char *tm, char *ot)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    *ot = '\0';
    switch (agent_clock_kind(control)) {
    case AGENT_CLOCK_BYOYOMI:
        g_snprintf(ot, AGENT_CLOCK_TEXT_MAX, "%dx%s byo-yomi", MAX(control->periods, 1),
                   spell_seconds(control->byo_ms, text));
        break;
    case AGENT_CLOCK_CANADIAN:
        g_snprintf(ot, AGENT_CLOCK_TEXT_MAX, "%d/%s Canadian", control->byo_moves,
                   spell_seconds(control->byo_ms, text));
        break;
    case AGENT_CLOCK_FISCHER:
        g_snprintf(ot, AGENT_CLOCK_TEXT_MAX, "%s fischer", spell_seconds(control->increment_ms, text));
        break;
    case AGENT_CLOCK_MOVE:
        g_snprintf(ot, AGENT_CLOCK_TEXT_MAX, "1x%s byo-yomi", spell_seconds(control->move_ms, text));
        break;
    default:
        break;
    }
    if (control->main_ms > 0 && control->move_ms > 0) {
        char *both =
            g_strdup_printf("%s%sat most %s a move", ot, *ot ? ", " : "", spell_seconds(control->move_ms, text));
        g_strlcpy(ot, both, AGENT_CLOCK_TEXT_MAX);
        g_free(both);
    }
    g_strlcpy(tm, spell_seconds(control->main_ms, text), AGENT_CLOCK_TEXT_MAX);
    return agent_clock_kind(control) != AGENT_CLOCK_NONE;
}

char *agent_clock_format(const struct agent_clock *clock, const struct agent_clock *control, char *buffer)
{
    enum agent_clock_kind kind = agent_clock_kind(control);
    bool in_period = clock->main_ms <= 0 && clock->byo_moves > 0;
    int64_t ms = kind == AGENT_CLOCK_MOVE ? clock->move_ms : in_period ? clock->byo_ms : clock->main_ms;
    int seconds = (int)(ms / 1000);
    char tail[24] = "";
    if (kind == AGENT_CLOCK_BYOYOMI)
        g_snprintf(tail, sizeof tail, " (%d)", MAX(clock->periods, 1));
    if (in_period && kind == AGENT_CLOCK_CANADIAN)
        g_snprintf(tail, sizeof tail, " /%d", clock->byo_moves);
    if (seconds < 10)
        g_snprintf(buffer, AGENT_CLOCK_TEXT_MAX, "0:%02d.%d%s", seconds, (int)(ms / 100 % 10), tail);
    else if (seconds < 3600)
        g_snprintf(buffer, AGENT_CLOCK_TEXT_MAX, "%d:%02d%s", seconds / 60, seconds % 60, tail);
    else
        g_snprintf(buffer, AGENT_CLOCK_TEXT_MAX, "%d:%02d:%02d%s", seconds / 3600, seconds / 60 % 60, seconds % 60,
                   tail);
    return buffer;
}

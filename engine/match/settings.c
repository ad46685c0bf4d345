#include "engine/match/settings.h"

#include <string.h>

#include "agents/agent.h"

#define AT(member) offsetof(struct match_settings, member)
#define DAY 86400

const struct match_option match_options[] = {
    {"game", MATCH_TEXT, AT(game), 0, 0, 0, MATCH_DECIDES, "SPEC", "the game (go:9)"},
    {"agent", MATCH_TEXTS, AT(agents), 0, 0, 0, MATCH_DECIDES, "[NAME=]SPEC", "a player; give two or more"},
    {"schedule", MATCH_TEXT, AT(schedule), 0, 0, 0, MATCH_DECIDES, "FORM",
     "round-robin, gauntlet, knockout, swiss or ladder (round-robin)"},
    {"games", MATCH_NUMBER, AT(games), 100, 1, 1000000, MATCH_DECIDES, "N",
     "games of each meeting of two agents (100)"},
    {"rounds", MATCH_NUMBER, AT(rounds), 0, 0, 10000, MATCH_DECIDES, "N", "of a Swiss tournament or a ladder"},
    {"threads", MATCH_NUMBER, AT(threads), 0, 1, 1024, 0, "N", "games at once (one a core)"},
    {"seed", MATCH_NUMBER, AT(seed), -1, 0, G_MAXINT64, MATCH_DECIDES, "S", "of openings and agents (from the clock)"},
    {"opening-plies", MATCH_NUMBER, AT(opening_plies), -1, 0, 60, MATCH_DECIDES, "K",
     "random moves before each game (4; on small boards 2 or 0)"},
    {"openings", MATCH_PATH, AT(openings), 0, 0, 0, 0, "FILE",
     "openings from a file, one a line (D4 E5 C3), or SGF; or \"even\": random ones that a net holds to be even"},
    {"opening-net", MATCH_TEXT, AT(opening_net), 0, 0, 0, MATCH_DECIDES, "NET",
     "the net for --openings even (default)"},
    {"time", MATCH_TEXT, AT(time), 0, 0, 0, MATCH_DECIDES, "CLOCK",
     "of each side: " AGENT_CLOCK_NOTATION "; wins over the agents' own limits"},
    {"move-time", MATCH_NUMBER, AT(move_time_ms), 0, 0, 1000 * DAY, MATCH_DECIDES, "MS",
     "for each move; wins over the agents' own limits"},
    {"time-margin", MATCH_NUMBER, AT(time_margin_ms), 50, 0, 1000 * DAY, MATCH_DECIDES, "MS",
     "forgiven when a clock is overrun (50)"},
    {"visits", MATCH_NUMBER, AT(visits), 0, 0, G_MAXINT32, MATCH_DECIDES, "N", "for each move of our own agents"},
    {"reply-timeout", MATCH_NUMBER, AT(reply_timeout_s), 60, 1, DAY, MATCH_DECIDES, "S",
     "longest wait for an external program (60)"},
    {"memory", MATCH_NUMBER, AT(memory_mb), 0, 0, 1 << 24, MATCH_DECIDES, "MB",
     "address space of an external program, trees and caches of our own agents"},
    {"cpus", MATCH_NUMBER, AT(cpus), 0, 0, 1024, MATCH_DECIDES, "N", "processors that an external program may use"},
    {"cpu-time", MATCH_NUMBER, AT(cpu_time_s), 0, 0, 365 * DAY, MATCH_DECIDES, "S",
     "processor time of an external program, after which it is ended"},
    {"adjudicate", MATCH_TEXT, AT(adjudicate), 0, 0, 0, MATCH_DECIDES, "RULES",
     "win=0.95,win-moves=4,draw=0.05,draw-moves=10,draw-ply=60,max-plies=200: when both agents' values agree, or at a "
     "cap"},
    {"referee", MATCH_TEXT, AT(referee), 0, 0, 0, MATCH_DECIDES, "SPEC",
     "scores finished boards, e.g. gtp:gnugo --mode gtp; without one the board counts as it lies"},
    {"withdraw", MATCH_NUMBER, AT(withdraw), 10, 0, 1000000, MATCH_DECIDES, "N",
     "an agent leaves after so many games lost by its fault (10; 0 never)"},
    {"sprt", MATCH_TEXT, AT(sprt), 0, 0, 0, MATCH_DECIDES, "TEST",
     "elo0=0,elo1=10,alpha=0.05,beta=0.05,model=logistic|normalised: two agents play until it is decided"},
    {"anchor", MATCH_TEXTS, AT(anchors), 0, 0, 0, 0, "NAME[=ELO]",
     "whose Elo is fixed (at 0), once or more; or mean (mean)"},
    {"draw-model", MATCH_TEXT, AT(draw_model), 0, 0, 0, 0, "MODEL",
     "halves (a draw is half a win) or davidson (fitted with it) (halves)"},
    {"repeated", MATCH_FLAG, AT(repeated), 0, 0, 0, 0, NULL, "count repeated games in the ratings as well"},
    {"out", MATCH_PATH, AT(out), 0, 0, 0, 0, "DIR",
     "keep journal, report and games there; the same command goes on after a kill"},
    {"format", MATCH_TEXT, AT(format), 0, 0, 0, 0, "FORMAT", "of the games in --out: sgf or psq (sgf)"},
    {"sgf", MATCH_PATH, AT(sgf), 0, 0, 0, 0, "DIR", "save each game as SGF in this folder"},
    {"json", MATCH_FLAG, AT(json), 0, 0, 0, 0, NULL, "print JSON objects, one a line; the last is the result"},
    {"check", MATCH_FLAG, AT(check), 0, 0, 0, MATCH_NO_FILE, NULL,
     "only try each agent with a few moves, and say what is wrong with it"},
    {"print-file", MATCH_FLAG, AT(print_file), 0, 0, 0, MATCH_NO_FILE, NULL,
     "only print these settings as a tournament file"},
    {"file", MATCH_PATH, AT(file), 0, 0, 0, MATCH_NO_FILE, "FILE",
     "read the options from a tournament file (YAML); the command line wins"},
    {NULL, MATCH_TEXT, 0, 0, 0, 0, 0, NULL, NULL}};

static void *member(const struct match_settings *settings, int option)
{
    return (char *)settings + match_options[option].offset;
}

void match_settings_init(struct match_settings *settings)
{
    *settings = (struct match_settings){.agents = g_ptr_array_new_with_free_func(g_free),
                                        .anchors = g_ptr_array_new_with_free_func(g_free),
                                        .agent_lines = g_array_new(FALSE, FALSE, sizeof(int))};
    for (int i = 0; match_options[i].name; i++)
        if (match_options[i].type == MATCH_NUMBER)
            *(gint64 *)member(settings, i) = match_options[i].preset;
    settings->threads = (gint64)g_get_num_processors();
}

void match_settings_clear(struct match_settings *settings)
{
    for (int i = 0; match_options[i].name; i++)
        if (match_options[i].type == MATCH_TEXT || match_options[i].type == MATCH_PATH)
            g_free(*(char **)member(settings, i));
    g_ptr_array_unref(settings->agents);
    g_ptr_array_unref(settings->anchors);
    g_array_unref(settings->agent_lines);
}

int match_option_find(const char *name)
{
    for (int i = 0; match_options[i].name; i++)
        if (strcmp(match_options[i].name, name) == 0)
            return i;
    return -1;
}

static bool set_number(const struct match_option *option, const char *value, gint64 *to, GError **error)
{
    guint64 number;
    bool negative = *value == '-';
    bool whole = g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT64, &number, NULL);
    if (whole && !negative && (gint64)number >= option->min && (gint64)number <= option->max) {
        *to = (gint64)number;
        return true;
    }
    if (option->max == G_MAXINT64)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                    "is a whole number, %" G_GINT64_FORMAT " or more, not \"%.40s\"", option->min, value);
    else
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                    "is a whole number, %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ", not \"%.40s\"", option->min,
                    option->max, value);
    return false;
}

static bool set_flag(const char *value, gboolean *to, GError **error)
{
    bool on = !value || strcmp(value, "true") == 0 || strcmp(value, "yes") == 0;
    if (!on && strcmp(value, "false") != 0 && strcmp(value, "no") != 0) {
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "is true or false, not \"%.40s\"", value);
        return false;
    }
    *to = on;
    return true;
}

static void set_list(struct match_settings *settings, int index, GPtrArray *list, const char *value, int line)
{
    bool agents = match_options[index].offset == AT(agents);
    if (settings->source[index] == MATCH_PRESET || (line == 0 && settings->source[index] == MATCH_FROM_FILE)) {
        g_ptr_array_set_size(list, 0);
        if (agents)
            g_array_set_size(settings->agent_lines, 0);
    }
    g_ptr_array_add(list, g_strdup(value));
    if (agents)
        g_array_append_val(settings->agent_lines, line);
}

bool match_settings_set(struct match_settings *settings, int index, const char *value, int line, GError **error)
{
    const struct match_option *option = &match_options[index];
    if (line && settings->source[index] == MATCH_FROM_LINE)
        return true;
    if (option->type == MATCH_NUMBER && !set_number(option, value, member(settings, index), error))
        return false;
    if (option->type == MATCH_FLAG && !set_flag(value, member(settings, index), error))
        return false;
    if (option->type == MATCH_TEXT || option->type == MATCH_PATH) {
        g_free(*(char **)member(settings, index));
        *(char **)member(settings, index) = g_strdup(value);
    }
    if (option->type == MATCH_TEXTS)
        set_list(settings, index, *(GPtrArray **)member(settings, index), value, line);
    settings->source[index] = line ? MATCH_FROM_FILE : MATCH_FROM_LINE;
    settings->line[index] = line;
    return true;
}

char *match_settings_value(const struct match_settings *settings, int index)
{
    switch (match_options[index].type) {
    case MATCH_NUMBER:
        return g_strdup_printf("%" G_GINT64_FORMAT, *(gint64 *)member(settings, index));
    case MATCH_FLAG:
        return g_strdup(*(gboolean *)member(settings, index) ? "true" : "false");
    default:
        return g_strdup(*(char **)member(settings, index));
    }
}

char *match_settings_where(const struct match_settings *settings, const char *name)
{
    int index = match_option_find(name);
    if (settings->source[index] == MATCH_FROM_FILE)
        return g_strdup_printf("%s, line %d: %s", settings->file, settings->line[index], name);
    return g_strdup_printf("--%s", name);
}

char *match_settings_where_agent(const struct match_settings *settings, int agent)
{
    int line = g_array_index(settings->agent_lines, int, agent);
    return line ? g_strdup_printf("%s, line %d: ", settings->file, line) : g_strdup("");
}

#include "engine/match/settings.h"

#include <string.h>

#include "agents/agent.h"

#define AT(member) offsetof(struct match_settings, member)
#define DAY 86400

const struct option_row match_options[] = {
    {"game", OPTION_STRING, AT(game), .help = "the game (go:9)", .flags = MATCH_AFFECTS_RESULTS | MATCH_OF_GAMES,
     .argument = "SPEC"},
    {"agent", OPTION_STRINGS, AT(agents), .help = "a player; give two or more", .flags = MATCH_AFFECTS_RESULTS,
     .argument = "[NAME=]SPEC"},
    {"schedule", OPTION_STRING, AT(schedule), .help = "round-robin, gauntlet, knockout, swiss or ladder (round-robin)",
     .flags = MATCH_AFFECTS_RESULTS, .argument = "FORM"},
    {"games", OPTION_WHOLE, AT(games), 1, 1000000,
     .help = "games per meeting of two agents (100; with --sprt until it decides)", .preset = 100,
     .flags = MATCH_AFFECTS_RESULTS, .argument = "N"},
    {"rounds", OPTION_WHOLE, AT(rounds), 0, 10000, .help = "rounds of a Swiss tournament or a ladder",
     .flags = MATCH_AFFECTS_RESULTS, .argument = "N"},
    {"threads", OPTION_WHOLE, AT(threads), 1, 1024, .help = "concurrent games (one per core)", .argument = "N"},
    {"seed", OPTION_WHOLE, AT(seed), 0, (double)G_MAXINT64,
     .help = "random seed of openings and agents (from the clock)", .preset = -1,
     .flags = MATCH_AFFECTS_RESULTS | MATCH_OF_GAMES, .argument = "S"},
    {"opening-plies", OPTION_WHOLE, AT(opening_plies), 0, 60,
     .help = "random moves before each game (4; on small boards 2 or 0)", .preset = -1, .flags = MATCH_AFFECTS_RESULTS,
     .argument = "K"},
    {"openings", OPTION_STRING, AT(openings),
     .help =
         "a file of openings, one per line (D4 E5 C3), or SGF; or \"even\": random ones that a net considers balanced",
     .flags = MATCH_PATH, .argument = "FILE"},
    {"openings-shuffled", OPTION_FLAG, AT(openings_shuffled),
     .help = "take the openings of FILE in random order, by --seed", .flags = MATCH_AFFECTS_RESULTS},
    {"opening-net", OPTION_STRING, AT(opening_net), .help = "net that selects --openings even (default)",
     .flags = MATCH_AFFECTS_RESULTS, .argument = "NET"},
    {"time", OPTION_STRING, AT(time),
     .help = "time control per side: " AGENT_CLOCK_NOTATION "; overrides the agents' own limits",
     .flags = MATCH_AFFECTS_RESULTS | MATCH_OF_GAMES, .argument = "CLOCK"},
    {"move-time", OPTION_WHOLE, AT(move_time_ms), 0, 1000 * DAY,
     .help = "time per move; overrides the agents' own limits", .flags = MATCH_AFFECTS_RESULTS | MATCH_OF_GAMES,
     .argument = "MS"},
    {"time-margin", OPTION_WHOLE, AT(time_margin_ms), 0, 1000 * DAY, .help = "tolerated clock overrun (50)",
     .preset = 50, .flags = MATCH_AFFECTS_RESULTS | MATCH_OF_GAMES, .argument = "MS"},
    {"visits", OPTION_WHOLE, AT(visits), 0, G_MAXINT32, .help = "visits per move of built-in agents",
     .flags = MATCH_AFFECTS_RESULTS | MATCH_OF_GAMES, .argument = "N"},
    {"reply-timeout", OPTION_WHOLE, AT(reply_timeout_s), 1, DAY, .help = "maximum wait for an external program (60)",
     .preset = 60, .flags = MATCH_AFFECTS_RESULTS | MATCH_OF_GAMES, .argument = "S"},
    {"memory", OPTION_WHOLE, AT(memory_mb), 0, 1 << 24,
     .help = "address space limit of external programs; trees and caches of built-in agents",
     .flags = MATCH_AFFECTS_RESULTS | MATCH_OF_GAMES, .argument = "MB"},
    {"cpus", OPTION_WHOLE, AT(cpus), 0, 1024, .help = "CPUs per external program",
     .flags = MATCH_AFFECTS_RESULTS | MATCH_OF_GAMES, .argument = "N"},
    {"cpu-time", OPTION_WHOLE, AT(cpu_time_s), 0, 365 * DAY, .help = "CPU time limit of external programs",
     .flags = MATCH_AFFECTS_RESULTS | MATCH_OF_GAMES, .argument = "S"},
    {"adjudicate", OPTION_STRING, AT(adjudicate),
     .help = "end games early: win=0.95,win-moves=4,draw=0.05,draw-moves=10,draw-ply=60 when both agents' values "
             "agree, max-plies=200 at a ply limit",
     .flags = MATCH_AFFECTS_RESULTS | MATCH_OF_GAMES, .argument = "RULES"},
    {"referee", OPTION_STRING, AT(referee),
     .help = "agent that scores finished games, e.g. gtp:gnugo --mode gtp (Tengen itself)",
     .flags = MATCH_AFFECTS_RESULTS | MATCH_OF_GAMES, .argument = "SPEC"},
    {"withdraw", OPTION_WHOLE, AT(withdraw), 0, 1000000,
     .help = "withdraw an agent after N losses by fault (10; 0: never)", .preset = 10, .flags = MATCH_AFFECTS_RESULTS,
     .argument = "N"},
    {"sprt", OPTION_STRING, AT(sprt),
     .help = "sequential test of two agents: elo0=0,elo1=10,alpha=0.05,beta=0.05,model=logistic|normalised",
     .flags = MATCH_AFFECTS_RESULTS, .argument = "TEST"},
    {"anchor", OPTION_STRINGS, AT(anchors), .help = "agent whose Elo is fixed (at 0), repeatable; or mean (mean)",
     .argument = "NAME[=ELO]"},
    {"draw-model", OPTION_STRING, AT(draw_model),
     .help = "halves (a draw is half a win) or davidson (fitted draw rate) (halves)", .argument = "MODEL"},
    {"repeated", OPTION_FLAG, AT(repeated), .help = "include repeated games in the ratings"},
    {"out", OPTION_STRING, AT(out), .help = "folder for journal, report and games; rerun the command to resume",
     .flags = MATCH_PATH, .argument = "DIR"},
    {"format", OPTION_STRING, AT(format), .help = "format of the games in --out: sgf or psq (sgf)",
     .argument = "FORMAT"},
    {"sgf", OPTION_STRING, AT(sgf), .help = "save each game as SGF in this folder", .flags = MATCH_PATH,
     .argument = "DIR"},
    {"json", OPTION_FLAG, AT(json), .help = "print one JSON object per line; the last is the result"},
    {"check", OPTION_FLAG, AT(check), .help = "only test each agent with a few moves, and report errors",
     .flags = MATCH_NO_FILE},
    {"print-file", OPTION_FLAG, AT(print_file), .help = "only print these settings as a tournament file",
     .flags = MATCH_NO_FILE},
    {"file", OPTION_STRING, AT(file),
     .help = "read options from a tournament file (YAML); the command line takes precedence",
     .flags = MATCH_NO_FILE | MATCH_PATH, .argument = "FILE"},
    {.name = NULL}};

static void *member(const struct match_settings *settings, int option)
{
    return (char *)settings + match_options[option].offset;
}

void match_settings_init(struct match_settings *settings)
{
    *settings = (struct match_settings){.agents = g_ptr_array_new_with_free_func(g_free),
                                        .anchors = g_ptr_array_new_with_free_func(g_free),
                                        .agent_lines = g_array_new(FALSE, FALSE, sizeof(int))};
    option_set_presets(match_options, settings);
    settings->threads = (gint64)g_get_num_processors();
}

void match_settings_clear(struct match_settings *settings)
{
    for (int i = 0; match_options[i].name; i++)
        if (match_options[i].type == OPTION_STRING)
            g_free(*(char **)member(settings, i));
    g_ptr_array_unref(settings->agents);
    g_ptr_array_unref(settings->anchors);
    g_array_unref(settings->agent_lines);
}

int match_option_find(const char *name)
{
    const struct option_row *row = option_find(match_options, name, strlen(name));
    return row ? (int)(row - match_options) : -1;
}

/* Clears a list that so far has only values of lower precedence: the command line overrides a file. */
static void begin_list(struct match_settings *settings, int index, int line)
{
    bool overrides =
        settings->source[index] == MATCH_PRESET || (line == 0 && settings->source[index] == MATCH_FROM_FILE);
    if (!overrides)
        return;
    g_ptr_array_set_size(*(GPtrArray **)member(settings, index), 0);
    if (match_options[index].offset == AT(agents))
        g_array_set_size(settings->agent_lines, 0);
}

bool match_settings_set(struct match_settings *settings, int index, const char *value, int line, GError **error)
{
    const struct option_row *option = &match_options[index];
    char *why;
    if (line && settings->source[index] == MATCH_FROM_LINE)
        return true;
    if (option->type == OPTION_STRINGS)
        begin_list(settings, index, line);
    if (!option_read(option, value, settings, &why)) {
        g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_SPEC, why);
        g_free(why);
        return false;
    }
    if (option->offset == AT(agents))
        g_array_append_val(settings->agent_lines, line);
    settings->source[index] = line ? MATCH_FROM_FILE : MATCH_FROM_LINE;
    settings->line[index] = line;
    return true;
}

char *match_settings_value(const struct match_settings *settings, int index)
{
    return option_write(&match_options[index], settings);
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

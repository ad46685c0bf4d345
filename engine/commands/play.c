/* tengen play: play and review games in a window or in the terminal. */
#include <stdio.h>
#include <stdlib.h>

#include "agents/agent.h"
#include "engine/commands/command.h"
#include "engine/viewer/language.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/strength.h"
#include "engine/viewer/text.h"
#include "engine/viewer/text_mode.h"
#include "engine/viewer/window.h"
#include "games/game.h"

struct options {
    char *game, *agent, *colour, *clock, *memory;
    int level, threads;
    double scale;
    gboolean text, stats;
};

static bool usage_error(GError **error, const char *message)
{
    g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_SPEC, message);
    return false;
}

/* The command line overrides the stored settings. */
static bool apply(struct preferences *preferences, const struct options *o, GError **error)
{
    static const char *const colours[] = {"black", "white", "both", "none", NULL};
    struct game game;
    struct session_setup setup;
    if (o->game) {
        if (!game_parse(&game, o->game, error))
            return false;
        game_format(&game, preferences->game);
    }
    if (o->agent) {
        if (strlen(o->agent) >= sizeof preferences->spec)
            return usage_error(error, "--agent is too long");
        g_strlcpy(preferences->spec, o->agent, sizeof preferences->spec);
        preferences->opponent = OPPONENT_SPEC;
    }
    if (o->level < 0 || o->level > STRENGTH_LEVELS)
        return usage_error(error, "--level must be 1 to 16");
    if (o->level && o->agent)
        return usage_error(error, "--level and --agent are mutually exclusive; give one of them");
    if (o->level) {
        preferences->level = o->level;
        preferences->opponent = OPPONENT_LEVEL;
    }
    if (o->colour) {
        int i = 0;
        while (colours[i] && strcmp(colours[i], o->colour) != 0)
            i++;
        if (!colours[i])
            return usage_error(error, "--colour must be black, white, both (two humans) or none (two engines)");
        preferences->seats = i;
    }
    if (o->clock)
        g_strlcpy(preferences->clock, o->clock, sizeof preferences->clock);
    if (o->memory && (!*o->memory || strlen(o->memory) >= sizeof preferences->memory))
        return usage_error(error, "--memory takes a file, or none");
    if (o->memory)
        g_strlcpy(preferences->memory, o->memory, sizeof preferences->memory);
    if (o->threads < 1 || o->threads > 64)
        return usage_error(error, "--threads must be 1 to 64");
    if (o->scale != 0 && !(o->scale >= 0.5 && o->scale <= 4))
        return usage_error(error, "--scale must be 0.5 to 4");
    return preferences_setup(preferences, &setup, error);
}

/* Opens the players once, so that an invalid spec is reported before a window opens. */
static bool check_players(const struct preferences *preferences, GError **error)
{
    struct session_setup setup;
    return preferences_setup(preferences, &setup, error) && preferences_check(&setup, error);
}

static int open_window(struct window_options *window, const struct options *o, const char *file)
{
    GError *error = NULL;
    if (file && !g_file_test(file, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(&error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s: no such file; give an .sgf or .psq file", file);
        return command_fail("play", COMMAND_USAGE, error);
    }
    if (o->text)
        return text_mode_play(&window->preferences, file, o->threads, &error)
                   ? COMMAND_OK
                   : command_fail("play", COMMAND_USAGE, error);
    return window_play(window, &error) ? COMMAND_OK : command_fail("play", COMMAND_MACHINE, error);
}

/* What a file says may hold control characters, which must not reach the terminal. Frees the text. */
static char *make_printable(char *text)
{
    GString *made = g_string_new(NULL);
    char *valid = g_utf8_make_valid(text, -1);
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        g_string_append_unichar(made, c != '\n' && g_unichar_iscntrl(c) ? '?' : c);
    }
    g_free(valid);
    g_free(text);
    return g_string_free(made, FALSE);
}

/* Reads the stored settings. Returns NULL, or what was wrong with them, which has been printed; freed by g_free. */
static char *load(struct preferences *preferences)
{
    GError *error = NULL;
    preferences_presets(preferences);
    if (preferences_load(preferences, &error))
        return NULL;
    char *warning = make_printable(g_strdup(error->message));
    fprintf(stderr, "tengen play: %s\n", warning);
    g_clear_error(&error);
    return warning;
}

/* Replaces a stored agent that does not open by the default opponent. Prints what was wrong and returns it, after the
 * earlier warning, which may be NULL and is freed, as is the error. */
static char *replace_agent(struct preferences *preferences, GError *error, char *earlier)
{
    struct preferences presets;
    char *path = preferences_config_path("settings.json"), *kept = preferences_keep_refused();
    preferences_presets(&presets);
    preferences->opponent = presets.opponent;
    g_strlcpy(preferences->spec, presets.spec, sizeof preferences->spec);
    char *warning = make_printable(g_strdup_printf(_("%s: using the default opponent; a copy is in %s\n\"agent\": %s"),
                                                   path, kept ? kept : "-", error->message));
    fprintf(stderr, "tengen play: %s\n", warning);
    char *both = g_strconcat(earlier ? earlier : "", earlier ? "\n" : "", warning, NULL);
    g_error_free(error);
    g_free(earlier);
    g_free(warning);
    g_free(kept);
    g_free(path);
    return both;
}

static int play(const struct options *o, const char *file)
{
    struct window_options window = {.file = file, .threads = o->threads, .scale = o->scale, .stats = o->stats};
    GError *error = NULL;
    char *warning = load(&window.preferences);
    language_set(window.preferences.language);
    window.explicit_game = o->game || o->agent || o->colour || o->level;
    bool ok = apply(&window.preferences, o, &error);
    if (ok && !file && !check_players(&window.preferences, &error)) {
        ok = !o->agent && window.preferences.opponent == OPPONENT_SPEC;
        if (ok) {
            warning = replace_agent(&window.preferences, g_steal_pointer(&error), warning);
            ok = check_players(&window.preferences, &error);
        }
    }
    window.warning = warning;
    int status = ok ? open_window(&window, o, file) : command_fail("play", COMMAND_USAGE, error);
    g_free(warning);
    return status;
}

static GOptionContext *make_context(const GOptionEntry *entries)
{
    GOptionContext *context = g_option_context_new("[FILE.sgf] - play and review games in a window");
    char *agents = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&agents, &length);
    fputs("Agents:\n", out);
    agent_describe_all(out);
    fputs("\nGames:\n", out);
    game_describe_all(out);
    fclose(out);
    g_option_context_set_summary(
        context, "Opens a window to play, analyse and review games of Go and Gomoku; F1 lists the keys.\n"
                 "Options that are not given keep their values from the previous game.");
    g_option_context_set_description(context, agents);
    g_option_context_add_main_entries(context, entries, NULL);
    free(agents);
    return context;
}

static int run(int argc, char **argv)
{
    struct options o = {.threads = agent_share_of_threads(g_get_num_processors(), 1)};
    GOptionEntry entries[] = {
        {"game", 0, 0, G_OPTION_ARG_STRING, &o.game, "the game, such as go:9 or gomoku:15,rules=renju", "SPEC"},
        {"agent", 0, 0, G_OPTION_ARG_STRING, &o.agent, "the opponent", "SPEC"},
        {"level", 0, 0, G_OPTION_ARG_INT, &o.level, "strength of the opponent, 1 to 16, instead of --agent", "N"},
        {"colour", 0, 0, G_OPTION_ARG_STRING, &o.colour, "your colour: black, white, both or none", "COLOUR"},
        {"clock", 0, 0, G_OPTION_ARG_STRING, &o.clock, AGENT_CLOCK_NOTATION, "CLOCK"},
        {"memory", 0, 0, G_OPTION_ARG_FILENAME, &o.memory,
         "where the engine remembers the games it lost; none: nowhere (your own file: see tengen memory)", "FILE"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o.threads, "search threads (all cores)", "N"},
        {"scale", 0, 0, G_OPTION_ARG_DOUBLE, &o.scale, "scale of the window's contents (from the display)", "S"},
        {"text", 0, 0, G_OPTION_ARG_NONE, &o.text, "play in the terminal", NULL},
        {"stats", 0, 0, G_OPTION_ARG_NONE, &o.stats, "print frame and response times at exit, as JSON", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = make_context(entries);
    int status = command_parse(context, &argc, &argv, "play");
    g_option_context_free(context);
    GError *error = NULL;
    if (status < 0 && argc > 2) {
        usage_error(&error, "accepts one file at most");
        status = command_fail("play", COMMAND_USAGE, error);
    } else if (status < 0) {
        status = play(&o, argc > 1 ? argv[1] : NULL);
    }
    g_free(o.game);
    g_free(o.agent);
    g_free(o.colour);
    g_free(o.clock);
    g_free(o.memory);
    return status;
}

const struct command command_play = {"play", "play and review games in a window", run};

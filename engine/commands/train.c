/* tengen train: creates or resumes a run. */
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "agents/agent.h"
#include "engine/commands/command.h"
#include "engine/store/database.h"
#include "engine/training/first_net.h"
#include "engine/store/pack.h"
#include "engine/training/training.h"
#include "net/io/atomic_file.h"

struct arguments {
    char *game, *sizes, *net, *from, *until, *pack, *unpack, *backend, *dtype;
    double hours, minutes, report;
    gint64 seed, visits, games, generations;
    int threads;
    gboolean watch;
    gboolean deterministic, json;
    char **set;
    char *run; /* RUN as given, or NULL */
};

static void append_setting(const char *name, bool fixed, const char *help, void *user)
{
    g_string_append_printf(user, "  %-18s %s%s\n", name, help, fixed ? " (fixed once the run exists)" : "");
}

/* The lists that are too long for the help of an option. */
static char *description(void)
{
    const char *name, *help;
    GString *text = g_string_new("Blocks of a network shape, as in --net conv:64,res:64,gpool:64:\n");
    for (int i = 0; net_block_at(i, &name, &help); i++)
        g_string_append_printf(text, "  %-18s %s\n", name, help);
    g_string_append(text, "\nSettings for --set:\n");
    settings_each(append_setting, text);
    return g_string_free(text, FALSE);
}

static bool parse(int *argc, char ***argv, struct arguments *a, int *status)
{
    const GOptionEntry entries[] = {
        {"game", 0, 0, G_OPTION_ARG_STRING, &a->game, "the game to learn: go:9, gomoku:15, go:7,komi=9", "SPEC"},
        {"sizes", 0, 0, G_OPTION_ARG_STRING, &a->sizes, "board sizes to learn together: 5,7,9", "LIST"},
        {"net", 0, 0, G_OPTION_ARG_STRING, &a->net, "network shape: 4x48, or blocks listed below", "SHAPE"},
        {"from", 0, 0, G_OPTION_ARG_STRING, &a->from, "start from a net: default, a weights file or a run", "NET"},
        {"hours", 0, 0, G_OPTION_ARG_DOUBLE, &a->hours, "training time in hours", "H"},
        {"minutes", 0, 0, G_OPTION_ARG_DOUBLE, &a->minutes, "training time in minutes", "M"},
        {"until", 0, 0, G_OPTION_ARG_STRING, &a->until, "train until this time of day", "HH:MM"},
        {"watch", 0, 0, G_OPTION_ARG_NONE, &a->watch, "also watch the run in a window (a separate process)", NULL},
        {"threads", 0, 0, G_OPTION_ARG_INT, &a->threads, "number of threads (all cores)", "N"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &a->seed, "random seed (from the clock)", "S"},
        {"visits", 0, 0, G_OPTION_ARG_INT64, &a->visits, "visits per self-play search", "N"},
        {"deterministic", 0, 0, G_OPTION_ARG_NONE, &a->deterministic, "one thread, repeatable bit for bit", NULL},
        {"games", 0, 0, G_OPTION_ARG_INT64, &a->games, "with --deterministic: games per round", "N"},
        {"generations", 0, 0, G_OPTION_ARG_INT64, &a->generations, "stop at this generation", "N"},
        {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a->set, "any setting listed below", "NAME=VALUE"},
        {"backend", 0, 0, G_OPTION_ARG_STRING, &a->backend, "network backend: fast or plain", "NAME"},
        {"dtype", 0, 0, G_OPTION_ARG_STRING, &a->dtype,
         "network number type: auto, f32, bf16 or int8 (self-play only) (auto)", "TYPE"},
        {"pack", 0, 0, G_OPTION_ARG_FILENAME, &a->pack, "write the run to one small file and exit", "FILE"},
        {"unpack", 0, 0, G_OPTION_ARG_FILENAME, &a->unpack, "create the run from such a file and exit", "FILE"},
        {"report", 0, 0, G_OPTION_ARG_DOUBLE, &a->report,
         "seconds between reports when not on a terminal, or with --json", "S"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &a->json, "print one JSON object per report, commit and checkpoint", NULL},
        {0}};
    GOptionContext *context = g_option_context_new("[RUN]");
    char *text = description();
    g_option_context_set_summary(
        context, "Learns a game by self-play. RUN is a name (stored under runs/) or a path with a slash;\n"
                 "by default the run is named after the game, which defaults to go:9.\n"
                 "Ctrl-C stops training cleanly; rerun the command to resume.");
    g_option_context_set_description(context, text);
    g_free(text);
    g_option_context_add_main_entries(context, entries, NULL);
    *status = command_parse(context, argc, argv, "train");
    g_option_context_free(context);
    if (*status < 0 && *argc > 1)
        a->run = g_strdup((*argv)[1]);
    return *status < 0;
}

static void free_arguments(struct arguments *a)
{
    g_free(a->game);
    g_free(a->sizes);
    g_free(a->net);
    g_free(a->from);
    g_free(a->until);
    g_free(a->pack);
    g_free(a->unpack);
    g_free(a->backend);
    g_free(a->dtype);
    g_free(a->run);
    g_strfreev(a->set);
}

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static bool refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, SETTINGS_ERROR, SETTINGS_ERROR_VALUE, text);
    g_free(text);
    return false;
}

/* ---- conflicting options ---- */

static bool check_arguments(const struct arguments *a, int argc, char **argv, GError **error)
{
    if (argc > 2)
        return refuse(error, "unexpected \"%s\" after RUN \"%s\"; give one RUN", argv[2], argv[1]);
    if (a->run && (!a->run[0] || strcmp(a->run, ".") == 0 || strcmp(a->run, "..") == 0))
        return refuse(error, "invalid run name \"%s\"; give a name, or a path with a slash", a->run);
    if ((a->hours != 0) + (a->minutes != 0) + (a->until != NULL) > 1)
        return refuse(error, "--hours, --minutes and --until are mutually exclusive; give one of them");
    if (!(a->hours >= 0 && a->hours <= 1e5) || !(a->minutes >= 0 && a->minutes <= 1e6))
        return refuse(error, "--hours and --minutes must be greater than 0");
    if (a->threads != -1 && (a->threads < 1 || a->threads > 256))
        return refuse(error, "--threads=%d: must be 1 to 256", a->threads);
    if (a->deterministic && a->threads > 1)
        return refuse(error, "--deterministic runs in one thread; remove --threads");
    if ((a->pack || a->unpack) && (a->hours != 0 || a->minutes != 0 || a->until || a->generations))
        return refuse(error, "--pack and --unpack do not train; remove the time limit");
    if (a->pack && a->unpack)
        return refuse(error, "--pack and --unpack are mutually exclusive; give one of them");
    if (a->unpack && (a->game || a->net || a->from || a->sizes || a->set || a->deterministic))
        return refuse(error, "--unpack takes all settings from its file; give only RUN");
    if (a->generations < 0 || a->report < 0)
        return refuse(error, "--generations and --report must be greater than 0");
    if (a->backend && strcmp(a->backend, "fast") != 0 && strcmp(a->backend, "plain") != 0)
        return refuse(error, "--backend=%s: must be fast or plain", a->backend);
    return true;
}

/* Seconds from now to the next HH:MM on the local clock. */
static bool seconds_until(const char *text, double *seconds, GError **error)
{
    int hour, minute;
    char more;
    if (sscanf(text, "%d:%2d%c", &hour, &minute, &more) != 2 || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return refuse(error, "--until=%s: must be a time of day such as 07:00", text);
    time_t now = time(NULL);
    struct tm end;
    localtime_r(&now, &end);
    end.tm_hour = hour;
    end.tm_min = minute;
    end.tm_sec = 0;
    end.tm_isdst = -1;
    time_t at = mktime(&end);
    if (at <= now) {
        end.tm_mday++;
        end.tm_isdst = -1;
        at = mktime(&end);
    }
    *seconds = difftime(at, now);
    return true;
}

/* The game spec as a file name: "go9", "go7-komi9". */
static char *name_after_game(const struct game *game)
{
    char spec[GAME_SPEC_MAX];
    GString *name = g_string_new(NULL);
    for (const char *c = game_format(game, spec); *c; c++)
        if (g_ascii_isalnum(*c) || *c == '.')
            g_string_append_c(name, *c);
        else if (*c == ',')
            g_string_append_c(name, '-');
    return g_string_free(name, FALSE);
}

static char *run_folder(const struct arguments *a, const struct game *game)
{
    char *name = a->run ? g_strdup(a->run) : name_after_game(game);
    char *folder = strchr(name, '/') ? g_strdup(name) : g_build_filename("runs", name, NULL);
    g_free(name);
    return folder;
}

/* ---- settings: presets, overridden by the run, then by the command line ---- */

struct change {
    struct settings *settings;
    const struct settings *before; /* of the run; NULL if new */
};

static bool change_setting(const struct change *change, const char *name, const char *value, const char *option,
                           GError **error)
{
    if (!settings_set(change->settings, name, value, error))
        return false;
    if (!change->before)
        return true;
    char *was = settings_get(change->before, name), *is = settings_get(change->settings, name);
    bool good =
        !settings_is_fixed(name) || strcmp(was, is) == 0 ||
        refuse(error, "%s conflicts with the run, which has %s=%s; remove it or give another RUN", option, name, was);
    g_free(was);
    g_free(is);
    return good;
}

static bool change_number(const struct change *change, const char *name, gint64 value, const char *option,
                          GError **error)
{
    char text[32];
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, value);
    return value < 0 || change_setting(change, name, text, option, error);
}

static bool apply_sets(const struct change *change, char **set, GError **error)
{
    for (int i = 0; set && set[i]; i++) {
        char *equals = strchr(set[i], '=');
        if (!equals)
            return refuse(error, "--set %s: must be NAME=VALUE", set[i]);
        char *name = g_strndup(set[i], (gsize)(equals - set[i]));
        bool good = strcmp(name, "game") != 0 || refuse(error, "--set game: use --game instead");
        good = good && change_setting(change, name, equals + 1, "--set", error);
        g_free(name);
        if (!good)
            return false;
    }
    return true;
}

static bool apply_arguments(const struct arguments *a, const struct change *change, GError **error)
{
    return (!a->sizes || change_setting(change, "sizes", a->sizes, "--sizes", error)) &&
           (!a->net || change_setting(change, "net", a->net, "--net", error)) &&
           (!a->from || change_setting(change, "from", a->from, "--from", error)) &&
           change_number(change, "seed", a->seed, "--seed", error) &&
           change_number(change, "visits", a->visits, "--visits", error) &&
           change_number(change, "round_games", a->games, "--games", error) &&
           (!a->deterministic || change_setting(change, "deterministic", "1", "--deterministic", error)) &&
           apply_sets(change, a->set, error);
}

/* A net given by `from` determines the shape, with which --net must agree. */
static bool settle_net(const struct game *game, const char *preset, struct settings *settings, GError **error)
{
    char trunk[NET_TRUNK_MAX];
    struct net *first;
    if (!net_expand_shape(settings->net, trunk, error))
        return false;
    if (!settings->from[0])
        return true;
    if (first_net_open(&first, settings, game, error) != 0)
        return false;
    const char *shape = net_info(first)->trunk;
    bool good = strcmp(settings->net, preset) == 0 || strcmp(trunk, shape) == 0 ||
                refuse(error, "net=%s conflicts with from=%s, a net of shape \"%s\"; remove one of them", settings->net,
                       settings->from, shape);
    if (good)
        g_strlcpy(settings->net, shape, sizeof settings->net);
    net_unref(first);
    return good;
}

/* Settings of a new run. */
static bool make_settings(const struct arguments *a, const struct game *game, double seconds, struct settings *settings,
                          GError **error)
{
    settings_presets(settings, game);
    /* A large net learns too slowly in a short run. */
    if (seconds > 0 && seconds < 2 * 3600 && game->points > 64)
        g_strlcpy(settings->net, "4x48", sizeof settings->net);
    settings->seed = (int64_t)(rng_mix((uint64_t)g_get_real_time() ^ (uint64_t)getpid()) >> 12);
    struct change change = {settings, NULL};
    char *preset = g_strdup(settings->net);
    bool good = apply_arguments(a, &change, error) && settle_net(game, preset, settings, error);
    g_free(preset);
    return good;
}

static bool resume_settings(const struct arguments *a, const struct game *game, struct settings *settings,
                            GError **error)
{
    char given[GAME_SPEC_MAX];
    if (a->game && strcmp(game_format(game, given), settings->game) != 0)
        return refuse(error, "this run is for %s, not %s; remove --game or give another RUN", settings->game, given);
    struct settings before = *settings;
    struct change change = {settings, &before};
    return apply_arguments(a, &change, error);
}

/* ---- the command ---- */

struct session {
    struct arguments arguments;
    struct game game; /* from the command line, or the default */
    char *folder;
    double seconds;
    enum net_dtype dtype;
    struct store *store;
    struct settings settings;
    struct game games[SETTINGS_MAX_GAMES];
    int game_count;
};

static bool open_session(struct session *s, int argc, char **argv, GError **error)
{
    const struct arguments *a = &s->arguments;
    if (!check_arguments(a, argc, argv, error) || (a->dtype && !net_dtype_parse(&s->dtype, a->dtype, error)) ||
        !game_parse(&s->game, a->game ? a->game : "go:9", error))
        return false;
    s->seconds = a->hours * 3600 + a->minutes * 60;
    if (a->until && !seconds_until(a->until, &s->seconds, error))
        return false;
    s->folder = run_folder(a, &s->game);
    return true;
}

/* All input is validated before anything is written. */
static bool open_run(struct session *s, GError **error)
{
    const struct arguments *a = &s->arguments;
    bool found = false;
    if (!store_exists(s->folder)) {
        if (!make_settings(a, &s->game, s->seconds, &s->settings, error) ||
            !(s->game_count = settings_games(&s->settings, s->games, error)))
            return false;
        return store_open(&s->store, s->folder, STORE_CREATE, error) == 0 &&
               store_save_settings(s->store, &s->settings, error);
    }
    /* The presets of the run's game fill in settings that the run does not store. */
    struct game game;
    if (store_open(&s->store, s->folder, STORE_CREATE, error) != 0 ||
        !store_load_settings(s->store, &s->settings, &found, error))
        return false;
    if (!found) /* killed between creating the database and storing its settings */
        return make_settings(a, &s->game, s->seconds, &s->settings, error) &&
               (s->game_count = settings_games(&s->settings, s->games, error)) &&
               store_save_settings(s->store, &s->settings, error);
    if (!game_parse(&game, s->settings.game, error))
        return false;
    settings_presets(&s->settings, &game);
    return store_load_settings(s->store, &s->settings, &found, error) &&
           resume_settings(a, &s->game, &s->settings, error) &&
           (s->game_count = settings_games(&s->settings, s->games, error)) &&
           store_save_settings(s->store, &s->settings, error);
}

static int count_cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0 ? CPU_COUNT(&set) : 1;
}

static void print_start(const struct session *s, int threads)
{
    char duration[32] = "Ctrl-C";
    struct store_counts counts = {0};
    store_count(s->store, &counts, NULL);
    printf("Run %s: %s%s%s, net %s%s%s, %d visits, %d thread%s, seed %" G_GINT64_FORMAT "; ", s->folder,
           s->settings.game, s->settings.sizes[0] ? " on sizes " : "", s->settings.sizes, s->settings.net,
           s->settings.from[0] ? " started from " : "", s->settings.from, (int)s->settings.visits, threads,
           threads == 1 ? "" : "s", s->settings.seed);
    if (s->seconds > 0)
        printf("for %s", progress_duration(s->seconds, duration));
    else
        printf("until Ctrl-C");
    if (counts.games)
        printf("; resuming after %" G_GINT64_FORMAT " games", counts.games);
    printf(".\n");
    fflush(stdout);
}

static void print_end(const struct session *s, enum training_end end)
{
    static const char *const why[] = {[TRAINING_TIME] = "Time limit reached",
                                      [TRAINING_GENERATIONS] = "Last generation reached",
                                      [TRAINING_INTERRUPTED] = "Stopped"};
    char *best = store_net_path(s->store, "best.safetensors");
    printf("%s. Net: %s\nTo resume: %s train %s\n", why[end], best, command_program(),
           s->arguments.run ? s->arguments.run : s->folder);
    g_free(best);
}

/* A full disk or an unwritable folder is the user's to fix, like a wrong option. */
static int status_of(const GError *error)
{
    bool usage =
        error && (error->domain == SETTINGS_ERROR || error->domain == STORE_ERROR || error->domain == DATABASE_ERROR ||
                  error->domain == ATOMIC_FILE_ERROR || error->domain == GAME_ERROR || error->domain == G_FILE_ERROR ||
                  error->domain == RECORD_ERROR || error->domain == AGENT_ERROR ||
                  (error->domain == NET_ERROR && error->code != NET_ERROR_LIBRARY));
    return usage ? COMMAND_USAGE : COMMAND_MACHINE;
}

/* In the child: starts a new session, so that Ctrl-C in this terminal does not reach the window. */
static void start_session(gpointer data)
{
    (void)data;
    setsid();
}

/* Failure to start the window is reported, and training starts without it. */
static void start_watching(const struct session *s)
{
    GError *error = NULL;
    char *folder = g_canonicalize_filename(s->folder, NULL);
    char *arguments[] = {"/proc/self/exe", "watch", folder, NULL};
    char *program = g_file_read_link(arguments[0], NULL);
    if (program)
        arguments[0] = program;
    if (!g_spawn_async(NULL, arguments, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, start_session, NULL, NULL, &error)) {
        fprintf(stderr, "tengen train: --watch: %s; training continues without a window\n", error->message);
        g_clear_error(&error);
    }
    g_free(program);
    g_free(folder);
}

static bool train(struct session *s, GError **error)
{
    const struct arguments *a = &s->arguments;
    int threads = s->settings.deterministic ? 1 : a->threads > 0 ? a->threads : count_cores();
    struct training_options options = {
        .store = s->store,
        .settings = &s->settings,
        .games = s->games,
        .game_count = s->game_count,
        .threads = threads,
        .seconds = s->seconds,
        .generations = a->generations,
        .backend = a->backend && strcmp(a->backend, "plain") == 0 ? NET_BACKEND_PLAIN : NET_BACKEND_FAST,
        .dtype = s->dtype,
        .style = a->json                 ? PROGRESS_JSON
                 : isatty(STDOUT_FILENO) ? PROGRESS_LIVE
                                         : PROGRESS_PLAIN,
        .report_seconds = a->report,
        .out = stdout,
        .command = "tengen train",
    };
    if (!a->json)
        print_start(s, threads);
    if (a->watch)
        start_watching(s);
    enum training_end end = training_run(&options, error);
    if (end != TRAINING_FAILED && !a->json)
        print_end(s, end);
    return end != TRAINING_FAILED;
}

static void print_pack(const struct pack_summary *summary, const char *verb, const char *what)
{
    printf("%s %s: %.2f MB, %" G_GINT64_FORMAT " games with %" G_GINT64_FORMAT " training rows%s.\n", verb, what,
           (double)summary->bytes / 1e6, summary->games, summary->rows,
           summary->kept_bytes < 4 ? "; the trainer state was stored with reduced precision to fit" : "");
}

static bool pack(struct session *s, GError **error)
{
    struct pack_summary summary;
    const char *path = s->arguments.pack;
    if (store_open(&s->store, s->folder, STORE_WRITE, error) != 0 || !pack_write(s->store, path, &summary, error))
        return false;
    print_pack(&summary, "Packed into", path);
    return true;
}

static bool unpack(struct session *s, GError **error)
{
    struct pack_summary summary;
    if (!pack_restore(s->arguments.unpack, s->folder, &summary, error))
        return false;
    print_pack(&summary, "Unpacked to", s->folder);
    return true;
}

static int run(int argc, char **argv)
{
    struct session s = {.arguments = {.seed = -1, .visits = -1, .games = -1, .threads = -1}};
    GError *error = NULL;
    int status;
    if (parse(&argc, &argv, &s.arguments, &status)) {
        bool good =
            open_session(&s, argc, argv, &error) && (s.arguments.pack     ? pack(&s, &error)
                                                     : s.arguments.unpack ? unpack(&s, &error)
                                                                          : open_run(&s, &error) && train(&s, &error));
        status = good ? COMMAND_OK : command_fail("train", status_of(error), error);
    }
    store_close(s.store);
    g_free(s.folder);
    free_arguments(&s.arguments);
    return status;
}

const struct command command_train = {"train", "learn a game by self-play; rerun the command to resume", run};

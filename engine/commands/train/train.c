/* tengen train: creates or resumes a run. */
#include <stdio.h>
#include <unistd.h>

#include "agents/agent.h"
#include "engine/cluster/host.h"
#include "engine/cluster/load.h"
#include "engine/cluster/ranks.h"
#include "engine/commands/command.h"
#include "engine/commands/train/train.h"
#include "engine/ladder/ladder.h"
#include "engine/settings/settings.h"
#include "engine/store/database.h"
#include "engine/store/pack/pack.h"
#include "engine/store/record.h"
#include "engine/store/salvage.h"
#include "engine/store/store.h"
#include "engine/training/first_net.h"
#include "engine/training/progress.h"
#include "engine/training/training.h"
#include "games/game.h"
#include "net/io/atomic_file.h"
#include "net/net.h"

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

/* A name without a slash is that of a folder in runs/. */
static char *folder_of(const char *run)
{
    return strchr(run, '/') ? g_strdup(run) : g_build_filename("runs", run, NULL);
}

/* The game that a run is named after, as name_after_game does it, or by the game's name alone: "go7", "connect4". */
static bool game_of_name(const char *run, struct game *game)
{
    char *name = g_path_get_basename(run), shape[GAME_SHAPE_TEXT_MAX];
    bool found = false;
    for (int i = 0; game_table[i] && !found; i++) {
        const struct game_ops *ops = game_table[i];
        if (!g_str_has_prefix(name, ops->name))
            continue;
        const char *rest = name + strlen(ops->name);
        char *spec =
            g_strdup_printf("%s:%s", ops->name, *rest ? rest : game_shape_format(&ops->traits.first_shape, shape));
        found = game_parse(game, spec, NULL);
        g_free(spec);
    }
    g_free(name);
    return found;
}

/* The game of a new run. */
static bool choose_game(const struct train_arguments *a, struct game *game, GError **error)
{
    return (!a->game && a->run && game_of_name(a->run, game)) || game_parse(game, a->game ? a->game : "go:9", error);
}

static char *run_folder(const struct train_arguments *a, const struct game *game)
{
    char *name = a->run ? g_strdup(a->run) : name_after_game(game), *folder = folder_of(name);
    g_free(name);
    return folder;
}

struct session {
    struct train_arguments arguments;
    struct game game; /* from the command line, RUN's name, or the default */
    char *folder;
    double seconds;
    enum net_backend backend;
    enum net_dtype dtype;
    struct store *store;
    struct settings settings;
    struct game games[SETTINGS_MAX_GAMES];
    int game_count;
    struct ranks *ranks;
};

static bool open_session(struct session *s, int argc, char **argv, GError **error)
{
    const struct train_arguments *a = &s->arguments;
    if (!train_check_arguments(a, argc, argv, error) || (a->dtype && !net_dtype_parse(&s->dtype, a->dtype, error)) ||
        !choose_game(a, &s->game, error))
        return false;
    s->backend = a->backend && strcmp(a->backend, "plain") == 0 ? NET_BACKEND_PLAIN : NET_BACKEND_FAST;
    s->seconds = a->hours * 3600 + a->minutes * 60;
    if (a->until && !train_seconds_until(a->until, &s->seconds, error))
        return false;
    s->folder = run_folder(a, &s->game);
    return true;
}

/* Only those that the command gives: a run whose rung has gone since then is to be resumed, and says so itself. */
static bool check_rungs(const struct session *s, GError **error)
{
    struct ladder ladder;
    for (char **set = s->arguments.set; set && *set; set++)
        if (g_str_has_prefix(*set, "rungs=") && s->settings.ladder_share > 0)
            return ladder_init(&ladder, &s->games[0], s->settings.rungs, s->settings.from,
                               (int)s->settings.ladder_visits, error);
    return true;
}

/* What can only be checked once the settings are complete. */
static bool check_settings(struct session *s, GError **error)
{
    if (s->settings.visits_final > 0 && !s->settings.visits_rows && s->seconds <= 0 && !s->settings.deterministic)
        return settings_fail(error,
                             "visits_final=%d is reached at the deadline; give --hours, --minutes or --until, or set "
                             "visits_rows, the rows after which it is reached",
                             (int)s->settings.visits_final);
    if (s->arguments.accept && s->settings.deterministic)
        return settings_fail(error, "--accept: a run with --deterministic needs every game that it hands out, and a "
                                    "process that joins may leave; remove one of the two");
    s->game_count = settings_games(&s->settings, s->games, error);
    return s->game_count && check_rungs(s, error) &&
           first_net_check(s->folder, &s->settings, &s->games[0], s->backend, s->dtype, error);
}

static bool make_settings(struct session *s, GError **error)
{
    const struct train_arguments *a = &s->arguments;
    return train_make_settings(a, &s->game, s->seconds, &s->settings, error) && check_settings(s, error) &&
           train_plan(a, &s->settings, s->games, s->game_count, train_threads(a, s->settings.deterministic), s->dtype,
                      &s->seconds, error);
}

/* All input is validated before anything is written. */
static bool open_run(struct session *s, GError **error)
{
    const struct train_arguments *a = &s->arguments;
    bool found = false;
    if (!store_exists(s->folder))
        return make_settings(s, error) && store_open(&s->store, s->folder, STORE_CREATE, error) == 0 &&
               store_save_settings(s->store, &s->settings, error);
    /* The presets of the run's game fill in settings that the run does not store. */
    struct game game;
    if (store_open(&s->store, s->folder, STORE_CREATE, error) != 0 ||
        !store_load_settings(s->store, &s->settings, &found, error))
        return false;
    if (!found) /* killed between creating the database and storing its settings */
        return make_settings(s, error) && store_save_settings(s->store, &s->settings, error);
    if (!game_parse(&game, s->settings.game, error))
        return false;
    settings_presets(&s->settings, &game);
    return store_load_settings(s->store, &s->settings, &found, error) &&
           train_resume_settings(a, &s->game, &s->settings, error) && check_settings(s, error) &&
           store_save_settings(s->store, &s->settings, error);
}

static void print_start(const struct session *s, int threads)
{
    char duration[32] = "Ctrl-C", visits[SETTINGS_VISITS_TEXT];
    struct store_counts counts = {0};
    store_count(s->store, &counts, NULL);
    printf("Run %s: %s%s%s, net %s%s%s, %s visits, %d thread%s, seed %" G_GINT64_FORMAT "; ", s->folder,
           s->settings.game, s->settings.sizes[0] ? " on sizes " : "", s->settings.sizes, s->settings.net,
           s->settings.from[0] ? " started from " : "", s->settings.from, settings_visits_text(&s->settings, visits),
           threads, threads == 1 ? "" : "s", s->settings.seed);
    if (s->settings.against[0])
        printf("against %s at %d visits; ", s->settings.against, (int)s->settings.against_visits);
    if (s->seconds > 0)
        printf("for %s", progress_duration(s->seconds, duration));
    else
        printf("until Ctrl-C");
    if (s->ranks->host)
        printf(" on %d ranks, %d of which train%s", cluster_host_ranks(s->ranks->host), MAX(s->arguments.trainers, 1),
               s->arguments.trainers > 1 ? "" : "s");
    if (counts.games)
        printf("; resuming after %" G_GINT64_FORMAT " games", counts.games);
    printf(".\n");
    fflush(stdout);
}

static void print_end(const struct session *s, enum training_end end)
{
    static const char *const why[] = {[TRAINING_TIME] = "Time limit reached",
                                      [TRAINING_GENERATIONS] = "Last generation reached",
                                      [TRAINING_STEPS] = "Last step reached",
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
        error &&
        ((error->domain == CLUSTER_ERROR && error->code == CLUSTER_ERROR_INPUT) || error->domain == SETTINGS_ERROR ||
         error->domain == STORE_ERROR || error->domain == DATABASE_ERROR || error->domain == ATOMIC_FILE_ERROR ||
         error->domain == GAME_ERROR || error->domain == G_FILE_ERROR || error->domain == RECORD_ERROR ||
         error->domain == AGENT_ERROR || (error->domain == NET_ERROR && error->code != NET_ERROR_LIBRARY));
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
    const struct train_arguments *a = &s->arguments;
    int threads = train_threads(&s->arguments, s->settings.deterministic);
    struct training_options options = {
        .store = s->store,
        .settings = &s->settings,
        .games = s->games,
        .game_count = s->game_count,
        .threads = threads,
        .seconds = s->seconds,
        .until = a->until != NULL,
        .generations = a->generations,
        .ladder = true,
        .backend = s->backend,
        .dtype = s->dtype,
        /* mpirun may give rank 0 a terminal, but passes on lines. */
        .style = a->json                                    ? PROGRESS_JSON
                 : isatty(STDOUT_FILENO) && !s->ranks->host ? PROGRESS_LIVE
                                                            : PROGRESS_PLAIN,
        .report_seconds = a->report,
        .out = stdout,
        .command = "tengen train",
        .cluster = s->ranks->host,
        .trainers = a->trainers,
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

static bool salvage(struct session *s, GError **error)
{
    struct salvage_summary summary;
    char *old = folder_of(s->arguments.salvage);
    bool good = salvage_run(old, s->folder, &summary, error);
    if (good)
        printf("Salvaged %s into %s: %" G_GINT64_FORMAT " games, %" G_GINT64_FORMAT " unreadable; %" G_GINT64_FORMAT
               " checkpoints%s.\n",
               old, s->folder, summary.games, summary.lost, summary.checkpoints,
               summary.checkpoints ? "" : ", so that training starts from the best net that was left");
    g_free(old);
    return good;
}

static bool act(struct session *s, int argc, char **argv, GError **error)
{
    const struct train_arguments *a = &s->arguments;
    if (!open_session(s, argc, argv, error))
        return false;
    if (s->ranks->host && !cluster_host_gather(s->ranks->host, error))
        return false;
    return a->pack      ? pack(s, error)
           : a->unpack  ? unpack(s, error)
           : a->salvage ? salvage(s, error)
                        : open_run(s, error) && train(s, error);
}

static int run_here(int argc, char **argv, struct ranks *ranks)
{
    struct session s = {.arguments = TRAIN_NO_ARGUMENTS, .ranks = ranks};
    GError *error = NULL;
    int status;
    if (train_parse_arguments(&argc, &argv, &s.arguments, &status)) {
        if (s.arguments.list_presets)
            train_list_presets(s.arguments.json);
        bool good = s.arguments.list_presets || act(&s, argc, argv, &error);
        status = good ? COMMAND_OK : command_fail("train", status_of(error), error);
    }
    store_close(s.store);
    g_free(s.folder);
    train_free_arguments(&s.arguments);
    return status;
}

static int run(int argc, char **argv)
{
    struct ranks ranks;
    GError *error = NULL;
    if (!train_check_join(argc, argv, &error))
        return command_fail("train", COMMAND_USAGE, error);
    if (!ranks_open(&ranks, "train", argc, argv))
        return COMMAND_USAGE;
    if (ranks.worker)
        train_as_rank(&ranks, argc, argv);
    return ranks_close(&ranks, ranks.worker ? COMMAND_OK : run_here(argc, argv, &ranks));
}

const struct command command_train = {"train", "learn a game by self-play; rerun the command to resume", run};

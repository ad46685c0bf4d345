/* tengen export: nets and training data for other programs. */
#include <stdio.h>
#include <string.h>

#include "agents/memory/likeness_file.h"
#include "agents/net_path.h"
#include "engine/commands/command.h"
#include "engine/exchange/games.h"
#include "engine/exchange/likeness.h"
#include "engine/exchange/rows.h"
#include "engine/exchange/weights.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "net/io/atomic_file.h"
#include "net/net.h"
#include "net/onnx/onnx.h"

enum { POSITIONS = 20000 }; /* of a memory by likeness */

struct arguments {
    char *onnx, *npz, *rows, *sgf, *likeness, *net;
    gint64 newest, positions;
};

static bool usage(GError **error, const char *message)
{
    return settings_fail(error, "%s", message);
}

/* ---- nets ---- */

static bool write_onnx(const struct net *net, const char *path, GError **error)
{
    GBytes *bytes = net_onnx_write(net, error);
    if (!bytes)
        return false;
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    struct atomic_file file;
    bool good = atomic_file_open(&file, path, error) && atomic_file_write(&file, data, size, error) &&
                atomic_file_commit(&file, error);
    g_bytes_unref(bytes);
    if (good)
        printf("Wrote %s: ONNX, opset %d, %.2f MB.\n", path, NET_ONNX_OPSET, (double)size / 1e6);
    return good;
}

static bool write_weights(const struct net *net, const char *path, GError **error)
{
    if (!weights_write_npz(net, path, error))
        return false;
    printf("Wrote %s: the weights of %s.\n", path, net_info(net)->trunk);
    return true;
}

static bool export_net(const struct arguments *a, const char *name, GError **error)
{
    struct net *net = NULL;
    char *path = net_path_find(name, game_table[0]->name, error);
    bool good = path && net_load(&net, path, error) == 0 &&
                (a->onnx ? write_onnx(net, a->onnx, error) : write_weights(net, a->npz, error));
    net_unref(net);
    g_free(path);
    return good;
}

/* ---- runs ---- */

static bool write_rows(const struct arguments *a, struct store *store, GError **error)
{
    struct rows_summary summary;
    if (!rows_write_npz(store, a->rows, a->newest ? a->newest : INT64_MAX, &summary, error))
        return false;
    printf("Wrote %s: %" G_GINT64_FORMAT " rows of %" G_GINT64_FORMAT " games.\n", a->rows, summary.rows,
           summary.games);
    return true;
}

static bool write_games(const struct arguments *a, struct store *store, GError **error)
{
    struct settings settings;
    struct game games[SETTINGS_MAX_GAMES];
    int64_t written;
    const int count = games_of_run(store, &settings, games, error);
    if (!count || !games_write_sgf(store, games, count, a->sgf, &written, error))
        return false;
    printf("Wrote %" G_GINT64_FORMAT " games to %s.\n", written, a->sgf);
    return true;
}

static bool write_likeness(const struct arguments *a, const char *name, struct store *store, GError **error)
{
    struct likeness_summary summary = {0};
    struct net *net = NULL;
    char *path = net_path_find(a->net ? a->net : name, game_table[0]->name, error);
    const bool good =
        path && net_load(&net, path, error) == 0 &&
        likeness_of_run(store, net, a->positions ? (size_t)a->positions : POSITIONS, a->likeness, &summary, error);
    if (good)
        printf("Wrote %s: %zu positions of %zu games, of %s.\nOn %zu positions of newer games they explain %.1f %% of the mean square of "
               "the value's error, with a weight of %.2f.\n",
               a->likeness, summary.positions, summary.games, path, summary.asked, 100 * summary.explained, summary.weight);
    net_unref(net);
    g_free(path);
    return good;
}

static bool export_run(const struct arguments *a, const char *name, GError **error)
{
    struct store *store = NULL;
    char *folder = strchr(name, '/') ? g_strdup(name) : g_build_filename("runs", name, NULL);
    bool good = store_open(&store, folder, STORE_READ, error) == 0;
    if (good)
        good = a->rows       ? write_rows(a, store, error)
               : a->likeness ? write_likeness(a, name, store, error)
                             : write_games(a, store, error);
    store_close(store);
    g_free(folder);
    return good;
}

/* ---- the command ---- */

static bool act(const struct arguments *a, int argc, char **argv, GError **error)
{
    const int kinds =
        (a->onnx != NULL) + (a->npz != NULL) + (a->rows != NULL) + (a->sgf != NULL) + (a->likeness != NULL);
    if (argc != 2)
        return usage(error, "give one net or one run, as in `tengen export default --onnx net.onnx`");
    if (kinds != 1)
        return usage(error, "give one of --onnx FILE and --npz FILE for a net, --rows FILE, --sgf FOLDER and --likeness FILE for a run");
    const char *path = a->onnx ? a->onnx : a->npz ? a->npz : a->rows ? a->rows : a->likeness;
    if (path && g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return settings_fail(error, "%s is not a regular file; give the name of a file to write", path);
    if (a->newest < 0 || (a->newest && !a->rows))
        return usage(error, "--newest takes a number of rows, and belongs to --rows");
    if ((a->net || a->positions) && !a->likeness)
        return usage(error, "--net and --positions belong to --likeness");
    if (a->positions && (a->positions < 20 || a->positions > LIKENESS_FILE_MOST))
        return settings_fail(error, "--positions takes a number from 20 to %d", LIKENESS_FILE_MOST);
    return a->onnx || a->npz ? export_net(a, argv[1], error) : export_run(a, argv[1], error);
}

static int run(int argc, char **argv)
{
    struct arguments a = {.onnx = NULL};
    const GOptionEntry entries[] = {
        {"onnx", 0, 0, G_OPTION_ARG_FILENAME, &a.onnx, "the net as an ONNX model, for every board and batch size",
         "FILE"},
        {"npz", 0, 0, G_OPTION_ARG_FILENAME, &a.npz, "the net's weights as arrays for NumPy", "FILE"},
        {"rows", 0, 0, G_OPTION_ARG_FILENAME, &a.rows, "the run's training rows as arrays for NumPy", "FILE"},
        {"newest", 0, 0, G_OPTION_ARG_INT64, &a.newest,
         "with --rows: about so many of the newest rows of each board size (all)", "N"},
        {"sgf", 0, 0, G_OPTION_ARG_FILENAME, &a.sgf, "the run's games, a file each", "FOLDER"},
        {"likeness", 0, 0, G_OPTION_ARG_FILENAME, &a.likeness,
         "positions of the run's games with what searches found there, for a player's option like=", "FILE"},
        {"net", 0, 0, G_OPTION_ARG_FILENAME, &a.net, "with --likeness: the net that shall play with it (the run's best)", "NET"},
        {"positions", 0, 0, G_OPTION_ARG_INT64, &a.positions, "with --likeness: about how many (20000)", "N"},
        {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = g_option_context_new("NET|RUN - nets and training data for other programs");
    g_option_context_set_summary(
        context,
        "NET: default (the one for Go), a weights file, or a run, whose best net is taken. RUN: a name under runs/,\n"
        "or a path with a slash. docs/exchange.md describes the formats.");
    g_option_context_add_main_entries(context, entries, NULL);
    int status = command_parse(context, &argc, &argv, "export");
    g_option_context_free(context);
    if (status < 0) {
        GError *error = NULL;
        status = act(&a, argc, argv, &error) ? COMMAND_OK : command_fail("export", COMMAND_USAGE, error);
    }
    g_free(a.onnx);
    g_free(a.npz);
    g_free(a.rows);
    g_free(a.sgf);
    g_free(a.likeness);
    g_free(a.net);
    return status;
}

const struct command command_export = {"export", "take nets and training data to other programs", run};

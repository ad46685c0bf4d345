/* tengen import: games and weights of others. */
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "agents/net_path.h"
#include "engine/commands/command.h"
#include "engine/exchange/collection.h"
#include "engine/exchange/games.h"
#include "engine/exchange/weights.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "net/net.h"

struct arguments {
    char *npz, *out, *sgf;
    char **games;
};

static bool usage(GError **error, const char *message)
{
    return settings_fail(error, "%s", message);
}

/* ---- weights ---- */

static bool import_weights(const struct arguments *a, const char *name, GError **error)
{
    struct net *net = NULL, *changed = NULL;
    if (!a->out && !g_file_test(name, G_FILE_TEST_IS_REGULAR))
        return usage(error, "without --out, NET is a weights file, whose weights are replaced");
    char *path = net_path_find(name, game_table[0]->name, error), *base = g_path_get_basename(a->npz), *note = NULL;
    bool good = path && net_load(&net, path, error) == 0 && weights_read_npz(&changed, net, a->npz, error) == 0;
    if (good) {
        note = *net_note(net) ? g_strdup_printf("%s; then weights from %s", net_note(net), base)
                              : g_strdup_printf("weights from %s", base);
        good = net_save(changed, a->out ? a->out : path, note, error) == 0;
    }
    if (good)
        printf("Wrote %s: weights from %s%s.\n", a->out ? a->out : path, a->npz,
               net_is_calibrated(net) ? "; it is no longer calibrated for int8" : "");
    net_unref(net);
    net_unref(changed);
    g_free(path);
    g_free(base);
    g_free(note);
    return good;
}

/* ---- games ---- */

static const char no_games[] =
    "name the games of the new run with --game, such as --game go:9; repeat it for several sizes";

static bool parse_games(const struct arguments *a, struct game *games, int *count, GError **error)
{
    for (*count = 0; a->games && a->games[*count]; ++*count) {
        if (*count == SETTINGS_MAX_GAMES)
            return usage(error, "--game can be given 18 times at most");
        if (!game_parse(&games[*count], a->games[*count], error))
            return false;
    }
    return true;
}

/* The kinds and sizes to take: those of the run, or, before its first `train`, those of --game. */
static bool choose_games(struct store *store, struct game *games, int *count, GError **error)
{
    struct settings settings;
    bool found = false;
    if (!store_load_settings(store, &settings, &found, error))
        return false;
    if (!found)
        return *count > 0 || usage(error, no_games);
    if (*count > 0)
        return usage(error, "the run has its own games; leave out --game");
    *count = games_of_run(store, &settings, games, error);
    return *count > 0;
}

static void print_summary(const struct collection_summary *summary, const char *folder)
{
    printf("Imported %" G_GINT64_FORMAT " games with %" G_GINT64_FORMAT " training rows from %" G_GINT64_FORMAT
           " files into %s.\n",
           summary->games, summary->rows, summary->files, folder);
    for (int i = 0; i < COLLECTION_SKIPS; i++)
        if (summary->skipped[i])
            printf("Left out: %" G_GINT64_FORMAT " %s that %s (such as %s).\n", summary->skipped[i],
                   i == COLLECTION_UNREADABLE ? "files" : "games", collection_skip_texts[i],
                   command_printable(summary->example[i]));
}

static bool open_and_add(const struct arguments *a, const char *folder, struct game *games, int count,
                         struct collection_summary *summary, GError **error)
{
    struct store *store = NULL;
    bool good = store_open(&store, folder, STORE_CREATE, error) == 0 && choose_games(store, games, &count, error) &&
                collection_add(store, games, count, a->sgf, summary, error);
    store_close(store);
    return good;
}

/* Imports, and leaves no new run behind that has no games. */
static bool add_games(const struct arguments *a, const char *folder, struct game *games, int count, GError **error)
{
    struct collection_summary summary = {0};
    char *parent = g_path_get_dirname(folder);
    const bool had_parent = g_file_test(parent, G_FILE_TEST_EXISTS), had_run = store_exists(folder);
    bool good = open_and_add(a, folder, games, count, &summary, error);
    if (good) {
        print_summary(&summary, folder);
        good = summary.games + summary.skipped[COLLECTION_DUPLICATE] > 0 ||
               settings_fail(error, "%s has no game for the run", a->sgf);
    }
    if (!good && !had_run && summary.games == 0) {
        store_remove(folder);
        if (!had_parent)
            g_rmdir(parent);
    }
    collection_summary_clear(&summary);
    g_free(parent);
    return good;
}

static bool import_games(const struct arguments *a, const char *name, GError **error)
{
    struct game games[SETTINGS_MAX_GAMES];
    int count = 0;
    char *folder = strchr(name, '/') ? g_strdup(name) : g_build_filename("runs", name, NULL);
    bool good = parse_games(a, games, &count, error);
    if (good && !store_exists(folder) && count == 0)
        good = usage(error, no_games);
    else if (good && !g_file_test(a->sgf, G_FILE_TEST_EXISTS))
        good = settings_fail(error, "there is no file or folder %s", a->sgf);
    good = good && add_games(a, folder, games, count, error);
    g_free(folder);
    return good;
}

/* ---- the command ---- */

static bool act(const struct arguments *a, int argc, char **argv, GError **error)
{
    if (argc != 2)
        return usage(error, "give one run or one net, as in `tengen import go9 --sgf FOLDER --game go:9`");
    if ((a->npz != NULL) + (a->sgf != NULL) != 1)
        return usage(error, "give one of --sgf PATH for a run, --npz FILE for a net");
    if ((a->out && !a->npz) || (a->games && !a->sgf))
        return usage(error, "--out belongs to --npz, --game to --sgf");
    return a->npz ? import_weights(a, argv[1], error) : import_games(a, argv[1], error);
}

static int run(int argc, char **argv)
{
    struct arguments a = {.npz = NULL};
    const GOptionEntry entries[] = {
        {"sgf", 0, 0, G_OPTION_ARG_FILENAME, &a.sgf, "SGF files, into the run as games to train on", "FILE|FOLDER"},
        {"game", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.games,
         "for a new run: a game to take, with komi and rules where a record has none; repeatable", "SPEC"},
        {"npz", 0, 0, G_OPTION_ARG_FILENAME, &a.npz, "arrays of NumPy, as the weights of the net", "FILE"},
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &a.out, "with --npz: write the net to another file", "FILE"},
        {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = g_option_context_new("RUN|NET - games and weights of others");
    g_option_context_set_summary(
        context,
        "RUN: a name under runs/, or a path with a slash; it is created if it does not exist, and `tengen train RUN`\n"
        "goes on from its games. NET: a weights file; with --out also default, or a run. docs/exchange.md\n"
        "describes the formats.");
    g_option_context_add_main_entries(context, entries, NULL);
    int status = command_parse(context, &argc, &argv, "import");
    g_option_context_free(context);
    if (status < 0) {
        GError *error = NULL;
        status = act(&a, argc, argv, &error) ? COMMAND_OK : command_fail("import", COMMAND_USAGE, error);
    }
    g_free(a.npz);
    g_free(a.out);
    g_free(a.sgf);
    g_strfreev(a.games);
    return status;
}

const struct command command_import = {"import", "bring games and weights of others into a run or a net", run};

#include <sqlite3.h>

#include "engine/store/salvage.h"

#include "engine/settings/settings.h"
#include "engine/store/import.h"
#include "engine/store/store.h"
#include "engine/store/store_internal.h"
#include "net/io/atomic_file.h"
#include "net/net.h"

static bool copy_net(const char *from, struct store *to, const char *name, GError **error)
{
    char *source = g_build_filename(from, "nets", name, NULL), *target = store_net_path(to, name), *bytes = NULL;
    gsize size = 0;
    struct atomic_file file;
    bool good = g_file_get_contents(source, &bytes, &size, error) && atomic_file_open(&file, target, error) &&
                atomic_file_write(&file, bytes, size, error) && atomic_file_commit(&file, error);
    g_free(bytes);
    g_free(source);
    g_free(target);
    return good;
}

/* Whether a generation's net can be loaded, which checks the whole file. */
static bool is_whole(const char *from, const char *name)
{
    char *path = g_build_filename(from, "nets", name, NULL);
    struct net *net = NULL;
    bool whole = net_load(&net, path, NULL) == 0;
    if (whole)
        net_unref(net);
    g_free(path);
    return whole;
}

/* A checkpoint needs both files: the state to resume from and the net to play with. A damaged state is found when
 * training resumes, which then takes the one before. */
static bool copy_checkpoint(const char *from, struct store *to, const struct store_checkpoint *c)
{
    char *state = store_state_name(c->generation), *net = store_generation_name(c->generation);
    bool good = is_whole(from, net) && copy_net(from, to, net, NULL) && copy_net(from, to, state, NULL) &&
                store_add_checkpoint(to, c, NULL, 0, NULL);
    g_free(state);
    g_free(net);
    return good;
}

static int64_t copy_checkpoints(struct import *import, const char *from, struct store *to)
{
    sqlite3_stmt *s = NULL;
    int64_t copied = 0;
    if (sqlite3_prepare_v2(import->from,
                           "SELECT " STORE_CHECKPOINT_COLUMNS " FROM checkpoints"
                           " WHERE has_state ORDER BY generation",
                           -1, &s, NULL) == SQLITE_OK)
        while (sqlite3_step(s) == SQLITE_ROW) {
            struct store_checkpoint c;
            store_checkpoint_of_row(s, &c);
            if (!store_checkpoint_is_sound(&c))
                continue;
            copied += copy_checkpoint(from, to, &c);
        }
    sqlite3_finalize(s);
    return copied;
}

/* The checkpoint of the generation that the old run held as its best; false if it held none. */
static bool held_checkpoint(struct import *import, struct store_checkpoint *c)
{
    sqlite3_stmt *s = NULL;
    bool found = sqlite3_prepare_v2(import->from,
                                    "SELECT " STORE_CHECKPOINT_COLUMNS " FROM checkpoints"
                                    " WHERE has_net AND generation = (SELECT generation FROM best)",
                                    -1, &s, NULL) == SQLITE_OK &&
                 sqlite3_step(s) == SQLITE_ROW;
    if (found)
        store_checkpoint_of_row(s, c);
    sqlite3_finalize(s);
    return found && store_checkpoint_is_sound(c);
}

/* Holds that generation in the new run, too. Its net may have been copied already, with a checkpoint. */
static void copy_held(struct import *import, const char *from, struct store *to)
{
    struct store_checkpoint c;
    if (!held_checkpoint(import, &c))
        return;
    char *net = store_generation_name(c.generation), *path = store_net_path(to, net);
    bool there = g_file_test(path, G_FILE_TEST_EXISTS);
    if (there || (is_whole(from, net) && copy_net(from, to, net, NULL) && store_add_net(to, &c, NULL)))
        store_hold_best(to, c.generation, NULL);
    g_free(net);
    g_free(path);
}

static int64_t copy_metrics(struct import *import, struct store *to)
{
    struct store old = {.database = {.db = import->from}};
    GArray *metrics = g_array_new(FALSE, FALSE, sizeof(struct store_metric));
    int64_t last = 0, copied = 0;
    pthread_mutex_init(&old.lock, NULL);
    store_read_metrics(&old, &last, metrics);
    pthread_mutex_destroy(&old.lock);
    for (guint i = 0; i < metrics->len; i++)
        copied += store_add_metric(to, &g_array_index(metrics, struct store_metric, i), NULL);
    g_array_unref(metrics);
    return copied;
}

/* Without a checkpoint the new run starts from the old one's best net, if that is whole, with the old one's settings: settings_load,
 * since the presets of a run that starts from a net would replace its rate and its window. */
static bool start_from_best(const char *from, struct store *to, GError **error)
{
    struct settings settings = {0};
    bool found;
    char *folder = g_canonicalize_filename(from, NULL),
         *best = g_build_filename(folder, "nets", "best.safetensors", NULL);
    bool good = true;
    if (is_whole(from, "best.safetensors"))
        good = store_load_settings(to, &settings, &found, error) && settings_load(&settings, "from", best, error) &&
               store_save_settings(to, &settings, error);
    g_free(folder);
    g_free(best);
    return good;
}

bool salvage_run(const char *from, const char *to, struct salvage_summary *summary, GError **error)
{
    static const char *const tables[] = {"settings",    "games",      "metrics", "checkpoints", "totals", "spent",
                                         "spent_parts", "rung_games", "best",    "sums",        "events", NULL};
    *summary = (struct salvage_summary){0};
    if (store_exists(to)) {
        g_set_error(error, STORE_ERROR, STORE_ERROR_PLACE,
                    "%s: a run exists already and would be overwritten; give another RUN", to);
        return false;
    }
    char *path = g_build_filename(from, "run.db", NULL);
    struct import import = {.from = import_open(path, tables, error), .source = path, .lenient = true};
    struct store *store = NULL;
    bool good = import.from && store_open(&store, to, STORE_CREATE, error) == 0;
    if (good) {
        good = import_settings(&import, store, error) && import_games(&import, store, error) &&
               import_totals(&import, store, error) && import_rung_games(&import, store, error);
        summary->games = import.kept;
        summary->lost = import.lost;
        summary->checkpoints = good ? copy_checkpoints(&import, from, store) : 0;
        if (summary->checkpoints > 0)
            copy_held(&import, from, store);
        summary->metrics = good ? copy_metrics(&import, store) : 0;
        good = good && (summary->checkpoints > 0 || start_from_best(from, store, error));
        store_close(store);
        if (!good)
            store_remove(to);
    }
    sqlite3_close(import.from);
    g_free(path);
    return good;
}

#include "engine/store/pack/pack.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/settings/settings.h"
#include "engine/store/import.h"
#include "engine/store/pack/held.h"
#include "engine/store/pack/state.h"
#include "engine/store/store.h"
#include "engine/store/store_internal.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/io/atomic_file.h"
#include "net/net.h"
#include "net/train.h"

enum { PACK_APPLICATION_ID = 0x5450616b /* "TPak" */, STATE_MAX = 1 << 30 };

static bool fail(GError **error, const char *path, const char *format, ...) G_GNUC_PRINTF(3, 4);
static bool fail(GError **error, const char *path, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, STORE_ERROR, STORE_ERROR_PLACE, "%s: %s", path, text);
    g_free(text);
    return false;
}

/* ---- writing ---- */

static const char pack_tables[] =
    "CREATE TABLE pack.settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE pack.state (kept INTEGER NOT NULL, data BLOB NOT NULL);"
    "CREATE TABLE pack.games AS SELECT * FROM main.games WHERE 0;"
    "CREATE TABLE pack.checkpoints AS SELECT * FROM main.checkpoints ORDER BY generation DESC LIMIT 1;"
    "CREATE TABLE pack.totals AS SELECT * FROM main.totals;"
    "INSERT INTO pack.settings SELECT * FROM main.settings;";

static bool run_sql(sqlite3 *db, const char *path, const char *sql, GError **error)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK || fail(error, path, "%s", sqlite3_errmsg(db));
}

static bool attach(sqlite3 *db, const char *path, GError **error)
{
    sqlite3_stmt *statement = NULL;
    bool good = sqlite3_prepare_v2(db, "ATTACH ?1 AS pack", -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_DONE;
    if (!good)
        fail(error, path, "%s", sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    return good;
}

static int64_t number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static bool insert_state(sqlite3 *db, const char *path, GBytes *state, int kept, GError **error)
{
    gsize size;
    const void *data = g_bytes_get_data(state, &size);
    sqlite3_stmt *statement = NULL;
    bool good = sqlite3_prepare_v2(db, "INSERT INTO pack.state VALUES (?1, ?2)", -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_bind_int(statement, 1, kept) == SQLITE_OK &&
                sqlite3_bind_blob64(statement, 2, data, size, SQLITE_STATIC) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_DONE;
    if (!good)
        fail(error, path, "%s", sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    return good;
}

/* Inserts the newest games whose blobs and rows take at most `budget` bytes. */
static bool insert_games(sqlite3 *db, const char *path, int64_t budget, GError **error)
{
    char *sql = g_strdup_printf(
        "INSERT INTO pack.games SELECT * FROM main.games WHERE number >= (SELECT min(number) FROM (SELECT "
        "number, sum(length(data) + 120) OVER (ORDER BY number DESC) AS used FROM main.games) WHERE used <= "
        "%" G_GINT64_FORMAT ") AND %" G_GINT64_FORMAT " > 0",
        budget, budget);
    bool good = run_sql(db, path, sql, error);
    g_free(sql);
    return good;
}

/* Tables that not every run has. */
static bool insert_optional(sqlite3 *db, const char *path, GError **error)
{
    static const char *const tables[] = {"spent", "spent_parts", "rung_games"};
    bool good = true;
    for (size_t i = 0; good && i < G_N_ELEMENTS(tables); i++) {
        char *has = g_strdup_printf("SELECT count(*) FROM main.sqlite_master WHERE name = '%s'", tables[i]);
        char *copy = g_strdup_printf("CREATE TABLE pack.%s AS SELECT * FROM main.%s", tables[i], tables[i]);
        good = number(db, has) <= 0 || run_sql(db, path, copy, error);
        g_free(has);
        g_free(copy);
    }
    return good;
}

/* What a pack holds beside games. */
struct parts {
    GBytes *state, *held; /* held: NULL: the best net is the newest */
    uint32_t held_generation;
};

/* One attempt with `budget` bytes for the games; stores the file's size in the summary. */
static bool write_once(sqlite3 *db, const char *path, const struct parts *parts, int64_t budget,
                       struct pack_summary *summary, GError **error)
{
    /* An empty file is an empty database; ATTACH may not create it if the run was opened without SQLITE_OPEN_CREATE. */
    if (!g_file_set_contents(path, "", 0, error) || !attach(db, path, error))
        return false;
    char *setup = g_strdup_printf("PRAGMA pack.page_size = 1024; PRAGMA pack.journal_mode = OFF;"
                                  "PRAGMA pack.application_id = %d; PRAGMA pack.user_version = 1;",
                                  PACK_APPLICATION_ID);
    bool good = run_sql(db, path, setup, error) && run_sql(db, path, "BEGIN", error);
    if (good) {
        good = run_sql(db, path, pack_tables, error) &&
               insert_state(db, path, parts->state, summary->kept_bytes, error) &&
               pack_insert_held(db, path, parts->held, parts->held_generation, error) &&
               insert_optional(db, path, error) && insert_games(db, path, budget, error);
        summary->games = number(db, "SELECT count(*) FROM pack.games");
        summary->rows = number(db, "SELECT coalesce(sum(rows), 0) FROM pack.games");
        good = good && run_sql(db, path, "COMMIT", error);
        if (!good)
            sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    sqlite3_exec(db, "DETACH pack", NULL, NULL, NULL);
    g_free(setup);
    struct stat status;
    if (good && stat(path, &status) != 0)
        return fail(error, path, "the file has disappeared");
    summary->bytes = good ? status.st_size : 0;
    return good;
}

static bool write_fitting(sqlite3 *db, const char *temporary, const struct parts *parts, struct pack_summary *summary,
                          GError **error)
{
    int64_t budget = PACK_MAX_BYTES - 200000 - (int64_t)g_bytes_get_size(parts->state);
    budget -= parts->held ? (int64_t)g_bytes_get_size(parts->held) : 0;
    for (int try = 0; try < 12; try++, budget = budget * 4 / 5)
        if (!write_once(db, temporary, parts, budget, summary, error))
            return false;
        else if (summary->bytes <= PACK_MAX_BYTES)
            return true;
    return fail(error, temporary, "the trainer's state alone exceeds %d bytes", PACK_MAX_BYTES);
}

/* The compressed state, with as many bytes of each float as leave space for games. */
static GBytes *fitting_state(struct store *store, struct pack_summary *summary, GError **error)
{
    struct store_checkpoint at;
    bool found;
    char *bytes = NULL;
    gsize size;
    GBytes *state = NULL;
    if (!store_last_checkpoint(store, &at, &found, error))
        return NULL;
    if (!found) {
        fail(error, store_folder(store), "no checkpoint to pack yet; train for a minute first");
        return NULL;
    }
    char *name = store_state_name(at.generation), *path = store_net_path(store, name);
    if (g_file_get_contents(path, &bytes, &size, error))
        for (summary->kept_bytes = 4; summary->kept_bytes >= 2; summary->kept_bytes--) {
            g_clear_pointer(&state, g_bytes_unref);
            state = pack_compress_state((guint8 *)bytes, size, summary->kept_bytes);
            if (g_bytes_get_size(state) < PACK_MAX_BYTES * 7 / 10 || summary->kept_bytes == 2)
                break;
        }
    g_free(bytes);
    g_free(name);
    g_free(path);
    return state;
}

static bool move_into_place(const char *temporary, const char *path, GError **error)
{
    int fd = open(temporary, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    if (!good || g_rename(temporary, path) != 0)
        return fail(error, path, "cannot write the file");
    return atomic_file_sync_folder(path, error);
}

bool pack_write(struct store *store, const char *path, struct pack_summary *summary, GError **error)
{
    *summary = (struct pack_summary){0};
    struct parts parts = {.state = fitting_state(store, summary, error)};
    if (!parts.state)
        return false;
    parts.held = pack_held_net(store, &parts.held_generation);
    char *temporary = g_strdup_printf("%s" ATOMIC_FILE_MARK "%d", path, (int)getpid());
    store_lock(store);
    bool good = write_fitting(store_database(store), temporary, &parts, summary, error);
    store_unlock(store);
    good = good && move_into_place(temporary, path, error);
    g_unlink(temporary);
    g_free(temporary);
    g_bytes_unref(parts.state);
    if (parts.held)
        g_bytes_unref(parts.held);
    return good;
}

/* ---- restoring ---- */

/* The run's settings, its game and the features of its net. */
static bool load_settings(struct store *store, struct settings *settings, struct game *game,
                          const struct game_features **features, GError **error)
{
    bool found;
    return store_load_settings(store, settings, &found, error) && game_parse(game, settings->game, error) &&
           (*features = settings_features(settings, game, error)) != NULL;
}

/* The bytes that the state of the settings' net has at least, the weights alone, and at most: weights, averages, the
 * optimiser's two moments, header. */
static bool state_limits(struct store *store, size_t *least, size_t *most, GError **error)
{
    struct settings settings = {0};
    struct game game;
    const struct game_features *features;
    size_t parameters;
    if (!load_settings(store, &settings, &game, &features, error) ||
        !evaluator_net_parameters(&game, features, settings.net, &parameters, error))
        return false;
    *least = parameters * sizeof(float);
    *most = MIN((size_t)STATE_MAX, 4 * *least + (1 << 20));
    return true;
}

static bool restore_state(struct import *import, struct store *store, uint32_t generation, struct pack_summary *summary,
                          GError **error)
{
    sqlite3_stmt *statement = NULL;
    guint8 *bytes = NULL;
    size_t size = 0, least, most;
    if (!state_limits(store, &least, &most, error))
        return false;
    if (sqlite3_prepare_v2(import->from, "SELECT kept, data FROM state", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        summary->kept_bytes = sqlite3_column_int(statement, 0);
        bytes = pack_expand_state(sqlite3_column_blob(statement, 1), (size_t)sqlite3_column_bytes(statement, 1), most,
                                  &size);
    }
    sqlite3_finalize(statement);
    if (!bytes || size < least) {
        g_free(bytes);
        return fail(error, import->source, "the trainer's state in this file is corrupt; pack the run again");
    }
    char *name = store_state_name(generation), *to = store_net_path(store, name);
    struct atomic_file file;
    bool good = atomic_file_open(&file, to, error) && atomic_file_write(&file, bytes, size, error) &&
                atomic_file_commit(&file, error);
    g_free(bytes);
    g_free(name);
    g_free(to);
    return good;
}

/* Writes the averaged weights from the trainer's state as the generation's net. */
static bool restore_net(struct store *store, uint32_t generation, GError **error)
{
    struct settings settings = {0};
    struct game game;
    const struct game_features *features;
    if (!load_settings(store, &settings, &game, &features, error))
        return false;
    struct net *fresh = NULL, *net = NULL;
    struct net_trainer *trainer = NULL;
    struct net_trainer_config config = net_trainer_defaults();
    config.batch = 1;
    char *state = store_state_name(generation), *from = store_net_path(store, state);
    char *name = store_generation_name(generation), *to = store_net_path(store, name);
    bool good = evaluator_net_fresh_for(&fresh, &game, features, settings.net, 0, error) == 0 &&
                settings_set_outputs(&settings, features, &fresh, error) &&
                net_trainer_create(&trainer, fresh, &config, error) == 0 &&
                net_trainer_load(trainer, from, NULL, error) == 0;
    if (good) {
        net = net_trainer_snapshot(trainer, true);
        good = net_save(net, to, "unpacked", error) == 0;
    }
    if (trainer)
        net_trainer_close(trainer);
    net_unref(net);
    net_unref(fresh);
    g_free(state);
    g_free(from);
    g_free(name);
    g_free(to);
    return good;
}

static bool read_checkpoint(struct import *import, struct store_checkpoint *c, GError **error)
{
    sqlite3_stmt *statement = NULL;
    bool good = sqlite3_prepare_v2(import->from,
                                   "SELECT " STORE_CHECKPOINT_COLUMNS " FROM"
                                   " checkpoints ORDER BY generation DESC LIMIT 1",
                                   -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW;
    int64_t generation = good ? sqlite3_column_int64(statement, 0) : -1;
    if (good)
        store_checkpoint_of_row(statement, c);
    sqlite3_finalize(statement);
    if (generation < 0 || generation > UINT32_MAX || !store_checkpoint_is_sound(c))
        return fail(error, import->source, "the file contains no checkpoint; pack the run again");
    return true;
}

static bool restore_held(struct import *import, struct store *store, GError **error)
{
    struct settings settings = {0};
    struct game game;
    const struct game_features *features;
    size_t least, most;
    return load_settings(store, &settings, &game, &features, error) && state_limits(store, &least, &most, error) &&
           pack_restore_held(import, store, &game, most, error);
}

static bool restore(struct import *import, struct store *store, struct pack_summary *summary, GError **error)
{
    struct store_checkpoint checkpoint = {0};
    if (!import_settings(import, store, error) || !read_checkpoint(import, &checkpoint, error) ||
        !restore_state(import, store, checkpoint.generation, summary, error) ||
        !restore_net(store, checkpoint.generation, error) || !import_games(import, store, error) ||
        !import_totals(import, store, error) || !import_rung_games(import, store, error) ||
        !store_add_checkpoint(store, &checkpoint, NULL, 0, error) || !restore_held(import, store, error))
        return false;
    store_lock(store);
    summary->games = import->kept;
    summary->rows = number(store_database(store), "SELECT coalesce(sum(rows), 0) FROM games");
    store_unlock(store);
    return true;
}

bool pack_restore(const char *path, const char *folder, struct pack_summary *summary, GError **error)
{
    static const char *const tables[] = {"settings", "state",       "games",      "checkpoints", "totals",
                                         "spent",    "spent_parts", "rung_games", "held",        NULL};
    *summary = (struct pack_summary){0};
    struct import import = {.source = path};
    struct store *store = NULL;
    struct stat status;
    if (store_exists(folder))
        return fail(error, folder, "a run exists already and would be overwritten; give another RUN");
    if (!(import.from = import_open(path, tables, error)))
        return false;
    if (stat(path, &status) == 0)
        summary->bytes = status.st_size;
    bool good = number(import.from, "PRAGMA application_id") == PACK_APPLICATION_ID &&
                number(import.from, "PRAGMA user_version") == 1;
    if (!good)
        fail(error, path, "not a packed run; `tengen train RUN --pack FILE` creates one");
    good = good && store_open(&store, folder, STORE_CREATE, error) == 0;
    if (good) {
        good = restore(&import, store, summary, error);
        store_close(store);
        if (!good)
            store_remove(folder);
    }
    sqlite3_close(import.from);
    return good;
}

#include "engine/store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/settings/settings.h"
#include "engine/store/database.h"
#include "engine/store/store.h"
#include "net/io/atomic_file.h"

GQuark store_error_quark(void)
{
    return g_quark_from_static_string("store-error-quark");
}

enum { SCHEMA = 1, APPLICATION_ID = 0x54656e67 /* "Teng" */, CHECKED_BYTES = 1 << 30 };

static const char schema[] =
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE games (number INTEGER PRIMARY KEY, spec TEXT NOT NULL, generation INTEGER NOT NULL,"
    "  plies INTEGER NOT NULL, rows INTEGER NOT NULL, outcome INTEGER NOT NULL, margin REAL NOT NULL,"
    "  opening INTEGER NOT NULL, moves INTEGER NOT NULL, added INTEGER NOT NULL, data BLOB NOT NULL);"
    "CREATE TABLE metrics (id INTEGER PRIMARY KEY, seconds REAL, games INTEGER, positions INTEGER, steps INTEGER,"
    "  samples INTEGER, generation INTEGER, loss REAL, policy_loss REAL, value_loss REAL, games_per_s REAL,"
    "  evals_per_s REAL, plies_per_game REAL, diversity REAL, visits INTEGER,"
    "  unseen_policy_loss REAL, unseen_value_loss REAL);"
    "CREATE TABLE checkpoints (generation INTEGER PRIMARY KEY, steps INTEGER NOT NULL, samples INTEGER NOT NULL,"
    "  games INTEGER NOT NULL, rows INTEGER NOT NULL, seconds REAL NOT NULL, rate_scale REAL NOT NULL,"
    "  bytes INTEGER NOT NULL, added INTEGER NOT NULL, has_net INTEGER NOT NULL, has_state INTEGER NOT NULL);"
    "CREATE TABLE totals (id INTEGER PRIMARY KEY CHECK (id = 0), games INTEGER NOT NULL, plies INTEGER NOT NULL,"
    "  rows INTEGER NOT NULL);"
    "INSERT INTO totals VALUES (0, 0, 0, 0);";

/* ---- opening ---- */

/* Opening a run deletes and replaces files in nets/, which through a link would be another run's. */
static bool create_folders(struct store *store, GError **error)
{
    if (g_file_test(store->nets, G_FILE_TEST_IS_SYMLINK)) {
        g_set_error(error, STORE_ERROR, STORE_ERROR_PLACE,
                    "%s is a link, and what it leads to may belong to another run; replace it by a folder, or give "
                    "another RUN",
                    store->nets);
        return false;
    }
    if (g_mkdir_with_parents(store->nets, 0777) == 0 && access(store->folder, W_OK) == 0 &&
        access(store->nets, W_OK) == 0)
        return true;
    g_set_error(error, STORE_ERROR, STORE_ERROR_PLACE,
                "cannot write to the run's folder %s: %s; make it writable or give another RUN", store->folder,
                g_strerror(errno));
    return false;
}

static bool take_lock(struct store *store, GError **error)
{
    char *path = g_build_filename(store->folder, "lock", NULL);
    store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    bool good = store->lock_fd >= 0 && flock(store->lock_fd, LOCK_EX | LOCK_NB) == 0;
    if (!good && errno == EWOULDBLOCK)
        g_set_error(error, STORE_ERROR, STORE_ERROR_BUSY,
                    "the run %s is being trained by another process; stop it first or give another RUN", store->folder);
    else if (!good)
        g_set_error(error, STORE_ERROR, STORE_ERROR_PLACE,
                    "cannot lock %s: %s; make the folder writable or give another RUN", path, g_strerror(errno));
    g_free(path);
    return good;
}

static bool open_database(struct store *store, enum store_mode mode, GError **error)
{
    if (!database_check_kind(&store->database, error))
        return false;
    int flags = mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (mode == STORE_CREATE)
        flags |= SQLITE_OPEN_CREATE;
    int code = sqlite3_open_v2(store->database.path, &store->database.db, flags | SQLITE_OPEN_FULLMUTEX, NULL);
    if (code != SQLITE_OK)
        return database_failed(&store->database, "open", error);
    sqlite3_extended_result_codes(store->database.db, 0);
    sqlite3_busy_timeout(store->database.db, 10000);
    if (mode == STORE_READ)
        return true;
    /* Only while the database is empty: later it has no effect but still writes to the file, which a rejected command
     * must not do. */
    if (database_number(&store->database, "PRAGMA page_count", 1) == 0 &&
        !database_execute(&store->database, "PRAGMA auto_vacuum = INCREMENTAL", "set up", error))
        return false;
    /* FULL: commits are durable, so a power failure loses no more than a kill. */
    return database_execute(&store->database,
                            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000;"
                            "PRAGMA journal_size_limit = 16777216;",
                            "set up", error);
}

static bool check_schema(struct store *store, enum store_mode mode, GError **error)
{
    int64_t version = database_number(&store->database, "PRAGMA user_version", -1);
    int64_t application = database_number(&store->database, "PRAGMA application_id", -1);
    if (version < 0)
        return database_failed(&store->database, "read", error);
    if (version == SCHEMA && application == APPLICATION_ID)
        return true;
    bool empty = database_number(&store->database, "SELECT count(*) FROM sqlite_master", 1) == 0;
    if (version == 0 && empty && mode != STORE_READ) {
        char *sql =
            g_strdup_printf("%s PRAGMA application_id = %d; PRAGMA user_version = %d;", schema, APPLICATION_ID, SCHEMA);
        bool good = database_begin(&store->database, error);
        good = good &&
               database_end(&store->database, database_execute(&store->database, sql, "create tables", error), error);
        g_free(sql);
        return good;
    }
    g_set_error(error, STORE_ERROR, STORE_ERROR_PLACE,
                "%s/run.db is not supported by this version (schema %d, application id %x); give another RUN",
                store->folder, (int)version, (unsigned)application);
    return false;
}

/* The totals count all games ever played, so they are never below what the table holds. Wrong ones are replaced by a
 * recount, so that training can go on. */
static bool check_totals(struct store *store, GError **error)
{
    static const char held[] = "(SELECT count(*) AS g, coalesce(sum(max(0, min(plies, 65535))), 0) AS p,"
                               " coalesce(sum(max(0, min(rows, 65535))), 0) AS r FROM games)";
    char *sql = g_strdup_printf("SELECT (SELECT count(*) FROM totals) <> 1 OR EXISTS (SELECT 1 FROM totals, %s WHERE"
                                " games < g OR plies < p OR rows < r OR max(games, plies, rows) > %" G_GINT64_FORMAT ")",
                                held, STORE_MAX_TOTAL);
    bool wrong = database_number(&store->database, sql, 1) != 0;
    g_free(sql);
    if (!wrong)
        return true;
    fprintf(stderr, "tengen: %s: the totals did not match the games and were recounted\n", store->database.path);
    sql = g_strdup_printf("DELETE FROM totals; INSERT INTO totals SELECT 0, g, p, r FROM %s;", held);
    bool good = database_begin(&store->database, error);
    good = good && database_end(&store->database, database_execute(&store->database, sql, "count games", error), error);
    g_free(sql);
    return good;
}

/* Whether a file in nets/ should be kept: it has a row or is not one of ours. */
static bool is_kept(struct store *store, const char *name)
{
    unsigned generation;
    char rest[32];
    if (strcmp(name, "best.safetensors") == 0)
        return true;
    const char *column = NULL;
    if (sscanf(name, "gen-%u.%31s", &generation, rest) == 2 && strcmp(rest, "safetensors") == 0)
        column = "has_net";
    else if (sscanf(name, "state-%u.%31s", &generation, rest) == 2 && strcmp(rest, "safetensors") == 0)
        column = "has_state";
    if (!column)
        /* keep files that are not ours, except unfinished atomic writes */
        return strstr(name, ATOMIC_FILE_MARK) == NULL;
    char *sql = g_strdup_printf("SELECT count(*) FROM checkpoints WHERE generation = ?1 AND %s", column);
    sqlite3_stmt *statement = database_prepare(&store->database, sql, "i", (int64_t)generation);
    bool kept = !statement || sqlite3_step(statement) != SQLITE_ROW || sqlite3_column_int64(statement, 0) > 0;
    sqlite3_finalize(statement);
    g_free(sql);
    return kept;
}

static void sweep_orphans(struct store *store)
{
    GDir *folder = g_dir_open(store->nets, 0, NULL);
    for (const char *name; folder && (name = g_dir_read_name(folder));) {
        if (is_kept(store, name))
            continue;
        char *path = g_build_filename(store->nets, name, NULL);
        g_unlink(path);
        g_free(path);
    }
    if (folder)
        g_dir_close(folder);
}

static bool open_for_writing(struct store *store, enum store_mode mode, GError **error)
{
    if (!take_lock(store, error) || !open_database(store, mode, error) || !check_schema(store, mode, error) ||
        !database_check(&store->database, error) || !check_totals(store, error))
        return false;
    sweep_orphans(store);
    int64_t newest = database_number(&store->database, "SELECT max(generation) FROM checkpoints", 0);
    if (database_number(&store->database, "SELECT count(*) FROM checkpoints", 0) == 0)
        return true;
    const int64_t held = store_held_generation(store);
    /* A kill may have come between changing the row and this. */
    return store_place_best(store, (uint32_t)(held >= 0 ? held : newest), error);
}

bool store_exists(const char *folder)
{
    char *path = g_build_filename(folder, "run.db", NULL);
    bool exists = g_file_test(path, G_FILE_TEST_EXISTS);
    g_free(path);
    return exists;
}

/* A new run deletes unknown nets and overwrites existing ones. Refuses that if nets/ has files: the database may have
 * been lost, and the nets are all that is left of a run. */
static bool check_fresh(const struct store *store, GError **error)
{
    GDir *nets = g_dir_open(store->nets, 0, NULL);
    const char *name = nets ? g_dir_read_name(nets) : NULL;
    bool good = !name; /* the string is freed with the GDir */
    if (name)
        g_set_error(error, STORE_ERROR, STORE_ERROR_PLACE,
                    "%s contains files (%s), but %s/run.db does not exist; restore that file, move the "
                    "folder away or give another RUN",
                    store->nets, name, store->folder);
    if (nets)
        g_dir_close(nets);
    return good;
}

/* Readers check only files of up to a gigabyte, so that a report of a long run does not keep its user waiting. */
static bool check_small(struct store *store, GError **error)
{
    struct stat about;
    return stat(store->database.path, &about) != 0 || about.st_size > CHECKED_BYTES ||
           database_check(&store->database, error);
}

int store_open(struct store **out, const char *folder, enum store_mode mode, GError **error)
{
    *out = NULL;
    struct store *store = g_new0(struct store, 1);
    store->lock_fd = -1;
    store->folder = g_strdup(folder);
    store->database =
        (struct database){.path = g_build_filename(folder, "run.db", NULL),
                          .option = "RUN",
                          .salvage = "copy its intact parts into a new run: tengen train NEW --salvage RUN",
                          .lock_fd = -1};
    store->nets = g_build_filename(folder, "nets", NULL);
    pthread_mutex_init(&store->lock, NULL);
    if (mode != STORE_CREATE && !store_exists(folder)) {
        g_set_error(error, STORE_ERROR, STORE_ERROR_ABSENT, "no run in %s; `tengen train` creates one", folder);
        goto error;
    }
    if (!store_exists(folder) && !check_fresh(store, error))
        goto error;
    if (mode == STORE_READ) {
        if (!open_database(store, mode, error) || !check_schema(store, mode, error) || !check_small(store, error))
            goto error;
    } else if (!create_folders(store, error) || !open_for_writing(store, mode, error)) {
        goto error;
    }
    *out = store;
    return 0;
error:
    store_close(store);
    return -1;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    database_close(&store->database);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    pthread_mutex_destroy(&store->lock);
    g_free(store->folder);
    g_free(store->nets);
    g_free(store);
}

void store_remove(const char *folder)
{
    static const char *const names[] = {"nets", "run.db", "run.db-wal", "run.db-shm", "lock", "live"};
    char *nets = g_build_filename(folder, "nets", NULL);
    GDir *dir = g_dir_open(nets, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        char *path = g_build_filename(nets, name, NULL);
        g_unlink(path);
        g_free(path);
    }
    if (dir)
        g_dir_close(dir);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        char *path = g_build_filename(folder, names[i], NULL);
        g_remove(path);
        g_free(path);
    }
    g_rmdir(folder);
    g_free(nets);
}

const char *store_folder(const struct store *store)
{
    return store->folder;
}

char *store_net_path(const struct store *store, const char *name)
{
    return g_build_filename(store->nets, name, NULL);
}

struct sqlite3 *store_database(struct store *store)
{
    return store->database.db;
}

void store_lock(struct store *store)
{
    pthread_mutex_lock(&store->lock);
}

void store_unlock(struct store *store)
{
    pthread_mutex_unlock(&store->lock);
}

/* ---- settings ---- */

struct loading {
    struct settings *settings;
    GHashTable *names; /* of the settings saved in the run */
};

/* A setting that is not saved in the run is newer than the run. */
static void load_missing(const char *name, bool fixed, const char *help, void *user)
{
    (void)fixed, (void)help;
    const struct loading *loading = user;
    const char *before = settings_before(name);
    if (before && !g_hash_table_contains(loading->names, name))
        settings_load(loading->settings, name, before, NULL);
}

bool store_load_settings(struct store *store, struct settings *settings, bool *found, GError **error)
{
    struct loading loading = {settings, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    store_lock(store);
    sqlite3_stmt *statement = database_prepare(&store->database, "SELECT name, value FROM settings", "");
    int code = SQLITE_ERROR;
    bool whole = true;
    while (whole && statement && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        whole = sqlite3_column_type(statement, 0) == SQLITE_TEXT && sqlite3_column_type(statement, 1) == SQLITE_TEXT;
        const char *name = database_text(statement, 0);
        /* Skips settings that this version does not have or whose range does not include the saved value. */
        settings_load(settings, name, database_text(statement, 1), NULL);
        g_hash_table_add(loading.names, g_strdup(name));
    }
    *found = g_hash_table_size(loading.names) > 0;
    if (*found)
        settings_each(load_missing, &loading);
    settings_forget_given(settings);
    g_hash_table_destroy(loading.names);
    bool good = !whole ? database_damaged(&store->database, "a setting without a name or value", error)
                       : code == SQLITE_DONE || database_failed(&store->database, "read settings", error);
    sqlite3_finalize(statement);
    store_unlock(store);
    return good;
}

struct saving {
    struct store *store;
    const struct settings *settings;
    bool good;
    GError **error;
};

static void save_one(const char *name, bool fixed, const char *help, void *user)
{
    (void)fixed, (void)help;
    struct saving *saving = user;
    if (!saving->good)
        return;
    char *value = settings_get(saving->settings, name);
    sqlite3_stmt *statement = database_prepare(&saving->store->database,
                                               "INSERT OR REPLACE INTO settings VALUES (?1, ?2)", "ss", name, value);
    saving->good = database_finish(&saving->store->database, statement, "write settings", saving->error);
    g_free(value);
}

bool store_save_settings(struct store *store, const struct settings *settings, GError **error)
{
    store_lock(store);
    struct saving saving = {store, settings, database_begin(&store->database, error), error};
    if (saving.good) {
        settings_each(save_one, &saving);
        saving.good = database_end(&store->database, saving.good, error);
    }
    store_unlock(store);
    return saving.good;
}

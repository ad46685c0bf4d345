#include "engine/store/import.h"

#include <string.h>
#include <sys/stat.h>

#include "engine/settings/settings.h"
#include "engine/store/database.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/store/store_internal.h"
#include "games/game.h"

enum { BLOB_MAX = 4 << 20, BATCH = 256, MAX_FAILURES = 100000 };

static bool fail(const struct import *import, const char *problem, GError **error)
{
    g_set_error(error, STORE_ERROR, STORE_ERROR_PLACE, "%s: %s", import->source, problem);
    return false;
}

static bool is_expected(const char *name, const char *const *tables)
{
    return g_strv_contains(tables, name) || g_str_has_prefix(name, "sqlite_autoindex_");
}

/* What a stranger put into the schema beside the tables, or NULL; freed by the caller. */
static char *unexpected(sqlite3 *db, const char *const *tables)
{
    sqlite3_stmt *statement = NULL;
    char *found = NULL;
    int code = sqlite3_prepare_v2(db, "SELECT type, name, rootpage FROM sqlite_master", -1, &statement, NULL);
    while (code == SQLITE_OK && !found && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *type = database_text(statement, 0), *name = database_text(statement, 1);
        bool table = strcmp(type, "table") == 0 || strcmp(type, "index") == 0;
        if (!table || !is_expected(name, tables) || sqlite3_column_int64(statement, 2) <= 0)
            found = g_strdup_printf("it contains a %s \"%s\", which Tengen does not write", type, name);
        code = SQLITE_OK;
    }
    if (!found && code != SQLITE_DONE)
        found = g_strdup(sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    return found;
}

sqlite3 *import_open(const char *path, const char *const *tables, GError **error)
{
    struct import import = {.source = path};
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode)) {
        fail(&import, "no such file", error);
        return NULL;
    }
    if (sqlite3_open_v2(path, &import.from, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
        sqlite3_limit(import.from, SQLITE_LIMIT_LENGTH, 64 << 20);
        sqlite3_db_config(import.from, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(import.from, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        char *problem = unexpected(import.from, tables);
        if (!problem)
            return import.from;
        fail(&import, problem, error);
        g_free(problem);
    } else {
        fail(&import, sqlite3_errmsg(import.from), error);
    }
    sqlite3_close(import.from);
    return NULL;
}

/* ---- games ---- */

static struct record *read_game(sqlite3_stmt *statement, GError **error)
{
    struct game game;
    struct record *record = NULL;
    const void *data = sqlite3_column_blob(statement, 2);
    size_t size = (size_t)sqlite3_column_bytes(statement, 2);
    if (!game_parse(&game, database_text(statement, 1), error) ||
        record_unpack(&record, &game, data, size, error) != 0)
        return NULL;
    if (record->number == (uint64_t)sqlite3_column_int64(statement, 0) && game_equal(&record->game, &game))
        return record;
    g_set_error_literal(error, RECORD_ERROR, RECORD_ERROR_BLOB, "its data is that of another game");
    record_unref(record);
    return NULL;
}

static bool flush(struct import *import, struct store *to, GPtrArray *batch, GError **error)
{
    bool good = batch->len == 0 ||
                store_add_games(to, (struct record *const *)(void *)batch->pdata, (int)batch->len, error);
    import->kept += good ? batch->len : 0;
    g_ptr_array_set_size(batch, 0);
    return good;
}

/* A row that cannot be read, or whose game cannot: the end of a strict import. */
static bool lose(struct import *import, int64_t row, GError *problem, GError **error)
{
    import->lost++;
    if (import->lenient)
        g_error_free(problem);
    else
        g_propagate_prefixed_error(error, problem, "%s: row %" G_GINT64_FORMAT " of the games cannot be read: ",
                                   import->source, row);
    return import->lenient;
}

/* Moves to the first row from *row on. 1: found, 0: there is none, -1: the database cannot be read there. */
static int seek(sqlite3_stmt *statement, int64_t *row)
{
    sqlite3_reset(statement);
    sqlite3_bind_int64(statement, 1, *row);
    int code = sqlite3_step(statement);
    if (code != SQLITE_ROW)
        return code == SQLITE_DONE ? 0 : -1;
    int64_t found = sqlite3_column_int64(statement, 3);
    bool ordered = found >= *row && found < INT64_MAX;
    *row = ordered ? found : *row;
    return ordered && sqlite3_column_bytes(statement, 2) <= BLOB_MAX ? 1 : -1;
}

static bool copy_games(struct import *import, struct store *to, sqlite3_stmt *statement, GPtrArray *batch, GError **error)
{
    int failures = 0;
    for (int64_t row = 0; failures < MAX_FAILURES; row++) {
        GError *problem = NULL;
        int found = seek(statement, &row);
        if (found == 0)
            break;
        struct record *record = found > 0 ? read_game(statement, &problem) : NULL;
        if (record) {
            failures = 0;
            g_ptr_array_add(batch, record);
            if (batch->len == BATCH && !flush(import, to, batch, error))
                return false;
            continue;
        }
        if (!problem)
            g_set_error_literal(&problem, RECORD_ERROR, RECORD_ERROR_BLOB, sqlite3_errmsg(import->from));
        failures++;
        if (!lose(import, row, problem, error))
            return false;
    }
    return flush(import, to, batch, error);
}

bool import_games(struct import *import, struct store *to, GError **error)
{
    sqlite3_stmt *statement = NULL;
    const char sql[] = "SELECT number, spec, data, rowid FROM games WHERE rowid >= ?1 ORDER BY rowid LIMIT 1";
    if (sqlite3_prepare_v2(import->from, sql, -1, &statement, NULL) != SQLITE_OK)
        return import->lenient || fail(import, sqlite3_errmsg(import->from), error);
    GPtrArray *batch = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    bool good = copy_games(import, to, statement, batch, error);
    g_ptr_array_unref(batch);
    sqlite3_finalize(statement);
    return good;
}

/* ---- settings ---- */

bool import_settings(struct import *import, struct store *to, GError **error)
{
    sqlite3_stmt *statement = NULL;
    struct settings scratch = {0};
    bool good = sqlite3_prepare_v2(import->from, "SELECT name, value FROM settings", -1, &statement, NULL) == SQLITE_OK;
    int count = 0;
    store_lock(to);
    while (good && sqlite3_step(statement) == SQLITE_ROW) {
        const char *name = database_text(statement, 0), *value = database_text(statement, 1);
        if (!settings_set(&scratch, name, value, NULL))
            continue; /* of another version, or damaged */
        count++;
        good = database_finish(
            &to->database,
            database_prepare(&to->database, "INSERT OR REPLACE INTO settings VALUES (?1, ?2)", "ss", name, value),
            "write settings", error);
    }
    store_unlock(to);
    sqlite3_finalize(statement);
    if (count == 0)
        return fail(import, "it contains no settings of a run", error);
    return good;
}

/* ---- totals ---- */

/* Runs older than the table have none. */
static bool import_spent(const struct import *import, struct store *to, GError **error)
{
    const struct store_spent spent = store_read_spent(import->from);
    return spent.seconds <= 0 || store_add_spent(to, &spent, error);
}

bool import_rung_games(const struct import *import, struct store *to, GError **error)
{
    struct store old = {.database = {.db = import->from}};
    pthread_mutex_init(&old.lock, NULL);
    GArray *games = store_rung_games(&old);
    pthread_mutex_destroy(&old.lock);
    bool good = games->len == 0 ||
                store_add_rung_games(to, (const struct store_rung_game *)games->data, (int)games->len, error);
    g_array_unref(games);
    return good;
}

bool import_totals(struct import *import, struct store *to, GError **error)
{
    sqlite3_stmt *statement = NULL;
    bool good = import_spent(import, to, error);
    if (good &&
        sqlite3_prepare_v2(import->from, "SELECT games, plies, rows FROM totals", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        store_lock(to);
        good = database_finish(
            &to->database,
            database_prepare(&to->database,
                             "UPDATE totals SET games = max(games, ?1), plies = max(plies, ?2), rows = max(rows, ?3)",
                             "iii", (int64_t)sqlite3_column_int64(statement, 0), (int64_t)sqlite3_column_int64(statement, 1),
                             (int64_t)sqlite3_column_int64(statement, 2)),
            "write totals", error);
        store_unlock(to);
    }
    sqlite3_finalize(statement);
    return good;
}

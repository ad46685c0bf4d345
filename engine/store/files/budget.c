#include "engine/store/files/budget.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/store/database.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/store/store_internal.h"

/* Games in a transaction. */
enum { BATCH = 500 };

#define CALL_S 0.5 /* about as long as a call may take, so that the caller can stop */

/* ---- how much it is ---- */

static int64_t folder_size(const char *folder, int depth)
{
    int64_t sum = 0;
    GDir *names = g_dir_open(folder, 0, NULL);
    for (const char *name; names && (name = g_dir_read_name(names));) {
        struct stat about;
        char *path = g_build_filename(folder, name, NULL);
        const bool is_second_name = strcmp(name, "best.safetensors") == 0;
        if (lstat(path, &about) != 0)
            about = (struct stat){0}; /* removed meanwhile */
        if (S_ISDIR(about.st_mode) && depth > 0)
            sum += folder_size(path, depth - 1);
        else if (S_ISREG(about.st_mode) && !(is_second_name && about.st_nlink > 1))
            sum += about.st_size;
        g_free(path);
    }
    if (names)
        g_dir_close(names);
    return sum;
}

int64_t budget_used(const struct store *store)
{
    return folder_size(store_folder(store), 1);
}

/* ---- games ---- */

/* The number of the oldest of the newest games with `rows` rows; 0 if there are not more. With the lock. */
static int64_t first_needed(struct store *store, int64_t rows)
{
    sqlite3_stmt *statement =
        database_prepare(&store->database, "SELECT number, rows FROM games ORDER BY number DESC", "");
    int64_t number = 0;
    bool found = false;
    while (!found && statement && sqlite3_step(statement) == SQLITE_ROW) {
        rows -= sqlite3_column_int64(statement, 1);
        number = sqlite3_column_int64(statement, 0);
        found = rows <= 0;
    }
    sqlite3_finalize(statement);
    return found ? number : 0;
}

/* The game without policies; NULL if it cannot be read. */
static GBytes *without_targets(const void *data, size_t size)
{
    struct record *record;
    if (record_unpack(&record, NULL, data, size, NULL) != 0)
        return NULL;
    for (int i = 0; i < record->ply_count; i++) {
        record->plies[i].flags &= (uint8_t)~RECORD_TRAIN;
        record->plies[i].share_count = 0;
    }
    record->share_count = 0;
    record->rows = 0;
    GBytes *packed = record_pack(record);
    record_unref(record);
    return packed;
}

static bool replace_data(struct store *store, int64_t number, GBytes *data, GError **error)
{
    gsize size = 0;
    sqlite3_stmt *update = database_prepare(&store->database,
                                            data ? "UPDATE games SET rows = 0, data = ?2 WHERE number = ?1"
                                                 : "UPDATE games SET rows = 0 WHERE number = ?1",
                                            "i", number);
    const void *bytes = data ? g_bytes_get_data(data, &size) : NULL;
    if (update && data)
        sqlite3_bind_blob64(update, 2, bytes, size, SQLITE_STATIC);
    return database_finish(&store->database, update, "write a game", error);
}

/* Returns the number of games, at most BATCH; -1 on failure. Within a transaction. */
static int strip(struct store *store, int64_t before, GError **error)
{
    sqlite3_stmt *games =
        database_prepare(&store->database,
                         "SELECT number, data FROM games WHERE number >= ?1 AND number < ?2 AND rows > 0"
                         " ORDER BY number LIMIT 500",
                         "ii", store->stripped, before);
    G_STATIC_ASSERT(BATCH == 500);
    int count = 0;
    bool good = games != NULL || database_failed(&store->database, "read games", error);
    while (good && sqlite3_step(games) == SQLITE_ROW) {
        const int64_t number = sqlite3_column_int64(games, 0);
        GBytes *data = without_targets(sqlite3_column_blob(games, 1), (size_t)sqlite3_column_bytes(games, 1));
        good = replace_data(store, number, data, error);
        if (data)
            g_bytes_unref(data);
        store->stripped = number + 1;
        count++;
    }
    sqlite3_finalize(games);
    return good ? count : -1;
}

static int delete_oldest(struct store *store, int64_t before, GError **error)
{
    const bool good = database_finish(
        &store->database,
        database_prepare(
            &store->database,
            "DELETE FROM games WHERE number IN (SELECT number FROM games WHERE number < ?1 ORDER BY number LIMIT ?2)",
            "ii", before, (int64_t)BATCH),
        "delete games", error);
    return good ? sqlite3_changes(store->database.db) : -1;
}

/* Strips or deletes some games. Returns their number; -1 on failure. */
static int shrink_games(struct store *store, int64_t rows,
                        int (*how)(struct store *store, int64_t before, GError **error), GError **error)
{
    store_lock(store);
    int count = -1;
    if (database_begin(&store->database, error)) {
        count = how(store, first_needed(store, rows), error);
        if (!database_end(&store->database, count >= 0, error))
            count = -1;
    }
    /* The freed pages go back to the file system; if that fails, or a reader is in the way, the next time. */
    if (count > 0)
        sqlite3_exec(store->database.db, "PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL,
                     NULL);
    store_unlock(store);
    return count;
}

/* ---- all of it ---- */

bool budget_keep(struct store *store, int64_t bytes, int64_t rows, enum budget *budget, GError **error)
{
    const int64_t goal = bytes - bytes / 20; /* so that it does not begin again at once */
    const gint64 until = g_get_monotonic_time() + (gint64)(CALL_S * G_USEC_PER_SEC);
    int64_t used = budget_used(store);
    int done = 1;
    *budget = BUDGET_KEPT;
    if (used <= bytes)
        return true;
    while (done > 0 && used > goal && g_get_monotonic_time() < until) {
        done = shrink_games(store, rows, strip, error);
        if (done == 0)
            done = store_thin_nets(store, error);
        if (done == 0)
            done = shrink_games(store, rows, delete_oldest, error);
        if (done < 0)
            return false;
        used = budget_used(store);
    }
    *budget = done > 0 && used > goal ? BUDGET_MORE : used <= bytes ? BUDGET_KEPT : BUDGET_IMPOSSIBLE;
    return true;
}

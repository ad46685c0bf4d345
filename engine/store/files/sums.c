#include "engine/store/files/sums.h"

#include <sqlite3.h>
#include <string.h>

#include "engine/store/database.h"
#include "engine/store/store.h"
#include "engine/store/store_internal.h"

static char *sum_of(const char *path, GError **error)
{
    char *bytes;
    gsize size;
    if (!g_file_get_contents(path, &bytes, &size, error))
        return NULL;
    char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, size);
    g_free(bytes);
    return sum;
}

static bool add_sum(struct store *store, const char *name, GError **error)
{
    char *path = store_net_path(store, name), *sum = sum_of(path, error);
    bool good = sum && database_finish(&store->database,
                                       database_prepare(&store->database, "INSERT OR REPLACE INTO sums VALUES (?1, ?2)",
                                                        "ss", name, sum),
                                       "write a checksum", error);
    g_free(path);
    g_free(sum);
    return good;
}

/* Runs from before have no table. */
bool sums_add(struct store *store, const char *const *names, int count, GError **error)
{
    bool good = database_execute(
        &store->database, "CREATE TABLE IF NOT EXISTS sums (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID",
        "create a table", error);
    for (int i = 0; good && i < count; i++)
        good = add_sum(store, names[i], error);
    return good;
}

static bool has_table(struct store *store)
{
    return database_number(&store->database, "SELECT count(*) FROM sqlite_master WHERE name = 'sums'", 0) > 0;
}

bool sums_drop(struct store *store, const char *name, GError **error)
{
    return !has_table(store) ||
           database_finish(&store->database,
                           database_prepare(&store->database, "DELETE FROM sums WHERE name = ?1", "s", name),
                           "delete a checksum", error);
}

/* NULL: none. */
static char *stored_sum(struct store *store, const char *name)
{
    char *sum = NULL;
    store_lock(store);
    sqlite3_stmt *statement =
        has_table(store) ? database_prepare(&store->database, "SELECT sha256 FROM sums WHERE name = ?1", "s", name)
                         : NULL;
    if (statement && sqlite3_step(statement) == SQLITE_ROW)
        sum = g_strdup(database_text(statement, 0));
    sqlite3_finalize(statement);
    store_unlock(store);
    return sum;
}

bool sums_check(struct store *store, const char *name, GError **error)
{
    char *path = store_net_path(store, name), *is = sum_of(path, error), *was = stored_sum(store, name);
    const bool good = is && (!was || strcmp(is, was) == 0);
    if (is && !good)
        g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_FAILED,
                    "%s is damaged: its contents are not those that were written", path);
    g_free(path);
    g_free(is);
    g_free(was);
    return good;
}

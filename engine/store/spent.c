/* The processor time that a run has spent, and on what. Each table is created with its first entry: older runs have neither, or the total
 * alone. */
#include <math.h>
#include <sqlite3.h>

#include "engine/store/database.h"
#include "engine/store/store.h"
#include "engine/store/store_internal.h"

static bool add_total(struct store *store, double seconds, GError **error)
{
    return database_execute(&store->database,
                            "CREATE TABLE IF NOT EXISTS spent (id INTEGER PRIMARY KEY CHECK (id = 0), processor_seconds"
                            " REAL NOT NULL)",
                            "create a table", error) &&
           database_finish(&store->database,
                           database_prepare(&store->database,
                                            "INSERT INTO spent VALUES (0, ?1) ON CONFLICT (id) DO UPDATE SET"
                                            " processor_seconds = processor_seconds + ?1",
                                            "d", seconds),
                           "write the processor time", error);
}

static bool add_parts(struct store *store, double divided, double self_play, GError **error)
{
    return database_execute(&store->database,
                            "CREATE TABLE IF NOT EXISTS spent_parts (id INTEGER PRIMARY KEY CHECK (id = 0), divided"
                            " REAL NOT NULL, self_play REAL NOT NULL)",
                            "create a table", error) &&
           database_finish(&store->database,
                           database_prepare(&store->database,
                                            "INSERT INTO spent_parts VALUES (0, ?1, ?2) ON CONFLICT (id) DO UPDATE SET"
                                            " divided = divided + ?1, self_play = self_play + ?2",
                                            "dd", divided, self_play),
                           "write the processor time", error);
}

bool store_add_spent(struct store *store, const struct store_spent *more, GError **error)
{
    store_lock(store);
    bool good = add_total(store, more->seconds, error) &&
                (more->divided <= 0 || add_parts(store, more->divided, more->self_play, error));
    store_unlock(store);
    return good;
}

/* Of the first two columns of the first row; zeros if there is no such table, or it is damaged. */
static void read_row(sqlite3 *db, const char *sql, double *first, double *second)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        *first = sqlite3_column_double(statement, 0);
        *second = sqlite3_column_double(statement, 1);
    }
    sqlite3_finalize(statement);
}

struct store_spent store_read_spent(struct sqlite3 *db)
{
    struct store_spent spent = {0};
    read_row(db, "SELECT processor_seconds, 0 FROM spent", &spent.seconds, &(double){0});
    read_row(db, "SELECT divided, self_play FROM spent_parts", &spent.divided, &spent.self_play);
    if (!isfinite(spent.seconds) || spent.seconds < 0)
        spent.seconds = 0;
    if (!isfinite(spent.divided) || !(spent.self_play >= 0 && spent.self_play <= spent.divided))
        spent.divided = spent.self_play = 0;
    return spent;
}

struct store_spent store_spent(struct store *store)
{
    store_lock(store);
    const struct store_spent spent = store_read_spent(store->database.db);
    store_unlock(store);
    return spent;
}

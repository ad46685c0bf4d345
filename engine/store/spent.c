/* The processor time that a run has spent. Its table is created with the first entry: older runs have none. */
#include <math.h>
#include <sqlite3.h>

#include "engine/store/database.h"
#include "engine/store/store.h"
#include "engine/store/store_internal.h"

bool store_add_processor_time(struct store *store, double seconds, GError **error)
{
    store_lock(store);
    bool good =
        database_execute(&store->database,
                         "CREATE TABLE IF NOT EXISTS spent (id INTEGER PRIMARY KEY CHECK (id = 0), processor_seconds"
                         " REAL NOT NULL)",
                         "create a table", error) &&
        database_finish(&store->database,
                        database_prepare(&store->database,
                                         "INSERT INTO spent VALUES (0, ?1) ON CONFLICT (id) DO UPDATE SET"
                                         " processor_seconds = processor_seconds + ?1",
                                         "d", seconds),
                        "write the processor time", error);
    store_unlock(store);
    return good;
}

double store_processor_time(struct store *store)
{
    double seconds = 0;
    sqlite3_stmt *statement = NULL;
    store_lock(store);
    if (sqlite3_prepare_v2(store->database.db, "SELECT processor_seconds FROM spent", -1, &statement, NULL) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        seconds = sqlite3_column_double(statement, 0);
    sqlite3_finalize(statement);
    store_unlock(store);
    return isfinite(seconds) && seconds > 0 ? seconds : 0;
}

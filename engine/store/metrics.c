/* The metrics of a run: one row a report; and its events. */
#include <math.h>
#include <sqlite3.h>

#include "engine/store/database.h"
#include "engine/store/store.h"
#include "engine/store/store_internal.h"

/* Columns that runs of older programs lack. */
static const struct column {
    const char *name, *type;
} later[] = {{"visits", "INTEGER"},
             {"unseen_policy_loss", "REAL"},
             {"unseen_value_loss", "REAL"},
             {"memory", "REAL"},
             {"disk", "REAL"}};

static bool has_column(struct store *store, const char *name)
{
    char *sql = g_strdup_printf("SELECT count(*) FROM pragma_table_info('metrics') WHERE name = '%s'", name);
    const bool has = database_number(&store->database, sql, 0) > 0;
    g_free(sql);
    return has;
}

static bool add_columns(struct store *store, GError **error)
{
    bool good = true;
    for (size_t i = 0; i < G_N_ELEMENTS(later) && good; i++) {
        char *sql = g_strdup_printf("ALTER TABLE metrics ADD COLUMN %s %s", later[i].name, later[i].type);
        good = has_column(store, later[i].name) || database_execute(&store->database, sql, "extend the metrics", error);
        g_free(sql);
    }
    return good;
}

static bool add_metric(struct store *store, const struct store_metric *m, GError **error)
{
    if (!add_columns(store, error))
        return false;
    sqlite3_stmt *statement = database_prepare(
        &store->database,
        "INSERT INTO metrics (seconds, games, positions, steps, samples, generation, loss, policy_loss, value_loss,"
        " games_per_s, evals_per_s, plies_per_game, diversity, visits, unseen_policy_loss, unseen_value_loss,"
        " memory, disk) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        "diiiiidddddddidddd", m->seconds, m->games, m->positions, m->steps, m->samples, (int64_t)m->generation, m->loss,
        m->policy_loss, m->value_loss, m->games_per_s, m->evals_per_s, m->plies_per_game, m->diversity, m->visits,
        m->unseen_policy_loss, m->unseen_value_loss, m->memory, m->disk); /* NAN is stored as NULL */
    return database_finish(&store->database, statement, "write a metric", error);
}

bool store_add_metric(struct store *store, const struct store_metric *metric, GError **error)
{
    store_lock(store);
    bool good = add_metric(store, metric, error);
    store_unlock(store);
    return good;
}

static double number_or_nan(sqlite3_stmt *s, int column)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL ? NAN : sqlite3_column_double(s, column);
}

int store_read_metrics(struct store *store, int64_t *last, GArray *metrics)
{
    int count = 0;
    store_lock(store);
    const bool unseen = has_column(store, "unseen_value_loss");
    char *sql = g_strdup_printf(
        "SELECT id, seconds, games, positions, steps, samples, generation, loss, policy_loss,"
        " value_loss, games_per_s, evals_per_s, plies_per_game, diversity, %s, %s, %s FROM metrics"
        " WHERE id > ?1 ORDER BY id",
        has_column(store, "visits") ? "visits" : "0", unseen ? "unseen_policy_loss, unseen_value_loss" : "NULL, NULL",
        has_column(store, "disk") ? "memory, disk" : "NULL, NULL");
    sqlite3_stmt *s = database_prepare(&store->database, sql, "i", *last);
    g_free(sql);
    for (; s && sqlite3_step(s) == SQLITE_ROW; count++) {
        const struct store_metric metric = {.seconds = sqlite3_column_double(s, 1),
                                            .games = sqlite3_column_int64(s, 2),
                                            .positions = sqlite3_column_int64(s, 3),
                                            .steps = sqlite3_column_int64(s, 4),
                                            .samples = sqlite3_column_int64(s, 5),
                                            .generation = (uint32_t)sqlite3_column_int64(s, 6),
                                            .loss = sqlite3_column_double(s, 7),
                                            .policy_loss = sqlite3_column_double(s, 8),
                                            .value_loss = sqlite3_column_double(s, 9),
                                            .games_per_s = sqlite3_column_double(s, 10),
                                            .evals_per_s = sqlite3_column_double(s, 11),
                                            .plies_per_game = sqlite3_column_double(s, 12),
                                            .diversity = sqlite3_column_double(s, 13),
                                            .visits = sqlite3_column_int64(s, 14),
                                            .unseen_policy_loss = number_or_nan(s, 15),
                                            .unseen_value_loss = number_or_nan(s, 16),
                                            .memory = number_or_nan(s, 17),
                                            .disk = number_or_nan(s, 18)};
        *last = sqlite3_column_int64(s, 0);
        g_array_append_val(metrics, metric);
    }
    sqlite3_finalize(s);
    store_unlock(store);
    return count;
}

/* ---- events ---- */

bool store_add_event(struct store *store, const char *what, GError **error)
{
    store_lock(store);
    bool good =
        database_execute(
            &store->database,
            "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, added INTEGER NOT NULL, what TEXT NOT NULL)",
            "create a table", error) &&
        database_finish(&store->database,
                        database_prepare(&store->database, "INSERT INTO events (added, what) VALUES (?1, ?2)", "is",
                                         g_get_real_time() / G_USEC_PER_SEC, what),
                        "write an event", error);
    store_unlock(store);
    return good;
}

GPtrArray *store_events(struct store *store)
{
    static const char sql[] =
        "SELECT strftime('%Y-%m-%d %H:%M', added, 'unixepoch', 'localtime') || '  ' || what FROM events"
        " WHERE typeof(what) = 'text' AND typeof(added) = 'integer' ORDER BY id";
    GPtrArray *events = g_ptr_array_new_with_free_func(g_free);
    store_lock(store);
    const bool any =
        database_number(&store->database, "SELECT count(*) FROM sqlite_master WHERE name = 'events'", 0) > 0;
    sqlite3_stmt *statement = any ? database_prepare(&store->database, sql, "") : NULL;
    while (statement && sqlite3_step(statement) == SQLITE_ROW)
        g_ptr_array_add(events, g_strdup(database_text(statement, 0)));
    sqlite3_finalize(statement);
    store_unlock(store);
    return events;
}

/* The metrics of a run: one row a report. */
#include <sqlite3.h>

#include "engine/store/database.h"
#include "engine/store/store.h"
#include "engine/store/store_internal.h"

bool store_add_metric(struct store *store, const struct store_metric *m, GError **error)
{
    store_lock(store);
    sqlite3_stmt *statement = database_prepare(
        &store->database, "INSERT INTO metrics VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        "diiiiiddddddd", m->seconds, m->games, m->positions, m->steps, m->samples, (int64_t)m->generation, m->loss,
        m->policy_loss, m->value_loss, m->games_per_s, m->evals_per_s, m->plies_per_game, m->diversity);
    bool good = database_finish(&store->database, statement, "write a metric", error);
    store_unlock(store);
    return good;
}

int store_read_metrics(struct store *store, int64_t *last, GArray *metrics)
{
    int count = 0;
    store_lock(store);
    sqlite3_stmt *s =
        database_prepare(&store->database,
                         "SELECT id, seconds, games, positions, steps, samples, generation, loss, policy_loss,"
                         " value_loss, games_per_s, evals_per_s, plies_per_game, diversity FROM metrics WHERE id > ?1"
                         " ORDER BY id",
                         "i", *last);
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
                                            .diversity = sqlite3_column_double(s, 13)};
        *last = sqlite3_column_int64(s, 0);
        g_array_append_val(metrics, metric);
    }
    sqlite3_finalize(s);
    store_unlock(store);
    return count;
}

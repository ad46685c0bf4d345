/* The games of a run: counting, writing and loading. */
#include <sqlite3.h>

#include "engine/store/database.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/store/store_internal.h"
#include "games/game.h"
#include "games/scope.h"

bool store_count_before(struct store *store, int64_t before, struct store_counts *counts, GError **error)
{
    static const char all[] =
        "SELECT games, plies, rows, (SELECT coalesce(max(number) + 1, 0) FROM games) FROM totals WHERE ?1 IS NOT NULL";
    static const char some[] = "SELECT count(*), coalesce(sum(plies), 0), coalesce(sum(rows), 0),"
                               " coalesce(max(number) + 1, 0) FROM games WHERE number < ?1";
    store_lock(store);
    sqlite3_stmt *statement = database_prepare(&store->database, before == STORE_ALL_GAMES ? all : some, "i", before);
    bool good = statement && sqlite3_step(statement) == SQLITE_ROW;
    if (good)
        *counts = (struct store_counts){.games = sqlite3_column_int64(statement, 0),
                                        .plies = sqlite3_column_int64(statement, 1),
                                        .rows = sqlite3_column_int64(statement, 2),
                                        .next_number = (uint64_t)sqlite3_column_int64(statement, 3)};
    else
        database_failed(&store->database, "count games", error);
    sqlite3_finalize(statement);
    store_unlock(store);
    return good;
}

bool store_count(struct store *store, struct store_counts *counts, GError **error)
{
    return store_count_before(store, STORE_ALL_GAMES, counts, error);
}

bool store_scope(struct store *store, struct game_scope *scope, GError **error)
{
    int code = SQLITE_ERROR;
    struct game game;
    store_lock(store);
    sqlite3_stmt *statement = database_prepare(&store->database, "SELECT spec, count(*) FROM games GROUP BY spec", "");
    while (statement && (code = sqlite3_step(statement)) == SQLITE_ROW)
        if (sqlite3_column_type(statement, 0) == SQLITE_TEXT && game_parse(&game, database_text(statement, 0), NULL))
            game_scope_add(scope, &game, sqlite3_column_int64(statement, 1));
    bool good = code == SQLITE_DONE || database_failed(&store->database, "read games", error);
    sqlite3_finalize(statement);
    store_unlock(store);
    return good;
}

static bool insert_game(struct store *store, const struct record *record, GError **error)
{
    char spec[GAME_SPEC_MAX];
    game_format(&record->game, spec);
    sqlite3_stmt *statement = database_prepare(
        &store->database, "INSERT INTO games VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", "isiiiidiii",
        (int64_t)record->number, spec, (int64_t)record->generation, (int64_t)record->ply_count, (int64_t)record->rows,
        (int64_t)record->result.outcome, (double)record->result.margin, (int64_t)record->opening_hash,
        (int64_t)record->moves_hash, g_get_real_time() / G_USEC_PER_SEC);
    GBytes *blob = record_pack(record);
    gsize size;
    const void *data = g_bytes_get_data(blob, &size);
    if (statement)
        sqlite3_bind_blob64(statement, 11, data, size, SQLITE_STATIC);
    bool good = database_finish(&store->database, statement, "write a game", error);
    g_bytes_unref(blob);
    return good;
}

bool store_insert_games(struct store *store, struct record *const *records, int count, GError **error)
{
    int64_t plies = 0, rows = 0;
    for (int i = 0; i < count; i++) {
        if (!insert_game(store, records[i], error))
            return false;
        plies += records[i]->ply_count;
        rows += records[i]->rows;
    }
    return database_finish(
        &store->database,
        database_prepare(&store->database, "UPDATE totals SET games = games + ?1, plies = plies + ?2, rows = rows + ?3",
                         "iii", (int64_t)count, plies, rows),
        "write totals", error);
}

bool store_add_games(struct store *store, struct record *const *records, int count, GError **error)
{
    store_lock(store);
    bool good = database_begin(&store->database, error);
    if (good)
        good = database_end(&store->database, store_insert_games(store, records, count, error), error);
    store_unlock(store);
    return good;
}

/* Parses a row's spec; returns false unless it is of the same kind and size as one of `games`. */
static bool parse_matching(struct game *game, const char *spec, const struct game *games, int game_count)
{
    bool parsed = game_parse(game, spec, NULL);
    for (int i = 0; parsed && i < game_count; i++)
        if (game->ops == games[i].ops && game->width == games[i].width && game->height == games[i].height)
            return true;
    return false;
}

static bool read_game(sqlite3_stmt *statement, const struct game *game, struct record **record, GError **error)
{
    const void *data = sqlite3_column_blob(statement, 1);
    if (record_unpack(record, game, data, (size_t)sqlite3_column_bytes(statement, 1), error) != 0)
        return false;
    if (game_equal(&(*record)->game, game))
        return true;
    g_set_error(error, RECORD_ERROR, RECORD_ERROR_BLOB,
                "game %" G_GUINT64_FORMAT ": the spec in its data does not match its row", (*record)->number);
    g_clear_pointer(record, record_unref);
    return false;
}

static bool read_games(struct store *store, sqlite3_stmt *statement, const struct store_range *range,
                       const struct game *games, int game_count, GPtrArray *out, GError **error)
{
    int code;
    int64_t rows = 0, bytes = 0;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && rows < range->rows &&
           (range->bytes == 0 || bytes < range->bytes)) {
        struct game game;
        struct record *record;
        if (sqlite3_column_type(statement, 0) != SQLITE_TEXT)
            return database_damaged(&store->database, "a game without a spec", error);
        if (!parse_matching(&game, database_text(statement, 0), games, game_count))
            continue;
        if (!read_game(statement, &game, &record, error)) {
            g_prefix_error(error, "%s/run.db: ", store->folder);
            return false;
        }
        rows += record->rows;
        bytes += (int64_t)record_memory(record);
        g_ptr_array_add(out, record);
    }
    return code == SQLITE_DONE || code == SQLITE_ROW || database_failed(&store->database, "read games", error);
}

bool store_load_range(struct store *store, const struct store_range *range, const struct game *games, int game_count,
                      GPtrArray **out, GError **error)
{
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    store_lock(store);
    sqlite3_stmt *statement = database_prepare(
        &store->database, "SELECT spec, data FROM games WHERE number < ?1 ORDER BY number DESC", "i", range->before);
    bool good = statement ? read_games(store, statement, range, games, game_count, found, error)
                          : database_failed(&store->database, "read games", error);
    sqlite3_finalize(statement);
    store_unlock(store);
    for (guint i = 0; i < found->len / 2; i++) {
        gpointer other = found->pdata[found->len - 1 - i];
        found->pdata[found->len - 1 - i] = found->pdata[i];
        found->pdata[i] = other;
    }
    *out = good ? found : NULL;
    if (!good)
        g_ptr_array_unref(found);
    return good;
}

bool store_load_games(struct store *store, const struct game *games, int game_count, int64_t rows, GPtrArray **out,
                      GError **error)
{
    const struct store_range range = {.before = STORE_ALL_GAMES, .rows = rows};
    return store_load_range(store, &range, games, game_count, out, error);
}

/* The games by which a run measures its own strength. Their table is created with the first one: older runs have none. */
#include <sqlite3.h>

#include "engine/store/database.h"
#include "engine/store/store.h"
#include "engine/store/store_internal.h"

static const char table[] =
    "CREATE TABLE IF NOT EXISTS rung_games (id INTEGER PRIMARY KEY, pair INTEGER NOT NULL, generation INTEGER NOT NULL,"
    " rung TEXT NOT NULL, first INTEGER NOT NULL, points REAL NOT NULL, plies INTEGER NOT NULL, seconds REAL NOT NULL)";

static bool insert(struct store *store, const struct store_rung_game *game, GError **error)
{
    return database_finish(&store->database,
                           database_prepare(&store->database,
                                            "INSERT INTO rung_games VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                                            "iisidid", game->pair, (int64_t)game->generation, game->rung,
                                            (int64_t)game->first, game->points, (int64_t)game->plies, game->seconds),
                           "write a game", error);
}

bool store_add_rung_games(struct store *store, const struct store_rung_game *games, int count, GError **error)
{
    store_lock(store);
    bool good = database_begin(&store->database, error);
    if (good) {
        bool all = database_execute(&store->database, table, "create a table", error);
        for (int i = 0; all && i < count; i++)
            all = insert(store, &games[i], error);
        good = database_end(&store->database, all, error);
    }
    store_unlock(store);
    return good;
}

/* A damaged file may hold anything. */
static bool is_sound(const struct store_rung_game *game)
{
    return game->pair >= 0 && game->plies >= 0 && game->rung[0] &&
           (game->points == 0 || game->points == 0.5 || game->points == 1);
}

GArray *store_rung_games(struct store *store)
{
    GArray *games = g_array_new(FALSE, FALSE, sizeof(struct store_rung_game));
    sqlite3_stmt *s = NULL;
    store_lock(store);
    if (sqlite3_prepare_v2(store->database.db,
                           "SELECT pair, generation, rung, first, points, plies, seconds FROM rung_games ORDER BY id",
                           -1, &s, NULL) == SQLITE_OK)
        while (sqlite3_step(s) == SQLITE_ROW) {
            struct store_rung_game game = {.pair = sqlite3_column_int64(s, 0),
                                           .generation = (uint32_t)sqlite3_column_int64(s, 1),
                                           .first = sqlite3_column_int64(s, 3) != 0,
                                           .points = sqlite3_column_double(s, 4),
                                           .plies = (int)sqlite3_column_int64(s, 5),
                                           .seconds = sqlite3_column_double(s, 6)};
            g_strlcpy(game.rung, database_text(s, 2), sizeof game.rung);
            if (is_sound(&game))
                g_array_append_val(games, game);
        }
    sqlite3_finalize(s);
    store_unlock(store);
    return games;
}

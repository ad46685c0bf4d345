#include "engine/store/pack/held.h"

#include "engine/store/import.h"
#include "engine/store/pack/state.h"
#include "engine/store/store.h"
#include "engine/store/store_internal.h"
#include "mcts/evaluator.h"
#include "net/net.h"

GBytes *pack_held_net(struct store *store, uint32_t *generation)
{
    bool held;
    char *bytes;
    gsize size;
    *generation = store_best(store, &held);
    if (!held)
        return NULL;
    char *name = store_generation_name(*generation), *path = store_net_path(store, name);
    GBytes *packed = NULL;
    if (g_file_get_contents(path, &bytes, &size, NULL)) {
        packed = pack_compress_state((guint8 *)bytes, size, 4);
        g_free(bytes);
    }
    g_free(name);
    g_free(path);
    return packed;
}

bool pack_insert_held(sqlite3 *db, const char *path, GBytes *held, uint32_t generation, GError **error)
{
    if (!held)
        return true;
    gsize size;
    const void *data = g_bytes_get_data(held, &size);
    sqlite3_stmt *statement = NULL;
    bool good =
        sqlite3_prepare_v2(db,
                           "CREATE TABLE pack.held (generation INTEGER, steps INTEGER, samples INTEGER, games INTEGER,"
                           " rows INTEGER, seconds REAL, rate_scale REAL, bytes INTEGER, data BLOB)",
                           -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_finalize(statement);
    statement = NULL;
    good = good &&
           sqlite3_prepare_v2(db,
                              "INSERT INTO pack.held SELECT " STORE_CHECKPOINT_COLUMNS
                              ", ?1 FROM main.checkpoints WHERE generation = ?2",
                              -1, &statement, NULL) == SQLITE_OK &&
           sqlite3_bind_blob64(statement, 1, data, size, SQLITE_STATIC) == SQLITE_OK &&
           sqlite3_bind_int64(statement, 2, generation) == SQLITE_OK && sqlite3_step(statement) == SQLITE_DONE;
    if (!good)
        g_set_error(error, STORE_ERROR, STORE_ERROR_PLACE, "%s: %s", path, sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    return good;
}

/* Writes the net as that of the generation, if it is one of the run's game. */
static bool write_held(struct store *store, const struct game *game, uint32_t generation, const guint8 *bytes,
                       size_t size, GError **error)
{
    struct net *net = NULL;
    char *name = store_generation_name(generation), *to = store_net_path(store, name);
    bool good = net_read_bytes(&net, bytes, size, "the held net", error) == 0 &&
                evaluator_net_features(net, game, error) && net_save(net, to, net_note(net), error) == 0;
    net_unref(net);
    g_free(name);
    g_free(to);
    return good;
}

bool pack_restore_held(const struct import *import, struct store *store, const struct game *game, size_t most,
                       GError **error)
{
    sqlite3_stmt *statement = NULL;
    size_t size = 0;
    struct store_checkpoint c;
    bool good = true;
    if (sqlite3_prepare_v2(import->from, "SELECT " STORE_CHECKPOINT_COLUMNS ", data FROM held", -1, &statement, NULL) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        const sqlite3_int64 generation = sqlite3_column_int64(statement, 0);
        store_checkpoint_of_row(statement, &c);
        guint8 *bytes = pack_expand_state(sqlite3_column_blob(statement, 8), (size_t)sqlite3_column_bytes(statement, 8),
                                          most, &size);
        good = bytes && generation >= 0 && generation <= UINT32_MAX && store_checkpoint_is_sound(&c);
        if (!good)
            g_set_error(error, STORE_ERROR, STORE_ERROR_PLACE,
                        "%s: the best net in this file is corrupt; pack the run again", import->source);
        good = good && write_held(store, game, c.generation, bytes, size, error) && store_add_net(store, &c, error) &&
               store_hold_best(store, c.generation, error);
        g_free(bytes);
    }
    sqlite3_finalize(statement);
    return good;
}

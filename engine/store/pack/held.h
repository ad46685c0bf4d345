/* The net that a run holds as its best though newer ones were added, in a pack. Private to engine/store/. */
#ifndef TENGEN_ENGINE_STORE_PACK_PACK_HELD_H
#define TENGEN_ENGINE_STORE_PACK_PACK_HELD_H

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct game;
struct import;
struct store;

/* Its file, compressed, and its generation; NULL if there is none or it cannot be read. Without the store's lock. */
GBytes *pack_held_net(struct store *store, uint32_t *generation);
/* Adds it, with its checkpoint, to the database "pack" that is attached to the run's; path: of that, for messages. held: NULL: nothing. */
bool pack_insert_held(sqlite3 *db, const char *path, GBytes *held, uint32_t generation, GError **error);
/* Holds the net of a pack in a restored run of this game; true if the pack has none, as those of older versions. most: bytes that a net
 * may have. */
bool pack_restore_held(const struct import *import, struct store *store, const struct game *game, size_t most,
                       GError **error);

#endif

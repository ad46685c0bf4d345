/* A run in one small file, to carry it to another machine: settings, the newest checkpoint (weights, averages,
 * optimiser, counters) and as many of the newest games as fit. The file is an SQLite database of its own. */
#ifndef TENGEN_ENGINE_STORE_PACK_H
#define TENGEN_ENGINE_STORE_PACK_H

#include "engine/store/store.h"

enum { PACK_MAX_BYTES = 10 * 1000 * 1000 };

struct pack_summary {
    int64_t bytes, games, rows;
    int kept_bytes; /* of the 4 of each number in the trainer's state: fewer when it would not fit otherwise */
};
/* Writes path whole or not at all. */
bool pack_write(struct store *store, const char *path, struct pack_summary *summary, GError **error);
/* Makes a run of a pack in a folder that holds none. */
bool pack_restore(const char *path, const char *folder, struct pack_summary *summary, GError **error);

#endif

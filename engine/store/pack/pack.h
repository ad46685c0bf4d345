/* A run packed into one small file, for moving it to another machine: settings, the newest checkpoint (weights,
 * averages, optimiser state, counters), the net held as best, totals, processor time, the ladder's games and as many of the newest games as
 * fit. The file is a separate SQLite
 * database. */
#ifndef TENGEN_ENGINE_STORE_PACK_PACK_H
#define TENGEN_ENGINE_STORE_PACK_PACK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct store;

enum { PACK_MAX_BYTES = 10 * 1000 * 1000 };

struct pack_summary {
    int64_t bytes, games, rows;
    int kept_bytes; /* of the 4 bytes of each float in the trainer's state; fewer if needed to fit */
};
/* Writes path atomically; other threads that use the store wait meanwhile. On failure returns false with the error set, and leaves no
 * temporary file. */
bool pack_write(struct store *store, const char *path, struct pack_summary *summary, GError **error);
/* Unpacks into a folder that does not contain a run yet. On failure returns false with the error set, and deletes what was unpacked. */
bool pack_restore(const char *path, const char *folder, struct pack_summary *summary, GError **error);

#endif

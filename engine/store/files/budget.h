/* Keeps the disk space of a run below the setting max_disk. Above it, oldest first: games that the replay window no longer needs lose
 * their training targets (they can still be replayed and watched), then nets that nothing needs are deleted, and finally those games
 * themselves; the totals count them as before. */
#ifndef TENGEN_ENGINE_STORE_FILES_BUDGET_H
#define TENGEN_ENGINE_STORE_FILES_BUDGET_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct store;

/* Whether the run is within its budget; if not, whether another call would free more. */
enum budget { BUDGET_KEPT, BUDGET_MORE, BUDGET_IMPOSSIBLE };

/* Bytes of the run's files; a file with two names counts once. */
int64_t budget_used(const struct store *store);
/* Frees space if the run takes more than `bytes`. rows: the newest games that together have so many rows are kept as they are, and so are
 * the first net, the newest three, the one held as best, the one that is being measured and those that are rungs of the ladder; measured
 * ones go last. A call takes half a second or so. False with the error set on failure. */
bool budget_keep(struct store *store, int64_t bytes, int64_t rows, enum budget *budget, GError **error);

#endif

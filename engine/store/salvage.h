/* Copies the intact parts of a damaged run into a new one. */
#ifndef TENGEN_ENGINE_STORE_SALVAGE_H
#define TENGEN_ENGINE_STORE_SALVAGE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct salvage_summary {
    int64_t games, lost;   /* lost: rows that could not be read; those on unreadable pages are not all known */
    int64_t checkpoints;   /* 0: training starts from the old run's best net, or anew if that is lost, too */
    int64_t metrics;
};
/* Copies settings, games, totals, processor time, the ladder's games, checkpoints with their files, the net held as best, and metrics, but
 * no events, of the run `from` into the folder `to`, which must not contain a run. `from` is only read. On failure nothing is left in
 * `to`. */
bool salvage_run(const char *from, const char *to, struct salvage_summary *summary, GError **error);

#endif

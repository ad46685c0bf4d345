/* A disk without room: training pauses, says so, and goes on once there is room again. */
#ifndef TENGEN_ENGINE_TRAINING_RECOVERY_DISK_H
#define TENGEN_ENGINE_TRAINING_RECOVERY_DISK_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct settings;
struct store;

/* Of a session; may be used by several threads. Zero at first. */
struct disk_pause {
    atomic_int waiting; /* threads that wait for room: nothing should be begun meanwhile that needs more */
    atomic_bool said;
    atomic_bool over;     /* said that the budget cannot be kept */
    _Atomic int64_t used; /* bytes of the run after the last disk_keep_budget */
    _Atomic int64_t growth; /* the largest recent growth between two calls, bytes */
};
/* To be called when something could not be written; returns whether to try again. If the disk is full, says so on stderr the first
 * time and waits for a second, polling is_over; then clears the error and returns true, unless is_over did. In all other cases leaves
 * the error to the caller and returns false. */
bool disk_wait(struct disk_pause *pause, GError **error, bool (*is_over)(void *user), void *user);
/* After something could be written: says that training goes on, if it had paused, and records it in the run. */
void disk_written(struct disk_pause *pause, struct store *store);
/* After games or a checkpoint were written: keeps the run below settings->max_disk, with room for twice the largest recent growth
 * between two calls. made: rows that the run has generated, which determines how many of the newest rows later sessions need; 0: nothing
 * is freed. While it frees space, `waiting` is above 0, so that games are not generated faster than old ones are freed; is_over ends it
 * early. Says on stderr, once a session, if the limit cannot be kept. Any thread. */
void disk_keep_budget(struct disk_pause *pause, struct store *store, const struct settings *settings, int64_t made,
                      bool (*is_over)(void *user), void *user);

#endif

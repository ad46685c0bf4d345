/* A disk without room: training pauses, says so, and goes on once there is room again. */
#ifndef TENGEN_ENGINE_TRAINING_RECOVERY_DISK_H
#define TENGEN_ENGINE_TRAINING_RECOVERY_DISK_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>

struct store;

/* Of a session; may be used by several threads. Zero at first. */
struct disk_pause {
    atomic_int waiting; /* threads that wait for room: nothing should be begun meanwhile that needs more */
    atomic_bool said;
};
/* After something could not be written: whether to try again. If the disk was full, says so on stderr, the first time, and waits for
 * a second, asking is_over several times; frees the error and returns true, or, if is_over does, leaves it and returns false. Other
 * errors are the caller's. */
bool disk_wait(struct disk_pause *pause, GError **error, bool (*is_over)(void *user), void *user);
/* After something could be written: says that training goes on, if it had paused, and records it in the run. */
void disk_written(struct disk_pause *pause, struct store *store);

#endif

/* What training takes of the machine's memory, against the setting max_memory. */
#ifndef TENGEN_ENGINE_TRAINING_RECOVERY_MEMORY_H
#define TENGEN_ENGINE_TRAINING_RECOVERY_MEMORY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Bytes of this process in memory (its resident set); 0 if the system does not say. */
int64_t memory_resident(void);
/* Bytes that the replay window may take if the process is to stay below max_megabytes: what the rest has allocated, the program itself
 * and a quarter for what the allocator cannot use are subtracted. window: bytes that it takes now. reserve: bytes that are going to be
 * allocated besides, by threads that have not begun. -1 with the error set if less than a megabyte is left. */
int64_t memory_for_window(int64_t max_megabytes, int64_t window, int64_t reserve, GError **error);

/* Bytes by which the process is above 85 % of max_megabytes, after unused memory has gone back to the system; 0 below. */
int64_t memory_excess(int64_t max_megabytes);

struct window;

/* Of a session; zero at first. */
struct memory_limit {
    int64_t excess; /* bytes, over the session */
    int64_t added;  /* bytes of records that came since the window was last limited */
};
/* Limits the window so that the process stays below max_megabytes (0: no limit): see memory_for_window. If the process still takes
 * more, because freed memory is too fragmented to be returned to the system, the window's limit is lowered by the excess, but to no less
 * than half. False with the error set if too little is left; the window then keeps the limit that it had. */
bool memory_limit_window(struct memory_limit *limit, struct window *window, int64_t max_megabytes, int64_t reserve,
                         GError **error);
/* The same, once records of a few percent of max_megabytes have been added since then: a full window frees as much as it takes, but
 * not always memory that new records can reuse. bytes: of a record that was added. */
void memory_limit_added(struct memory_limit *limit, struct window *window, int64_t max_megabytes, int64_t bytes);

#endif

/* What training takes of the machine's memory, against the setting max_memory. */
#ifndef TENGEN_ENGINE_TRAINING_RECOVERY_MEMORY_H
#define TENGEN_ENGINE_TRAINING_RECOVERY_MEMORY_H

#include <glib.h>
#include <stdint.h>

/* Bytes of this process in memory (its resident set); 0 if the system does not say. */
int64_t memory_resident(void);
/* Bytes that the replay window may take if the process is to stay below max_megabytes: what the rest has allocated, the program itself
 * and a fifth for what the allocator cannot use are subtracted. window: bytes that it takes now. reserve: bytes that are going to be
 * allocated besides, by threads that have not begun. -1 with the error set if less than a megabyte is left. */
int64_t memory_for_window(int64_t max_megabytes, int64_t window, int64_t reserve, GError **error);

/* Bytes by which the process is above 90 % of max_megabytes, after unused memory has gone back to the system; 0 below. */
int64_t memory_excess(int64_t max_megabytes);

#endif

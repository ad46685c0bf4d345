/* Memory for tensors and weights. */
#ifndef TENGEN_NET_MEMORY_H
#define TENGEN_NET_MEMORY_H

#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* Allocates zeroed memory, aligned to 64 bytes, with padding so that vector loads may read past the end; released with
 * free. Aborts the program if out of memory. */
static inline void *net_memory_new(size_t bytes)
{
    size_t size = (bytes + 127) / 64 * 64;
    void *memory = aligned_alloc(64, size);
    if (!memory)
        g_error("out of memory: %zu bytes for the network's arithmetic", size);
    memset(memory, 0, size);
    return memory;
}

#endif

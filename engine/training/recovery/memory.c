#include "engine/training/recovery/memory.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "engine/settings/settings.h"
#include "engine/training/replay/replay_window.h"

enum { MEGABYTE = 1000 * 1000 };

/* Figures of /proc/self/statm: size, resident, shared. */
static int64_t pages(int figure)
{
    long long read[3] = {0};
    FILE *file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%lld %lld %lld", &read[0], &read[1], &read[2]) != 3)
        read[1] = read[2] = 0;
    if (file)
        fclose(file);
    return (int64_t)read[figure] * sysconf(_SC_PAGESIZE);
}

int64_t memory_resident(void)
{
    return pages(1);
}

/* What has been allocated, rather than the pages that it lies in: what was freed can be used again. */
static int64_t allocated(void)
{
    const struct mallinfo2 heap = mallinfo2();
    return (int64_t)(heap.uordblks + heap.hblkhd);
}

int64_t memory_excess(int64_t max_megabytes)
{
    const int64_t most = max_megabytes * MEGABYTE / 100 * 85;
    if (memory_resident() > most)
        malloc_trim(0);
    return MAX(memory_resident() - most, 0);
}

int64_t memory_for_window(int64_t max_megabytes, int64_t window, int64_t reserve, GError **error)
{
    const int64_t rest =
        pages(2) + allocated() - window + reserve; /* shared: the program, its libraries, its mapped files */
    const int64_t left = max_megabytes * MEGABYTE * 3 / 4 - rest;
    if (left >= MEGABYTE)
        return left;
    settings_fail(error,
                  "max_memory=%" G_GINT64_FORMAT " is too little: nets, trees and caches alone need %" G_GINT64_FORMAT
                  " MB; give at least %" G_GINT64_FORMAT,
                  max_megabytes, rest / MEGABYTE + 1, (rest + 20 * (int64_t)MEGABYTE) * 4 / 3 / MEGABYTE + 1);
    return -1;
}

bool memory_limit_window(struct memory_limit *limit, struct window *window, int64_t max_megabytes, int64_t reserve,
                         GError **error)
{
    const int64_t bytes = max_megabytes ? memory_for_window(max_megabytes, window_bytes(window), reserve, error) : 0;
    limit->excess += max_megabytes ? memory_excess(max_megabytes) : 0;
    if (bytes >= 0)
        window_limit(window, bytes - MIN(limit->excess, bytes / 2));
    limit->added = 0;
    return bytes >= 0;
}

void memory_limit_added(struct memory_limit *limit, struct window *window, int64_t max_megabytes, int64_t bytes)
{
    limit->added += bytes;
    if (max_megabytes && limit->added > max_megabytes * MEGABYTE / 50)
        memory_limit_window(limit, window, max_megabytes, 0, NULL);
}

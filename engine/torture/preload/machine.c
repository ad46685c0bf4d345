/* The system's allocations, and its wall clock: see fault.h. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "engine/torture/preload/fault.h"

/* ---- memory ---- */

/* The C library's own names of its functions: asking the dynamic linker for them would allocate. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *block, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);
/* NOLINTEND(bugprone-reserved-identifier) */

/* The code of a library. */
struct range {
    uintptr_t begin, end;
};
static struct range spared[8];
static int spared_count;

/* Debian's oneDNN does not check all of its allocations, and those that the C++ and OpenMP libraries make for it end the process:
 * their calls always succeed. */
static int spare(struct dl_phdr_info *library, size_t size, void *user)
{
    static const char *const names[] = {"/libdnnl.", "/libstdc++.", "/libgomp."};
    (void)size, (void)user;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (int part = 0; strstr(library->dlpi_name, names[i]) && part < library->dlpi_phnum; part++) {
            const ElfW(Phdr) *p = &library->dlpi_phdr[part];
            const uintptr_t begin = library->dlpi_addr + p->p_vaddr;
            if (p->p_type == PT_LOAD && p->p_flags & PF_X && spared_count < (int)(sizeof spared / sizeof *spared))
                spared[spared_count++] = (struct range){begin, begin + p->p_memsz};
        }
    return 0;
}

__attribute__((constructor)) static void find_spared(void)
{
    dl_iterate_phdr(spare, NULL);
}

static bool is_out_of_memory_for(uintptr_t caller)
{
    if (fault_of_process() != FAULT_MEMORY)
        return false;
    for (int i = 0; i < spared_count; i++)
        if (caller >= spared[i].begin && caller < spared[i].end)
            return false;
    if (!fault_is_due())
        return false;
    errno = ENOMEM;
    return true;
}

#define IS_OUT_OF_MEMORY() is_out_of_memory_for((uintptr_t)__builtin_return_address(0))

void *malloc(size_t bytes)
{
    return IS_OUT_OF_MEMORY() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return IS_OUT_OF_MEMORY() ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *block, size_t bytes)
{
    return IS_OUT_OF_MEMORY() ? NULL : __libc_realloc(block, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return IS_OUT_OF_MEMORY() ? NULL : __libc_memalign(alignment, bytes);
}

int posix_memalign(void **block, size_t alignment, size_t bytes)
{
    void *found = IS_OUT_OF_MEMORY() ? NULL : __libc_memalign(alignment, bytes);
    if (!found)
        return ENOMEM;
    *block = found;
    return 0;
}

/* ---- the wall clock ---- */

/* From call `at` on it is wrong by up to a year, either way. */
static time_t jump(void)
{
    enum { YEAR = 365 * 24 * 3600 };
    if (fault_of_process() != FAULT_CLOCK || !fault_has_begun())
        return 0;
    return (time_t)(fault_random() % (2 * YEAR)) - YEAR;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    const int result = real(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME)
        now->tv_sec += jump();
    return result;
}

int gettimeofday(struct timeval *now, void *zone)
{
    struct timespec precise;
    (void)zone;
    const int result = clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return result;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

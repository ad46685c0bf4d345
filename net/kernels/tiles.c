#include "net/kernels/tiles.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include <asm/prctl.h>
#include <cpuid.h>
#include <pthread.h>
#include <sys/syscall.h> /* IWYU pragma: keep */
#include <unistd.h>

static bool permitted;
static void ask(void)
{
#ifdef ARCH_REQ_XCOMP_PERM
    enum { TILE_DATA = 18 };
    permitted = syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, TILE_DATA) == 0;
#endif
}

/* Linux saves the tiles at a context switch only for processes that have asked for them. */
bool net_tiles_available(void)
{
    static pthread_once_t asked = PTHREAD_ONCE_INIT;
    enum { LEAF = 7, BF16 = 1 << 22, TILES = 1 << 24, INT8 = 1 << 25, ALL = BF16 | TILES | INT8 };
    unsigned a, b, c, d;
    __builtin_cpu_init();
    if (!__get_cpuid_count(LEAF, 0, &a, &b, &c, &d) || (d & ALL) != ALL || !__builtin_cpu_supports("avx512vnni") ||
        !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512bf16"))
        return false;
    pthread_once(&asked, ask);
    return permitted;
}

#else

bool net_tiles_available(void)
{
    return false;
}

#endif

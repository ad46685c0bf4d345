/* Intel's tiles (AMX): eight registers of 16 rows by 64 bytes, and products of them. Each thread configures its own. */
#ifndef TENGEN_NET_KERNELS_TILES_H
#define TENGEN_NET_KERNELS_TILES_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the processor has tiles, for bytes and for bf16, and the operating system lets this process use them; the first call requests
 * that permission. Any thread. */
bool net_tiles_available(void);

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define NET_TILES_TARGET                                                                                               \
    __attribute__((target("amx-tile,amx-int8,amx-bf16,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16")))

enum {
    NET_TILE_ROWS = 16,
    NET_TILE_WIDTH = 64, /* bytes of a row */
    NET_TILE_BYTES = NET_TILE_ROWS * NET_TILE_WIDTH,
};

/* The compiler does not know which memory tile instructions read and write. To be placed between them and other accesses to that memory. */
#define NET_TILES_FENCE __asm__ volatile("" ::: "memory")

/* Gives all eight tiles of the calling thread their full size. Checking the configuration takes a tenth of the time of loading it, so it is
 * loaded only if something else, such as oneDNN, has changed it. */
NET_TILES_TARGET static inline void net_tiles_configure(void)
{
    struct tiles { /* as the instructions read and write it */
        uint8_t palette, start_row, reserved[14];
        uint16_t widths[16];
        uint8_t rows[16];
    };
    enum { W = NET_TILE_WIDTH, R = NET_TILE_ROWS };
    static const struct tiles whole = {
        .palette = 1, .widths = {W, W, W, W, W, W, W, W}, .rows = {R, R, R, R, R, R, R, R}};
    _Alignas(NET_TILE_WIDTH) struct tiles now;
    __asm__ volatile("sttilecfg %0" : "=m"(now));
    if (_mm512_cmpneq_epi8_mask(_mm512_load_si512(&now), _mm512_loadu_si512(&whole)))
        __asm__ volatile("ldtilecfg %0" ::"m"(whole)); /* GCC's intrinsic names only the first eight bytes as read */
}

/* Stores or loads one of the tile registers 0 to 3, which hold sums; once inlined, `t` is a constant. stride: bytes from row to row. */
NET_TILES_TARGET static inline __attribute__((always_inline)) void net_tile_store(int t, void *to, size_t stride)
{
    if (t == 0)
        _tile_stored(0, to, stride);
    else if (t == 1)
        _tile_stored(1, to, stride);
    else if (t == 2)
        _tile_stored(2, to, stride);
    else
        _tile_stored(3, to, stride);
}

NET_TILES_TARGET static inline __attribute__((always_inline)) void net_tile_load(int t, const void *from, size_t stride)
{
    if (t == 0)
        _tile_loadd(0, from, stride);
    else if (t == 1)
        _tile_loadd(1, from, stride);
    else if (t == 2)
        _tile_loadd(2, from, stride);
    else
        _tile_loadd(3, from, stride);
}
#endif

#endif

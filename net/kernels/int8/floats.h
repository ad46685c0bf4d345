/* Convolutions of the int8 kernels in f32, from floats or 16-bit values: those of the heads. Compiled into each of them with its own
 * vectors. */
#ifndef TENGEN_NET_KERNELS_INT8_FLOATS_H
#define TENGEN_NET_KERNELS_INT8_FLOATS_H

#include "net/kernels/int8/finish.h"
#include "net/kernels/int8/int8.h"
#include "net/kernels/int8/vectors.h"
#include "net/kernels/packed.h"

#include <glib.h>

enum { TOGETHER = MIN(LONGEST, 8), REAL_BLOCKS = BLOCKS > 1 ? 2 : 1 };

/* Sums of adjacent points for up to two blocks of output channels, whose weights are `next` floats apart; plane: floats from one block of src to
 * the next. */
INLINE void real_sums(int in, int blocks, const float *src, size_t plane, int count, const float *weight, size_t next,
                      reals sums[REAL_BLOCKS][TOGETHER])
{
    reals sum[REAL_BLOCKS][TOGETHER]; /* registers: nothing else can be stored there */
#pragma GCC unroll 2
    for (int b = 0; b < blocks; b++)
#pragma GCC unroll 8
        for (int k = 0; k < TOGETHER; k++)
            sum[b][k] = reals_set(0);
    for (int first = 0; first < in; first += NET_INT8_BLOCK, src += plane)
        for (int i = 0; i < NET_INT8_BLOCK; i++, weight += NET_INT8_BLOCK) {
            const reals one = reals_load(weight), two = blocks > 1 ? reals_load(weight + next) : one;
#pragma GCC unroll 8
            for (int k = 0; k < TOGETHER; k++) {
                const reals value = reals_set(src[(count == TOGETHER || k < count ? k : 0) * NET_INT8_BLOCK + i]);
                sum[0][k] = reals_add_product(sum[0][k], value, one);
                if (blocks > 1)
                    sum[1][k] = reals_add_product(sum[1][k], value, two);
            }
        }
#pragma GCC unroll 2
    for (int b = 0; b < blocks; b++)
#pragma GCC unroll 8
        for (int k = 0; k < TOGETHER; k++)
            sums[b][k] = sum[b][k];
}

typedef void real_sums_function(int in, const float *src, size_t plane, int count, const float *weight, size_t next,
                                reals sums[REAL_BLOCKS][TOGETHER]);
/* Compiled separately, so that the sums are registers. */
#define REAL_SUMS(name, blocks, count)                                                                                 \
    TARGET static __attribute__((noinline)) void name(int in, const float *src, size_t plane, int some,                \
                                                      const float *weight, size_t next,                                \
                                                      reals sums[REAL_BLOCKS][TOGETHER])                               \
    {                                                                                                                  \
        (void)some;                                                                                                    \
        real_sums(in, blocks, src, plane, count, weight, next, sums);                                                  \
    }
REAL_SUMS(real_sums_1_some, 1, some)
REAL_SUMS(real_sums_1_all, 1, TOGETHER)
#if defined(NET_INT8_AVX) || defined(NET_INT8_AVX2) || defined(__aarch64__)
static real_sums_function *const real_sums_of[][2] = {{real_sums_1_some, real_sums_1_all}};
#else
REAL_SUMS(real_sums_2_some, 2, some)
REAL_SUMS(real_sums_2_all, 2, TOGETHER)
static real_sums_function *const real_sums_of[][2] = {{real_sums_1_some, real_sums_1_all},
                                                      {real_sums_2_some, real_sums_2_all}};
#endif

/* Converts `count` adjacent points of all blocks to floats [blocks][TOGETHER][16]; plane: words from one block to the
 * next. */
INLINE void floats_of_words(int blocks, const uint16_t *src, size_t plane, int count, float *to)
{
    for (int b = 0; b < blocks; b++)
        for (int k = 0; k < count; k++)
            reals_store(to + (b * TOGETHER + k) * NET_INT8_BLOCK,
                        reals_of_words(src + (size_t)b * plane + k * NET_INT8_BLOCK));
}

/* For a single tap; several points at a time. */
TARGET static void real(const struct net_int8_conv *c, struct net_extent e, const void *src, void *dst)
{
    enum { MAX_CHANNELS = 256 }; /* no block of the trunk has more, or a larger kernel */
    size_t points = net_extent_points(e), bytes = (size_t)e.n * points * (size_t)c->out;
    float floats[MAX_CHANNELS * TOGETHER];
    if (c->kernel != 1 || (c->u16 && c->in > MAX_CHANNELS)) {
        net_int8_plain.real(c, e, src, dst);
        return;
    }
    for (size_t row = 0; row < (size_t)e.n; row++)
        for (size_t p = 0, count; p < points; p += count) {
            size_t from = row * points * (size_t)c->in + p * NET_INT8_BLOCK, plane = points * NET_INT8_BLOCK;
            const float *s = (const float *)src + from;
            count = MIN(TOGETHER, points - p);
            if (c->u16) {
                floats_of_words(c->in / NET_INT8_BLOCK, (const uint16_t *)src + from, plane, (int)count, floats);
                s = floats;
                plane = TOGETHER * NET_INT8_BLOCK;
            }
            for (int b = 0, blocks; b < c->out / NET_INT8_BLOCK; b += blocks) {
                reals sums[REAL_BLOCKS][TOGETHER];
                const size_t next = (size_t)c->in * NET_INT8_BLOCK;
                const float *weight = c->real + (size_t)b * next;
                blocks = MIN(REAL_BLOCKS, c->out / NET_INT8_BLOCK - b);
                real_sums_of[blocks - 1][count == TOGETHER](c->in, s, plane, (int)count, weight, next, sums);
                for (int i = 0; i < blocks; i++)
                    finish(c, b + i, sums[i], (int)count,
                           row * points * (size_t)c->out + ((size_t)(b + i) * points + p) * NET_INT8_BLOCK, bytes, dst);
            }
        }
}

#endif

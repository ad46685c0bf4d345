/* What the kernels for the gradient of weights read: 16 channels at a point, of two rows of the batch, as pairs. */
#ifndef TENGEN_NET_KERNELS_DNNL_WEIGHTS_PAIRS_H
#define TENGEN_NET_KERNELS_DNNL_WEIGHTS_PAIRS_H

#include "net/kernels/packed.h"

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

enum { LANES = 16 };

/* Channels [16*b, 16*b+16) at point 0 of a row, and the step to the next point. */
static inline const uint16_t *lanes_at(struct net_layout l, const uint16_t *x, int row, int b, size_t points,
                                       size_t *step)
{
    int c = b * LANES;
    *step = (size_t)l.block;
    return x + ((size_t)row * (size_t)(l.padded / l.block) + (size_t)(c / l.block)) * points * (size_t)l.block +
           (size_t)(c % l.block);
}

/* Interleaves the same 16 channels of two rows to pairs; a missing row counts as zeros. */
__attribute__((target("avx512f,avx512bw,avx512vl"), always_inline)) static inline __m512i pair(const uint16_t *first,
                                                                                               const uint16_t *second)
{
    __m512i low = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)first));
    if (!second)
        return low;
    __m512i high = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)second));
    return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

#endif

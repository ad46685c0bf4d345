/* What is done with the sums of tiles (amx.c): as in finish.h, but four points at a time, which are packed together. */
#ifndef TENGEN_NET_KERNELS_INT8_AMX_FINISH_H
#define TENGEN_NET_KERNELS_INT8_AMX_FINISH_H

#include "net/kernels/int8/amx_copy.h"
#include "net/kernels/int8/int8.h"
#include "net/kernels/int8/vectors.h"

#include <immintrin.h>
#include <math.h>

/* What is done with sums. */
enum finish_kind {
    TO_FLOATS,
    TO_BYTES, /* ReLU */
    TO_BOTH,  /* bytes and 16-bit values; ReLU */
    ADDED,    /* likewise, with a residual sum */
    FINISH_KINDS,
};

/* The sums of up to two tiles of points by two blocks of channels, and what of them is to be finished. */
struct group {
    /* Of each block; a few more rows, since four points are read together. */
    _Alignas(64) int32_t sums[AT_ONCE][GROUP + 2 * TOGETHER][NET_INT8_BLOCK];
    int tiles;      /* of points: their sums are in the tile registers and not yet in `sums`; 0: there is no group */
    int block;      /* the first one */
    int place;      /* of the first row */
    int first, end; /* points */
};

/* A row of the batch. */
struct job {
    const struct net_int8_conv *conv;
    const struct copy *copy;
    enum finish_kind kind;
    size_t at, bytes; /* the row's first element, and the bytes before the 16-bit values */
    void *dst;
};

/* A group on its way to be finished. */
struct finishing {
    int next, end;
    const int32_t *offset; /* of the places of points, in sums */
    const uint8_t *sums;   /* of a place 0 */
    uint8_t *low;          /* of point 0 and the first block */
    uint16_t *high;
    float *floats;
    size_t plane; /* elements from one block to the next */
    reals least;  /* of floats */
    reals scale[AT_ONCE], bias[AT_ONCE], ratio[AT_ONCE];
};

INLINE_TILES struct finishing begin(const struct group *g, const struct job *job, int blocks, enum finish_kind kind)
{
    const struct net_int8_conv *conv = job->conv;
    const size_t plane = (size_t)job->copy->points * NET_INT8_BLOCK, at = job->at + (size_t)g->block * plane;
    struct finishing f; /* without zeros: all but `next` stays in registers */
    f.next = g->first;
    f.end = g->end;
    f.offset = job->copy->offset;
    f.sums = (const uint8_t *)g->sums - g->place * BYTES;
    f.low = (uint8_t *)job->dst + at;
    f.high = (uint16_t *)((uint8_t *)job->dst + job->bytes) + at;
    f.floats = (float *)job->dst + at;
    f.plane = plane;
    f.least = reals_set(conv->relu ? 0 : -INFINITY);
#pragma GCC unroll 2
    for (int b = 0; b < blocks; b++) {
        const int channel = (g->block + b) * NET_INT8_BLOCK;
        f.scale[b] = reals_load(conv->scale + channel);
        f.bias[b] = reals_load(conv->bias + channel);
        if (kind == TO_BOTH || kind == ADDED)
            f.ratio[b] = reals_load(conv->ratio + channel);
    }
    return f;
}

/* Four points of a block to bytes, rounded like the kernel in plain C. */
INLINE_TILES __m512i bytes_of(const reals v[TOGETHER])
{
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __m512i i[TOGETHER];
#pragma GCC unroll 4
    for (int k = 0; k < TOGETHER; k++)
        i[k] = _mm512_cvttps_epi32(reals_add(v[k], reals_set(0.5f)));
    return _mm512_permutexvar_epi32(
        order, _mm512_packus_epi16(_mm512_packs_epi32(i[0], i[1]), _mm512_packs_epi32(i[2], i[3])));
}

/* Two points to 16 bits. The product is exact, so that there is one rounding, as if the sum were made of it. */
INLINE_TILES __m512i words_of(const reals v[2])
{
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    __m512i i[2];
#pragma GCC unroll 2
    for (int k = 0; k < 2; k++)
        i[k] = _mm512_cvttps_epi32(reals_add_product(reals_set(0.5f), v[k], reals_set(NET_INT8_U16_UNITS)));
    return _mm512_permutexvar_epi64(order, _mm512_packus_epi32(i[0], i[1]));
}

/* The next four points of block b, or those of `mask`, four bits each; `whole`: all of them. */
INLINE_TILES void finish_four(const struct finishing *f, int b, enum finish_kind kind, bool whole, __mmask16 mask)
{
    const size_t at = (size_t)b * f->plane + (size_t)f->next * NET_INT8_BLOCK;
    uint16_t *high = f->high + at;
    reals v[TOGETHER];
#pragma GCC unroll 4
    for (int k = 0; k < TOGETHER; k++) {
        const uint8_t *from = f->sums + (size_t)b * sizeof(((struct group *)0)->sums[0]) + f->offset[f->next + k];
        v[k] = reals_add(reals_mul(reals_of(ints_load((const int8_t *)from)), f->scale[b]), f->bias[b]);
        if (kind == TO_FLOATS)
            _mm512_mask_storeu_ps(f->floats + at + k * NET_INT8_BLOCK, mask & 1 << 4 * k ? 0xffff : 0,
                                  reals_max(v[k], f->least));
        if (kind == ADDED) {
            const __mmask16 there = mask & 1 << 4 * k ? 0xffff : 0;
            const __m256i *before = (const __m256i *)(high + k * NET_INT8_BLOCK);
            const __m256i words = whole ? _mm256_loadu_si256(before) : _mm256_maskz_loadu_epi16(there, before);
            v[k] = reals_add_product(v[k], _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(words)),
                                     reals_set(1.0f / NET_INT8_U16_UNITS)); /* the product is exact */
        }
    }
    if (kind == TO_FLOATS)
        return;
    if (kind != TO_BYTES) {
#pragma GCC unroll 2
        for (int k = 0; k < 2; k++) {
            const __m512i words = words_of(v + 2 * k);
            if (whole)
                _mm512_storeu_si512(high + 2 * k * NET_INT8_BLOCK, words);
            else
                _mm512_mask_storeu_epi64(high + 2 * k * NET_INT8_BLOCK, (__mmask8)(mask >> 8 * k), words);
        }
#pragma GCC unroll 4
        for (int k = 0; k < TOGETHER; k++)
            v[k] = reals_mul(v[k], f->ratio[b]);
    }
    if (whole)
        _mm512_storeu_si512(f->low + at, bytes_of(v));
    else
        _mm512_mask_storeu_epi32(f->low + at, mask, bytes_of(v));
}

/* Finishes block b of the next four points, or of those that are left. */
INLINE_TILES void finish_some(const struct finishing *f, int b, enum finish_kind kind)
{
    const int left = f->end - f->next;
    if (left <= 0)
        return;
    if (left >= TOGETHER)
        finish_four(f, b, kind, true, 0xffff);
    else
        finish_four(f, b, kind, false, (__mmask16)((1 << 4 * left) - 1));
}

/* Finishes all that is left. */
INLINE_TILES void finish_rest(struct finishing *f, int blocks, enum finish_kind kind)
{
    for (; f->next < f->end; f->next += TOGETHER) {
        finish_some(f, 0, kind);
        if (blocks > 1)
            finish_some(f, 1, kind);
    }
}

#endif

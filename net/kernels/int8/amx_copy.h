/* The copy of a convolution's input that tiles are loaded from (amx.c): the channels of a point side by side, with zeros around the lines. */
#ifndef TENGEN_NET_KERNELS_INT8_AMX_COPY_H
#define TENGEN_NET_KERNELS_INT8_AMX_COPY_H

#include "net/kernels/int8/int8.h"
#include "net/kernels/packed.h"
#include "net/kernels/tiles.h"

#include <glib.h>
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

enum {
    ROWS = NET_TILE_ROWS,
    BYTES = NET_TILE_WIDTH, /* of its rows */
    TILE = NET_TILE_BYTES,
    AT_ONCE = 2,            /* tiles of points, and blocks of output channels, whose sums are in registers */
    GROUP = AT_ONCE * ROWS, /* places of a group of sums */
    TOGETHER = 4,           /* points that are finished together */
};

#define TILES NET_TILES_TARGET
#define INLINE_TILES TILES static inline __attribute__((always_inline))

/* Tiles of input bytes for each line of taps. */
static inline int depth_of(const struct net_int8_conv *conv)
{
    return (conv->kernel * conv->in + BYTES - 1) / BYTES;
}

/* Where the points of a row of the batch are in the copy of its input. */
struct copy {
    int width, height, points;
    int line;  /* places from one line to the next */
    int first; /* the place of point 0 */
    int end;   /* places of results, those between lines included */
    size_t in; /* bytes of a place */
    int groups;
    const int *points_before; /* [groups + 1]: points in the groups before */
    const int32_t *offset;    /* [points, and TOGETHER more]: of the points' places, BYTES each */
};

static inline struct copy copy_of(const struct net_int8_conv *conv, struct net_extent e)
{
    const bool border = conv->kernel > 1;
    struct copy c = {.width = e.width, .height = e.height, .points = e.width * e.height, .in = (size_t)conv->in};
    c.line = border ? e.width + 1 : e.width;
    c.first = border ? c.line + 1 : 0;
    c.end = c.line * (e.height - 1) + e.width;
    c.groups = (c.end + GROUP - 1) / GROUP;
    return c;
}

/* For `copy->offset`: 16 at a time, so that each line overwrites what the one before wrote beyond its end. */
TILES static inline void find_offsets(const struct copy *c, int32_t *offset)
{
    enum { LANES = 16 };
    const __m512i steps = _mm512_slli_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), 6);
    for (int y = 0; y < c->height; y++, offset += c->width)
        for (int x = 0; x < c->width; x += LANES)
            _mm512_storeu_si512(offset + x, _mm512_add_epi32(_mm512_set1_epi32((y * c->line + x) * BYTES), steps));
    for (int i = 0; i < TOGETHER; i++)
        *offset++ = (c->end - 1) * BYTES;
}

/* For `copy->points_before`. */
static inline void find_points(const struct copy *c, int *points_before)
{
    for (int g = 0, y = 0, x = 0; g <= c->groups; g++, x += GROUP) {
        for (; x >= c->line; x -= c->line)
            y++;
        points_before[g] = MIN(c->points, y * c->width + MIN(x, c->width));
    }
}

/* The last tiles read beyond the places that have results, and each row of a tile beyond its place. */
static inline size_t copy_bytes(const struct copy *c)
{
    const size_t places = (size_t)(c->end + 2 * c->line + GROUP);
    return (places * c->in + BYTES + BYTES - 1) / BYTES * BYTES;
}

INLINE_TILES void zero(uint8_t *to, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += NET_INT8_BLOCK)
        _mm_storeu_si128((__m128i *)(to + i), _mm_setzero_si128());
}

/* The channels of a point; plane: bytes from one block of them to the next. */
INLINE_TILES void copy_point(const uint8_t *src, size_t plane, size_t in, uint8_t *to)
{
    size_t b = 0;
    for (; b + BYTES <= in; b += BYTES, src += 4 * plane) {
        __m512i v = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)src));
        v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(src + plane)), 1);
        v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(src + 2 * plane)), 2);
        v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(src + 3 * plane)), 3);
        _mm512_storeu_si512(to + b, v);
    }
    for (; b < in; b += NET_INT8_BLOCK, src += plane)
        _mm_storeu_si128((__m128i *)(to + b), _mm_loadu_si128((const __m128i *)src));
}

INLINE_TILES void copy_rows(const struct copy *c, size_t in, const uint8_t *src, uint8_t *to)
{
    const size_t plane = (size_t)c->points * NET_INT8_BLOCK, gap = (size_t)(c->line - c->width) * in;
    zero(to, (size_t)c->first * in);
    to += (size_t)c->first * in;
    for (int y = 0; y < c->height; y++) {
        for (int x = 0; x < c->width; x++, src += NET_INT8_BLOCK, to += in)
            copy_point(src, plane, in, to);
        zero(to, gap);
        to += gap;
    }
    if (c->first > 0)
        zero(to, (size_t)c->line * in);
}

TILES static inline void copy_input(const struct copy *c, const uint8_t *src, uint8_t *to)
{
    if (c->in == BYTES)
        copy_rows(c, BYTES, src, to);
    else
        copy_rows(c, c->in, src, to);
}

#endif

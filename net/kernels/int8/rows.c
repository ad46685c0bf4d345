/* Rows of quantised tensors, for operations that compute in f32. */
#include "net/kernels/int8/int8.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <glib.h>

/* Start of a row's block of 16 channels. */
static size_t block_at(struct net_extent e, struct net_layout l, int row, int block)
{
    return ((size_t)row * (size_t)(l.padded / NET_INT8_BLOCK) + (size_t)block) * net_extent_points(e) * NET_INT8_BLOCK;
}

NET_CLONES static void read_words(struct net_extent e, struct net_layout l, const float *scales, const uint16_t *x,
                                  int row, float *out)
{
    size_t points = net_extent_points(e);
    for (int first = 0; first < l.channels; first += NET_INT8_BLOCK) {
        const uint16_t *from = x + block_at(e, l, row, first / NET_INT8_BLOCK);
        int count = MIN(NET_INT8_BLOCK, l.channels - first);
        float units[NET_INT8_BLOCK];
        for (int i = 0; i < NET_INT8_BLOCK; i++)
            units[i] = i < count ? scales[first + i] / NET_INT8_U16_UNITS : 0;
        for (size_t p = 0; p < points; p++)
            for (int i = 0; i < count; i++)
                out[p * (size_t)l.channels + (size_t)(first + i)] =
                    (float)from[p * NET_INT8_BLOCK + (size_t)i] * units[i];
    }
}

NET_CLONES static void read_bytes(struct net_extent e, struct net_layout l, const float *scales, const uint8_t *x,
                                  int row, float *out)
{
    size_t points = net_extent_points(e);
    for (int first = 0; first < l.channels; first += NET_INT8_BLOCK) {
        const uint8_t *from = x + block_at(e, l, row, first / NET_INT8_BLOCK);
        int count = MIN(NET_INT8_BLOCK, l.channels - first);
        float units[NET_INT8_BLOCK];
        for (int i = 0; i < NET_INT8_BLOCK; i++)
            units[i] = i < count ? scales[first + i] : 0;
        for (size_t p = 0; p < points; p++)
            for (int i = 0; i < count; i++)
                out[p * (size_t)l.channels + (size_t)(first + i)] =
                    (float)from[p * NET_INT8_BLOCK + (size_t)i] * units[i];
    }
}

static const uint16_t *words_of(struct net_extent e, struct net_layout l, const void *x)
{
    return (const uint16_t *)((const uint8_t *)x + (size_t)e.n * net_extent_points(e) * (size_t)l.padded);
}

void net_int8_read_row(struct net_extent e, struct net_layout l, const float *scales, const float *scales16,
                       const void *x, int row, float *out)
{
    if (scales16)
        read_words(e, l, scales16, words_of(e, l, x), row, out);
    else
        read_bytes(e, l, scales, x, row, out);
}

/* Rounds to the nearest unit, up to `most`. */
static inline __attribute__((always_inline)) float unit_of(float value, float most)
{
    float rounded = (value > 0 ? value : 0) + 0.5f;
    return rounded < most + 0.5f ? rounded : most + 0.5f;
}

/* `count` channels of a block of 16, the others 0. */
static inline __attribute__((always_inline)) void write_bytes(const float *from, int count, const float *per,
                                                              uint8_t *to)
{
    for (int i = 0; i < count; i++)
        to[i] = (uint8_t)(int)unit_of(from[i] * per[i], 255);
    for (int i = count; i < NET_INT8_BLOCK; i++)
        to[i] = 0;
}

static inline __attribute__((always_inline)) void write_words(const float *from, int count, const float *per,
                                                              uint16_t *to)
{
    for (int i = 0; i < count; i++)
        to[i] = (uint16_t)(int)unit_of(from[i] * per[i], 65535);
    for (int i = count; i < NET_INT8_BLOCK; i++)
        to[i] = 0;
}

NET_CLONES void net_int8_write_row(struct net_extent e, struct net_layout l, const float *scales, const float *scales16,
                                   void *x, int row, const float *in)
{
    size_t points = net_extent_points(e);
    for (int first = 0; first < l.padded; first += NET_INT8_BLOCK) {
        size_t at = block_at(e, l, row, first / NET_INT8_BLOCK);
        uint8_t *low = (uint8_t *)x + at;
        uint16_t *high = (uint16_t *)words_of(e, l, x) + at;
        int count = CLAMP(l.channels - first, 0, NET_INT8_BLOCK);
        const float *from = in + first;
        float per8[NET_INT8_BLOCK] = {0}, per16[NET_INT8_BLOCK] = {0};
        for (int i = 0; i < count; i++) {
            per8[i] = 1 / scales[first + i];
            per16[i] = scales16 ? NET_INT8_U16_UNITS / scales16[first + i] : 0;
        }
        for (size_t p = 0; p < points; p++, low += NET_INT8_BLOCK, high += NET_INT8_BLOCK, from += l.channels) {
            if (count == NET_INT8_BLOCK)
                write_bytes(from, NET_INT8_BLOCK, per8, low);
            else
                write_bytes(from, count, per8, low);
            if (scales16)
                write_words(from, count, per16, high);
        }
    }
}

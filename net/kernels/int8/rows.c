/* Rows of quantised tensors, for operations that compute in f32. */
#include "net/kernels/int8/int8.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

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

#define SIXTEEN(v)                                                                                                     \
    {                                                                                                                  \
        v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v                                                                 \
    }

/* Units of a block of 16 channels, rounded to the nearest, from 0 to below `end`; channels from `count` on are 0. */
static inline __attribute__((always_inline)) void units_of(const float *from, int count, const net_lanes *per,
                                                           float end, net_lane_mask *units)
{
    const net_lanes zero = {0}, half = SIXTEEN(0.5f), most = SIXTEEN(end - 0.5f);
    net_lanes v = {0};
    memcpy(&v, from, (size_t)count * sizeof *from);
    v *= *per;
    v = (net_lanes)((net_lane_mask)v & (v > zero)) + half;
    net_lane_mask below = v < most;
    v = (net_lanes)(((net_lane_mask)v & below) | ((net_lane_mask)most & ~below));
    *units = __builtin_convertvector(v, net_lane_mask);
}

/* One block; high: NULL if the tensor has no 16-bit values. */
static inline __attribute__((always_inline)) void write_block(int count, const float *from, const net_lanes *per8,
                                                              const net_lanes *per16, uint8_t *low, uint16_t *high)
{
    typedef uint8_t bytes __attribute__((vector_size(16)));
    typedef uint16_t words __attribute__((vector_size(32)));
    net_lane_mask units;
    units_of(from, count, per8, 256, &units);
    const bytes eight = __builtin_convertvector(units, bytes);
    memcpy(low, &eight, sizeof eight);
    if (!high)
        return;
    units_of(from, count, per16, 65536, &units);
    const words sixteen = __builtin_convertvector(units, words);
    memcpy(high, &sixteen, sizeof sixteen);
}

NET_CLONES void net_int8_write_row(struct net_extent e, struct net_layout l, const float *scales, const float *scales16,
                                   void *x, int row, const float *in)
{
    size_t points = net_extent_points(e);
    for (int first = 0; first < l.padded; first += NET_INT8_BLOCK) {
        size_t at = block_at(e, l, row, first / NET_INT8_BLOCK);
        uint8_t *low = (uint8_t *)x + at;
        uint16_t *high = scales16 ? (uint16_t *)words_of(e, l, x) + at : NULL;
        int count = CLAMP(l.channels - first, 0, NET_INT8_BLOCK);
        const float *from = in + first;
        net_lanes per8 = {0}, per16 = {0};
        for (int i = 0; i < count; i++) {
            per8[i] = 1 / scales[first + i];
            per16[i] = scales16 ? NET_INT8_U16_UNITS / scales16[first + i] : 0;
        }
        for (size_t p = 0; p < points; p++, low += NET_INT8_BLOCK, from += l.channels) {
            if (count == NET_INT8_BLOCK)
                write_block(NET_INT8_BLOCK, from, &per8, &per16, low, high);
            else
                write_block(count, from, &per8, &per16, low, high);
            high = high ? high + NET_INT8_BLOCK : NULL;
        }
    }
}

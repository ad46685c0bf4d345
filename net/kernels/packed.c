/* Operations on packed activations. Each inner loop runs over adjacent channels, so that it vectorises without
 * reordering sums. packed_bf16.c compiles this file a second time, for bf16. */
#include "net/kernels/packed.h"

#include <glib.h>

#include <string.h>

enum { LANES = 1024 }; /* maximum number of adjacent channels */

/* The part of block b in channels [first, first+count): lanes [lo, hi), and the index of lo in the range. */
struct part {
    int lo, hi, at;
};

static inline struct part part_of(struct net_layout l, int b, int first, int count)
{
    struct part part = {MAX(first - b * l.block, 0), MIN(first + count - b * l.block, l.block), 0};
    part.at = b * l.block + part.lo - first;
    return part;
}

/* Start of a row's block. */
static inline size_t block_at(struct net_extent e, struct net_layout l, int row, int b)
{
    return ((size_t)row * (size_t)(l.padded / l.block) + (size_t)b) * net_extent_points(e) * (size_t)l.block;
}

static void packed_load(struct net_extent e, struct net_layout l, const float *planes, void *data)
{
    net_element *x = data;
    size_t points = net_extent_points(e);
    for (int row = 0; row < e.n; row++)
        for (int c = 0; c < l.padded; c++) {
            net_element *to = x + block_at(e, l, row, c / l.block) + c % l.block;
            const float *from = planes + ((size_t)row * (size_t)l.channels + (size_t)c) * points;
            for (size_t p = 0; p < points; p++)
                to[p * (size_t)l.block] = c < l.channels ? net_element_put((net_real)from[p]) : 0;
        }
}

static void packed_read(struct net_extent e, struct net_layout l, const void *data, int channel, net_real *out,
                        size_t stride)
{
    const net_element *x = data;
    size_t points = net_extent_points(e);
    for (int row = 0; row < e.n; row++) {
        const net_element *from = x + block_at(e, l, row, channel / l.block) + channel % l.block;
        for (size_t p = 0; p < points; p++)
            out[(size_t)row * stride + p] = net_element_get(from[p * (size_t)l.block]);
    }
}

static void packed_write(struct net_extent e, struct net_layout l, void *data, int channel, const net_real *in,
                         size_t stride)
{
    net_element *x = data;
    size_t points = net_extent_points(e);
    for (int row = 0; row < e.n; row++) {
        net_element *to = x + block_at(e, l, row, channel / l.block) + channel % l.block;
        for (size_t p = 0; p < points; p++)
            to[p * (size_t)l.block] = net_element_put(in[(size_t)row * stride + p]);
    }
}

NET_CLONES static void packed_read_row(struct net_extent e, struct net_layout l, const void *data, int row,
                                       net_real *out)
{
    size_t points = net_extent_points(e), channels = (size_t)l.channels;
    for (int b = 0; b * l.block < l.channels; b++) {
        const net_element *from = (const net_element *)data + block_at(e, l, row, b);
        net_real *to = out + (size_t)b * (size_t)l.block;
        int count = MIN(l.block, l.channels - b * l.block);
        for (size_t p = 0; p < points; p++, from += l.block, to += channels)
            for (int i = 0; i < count; i++)
                to[i] = net_element_get(from[i]);
    }
}

NET_CLONES static void packed_write_row(struct net_extent e, struct net_layout l, void *data, int row,
                                        const net_real *in, bool add)
{
    size_t points = net_extent_points(e), channels = (size_t)l.channels;
    for (int b = 0; b < l.padded / l.block; b++) {
        net_element *to = (net_element *)data + block_at(e, l, row, b);
        const net_real *from = in + (size_t)b * (size_t)l.block;
        int count = CLAMP(l.channels - b * l.block, 0, l.block);
        for (size_t p = 0; p < points; p++, to += l.block, from += channels) {
            for (int i = 0; i < count; i++)
                to[i] = net_element_put(from[i] + (add ? net_element_get(to[i]) : 0));
            for (int i = count; i < l.block; i++)
                to[i] = 0;
        }
    }
}

NET_CLONES static void mask_only(size_t count, net_element *restrict gradient, const net_element *restrict y)
{
    for (size_t i = 0; i < count; i++)
        gradient[i] = net_element_where(y[i], gradient[i]);
}

NET_CLONES static void mask_sum(size_t count, net_element *restrict gradient, const net_element *restrict more,
                                const net_element *restrict y)
{
    for (size_t i = 0; i < count; i++) {
        net_element sum = net_element_put(net_element_get(gradient[i]) + net_element_get(more[i]));
        gradient[i] = net_element_where(y[i], sum);
    }
}

static void packed_mask(size_t count, void *gradient, const void *more, const void *y)
{
    if (more)
        mask_sum(count, gradient, more, y);
    else
        mask_only(count, gradient, y);
}

NET_CLONES static void sum_only(size_t count, net_element *restrict gradient, const net_element *restrict more)
{
    for (size_t i = 0; i < count; i++)
        gradient[i] = net_element_put(net_element_get(gradient[i]) + net_element_get(more[i]));
}

static void packed_add(size_t count, void *gradient, const void *more)
{
    sum_only(count, gradient, more);
}

static inline __attribute__((always_inline)) void pool_block(const net_element *x, size_t points, int block, int lo,
                                                             int hi, net_real *restrict sum, net_real *restrict most)
{
    for (int i = lo; i < hi; i++)
        sum[i] = most[i] = 0;
    for (size_t p = 0; p < points; p++, x += block)
        for (int i = lo; i < hi; i++) {
            net_real v = net_element_get(x[i]) > 0 ? net_element_get(x[i]) : 0;
            sum[i] += v;
            most[i] = MAX(v, most[i]);
        }
}

/* The same for a whole block of 16, with explicit vectors: gcc would unroll the loop to 32 scalar sums. */
static inline __attribute__((always_inline)) void pool_block_16(const net_element *x, size_t points, net_real *sum,
                                                                net_real *most)
{
    net_lanes sums = {0}, highest = {0};
    for (size_t p = 0; p < points; p++, x += 16) {
        net_lanes v;
        net_element_lanes(x, &v);
        v = (net_lanes)((net_lane_mask)v & (v > 0));
        sums += v;
        net_lane_mask above = v > highest;
        highest = (net_lanes)(((net_lane_mask)v & above) | ((net_lane_mask)highest & ~above));
    }
    memcpy(sum, &sums, sizeof sums);
    memcpy(most, &highest, sizeof highest);
}

/* (edge - 10) / 10, the edge being the mean of width and height. */
static inline net_real edge_scale(struct net_extent e)
{
    return (net_real)(e.width + e.height - 20) / 20;
}

NET_CLONES static void packed_pool(struct net_extent e, struct net_layout l, const void *data, int first, int count,
                                   net_real *out)
{
    const net_element *x = data;
    net_real sum[LANES], most[LANES], scale = edge_scale(e);
    size_t points = net_extent_points(e);
    for (int row = 0; row < e.n; row++)
        for (int b = first / l.block; b * l.block < first + count; b++) {
            struct part part = part_of(l, b, first, count);
            const net_element *from = x + block_at(e, l, row, b);
            if (l.block == 16 && part.lo == 0 && part.hi == 16)
                pool_block_16(from, points, sum, most);
            else
                pool_block(from, points, l.block, part.lo, part.hi, sum, most);
            net_real *to = out + (size_t)row * 3 * (size_t)count + part.at;
            for (int i = part.lo; i < part.hi; i++, to++) {
                net_real mean = sum[i] / (net_real)points;
                to[0] = mean;
                to[count] = mean * scale;
                to[2 * count] = most[i];
            }
        }
}

static inline __attribute__((always_inline)) void
pool_block_backward(const net_element *restrict x, net_element *restrict dx, size_t points, int block, int lo, int hi,
                    const net_real *restrict each, net_real *restrict most, int *restrict best)
{
    for (int i = lo; i < hi; i++) {
        most[i] = 0;
        best[i] = 0;
    }
    for (size_t p = 0; p < points; p++, x += block, dx += block)
        for (int i = lo; i < hi; i++) {
            net_real v = net_element_get(x[i]);
            best[i] = v > most[i] ? (int)p : best[i];
            most[i] = MAX(v, most[i]);
            dx[i] = net_element_put(net_element_get(dx[i]) + (v > 0 ? each[i] : 0));
        }
}

NET_CLONES static void packed_pool_backward(struct net_extent e, struct net_layout l, const void *data, int first,
                                            int count, const net_real *dout, void *gradient)
{
    const net_element *x = data;
    net_element *dx = gradient;
    net_real each[LANES], most[LANES], scale = edge_scale(e);
    int best[LANES];
    size_t points = net_extent_points(e);
    for (int row = 0; row < e.n; row++)
        for (int b = first / l.block; b * l.block < first + count; b++) {
            struct part part = part_of(l, b, first, count);
            size_t at = block_at(e, l, row, b);
            const net_real *d = dout + (size_t)row * 3 * (size_t)count + part.at - part.lo;
            for (int i = part.lo; i < part.hi; i++)
                each[i] = (d[i] + d[count + i] * scale) / (net_real)points;
            if (l.block == 16 && part.lo == 0 && part.hi == 16)
                pool_block_backward(x + at, dx + at, points, 16, 0, 16, each, most, best);
            else
                pool_block_backward(x + at, dx + at, points, l.block, part.lo, part.hi, each, most, best);
            for (int i = part.lo; i < part.hi; i++) {
                net_element *top = dx + at + (size_t)best[i] * (size_t)l.block + i;
                if (most[i] > 0)
                    *top = net_element_put(net_element_get(*top) + d[2 * count + i]);
            }
        }
}

static inline __attribute__((always_inline)) void bias_block(net_element *restrict x, size_t points, int block,
                                                             const net_real *restrict bias)
{
    for (size_t p = 0; p < points; p++, x += block)
        for (int i = 0; i < block; i++) {
            net_real v = net_element_get(x[i]) + bias[i];
            x[i] = net_element_put(MAX(v, 0));
        }
}

NET_CLONES static void packed_bias_relu(struct net_extent e, struct net_layout l, void *data, int first, int count,
                                        const net_real *bias)
{
    net_element *x = data;
    net_real lanes[LANES];
    for (int row = 0; row < e.n; row++)
        for (int b = 0; b < l.padded / l.block; b++) {
            struct part part = part_of(l, b, first, count);
            for (int i = 0; i < l.block; i++)
                lanes[i] = i >= part.lo && i < part.hi ? bias[row * count + part.at + i - part.lo] : 0;
            net_element *at = x + block_at(e, l, row, b);
            if (l.block == 16)
                bias_block(at, net_extent_points(e), 16, lanes);
            else
                bias_block(at, net_extent_points(e), l.block, lanes);
        }
}

static inline __attribute__((always_inline)) void bias_block_backward(const net_element *restrict x,
                                                                      net_element *restrict dx, size_t points,
                                                                      int block, net_real *restrict sum)
{
    for (int i = 0; i < block; i++)
        sum[i] = 0;
    for (size_t p = 0; p < points; p++, x += block, dx += block)
        for (int i = 0; i < block; i++) {
            dx[i] = net_element_where(x[i], dx[i]);
            sum[i] += net_element_get(dx[i]);
        }
}

NET_CLONES static void packed_bias_relu_backward(struct net_extent e, struct net_layout l, const void *data,
                                                 void *gradient, int first, int count, net_real *dbias)
{
    const net_element *x = data;
    net_element *dx = gradient;
    net_real sum[LANES] = {0};
    for (int row = 0; row < e.n; row++)
        for (int b = 0; b < l.padded / l.block; b++) {
            struct part part = part_of(l, b, first, count);
            size_t at = block_at(e, l, row, b);
            if (l.block == 16)
                bias_block_backward(x + at, dx + at, net_extent_points(e), 16, sum);
            else
                bias_block_backward(x + at, dx + at, net_extent_points(e), l.block, sum);
            for (int i = part.lo; i < part.hi; i++)
                dbias[row * count + part.at + i - part.lo] = sum[i];
        }
}

#ifdef NET_ELEMENT_BF16
const struct net_packed net_packed_bf16 = {
#else
const struct net_packed net_packed_real = {
#endif
    .bytes = sizeof(net_element),
    .load = packed_load,
    .read = packed_read,
    .write = packed_write,
    .read_row = packed_read_row,
    .write_row = packed_write_row,
    .mask = packed_mask,
    .add = packed_add,
    .pool = packed_pool,
    .pool_backward = packed_pool_backward,
    .bias_relu = packed_bias_relu,
    .bias_relu_backward = packed_bias_relu_backward,
};

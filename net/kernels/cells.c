/* The small steps between convolutions. Each inner loop runs over channels that lie together, so that it vectorises
 * without reordering any sum. cells_bf16.c makes a second table of this file. */
#include "net/kernels/cells.h"

#include <glib.h>

#include <string.h>

enum { LANES = 1024 }; /* as many channels as can lie together */

/* The part of block b that belongs to channels [first, first+count): lanes [lo, hi), and where lo lies in the range. */
struct part {
    int lo, hi, at;
};

static inline struct part part_of(struct net_layout l, int b, int first, int count)
{
    struct part part = {MAX(first - b * l.block, 0), MIN(first + count - b * l.block, l.block), 0};
    part.at = b * l.block + part.lo - first;
    return part;
}

static inline size_t points_of(struct net_extent e)
{
    return (size_t)e.size * (size_t)e.size;
}

/* Start of a row's block. */
static inline size_t block_at(struct net_extent e, struct net_layout l, int row, int b)
{
    return ((size_t)row * (size_t)(l.padded / l.block) + (size_t)b) * points_of(e) * (size_t)l.block;
}

static void cells_load(struct net_extent e, struct net_layout l, const float *planes, void *cells)
{
    net_cell *x = cells;
    size_t points = points_of(e);
    for (int row = 0; row < e.n; row++)
        for (int c = 0; c < l.padded; c++) {
            net_cell *to = x + block_at(e, l, row, c / l.block) + c % l.block;
            const float *from = planes + ((size_t)row * (size_t)l.channels + (size_t)c) * points;
            for (size_t p = 0; p < points; p++)
                to[p * (size_t)l.block] = c < l.channels ? net_cell_put((net_real)from[p]) : 0;
        }
}

static void cells_read(struct net_extent e, struct net_layout l, const void *cells, int channel, net_real *out,
                       size_t stride)
{
    const net_cell *x = cells;
    size_t points = points_of(e);
    for (int row = 0; row < e.n; row++) {
        const net_cell *from = x + block_at(e, l, row, channel / l.block) + channel % l.block;
        for (size_t p = 0; p < points; p++)
            out[(size_t)row * stride + p] = net_cell_get(from[p * (size_t)l.block]);
    }
}

static void cells_write(struct net_extent e, struct net_layout l, void *cells, int channel, const net_real *in,
                        size_t stride)
{
    net_cell *x = cells;
    size_t points = points_of(e);
    for (int row = 0; row < e.n; row++) {
        net_cell *to = x + block_at(e, l, row, channel / l.block) + channel % l.block;
        for (size_t p = 0; p < points; p++)
            to[p * (size_t)l.block] = net_cell_put(in[(size_t)row * stride + p]);
    }
}

NET_CLONES static void mask_only(size_t count, net_cell *restrict gradient, const net_cell *restrict y)
{
    for (size_t i = 0; i < count; i++)
        gradient[i] = net_cell_where(y[i], gradient[i]);
}

NET_CLONES static void mask_sum(size_t count, net_cell *restrict gradient, const net_cell *restrict more,
                                const net_cell *restrict y)
{
    for (size_t i = 0; i < count; i++) {
        net_cell sum = net_cell_put(net_cell_get(gradient[i]) + net_cell_get(more[i]));
        gradient[i] = net_cell_where(y[i], sum);
    }
}

static void cells_mask(size_t count, void *gradient, const void *more, const void *y)
{
    if (more)
        mask_sum(count, gradient, more, y);
    else
        mask_only(count, gradient, y);
}

NET_CLONES static void sum_only(size_t count, net_cell *restrict gradient, const net_cell *restrict more)
{
    for (size_t i = 0; i < count; i++)
        gradient[i] = net_cell_put(net_cell_get(gradient[i]) + net_cell_get(more[i]));
}

static void cells_add(size_t count, void *gradient, const void *more)
{
    sum_only(count, gradient, more);
}

static inline __attribute__((always_inline)) void pool_block(const net_cell *x, size_t points, int block, int lo,
                                                             int hi, net_real *restrict sum, net_real *restrict most)
{
    for (int i = lo; i < hi; i++)
        sum[i] = most[i] = 0;
    for (size_t p = 0; p < points; p++, x += block)
        for (int i = lo; i < hi; i++) {
            net_real v = net_cell_get(x[i]) > 0 ? net_cell_get(x[i]) : 0;
            sum[i] += v;
            most[i] = v > most[i] ? v : most[i];
        }
}

/* The same for a whole block of 16, as vectors: unrolled, gcc makes 32 lone numbers of the sums. */
static inline __attribute__((always_inline)) void pool_block_16(const net_cell *x, size_t points, net_real *sum,
                                                                net_real *most)
{
    net_lanes sums = {0}, highest = {0};
    for (size_t p = 0; p < points; p++, x += 16) {
        net_lanes v;
        net_cell_lanes(x, &v);
        v = (net_lanes)((net_lane_mask)v & (v > 0));
        sums += v;
        net_lane_mask above = v > highest;
        highest = (net_lanes)(((net_lane_mask)v & above) | ((net_lane_mask)highest & ~above));
    }
    memcpy(sum, &sums, sizeof sums);
    memcpy(most, &highest, sizeof highest);
}

NET_CLONES static void cells_pool(struct net_extent e, struct net_layout l, const void *cells, int first, int count,
                                  net_real *out)
{
    const net_cell *x = cells;
    net_real sum[LANES], most[LANES], width = (net_real)(e.size - 10) / 10;
    size_t points = points_of(e);
    for (int row = 0; row < e.n; row++)
        for (int b = first / l.block; b * l.block < first + count; b++) {
            struct part part = part_of(l, b, first, count);
            const net_cell *from = x + block_at(e, l, row, b);
            if (l.block == 16 && part.lo == 0 && part.hi == 16)
                pool_block_16(from, points, sum, most);
            else
                pool_block(from, points, l.block, part.lo, part.hi, sum, most);
            net_real *to = out + (size_t)row * 3 * (size_t)count + part.at;
            for (int i = part.lo; i < part.hi; i++, to++) {
                net_real mean = sum[i] / (net_real)points;
                to[0] = mean;
                to[count] = mean * width;
                to[2 * count] = most[i];
            }
        }
}

static inline __attribute__((always_inline)) void pool_block_backward(const net_cell *restrict x, net_cell *restrict dx,
                                                                      size_t points, int block, int lo, int hi,
                                                                      const net_real *restrict each,
                                                                      net_real *restrict most, int *restrict best)
{
    for (int i = lo; i < hi; i++) {
        most[i] = 0;
        best[i] = 0;
    }
    for (size_t p = 0; p < points; p++, x += block, dx += block)
        for (int i = lo; i < hi; i++) {
            net_real v = net_cell_get(x[i]);
            best[i] = v > most[i] ? (int)p : best[i];
            most[i] = v > most[i] ? v : most[i];
            dx[i] = net_cell_put(net_cell_get(dx[i]) + (v > 0 ? each[i] : 0));
        }
}

NET_CLONES static void cells_pool_backward(struct net_extent e, struct net_layout l, const void *cells, int first,
                                           int count, const net_real *dout, void *gradient)
{
    const net_cell *x = cells;
    net_cell *dx = gradient;
    net_real each[LANES], most[LANES], width = (net_real)(e.size - 10) / 10;
    int best[LANES];
    size_t points = points_of(e);
    for (int row = 0; row < e.n; row++)
        for (int b = first / l.block; b * l.block < first + count; b++) {
            struct part part = part_of(l, b, first, count);
            size_t at = block_at(e, l, row, b);
            const net_real *d = dout + (size_t)row * 3 * (size_t)count + part.at - part.lo;
            for (int i = part.lo; i < part.hi; i++)
                each[i] = (d[i] + d[count + i] * width) / (net_real)points;
            if (l.block == 16 && part.lo == 0 && part.hi == 16)
                pool_block_backward(x + at, dx + at, points, 16, 0, 16, each, most, best);
            else
                pool_block_backward(x + at, dx + at, points, l.block, part.lo, part.hi, each, most, best);
            for (int i = part.lo; i < part.hi; i++) {
                net_cell *top = dx + at + (size_t)best[i] * (size_t)l.block + i;
                if (most[i] > 0)
                    *top = net_cell_put(net_cell_get(*top) + d[2 * count + i]);
            }
        }
}

static inline __attribute__((always_inline)) void shift_block(net_cell *restrict x, size_t points, int block,
                                                              const net_real *restrict bias)
{
    for (size_t p = 0; p < points; p++, x += block)
        for (int i = 0; i < block; i++) {
            net_real v = net_cell_get(x[i]) + bias[i];
            x[i] = net_cell_put(v > 0 ? v : 0);
        }
}

NET_CLONES static void cells_shift(struct net_extent e, struct net_layout l, void *cells, int first, int count,
                                   const net_real *bias)
{
    net_cell *x = cells;
    net_real lanes[LANES];
    for (int row = 0; row < e.n; row++)
        for (int b = 0; b < l.padded / l.block; b++) {
            struct part part = part_of(l, b, first, count);
            for (int i = 0; i < l.block; i++)
                lanes[i] = i >= part.lo && i < part.hi ? bias[row * count + part.at + i - part.lo] : 0;
            net_cell *at = x + block_at(e, l, row, b);
            if (l.block == 16)
                shift_block(at, points_of(e), 16, lanes);
            else
                shift_block(at, points_of(e), l.block, lanes);
        }
}

static inline __attribute__((always_inline)) void shift_block_backward(const net_cell *restrict x,
                                                                       net_cell *restrict dx, size_t points, int block,
                                                                       net_real *restrict sum)
{
    for (int i = 0; i < block; i++)
        sum[i] = 0;
    for (size_t p = 0; p < points; p++, x += block, dx += block)
        for (int i = 0; i < block; i++) {
            dx[i] = net_cell_where(x[i], dx[i]);
            sum[i] += net_cell_get(dx[i]);
        }
}

NET_CLONES static void cells_shift_backward(struct net_extent e, struct net_layout l, const void *cells, void *gradient,
                                            int first, int count, net_real *dbias)
{
    const net_cell *x = cells;
    net_cell *dx = gradient;
    net_real sum[LANES];
    for (int row = 0; row < e.n; row++)
        for (int b = 0; b < l.padded / l.block; b++) {
            struct part part = part_of(l, b, first, count);
            size_t at = block_at(e, l, row, b);
            if (l.block == 16)
                shift_block_backward(x + at, dx + at, points_of(e), 16, sum);
            else
                shift_block_backward(x + at, dx + at, points_of(e), l.block, sum);
            for (int i = part.lo; i < part.hi; i++)
                dbias[row * count + part.at + i - part.lo] = sum[i];
        }
}

#ifdef NET_CELL_BF16
const struct net_cells net_cells_bf16 = {
#else
const struct net_cells net_cells_real = {
#endif
    .bytes = sizeof(net_cell),
    .load = cells_load,
    .read = cells_read,
    .write = cells_write,
    .mask = cells_mask,
    .add = cells_add,
    .pool = cells_pool,
    .pool_backward = cells_pool_backward,
    .shift = cells_shift,
    .shift_backward = cells_shift_backward,
};

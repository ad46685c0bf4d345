/* The small steps between convolutions. Each inner loop runs over channels that lie together, so that it vectorises
 * without reordering any sum. */
#include "net/ops.h"

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

void net_step_load(struct net_extent e, struct net_layout l, const float *planes, net_real *x)
{
    size_t points = points_of(e);
    for (int row = 0; row < e.n; row++)
        for (int c = 0; c < l.padded; c++) {
            net_real *to = x + block_at(e, l, row, c / l.block) + c % l.block;
            const float *from = planes + ((size_t)row * (size_t)l.channels + (size_t)c) * points;
            for (size_t p = 0; p < points; p++)
                to[p * (size_t)l.block] = c < l.channels ? (net_real)from[p] : 0;
        }
}

void net_step_read(struct net_extent e, struct net_layout l, const net_real *x, int channel, net_real *out,
                   size_t stride)
{
    size_t points = points_of(e);
    for (int row = 0; row < e.n; row++) {
        const net_real *from = x + block_at(e, l, row, channel / l.block) + channel % l.block;
        for (size_t p = 0; p < points; p++)
            out[(size_t)row * stride + p] = from[p * (size_t)l.block];
    }
}

void net_step_write(struct net_extent e, struct net_layout l, net_real *x, int channel, const net_real *in,
                    size_t stride)
{
    size_t points = points_of(e);
    for (int row = 0; row < e.n; row++) {
        net_real *to = x + block_at(e, l, row, channel / l.block) + channel % l.block;
        for (size_t p = 0; p < points; p++)
            to[p * (size_t)l.block] = in[(size_t)row * stride + p];
    }
}

NET_CLONES void net_step_mask(size_t count, net_real *restrict gradient, const net_real *restrict more,
                              const net_real *restrict y)
{
    if (!more)
        for (size_t i = 0; i < count; i++)
            gradient[i] = y[i] > 0 ? gradient[i] : 0;
    else
        for (size_t i = 0; i < count; i++) {
            net_real sum = gradient[i] + more[i];
            gradient[i] = y[i] > 0 ? sum : 0;
        }
}

NET_CLONES void net_step_add(size_t count, net_real *restrict gradient, const net_real *restrict more)
{
    for (size_t i = 0; i < count; i++)
        gradient[i] += more[i];
}

static inline __attribute__((always_inline)) void pool_block(const net_real *x, size_t points, int block, int lo,
                                                             int hi, net_real *restrict sum, net_real *restrict most)
{
    for (int i = lo; i < hi; i++)
        sum[i] = most[i] = 0;
    for (size_t p = 0; p < points; p++, x += block)
        for (int i = lo; i < hi; i++) {
            net_real v = x[i] > 0 ? x[i] : 0;
            sum[i] += v;
            most[i] = v > most[i] ? v : most[i];
        }
}

NET_CLONES void net_step_pool(struct net_extent e, struct net_layout l, const net_real *x, int first, int count,
                              net_real *out)
{
    net_real sum[LANES], most[LANES], width = (net_real)(e.size - 10) / 10;
    size_t points = points_of(e);
    for (int row = 0; row < e.n; row++)
        for (int b = first / l.block; b * l.block < first + count; b++) {
            struct part part = part_of(l, b, first, count);
            const net_real *from = x + block_at(e, l, row, b);
            if (l.block == 16 && part.lo == 0 && part.hi == 16)
                pool_block(from, points, 16, 0, 16, sum, most);
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

static void pool_lane_backward(const net_real *x, net_real *dx, size_t points, int block, net_real each, net_real top)
{
    size_t best = 0;
    net_real most = 0;
    for (size_t p = 0; p < points; p++) {
        net_real v = x[p * (size_t)block];
        if (v > most) {
            most = v;
            best = p;
        }
        dx[p * (size_t)block] += v > 0 ? each : 0;
    }
    if (most > 0)
        dx[best * (size_t)block] += top;
}

void net_step_pool_backward(struct net_extent e, struct net_layout l, const net_real *x, int first, int count,
                            const net_real *dout, net_real *dx)
{
    net_real width = (net_real)(e.size - 10) / 10;
    size_t points = points_of(e);
    for (int row = 0; row < e.n; row++)
        for (int c = 0; c < count; c++) {
            size_t at = block_at(e, l, row, (first + c) / l.block) + (size_t)((first + c) % l.block);
            const net_real *d = dout + (size_t)row * 3 * (size_t)count + c;
            net_real each = (d[0] + d[count] * width) / (net_real)points;
            pool_lane_backward(x + at, dx + at, points, l.block, each, d[2 * count]);
        }
}

static inline __attribute__((always_inline)) void shift_block(net_real *restrict x, size_t points, int block,
                                                              const net_real *restrict bias)
{
    for (size_t p = 0; p < points; p++, x += block)
        for (int i = 0; i < block; i++) {
            net_real v = x[i] + bias[i];
            x[i] = v > 0 ? v : 0;
        }
}

NET_CLONES void net_step_shift(struct net_extent e, struct net_layout l, net_real *x, int first, int count,
                               const net_real *bias)
{
    net_real lanes[LANES];
    for (int row = 0; row < e.n; row++)
        for (int b = 0; b < l.padded / l.block; b++) {
            struct part part = part_of(l, b, first, count);
            for (int i = 0; i < l.block; i++)
                lanes[i] = i >= part.lo && i < part.hi ? bias[row * count + part.at + i - part.lo] : 0;
            net_real *at = x + block_at(e, l, row, b);
            if (l.block == 16)
                shift_block(at, points_of(e), 16, lanes);
            else
                shift_block(at, points_of(e), l.block, lanes);
        }
}

static inline __attribute__((always_inline)) void shift_block_backward(const net_real *restrict x,
                                                                       net_real *restrict dx, size_t points, int block,
                                                                       net_real *restrict sum)
{
    for (int i = 0; i < block; i++)
        sum[i] = 0;
    for (size_t p = 0; p < points; p++, x += block, dx += block)
        for (int i = 0; i < block; i++) {
            net_real d = x[i] > 0 ? dx[i] : 0;
            dx[i] = d;
            sum[i] += d;
        }
}

NET_CLONES void net_step_shift_backward(struct net_extent e, struct net_layout l, const net_real *x, net_real *dx,
                                        int first, int count, net_real *dbias)
{
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

NET_CLONES void net_step_dense(int n, int ins, int outs, bool relu, const net_real *in, const net_real *restrict weight,
                               const net_real *bias, net_real *restrict out)
{
    for (int row = 0; row < n; row++, in += ins, out += outs) {
        for (int j = 0; j < outs; j++)
            out[j] = bias[j];
        for (int i = 0; i < ins; i++) {
            const net_real v = in[i], *w = weight + (size_t)i * (size_t)outs;
            for (int j = 0; j < outs; j++)
                out[j] += v * w[j];
        }
        for (int j = 0; relu && j < outs; j++)
            out[j] = out[j] > 0 ? out[j] : 0;
    }
}

/* Eight running sums: the order is fixed, and the loop still vectorises. */
static inline __attribute__((always_inline)) net_real dot(int count, const net_real *a, const net_real *b)
{
    net_real sums[8] = {0}, rest = 0;
    int i = 0;
    for (; i + 8 <= count; i += 8)
        for (int j = 0; j < 8; j++)
            sums[j] += a[i + j] * b[i + j];
    for (; i < count; i++)
        rest += a[i] * b[i];
    for (int j = 0; j < 8; j++)
        rest += sums[j];
    return rest;
}

NET_CLONES void net_step_dense_backward(int n, int ins, int outs, bool relu, const net_real *in, const net_real *weight,
                                        const net_real *out, net_real *restrict dout, net_real *restrict dweight,
                                        net_real *restrict dbias, net_real *restrict din, bool add)
{
    for (int row = 0; row < n; row++, in += ins, out += outs, dout += outs) {
        for (int j = 0; j < outs; j++) {
            dout[j] = relu && !(out[j] > 0) ? 0 : dout[j];
            dbias[j] += dout[j];
        }
        for (int i = 0; i < ins; i++) {
            net_real *d = dweight + (size_t)i * (size_t)outs;
            for (int j = 0; j < outs; j++)
                d[j] += in[i] * dout[j];
            if (din)
                din[(size_t)row * (size_t)ins + (size_t)i] = dot(outs, dout, weight + (size_t)i * (size_t)outs) +
                                                             (add ? din[(size_t)row * (size_t)ins + (size_t)i] : 0);
        }
    }
}

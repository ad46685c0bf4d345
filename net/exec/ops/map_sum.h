/* What operations that add up a map over the board have in common: tanh of one channel at each point. Private to exec/ops/.
 *
 * `term` and `slope` are inlined: term(t) is what a point adds, slope(run, row, t) the gradient of its channel before tanh. */
#ifndef TENGEN_NET_EXEC_OPS_MAP_SUM_H
#define TENGEN_NET_EXEC_OPS_MAP_SUM_H

#include <string.h>

#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/real.h"

/* A row, and its channel. */
static inline size_t map_sum_scratch(const struct net_run *run)
{
    return net_run_points(run) * (size_t)(run->in[0]->layout.channels + 1) * sizeof(net_real);
}

/* Reads a row to `values` [points][channels]; returns tanh of its channel [points], which follows them. */
static inline net_real *map_sum_read(const struct net_run *run, int row, net_real *values)
{
    const size_t points = net_run_points(run), channels = (size_t)run->in[0]->layout.channels;
    net_real *t = values + points * channels;
    net_run_read(run, run->in[0], row, values);
    for (size_t p = 0; p < points; p++)
        t[p] = values[p * channels + (size_t)run->op->first];
    net_tanh(points, t);
    return t;
}

/* start + the sum of term(t) over the points of a row. */
static inline net_real map_sum(const struct net_run *run, int row, net_real start, net_real (*term)(net_real t))
{
    const net_real *t = map_sum_read(run, row, run->scratch);
    net_real sum = start;
    for (size_t p = 0; p < net_run_points(run); p++)
        sum += term(t[p]);
    return sum;
}

static inline void map_sum_backward(const struct net_run *run,
                                    net_real (*slope)(const struct net_run *run, int row, net_real t))
{
    const size_t points = net_run_points(run), channels = (size_t)run->in[0]->layout.channels;
    net_real *values = run->scratch;
    for (int row = 0; row < run->extent.n; row++) {
        const net_real *t = map_sum_read(run, row, values);
        memset(values, 0, points * channels * sizeof *values);
        for (size_t p = 0; p < points; p++)
            values[p * channels + (size_t)run->op->first] = slope(run, row, t[p]);
        net_run_give_gradient(run, 0, row, values);
    }
}

#endif

/* What operations that add up a map over the board have in common: tanh of one channel at each point. Private to exec/ops/.
 *
 * `term` and `slope` are inlined: term(t) is what a point adds, slope(run, row, t) the gradient of its channel before tanh. */
#ifndef TENGEN_NET_EXEC_OPS_MAP_SUM_H
#define TENGEN_NET_EXEC_OPS_MAP_SUM_H

#include <string.h>

#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/real.h"

static inline size_t map_sum_scratch(const struct net_run *run)
{
    return net_run_points(run) * (size_t)run->in[0]->layout.channels * sizeof(net_real);
}

/* start + the sum of term(t) over the points of a row. */
static inline net_real map_sum(const struct net_run *run, int row, net_real start, net_real (*term)(net_real t))
{
    const size_t points = net_run_points(run), channels = (size_t)run->in[0]->layout.channels;
    net_real *values = run->scratch, sum = start;
    net_run_read(run, run->in[0], row, values);
    for (size_t p = 0; p < points; p++)
        sum += term(net_real_tanh(values[p * channels + (size_t)run->op->first]));
    return sum;
}

static inline void map_sum_backward(const struct net_run *run,
                                    net_real (*slope)(const struct net_run *run, int row, net_real t))
{
    const size_t points = net_run_points(run), channels = (size_t)run->in[0]->layout.channels;
    net_real *values = run->scratch;
    for (int row = 0; row < run->extent.n; row++) {
        net_run_read(run, run->in[0], row, values);
        for (size_t p = 0; p < points; p++) {
            const net_real t = net_real_tanh(values[p * channels + (size_t)run->op->first]);
            memset(values + p * channels, 0, channels * sizeof *values);
            values[p * channels + (size_t)run->op->first] = slope(run, row, t);
        }
        net_run_give_gradient(run, 0, row, values);
    }
}

#endif

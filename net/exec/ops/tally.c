/* out = scale * the sum over the points of tanh(one channel of in), flat: the sum of a map of -1..1, in Go the margin on the
 * board. */
#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <string.h>

static size_t scratch(const struct net_run *run)
{
    return net_run_points(run) * (size_t)run->in[0]->layout.channels * sizeof(net_real);
}

static void forward(const struct net_run *run)
{
    const size_t points = net_run_points(run), channels = (size_t)run->in[0]->layout.channels;
    net_real *values = run->scratch, *out = run->out->data;
    for (int row = 0; row < run->extent.n; row++) {
        net_real sum = 0;
        net_run_read(run, run->in[0], row, values);
        for (size_t p = 0; p < points; p++)
            sum += net_real_tanh(values[p * channels + (size_t)run->op->first]);
        out[row] = sum * (net_real)run->op->scale;
    }
}

static void backward(const struct net_run *run)
{
    const size_t points = net_run_points(run), channels = (size_t)run->in[0]->layout.channels;
    net_real *values = run->scratch;
    const net_real *gradient = run->out->gradient;
    for (int row = 0; row < run->extent.n; row++) {
        net_run_read(run, run->in[0], row, values);
        for (size_t p = 0; p < points; p++) {
            const net_real t = net_real_tanh(values[p * channels + (size_t)run->op->first]);
            memset(values + p * channels, 0, channels * sizeof *values);
            values[p * channels + (size_t)run->op->first] = gradient[row] * (1 - t * t) * (net_real)run->op->scale;
        }
        net_run_give_gradient(run, 0, row, values);
    }
}

const struct net_op_kind net_op_tally = {
    .name = "tally",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
};

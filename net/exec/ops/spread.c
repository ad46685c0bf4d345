/* out = scale * sqrt(floor + the sum over the points of 1 - tanh(one channel of in)^2), flat: the standard deviation of the sum of a map
 * whose points are won or lost independently, with chances that give these means. */
#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <math.h>
#include <string.h>

static const double floor_variance = 0.25; /* points^2: what is left where everything is certain */

static size_t scratch(const struct net_run *run)
{
    return net_run_points(run) * (size_t)run->in[0]->layout.channels * sizeof(net_real);
}

static void forward(const struct net_run *run)
{
    const size_t points = net_run_points(run), channels = (size_t)run->in[0]->layout.channels;
    net_real *values = run->scratch, *out = run->out->data;
    for (int row = 0; row < run->extent.n; row++) {
        net_real sum = (net_real)floor_variance;
        net_run_read(run, run->in[0], row, values);
        for (size_t p = 0; p < points; p++) {
            const net_real t = net_real_tanh(values[p * channels + (size_t)run->op->first]);
            sum += 1 - t * t;
        }
        out[row] = (net_real)(run->op->scale * sqrt((double)sum));
    }
}

/* d out / d x = scale^2 (-t (1 - t^2)) / out */
static void backward(const struct net_run *run)
{
    const size_t points = net_run_points(run), channels = (size_t)run->in[0]->layout.channels;
    const net_real square = (net_real)(run->op->scale * run->op->scale);
    net_real *values = run->scratch;
    const net_real *out = run->out->data, *gradient = run->out->gradient;
    for (int row = 0; row < run->extent.n; row++) {
        net_run_read(run, run->in[0], row, values);
        for (size_t p = 0; p < points; p++) {
            const net_real t = net_real_tanh(values[p * channels + (size_t)run->op->first]);
            memset(values + p * channels, 0, channels * sizeof *values);
            values[p * channels + (size_t)run->op->first] = -gradient[row] * square * t * (1 - t * t) / out[row];
        }
        net_run_give_gradient(run, 0, row, values);
    }
}

const struct net_op_kind net_op_spread = {
    .name = "spread",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
};

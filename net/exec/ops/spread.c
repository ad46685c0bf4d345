/* out = scale * sqrt(floor + the sum over the points of 1 - tanh(one channel of in)^2), flat: the standard deviation of the sum of a map
 * whose points are won or lost independently, with chances that give these means. */
#include <math.h>

#include "net/exec/ops/map_sum.h"
#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/real.h"

static const double floor_variance = 0.25; /* points^2: what is left where everything is certain */

static net_real term(net_real t)
{
    return 1 - t * t;
}

static void forward(const struct net_run *run)
{
    net_real *out = run->out->data;
    for (int row = 0; row < run->extent.n; row++)
        out[row] = (net_real)(run->op->scale * sqrt((double)map_sum(run, row, (net_real)floor_variance, term)));
}

/* d out / d x = scale^2 (-t (1 - t^2)) / out */
static net_real slope(const struct net_run *run, int row, net_real t)
{
    const net_real square = (net_real)(run->op->scale * run->op->scale);
    const net_real *out = run->out->data, *gradient = run->out->gradient;
    return -gradient[row] * square * t * (1 - t * t) / out[row];
}

static void backward(const struct net_run *run)
{
    map_sum_backward(run, slope);
}

const struct net_op_kind net_op_spread = {
    .name = "spread",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .scratch = map_sum_scratch,
    .forward = forward,
    .backward = backward,
};

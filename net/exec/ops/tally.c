/* out = scale * the sum over the points of tanh(one channel of in), flat: the sum of a map of -1..1, in Go the margin on the
 * board. */
#include "net/exec/ops/map_sum.h"
#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/real.h"

static net_real term(net_real t)
{
    return t;
}

static void forward(const struct net_run *run)
{
    net_real *out = run->out->data;
    for (int row = 0; row < run->extent.n; row++)
        out[row] = map_sum(run, row, 0, term) * (net_real)run->op->scale;
}

static net_real slope(const struct net_run *run, int row, net_real t)
{
    const net_real *gradient = run->out->gradient;
    return gradient[row] * (1 - t * t) * (net_real)run->op->scale;
}

static void backward(const struct net_run *run)
{
    map_sum_backward(run, slope);
}

const struct net_op_kind net_op_tally = {
    .name = "tally",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .scratch = map_sum_scratch,
    .forward = forward,
    .backward = backward,
};

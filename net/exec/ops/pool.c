/* out = mean, mean * edge scale, maximum of relu(in) over the points, for a range of channels. */
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"

static void forward(const struct net_run *run)
{
    const struct net_operand *in = run->in[0];
    run->arithmetic->packed->pool(run->extent, in->layout, in->data, run->op->first, run->op->count, run->out->data);
}

static void backward(const struct net_run *run)
{
    const struct net_operand *in = run->in[0];
    if (run->op->want[0])
        run->arithmetic->packed->pool_backward(run->extent, in->layout, in->data, run->op->first, run->op->count,
                                               run->out->gradient, net_run_gradient(run, 0));
}

const struct net_op_kind net_op_pool = {
    .name = "pool",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .rectifies = true,
    .forward = forward,
    .backward = backward,
};

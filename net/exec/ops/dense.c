/* out = act(in * weight + bias), flat tensors. */
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/real.h"

static double flops(const struct net_graph *graph, const struct net_op *op, size_t points)
{
    (void)points;
    return 2.0 * (double)graph->param[op->param[0]].count;
}

static void forward(const struct net_run *run)
{
    net_dense_forward(run->extent.n, run->in[0]->layout.channels, run->out->layout.channels, run->op->relu,
                      run->in[0]->data, run->param[0], run->param[1], run->out->data);
}

static void backward(const struct net_run *run)
{
    net_dense_backward(run->extent.n, run->in[0]->layout.channels, run->out->layout.channels, run->op->relu,
                       run->in[0]->data, run->param[0], run->out->data, run->out->gradient, run->param_gradient[0],
                       run->param_gradient[1], run->op->want[0] ? run->in[0]->gradient : NULL, run->op->add[0]);
}

const struct net_op_kind net_op_dense = {
    .name = "dense",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .flops = flops,
    .forward = forward,
    .backward = backward,
};

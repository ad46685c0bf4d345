/* out = relu(in + a flat input on a range of channels); in place if the first input has no later reader. */

#include <string.h>

#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/real.h"

static void forward(const struct net_run *run)
{
    const struct net_operand *in = run->in[0], *out = run->out;
    const struct net_op *op = run->op;
    if (out->scales) {
        run->arithmetic->quantisation->bias_relu(run->extent, in->layout, in->data, op->first, op->count,
                                                 run->in[1]->data, out->scales, out->data);
        return;
    }
    if (!op->in_place)
        memcpy(out->data, in->data, out->width * net_run_places(run, out));
    run->arithmetic->packed->bias_relu(run->extent, out->layout, out->data, op->first, op->count, run->in[1]->data);
}

/* Whether the bias's gradient goes to a temporary buffer, because it has to be added or is not needed. */
static bool needs_sum(const struct net_run *run)
{
    return !run->op->want[1] || run->op->add[1];
}

static size_t scratch(const struct net_run *run)
{
    return needs_sum(run) ? (size_t)(run->extent.n * run->op->count) * sizeof(net_real) : 0;
}

static void backward(const struct net_run *run)
{
    const struct net_operand *out = run->out;
    const struct net_op *op = run->op;
    const struct net_packed *packed = run->arithmetic->packed;
    net_real *bias = needs_sum(run) ? run->scratch : run->in[1]->gradient;
    packed->bias_relu_backward(run->extent, out->layout, out->data, out->gradient, op->first, op->count, bias);
    size_t places = net_run_places(run, out);
    if (op->want[0] && !op->shared[0] && op->add[0])
        packed->add(places * (size_t)out->layout.padded, run->in[0]->gradient, out->gradient);
    else if (op->want[0] && !op->shared[0])
        memcpy(run->in[0]->gradient, out->gradient, out->gradient_width * places);
    if (op->add[1])
        net_packed_real.add((size_t)(run->extent.n * op->count), run->in[1]->gradient, bias);
}

const struct net_op_kind net_op_bias_relu = {
    .name = "bias_relu",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = 0,
    .in_place = true,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
};

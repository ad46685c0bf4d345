/* out = act(conv(in) + bias [+ second input]), with zero padding; the residual sum is fused. */
#include "net/graph/conv_layer.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"

#include <string.h>

/* In int8 the 1x1 convolution of the heads reads the more precise 16-bit values. */
static bool reads_u16(const struct net_run *run)
{
    return run->op->kernel == 1 && run->op->block < 0 && run->in[0]->scales && run->in[0]->scales->u16;
}

static bool create(struct net_run *run, GError **error)
{
    const struct net_scales *in = run->in[0]->scales, *out = run->out->scales;
    const struct net_conv_spec spec = {.in = run->in[0]->layout.channels,
                                       .out = run->out->layout.channels,
                                       .kernel = run->op->kernel,
                                       .relu = run->op->relu,
                                       .add = run->op->ins > 1,
                                       .real_out = run->out->real,
                                       .quantised_in = in != NULL,
                                       .quantised_out = out != NULL,
                                       .u16_in = reads_u16(run),
                                       .u16_out = out && out->u16,
                                       .training = run->training,
                                       .want_data = run->training && run->op->want[0]};
    return net_conv_layer_create(run, &spec, 1, error);
}

static void forward(const struct net_run *run)
{
    void *out = run->out->data;
    if (run->op->ins > 1 && run->in[1]->data != out)
        memcpy(out, run->in[1]->data, run->out->width * net_run_places(run, run->out));
    run->arithmetic->forward(net_conv_layer_plan_of(run, 0), run->in[0]->data, out, run->scratch);
}

static size_t elements(const struct net_run *run, const struct net_operand *operand)
{
    return net_run_places(run, operand) * (size_t)operand->layout.padded;
}

static void data_backward(const struct net_run *run)
{
    const struct net_operand *in = run->in[0];
    const struct net_op *op = run->op;
    void *din = in->gradient, *fresh = op->add[0] ? run->spare : din;
    run->arithmetic->backward_data(net_conv_layer_plan_of(run, 0), run->out->gradient, fresh, run->scratch);
    if (op->mask_in)
        run->arithmetic->packed->mask(elements(run, in), din, op->add[0] ? fresh : NULL, in->data);
    else if (op->add[0])
        run->arithmetic->packed->add(elements(run, in), din, fresh);
}

static void backward(const struct net_run *run)
{
    const struct net_op *op = run->op;
    const struct net_operand *out = run->out;
    if (op->mask_out)
        run->arithmetic->packed->mask(elements(run, out), out->gradient, NULL, out->data);
    run->arithmetic->backward_weights(net_conv_layer_plan_of(run, 0), run->in[0]->data, out->gradient, run->scratch);
    if (op->want[0])
        data_backward(run);
    if (op->ins < 2 || !op->want[1] || op->shared[1])
        return;
    if (op->add[1])
        run->arithmetic->packed->add(elements(run, out), run->in[1]->gradient, out->gradient);
    else
        memcpy(run->in[1]->gradient, out->gradient, out->gradient_width * net_run_places(run, out));
}

static const struct net_op_layer layer = NET_CONV_LAYER(create, net_conv_layer_plan);

const struct net_op_kind net_op_conv = {
    .name = "conv",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = 1,
    .accumulates = true,
    .convolves = true,
    .flops = net_conv_layer_flops,
    .scratch = net_conv_layer_scratch,
    .forward = forward,
    .backward = backward,
    .layer = &layer,
};

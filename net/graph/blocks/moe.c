/* A mixture of experts (Jacobs et al. 1991, "Adaptive mixtures of local experts"): a residual block whose first convolution is one of
 * several, chosen for the position as a whole. A position uses, and pays for, one of them.
 *
 *   x --mean over the points--> f --nearest centroid--> expert
 *   x --3x3 of that expert, relu--> h --3x3 (+ x), relu--> x
 *
 * How experts are chosen: exec/ops/route.c. */
#include "net/graph/blocks/blocks.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/conv_layer.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/net.h"

#include <string.h>

_Static_assert(2 * NET_EXPERTS_MAX <= NET_OP_PARAMS, "weights and bias of each expert");

/* ---- expert: out = relu(conv(first input) + bias) with weights and bias number [second input], row by row ---- */

static bool create(struct net_run *run, GError **error)
{
    const struct net_conv_spec spec = {.in = run->in[0]->layout.channels,
                                       .out = run->out->layout.channels,
                                       .kernel = run->op->kernel,
                                       .relu = true,
                                       .quantised_in = run->in[0]->scales != NULL,
                                       .quantised_out = run->out->scales != NULL,
                                       .training = run->training,
                                       .want_data = run->training && run->op->want[0]};
    return net_conv_layer_create(run, &spec, run->op->experts, error);
}

/* Elements of one row, and their size in bytes. Of a quantised tensor only the bytes count: its 16-bit values follow those of all
 * rows. */
static size_t elements(const struct net_run *run, const struct net_operand *operand)
{
    return net_run_points(run) * (size_t)operand->layout.padded;
}

static size_t row_bytes(const struct net_run *run, const struct net_operand *operand)
{
    return elements(run, operand) * (operand->scales ? 1 : run->arithmetic->packed->bytes);
}

static void expert_forward(const struct net_run *run)
{
    const size_t from = row_bytes(run, run->in[0]), to = row_bytes(run, run->out);
    const char *src = run->in[0]->data;
    char *dst = run->out->data;
    for (int row = 0; row < run->extent.n; row++, src += from, dst += to)
        run->arithmetic->forward(net_conv_layer_plan_of(run, net_run_expert(run, row)), src, dst, run->scratch);
}

static void expert_backward(const struct net_run *run)
{
    const struct net_arithmetic *arithmetic = run->arithmetic;
    const struct net_operand *in = run->in[0], *out = run->out;
    const size_t from = row_bytes(run, in), to = row_bytes(run, out), rows = (size_t)run->extent.n;
    const char *src = in->data;
    char *diff = out->gradient, *fresh = run->op->add[0] ? run->spare : in->gradient;
    arithmetic->packed->mask(rows * elements(run, out), out->gradient, NULL, out->data);
    for (int row = 0; row < run->extent.n; row++, src += from, diff += to, fresh += from) {
        struct net_conv_plan *own = net_conv_layer_plan_of(run, net_run_expert(run, row));
        arithmetic->backward_weights(own, src, diff, run->scratch);
        if (run->op->want[0])
            arithmetic->backward_data(own, diff, fresh, run->scratch);
    }
    if (run->op->want[0] && run->op->add[0])
        arithmetic->packed->add(rows * elements(run, in), in->gradient, run->spare);
    if (run->op->want[1])
        net_run_gradient(run, 1);
}

static const struct net_op_layer layer = NET_CONV_LAYER(create, net_conv_layer_plan_row);

static const struct net_op_kind expert_op = {
    .name = "expert",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .reads_quantised = 1,
    .convolves = true,
    .flops = net_conv_layer_flops,
    .scratch = net_conv_layer_scratch,
    .forward = expert_forward,
    .backward = expert_backward,
    .layer = &layer,
};

/* ---- the block ---- */

static void emit(struct net_builder *builder, int channels)
{
    char name[48];
    g_snprintf(name, sizeof name, "%s.route", builder->name);
    const int choice = net_graph_route(builder->graph, name, builder->x, 0, channels, builder->modifiers.experts);
    struct net_op op = {.kind = &expert_op,
                        .ins = 2,
                        .in = {builder->x, choice},
                        .kernel = 3,
                        .relu = true,
                        .experts = builder->modifiers.experts};
    op.params = 2 * op.experts;
    for (int e = 0; e < op.experts; e++) {
        char part[16];
        g_snprintf(part, sizeof part, "expert%d", e + 1);
        const struct net_weights weights = net_builder_conv_weights(builder, part, channels, channels, 3, 1);
        op.param[2 * e] = weights.weight;
        op.param[2 * e + 1] = weights.bias;
    }
    const int h = net_graph_add(builder->graph, &op, channels, true);
    net_builder_add_conv(builder, net_builder_conv, "conv2", net_builder_drop(builder, h), channels,
                         net_builder_last_gain(builder));
}

/* A residual block whose first convolution all experts begin with (Komatsuzaki et al. 2022, "Sparse upcycling: training mixture-of-experts
 * from dense checkpoints"). */
static const char *continued_part(const char *part)
{
    return g_str_has_prefix(part, "expert") ? "conv1" : strcmp(part, "conv2") == 0 ? "conv2" : NULL;
}

const struct net_block net_block_moe = {
    .name = "moe",
    .help = "residual block whose first convolution is one of several experts, chosen for the position as a whole",
    .residual = true,
    .last = "conv2",
    .continues = "res",
    .continued_part = continued_part,
    .takes = NET_TAKES_DROP | NET_TAKES_BRANCH | NET_TAKES_EXPERTS,
    .emit = emit,
    .ops = (const struct net_op_kind *const[]){&expert_op, NULL},
};

/* A mixture of experts (Jacobs et al. 1991, "Adaptive mixtures of local experts"): a residual block whose first convolution is one of
 * several, chosen for the position as a whole. A position uses, and pays for, one of them.
 *
 *   x --mean over the points--> f --nearest centroid--> expert
 *   x --3x3 of that expert, relu--> h --3x3 (+ x), relu--> x
 *
 * Experts are chosen by clusters of the trunk's features, without a gradient (Gross et al. 2017, "Hard mixtures of experts for large
 * scale weakly supervised vision"): each centroid moves to the mean of its positions as in online k-means, and a bias on its distance
 * falls while it has more than its share of a batch (Wang et al. 2024, "Auxiliary-loss-free load balancing strategy for mixture-of-experts",
 * for the scores of a learned gate). So no expert starves, nothing is added to the loss, and what an expert computes needs no factor, which
 * int8 could not apply. */
#include "net/graph/blocks/blocks.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/conv_layer.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <string.h>

_Static_assert(2 * NET_EXPERTS_MAX <= NET_OP_PARAMS, "weights and bias of each expert");

/* ---- route: out [n][1] = the number of the centroid nearest to the mean of the input, less its bias ---- */

enum { CENTROIDS, BIAS }; /* parameters [experts][channels], [experts] */

static size_t route_row(const struct net_run *run)
{
    return net_run_points(run) * (size_t)run->in[0]->layout.channels;
}

static size_t route_scratch(const struct net_run *run)
{
    return (route_row(run) + (size_t)run->in[0]->layout.channels) * sizeof(net_real);
}

/* The means [n][channels]. */
static size_t route_keep(const struct net_run *run)
{
    return (size_t)run->extent.n * (size_t)run->in[0]->layout.channels * sizeof(net_real);
}

static void read_mean(const struct net_run *run, int row, net_real *x, net_real *mean)
{
    const size_t channels = (size_t)run->in[0]->layout.channels, points = net_run_points(run);
    net_run_read(run, run->in[0], row, x);
    memset(mean, 0, channels * sizeof *mean);
    for (size_t p = 0; p < points; p++, x += channels)
        for (size_t c = 0; c < channels; c++)
            mean[c] += x[c];
    for (size_t c = 0; c < channels; c++)
        mean[c] /= (net_real)points;
}

static net_real distance(const struct net_run *run, int expert, const net_real *mean)
{
    const size_t channels = (size_t)run->in[0]->layout.channels;
    const net_real *centroid = run->param[CENTROIDS] + (size_t)expert * channels;
    net_real sum = 0;
    for (size_t c = 0; c < channels; c++)
        sum += (mean[c] - centroid[c]) * (mean[c] - centroid[c]);
    return sum;
}

static void route_forward(const struct net_run *run)
{
    const size_t channels = (size_t)run->in[0]->layout.channels;
    net_real *x = run->scratch, *mean = x + route_row(run), *out = run->out->data;
    for (int row = 0; row < run->extent.n; row++) {
        net_real most = 0;
        if (run->keep)
            mean = (net_real *)run->keep + (size_t)row * channels;
        read_mean(run, row, x, mean);
        for (int e = 0; e < run->op->experts; e++) {
            const net_real score = run->param[BIAS][e] - distance(run, e, mean);
            if (e == 0 || score > most) {
                most = score;
                out[row] = (net_real)e;
            }
        }
    }
}

/* What the optimiser takes for gradients: of half the mean squared distance for the centroids, and for the biases the excess over an equal
 * share, in units of that distance; means over the whole batch. The true ones are 0: a small change of these parameters changes no choice. */
static void route_backward(const struct net_run *run)
{
    const size_t channels = (size_t)run->in[0]->layout.channels;
    const int n = run->extent.n, experts = run->op->experts;
    const net_real *mean = run->keep, *choice = run->out->data;
    const net_real each = 1 / (net_real)(run->pass->rows > 0 ? run->pass->rows : n);
    net_real count[NET_EXPERTS_MAX] = {0}, spread = 0;
    for (int row = 0; row < n; row++, mean += channels) {
        const int e = (int)choice[row];
        const net_real *centroid = run->param[CENTROIDS] + (size_t)e * channels;
        net_real *to = run->param_gradient[CENTROIDS] + (size_t)e * channels;
        count[e]++;
        spread += distance(run, e, mean) / (net_real)n;
        for (size_t c = 0; c < channels; c++)
            to[c] += each * (centroid[c] - mean[c]);
    }
    for (int e = 0; e < experts; e++)
        run->param_gradient[BIAS][e] += each * spread * (count[e] - (net_real)n / (net_real)experts);
    if (run->op->want[0])
        net_run_gradient(run, 0);
}

static const struct net_op_kind route_op = {
    .name = "route",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .reads_quantised = 1,
    .keep = route_keep,
    .scratch = route_scratch,
    .forward = route_forward,
    .backward = route_backward,
};

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

/* Elements of one row, and their bytes; of a quantised tensor, of which 16-bit values would follow those of all rows, of the bytes alone. */
static size_t elements(const struct net_run *run, const struct net_operand *operand)
{
    return net_run_points(run) * (size_t)operand->layout.padded;
}

static size_t row_bytes(const struct net_run *run, const struct net_operand *operand)
{
    return elements(run, operand) * (operand->scales ? 1 : run->arithmetic->packed->bytes);
}

static int choice_of(const struct net_run *run, int row)
{
    return (int)((const net_real *)run->in[1]->data)[row];
}

static void expert_forward(const struct net_run *run)
{
    const size_t from = row_bytes(run, run->in[0]), to = row_bytes(run, run->out);
    const char *src = run->in[0]->data;
    char *dst = run->out->data;
    for (int row = 0; row < run->extent.n; row++, src += from, dst += to)
        run->arithmetic->forward(net_conv_layer_plan_of(run, choice_of(run, row)), src, dst, run->scratch);
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
        struct net_conv_plan *own = net_conv_layer_plan_of(run, choice_of(run, row));
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

static int route(struct net_builder *builder, int channels)
{
    struct net_graph *graph = builder->graph;
    struct net_op op = {
        .kind = &route_op, .ins = 1, .in = {builder->x}, .params = 2, .experts = builder->modifiers.experts};
    char name[48];
    g_snprintf(name, sizeof name, "%s.route", builder->name);
    op.param[CENTROIDS] = net_graph_param(graph, name, "centroids", 2, (int[]){op.experts, channels}, 0.05);
    op.param[BIAS] = net_graph_param(graph, name, "bias", 1, &op.experts, 0);
    for (int k = 0; k < op.params; k++) {
        graph->param[op.param[k]].decay = false;
        graph->param[op.param[k]].by_rule = true;
    }
    return net_graph_add(graph, &op, 1, false);
}

static void emit(struct net_builder *builder, int channels)
{
    struct net_op op = {.kind = &expert_op,
                        .ins = 2,
                        .in = {builder->x, route(builder, channels)},
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
    .ops = (const struct net_op_kind *const[]){&route_op, &expert_op, NULL},
};

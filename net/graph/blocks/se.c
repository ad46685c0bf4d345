/* Squeeze and excitation (Hu et al. 2018, "Squeeze-and-Excitation Networks"): a residual block whose channels are
 * weighted by factors between 0 and 1, which a small network computes from channels pooled over the board. */
#include "net/graph/blocks/blocks.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/real.h"

/* ---- the operation: out = relu(second input + first input * sigmoid(third input, flat)) ---- */

static size_t row_count(const struct net_run *run)
{
    return net_run_points(run) * (size_t)run->out->layout.channels;
}

/* Three rows and the factors of one. */
static size_t gate_scratch(const struct net_run *run)
{
    return (3 * row_count(run) + (size_t)run->out->layout.channels) * sizeof(net_real);
}

static void open_gates(const struct net_run *run, int row, net_real *gate)
{
    size_t channels = (size_t)run->out->layout.channels;
    const net_real *logits = (const net_real *)run->in[2]->data + (size_t)row * channels;
    for (size_t c = 0; c < channels; c++)
        gate[c] = 1 / (1 + net_real_exp(-logits[c]));
}

static void gate_forward(const struct net_run *run)
{
    size_t channels = (size_t)run->out->layout.channels, count = row_count(run);
    net_real *gate = run->scratch, *x = gate + channels, *residual = x + count;
    for (int row = 0; row < run->extent.n; row++) {
        open_gates(run, row, gate);
        net_run_read(run, run->in[0], row, x);
        net_run_read(run, run->in[1], row, residual);
        for (size_t i = 0; i < count; i += channels)
            for (size_t c = 0; c < channels; c++) {
                net_real v = residual[i + c] + x[i + c] * gate[c];
                x[i + c] = MAX(v, 0);
            }
        net_run_write(run, run->out, row, x);
    }
}

static void gate_backward(const struct net_run *run)
{
    size_t channels = (size_t)run->out->layout.channels, count = row_count(run);
    net_real *gate = run->scratch, *x = gate + channels, *out = x + count, *d = out + count;
    net_real *logits = net_run_gradient(run, 2);
    for (int row = 0; row < run->extent.n; row++, logits += channels) {
        open_gates(run, row, gate);
        net_run_read(run, run->in[0], row, x);
        net_run_read(run, run->out, row, out);
        net_run_read_gradient(run, row, d);
        for (size_t i = 0; i < count; i += channels)
            for (size_t c = 0; c < channels; c++) {
                d[i + c] = out[i + c] > 0 ? d[i + c] : 0;
                logits[c] += d[i + c] * x[i + c] * gate[c] * (1 - gate[c]);
                x[i + c] = d[i + c] * gate[c];
            }
        net_run_give_gradient(run, 0, row, x);
        net_run_give_gradient(run, 1, row, d);
    }
}

static const struct net_op_kind gate_op = {
    .name = "gate",
    .inference = NET_DTYPES_REAL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .scratch = gate_scratch,
    .forward = gate_forward,
    .backward = gate_backward,
};

/* ---- the block ---- */

/* Gates are 1/2 at initialisation, for which the gain of the last convolution compensates. */
static void emit(struct net_builder *builder, int channels)
{
    struct net_graph *graph = builder->graph;
    int h = net_builder_conv(builder, "conv1", builder->x, channels, true, NET_NO_TENSOR, 1);
    int raw = net_builder_conv(builder, "conv2", net_builder_drop(builder, h), channels, false, NET_NO_TENSOR,
                               2 * net_builder_last_gain(builder));
    int pool = net_graph_pool(graph, raw, 0, channels);
    int squeezed = net_builder_dense(builder, "squeeze", pool, MAX(4, channels / 4), true, 1);
    int gates = net_builder_dense(builder, "excite", squeezed, channels, false, 0.5);
    const struct net_op gate = {
        .kind = &gate_op, .ins = 3, .in = {net_builder_drop_branch(builder, raw), builder->x, gates}, .relu = true};
    builder->x = net_graph_add(graph, &gate, channels, true);
}

const struct net_block net_block_se = {
    .name = "se",
    .help = "residual block with squeeze and excitation: channels are weighted by the whole board",
    .residual = true,
    .last = "conv2",
    .takes = NET_TAKES_DROP | NET_TAKES_BRANCH,
    .emit = emit,
    .ops = (const struct net_op_kind *const[]){&gate_op, NULL},
};

/* Attention over the points of the board, as a residual block: relu(x + out(attend(qkv(x)))), with `qkv` and `out` 1x1
 * convolutions.
 *
 * x is normalised first, because nothing else in the trunk is: each point is divided by the root of its mean square (Zhang
 * and Sennrich 2019, "Root mean square layer normalization"; gains for the channels would only scale the columns of
 * `qkv`, so there are none). The division comes after the projection, which then reads what convolutions read, also in
 * int8; its bias is divided with the rest.
 *
 * Values are rectified: a mean of them is never negative either, which is what int8 stores, and the block needs no other
 * non-linearity.
 *
 * Positions enter as a learned bias for each head and offset between two points, which fits every board. Rotary
 * encodings would fit, too; but a bias costs less than the products, can point a head at a neighbour before queries and
 * keys have learned anything, and offsets larger than any in training stay neutral instead of turning the products to
 * phases that were never seen.
 *
 * `out` begins at 0, so that a trained net can be given the block without changing its outputs. */
#include "net/graph/blocks/blocks.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/attention.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <math.h>
#include <string.h>

/* ---- the operation: attention by the first input, queries | keys | values, normalised by the second ---- */

static const net_real EPSILON = (net_real)1e-5;

struct attend {
    int channels, heads;
    size_t points;
    struct net_attention head;
    /* Memory: in training, everything twice, the second for gradients. */
    net_real *bias; /* [heads] of net_attention_bias_count */
    net_real *norm; /* [points] 1 / root mean square */
    net_real *x;    /* [points][channels] */
    net_real *qkv;  /* [points][3 channels] */
    net_real *out;  /* [points][channels] */
    net_real *dbias, *dqkv, *work;
};

/* Divides the scratch memory; returns its size. */
static size_t attend_open(const struct net_run *run, struct attend *a)
{
    size_t channels = (size_t)run->out->layout.channels, points = net_run_points(run), heads = (size_t)run->op->heads;
    size_t row = points * channels, bias = heads * net_attention_bias_count(run->extent), at = 0;
    *a = (struct attend){.channels = (int)channels, .heads = run->op->heads, .points = points};
    a->head = (struct net_attention){.queries = (int)points,
                                     .keys = (int)points,
                                     .depth = (int)(channels / heads),
                                     .width = (int)(channels / heads),
                                     .query_stride = 3 * channels,
                                     .key_stride = 3 * channels,
                                     .value_stride = 3 * channels,
                                     .out_stride = channels,
                                     .board = run->extent};
    const size_t sizes[] = {net_attention_workspace(&a->head), bias, points, row, 3 * row, row,
                            run->training ? bias : 0,          run->training ? 3 * row : 0};
    net_real **const parts[] = {&a->work, &a->bias, &a->norm, &a->x, &a->qkv, &a->out, &a->dbias, &a->dqkv};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        *parts[i] = run->scratch ? (net_real *)run->scratch + at : NULL;
        at += (sizes[i] + 15) / 16 * 16;
    }
    return at * sizeof(net_real);
}

static size_t attend_scratch(const struct net_run *run)
{
    struct attend a;
    return attend_open(run, &a);
}

static void lay_bias(const struct net_run *run, struct attend *a)
{
    const size_t table = NET_ATTENTION_SIDE * NET_ATTENTION_SIDE, each = net_attention_bias_count(run->extent);
    for (int h = 0; h < a->heads; h++)
        net_attention_bias(run->extent, run->param[0] + (size_t)h * table, a->bias + (size_t)h * each);
}

/* Points of the head h, with its bias. */
static struct net_attention head_of(const struct net_run *run, const struct attend *a, int h)
{
    struct net_attention head = a->head;
    head.bias = a->bias + (size_t)h * net_attention_bias_count(run->extent);
    return head;
}

NET_CLONES static void norms_of(size_t points, size_t channels, const net_real *restrict x, net_real *restrict norm)
{
    for (size_t p = 0; p < points; p++, x += channels) {
        net_real sums[16] = {0}, sum = 0;
        size_t c = 0;
        for (; c + 16 <= channels; c += 16)
            for (size_t i = 0; i < 16; i++)
                sums[i] += x[c + i] * x[c + i];
        for (; c < channels; c++)
            sum += x[c] * x[c];
        for (size_t i = 0; i < 16; i++)
            sum += sums[i];
        norm[p] = 1 / (net_real)sqrt((double)(sum / (net_real)channels + EPSILON));
    }
}

/* Normalises queries, keys and values, scales queries, rectifies values. */
NET_CLONES static void normalise(size_t points, size_t channels, const net_real *restrict norm, net_real query_scale,
                                 net_real *restrict qkv)
{
    for (size_t p = 0; p < points; p++, qkv += 3 * channels) {
        net_real scale = norm[p];
        for (size_t c = 0; c < channels; c++)
            qkv[c] *= scale * query_scale;
        for (size_t c = channels; c < 2 * channels; c++)
            qkv[c] *= scale;
        for (size_t c = 2 * channels; c < 3 * channels; c++)
            qkv[c] = qkv[c] > 0 ? qkv[c] * scale : 0;
    }
}

static net_real query_scale_of(const struct attend *a)
{
    return 1 / (net_real)sqrt((double)a->head.depth);
}

/* Reads and normalises a row. */
static void read_row(const struct net_run *run, struct attend *a, int row)
{
    net_run_read(run, run->in[0], row, a->qkv);
    net_run_read(run, run->in[1], row, a->x);
    norms_of(a->points, (size_t)a->channels, a->x, a->norm);
    normalise(a->points, (size_t)a->channels, a->norm, query_scale_of(a), a->qkv);
}

static void attend_forward(const struct net_run *run)
{
    struct attend a;
    attend_open(run, &a);
    lay_bias(run, &a);
    for (int row = 0; row < run->extent.n; row++) {
        read_row(run, &a, row);
        for (int h = 0; h < a.heads; h++) {
            const struct net_attention head = head_of(run, &a, h);
            const net_real *query = a.qkv + h * head.depth;
            net_attention_forward(&head, query, query + a.channels, query + 2 * a.channels, a.out + h * head.width,
                                  a.work);
        }
        net_run_write(run, run->out, row, a.out);
    }
}

/* Turns the gradient d of normalised queries, keys and values y into that of the projection; dx: its part in the gradient
 * of x. With r the norm, y = s r u, so that du = s r dy and dr = sum of y dy / r; and dr/dx = -r^3 x / channels. */
NET_CLONES static void normalise_backward(size_t points, size_t channels, const net_real *restrict norm,
                                          net_real query_scale, const net_real *restrict y, net_real *restrict d,
                                          const net_real *restrict x, net_real *restrict dx)
{
    for (size_t p = 0; p < points; p++, y += 3 * channels, d += 3 * channels, x += channels, dx += channels) {
        net_real r = norm[p], sum = 0;
        for (size_t c = 0; c < 3 * channels; c++)
            sum += y[c] * d[c];
        for (size_t c = 0; c < channels; c++) {
            d[c] *= r * query_scale;
            d[channels + c] *= r;
            d[2 * channels + c] = y[2 * channels + c] > 0 ? d[2 * channels + c] * r : 0;
            dx[c] = -sum * r * r * x[c] / (net_real)channels;
        }
    }
}

static void attend_backward(const struct net_run *run)
{
    struct attend a;
    attend_open(run, &a);
    lay_bias(run, &a);
    size_t channels = (size_t)a.channels, each = net_attention_bias_count(run->extent);
    memset(a.dbias, 0, (size_t)a.heads * each * sizeof *a.dbias);
    for (int row = 0; row < run->extent.n; row++) {
        read_row(run, &a, row);
        net_run_read_gradient(run, row, a.out);
        memset(a.dqkv, 0, a.points * 3 * channels * sizeof *a.dqkv);
        for (int h = 0; h < a.heads; h++) {
            const struct net_attention head = head_of(run, &a, h);
            const net_real *query = a.qkv + h * head.depth;
            net_real *dquery = a.dqkv + h * head.depth;
            net_attention_backward(&head, query, query + channels, query + 2 * channels, a.out + h * head.width, dquery,
                                   dquery + channels, dquery + 2 * channels, a.dbias + (size_t)h * each, a.work);
        }
        normalise_backward(a.points, channels, a.norm, query_scale_of(&a), a.qkv, a.dqkv, a.x, a.out);
        net_run_give_gradient(run, 0, row, a.dqkv);
        net_run_give_gradient(run, 1, row, a.out);
    }
    for (int h = 0; h < a.heads; h++)
        net_attention_bias_gradient(run->extent, a.dbias + (size_t)h * each,
                                    run->param_gradient[0] + h * NET_ATTENTION_SIDE * NET_ATTENTION_SIDE);
}

/* Products of queries and keys, and the means of values. */
static double attend_flops(const struct net_graph *graph, const struct net_op *op, size_t points)
{
    return 4.0 * (double)points * (double)points * graph->tensor[op->out].channels;
}

static const struct net_op_kind attend_op = {
    .name = "attend",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .reads_quantised = 2,
    .flops = attend_flops,
    .scratch = attend_scratch,
    .forward = attend_forward,
    .backward = attend_backward,
};

/* ---- the block ---- */

static void emit(struct net_builder *builder, int channels)
{
    struct net_graph *graph = builder->graph;
    int heads = builder->modifiers.heads;
    /* Products of queries and keys begin with a variance of 1. */
    int qkv = net_builder_conv1(builder, "qkv", builder->x, 3 * channels, false, NET_NO_TENSOR, sqrt(0.5));
    int offsets = net_graph_param(graph, builder->name, "offsets", 3,
                                  (int[]){heads, NET_ATTENTION_SIDE, NET_ATTENTION_SIDE}, 0);
    const struct net_op attend = {.kind = &attend_op,
                                  .ins = 2,
                                  .in = {qkv, builder->x},
                                  .params = 1,
                                  .param = {offsets},
                                  .heads = heads,
                                  .relu = true};
    int h = net_builder_drop(builder, net_graph_add(graph, &attend, channels, true));
    net_builder_add_conv(builder, net_builder_conv1, "out", h, channels, 0);
}

const struct net_block net_block_attn = {
    .name = "attn",
    .help = "residual block of attention over the points, with a bias by offset; adds nothing at first",
    .residual = true,
    .grows = true,
    .takes = NET_TAKES_DROP | NET_TAKES_BRANCH | NET_TAKES_HEADS,
    .emit = emit,
    .ops = (const struct net_op_kind *const[]){&attend_op, NULL},
};

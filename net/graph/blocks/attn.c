/* Attention over the points of the board, as a residual block: relu(x + out(attend(qkv(x)))), with `qkv` and `out` 1x1
 * convolutions. Its input is normalised (kernels/rms.h), because nothing else in the trunk is.
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
#include "net/kernels/arithmetic.h"
#include "net/kernels/attention.h"
#include "net/kernels/packed.h"
#include "net/kernels/rms.h"
#include "net/real.h"

#include <math.h>
#include <string.h>

/* ---- the operation: attention by the first input, queries | keys | values, normalised by the second ---- */

struct attend {
    int channels, heads;
    struct net_rms rms;
    struct net_attention head;
    /* Parts of the scratch memory; dbias and dqkv, the gradients of bias and qkv, only in training. */
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
    *a = (struct attend){.channels = (int)channels, .heads = run->op->heads};
    size_t depth = channels / heads;
    a->rms = (struct net_rms){points, channels, channels, 1 / (net_real)sqrt((double)depth)};
    a->head = (struct net_attention){.queries = (int)points,
                                     .keys = (int)points,
                                     .depth = (int)depth,
                                     .width = (int)depth,
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

/* The description of head h: that of all heads, with its bias. */
static struct net_attention head_of(const struct net_run *run, const struct attend *a, int h)
{
    struct net_attention head = a->head;
    head.bias = a->bias + (size_t)h * net_attention_bias_count(run->extent);
    return head;
}

/* Reads and normalises a row. */
static void read_row(const struct net_run *run, struct attend *a, int row)
{
    net_run_read(run, run->in[0], row, a->qkv);
    net_run_read(run, run->in[1], row, a->x);
    net_rms_normalise(&a->rms, a->x, a->norm, a->qkv);
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
            run->arithmetic->attention(&head, query, query + a.channels, query + 2 * a.channels, a.out + h * head.width,
                                       a.work);
            net_real *noted = net_watch_next(run->pass, a.rms.points);
            if (noted)
                net_attention_weights(&head, run->pass->watch->point, query, query + a.channels, noted);
        }
        net_run_write(run, run->out, row, a.out);
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
        memset(a.dqkv, 0, a.rms.points * 3 * channels * sizeof *a.dqkv);
        for (int h = 0; h < a.heads; h++) {
            const struct net_attention head = head_of(run, &a, h);
            const net_real *query = a.qkv + h * head.depth;
            net_real *dquery = a.dqkv + h * head.depth;
            net_attention_backward(&head, query, query + channels, query + 2 * channels, a.out + h * head.width, dquery,
                                   dquery + channels, dquery + 2 * channels, a.dbias + (size_t)h * each, a.work);
        }
        net_rms_backward(&a.rms, a.x, a.norm, a.qkv, a.dqkv, a.out);
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

/* Attention by way of a few tokens, as a residual block like `attn`, but linear in the number of points: each token pools
 * keys and values over the board, weighted by the softmax of its learned query with the keys; then each point takes a
 * mean over the tokens, weighted by the softmax of its own query with the pooled keys (compare the inducing points of Lee
 * et al. 2019, "Set transformer"). Nothing in it depends on where a point is, except what the convolutions before it
 * know.
 *
 * Normalisation and rectified values are those of `attn`, and `out` begins at 0 as well. */
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

enum { TOKENS = 8 };

/* ---- the operation: the first input, queries | keys and values of each head in turn, normalised by the second ---- */

struct pooling {
    size_t channels, heads, depth;
    struct net_rms rms;
    struct net_attention pool, give; /* from points to tokens, and from tokens to points */
    net_real *work;
    net_real *query; /* [TOKENS][channels], scaled */
    net_real *norm;  /* [points] */
    net_real *x;     /* [points][channels] */
    net_real *qkv;   /* [points][3 channels] */
    net_real *token; /* [heads][TOKENS][2 depth]: keys, values */
    net_real *out;   /* [points][channels] */
    net_real *dquery, *dqkv, *dtoken;
};

static void describe(const struct net_run *run, struct pooling *t)
{
    size_t channels = (size_t)run->out->layout.channels, heads = (size_t)run->op->heads, depth = channels / heads;
    int points = (int)net_run_points(run);
    *t = (struct pooling){.channels = channels, .heads = heads, .depth = depth};
    t->rms = (struct net_rms){(size_t)points, channels, depth, 1 / (net_real)sqrt((double)depth)};
    t->pool = (struct net_attention){.queries = TOKENS,
                                     .keys = points,
                                     .depth = (int)depth,
                                     .width = 2 * (int)depth,
                                     .query_stride = channels,
                                     .key_stride = 3 * channels,
                                     .value_stride = 3 * channels,
                                     .out_stride = 2 * depth};
    t->give = (struct net_attention){.queries = points,
                                     .keys = TOKENS,
                                     .depth = (int)depth,
                                     .width = (int)depth,
                                     .query_stride = 3 * channels,
                                     .key_stride = 2 * depth,
                                     .value_stride = 2 * depth,
                                     .out_stride = channels};
}

/* Divides the scratch memory; returns its size. */
static size_t pooling_open(const struct net_run *run, struct pooling *t)
{
    describe(run, t);
    size_t row = t->rms.points * t->channels, tokens = TOKENS * t->channels, at = 0, more = run->training ? 1 : 0;
    size_t work = MAX(net_attention_workspace(&t->pool), net_attention_workspace(&t->give));
    const size_t sizes[] = {work,          tokens,         t->rms.points,    row, 3 * row, 2 * tokens, row,
                            more * tokens, more * 3 * row, more * 2 * tokens};
    net_real **const parts[] = {&t->work,  &t->query, &t->norm,   &t->x,    &t->qkv,
                                &t->token, &t->out,   &t->dquery, &t->dqkv, &t->dtoken};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        *parts[i] = run->scratch ? (net_real *)run->scratch + at : NULL;
        at += (sizes[i] + 15) / 16 * 16;
    }
    for (size_t i = 0; run->scratch && i < tokens; i++)
        t->query[i] = run->param[0][i] * t->rms.query_scale;
    return at * sizeof(net_real);
}

static size_t pool_scratch(const struct net_run *run)
{
    struct net_run empty = *run;
    struct pooling t;
    empty.scratch = NULL; /* only the size is asked for: the present scratch may be too small to write to */
    return pooling_open(&empty, &t);
}

/* Where a head's part of each array begins. */
static size_t keys_at(const struct pooling *t, size_t h)
{
    return t->channels + 2 * h * t->depth;
}

static size_t tokens_at(const struct pooling *t, size_t h)
{
    return h * TOKENS * 2 * t->depth;
}

/* Reads and normalises a row, and pools it. */
static void read_row(const struct net_run *run, struct pooling *t, int row)
{
    net_run_read(run, run->in[0], row, t->qkv);
    net_run_read(run, run->in[1], row, t->x);
    net_rms_normalise(&t->rms, t->x, t->norm, t->qkv);
    for (size_t h = 0; h < t->heads; h++) {
        const net_real *key = t->qkv + keys_at(t, h);
        run->arithmetic->attention(&t->pool, t->query + h * t->depth, key, key, t->token + tokens_at(t, h), t->work);
    }
}

/* From a point to the points that its tokens pool. */
static void note(const struct net_run *run, const struct pooling *t, size_t h)
{
    net_real *noted = net_watch_next(run->pass, t->rms.points), shares[TOKENS], *pooled = t->work;
    if (!noted)
        return;
    net_attention_weights(&t->give, run->pass->watch->point, t->qkv + h * t->depth, t->token + tokens_at(t, h), shares);
    memset(noted, 0, t->rms.points * sizeof *noted);
    for (int k = 0; k < TOKENS; k++) {
        net_attention_weights(&t->pool, k, t->query + h * t->depth, t->qkv + keys_at(t, h), pooled);
        for (size_t p = 0; p < t->rms.points; p++)
            noted[p] += shares[k] * pooled[p];
    }
}

static void pool_forward(const struct net_run *run)
{
    struct pooling t;
    pooling_open(run, &t);
    for (int row = 0; row < run->extent.n; row++) {
        read_row(run, &t, row);
        for (size_t h = 0; h < t.heads; h++) {
            const net_real *token = t.token + tokens_at(&t, h);
            run->arithmetic->attention(&t.give, t.qkv + h * t.depth, token, token + t.depth, t.out + h * t.depth,
                                       t.work);
            note(run, &t, h);
        }
        net_run_write(run, run->out, row, t.out);
    }
}

static void head_backward(const struct pooling *t, size_t h)
{
    const net_real *token = t->token + tokens_at(t, h), *key = t->qkv + keys_at(t, h);
    net_real *dtoken = t->dtoken + tokens_at(t, h), *dkey = t->dqkv + keys_at(t, h);
    net_attention_backward(&t->give, t->qkv + h * t->depth, token, token + t->depth, t->out + h * t->depth,
                           t->dqkv + h * t->depth, dtoken, dtoken + t->depth, NULL, t->work);
    net_attention_backward(&t->pool, t->query + h * t->depth, key, key, dtoken, t->dquery + h * t->depth, dkey, dkey,
                           NULL, t->work);
}

static void pool_backward(const struct net_run *run)
{
    struct pooling t;
    pooling_open(run, &t);
    size_t tokens = TOKENS * t.channels;
    memset(t.dquery, 0, tokens * sizeof *t.dquery);
    for (int row = 0; row < run->extent.n; row++) {
        read_row(run, &t, row);
        net_run_read_gradient(run, row, t.out);
        memset(t.dqkv, 0, t.rms.points * 3 * t.channels * sizeof *t.dqkv);
        memset(t.dtoken, 0, 2 * tokens * sizeof *t.dtoken);
        for (size_t h = 0; h < t.heads; h++)
            head_backward(&t, h);
        net_rms_backward(&t.rms, t.x, t.norm, t.qkv, t.dqkv, t.out);
        net_run_give_gradient(run, 0, row, t.dqkv);
        net_run_give_gradient(run, 1, row, t.out);
    }
    for (size_t i = 0; i < tokens; i++)
        run->param_gradient[0][i] += t.dquery[i] * t.rms.query_scale;
}

/* For each head, token and point: products, and means of keys and values; then the same with means of values alone. */
static double pool_flops(const struct net_graph *graph, const struct net_op *op, size_t points)
{
    return (2.0 * 3 + 2.0 * 2) * TOKENS * (double)points * graph->tensor[op->out].channels;
}

static const struct net_op_kind tokens_op = {
    .name = "tokens",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .reads_quantised = 2,
    .flops = pool_flops,
    .scratch = pool_scratch,
    .forward = pool_forward,
    .backward = pool_backward,
};

/* ---- the block ---- */

static void emit(struct net_builder *builder, int channels)
{
    struct net_graph *graph = builder->graph;
    int qkv = net_builder_conv1(builder, "qkv", builder->x, 3 * channels, false, NET_NO_TENSOR, sqrt(0.5));
    int queries = net_graph_param(graph, builder->name, "queries", 2, (int[]){TOKENS, channels}, 1);
    const struct net_op pool = {.kind = &tokens_op,
                                .ins = 2,
                                .in = {qkv, builder->x},
                                .params = 1,
                                .param = {queries},
                                .heads = builder->modifiers.heads,
                                .relu = true};
    int h = net_builder_drop(builder, net_graph_add(graph, &pool, channels, true));
    net_builder_add_conv(builder, net_builder_conv1, "out", h, channels, 0);
}

const struct net_block net_block_tokens = {
    .name = "tokens",
    .help = "residual block of attention to 8 tokens that pool the board: linear in points; adds nothing at first",
    .residual = true,
    .grows = true,
    .takes = NET_TAKES_DROP | NET_TAKES_BRANCH | NET_TAKES_HEADS,
    .emit = emit,
    .ops = (const struct net_op_kind *const[]){&tokens_op, NULL},
};

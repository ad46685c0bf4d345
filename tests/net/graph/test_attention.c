/* The blocks "attn" and "tokens", each against its definition written out in double, on boards of several sizes and in
 * the number types that train. The kernel has its own tests in f64/, nets with these blocks theirs in test_attn.c. */
#include "net/graph/blocks/blocks.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/attention.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/real.h"
#include "tests/net/graphs.h"

#include <criterion/criterion.h>
#include <math.h>

enum { CHANNELS = 24, HEADS = 3, DEPTH = CHANNELS / HEADS, TOKENS = 8 };

/* ---- the block on its own: the first output is its input, the second its result ---- */

static void alone(struct net_graph *g, const struct net_block *block)
{
    struct net_builder builder = {.graph = g, .name = "block", .modifiers = {.heads = HEADS}, .residuals = 1};
    builder.x = net_graph_conv(g, net_graph_conv_weights(g, "in", CASE_PLANES, CHANNELS, 3, 1), g->planes, true, -1);
    case_output(g, builder.x);
    block->emit(&builder, CHANNELS);
    case_output(g, builder.x);
}

static void attn_alone(struct net_graph *g)
{
    alone(g, &net_block_attn);
}

static void tokens_alone(struct net_graph *g)
{
    alone(g, &net_block_tokens);
}

static const net_real *param_of(const struct graph_run *run, const char *name)
{
    for (int i = 0; i < run->graph->params; i++)
        if (strcmp(run->graph->param[i].name, name) == 0)
            return run->params + run->graph->param[i].offset;
    cr_assert_fail("no parameter %s", name);
    return NULL;
}

/* The projection [points][3 channels] of the normalised x [points][channels], in double; nothing is rectified. */
static double *projected(const struct graph_run *run, const double *x, int points)
{
    const net_real *weight = param_of(run, "block.qkv.weight"), *bias = param_of(run, "block.qkv.bias");
    double *qkv = g_new(double, points * 3 * CHANNELS);
    for (int p = 0; p < points; p++) {
        double square = 0;
        for (int c = 0; c < CHANNELS; c++)
            square += x[p * CHANNELS + c] * x[p * CHANNELS + c];
        for (int o = 0; o < 3 * CHANNELS; o++) {
            double sum = (double)bias[o];
            for (int c = 0; c < CHANNELS; c++)
                sum += (double)weight[o * CHANNELS + c] * x[p * CHANNELS + c];
            sum /= sqrt(square / CHANNELS + 1e-5);
            qkv[p * 3 * CHANNELS + o] = sum;
        }
    }
    return qkv;
}

static double score(const struct graph_run *run, const double *qkv, int h, int i, int j)
{
    const net_real *table = param_of(run, "block.offsets") + h * NET_ATTENTION_SIDE * NET_ATTENTION_SIDE;
    int width = run->e.width, y = i / width - j / width, x = i % width - j % width;
    double sum = 0;
    for (int d = 0; d < DEPTH; d++)
        sum += qkv[i * 3 * CHANNELS + h * DEPTH + d] * qkv[j * 3 * CHANNELS + CHANNELS + h * DEPTH + d];
    return sum / sqrt(DEPTH) + (double)table[(y + NET_ATTENTION_REACH) * NET_ATTENTION_SIDE + x + NET_ATTENTION_REACH];
}

/* ---- attention over the points: the means of values [points][channels] ---- */

static double *by_points(const struct graph_run *run, const double *qkv, int points)
{
    double *out = g_new0(double, points *CHANNELS);
    for (int h = 0; h < HEADS; h++)
        for (int i = 0; i < points; i++) {
            double total = 0;
            for (int j = 0; j < points; j++) {
                double share = exp(score(run, qkv, h, i, j));
                total += share;
                for (int d = 0; d < DEPTH; d++)
                    out[i * CHANNELS + h * DEPTH + d] +=
                        share * fmax(0, qkv[j * 3 * CHANNELS + 2 * CHANNELS + h * DEPTH + d]);
            }
            for (int d = 0; d < DEPTH; d++)
                out[i * CHANNELS + h * DEPTH + d] /= total;
        }
    return out;
}

/* ---- attention by tokens: in the projection, keys and values of each head follow one another ---- */

static const double *keys_of(const double *qkv, int h, int j)
{
    return qkv + j * 3 * CHANNELS + CHANNELS + 2 * h * DEPTH;
}

/* What a token pools in a head: [DEPTH] keys, [DEPTH] values. */
static void pool(const struct graph_run *run, const double *qkv, int points, int h, int token, double *pooled)
{
    const net_real *query = param_of(run, "block.queries") + token * CHANNELS + h * DEPTH;
    double total = 0;
    memset(pooled, 0, 2 * DEPTH * sizeof *pooled);
    for (int j = 0; j < points; j++) {
        const double *key = keys_of(qkv, h, j);
        double sum = 0;
        for (int d = 0; d < DEPTH; d++)
            sum += (double)query[d] * key[d];
        double share = exp(sum / sqrt(DEPTH));
        total += share;
        for (int d = 0; d < 2 * DEPTH; d++)
            pooled[d] += share * (d < DEPTH ? key[d] : fmax(0, key[d]));
    }
    for (int d = 0; d < 2 * DEPTH; d++)
        pooled[d] /= total;
}

static double *by_tokens(const struct graph_run *run, const double *qkv, int points)
{
    double *out = g_new0(double, points *CHANNELS), pooled[TOKENS][2 * DEPTH];
    for (int h = 0; h < HEADS; h++) {
        for (int t = 0; t < TOKENS; t++)
            pool(run, qkv, points, h, t, pooled[t]);
        for (int i = 0; i < points; i++) {
            double total = 0, *to = out + i * CHANNELS + h * DEPTH;
            for (int t = 0; t < TOKENS; t++) {
                double sum = 0;
                for (int d = 0; d < DEPTH; d++)
                    sum += qkv[i * 3 * CHANNELS + h * DEPTH + d] * pooled[t][d];
                total += exp(sum / sqrt(DEPTH));
                for (int d = 0; d < DEPTH; d++)
                    to[d] += exp(sum / sqrt(DEPTH)) * pooled[t][DEPTH + d];
            }
            for (int d = 0; d < DEPTH; d++)
                to[d] /= total;
        }
    }
    return out;
}

/* ---- the blocks against their definitions ---- */

struct block_case {
    const char *name;
    void (*build)(struct net_graph *graph);
    double *(*means)(const struct graph_run *run, const double *qkv, int points);
};

static const struct block_case blocks[] = {{"attn", attn_alone, by_points}, {"tokens", tokens_alone, by_tokens}};

/* Root mean square difference of the block's result from the definition, relative to what the block adds; in the same
 * units the size of what it adds, relative to its input. */
static double block_distance(const struct block_case *block, const struct net_arithmetic *arithmetic, int width,
                             int height, int n, double *added)
{
    struct graph_run run = graph_open(graph_build(block->build), arithmetic, width, height, n, 5);
    int points = width * height;
    double off = 0, size = 0, input = 0, *x = g_new(double, points *CHANNELS);
    run.pass.flavour = NET_INFERENCE;
    graph_forward(&run);
    const net_real *out = param_of(&run, "block.out.weight"), *bias = param_of(&run, "block.out.bias");
    for (int row = 0; row < n; row++) {
        for (int p = 0; p < points; p++)
            for (int c = 0; c < CHANNELS; c++)
                x[p * CHANNELS + c] = (double)run.values[(c * n + row) * points + p];
        double *qkv = projected(&run, x, points), *mean = block->means(&run, qkv, points);
        for (int p = 0; p < points; p++)
            for (int o = 0; o < CHANNELS; o++) {
                double sum = x[p * CHANNELS + o] + (double)bias[o];
                for (int c = 0; c < CHANNELS; c++)
                    sum += (double)out[o * CHANNELS + c] * mean[p * CHANNELS + c];
                sum = fmax(sum, 0);
                off += pow(sum - (double)run.values[((CHANNELS + o) * n + row) * points + p], 2);
                size += pow(sum - x[p * CHANNELS + o], 2);
                input += pow(x[p * CHANNELS + o], 2);
            }
        g_free(qkv);
        g_free(mean);
    }
    g_free(x);
    graph_close(&run);
    *added = sqrt(size / input);
    return sqrt(off / size);
}

/* bf16 has 8 bits, in each of the block's three tensors. */
static const struct type {
    const struct net_arithmetic *arithmetic;
    double tolerance;
} types[] = {{&net_arithmetic_plain, 1e-5}, {&net_arithmetic_dnnl, 1e-5}, {&net_arithmetic_dnnl_bf16, 0.01}};

/* Any size from 5 to 19, rectangles, any batch; the input is that of the arithmetic itself, so that only the block's own
 * arithmetic counts. */
Test(attention, results_in_every_number_type_that_trains)
{
    static const int boards[][3] = {{5, 5, 3}, {7, 6, 2}, {9, 9, 1}, {13, 13, 2}, {19, 19, 1}};
    size_t here = net_dtype_best(NET_BACKEND_FAST) == NET_BF16 ? 3 : 2;
    net_dnnl_enter();
    for (size_t i = 0; i < here * G_N_ELEMENTS(blocks) * G_N_ELEMENTS(boards); i++) {
        const struct type *type = &types[i % here];
        const struct block_case *block = &blocks[i / here % G_N_ELEMENTS(blocks)];
        const int *board = boards[i / here / G_N_ELEMENTS(blocks)];
        double added, off = block_distance(block, type->arithmetic, board[0], board[1], board[2], &added);
        cr_expect_gt(added, 0.1, "%s adds %g only", block->name, added);
        cr_expect_lt(off, type->tolerance, "%s in %s on %dx%d: off by %g", block->name, type->arithmetic->name,
                     board[0], board[1], off);
    }
}

/* Graphs made by hand, in net_real: weights that are used twice, tensors that several operations read in any order, and
 * operations that no block has yet (several inputs, memory kept from forward to backward, random numbers). The value of
 * a graph is a weighted sum of its outputs. */
#ifndef TENGEN_TESTS_NET_GRAPHS_H
#define TENGEN_TESTS_NET_GRAPHS_H

#include "games/rng.h"
#include "net/exec/exec.h"
#include "net/graph/blocks/blocks.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/real.h"
#include "tests/net/kinds.h" /* IWYU pragma: export */

#include <string.h>

/* ---- graphs ---- */

enum { CASE_PLANES = 3, CASE_GLOBALS = 2, CASE_CHANNELS = 4 };

static struct net_weights case_weights(struct net_graph *g, const char *name, int in, int kernel)
{
    return net_graph_conv_weights(g, name, in, CASE_CHANNELS, kernel, 1);
}

static int case_conv(struct net_graph *g, const char *name, int in, bool relu, int add)
{
    return net_graph_conv(g, case_weights(g, name, g->tensor[in].channels, 3), in, relu, add);
}

static int case_dense(struct net_graph *g, const char *name, int in, int channels)
{
    return net_graph_dense(g, net_graph_dense_weights(g, name, g->tensor[in].channels, channels, 1), in, false);
}

static int case_op(struct net_graph *g, const struct net_op_kind *kind, int a, int b)
{
    const struct net_op op = {.kind = kind, .ins = b < 0 ? 1 : 2, .in = {a, b}};
    return net_graph_add(g, &op, g->tensor[a].channels, true);
}

static void case_output(struct net_graph *g, int tensor)
{
    g->tensor[tensor].output = true;
}

static void tied_conv(struct net_graph *g)
{
    int x = case_conv(g, "in", g->planes, true, -1);
    struct net_weights w = case_weights(g, "tied", CASE_CHANNELS, 3);
    int h = net_graph_conv(g, w, x, true, -1);
    case_output(g, net_graph_conv(g, w, h, true, x));
}

/* The same with separate weights. */
static inline void untied_conv(struct net_graph *g)
{
    int x = case_conv(g, "in", g->planes, true, -1);
    int h = case_conv(g, "first", x, true, -1);
    case_output(g, case_conv(g, "second", h, true, x));
}

static void tied_dense(struct net_graph *g)
{
    struct net_weights w = net_graph_dense_weights(g, "tied", CASE_GLOBALS, CASE_GLOBALS, 1);
    int h = net_graph_dense(g, w, g->globals, true);
    int out = net_graph_dense(g, w, h, false);
    int bias = case_dense(g, "bias", out, CASE_CHANNELS);
    int x = net_graph_bias_relu(g, case_conv(g, "in", g->planes, false, -1), bias, 0, CASE_CHANNELS);
    case_output(g, x);
}

/* A residual is read again after its sum, so that the sum cannot pass its gradient on in place. */
static void late_reader(struct net_graph *g)
{
    int x = case_conv(g, "in", g->planes, true, -1);
    int y = case_conv(g, "first", case_conv(g, "inner", x, true, -1), true, x);
    int z = case_conv(g, "second", y, true, -1);
    case_output(g, case_conv(g, "third", z, false, x));
}

/* A convolution reads the tensor that is added to its result. */
static void own_residual(struct net_graph *g)
{
    int x = case_conv(g, "in", g->planes, true, -1);
    case_output(g, case_conv(g, "out", case_conv(g, "first", x, true, x), false, -1));
}

/* Only a pool reads the board. */
static void pool_alone(struct net_graph *g)
{
    int x = case_conv(g, "in", g->planes, true, -1);
    case_output(g, case_dense(g, "out", net_graph_pool(g, x, 1, 2), 3));
}

/* An output that operations read as well. */
static void read_output(struct net_graph *g)
{
    int x = case_conv(g, "in", g->planes, true, -1);
    case_output(g, x);
    int raw = case_conv(g, "raw", x, false, x);
    case_output(g, raw);
    int bias = case_dense(g, "bias", g->globals, CASE_CHANNELS);
    case_output(g, net_graph_bias_relu(g, raw, bias, 0, CASE_CHANNELS));
}

/* The input of a bias is read after it, and before it by operations other than a pool of other channels. */
static void bias_not_in_place(struct net_graph *g)
{
    int raw = case_conv(g, "in", g->planes, false, -1);
    int bias = case_dense(g, "bias", g->globals, 2);
    int h = net_graph_bias_relu(g, raw, bias, 1, 2);
    int late = case_op(g, &product, raw, h);
    int other = case_conv(g, "other", late, false, -1);
    int pool = net_graph_pool(g, other, 0, 3);
    int second = case_dense(g, "second", pool, 2);
    case_output(g, net_graph_bias_relu(g, other, second, 2, 2)); /* pools channel 2, to which it adds */
}

/* One bias for two tensors, one of which needs no gradient. */
static void bias_shared(struct net_graph *g)
{
    int bias = case_dense(g, "bias", g->globals, CASE_CHANNELS);
    int a = net_graph_bias_relu(g, case_conv(g, "a", g->planes, false, -1), bias, 0, CASE_CHANNELS);
    int b = net_graph_bias_relu(g, case_conv(g, "b", a, false, -1), bias, 0, CASE_CHANNELS);
    int c = net_graph_bias_relu(g, case_conv(g, "c", b, false, -1), g->globals, 1, CASE_GLOBALS);
    case_output(g, c);
}

/* The first reader of a convolution's ReLU is not a convolution. */
static void pool_reads_first(struct net_graph *g)
{
    int x = case_conv(g, "in", g->planes, true, -1);
    int pool = net_graph_pool(g, x, 0, CASE_CHANNELS);
    int bias = case_dense(g, "bias", pool, CASE_CHANNELS);
    int y = net_graph_bias_relu(g, case_conv(g, "second", x, false, -1), bias, 0, CASE_CHANNELS);
    case_output(g, case_conv(g, "third", y, false, x));
}

static void two_inputs(struct net_graph *g)
{
    int a = case_conv(g, "a", g->planes, true, -1), b = case_conv(g, "b", g->planes, false, -1);
    int c = case_op(g, &product, a, b);
    int square = case_op(g, &product, c, c);
    case_output(g, case_conv(g, "out", square, true, a));
}

static void keeps(struct net_graph *g)
{
    int x = case_conv(g, "in", g->planes, true, -1);
    int once = case_op(g, &drop, x, -1), twice = case_op(g, &drop, x, -1);
    case_output(g, case_conv(g, "out", case_op(g, &product, once, twice), false, once));
}

static void two_drops(struct net_graph *g)
{
    int x = case_conv(g, "in", g->planes, true, -1);
    case_output(g, case_op(g, &drop, x, -1));
    case_output(g, case_op(g, &drop, x, -1));
}

/* Two residual blocks, the first of whose inputs is read again later. */
static void two_blocks(struct net_graph *g, const struct net_block *block)
{
    struct net_builder builder = {.graph = g, .modifiers = {.heads = 3}};
    int x = net_graph_conv(g, net_graph_conv_weights(g, "in", CASE_PLANES, 12, 3, 1), g->planes, true, -1);
    builder.x = x;
    g_strlcpy(builder.name, "first", sizeof builder.name);
    block->emit(&builder, 12);
    g_strlcpy(builder.name, "second", sizeof builder.name);
    block->emit(&builder, 12);
    int y = net_graph_conv(g, net_graph_conv_weights(g, "out", 12, 12, 3, 1), builder.x, false, x);
    case_output(g, y);
}

static void attention(struct net_graph *g)
{
    two_blocks(g, &net_block_attn);
}

static void attention_by_tokens(struct net_graph *g)
{
    two_blocks(g, &net_block_tokens);
}

struct graph_case {
    const char *name;
    void (*build)(struct net_graph *graph);
};

static const struct graph_case graph_cases[] = {
    {"a convolution used twice", tied_conv},
    {"a dense layer used twice", tied_dense},
    {"a residual read after its sum", late_reader},
    {"outputs that are read", read_output},
    {"biases out of place", bias_not_in_place},
    {"a bias added twice", bias_shared},
    {"a pool before a convolution", pool_reads_first},
    {"two inputs", two_inputs},
    {"random twice", two_drops},
    {"its own residual", own_residual},
    {"a pool alone", pool_alone},
    {"kept from forward to backward", keeps},
    {"attention", attention},
    {"attention by tokens", attention_by_tokens},
};

static struct net_graph *graph_build(void (*build)(struct net_graph *graph))
{
    struct net_graph *graph = g_new0(struct net_graph, 1);
    graph->planes = net_graph_tensor(graph, CASE_PLANES, true);
    graph->globals = net_graph_tensor(graph, CASE_GLOBALS, false);
    build(graph);
    net_graph_finish(graph);
    return graph;
}

/* ---- running one ---- */

struct graph_run {
    struct net_graph *graph;
    struct net_exec *exec;
    struct net_pass pass;
    struct net_extent e;
    float *planes, *globals;
    net_real *params, *factors, *values; /* of the outputs, concatenated: factors of the sum, workspace */
    size_t outputs;
};

static void graph_fill(struct rng *rng, size_t count, net_real *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (net_real)(2 * rng_uniform(rng) - 1);
}

/* The channels of one output, for its values and gradients. */
static size_t output_channels(const struct graph_run *run, int tensor)
{
    return run->graph->tensor[tensor].spatial ? (size_t)run->graph->tensor[tensor].channels : 1;
}

static size_t output_count(const struct graph_run *run, int tensor)
{
    const struct net_tensor *t = &run->graph->tensor[tensor];
    return (size_t)(t->channels * run->e.n) * (t->spatial ? net_extent_points(run->e) : 1);
}

static struct graph_run graph_open(struct net_graph *graph, const struct net_arithmetic *arithmetic, int width,
                                   int height, int n, uint64_t seed)
{
    struct graph_run run = {.graph = graph, .e = {width, height, n}, .pass = {NET_TRAINING, seed, 7, 0, 0, NULL}};
    const int planes = n * CASE_PLANES * width * height;
    struct rng rng;
    rng_seed(&rng, seed);
    g_assert(net_exec_create(&run.exec, graph, arithmetic, true, NULL) == 0);
    g_assert(net_exec_use(run.exec, run.e, NULL) == 0);
    run.planes = g_new(float, planes);
    run.globals = g_new(float, n *CASE_GLOBALS);
    for (int i = 0; i < planes; i++)
        run.planes[i] = (float)(2 * rng_uniform(&rng) - 1);
    for (int i = 0; i < n * CASE_GLOBALS; i++)
        run.globals[i] = (float)(2 * rng_uniform(&rng) - 1);
    run.params = g_new(net_real, graph->parameters);
    graph_fill(&rng, graph->parameters, run.params);
    for (size_t i = 0; i < graph->parameters; i++)
        run.params[i] *= (net_real)0.5;
    for (int t = 0; t < graph->tensors; t++)
        run.outputs += graph->tensor[t].output ? output_count(&run, t) : 0;
    run.factors = g_new(net_real, run.outputs);
    run.values = g_new0(net_real, run.outputs);
    graph_fill(&rng, run.outputs, run.factors);
    return run;
}

static void graph_close(struct graph_run *run)
{
    net_exec_close(run->exec);
    g_free(run->graph);
    g_free(run->planes);
    g_free(run->globals);
    g_free(run->params);
    g_free(run->factors);
    g_free(run->values);
}

/* Reads every output into `values`, or puts `factors` as their gradients. */
static void graph_outputs(struct graph_run *run, bool put)
{
    size_t at = 0, points = net_extent_points(run->e);
    for (int t = 0; t < run->graph->tensors; t++) {
        if (!run->graph->tensor[t].output)
            continue;
        size_t channels = output_channels(run, t), each = output_count(run, t) / channels;
        for (size_t c = 0; c < channels; c++, at += each)
            if (put)
                net_exec_put(run->exec, t, (int)c, run->factors + at, points);
            else
                net_exec_read(run->exec, t, (int)c, run->values + at, points);
    }
}

static void graph_forward(struct graph_run *run)
{
    net_exec_set(run->exec, run->params, NULL);
    net_exec_load(run->exec, run->planes, run->globals);
    net_exec_forward(run->exec, &run->pass);
    graph_outputs(run, false);
}

/* Those of the second of two rounds, to detect what the first leaves in memory. */
static inline net_real *graph_gradients(struct graph_run *run)
{
    net_real *gradients = g_new0(net_real, run->graph->parameters);
    for (int round = 0; round < 2; round++) {
        memset(gradients, 0, run->graph->parameters * sizeof *gradients);
        graph_forward(run);
        graph_outputs(run, true);
        net_exec_backward(run->exec);
        net_exec_take_gradients(run->exec, gradients);
    }
    return gradients;
}

#endif

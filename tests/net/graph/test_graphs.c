/* Graphs and blocks in every arithmetic: the fast ones against the plain one, number types with and without support by
 * a block, tied weights. */
#include "net/exec/exec.h"
#include "net/graph/blocks/blocks.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/real.h"
#include "net/train.h"
#include "tests/net/fixtures.h"
#include "tests/net/graphs.h"
#include "tests/net/tied.h"

#include <criterion/criterion.h>
#include <math.h>

struct fast {
    const struct net_arithmetic *arithmetic;
    double tolerance; /* of results, relative to the largest */
};

/* The ones that can train. bf16 keeps 8 bits of every tensor, and a graph here has some ten tensors in a row. */
static int fast_ones(struct fast fast[2])
{
    fast[0] = (struct fast){&net_arithmetic_dnnl, 1e-4};
    fast[1] = (struct fast){&net_arithmetic_dnnl_bf16, 0.06};
    return net_dtype_best(NET_BACKEND_FAST) == NET_BF16 ? 2 : 1;
}

/* Root mean square of the difference, relative to that of the expected values. */
static double distance(size_t count, const float *had, const float *wanted)
{
    double off = 0, size = 1e-12;
    for (size_t i = 0; i < count; i++) {
        off += pow((double)had[i] - (double)wanted[i], 2);
        size += pow((double)wanted[i], 2);
    }
    return sqrt(off / size);
}

static void arithmetic_agrees(const struct fast *fast, int width, int height)
{
    for (size_t i = 0; i < G_N_ELEMENTS(graph_cases); i++) {
        const char *name = graph_cases[i].name;
        struct graph_run plain =
            graph_open(graph_build(graph_cases[i].build), &net_arithmetic_plain, width, height, 3, 3);
        struct graph_run run = graph_open(graph_build(graph_cases[i].build), fast->arithmetic, width, height, 3, 3);
        float *wanted = graph_gradients(&plain), *had = graph_gradients(&run);
        double off = distance(run.outputs, run.values, plain.values);
        cr_expect_lt(off, fast->tolerance, "%s in %s: values %g", name, fast->arithmetic->name, off);
        off = distance(run.graph->parameters, had, wanted);
        cr_expect_lt(off, fast->tolerance, "%s in %s: gradients %g", name, fast->arithmetic->name, off);
        g_free(wanted);
        g_free(had);
        graph_close(&plain);
        graph_close(&run);
    }
}

Test(graphs, arithmetics_agree)
{
    struct fast fast[2];
    int count = fast_ones(fast);
    net_dnnl_enter();
    for (int f = 0; f < count; f++)
        arithmetic_agrees(&fast[f], 5, 5);
    arithmetic_agrees(&fast[0], 7, 6); /* f32, whose tolerance would reveal a wrong width */
}

Test(graphs, tied_weights_have_the_sum_of_the_gradients)
{
    struct fast fast[2];
    int count = fast_ones(fast);
    net_dnnl_enter();
    for (int f = 0; f < count; f++)
        cr_expect_lt(graph_tied_distance(fast[f].arithmetic), 1e-5, "%s", fast[f].arithmetic->name);
}

/* ---- number types ---- */

/* "product" has no int8; it stands in the second block here. */
static void in_a_block(struct net_graph *g)
{
    g_strlcpy(g->info.trunk, "conv:4 odd:4", sizeof g->info.trunk);
    int x = case_conv(g, "in", g->planes, true, -1);
    g->block = 1;
    case_output(g, case_op(g, &product, x, x));
}

Test(graphs, number_types_that_a_block_lacks)
{
    struct net_graph *graph = graph_build(in_a_block);
    enum net_dtype best = net_dtype_best(NET_BACKEND_FAST), dtype = NET_AUTO;
    GError *error = NULL;
    cr_expect_not_null(net_arithmetic_for(graph, NET_BACKEND_FAST, &dtype, NET_INFERENCE, true, NULL));
    cr_expect_eq(dtype, best, "auto skips number types that a block does not support");
    dtype = NET_INT8;
    cr_expect_null(net_arithmetic_for(graph, NET_BACKEND_FAST, &dtype, NET_INFERENCE, true, &error));
    cr_assert_not_null(error);
    if (net_has_int8())
        cr_expect(strstr(error->message, "block 2, \"odd:4\"") && strstr(error->message, "product"), "said: %s",
                  error->message);
    g_clear_error(&error);
    g_free(graph);
}

enum { SIZE = 5, ROWS = 24, PLANES = 6, GLOBALS = 2 };

struct answers {
    float policy[ROWS * (SIZE * SIZE + 1)], wdl[ROWS * 3], score[ROWS], map[ROWS * SIZE * SIZE];
};

static void ask(struct net *net, enum net_backend backend, enum net_dtype dtype, const struct net_samples *s,
                struct answers *a)
{
    struct net_runner *runner;
    GError *error = NULL;
    cr_assert_eq(net_runner_create(&runner, net, backend, dtype, ROWS, &error), 0, "%s", error ? error->message : "");
    const struct net_outputs out = {.policy = a->policy, .wdl = a->wdl, .score = a->score, .map = a->map};
    net_runner_infer(runner, SIZE, SIZE, ROWS, s->planes, s->globals, &out);
    net_runner_close(runner);
}

static void expect_refused(struct net *net, enum net_dtype dtype, const char *block)
{
    struct net_runner *runner;
    GError *error = NULL;
    cr_expect_neq(net_runner_create(&runner, net, NET_BACKEND_FAST, dtype, 1, &error), 0);
    cr_expect(error && strstr(error->message, block), "%s: message %s", block, error ? error->message : "nothing");
    g_clear_error(&error);
}

/* The block's parameters survive a round trip through memory and through a file. */
static void expect_kept(struct net *net, const struct net_samples *s, const struct answers *wanted)
{
    GBytes *bytes = net_write_bytes(net, NULL);
    struct answers *had = g_new(struct answers, 1);
    struct net *back;
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    cr_assert_eq(net_read_bytes(&back, data, size, "memory", NULL), 0);
    ask(back, NET_BACKEND_PLAIN, NET_F32, s, had);
    cr_expect_eq(memcmp(had, wanted, sizeof *had), 0, "%s", net_info(net)->trunk);
    net_unref(back);
    g_free(had);
    g_bytes_unref(bytes);
}

/* What the table declares for a block is true: each type that it supports gives the results of plain f32, within the
 * precision of the type, and the others are refused with the block's name. */
Test(graphs, every_block_in_every_number_type)
{
    const struct {
        enum net_dtype dtype;
        bool here;
        double tolerance;
    } types[] = {{NET_F32, true, 1e-4},
                 {NET_BF16, net_dtype_best(NET_BACKEND_FAST) == NET_BF16, 0.05},
                 {NET_INT8, net_has_int8(), 0.05}};
    struct answers *plain = g_new(struct answers, 1), *fast = g_new(struct answers, 1);
    for (int b = 0; net_blocks[b]; b++) {
        char *trunk =
            g_strdup_printf(net_blocks[b]->ends ? "conv:16 res:16 %s:16" : "conv:16 %s:16 res:16", net_blocks[b]->name);
        struct net_info info = fixture_info(trunk, PLANES, GLOBALS, 1);
        struct net_samples *s = fixture_samples(&info, SIZE, ROWS, false, 3);
        struct net *net;
        cr_assert_eq(net_create(&net, &info, 4, NULL), 0);
        for (int i = 0; i < ROWS * PLANES * SIZE * SIZE; i++)
            s->planes[i] = s->planes[i] > 0.3f;
        if (net_supports(net, NET_INT8))
            cr_assert_eq(net_calibrate(net, SIZE, SIZE, ROWS, s->planes, s->globals, NULL), 0);
        ask(net, NET_BACKEND_PLAIN, NET_F32, s, plain);
        expect_kept(net, s, plain);
        for (size_t t = 0; t < G_N_ELEMENTS(types); t++) {
            if (!types[t].here)
                continue;
            if (!net_supports(net, types[t].dtype)) {
                expect_refused(net, types[t].dtype, net_blocks[b]->name);
                continue;
            }
            ask(net, NET_BACKEND_FAST, types[t].dtype, s, fast);
            double off = fmax(distance(G_N_ELEMENTS(fast->policy), fast->policy, plain->policy),
                              distance(G_N_ELEMENTS(fast->map), fast->map, plain->map));
            cr_expect_lt(off, types[t].tolerance, "%s in %s: off by %g", trunk, net_dtype_name(types[t].dtype), off);
            cr_expect_gt(off, 0, "%s in %s is the plain arithmetic itself", trunk, net_dtype_name(types[t].dtype));
        }
        net_samples_free(s);
        net_unref(net);
        g_free(trunk);
    }
    g_free(plain);
    g_free(fast);
}

/* Every block learns a fixed batch, in every type in which it can train. */
Test(graphs, every_block_trains)
{
    for (int b = 0; net_blocks[b]; b++)
        for (enum net_dtype dtype = NET_F32; dtype <= net_dtype_best(NET_BACKEND_FAST); dtype++) {
            char *trunk = g_strdup_printf("conv:16 %s:16", net_blocks[b]->name);
            struct net_info info = fixture_info(trunk, PLANES, GLOBALS, 1);
            struct net_samples *s = fixture_samples(&info, SIZE, 8, true, 3);
            struct net_trainer_config config = net_trainer_defaults();
            struct net_trainer *trainer;
            struct net_losses first, last;
            struct net *net;
            config.dtype = dtype;
            cr_assert_eq(net_create(&net, &info, 4, NULL), 0);
            cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0, "%s", trunk);
            net_trainer_losses(trainer, s, &first);
            for (int i = 0; i < 150; i++)
                net_trainer_step(trainer, s, 0.02f, &last);
            cr_expect(last.finite && last.total < 0.5f * first.total, "%s in %s: from %g to %g", trunk,
                      net_dtype_name(dtype), (double)first.total, (double)last.total);
            net_trainer_close(trainer);
            net_samples_free(s);
            net_unref(net);
            g_free(trunk);
        }
}

/* ---- inference: shared memory and sums in place change no values ---- */

/* The values of a graph in an exec for training, which keeps every tensor, and in one for inference. */
static void compare_flavours(const struct graph_case *graph_case, const struct net_arithmetic *arithmetic)
{
    struct graph_run run = graph_open(graph_build(graph_case->build), arithmetic, 4, 3, 3, 3);
    run.pass.flavour = NET_INFERENCE;
    graph_forward(&run);
    net_real *kept = g_memdup2(run.values, run.outputs * sizeof *kept);
    net_exec_close(run.exec);
    cr_assert_eq(net_exec_create(&run.exec, run.graph, arithmetic, false, NULL), 0);
    cr_assert_eq(net_exec_use(run.exec, run.e, NULL), 0);
    for (int i = 0; i < 2; i++) { /* and again, over what the first pass left in memory */
        memset(run.values, 0, run.outputs * sizeof *kept);
        graph_forward(&run);
        cr_expect_arr_eq(run.values, kept, run.outputs * sizeof *kept, "%s in %s", graph_case->name, arithmetic->name);
    }
    g_free(kept);
    graph_close(&run);
}

Test(graphs, inference_gives_what_training_keeps)
{
    net_dnnl_enter();
    for (size_t i = 0; i < G_N_ELEMENTS(graph_cases); i++) {
        compare_flavours(&graph_cases[i], &net_arithmetic_plain);
        compare_flavours(&graph_cases[i], &net_arithmetic_dnnl);
    }
}

/* ---- trunks ---- */

Test(graphs, the_length_of_a_trunk_is_limited)
{
    GString *trunk = g_string_new("conv:4");
    while (trunk->len + 7 < NET_TRUNK_MAX)
        g_string_append(trunk, " gpool:4");
    g_string_truncate(trunk, NET_TRUNK_MAX - 1);
    *strrchr(trunk->str, ' ') = 0;
    struct net_info info = fixture_info(trunk->str, 3, 2, 1);
    struct net *net;
    cr_expect_eq(net_create(&net, &info, 1, NULL), 0, "the longest trunk of gpool blocks");
    net_unref(net);
    g_string_free(trunk, TRUE);
}

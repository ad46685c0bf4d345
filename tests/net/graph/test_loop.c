/* Nets with a loop: its definition, the repeated graph against the unrolled one, every number type, growth, files. How far it
 * is repeated is tested in exec/test_settle.c, its training in train/test_loop_training.c. */
#include "net/exec/exec.h"
#include "net/exec/exec_internal.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/net/fixtures.h"
#include "tests/net/loops.h"

#include <criterion/criterion.h>
#include <math.h>
#include <unistd.h>

/* ---- definition ---- */

enum { C = 4, N = 3, SPOTS = N * N };

static const float *param(const struct net *net, const char *name)
{
    for (int i = 0; i < net->graph->params; i++)
        if (strcmp(net->graph->param[i].name, name) == 0)
            return net->params + net->graph->param[i].offset;
    cr_assert(false, "%s", name);
    return NULL;
}

/* relu(convolution + bias + added), naively; weights [out][in][kernel][kernel]. */
static void convolve(const struct net *net, const char *name, int kernel, double (*x)[SPOTS], double (*add)[SPOTS],
                     double (*out)[SPOTS])
{
    char *w = g_strconcat(name, ".weight", NULL), *b = g_strconcat(name, ".bias", NULL);
    const float *weight = param(net, w), *bias = param(net, b);
    double result[C][SPOTS];
    for (int o = 0; o < C; o++)
        for (int p = 0; p < SPOTS; p++) {
            double sum = (double)bias[o] + (add ? add[o][p] : 0);
            for (int i = 0; i < C; i++)
                for (int k = 0; k < kernel * kernel; k++) {
                    int y = p / N + k / kernel - kernel / 2, col = p % N + k % kernel - kernel / 2;
                    if (y >= 0 && y < N && col >= 0 && col < N)
                        sum += (double)weight[(o * C + i) * kernel * kernel + k] * x[i][y * N + col];
                }
            result[o][p] = sum > 0 ? sum : 0;
        }
    memcpy(out, result, sizeof result);
    g_free(w);
    g_free(b);
}

static void read_tensor(const struct net_exec *exec, int tensor, double (*x)[SPOTS])
{
    float values[SPOTS];
    for (int c = 0; c < C; c++) {
        net_exec_read(exec, tensor, c, values, SPOTS);
        for (int p = 0; p < SPOTS; p++)
            x[c][p] = (double)values[p];
    }
}

/* What comes out of the loop is what its comment says, after any number of steps. */
Test(loop, definition)
{
    struct net *net = loop_net("conv:4 loop:4+steps=2..5", 3);
    const struct net_graph *graph = net->graph;
    struct net_samples *s = fixture_samples(net_info(net), N, 1, false, 3);
    struct net_exec *exec;
    double x[C][SPOTS], recalled[C][SPOTS], h[C][SPOTS], had[C][SPOTS];
    cr_assert_eq(net_exec_create(&exec, graph, &net_arithmetic_plain, false, NULL), 0);
    cr_assert_eq(net_exec_use(exec, (struct net_extent){N, N, 1}, NULL), 0);
    net_exec_set(exec, net->params, NULL);
    net_exec_load(exec, s->planes, s->globals);
    for (int i = 0; i < graph->loop.from; i++) /* the last operation before the loop is what is recalled */
        graph->op[i].kind->forward(&exec->plan->run[i]);
    read_tensor(exec, graph->loop.in, x);
    convolve(net, "1.loop.recall", 1, x, NULL, recalled);
    for (int step = 1; step <= 7; step++) {
        convolve(net, "1.loop.conv1", 3, x, recalled, h);
        convolve(net, "1.loop.conv2", 3, h, x, x);
        net_exec_load(exec, s->planes, s->globals);
        net_exec_forward(exec, &(struct net_pass){.flavour = NET_INFERENCE, .steps = step});
        read_tensor(exec, graph->loop.out, had);
        for (int c = 0; c < C; c++)
            for (int p = 0; p < SPOTS; p++)
                cr_expect_float_eq(had[c][p], x[c][p], 1e-4, "step %d: %g, %g", step, had[c][p], x[c][p]);
    }
    net_exec_close(exec);
    net_samples_free(s);
    net_unref(net);
}

/* ---- the repeated graph ---- */

/* Against the unrolled one, which has no memory in common between steps; one step more continues where the last ended, though
 * the heads were in between. */
Test(loop, repeats_what_the_unrolled_graph_has_one_after_the_other)
{
    struct net *net = loop_net("conv:16 gpool:16 loop:16+steps=1..3", 4);
    struct net_samples *s = loop_samples(net);
    struct net_exec *repeated;
    cr_assert_eq(net_exec_create(&repeated, net->graph, &net_arithmetic_plain, false, NULL), 0);
    cr_assert_eq(net_exec_use(repeated, (struct net_extent){LOOP_SIZE, LOOP_SIZE, LOOP_ROWS}, NULL), 0);
    net_exec_set(repeated, net->params, NULL);
    net_exec_load(repeated, s->planes, s->globals);
    net_exec_forward(repeated, &(struct net_pass){.flavour = NET_INFERENCE, .steps = 1});
    for (int steps = 1; steps <= 5; steps++) {
        struct loop_answers *had = loop_ask(net, NET_BACKEND_PLAIN, NET_F32, s, (struct net_effort){.steps = steps});
        struct loop_answers *wanted = loop_ask_unrolled(net, s, steps);
        float points[LOOP_ROWS * LOOP_POINTS];
        cr_expect_arr_eq(had->policy, wanted->policy, sizeof had->policy, "%d steps", steps);
        cr_expect_eq(had->steps[0], steps);
        if (steps > 1)
            net_exec_step(repeated);
        net_exec_read(repeated, net->graph->points, net->graph->places.at[NET_TARGET_MAP], points, LOOP_POINTS);
        net_tanh(G_N_ELEMENTS(points), points);
        for (int i = 0; i < LOOP_ROWS * LOOP_POINTS; i++)
            cr_assert_eq(points[i], had->map[i], "%d steps, continued", steps);
        g_free(had);
        g_free(wanted);
    }
    net_exec_close(repeated);
    net_samples_free(s);
    net_unref(net);
}

/* Without a number of steps it is that of the net; each number answers otherwise. */
Test(loop, steps_in_play)
{
    struct net *net = loop_net("conv:16 loop:16+steps=2..3", 4), *plain = loop_net("conv:16 res:16", 4);
    struct net_samples *s = loop_samples(net);
    struct loop_answers *own = loop_ask(net, NET_BACKEND_FAST, NET_F32, s, (struct net_effort){.steps = 0});
    struct loop_answers *other = loop_ask(plain, NET_BACKEND_FAST, NET_F32, s, (struct net_effort){.steps = 0});
    cr_expect(net_steps(net) == 3 && net_steps_least(net) == 2 && own->steps[0] == 3);
    cr_expect(net_steps(plain) == 0 && net_steps_least(plain) == 0 && other->steps[0] == 0);
    for (int steps = 1; steps <= 4; steps++) {
        struct loop_answers *had = loop_ask(net, NET_BACKEND_FAST, NET_F32, s, (struct net_effort){.steps = steps});
        cr_expect_eq(memcmp(had->policy, own->policy, sizeof own->policy) == 0, steps == 3, "%d steps", steps);
        g_free(had);
    }
    g_free(own);
    g_free(other);
    net_samples_free(s);
    net_unref(net);
    net_unref(plain);
}

/* ---- number types ---- */

/* Every type against plain f32, with fewer steps than in play, with those, and with more, where values exceed the ranges of int8. */
Test(loop, a_net_in_every_number_type)
{
    static const double tolerance[] = {[NET_F32] = 1e-4, [NET_BF16] = 0.05, [NET_INT8] = 0.05};
    struct net *net = loop_net("conv:32 res:32 loop:32+steps=2..6", 5);
    struct net_samples *s = loop_samples(net);
    cr_assert_eq(net_calibrate(net, LOOP_SIZE, LOOP_SIZE, LOOP_ROWS, s->planes, s->globals, NULL), 0);
    struct loop_answers *without = loop_ask(net, NET_BACKEND_PLAIN, NET_F32, s, (struct net_effort){.steps = 1});
    for (int steps = 2; steps <= 8; steps += 2) {
        struct net_effort effort = {.steps = steps};
        struct loop_answers *plain = loop_ask(net, NET_BACKEND_PLAIN, NET_F32, s, effort);
        cr_expect_gt(loop_distance(without, plain), 0.1, "the steps make little difference");
        for (enum net_dtype dtype = NET_F32; dtype <= NET_INT8; dtype++) {
            if (!loop_types()[dtype])
                continue;
            struct loop_answers *fast = loop_ask(net, NET_BACKEND_FAST, dtype, s, effort);
            double off = loop_distance(fast, plain);
            double most = tolerance[dtype] * (dtype == NET_INT8 && steps > net_steps(net) ? 2 : 1);
            cr_expect(off > 0 && off < most, "%s, %d steps: off by %g", net_dtype_name(dtype), steps, off);
            g_free(fast);
        }
        g_free(plain);
    }
    g_free(without);
    net_samples_free(s);
    net_unref(net);
}

/* What the loop reads and writes has one range, of all its steps, so that a step can read what the one before wrote. */
Test(loop, quantised_tensors)
{
    struct net *net = loop_net("conv:32 res:32 loop:32", 5);
    struct net_samples *s = loop_samples(net);
    const struct net_graph *graph = net->graph;
    const struct net_tensor *in = &graph->tensor[graph->loop.in], *out = &graph->tensor[graph->loop.out];
    char name[56];
    cr_expect(in->quantised && in->u16 && out->quantised && out->u16 && in->range == out->range);
    cr_expect(net_graph_owns_range(graph, graph->loop.in) && !net_graph_owns_range(graph, graph->loop.out));
    cr_expect_str_eq(net_graph_range_name(graph, graph->loop.in, name, sizeof name), "1.res.conv2");
    int ranges = graph->tensor[graph->planes].channels + 32 * 5; /* stem, two of res, what is recalled, the inner one */
    cr_expect_eq(graph->ranges, ranges);
    cr_assert_eq(net_calibrate(net, LOOP_SIZE, LOOP_SIZE, LOOP_ROWS, s->planes, s->globals, NULL), 0);
    /* The mean over the steps of the mean, and the highest of all: from plain passes with each number of steps. */
    struct net_exec *exec;
    double mean = 0, highest = 0;
    cr_assert_eq(net_exec_create(&exec, graph, &net_arithmetic_plain, false, NULL), 0);
    cr_assert_eq(net_exec_use(exec, (struct net_extent){LOOP_SIZE, LOOP_SIZE, LOOP_ROWS}, NULL), 0);
    net_exec_set(exec, net->params, NULL);
    for (int step = 0; step <= net_steps(net); step++) {
        float values[LOOP_ROWS * LOOP_POINTS];
        net_exec_load(exec, s->planes, s->globals);
        if (step)
            net_exec_forward(exec, &(struct net_pass){.flavour = NET_INFERENCE, .steps = step});
        else
            for (int i = 0; i < graph->loop.from; i++)
                graph->op[i].kind->forward(&exec->plan->run[i]);
        net_exec_read(exec, graph->loop.in, 7, values, LOOP_POINTS);
        for (int i = 0; i < LOOP_ROWS * LOOP_POINTS; i++) {
            mean += (double)values[i] / (LOOP_ROWS * LOOP_POINTS) / (net_steps(net) + 1);
            highest = fmax(highest, (double)values[i]);
        }
    }
    cr_expect_float_eq((double)net->ranges[in->range + 7], highest, 0.02 * highest + 1e-6);
    cr_expect_float_eq((double)net->ranges[graph->ranges + in->range + 7], mean, 0.02 * mean + 1e-6);
    net_exec_close(exec);
    net_samples_free(s);
    net_unref(net);
}

/* A calibrated net answers the same once it has been saved and loaded. */
Test(loop, files)
{
    struct net *net = loop_net("conv:32 loop:32+steps=2..4+early=0.25", 5), *back;
    struct net_samples *s = loop_samples(net);
    enum net_dtype dtype = loop_types()[NET_INT8] ? NET_INT8 : NET_F32;
    char *folder = g_dir_make_tmp("tengen-loop-XXXXXX", NULL), *path = g_build_filename(folder, "net", NULL);
    cr_assert_eq(net_calibrate(net, LOOP_SIZE, LOOP_SIZE, LOOP_ROWS, s->planes, s->globals, NULL), 0);
    cr_assert_eq(net_save(net, path, NULL, NULL), 0);
    cr_assert_eq(net_load(&back, path, NULL), 0);
    cr_expect(net_is_calibrated(back) && net_steps(back) == 4);
    struct loop_answers *before = loop_ask(net, NET_BACKEND_FAST, dtype, s, (struct net_effort){.steps = 3});
    struct loop_answers *after = loop_ask(back, NET_BACKEND_FAST, dtype, s, (struct net_effort){.steps = 3});
    cr_expect_arr_eq(before, after, sizeof *before);
    g_free(before);
    g_free(after);
    unlink(path);
    rmdir(folder);
    g_free(path);
    g_free(folder);
    net_samples_free(s);
    net_unref(back);
    net_unref(net);
}

/* ---- growth ---- */

/* A net that is given a loop plays as before, with any number of steps: bit for bit in f32 and bf16, in int8 but for rounding. */
Test(loop, a_trained_net_grows)
{
    struct net *net = loop_net("conv:32 res:32", 6), *grown;
    struct net_samples *s = loop_samples(net);
    cr_assert_eq(net_reshape(&grown, net, "conv:32 res:32 loop:32", 7, NULL), 0);
    cr_expect_not(net_is_calibrated(grown));
    cr_assert_eq(net_calibrate(net, LOOP_SIZE, LOOP_SIZE, LOOP_ROWS, s->planes, s->globals, NULL), 0);
    cr_assert_eq(net_calibrate(grown, LOOP_SIZE, LOOP_SIZE, LOOP_ROWS, s->planes, s->globals, NULL), 0);
    for (enum net_dtype dtype = NET_F32; dtype <= NET_INT8; dtype++)
        for (int steps = 1; loop_types()[dtype] && steps <= 8; steps += 7) {
            struct loop_answers *before = loop_ask(net, NET_BACKEND_FAST, dtype, s, (struct net_effort){.steps = 0});
            struct loop_answers *after =
                loop_ask(grown, NET_BACKEND_FAST, dtype, s, (struct net_effort){.steps = steps});
            double off = loop_distance(after, before);
            if (dtype == NET_INT8)
                cr_expect_lt(off, 0.002, "int8: off by %g", off);
            else
                cr_expect_arr_eq(before->policy, after->policy, sizeof before->policy, "%s", net_dtype_name(dtype));
            g_free(before);
            g_free(after);
        }
    net_unref(grown);
    net_unref(net);
    net_samples_free(s);
}

/* Its steps may change later, without a change of its weights; ranges are those of the steps in play. */
Test(loop, other_steps)
{
    struct net *net = loop_net("conv:16 loop:16+steps=2..4", 6), *more, *same;
    struct net_samples *s = loop_samples(net);
    cr_assert_eq(net_calibrate(net, LOOP_SIZE, LOOP_SIZE, LOOP_ROWS, s->planes, s->globals, NULL), 0);
    cr_assert_eq(net_reshape(&more, net, "conv:16 loop:16+steps=2..6", 7, NULL), 0);
    cr_assert_eq(net_reshape(&same, net, "conv:16 loop:16+steps=1..4+early=0", 7, NULL), 0);
    cr_expect(net_steps(more) == 6 && !net_is_calibrated(more) && net_is_calibrated(same));
    cr_expect_arr_eq(more->params, net->params, net->graph->parameters * sizeof(float));
    cr_expect_arr_eq(same->params, net->params, net->graph->parameters * sizeof(float));
    net_unref(more);
    net_unref(same);
    net_unref(net);
    net_samples_free(s);
}

/* On n points: 2 n C C for what is recalled, and each step 2 n 9 C C twice. */
Test(loop, flops)
{
    struct net *net = loop_net("conv:32 loop:32+steps=2..5", 1), *plain = loop_net("conv:32", 1);
    int blocks, channels;
    double recalled = 2.0 * 63 * 32 * 32, step = 4.0 * 63 * 9 * 32 * 32;
    cr_expect_float_eq(net_flops(net, 9, 7) - net_flops(plain, 9, 7), recalled + 5 * step, 1e-3);
    cr_expect_float_eq(net_flops_at(net, 9, 7, 2.5) - net_flops(plain, 9, 7), recalled + 2.5 * step, 1e-3);
    cr_expect_eq(net_flops_at(plain, 9, 7, 3), net_flops(plain, 9, 7));
    net_tower_like(net, &blocks, &channels);
    cr_expect(blocks == 5 && channels == 32);
    net_unref(net);
    net_unref(plain);
}

/* The block "moe", in addition to the tests of every block of the table. */
#include "net/exec/exec.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/real.h"
#include "net/train.h"
#include "tests/net/fixtures.h"
#include "tests/net/graph/experts.h"

#include <criterion/criterion.h>
#include <math.h>

enum { SIZE = 5, POINTS = SIZE * SIZE, PLANES = 4, GLOBALS = 2, ROWS = 16 };

static struct net *net_of(const char *trunk)
{
    struct net_info info = fixture_info(trunk, PLANES, GLOBALS, 1);
    struct net *net;
    GError *error = NULL;
    cr_assert_eq(net_create(&net, &info, 2, &error), 0, "%s", error ? error->message : "");
    return net;
}

static void infer(struct net *net, enum net_backend backend, enum net_dtype dtype, const struct net_samples *s,
                  int first, int n, float *map)
{
    struct net_runner *runner;
    const struct net_outputs out = {.map = map};
    cr_assert_eq(net_runner_create(&runner, net, backend, dtype, n, NULL), 0);
    net_runner_infer(runner, SIZE, SIZE, n, s->planes + (size_t)first * PLANES * POINTS,
                     s->globals + (size_t)first * GLOBALS, &out);
    net_runner_close(runner);
}

/* Each expert alone is the first convolution of a residual block, and the others do not matter. */
Test(moe, one_expert_computes)
{
    struct net *experts = net_of("conv:8 moe:8+experts=3"), *plain = net_of("conv:8 res:8");
    struct net_samples *s = fixture_samples(net_info(experts), SIZE, 1, false, 3);
    static const char *const shared[] = {"0.conv.conv.weight", "0.conv.conv.bias", "0.conv.globals.weight",
                                         "0.conv.globals.bias"};
    float wanted[POINTS], map[POINTS], other[POINTS] = {0};
    size_t count;
    for (size_t i = 0; i < G_N_ELEMENTS(shared); i++)
        copy_param(experts, shared[i], plain, shared[i]);
    for (int i = 0; i < plain->graph->params; i++) /* the heads */
        if (g_str_has_prefix(plain->graph->param[i].name, "heads."))
            copy_param(experts, plain->graph->param[i].name, plain, plain->graph->param[i].name);
    copy_param(experts, "1.moe.conv2.weight", plain, "1.res.conv2.weight");
    float *bias = param_of(experts, "1.moe.route.bias", &count);
    for (int e = 0; e < 3; e++) {
        char weight[40];
        g_snprintf(weight, sizeof weight, "1.moe.expert%d.weight", e + 1);
        copy_param(plain, "1.res.conv1.weight", experts, weight);
        for (int k = 0; k < 3; k++)
            bias[k] = k == e ? 100 : 0;
        infer(experts, NET_BACKEND_PLAIN, NET_F32, s, 0, 1, map);
        infer(plain, NET_BACKEND_PLAIN, NET_F32, s, 0, 1, wanted);
        double off = 0, moved = 0;
        for (int p = 0; p < POINTS; p++) {
            off = fmax(off, fabs((double)map[p] - (double)wanted[p]));
            moved = fmax(moved, fabs((double)map[p] - (double)other[p]));
        }
        cr_expect_lt(off, 1e-6, "expert %d: %g", e, off);
        cr_expect_gt(moved, 1e-4, "expert %d computes what the one before did", e);
        memcpy(other, map, sizeof other);
    }
    net_samples_free(s);
    net_unref(experts);
    net_unref(plain);
}

/* Rows of a batch choose for themselves: they have the results that they have alone. */
Test(moe, rows_choose_for_themselves)
{
    struct net *net = net_of("conv:16 moe:16+experts=4 res:16");
    struct net_samples *s = fixture_samples(net_info(net), SIZE, ROWS, false, 3);
    float choice[ROWS], all[ROWS * POINTS], one[POINTS];
    size_t count;
    for (int i = 0; i < ROWS * PLANES * POINTS; i++)
        s->planes[i] = s->planes[i] > 0.6f - 0.05f * (float)(i / (PLANES * POINTS)); /* of different density */
    float *centroids = param_of(net, "1.moe.route.centroids", &count);
    for (size_t i = 0; i < count; i++)
        centroids[i] = 0.1f * (float)(i / 16);
    choices_of(net, s, SIZE, ROWS, choice);
    bool several = false;
    for (int row = 1; row < ROWS; row++)
        several |= choice[row] != choice[0];
    cr_assert(several);
    if (net_has_int8())
        cr_assert_eq(net_calibrate(net, SIZE, SIZE, ROWS, s->planes, s->globals, NULL), 0);
    for (enum net_dtype dtype = NET_F32; dtype <= NET_INT8; dtype++) {
        if (dtype == NET_INT8 ? !net_has_int8() : dtype > net_dtype_best(NET_BACKEND_FAST))
            continue;
        infer(net, NET_BACKEND_FAST, dtype, s, 0, ROWS, all);
        for (int row = 0; row < ROWS; row++) {
            infer(net, NET_BACKEND_FAST, dtype, s, row, 1, one);
            for (int p = 0; p < POINTS; p++)
                cr_assert_float_eq(one[p], all[row * POINTS + p], 1e-4f, "%s, row %d", net_dtype_name(dtype), row);
        }
    }
    net_samples_free(s);
    net_unref(net);
}

/* What the rule gives for gradients of centroids [4][8] and biases [4], from passes over so many rows each. */
static void rule_of(struct net *net, const struct net_samples *s, int each, net_real centroids[32], net_real biases[4])
{
    const struct net_pass pass = {.flavour = NET_TRAINING, .seed = 1, .rows = ROWS};
    struct net_exec *exec;
    net_real *all = g_new0(net_real, net->graph->parameters);
    size_t count;
    cr_assert_eq(net_exec_create(&exec, net->graph, &net_arithmetic_plain, true, NULL), 0);
    net_exec_set(exec, net->params, NULL);
    for (int first = 0; first < ROWS; first += each) {
        const float none[ROWS * 64] = {0};
        cr_assert_eq(net_exec_use(exec, (struct net_extent){SIZE, SIZE, each}, NULL), 0);
        net_exec_load(exec, s->planes + (size_t)first * PLANES * POINTS, s->globals + (size_t)first * GLOBALS);
        net_exec_forward(exec, &pass);
        for (int t = 0; t < net->graph->tensors; t++)
            for (int c = 0; net->graph->tensor[t].output &&
                            c < (net->graph->tensor[t].spatial ? net->graph->tensor[t].channels : 1);
                 c++)
                net_exec_put(exec, t, c, none, net->graph->tensor[t].spatial ? POINTS : 1);
        net_exec_backward(exec);
    }
    net_exec_take_gradients(exec, all);
    memcpy(centroids, all + (param_of(net, "1.moe.route.centroids", &count) - net->params), 32 * sizeof *centroids);
    memcpy(biases, all + (param_of(net, "1.moe.route.bias", &count) - net->params), 4 * sizeof *biases);
    net_exec_close(exec);
    g_free(all);
}

/* All positions have the second expert, whose centroid is 0: the mean position, and the excess over a quarter in units of the mean squared
 * distance. The same whether the batch is computed at once or in parts. */
Test(moe, the_rule_is_a_mean_over_the_batch)
{
    struct net *net = net_of("conv:8 moe:8+experts=4");
    struct net_samples *s = fixture_samples(net_info(net), SIZE, ROWS, true, 3);
    net_real centroids[32], biases[4], apart[32], others[4], spread = 0;
    size_t count;
    memset(param_of(net, "1.moe.route.centroids", &count), 0, sizeof(float) * 32);
    param_of(net, "1.moe.route.bias", &count)[1] = 100;
    rule_of(net, s, ROWS, centroids, biases);
    for (int i = 0; i < 32; i++)
        cr_expect(i / 8 == 1 ? centroids[i] <= 0 : centroids[i] == 0, "centroid %d: %g", i / 8, (double)centroids[i]);
    cr_assert_lt(biases[0], 0);
    for (int e = 0; e < 4; e++)
        cr_expect_float_eq(biases[e], e == 1 ? -3 * biases[0] : biases[0], 1e-6f);
    spread = -4 * biases[0];
    net_real square = 0;
    for (int c = 0; c < 8; c++)
        square += centroids[8 + c] * centroids[8 + c];
    cr_expect(spread >= square && spread < 4 * square, "a mean of squares, %g, is not below the square of the mean, %g",
              (double)spread, (double)square);
    rule_of(net, s, 4, apart, others);
    for (int i = 0; i < 32; i++)
        cr_expect_float_eq(apart[i], centroids[i], 1e-6f);
    for (int e = 0; e < 4; e++)
        cr_expect_float_eq(others[e], biases[e], 1e-5f);
    net_samples_free(s);
    net_unref(net);
}

/* Nor has it a part in the norm by which gradients are clipped, or is clipped with them. */
Test(moe, the_rule_is_not_clipped)
{
    float bias[2];
    for (int i = 0; i < 2; i++) {
        struct net *net = net_of("conv:8 moe:8+experts=4");
        struct net_samples *s = fixture_samples(net_info(net), SIZE, ROWS, true, 3);
        struct net_trainer_config config = net_trainer_defaults();
        struct net_trainer *trainer;
        struct net_losses losses;
        size_t count;
        config.backend = NET_BACKEND_PLAIN;
        config.dtype = NET_F32;
        config.batch = ROWS;
        config.clip = i ? 0.01f : 0;
        float *centroids = param_of(net, "1.moe.route.centroids", &count);
        for (size_t k = 0; k < count; k++)
            centroids[k] = 1000; /* so far off that the norm would be that of the rule */
        cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
        net_trainer_step(trainer, s, 1e-6f, &losses);
        cr_expect(losses.grad_norm > 0.01f && losses.grad_norm < 100, "%g", (double)losses.grad_norm);
        net_unref(net);
        net = net_trainer_snapshot(trainer, false);
        bias[i] = param_of(net, "1.moe.route.bias", &count)[0];
        net_trainer_close(trainer);
        net_samples_free(s);
        net_unref(net);
    }
    cr_expect(bias[0] != 0 && bias[0] == bias[1], "%g, with clipping %g", (double)bias[0], (double)bias[1]);
}

/* Training begins with all positions nearest to one centroid, and shares them out. */
Test(moe, experts_share_the_positions)
{
    static const enum net_optimiser optimisers[] = {NET_SGD, NET_ADAMW, NET_MUON};
    for (size_t o = 0; o < G_N_ELEMENTS(optimisers); o++) {
        struct net *net = net_of("conv:8 moe:8+experts=4");
        struct net_samples *s = fixture_samples(net_info(net), SIZE, ROWS, true, 3);
        struct net_trainer_config config = net_trainer_defaults();
        struct net_trainer *trainer;
        struct net_losses losses;
        float choice[ROWS];
        size_t count;
        int before[4] = {0}, after[4] = {0};
        config.backend = NET_BACKEND_FAST;
        config.dtype = NET_F32;
        config.batch = ROWS;
        config.optimiser = optimisers[o];
        param_of(net, "1.moe.route.bias", &count)[2] = 1;
        choices_of(net, s, SIZE, ROWS, choice);
        for (int row = 0; row < ROWS; row++)
            before[(int)choice[row]]++;
        cr_assert_eq(before[2], ROWS);
        cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
        for (int i = 1; i <= 1700; i++) {
            net_trainer_step(trainer, s, optimisers[o] == NET_SGD ? 0.02f : 0.003f, &losses);
            if (i < 1500 || i % 25)
                continue;
            struct net *now = net_trainer_snapshot(trainer, false);
            choices_of(now, s, SIZE, ROWS, choice);
            for (int row = 0; row < ROWS; row++)
                after[(int)choice[row]]++;
            net_unref(now);
        }
        for (int e = 0; e < 4; e++) /* of nine snapshots */
            cr_expect(after[e] > ROWS && after[e] < 4 * ROWS, "optimiser %d, expert %d: %d positions", (int)o, e,
                      after[e]);
        net_trainer_close(trainer);
        net_samples_free(s);
        net_unref(net);
    }
}

/* A residual block becomes a mixture whose experts are all as it was, which changes nothing; then each learns from its own positions. */
Test(moe, a_residual_block_becomes_experts)
{
    struct net *plain = net_of("conv:8 res:8 gpool:8 res:8"), *experts, *grown;
    struct net_samples *s = fixture_samples(net_info(plain), SIZE, ROWS, false, 3);
    float wanted[ROWS * POINTS], map[ROWS * POINTS];
    GError *error = NULL;
    size_t count;
    cr_assert_eq(net_reshape(&experts, plain, "conv:8 moe:8+experts=3 gpool:8 moe:8", 7, &error), 0, "%s",
                 error ? error->message : "");
    infer(plain, NET_BACKEND_PLAIN, NET_F32, s, 0, ROWS, wanted);
    infer(experts, NET_BACKEND_PLAIN, NET_F32, s, 0, ROWS, map);
    cr_expect_eq(memcmp(map, wanted, sizeof map), 0);
    const float *centroids = param_of(experts, "1.moe.route.centroids", &count);
    cr_expect(count == 3 * 8 && centroids[0] != centroids[8]);
    cr_assert_eq(net_reshape(&grown, experts, "conv:8 moe:8+experts=3 gpool:8 moe:8 res:8", 7, &error), 0, "%s",
                 error ? error->message : "");
    infer(grown, NET_BACKEND_PLAIN, NET_F32, s, 0, ROWS, map);
    cr_expect_eq(memcmp(map, wanted, sizeof map), 0, "and goes on as one");
    net_unref(grown);
    cr_expect_eq(net_reshape(&grown, experts, "conv:8 res:8 gpool:8 moe:8", 7, &error), -1, "not back");
    g_clear_error(&error);
    net_unref(experts);
    net_unref(plain);
    net_samples_free(s);
}

/* Three of four experts are not used for a position. */
Test(moe, active_parameters)
{
    struct net *experts = net_of("conv:8 moe:8 res:8"), *plain = net_of("conv:8 res:8 res:8");
    size_t all, same;
    cr_assert(net_count_parameters(net_info(experts), &all, NULL) &&
              net_count_parameters(net_info(plain), &same, NULL));
    const size_t conv = 8 * 8 * 9 + 8, route = 4 * 8 + 4;
    cr_expect_eq(all, same + 3 * conv + route);
    cr_expect_eq(net_active_parameters(experts), same + route);
    cr_expect_eq(net_active_parameters(plain), same);
    cr_expect_float_eq(net_flops(experts, 5, 5), net_flops(plain, 5, 5), 1);
    net_unref(experts);
    net_unref(plain);
}

Test(moe, modifiers)
{
    static const char *const bad[] = {"conv:8 moe:8+experts=1", "conv:8 moe:8+experts=9", "conv:8 moe:8+experts=2.5",
                                      "conv:8 res:8+experts=2", "conv:8 moe:8+heads=2"};
    char trunk[NET_TRUNK_MAX];
    int match[8];
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        GError *error = NULL;
        cr_expect_not(net_expand_shape(bad[i], trunk, &error), "%s", bad[i]);
        cr_expect(error && strstr(error->message, "experts"), "%s", bad[i]);
        g_clear_error(&error);
    }
    cr_expect_eq(net_trunk_match("conv:8 moe:8", "conv:8 moe:8+experts=4", match), 2);
    cr_expect(match[1] == 1, "four by default");
    cr_expect_eq(net_trunk_match("conv:8 moe:8+experts=2", "conv:8 moe:8+experts=3", match), -1);
}

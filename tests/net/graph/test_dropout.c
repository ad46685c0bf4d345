/* Dropout: what its masks look like, that inference knows nothing of it, and that training repeats and resumes bit for
 * bit. Its gradients are held to finite differences in f64/. */
#include "net/exec/exec.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/train.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <math.h>

enum { SIZE = 7, POINTS = SIZE * SIZE, ROWS = 40, CHANNELS = 6, PLANES = 6, GLOBALS = 2 };

/* ---- masks ---- */

/* Values [channels][rows][points] of an input of ones after dropout. */
static float *masked(enum net_drop drop, double rate, struct net_pass pass)
{
    struct net_graph *graph = g_new0(struct net_graph, 1);
    struct net_exec *exec;
    float *ones = g_new(float, ROWS *CHANNELS *POINTS), *values = g_new(float, CHANNELS *ROWS *POINTS);
    float globals[ROWS] = {0};
    graph->training = true;
    graph->planes = net_graph_tensor(graph, CHANNELS, true);
    graph->globals = net_graph_tensor(graph, 1, false);
    int out = net_graph_drop(graph, graph->planes, (int)drop, rate);
    graph->tensor[out].output = true;
    net_graph_finish(graph);
    cr_assert_eq(net_exec_create(&exec, graph, &net_arithmetic_plain, true, NULL), 0);
    cr_assert_eq(net_exec_use(exec, (struct net_extent){SIZE, SIZE, ROWS}, NULL), 0);
    for (int i = 0; i < ROWS * CHANNELS * POINTS; i++)
        ones[i] = 1;
    net_exec_load(exec, ones, globals);
    net_exec_forward(exec, &pass);
    for (int c = 0; c < CHANNELS; c++)
        net_exec_read(exec, out, c, values + c * ROWS * POINTS, POINTS);
    net_exec_close(exec);
    g_free(graph);
    g_free(ones);
    return values;
}

/* The share of zeros among `count` values `apart` from one another is within four standard deviations of the rate, and all
 * others are 1 / (1 - rate). */
static void expect_share(const float *values, int count, int apart, double rate, const char *what)
{
    int zeros = 0;
    for (int i = 0; i < count; i++) {
        double v = (double)values[(size_t)i * (size_t)apart];
        zeros += v == 0;
        cr_assert(v == 0 || fabs(v - 1 / (1 - rate)) < 1e-6, "%s: %g", what, v);
    }
    double off = fabs((double)zeros / count - rate), deviation = sqrt(rate * (1 - rate) / count);
    cr_expect_lt(off, 4 * deviation, "%s: %d of %d are 0", what, zeros, count);
}

static const struct net_pass some = {NET_TRAINING, 5, 9, 0, 0, NULL, NULL, 0};

Test(dropout, masks_of_values)
{
    float *v = masked(NET_DROP_VALUES, 0.3, some);
    int count = CHANNELS * ROWS * POINTS, pairs = 0;
    expect_share(v, count, 1, 0.3, "values");
    for (int i = 0; i + 1 < count; i++)
        pairs += v[i] == 0 && v[i + 1] == 0;
    cr_expect_float_eq((double)pairs / count, 0.09, 0.012, "neighbours are independent: %d pairs", pairs);
    g_free(v);
}

Test(dropout, masks_of_channels)
{
    float *v = masked(NET_DROP_CHANNELS, 0.25, some);
    expect_share(v, CHANNELS * ROWS, POINTS, 0.25, "channels");
    for (int i = 0; i < CHANNELS * ROWS * POINTS; i++)
        cr_assert_eq(v[i], v[i / POINTS * POINTS], "a channel is dropped as a whole");
    g_free(v);
}

Test(dropout, masks_of_branches)
{
    float *v = masked(NET_DROP_BRANCH, 0.5, some);
    expect_share(v, ROWS, POINTS, 0.5, "branches");
    for (int i = 0; i < CHANNELS * ROWS * POINTS; i++)
        cr_assert_eq(v[i], v[i / POINTS % ROWS * POINTS], "a branch is dropped as a whole");
    g_free(v);
}

Test(dropout, masks_follow_seed_and_step)
{
    float *v = masked(NET_DROP_VALUES, 0.3, some), *again = masked(NET_DROP_VALUES, 0.3, some);
    float *seed = masked(NET_DROP_VALUES, 0.3, (struct net_pass){NET_TRAINING, 6, 9, 0, 0, NULL, NULL, 0});
    float *step = masked(NET_DROP_VALUES, 0.3, (struct net_pass){NET_TRAINING, 5, 10, 0, 0, NULL, NULL, 0});
    float *none = masked(NET_DROP_VALUES, 0.3, (struct net_pass){NET_INFERENCE, 5, 9, 0, 0, NULL, NULL, 0});
    size_t bytes = sizeof(float) * CHANNELS * ROWS * POINTS;
    cr_expect_arr_eq(v, again, bytes);
    cr_expect(memcmp(v, seed, bytes) != 0 && memcmp(v, step, bytes) != 0);
    for (int i = 0; i < CHANNELS * ROWS * POINTS; i++)
        cr_assert_eq(none[i], 1, "nothing is dropped in inference");
    float *all[] = {v, again, seed, step, none};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        g_free(all[i]);
}

/* ---- inference ---- */

static const char with[] =
    "conv:16+drop=0.1 res:16+drop=0.2+spatial=0.1+depth=0.3 gpool:16+spatial=0.2+depth=0.1 conv:16";
static const char without[] = "conv:16 res:16 gpool:16 conv:16";
/* se blocks do not compute in int8. */
static const char with_se[] = "conv:16 se:16+drop=0.2+spatial=0.1+depth=0.3", without_se[] = "conv:16 se:16";

static struct net *net_of(const char *trunk, uint64_t seed)
{
    struct net_info info = fixture_info(trunk, PLANES, GLOBALS, 1);
    struct net *net;
    GError *error = NULL;
    cr_assert_eq(net_create(&net, &info, seed, &error), 0, "%s", error ? error->message : "");
    return net;
}

static struct net_trainer *trainer_of(struct net *net, enum net_dtype dtype, uint64_t seed)
{
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer;
    config.dtype = dtype;
    config.seed = seed;
    config.batch = ROWS;
    cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
    return trainer;
}

static void steps(struct net_trainer *trainer, const struct net_samples *s, int count)
{
    struct net_losses losses;
    for (int i = 0; i < count; i++) {
        net_trainer_step(trainer, s, 0.02f, &losses);
        cr_assert(losses.finite);
    }
}

static struct net *trained(const char *trunk, enum net_dtype dtype, uint64_t seed, const struct net_samples *s,
                           int count)
{
    struct net *net = net_of(trunk, 4);
    struct net_trainer *trainer = trainer_of(net, dtype, seed);
    steps(trainer, s, count);
    net_unref(net);
    net = net_trainer_snapshot(trainer, false);
    net_trainer_close(trainer);
    return net;
}

static bool same_weights(const struct net *a, const struct net *b)
{
    cr_assert_eq(a->graph->parameters, b->graph->parameters);
    return memcmp(a->params, b->params, a->graph->parameters * sizeof(float)) == 0;
}

struct answers {
    float policy[ROWS * (POINTS + 1)], wdl[ROWS * 3], score[ROWS], map[ROWS * POINTS];
};

static struct answers *answers_of(struct net *net, enum net_dtype dtype, const struct net_samples *s)
{
    struct answers *a = g_new0(struct answers, 1);
    struct net_runner *runner;
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_FAST, dtype, ROWS, NULL), 0);
    net_runner_infer(runner, SIZE, SIZE, ROWS, s->planes, s->globals,
                     &(struct net_outputs){.policy = a->policy, .wdl = a->wdl, .score = a->score, .map = a->map});
    net_runner_close(runner);
    return a;
}

static void expect_same_answers(const char *drops, const char *plain)
{
    struct net_info info = fixture_info(drops, PLANES, GLOBALS, 1);
    struct net_samples *s = fixture_samples(&info, SIZE, ROWS, true, 3);
    for (int i = 0; i < ROWS * PLANES * POINTS; i++)
        s->planes[i] = s->planes[i] > 0.3f;
    struct net *net = trained(drops, NET_F32, 1, s, 3), *stripped;
    if (net_supports(net, NET_INT8))
        cr_assert_eq(net_calibrate(net, SIZE, SIZE, ROWS, s->planes, s->globals, NULL), 0);
    cr_assert_eq(net_reshape(&stripped, net, plain, 1, NULL), 0);
    cr_expect_str_eq(net_info(stripped)->trunk, plain);
    cr_expect(same_weights(net, stripped));
    cr_expect_eq(net_flops(net, SIZE, SIZE), net_flops(stripped, SIZE, SIZE));
    const bool here[] = {[NET_F32] = true,
                         [NET_BF16] = net_dtype_best(NET_BACKEND_FAST) == NET_BF16,
                         [NET_INT8] = net_has_int8() && net_supports(net, NET_INT8)};
    for (enum net_dtype dtype = NET_F32; dtype <= NET_INT8; dtype++) {
        if (!here[dtype])
            continue;
        struct answers *a = answers_of(net, dtype, s), *b = answers_of(stripped, dtype, s);
        cr_expect_arr_eq(a, b, sizeof *a, "%s in %s", drops, net_dtype_name(dtype));
        g_free(a);
        g_free(b);
    }
    net_unref(net);
    net_unref(stripped);
    net_samples_free(s);
}

Test(dropout, inference_is_that_of_the_net_without)
{
    expect_same_answers(with, without);
    expect_same_answers(with_se, without_se);
}

/* ---- training ---- */

static void expect_repeatable(enum net_dtype dtype)
{
    struct net_info info = fixture_info(with, PLANES, GLOBALS, 1);
    struct net_samples *s = fixture_samples(&info, SIZE, ROWS, true, 3);
    struct net *straight = trained(with, dtype, 1, s, 6), *again = trained(with, dtype, 1, s, 6);
    struct net *other = trained(with, dtype, 2, s, 6), *start = net_of(with, 4);
    cr_expect(same_weights(straight, again), "the same seed in %s", net_dtype_name(dtype));
    cr_expect_not(same_weights(straight, other), "the seed makes no difference");
    /* Three steps, a file, and the rest from there. */
    char *path = g_strdup_printf("%s/tengen-dropout-%d.safetensors", g_get_tmp_dir(), (int)getpid());
    struct net_trainer *first = trainer_of(start, dtype, 1), *second = trainer_of(start, dtype, 1);
    steps(first, s, 3);
    cr_assert_eq(net_trainer_save(first, path, NULL), 0);
    cr_assert_eq(net_trainer_load(second, path, NULL, NULL), 0);
    steps(second, s, 3);
    struct net *resumed = net_trainer_snapshot(second, false);
    cr_expect(same_weights(straight, resumed), "resumed in %s", net_dtype_name(dtype));
    g_unlink(path);
    g_free(path);
    net_trainer_close(first);
    net_trainer_close(second);
    struct net *nets[] = {straight, again, other, start, resumed};
    for (size_t i = 0; i < G_N_ELEMENTS(nets); i++)
        net_unref(nets[i]);
    net_samples_free(s);
}

Test(dropout, training_repeats_and_resumes_bit_for_bit)
{
    for (enum net_dtype dtype = NET_F32; dtype <= net_dtype_best(NET_BACKEND_FAST); dtype++)
        expect_repeatable(dtype);
}

/* Each modifier changes what is learned, and a rate of 0 is none. */
Test(dropout, each_modifier_counts)
{
    static const char *const modifiers[] = {"drop", "spatial", "depth"}, *const blocks[] = {"res", "gpool", "se"};
    struct net_info info = fixture_info(with, PLANES, GLOBALS, 1);
    struct net_samples *s = fixture_samples(&info, SIZE, ROWS, true, 3);
    for (size_t i = 0; i < G_N_ELEMENTS(modifiers) * G_N_ELEMENTS(blocks); i++) {
        const char *block = blocks[i / 3], *modifier = modifiers[i % 3];
        char *plain = g_strdup_printf("conv:8 %s:8", block), *zero = g_strdup_printf("%s+%s=0", plain, modifier);
        char *some_rate = g_strdup_printf("%s+%s=0.2", plain, modifier);
        struct net *a = trained(plain, NET_F32, 1, s, 2), *b = trained(zero, NET_F32, 1, s, 2);
        struct net *c = trained(some_rate, NET_F32, 1, s, 2);
        cr_expect(same_weights(a, b), "%s", zero);
        cr_expect_not(same_weights(a, c), "%s makes no difference", some_rate);
        net_unref(a);
        net_unref(b);
        net_unref(c);
        g_free(plain);
        g_free(zero);
        g_free(some_rate);
    }
    net_samples_free(s);
}

/* The losses of net_trainer_losses are those without dropout. */
Test(dropout, losses_are_those_of_inference)
{
    struct net_info info = fixture_info(with, PLANES, GLOBALS, 1);
    struct net_samples *s = fixture_samples(&info, SIZE, ROWS, true, 3);
    struct net *net = net_of(with, 4), *plain;
    struct net_losses a, b;
    cr_assert_eq(net_reshape(&plain, net, without, 1, NULL), 0);
    struct net_trainer *one = trainer_of(net, NET_F32, 1), *two = trainer_of(plain, NET_F32, 1);
    net_trainer_losses(one, s, &a);
    net_trainer_losses(two, s, &b);
    cr_expect_float_eq(a.total, b.total, 1e-5f);
    net_trainer_close(one);
    net_trainer_close(two);
    net_unref(net);
    net_unref(plain);
    net_samples_free(s);
}

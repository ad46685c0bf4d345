/* Nets on boards that are not square. */
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>

enum { ROWS = 24, PLANES = 7, GLOBALS = 3, MAX_POINTS = 77, OTHERS = 1 };

struct answers {
    float policy[ROWS * (MAX_POINTS + OTHERS)], wdl[ROWS * 3], score[ROWS], map[ROWS * MAX_POINTS];
};

static struct net *net_of(const char *trunk)
{
    struct net_info info = fixture_info(trunk, PLANES, GLOBALS, OTHERS);
    struct net *net;
    cr_assert_eq(net_create(&net, &info, 4, NULL), 0);
    return net;
}

static struct net_runner *runner_of(struct net *net, enum net_backend backend, enum net_dtype dtype)
{
    struct net_runner *runner;
    GError *error = NULL;
    cr_assert_eq(net_runner_create(&runner, net, backend, dtype, ROWS, &error), 0, "%s", error ? error->message : "");
    return runner;
}

/* Planes of 0 and 1, as in games. */
static struct net_samples *positions(const struct net *net, int width, int height)
{
    struct net_samples *s = fixture_samples_on(net_info(net), width, height, ROWS, false, 3);
    for (int i = 0; i < ROWS * PLANES * width * height; i++)
        s->planes[i] = s->planes[i] > 0.3f;
    return s;
}

static void ask(struct net_runner *runner, const struct net_samples *s, struct answers *a)
{
    const struct net_outputs outputs = {.policy = a->policy, .wdl = a->wdl, .score = a->score, .map = a->map};
    memset(a, 0, sizeof *a);
    net_runner_infer(runner, s->width, s->height, ROWS, s->planes, s->globals, &outputs);
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

static double furthest(const struct answers *had, const struct answers *wanted)
{
    double off = fmax(distance(G_N_ELEMENTS(had->policy), had->policy, wanted->policy),
                      distance(G_N_ELEMENTS(had->map), had->map, wanted->map));
    return fmax(off, distance(G_N_ELEMENTS(had->wdl), had->wdl, wanted->wdl));
}

/* In int8 the net is calibrated on the same board. */
Test(rectangles, number_types_agree)
{
    static const int shapes[][2] = {{7, 6}, {6, 7}, {11, 3}, {2, 5}};
    const struct {
        enum net_dtype dtype;
        bool here;
        double tolerance;
    } types[] = {{NET_F32, true, 1e-4},
                 {NET_BF16, net_dtype_best(NET_BACKEND_FAST) == NET_BF16, 0.05},
                 {NET_INT8, net_has_int8(), 0.05}};
    struct answers *plain = g_new(struct answers, 1), *fast = g_new(struct answers, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) {
        struct net *net = net_of("conv:20 res:20 gpool:20 res:20");
        struct net_samples *s = positions(net, shapes[i][0], shapes[i][1]);
        cr_assert_eq(net_calibrate(net, s->width, s->height, ROWS, s->planes, s->globals, NULL), 0);
        struct net_runner *runner = runner_of(net, NET_BACKEND_PLAIN, NET_F32);
        ask(runner, s, plain);
        net_runner_close(runner);
        for (size_t t = 0; t < G_N_ELEMENTS(types); t++) {
            if (!types[t].here)
                continue;
            runner = runner_of(net, NET_BACKEND_FAST, types[t].dtype);
            ask(runner, s, fast);
            net_runner_close(runner);
            cr_expect_lt(furthest(fast, plain), types[t].tolerance, "%dx%d in %s: %g", s->width, s->height,
                         net_dtype_name(types[t].dtype), furthest(fast, plain));
        }
        net_samples_free(s);
        net_unref(net);
    }
    g_free(plain);
    g_free(fast);
}

/* Two boards with the same number of points, alternating in one runner, give the same results as in separate runners.
 * */
Test(rectangles, a_runner_distinguishes_width_and_height)
{
    struct net *net = net_of("conv:16 res:16 gpool:16");
    const enum net_backend backends[] = {NET_BACKEND_PLAIN, NET_BACKEND_FAST};
    struct answers *alone[2] = {g_new(struct answers, 1), g_new(struct answers, 1)}, *had = g_new(struct answers, 1);
    for (size_t b = 0; b < G_N_ELEMENTS(backends); b++) {
        struct net_samples *s[2] = {positions(net, 7, 6), positions(net, 6, 7)};
        struct net_runner *runner;
        for (int i = 0; i < 2; i++) {
            runner = runner_of(net, backends[b], NET_F32);
            ask(runner, s[i], alone[i]);
            net_runner_close(runner);
        }
        cr_expect_gt(furthest(alone[0], alone[1]), 0.01, "the shape makes no difference");
        runner = runner_of(net, backends[b], NET_F32);
        for (int i = 0; i < 4; i++) {
            ask(runner, s[i % 2], had);
            cr_expect_eq(memcmp(had, alone[i % 2], sizeof *had), 0, "turn %d", i);
        }
        net_runner_close(runner);
        net_samples_free(s[0]);
        net_samples_free(s[1]);
    }
    g_free(alone[0]);
    g_free(alone[1]);
    g_free(had);
    net_unref(net);
}

/* A trainer that alternates between both shapes overfits both batches. */
Test(rectangles, are_learned_from)
{
    struct net_info info = fixture_info("conv:16 res:16 gpool:16", 4, 2, 0);
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer;
    struct net *net;
    config.weight_decay = 0;
    cr_assert_eq(net_create(&net, &info, 1, NULL), 0);
    cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
    struct net_samples *s[2] = {fixture_samples_on(&info, 7, 6, 4, true, 3),
                                fixture_samples_on(&info, 6, 7, 4, true, 4)};
    cr_expect_eq(net_samples_count(s[0], NET_TARGET_POLICY), 42);
    for (int i = 0; i < 800; i++)
        net_trainer_step(trainer, s[i % 2], i < 600 ? 0.02f : 0.004f, NULL);
    for (int i = 0; i < 2; i++) {
        struct net_losses losses;
        net_trainer_losses(trainer, s[i], &losses);
        cr_expect_lt(losses.target[NET_TARGET_POLICY], 0.1, "%g", (double)losses.target[NET_TARGET_POLICY]);
        cr_expect_lt(losses.target[NET_TARGET_VALUE], 0.1, "%g", (double)losses.target[NET_TARGET_VALUE]);
        cr_expect_lt(losses.target[NET_TARGET_MAP], 0.1, "%g", (double)losses.target[NET_TARGET_MAP]);
        net_samples_free(s[i]);
    }
    net_trainer_close(trainer);
    net_unref(net);
}

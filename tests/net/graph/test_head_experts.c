/* Heads with several sets of dense layers, of which a position uses one. */
#include "net/graph/graph.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/train.h"
#include "tests/net/fixtures.h"
#include "tests/net/graph/experts.h"

#include <criterion/criterion.h>
#include <string.h>

enum { SIZE = 5, POINTS = SIZE * SIZE, PLANES = 4, GLOBALS = 2, ROWS = 16, EXPERTS = 3 };

static const char *const layers[] = {"heads.policy.pool", "heads.policy.others", "heads.value.hidden",
                                     "heads.value.out"};
static const char trunk[] = "conv:16 res:16 gpool:16";

static struct net *net_of(int experts, int tally, uint64_t seed)
{
    struct net_info info = fixture_info(trunk, PLANES, GLOBALS, 1);
    struct net *net;
    GError *error = NULL;
    info.head_experts = experts;
    info.tally = tally;
    cr_assert_eq(net_create(&net, &info, seed, &error), 0, "%s", error ? error->message : "");
    return net;
}

struct answers {
    float policy[ROWS][POINTS + 1], wdl[ROWS][3], score[ROWS];
};

static void infer(struct net *net, enum net_backend backend, enum net_dtype dtype, const struct net_samples *s,
                  int first, int n, struct answers *a)
{
    struct net_runner *runner;
    const struct net_outputs out = {.policy = a->policy[0], .wdl = a->wdl[0], .score = a->score};
    memset(a, 0, sizeof *a);
    cr_assert_eq(net_runner_create(&runner, net, backend, dtype, n, NULL), 0);
    net_runner_infer(runner, SIZE, SIZE, n, s->planes + (size_t)first * PLANES * POINTS,
                     s->globals + (size_t)first * GLOBALS, &out);
    net_runner_close(runner);
}

/* Positions of different density, so that they are of different kinds. */
static struct net_samples *positions(const struct net *net)
{
    struct net_samples *s = fixture_samples(net_info(net), SIZE, ROWS, false, 3);
    for (int i = 0; i < ROWS * PLANES * POINTS; i++)
        s->planes[i] = s->planes[i] > 0.95f - 0.055f * (float)(i / (PLANES * POINTS));
    return s;
}

/* Only the given expert is chosen. */
static void choose(struct net *net, int expert)
{
    size_t count;
    float *bias = param_of(net, "heads.route.bias", &count);
    for (size_t e = 0; e < count; e++)
        bias[e] = e == (size_t)expert ? 100 : 0;
}

/* Whoever is chosen gives what a net with one set of layers, its own, gives. */
Test(head_experts, one_computes)
{
    struct net *experts = net_of(EXPERTS, 2, 5), *plain = net_of(0, 2, 6);
    struct net_samples *s = positions(experts);
    struct answers wanted, got, before = {0};
    for (int i = 0; i < plain->graph->params; i++)
        copy_param(plain, plain->graph->param[i].name, experts, plain->graph->param[i].name);
    for (int e = 0; e < EXPERTS; e++) {
        for (size_t i = 0; i < G_N_ELEMENTS(layers); i++)
            for (int k = 0; k < 2; k++) {
                char name[64], own[64];
                const char *what = k ? "bias" : "weight";
                g_snprintf(name, sizeof name, "%s.%s", layers[i], what);
                g_snprintf(own, sizeof own, "%s.expert%d.%s", layers[i], e + 1, what);
                copy_param(plain, name, experts, e ? own : name);
            }
        choose(experts, e);
        infer(experts, NET_BACKEND_PLAIN, NET_F32, s, 0, ROWS, &got);
        infer(plain, NET_BACKEND_PLAIN, NET_F32, s, 0, ROWS, &wanted);
        cr_expect_eq(memcmp(&got, &wanted, sizeof got), 0, "expert %d", e);
        cr_expect_neq(memcmp(&got, &before, sizeof got), 0, "expert %d computes what the one before did", e);
        before = got;
    }
    net_samples_free(s);
    net_unref(experts);
    net_unref(plain);
}

/* Rows of a batch choose for themselves: they have the results that they have alone, in every number type. */
Test(head_experts, rows_choose_for_themselves)
{
    struct net *net = net_of(EXPERTS, 0, 5);
    struct net_samples *s = positions(net);
    struct answers all, one;
    float choice[ROWS];
    size_t count;
    float *centroids = param_of(net, "heads.route.centroids", &count);
    for (size_t i = 0; i < count; i++)
        centroids[i] = 0.15f * (float)(i / (count / EXPERTS));
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
        infer(net, NET_BACKEND_FAST, dtype, s, 0, ROWS, &all);
        for (int row = 0; row < ROWS; row++) {
            infer(net, NET_BACKEND_FAST, dtype, s, row, 1, &one);
            for (int m = 0; m < POINTS + 1; m++)
                cr_assert_float_eq(one.policy[0][m], all.policy[row][m], 1e-4f, "%s, row %d", net_dtype_name(dtype),
                                   row);
            for (int w = 0; w < 3; w++)
                cr_assert_float_eq(one.wdl[0][w], all.wdl[row][w], 1e-4f, "%s, row %d", net_dtype_name(dtype), row);
        }
    }
    net_samples_free(s);
    net_unref(net);
}

/* A net that is given experts plays as before, bit for bit, in int8 too, and each expert begins with its layers. */
Test(head_experts, are_added_to_a_net)
{
    struct net *plain = net_of(0, 1, 5), *experts, *none;
    struct net_samples *s = positions(plain);
    struct answers wanted, got;
    GError *error = NULL;
    if (net_has_int8())
        cr_assert_eq(net_calibrate(plain, SIZE, SIZE, ROWS, s->planes, s->globals, NULL), 0);
    cr_assert_eq(net_add_head_experts(&experts, plain, EXPERTS, 9, &error), 0, "%s", error ? error->message : "");
    cr_expect_eq(net_info(experts)->head_experts, EXPERTS);
    cr_expect_eq(net_is_calibrated(experts), net_has_int8());
    for (int e = 0; e < EXPERTS; e++) {
        choose(experts, e);
        infer(experts, NET_BACKEND_PLAIN, NET_F32, s, 0, ROWS, &got);
        infer(plain, NET_BACKEND_PLAIN, NET_F32, s, 0, ROWS, &wanted);
        cr_expect_eq(memcmp(&got, &wanted, sizeof got), 0, "expert %d", e);
        if (net_has_int8()) {
            infer(experts, NET_BACKEND_FAST, NET_INT8, s, 0, ROWS, &got);
            infer(plain, NET_BACKEND_FAST, NET_INT8, s, 0, ROWS, &wanted);
            cr_expect_eq(memcmp(&got, &wanted, sizeof got), 0, "expert %d in int8", e);
        }
    }
    cr_expect_eq(net_add_head_experts(&none, experts, EXPERTS + 1, 9, &error), -1);
    cr_expect(!none && error && strstr(error->message, "3 experts in its heads cannot become one with 4"), "%s",
              error ? error->message : "no error");
    g_clear_error(&error);
    cr_expect_eq(net_add_head_experts(&none, plain, 1, 9, &error), -1);
    cr_expect(!none && error && strstr(error->message, "head_experts 1: it must be 0, or 2 to 8"), "%s",
              error ? error->message : "no error");
    g_clear_error(&error);
    net_samples_free(s);
    net_unref(experts);
    net_unref(plain);
}

/* Experts learn from their own positions only: where one is always chosen, the others stay as they were. */
Test(head_experts, only_the_chosen_one_learns)
{
    struct net *net = net_of(EXPERTS, 0, 5), *after;
    struct net_samples *s = positions(net);
    struct net_trainer *trainer;
    struct net_trainer_config config = net_trainer_defaults();
    size_t count;
    config.backend = NET_BACKEND_PLAIN;
    config.dtype = NET_F32;
    config.batch = ROWS;
    config.weight_decay = 0;
    choose(net, 1);
    cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
    net_trainer_step(trainer, s, 0.01f, NULL);
    after = net_trainer_snapshot(trainer, false);
    for (int e = 0; e < EXPERTS; e++) {
        char name[64];
        g_snprintf(name, sizeof name, e ? "heads.value.out.expert%d.weight" : "heads.value.out.weight", e + 1);
        const float *had = param_of(net, name, &count), *has = param_of(after, name, &count);
        cr_expect_eq(memcmp(had, has, count * sizeof *had) != 0, e == 1, "expert %d", e);
    }
    net_unref(after);
    net_trainer_close(trainer);
    net_samples_free(s);
    net_unref(net);
}

/* Two of three sets are not used for a position. */
Test(head_experts, active_parameters)
{
    struct net *experts = net_of(EXPERTS, 2, 5), *plain = net_of(0, 2, 5);
    size_t all, same, centroids, biases;
    cr_assert(net_count_parameters(net_info(experts), &all, NULL) &&
              net_count_parameters(net_info(plain), &same, NULL));
    param_of(experts, "heads.route.centroids", &centroids);
    param_of(experts, "heads.route.bias", &biases);
    cr_expect_gt(all, same);
    cr_expect_eq(net_active_parameters(experts), same + centroids + biases);
    cr_expect_float_eq(net_flops(experts, 5, 5), net_flops(plain, 5, 5), 1);
    net_unref(experts);
    net_unref(plain);
}

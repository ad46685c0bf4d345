/* The losses and the gradients at the outputs of a net whose outputs are all 0, against values worked out by hand. */
#include "net/exec/exec.h"
#include "net/train/loss.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>

enum { SIZE = 3, POINTS = 9, MOVES = 10, ROWS = 2 };

struct bench {
    struct net_graph *graph;
    struct net_exec *exec;
    struct net_samples *samples;
    float weights[NET_LOSSES];
    double *workspace;
    struct net_loss_sums sums;
};

/* All weights are 0, and so are the logits and the other outputs. Each target distribution has its mass on one entry
 * until a test writes its own. */
static void open_bench(struct bench *bench)
{
    struct net_info info = fixture_info("conv:4", 1, 1, MOVES - POINTS);
    *bench = (struct bench){.weights = {1, 0.5f, 2, 1.5f, 0.75f, 0.25f, 3}};
    cr_assert_eq(net_graph_create(&bench->graph, &info, NULL), 0);
    cr_assert_eq(net_exec_create(&bench->exec, bench->graph, &net_arithmetic_plain, true, NULL), 0);
    cr_assert_eq(net_exec_use(bench->exec, SIZE, ROWS, NULL), 0);
    bench->samples = fixture_samples(&info, SIZE, ROWS, true, 8);
    bench->workspace = g_new0(double, net_loss_workspace(bench->graph, SIZE, ROWS));
    double *params = g_new0(double, bench->graph->parameters);
    net_exec_set(bench->exec, params, NULL);
    g_free(params);
}

static void compute(struct bench *bench, double scale)
{
    net_exec_zero_gradients(bench->exec);
    net_exec_load(bench->exec, bench->samples->planes, bench->samples->globals);
    net_exec_forward(bench->exec, NULL);
    net_loss_compute(bench->exec, bench->graph, bench->samples, 0, ROWS, bench->weights, scale, &bench->sums,
                     bench->workspace);
}

static void close_bench(struct bench *bench)
{
    net_exec_close(bench->exec);
    net_samples_free(bench->samples);
    g_free(bench->graph);
    g_free(bench->workspace);
}

/* Where loss.c keeps them: [3][rows][moves] logits, [rows][points] map, [rows][3][others], [rows][7] values. */
static const double *policy_gradient(const struct bench *bench, int output, int row)
{
    return bench->workspace + (output * ROWS + row) * MOVES;
}
static const double *map_gradient(const struct bench *bench, int row)
{
    return bench->workspace + 3 * ROWS * MOVES + row * POINTS;
}
static const double *value_gradient(const struct bench *bench, int row)
{
    return bench->workspace + 3 * ROWS * MOVES + ROWS * POINTS + ROWS * 3 * (MOVES - POINTS) + row * 7;
}

static void set_row(float *policy, int row, const float *values, double sum)
{
    for (int m = 0; m < MOVES; m++)
        policy[row * MOVES + m] = (float)(values[m] / sum);
}

/* A policy of fourth powers, 1 : 16 : 81 : 256, softens to 1 : 2 : 3 : 4. The gradient is 1/10 less the target. */
Test(loss, soft_target_is_the_fourth_root_of_the_policy)
{
    struct bench bench;
    static const float powers[MOVES] = {1, 0, 16, 0, 81, 0, 0, 0, 0, 256},
                       roots[MOVES] = {1, 0, 2, 0, 3, 0, 0, 0, 0, 4};
    open_bench(&bench);
    set_row(bench.samples->policy, 1, powers, 354);
    compute(&bench, 1);
    for (int m = 0; m < MOVES; m++) {
        cr_expect_float_eq(policy_gradient(&bench, NET_POINTS_SOFT, 1)[m], 2 * (0.1 - roots[m] / 10), 1e-6, "soft %d",
                           m);
        cr_expect_float_eq(policy_gradient(&bench, NET_POINTS_POLICY, 1)[m], 0.1 - powers[m] / 354, 1e-6, "policy %d",
                           m);
    }
    close_bench(&bench);
}

Test(loss, reply_and_outcomes_have_targets_of_their_own)
{
    struct bench bench;
    static const float reply[MOVES] = {0, 0, 0, 1, 3, 0, 0, 4, 0, 0};
    static const float wdl[3] = {0.5f, 0.25f, 0.25f}, soon[3] = {0.125f, 0.25f, 0.625f};
    open_bench(&bench);
    set_row(bench.samples->reply, 0, reply, 8);
    memcpy(bench.samples->wdl + 3, wdl, sizeof wdl);
    memcpy(bench.samples->soon + 3, soon, sizeof soon);
    compute(&bench, 1);
    for (int m = 0; m < MOVES; m++)
        cr_expect_float_eq(policy_gradient(&bench, NET_POINTS_REPLY, 0)[m], 0.5 * (0.1 - reply[m] / 8), 1e-6);
    for (int i = 0; i < 3; i++) {
        cr_expect_float_eq(value_gradient(&bench, 1)[i], 1.5 * (1 / 3.0 - wdl[i]), 1e-6);
        cr_expect_float_eq(value_gradient(&bench, 1)[3 + i], 0.75 * (1 / 3.0 - soon[i]), 1e-6);
    }
    close_bench(&bench);
}

/* Huber: within a unit, 20 points, the gradient is the error and the loss half its square; beyond, 1 and size - 1/2. */
Test(loss, score_is_huber_in_units_of_twenty_points)
{
    struct bench bench;
    open_bench(&bench);
    bench.samples->score[0] = 10;
    bench.samples->score[1] = -60;
    compute(&bench, 1);
    cr_expect_float_eq(value_gradient(&bench, 0)[6], 0.25 * -0.5, 1e-6);
    cr_expect_float_eq(value_gradient(&bench, 1)[6], 0.25 * 1, 1e-6);
    cr_expect_float_eq(bench.sums.loss[NET_LOSS_SCORE], 0.125 + 2.5, 1e-6);
    close_bench(&bench);
}

Test(loss, map_is_a_mean_over_the_points)
{
    struct bench bench;
    static const float map[POINTS] = {1, -1, 0, 0.5f, -0.5f, 1, 1, -1, 0};
    open_bench(&bench);
    memcpy(bench.samples->map, map, sizeof map);
    compute(&bench, 1);
    for (int p = 0; p < POINTS; p++)
        cr_expect_float_eq(map_gradient(&bench, 0)[p], 3 * -map[p] / POINTS, 1e-6);
    close_bench(&bench);
}

/* A row's weight, a target's own and the scale multiply every gradient; the losses are summed without the last. */
Test(loss, weights_and_scale_multiply)
{
    struct bench bench;
    open_bench(&bench);
    bench.samples->wdl[0] = 1;
    bench.samples->wdl[1] = bench.samples->wdl[2] = 0;
    bench.samples->weight[0] = 0.5f;
    bench.samples->weight[1] = 0;
    bench.samples->score[0] = 10;
    bench.samples->score_weight[0] = 0.5f;
    compute(&bench, 0.125);
    cr_expect_float_eq(value_gradient(&bench, 0)[0], 0.125 * 0.5 * 1.5 * (1 / 3.0 - 1), 1e-6);
    cr_expect_float_eq(value_gradient(&bench, 0)[6], 0.125 * 0.5 * 0.5 * 0.25 * -0.5, 1e-6);
    cr_expect_float_eq(bench.sums.loss[NET_LOSS_VALUE], 0.5 * log(3), 1e-6);
    cr_expect_float_eq(bench.sums.weight[NET_LOSS_VALUE], 0.5, 1e-6);
    cr_expect_float_eq(bench.sums.loss[NET_LOSS_SCORE], 0.25 * 0.125, 1e-6);
    cr_expect_float_eq(bench.sums.weight[NET_LOSS_SCORE], 0.25, 1e-6);
    close_bench(&bench);
}

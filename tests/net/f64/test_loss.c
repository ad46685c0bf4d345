/* Losses and their gradients at the outputs of a net: by hand where all outputs are 0, and against finite differences;
 * and which targets affect which outputs. */
#include "games/rng.h"
#include "net/exec/exec.h"
#include "net/exec/exec_internal.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"
#include "net/train/loss.h"
#include "tests/net/f64/check.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>

enum { SIZE = 3, POINTS = 9, MOVES = 10, ROWS = 2 };

struct bench {
    struct net_graph *graph;
    struct net_exec *exec;
    struct net_samples *samples;
    float weights[NET_TARGETS];
    double *params, *workspace;
    struct net_loss_sums sums;
};

/* All weights are 0, and so are the logits and the other outputs. Each target distribution has all its mass on one
 * entry unless a test writes its own. */
static void open_bench(struct bench *bench)
{
    struct net_info info = fixture_info("conv:4", 1, 1, MOVES - POINTS);
    info.horizons = NET_HORIZONS;
    info.value_error = 1;
    *bench = (struct bench){.weights = {[NET_TARGET_POLICY] = 1,
                                        [NET_TARGET_REPLY] = 0.5f,
                                        [NET_TARGET_SOFT_POLICY] = 2,
                                        [NET_TARGET_VALUE] = 1.5f,
                                        [NET_TARGET_SHORT_TERM_VALUE] = 0.75f,
                                        [NET_TARGET_SCORE] = 0.25f,
                                        [NET_TARGET_MAP] = 3,
                                        [NET_TARGET_HORIZON_1] = 0.5f,
                                        [NET_TARGET_HORIZON_2] = 0.75f,
                                        [NET_TARGET_HORIZON_3] = 0.4f,
                                        [NET_TARGET_VALUE_ERROR] = 0.6f}};
    cr_assert_eq(net_graph_create(&bench->graph, &info, NULL), 0);
    cr_assert_eq(net_exec_create(&bench->exec, bench->graph, &net_arithmetic_plain, true, NULL), 0);
    cr_assert_eq(net_exec_use(bench->exec, (struct net_extent){SIZE, SIZE, ROWS}, NULL), 0);
    bench->samples = fixture_samples(&info, SIZE, ROWS, true, 8);
    bench->workspace = g_new0(double, net_loss_workspace(bench->graph, SIZE * SIZE, ROWS));
    bench->params = g_new0(double, bench->graph->parameters);
}

static void compute(struct bench *bench, double scale)
{
    bench->sums = (struct net_loss_sums){0};
    net_exec_set(bench->exec, bench->params, NULL);
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
    g_free(bench->params);
    g_free(bench->workspace);
}

static void exec_gradient(const struct bench *bench, int tensor, int channel, double *out)
{
    const struct net_operand *x = &bench->exec->plan->operand[tensor];
    if (x->spatial)
        net_packed_real.read(bench->exec->plan->extent, x->layout, x->gradient, channel, out, POINTS);
    else
        memcpy(out, x->gradient, ROWS * x->gradient_width);
}

/* The gradient written for a target's outputs, [count]. */
static const double *gradient_of(struct bench *bench, enum net_target_id t, int row)
{
    const struct net_places *places = &bench->graph->places;
    static double points[ROWS * POINTS], values[ROWS * 32], others[ROWS * 16], out[MOVES];
    int count = net_samples_count(bench->samples, t), group = MOVES - POINTS;
    if (net_targets[t].shape == NET_SHAPE_OUTCOME || net_targets[t].shape == NET_SHAPE_NUMBER) {
        exec_gradient(bench, bench->graph->values, 0, values);
        memcpy(out, values + row * places->values + places->at[t], (size_t)count * sizeof *out);
        return out;
    }
    exec_gradient(bench, bench->graph->points, places->at[t], points);
    memcpy(out, points + row * POINTS, POINTS * sizeof *out);
    if (net_targets[t].shape == NET_SHAPE_MOVES) {
        exec_gradient(bench, bench->graph->others, 0, others);
        memcpy(out + POINTS, others + (row * places->groups + places->group[t]) * group, (size_t)group * sizeof *out);
    }
    return out;
}

static void set_row(struct bench *bench, enum net_target_id t, int row, const float *values, float sum)
{
    for (int i = 0; i < net_samples_count(bench->samples, t); i++)
        net_samples_row(bench->samples, t, row)[i] = values[i] / sum;
}

/* A policy of fourth powers, 1 : 16 : 81 : 256, softens to 1 : 2 : 3 : 4. The gradient is 1/10 minus the target. */
Test(loss, soft_target_is_the_fourth_root_of_the_policy)
{
    struct bench bench;
    static const float powers[MOVES] = {1, 0, 16, 0, 81, 0, 0, 0, 0, 256},
                       roots[MOVES] = {1, 0, 2, 0, 3, 0, 0, 0, 0, 4};
    open_bench(&bench);
    set_row(&bench, NET_TARGET_POLICY, 1, powers, 354);
    compute(&bench, 1);
    for (int m = 0; m < MOVES; m++) {
        cr_expect_float_eq(gradient_of(&bench, NET_TARGET_SOFT_POLICY, 1)[m], 2 * (0.1 - roots[m] / 10), 1e-6,
                           "soft %d", m);
        cr_expect_float_eq(gradient_of(&bench, NET_TARGET_POLICY, 1)[m], 0.1 - powers[m] / 354, 1e-6, "policy %d", m);
    }
    close_bench(&bench);
}

Test(loss, reply_and_outcomes_have_targets_of_their_own)
{
    struct bench bench;
    static const float reply[MOVES] = {0, 0, 0, 1, 3, 0, 0, 4, 0, 0};
    static const float wdl[3] = {0.5f, 0.25f, 0.25f}, short_term[3] = {0.125f, 0.25f, 0.625f};
    open_bench(&bench);
    set_row(&bench, NET_TARGET_REPLY, 0, reply, 8);
    set_row(&bench, NET_TARGET_VALUE, 1, wdl, 1);
    set_row(&bench, NET_TARGET_SHORT_TERM_VALUE, 1, short_term, 1);
    compute(&bench, 1);
    for (int m = 0; m < MOVES; m++)
        cr_expect_float_eq(gradient_of(&bench, NET_TARGET_REPLY, 0)[m], 0.5 * (0.1 - reply[m] / 8), 1e-6);
    for (int i = 0; i < 3; i++) {
        cr_expect_float_eq(gradient_of(&bench, NET_TARGET_VALUE, 1)[i], 1.5 * (1 / 3.0 - wdl[i]), 1e-6);
        cr_expect_float_eq(gradient_of(&bench, NET_TARGET_SHORT_TERM_VALUE, 1)[i], 0.75 * (1 / 3.0 - short_term[i]),
                           1e-6);
    }
    close_bench(&bench);
}

/* Huber: within a unit, 20 points, the gradient is the error and the loss half its square; beyond, 1 and size - 1/2. */
Test(loss, score_is_huber_in_units_of_twenty_points)
{
    struct bench bench;
    open_bench(&bench);
    bench.samples->target[NET_TARGET_SCORE][0] = 10;
    bench.samples->target[NET_TARGET_SCORE][1] = -30;
    compute(&bench, 1);
    cr_expect_float_eq(gradient_of(&bench, NET_TARGET_SCORE, 0)[0], 0.25 * -0.5, 1e-6);
    cr_expect_float_eq(gradient_of(&bench, NET_TARGET_SCORE, 1)[0], 0.25 * 1, 1e-6);
    cr_expect_float_eq(bench.sums.loss[NET_TARGET_SCORE], 0.125 + 1, 1e-6);
    close_bench(&bench);
}

Test(loss, map_is_a_mean_over_the_points)
{
    struct bench bench;
    static const float map[POINTS] = {1, -1, 0, 0.5f, -0.5f, 1, 1, -1, 0};
    open_bench(&bench);
    set_row(&bench, NET_TARGET_MAP, 0, map, 1);
    compute(&bench, 1);
    for (int p = 0; p < POINTS; p++)
        cr_expect_float_eq(gradient_of(&bench, NET_TARGET_MAP, 0)[p], 3 * -map[p] / POINTS, 1e-6);
    close_bench(&bench);
}

/* The row's weight, the target's weight and the scale multiply every gradient; losses are summed without the scale. */
Test(loss, weights_and_scale_multiply)
{
    struct bench bench;
    static const float win[3] = {1, 0, 0};
    open_bench(&bench);
    set_row(&bench, NET_TARGET_VALUE, 0, win, 1);
    bench.samples->row_weight[0] = 0.5f;
    bench.samples->row_weight[1] = 0;
    bench.samples->target[NET_TARGET_SCORE][0] = 10;
    bench.samples->weight[NET_TARGET_SCORE][0] = 0.5f;
    compute(&bench, 0.125);
    cr_expect_float_eq(gradient_of(&bench, NET_TARGET_VALUE, 0)[0], 0.125 * 0.5 * 1.5 * (1 / 3.0 - 1), 1e-6);
    cr_expect_float_eq(gradient_of(&bench, NET_TARGET_SCORE, 0)[0], 0.125 * 0.5 * 0.5 * 0.25 * -0.5, 1e-6);
    cr_expect_float_eq(bench.sums.loss[NET_TARGET_VALUE], 0.5 * log(3), 1e-6);
    cr_expect_float_eq(bench.sums.weight[NET_TARGET_VALUE], 0.5, 1e-6);
    cr_expect_float_eq(bench.sums.loss[NET_TARGET_SCORE], 0.25 * 0.125, 1e-6);
    cr_expect_float_eq(bench.sums.weight[NET_TARGET_SCORE], 0.25, 1e-6);
    close_bench(&bench);
}

/* ---- every target of the table ---- */

static void fill_params(struct bench *bench, uint64_t seed)
{
    struct rng rng;
    rng_seed(&rng, seed);
    for (size_t i = 0; i < bench->graph->parameters; i++)
        bench->params[i] = rng_uniform(&rng) - 0.5;
}

enum { ALL = NET_TARGETS * ROWS * MOVES };

/* Gradients at the outputs of all targets and rows: [target][row][MOVES], 0 past the target's count. */
static void all_gradients(struct bench *bench, double out[ALL])
{
    memset(out, 0, ALL * sizeof *out);
    for (int t = 0; t < NET_TARGETS; t++)
        for (int row = 0; row < ROWS; row++)
            memcpy(out + (t * ROWS + row) * MOVES, gradient_of(bench, t, row),
                   (size_t)net_samples_count(bench->samples, t) * sizeof *out);
}

static bool differs(const double *a, const double *b, int t, int row)
{
    size_t at = (size_t)((t * ROWS + row) * MOVES);
    return memcmp(a + at, b + at, MOVES * sizeof *a) != 0;
}

/* With a target's loss weight at 0, the gradient at its own outputs is 0 and all others are unchanged: no two targets
 * share an output. */
Test(loss, each_target_affects_only_its_own_outputs)
{
    struct bench bench;
    double with[ALL], without[ALL], zero[ALL] = {0};
    open_bench(&bench);
    fill_params(&bench, 3);
    compute(&bench, 1);
    all_gradients(&bench, with);
    for (int t = 0; t < NET_TARGETS; t++) {
        float keep = bench.weights[t];
        bench.weights[t] = 0;
        compute(&bench, 1);
        all_gradients(&bench, without);
        bench.weights[t] = keep;
        for (int other = 0; other < NET_TARGETS; other++)
            for (int row = 0; row < ROWS; row++)
                cr_expect_eq(differs(with, without, other, row), other == t, "%s without %s", net_targets[other].name,
                             net_targets[t].name);
        for (int i = t * ROWS * MOVES; i < (t + 1) * ROWS * MOVES; i++)
            cr_expect_eq(without[i], zero[i]);
    }
    close_bench(&bench);
}

/* A row without a target contributes neither gradient nor loss, whatever its values are. */
Test(loss, missing_targets_contribute_nothing)
{
    struct bench bench;
    double with[ALL], without[ALL], zero[ALL] = {0};
    open_bench(&bench);
    fill_params(&bench, 4);
    compute(&bench, 1);
    all_gradients(&bench, with);
    for (int t = 0; t < NET_TARGETS; t++) {
        if ((int)net_target_rows(t) != t)
            continue;
        float *values = net_samples_row(bench.samples, t, 1);
        size_t bytes = (size_t)net_samples_count(bench.samples, t) * sizeof *values;
        float *keep = g_memdup2(values, bytes);
        bench.samples->weight[t][1] = 0;
        for (size_t i = 0; i < bytes / sizeof *values; i++)
            values[i] = NAN;
        compute(&bench, 1);
        all_gradients(&bench, without);
        memcpy(values, keep, bytes);
        bench.samples->weight[t][1] = 1;
        for (int other = 0; other < NET_TARGETS; other++) {
            bool own = (int)net_target_rows(other) == t;
            cr_expect(!differs(with, without, other, 0) && !differs(own ? zero : with, without, other, 1),
                      "%s where there is no %s", net_targets[other].name, net_targets[t].name);
            cr_expect_eq(bench.sums.weight[other], own ? 1 : 2);
            cr_expect(isfinite(bench.sums.loss[other]));
        }
        g_free(keep);
    }
    close_bench(&bench);
}

struct loss_of {
    struct bench *bench;
    int target;
};

static double loss_value(void *context)
{
    struct loss_of *of = context;
    compute(of->bench, 0);
    return of->bench->sums.loss[of->target] * (double)of->bench->weights[of->target];
}

/* Each target alone, with respect to every parameter of the net. */
Test(loss, each_target_against_finite_differences)
{
    struct bench bench;
    open_bench(&bench);
    fill_params(&bench, 5);
    double *gradients = g_new0(double, bench.graph->parameters);
    for (int row = 0; row < ROWS; row++) /* one on either side of the kink of Huber's loss */
        bench.samples->target[NET_TARGET_SCORE][row] = row ? 30 : 4;
    for (int t = 0; t < NET_TARGETS; t++) {
        struct loss_of of = {&bench, t};
        double most = 0;
        for (int other = 0; other < NET_TARGETS; other++)
            bench.weights[other] = other == t ? 0.7f : 0;
        compute(&bench, 1);
        net_exec_backward(bench.exec);
        memset(gradients, 0, bench.graph->parameters * sizeof *gradients);
        net_exec_take_gradients(bench.exec, gradients);
        for (size_t i = 0; i < bench.graph->parameters; i++) {
            double off = mismatch(loss_value, &of, bench.params + i, gradients[i], 1e-3);
            cr_expect_leq(off, TOLERANCE, "%s: parameter %zu is off by %g", net_targets[t].name, i, off);
            most = fmax(most, fabs(gradients[i]));
        }
        cr_expect_gt(most, 0.01, "%s", net_targets[t].name);
    }
    g_free(gradients);
    close_bench(&bench);
}

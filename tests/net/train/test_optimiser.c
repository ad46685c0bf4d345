/* The optimisers by hand, on one weight and one bias, which does not decay. */
#include "net/graph/graph.h"
#include "net/net.h"
#include "net/train.h"
#include "net/train/optimiser.h"
#include "tests/net/fixtures.h"
#include "tests/net/train/apply.h"

#include <criterion/criterion.h>
#include <math.h>

static struct net_graph *two_numbers(void)
{
    struct net_graph *graph = g_new0(struct net_graph, 1);
    graph->params = 2;
    graph->parameters = 2;
    graph->param[0] = (struct net_param){.rate = 1, .count = 1, .offset = 0, .decay = true};
    graph->param[1] = (struct net_param){.rate = 1, .count = 1, .offset = 1};
    return graph;
}

Test(optimiser, nesterov_by_hand)
{
    struct net_graph *graph = two_numbers();
    float params[2] = {1, 1}, first[2] = {0}, second[2] = {0}, gradient[2] = {2, 2};
    struct optimiser_step step = {NET_SGD, 1, 0.1f, 0.5f, 0.2f, 0.5f, NULL};
    apply_all(graph, &step, gradient, params, first, second);
    /* g = 2 * 0.5 = 1; v = 1; move 0.1 * (1 + 0.5 * 1) = 0.15; decay 0.1 * 0.2 * 1 = 0.02 */
    cr_expect_float_eq(params[0], 0.83, 1e-6);
    cr_expect_float_eq(params[1], 0.85, 1e-6);
    apply_all(graph, &step, gradient, params, first, second);
    /* v = 1.5; move 0.1 * (1 + 0.75) = 0.175 */
    cr_expect_float_eq(params[1], 0.675, 1e-6);
    g_free(graph);
}

Test(optimiser, adamw_by_hand)
{
    struct net_graph *graph = two_numbers();
    float params[2] = {1, 1}, first[2] = {0}, second[2] = {0}, gradient[2] = {3, -0.01f};
    struct optimiser_step step = {NET_ADAMW, 1, 0.1f, 0, 0.2f, 1, NULL};
    apply_all(graph, &step, gradient, params, first, second);
    /* The first step has the size of the rate, whatever the size of the gradient. */
    cr_expect_float_eq(params[0], 1 - 0.1 - 0.02, 1e-5);
    cr_expect_float_eq(params[1], 1.1, 1e-5);
    /* second step, gradient 0 on the weight: m = 0.27, v = 0.008991; corrected 0.27/0.19, 0.008991/0.001999 */
    step.step = 2;
    gradient[0] = 0;
    float before = params[0];
    apply_all(graph, &step, gradient, params, first, second);
    double update = (0.27 / 0.19) / sqrt(0.008991 / 0.001999);
    cr_expect_float_eq(params[0], (double)before - 0.1 * update - 0.02 * (double)before, 1e-4);
    g_free(graph);
}

/* Every weight decays and no bias does, in every kind of block and head. */
Test(optimiser, weights_decay_and_biases_do_not)
{
    struct net_info info = fixture_info("conv:4 res:4 gpool:4", 3, 2, 1);
    struct net_graph *graph;
    int weights = 0, biases = 0;
    cr_assert_eq(net_graph_create(&graph, &info, NULL), 0);
    for (int i = 0; i < graph->params; i++) {
        bool weight = g_str_has_suffix(graph->param[i].name, ".weight");
        cr_expect_eq(graph->param[i].decay, weight, "%s", graph->param[i].name);
        cr_expect_eq(weight, !g_str_has_suffix(graph->param[i].name, ".bias"), "%s", graph->param[i].name);
        weights += weight;
        biases += !weight;
    }
    cr_expect(weights > 5 && biases == weights, "%d weights, %d biases", weights, biases);
    g_free(graph);
}

/* Norms of vectors of twos: every element counts once. */
Test(optimiser, norms_of_every_length)
{
    float values[40];
    for (int i = 0; i < 40; i++)
        values[i] = 2;
    for (size_t count = 0; count <= 40; count++)
        cr_expect_float_eq(optimiser_norm(values, count), 2 * sqrt((double)count), 1e-9, "%zu", count);
}

/* The average's decay at a step is (1 + step) / (10 + step), at most the configured one. */
Test(optimiser, averages_by_step)
{
    static const struct {
        uint64_t step;
        float decay;
        double kept;
    } cases[] = {{1, 0.999f, 2.0 / 11}, {8, 0.999f, 0.5}, {8, 0.25f, 0.25}, {8, 0, 0}, {8990, 0.999f, 0.999}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        float params[3] = {0, 0, 0}, average[3] = {1, 2, -4};
        optimiser_average(3, optimiser_early_decay(cases[i].step, cases[i].decay), params, average);
        for (int k = 0; k < 3; k++)
            cr_expect_float_eq(average[k], cases[i].kept * (k == 0 ? 1 : k == 1 ? 2 : -4), 1e-5, "case %zu", i);
    }
}

Test(optimiser, norm_and_average)
{
    float values[11] = {3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 12}, average[1] = {0}, one[1] = {1};
    cr_expect_float_eq(optimiser_norm(values, 11), 13, 1e-6);
    optimiser_average(1, 0.25f, one, average);
    cr_expect_float_eq(average[0], 0.75, 1e-6);
    average[0] = 0;
    optimiser_average(1, 0.999f, one, average);
    cr_expect_float_eq(average[0], 0.001, 1e-6);
}

/* Whole graphs against finite differences in double precision: every block of the table, and graphs made by hand. */
#include "games/rng.h"
#include "net/exec/exec.h"
#include "net/graph/blocks/blocks.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/real.h"
#include "net/targets.h"
#include "net/train.h"
#include "net/train/loss.h"
#include "tests/net/f64/check.h"
#include "tests/net/fixtures.h"
#include "tests/net/graphs.h"
#include "tests/net/tied.h"

#include <criterion/criterion.h>

/* ---- graphs made by hand ---- */

static double graph_value(void *context)
{
    struct graph_run *run = context;
    double sum = 0;
    graph_forward(run);
    for (size_t i = 0; i < run->outputs; i++)
        sum += run->factors[i] * run->values[i];
    return sum;
}

Test(graphs, by_hand)
{
    for (size_t i = 0; i < G_N_ELEMENTS(graph_cases); i++)
        for (int height = 2; height <= 3; height++) {
            struct graph_run run =
                graph_open(graph_build(graph_cases[i].build), &net_arithmetic_plain, 3, height, 2, 10 + (uint64_t)i);
            double *gradients = graph_gradients(&run), worst = 0;
            for (size_t p = 0; p < run.graph->parameters; p++)
                worst = fmax(worst, mismatch(graph_value, &run, run.params + p, gradients[p], 1e-3));
            cr_expect_leq(worst, TOLERANCE, "%s on 3x%d: off by %g", graph_cases[i].name, height, worst);
            g_free(gradients);
            graph_close(&run);
        }
}

Test(graphs, tied_weights_have_the_sum_of_the_gradients)
{
    cr_expect_leq(graph_tied_distance(&net_arithmetic_plain), 1e-12);
}

/* ---- random numbers ---- */

/* Values of `keeps` with a pass's random state; rows [first, first+n) of a batch of 4. */
static double *values_of(struct net_pass pass, int n)
{
    struct graph_run run = graph_open(graph_build(keeps), &net_arithmetic_plain, 3, 3, 4, 5);
    size_t each = 9;
    run.pass = pass;
    memmove(run.planes, run.planes + pass.first_row * CASE_PLANES * 9, (size_t)(n * CASE_PLANES * 9) * sizeof(float));
    cr_assert_eq(net_exec_use(run.exec, (struct net_extent){3, 3, n}, NULL), 0);
    run.e.n = n;
    run.outputs = (size_t)(n * CASE_CHANNELS) * each;
    graph_forward(&run);
    double *values = g_memdup2(run.values, run.outputs * sizeof(double));
    graph_close(&run);
    return values;
}

static bool same(const double *a, const double *b, size_t count)
{
    return memcmp(a, b, count * sizeof *a) == 0;
}

/* They are a function of seed, step and row, so that a step is repeatable, in chunks of any size. */
Test(graphs, random_numbers_follow_seed_step_and_row)
{
    const struct net_pass passes[] = {
        {NET_TRAINING, 1, 1, 0, 0, NULL, NULL, 0},  {NET_TRAINING, 1, 1, 0, 0, NULL, NULL, 0},
        {NET_TRAINING, 2, 1, 0, 0, NULL, NULL, 0},  {NET_TRAINING, 1, 2, 0, 0, NULL, NULL, 0},
        {NET_INFERENCE, 1, 1, 0, 0, NULL, NULL, 0}, {NET_INFERENCE, 9, 9, 0, 0, NULL, NULL, 0}};
    double *values[6];
    const size_t count = 4 * CASE_CHANNELS * 9;
    for (int i = 0; i < 6; i++)
        values[i] = values_of(passes[i], 4);
    cr_expect(same(values[0], values[1], count));
    cr_expect(!same(values[0], values[2], count), "the seed makes no difference");
    cr_expect(!same(values[0], values[3], count), "the step makes no difference");
    cr_expect(!same(values[0], values[4], count), "inference drops values");
    cr_expect(same(values[4], values[5], count), "inference draws random numbers");
    double *rows = values_of((struct net_pass){NET_TRAINING, 1, 1, 2, 0, NULL, NULL, 0}, 2);
    for (int c = 0; c < CASE_CHANNELS; c++)
        cr_expect(same(rows + c * 2 * 9, values[0] + c * 4 * 9 + 2 * 9, 2 * 9), "channel %d of the last rows", c);
    g_free(rows);
    for (int i = 0; i < 6; i++)
        g_free(values[i]);
}

Test(graphs, operations_draw_independently)
{
    struct graph_run run = graph_open(graph_build(two_drops), &net_arithmetic_plain, 3, 3, 2, 5);
    graph_forward(&run);
    cr_expect(!same(run.values, run.values + run.outputs / 2, run.outputs / 2));
    graph_close(&run);
}

/* ---- nets with their losses ---- */

struct net_case {
    struct net_graph *graph;
    struct net_exec *exec;
    struct net_samples *samples;
    double *params, *workspace;
    float weights[NET_TARGETS];
};

static struct net_pass pass_of(const struct net_case *c)
{
    return (struct net_pass){.flavour = NET_TRAINING, .seed = 3, .step = 11, .back = c->samples->back};
}

static double net_value(void *context)
{
    struct net_case *c = context;
    const struct net_pass pass = pass_of(c);
    struct net_loss_sums sums = {0};
    net_exec_set(c->exec, c->params, NULL);
    net_exec_load(c->exec, c->samples->planes, c->samples->globals);
    net_exec_forward(c->exec, &pass);
    net_loss_compute(c->exec, c->graph, c->samples, 0, c->samples->n, c->weights, 0, &sums, c->workspace);
    double total = sums.early;
    for (int i = 0; i < NET_TARGETS; i++)
        total += (double)c->weights[i] * sums.loss[i];
    return total;
}

static void net_gradients(struct net_case *c, double *gradients)
{
    const struct net_pass pass = pass_of(c);
    struct net_loss_sums sums = {0};
    net_exec_set(c->exec, c->params, NULL);
    net_exec_load(c->exec, c->samples->planes, c->samples->globals);
    net_exec_forward(c->exec, &pass);
    net_loss_compute(c->exec, c->graph, c->samples, 0, c->samples->n, c->weights, 1, &sums, c->workspace);
    net_exec_backward(c->exec);
    net_exec_take_gradients(c->exec, gradients);
}

/* Adds the net's kinds of operations to `seen`. */
static void net_check(const char *trunk, int other_moves, struct net_extent e, uint64_t seed, GHashTable *seen)
{
    struct net_info info = fixture_info(trunk, 3, 2, other_moves);
    info.horizons = (int)(seed % (NET_HORIZONS + 1));
    info.tally = (int)(seed % 3);
    info.value_error = (int)(seed % 2);
    info.head_experts = seed % 4 == 1 ? 3 : 0;
    struct net_case c = {.weights = {[NET_TARGET_POLICY] = 1,
                                     [NET_TARGET_REPLY] = 0.5f,
                                     [NET_TARGET_SOFT_POLICY] = 2,
                                     [NET_TARGET_VALUE] = 1.5f,
                                     [NET_TARGET_SHORT_TERM_VALUE] = 0.7f,
                                     [NET_TARGET_SCORE] = 0.9f,
                                     [NET_TARGET_MAP] = 1.1f,
                                     [NET_TARGET_HORIZON_1] = 0.6f,
                                     [NET_TARGET_HORIZON_2] = 0.8f,
                                     [NET_TARGET_HORIZON_3] = 0.3f}};
    struct rng rng;
    GError *error = NULL;
    cr_assert_eq(net_graph_create_training(&c.graph, &info, &error), 0, "%s", error ? error->message : "");
    cr_assert_eq(net_exec_create(&c.exec, c.graph, &net_arithmetic_plain, true, &error), 0);
    cr_assert_eq(net_exec_use(c.exec, e, &error), 0);
    c.samples = fixture_samples_on(&info, e.width, e.height, e.n, false, seed);
    c.params = g_new0(double, c.graph->parameters);
    c.workspace = g_new0(double, net_loss_workspace(c.graph, e.width * e.height, e.n));
    double *gradients = g_new0(double, c.graph->parameters);
    rng_seed(&rng, seed);
    graph_fill(&rng, c.graph->parameters, c.params);
    for (size_t i = 0; i < c.graph->parameters; i++)
        c.params[i] *= 0.4;
    net_gradients(&c, gradients);
    for (int p = 0; p < c.graph->params; p++) {
        const struct net_param *param = &c.graph->param[p];
        for (size_t i = 0; i < param->count && !param->by_rule; i++) {
            size_t at = param->offset + i;
            double off = mismatch(net_value, &c, c.params + at, gradients[at], 1e-3);
            cr_expect_leq(off, TOLERANCE, "%s on %dx%d: %s[%zu] is off by %g", trunk, e.width, e.height, param->name, i,
                          off);
        }
    }
    for (int i = 0; seen && i < c.graph->ops; i++)
        g_hash_table_add(seen, (gpointer)c.graph->op[i].kind);
    net_exec_close(c.exec);
    net_samples_free(c.samples);
    g_free(c.graph);
    g_free(c.params);
    g_free(c.workspace);
    g_free(gradients);
}

/* A trunk with the block. Normalisation bends most where all channels of a point are near 0, which of four channels is not
 * rare: blocks with heads, which normalise, have twelve. */
static char *trunk_with(const struct net_block *block, const char *modifiers)
{
    return block->takes & NET_TAKES_HEADS ? g_strdup_printf("conv:12 %s:12+heads=2%s", block->name, modifiers)
           : block->ends                  ? g_strdup_printf("conv:4 res:4 %s:4%s", block->name, modifiers)
                                          : g_strdup_printf("conv:4 %s:4%s res:4", block->name, modifiers);
}

/* In the training flavour, with fixed random state; each operation of the table occurs in one of the blocks. */
Test(graphs, every_block_and_every_operation)
{
    static const char *const modifiers[] = {"+drop=0.3", "+spatial=0.3",     "+depth=0.5",
                                            "+steps=3",  "+steps=2+early=0", "+experts=2"};
    GHashTable *seen = g_hash_table_new(NULL, NULL);
    for (int b = 0; net_blocks[b]; b++) {
        char *trunk = trunk_with(net_blocks[b], "");
        net_check(trunk, 1, (struct net_extent){3, 3, 2}, 5 + (uint64_t)b, seen);
        net_check(trunk, 1, (struct net_extent){4, 2, 1}, 5 + (uint64_t)b, NULL);
        g_free(trunk);
        for (size_t m = 0; m < G_N_ELEMENTS(modifiers); m++) {
            char expanded[NET_TRUNK_MAX];
            trunk = trunk_with(net_blocks[b], modifiers[m]);
            if (net_expand_shape(trunk, expanded, NULL)) /* the block takes it */
                net_check(trunk, 1, (struct net_extent){3, 2, 3}, 40 + (uint64_t)m, seen);
            g_free(trunk);
        }
    }
    for (int i = 0; net_op_kind_at(i); i++)
        cr_expect(g_hash_table_contains(seen, net_op_kind_at(i)), "no block has the operation %s",
                  net_op_kind_at(i)->name);
    g_hash_table_destroy(seen);
}

Test(graphs, net_that_changes_width)
{
    net_check("conv:4 gpool:4 conv:5 res:5 conv:6", 3, (struct net_extent){2, 2, 3}, 6, NULL);
}
/* Sequences of rows in which the state passes through several steps, and rows that share one. */
Test(graphs, net_that_carries_a_state)
{
    net_check("conv:4 lstm:4+state=5+moves=3 res:4", 1, (struct net_extent){3, 2, 6}, 9, NULL);
    net_check("conv:4 lstm:4+state=4+moves=2", 0, (struct net_extent){2, 2, 8}, 10, NULL);
}
Test(graphs, net_without_other_moves)
{
    net_check("conv:5 gpool:5", 0, (struct net_extent){4, 4, 1}, 7, NULL);
}
/* The board of Connect Four. */
Test(graphs, net_on_a_board_wider_than_high)
{
    net_check("conv:4 res:4 gpool:4", 0, (struct net_extent){7, 6, 2}, 8, NULL);
}

/* Muon: which parameters follow it, the Newton-Schulz iterations against singular values computed in another way, and
 * steps whose results newton_schulz.py computes. */
#include "games/rng.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/memory.h"
#include "net/net.h"
#include "net/train.h"
#include "net/train/muon.h"
#include "net/train/optimiser.h"
#include "tests/net/fixtures.h"
#include "tests/net/train/apply.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct net_arithmetic *const arithmetics[] = {&net_arithmetic_plain, &net_arithmetic_dnnl};

/* ---- groups ---- */

/* The trunk's convolutions behind the first layer follow Muon, everything else AdamW, in every kind of block and head. */
Test(muon, groups)
{
    static const char *const muon[] = {
        "1.conv.conv.weight",   "2.res.conv1.weight", "2.res.conv2.weight", "3.gpool.conv1.weight",
        "3.gpool.conv2.weight", "4.se.conv1.weight",  "4.se.conv2.weight",  NULL};
    static const char *const adamw[] = {"0.conv.conv.weight",  "0.conv.globals.weight",  "2.res.conv1.bias",
                                        "3.gpool.pool.weight", "4.se.squeeze.weight",    "heads.conv.weight",
                                        "heads.points.weight", "heads.value.out.weight", NULL};
    struct net_info info = fixture_info("conv:8 conv:8 res:8 gpool:8 se:8", 3, 2, 1);
    struct net_graph *graph;
    guint found = 0, others = 0;
    cr_assert_eq(net_graph_create(&graph, &info, NULL), 0);
    for (int i = 0; i < graph->params; i++) {
        const char *name = graph->param[i].name;
        bool expected = g_strv_contains(muon, name);
        cr_expect_eq(optimiser_rule(graph, i, NET_MUON), expected ? NET_MUON : NET_ADAMW, "%s", name);
        cr_expect_eq(optimiser_rule(graph, i, NET_ADAMW), NET_ADAMW);
        cr_expect_eq(optimiser_rule(graph, i, NET_SGD), NET_SGD);
        found += expected;
        others += g_strv_contains(adamw, name);
    }
    cr_expect(found == G_N_ELEMENTS(muon) - 1 && others == G_N_ELEMENTS(adamw) - 1, "%u and %u found", found, others);
    g_free(graph);
}

/* Weights that a second operation uses as well follow Muon only if that one is such a convolution, too. */
Test(muon, groups_of_shared_weights)
{
    struct net_info info = fixture_info("conv:8 conv:8 conv:8", 8, 2, 1);
    struct net_graph *graph;
    cr_assert_eq(net_graph_create(&graph, &info, NULL), 0);
    int convolutions[3], count = 0;
    for (int i = 0; i < graph->ops && count < 3; i++)
        if (graph->op[i].kind == &net_op_conv)
            convolutions[count++] = i;
    int shared = graph->op[convolutions[1]].param[0];
    struct net_op *other = &graph->op[convolutions[2]];
    other->param[0] = shared;
    cr_expect_eq(optimiser_rule(graph, shared, NET_MUON), NET_MUON);
    other->block = -1;
    cr_expect_eq(optimiser_rule(graph, shared, NET_MUON), NET_ADAMW);
    other->block = 2;
    other->in[0] = graph->planes;
    cr_expect_eq(optimiser_rule(graph, shared, NET_MUON), NET_ADAMW);
    g_free(graph);
}

/* ---- Newton-Schulz iterations ---- */

static void orthogonalise(const struct net_arithmetic *arithmetic, int rows, int columns, float *x)
{
    float *workspace = net_memory_new(muon_workspace(rows, columns) * sizeof(float));
    if (arithmetic->enter)
        arithmetic->enter();
    muon_orthogonalise(arithmetic, rows, columns, x, workspace);
    free(workspace);
}

/* As newton_schulz.py prints them. */
Test(muon, small_matrices)
{
    static const struct {
        int rows, columns;
        float from[6], to[6];
    } cases[] = {
        {2, 3, {3, 1, 2, -1, 0, 4}, {0.661970f, 0.226329f, 0.520720f, -0.185490f, 0.017016f, 0.980184f}},
        {3, 2, {3, -1, 1, 0, 2, 4}, {0.661970f, -0.185490f, 0.226329f, 0.017016f, 0.520720f, 0.980184f}},
        {2, 2, {2, 0, 1, -3}, {0.801517f, 0.151236f, 0.173904f, -0.824184f}},
        {2, 2, {0, 0, 0, 0}, {0, 0, 0, 0}},
    };
    for (size_t a = 0; a < G_N_ELEMENTS(arithmetics); a++)
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
            float x[6];
            memcpy(x, cases[i].from, sizeof x);
            orthogonalise(arithmetics[a], cases[i].rows, cases[i].columns, x);
            for (int k = 0; k < cases[i].rows * cases[i].columns; k++)
                cr_expect_float_eq(x[k], cases[i].to[k], 1e-5, "case %zu, %d: %g", i, k, (double)x[k]);
        }
}

/* The singular values of x, by rotations of its shorter side's vectors until all are orthogonal (one-sided Jacobi), in
 * double. Returns their number. */
static int singular_values(int rows, int columns, const float *x, double *values)
{
    int count = MIN(rows, columns), length = MAX(rows, columns);
    double *v = g_new(double, rows *columns);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            v[rows <= columns ? i * length + j : j * length + i] = (double)x[i * columns + j];
    for (int sweep = 0; sweep < 30; sweep++)
        for (int p = 0; p < count; p++)
            for (int q = p + 1; q < count; q++) {
                double pp = 0, qq = 0, pq = 0, *a = v + p * length, *b = v + q * length;
                for (int k = 0; k < length; k++) {
                    pp += a[k] * a[k];
                    qq += b[k] * b[k];
                    pq += a[k] * b[k];
                }
                double angle = 0.5 * atan2(2 * pq, pp - qq), c = cos(angle), s = sin(angle);
                for (int k = 0; k < length; k++) {
                    double old = a[k];
                    a[k] = c * old + s * b[k];
                    b[k] = c * b[k] - s * old;
                }
            }
    for (int i = 0; i < count; i++) {
        values[i] = 0;
        for (int k = 0; k < length; k++)
            values[i] += v[i * length + k] * v[i * length + k];
        values[i] = sqrt(values[i]);
    }
    g_free(v);
    return count;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double five_times(double s)
{
    for (int i = 0; i < 5; i++)
        s = 3.4445 * s - 4.7750 * pow(s, 3) + 2.0315 * pow(s, 5);
    return s;
}

/* Every singular value goes through the polynomial, and none of the singular vectors changes: the inner product of the
 * matrix before and after is the sum of the products of their singular values. */
static void check_matrix(const struct net_arithmetic *arithmetic, int rows, int columns, uint64_t seed)
{
    size_t size = (size_t)(rows * columns);
    float *before = g_new(float, size), *after;
    double from[96], to[96], wanted[96], norm = 0, inner = 0, products = 0;
    struct rng rng;
    rng_seed(&rng, seed);
    fixture_fill(&rng, size, -3, 3, before);
    after = g_memdup2(before, size * sizeof *before);
    orthogonalise(arithmetic, rows, columns, after);
    int count = singular_values(rows, columns, before, from);
    singular_values(rows, columns, after, to);
    for (int i = 0; i < count; i++)
        norm += from[i] * from[i];
    for (int i = 0; i < count; i++) {
        wanted[i] = five_times(from[i] / sqrt(norm));
        products += from[i] * wanted[i];
        bool small = from[i] / sqrt(norm) < 0.002;
        cr_expect(small || (wanted[i] > 0.68 && wanted[i] < 1.21), "%d x %d: %g", rows, columns, wanted[i]);
    }
    qsort(wanted, (size_t)count, sizeof *wanted, compare);
    qsort(to, (size_t)count, sizeof *to, compare);
    for (int i = 0; i < count; i++)
        cr_expect_float_eq(to[i], wanted[i], 1e-3, "%s, %d x %d: %g instead of %g", arithmetic->name, rows, columns,
                           to[i], wanted[i]);
    for (size_t k = 0; k < size; k++)
        inner += (double)before[k] * (double)after[k];
    cr_expect_float_eq(inner / products, 1, 1e-4, "%s, %d x %d", arithmetic->name, rows, columns);
    g_free(before);
    g_free(after);
}

Test(muon, singular_values_go_through_the_polynomial)
{
    static const int shapes[][2] = {{1, 1}, {1, 30}, {30, 1}, {16, 16}, {8, 72}, {72, 8}, {48, 432}, {64, 36}};
    for (size_t a = 0; a < G_N_ELEMENTS(arithmetics); a++)
        for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++)
            check_matrix(arithmetics[a], shapes[i][0], shapes[i][1], 7 + i);
}

/* Different memory, with different contents before, gives the same bits. */
Test(muon, the_same_bits)
{
    enum { ROWS = 24, COLUMNS = 216, SIZE = ROWS * COLUMNS };
    for (size_t a = 0; a < G_N_ELEMENTS(arithmetics); a++) {
        float *x[2], *workspace = net_memory_new((muon_workspace(ROWS, COLUMNS) + 16) * sizeof(float));
        struct rng rng;
        rng_seed(&rng, 3);
        x[0] = g_new(float, SIZE);
        fixture_fill(&rng, SIZE, -1, 1, x[0]);
        x[1] = g_memdup2(x[0], SIZE * sizeof(float));
        orthogonalise(arithmetics[a], ROWS, COLUMNS, x[0]);
        for (size_t i = 0; i < muon_workspace(ROWS, COLUMNS); i++)
            workspace[16 + i] = NAN;
        muon_orthogonalise(arithmetics[a], ROWS, COLUMNS, x[1], workspace + 16);
        cr_expect_arr_eq(x[0], x[1], SIZE * sizeof(float), "%s", arithmetics[a]->name);
        g_free(x[0]);
        g_free(x[1]);
        free(workspace);
    }
}

/* ---- steps ---- */

/* A convolution of three channels to two in the trunk, and its bias. */
static struct net_graph *one_convolution(void)
{
    struct net_graph *graph = g_new0(struct net_graph, 1);
    graph->params = 2;
    graph->parameters = 8;
    graph->param[0] = (struct net_param){.rate = 1, .rank = 4, .shape = {2, 3, 1, 1}, .count = 6, .offset = 0, .decay = true};
    graph->param[1] = (struct net_param){.rate = 1, .rank = 1, .shape = {2}, .count = 2, .offset = 6};
    graph->ops = 1;
    graph->planes = 0;
    graph->op[0] = (struct net_op){.kind = &net_op_conv, .ins = 1, .in = {1}, .params = 2, .param = {0, 1}};
    return graph;
}

/* Two steps, as newton_schulz.py computes them. The bias follows AdamW: its first step has the size of the rate; before
 * the second, m = 0.9 * 0.1 g and v = 0.999 * 0.001 g g. */
Test(muon, steps_by_hand)
{
    static const float gradients[2][8] = {{3, 1, 2, -1, 0, 4, 8, -0.02f}, {0, -2, 1, 5, 1, 1, 0, 0}};
    static const float weights[2][6] = {{0.957069f, 0.972160f, 0.961962f, 0.986426f, 0.979411f, 0.946045f},
                                        {0.937195f, 0.985217f, 0.923601f, 0.944164f, 0.945158f, 0.918505f}};
    static const float moments[2][6] = {{1.5f, 0.5f, 1, -0.5f, 0, 2}, {1.425f, -0.525f, 1.45f, 2.025f, 0.5f, 2.4f}};
    const double second = (0.09 / 0.19) / sqrt(0.000999 / 0.001999);
    for (size_t a = 0; a < G_N_ELEMENTS(arithmetics); a++) {
        struct net_graph *graph = one_convolution();
        float params[8] = {1, 1, 1, 1, 1, 1, 1, 1}, first[8] = {0}, squares[8] = {0};
        if (arithmetics[a]->enter)
            arithmetics[a]->enter();
        for (int i = 0; i < 2; i++) {
            const struct optimiser_step step = {NET_MUON, (uint64_t)i + 1, 0.1f, 0.95f, 0.2f, 0.5f, arithmetics[a]};
            apply_all(graph, &step, gradients[i], params, first, squares);
            for (int k = 0; k < 6; k++) {
                cr_expect_float_eq(params[k], weights[i][k], 1e-5, "step %d, %d: %g", i, k, (double)params[k]);
                cr_expect_float_eq(first[k], moments[i][k], 1e-6);
                cr_expect_eq(squares[k], 0);
            }
            double moved = i == 0 ? 0.1 : 0.1 + 0.1 * second;
            cr_expect_float_eq(params[6], 1 - moved, 1e-5, "step %d: %g", i, (double)params[6]);
            cr_expect_float_eq(params[7], 1 + moved, 1e-4, "step %d: %g", i, (double)params[7]);
        }
        g_free(graph);
    }
}

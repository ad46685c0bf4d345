/* Attention of one head: results against the definition, gradients against finite differences, in double precision. */
#include "games/rng.h"
#include "net/kernels/attention.h"
#include "net/kernels/packed.h"
#include "tests/net/f64/check.h"

#include <criterion/criterion.h>
#include <glib.h>
#include <math.h>
#include <stdlib.h>

enum { TABLE = NET_ATTENTION_SIDE * NET_ATTENTION_SIDE };

struct head_case {
    struct net_attention a;
    bool biased;
    double *query, *key, *value, *factors, *table; /* factors: of the sum of results */
    double *bias, *out, *work;
    size_t queries, keys, values, outs; /* elements, with what the strides skip */
};

static double *random_new(struct rng *rng, size_t count, double size)
{
    double *values = g_new(double, count);
    for (size_t i = 0; i < count; i++)
        values[i] = size * (2 * rng_uniform(rng) - 1);
    return values;
}

static struct head_case case_new(struct rng *rng, struct net_attention a, bool biased)
{
    a.query_stride = (size_t)a.depth + rng_below(rng, 3);
    a.key_stride = (size_t)a.depth + rng_below(rng, 3);
    a.value_stride = (size_t)a.width + rng_below(rng, 3);
    a.out_stride = (size_t)a.width + rng_below(rng, 3);
    struct head_case c = {.a = a, .biased = biased};
    c.queries = (size_t)a.queries * a.query_stride;
    c.keys = (size_t)a.keys * a.key_stride;
    c.values = (size_t)a.keys * a.value_stride;
    c.outs = (size_t)a.queries * a.out_stride;
    c.query = random_new(rng, c.queries, 1.5);
    c.key = random_new(rng, c.keys, 1.5);
    c.value = random_new(rng, c.values, 1);
    c.factors = random_new(rng, c.outs, 1);
    c.table = random_new(rng, TABLE, 1);
    c.bias = biased ? g_new0(double, net_attention_bias_count(a.board)) : NULL;
    c.a.bias = c.bias;
    c.out = g_new0(double, c.outs);
    c.work = aligned_alloc(64, (net_attention_workspace(&a) * sizeof(double) + 63) / 64 * 64);
    return c;
}

static void case_free(struct head_case *c)
{
    double *memory[] = {c->query, c->key, c->value, c->factors, c->table, c->bias, c->out};
    for (size_t i = 0; i < G_N_ELEMENTS(memory); i++)
        g_free(memory[i]);
    free(c->work);
}

static double value_of(void *context)
{
    struct head_case *c = context;
    double sum = 0;
    if (c->biased)
        net_attention_bias(c->a.board, c->table, c->bias);
    net_attention_forward(&c->a, c->query, c->key, c->value, c->out, c->work);
    for (int i = 0; i < c->a.queries; i++)
        for (int w = 0; w < c->a.width; w++)
            sum +=
                c->factors[(size_t)i * c->a.out_stride + (size_t)w] * c->out[(size_t)i * c->a.out_stride + (size_t)w];
    return sum;
}

/* ---- results, by the definition ---- */

static double bias_of(const struct head_case *c, int i, int j)
{
    int width = c->a.board.width, reach = NET_ATTENTION_REACH;
    if (!c->biased)
        return 0;
    int y = CLAMP(i / width - j / width, -reach, reach), x = CLAMP(i % width - j % width, -reach, reach);
    return c->table[(y + reach) * NET_ATTENTION_SIDE + x + reach];
}

static double wanted(const struct head_case *c, int i, int w)
{
    double sum = 0, total = 0;
    for (int j = 0; j < c->a.keys; j++) {
        double score = bias_of(c, i, j);
        for (int d = 0; d < c->a.depth; d++)
            score +=
                c->query[(size_t)i * c->a.query_stride + (size_t)d] * c->key[(size_t)j * c->a.key_stride + (size_t)d];
        total += exp(score);
        sum += exp(score) * c->value[(size_t)j * c->a.value_stride + (size_t)w];
    }
    return sum / total;
}

static void expect_results(struct head_case *c)
{
    value_of(c);
    double worst = 0;
    for (int i = 0; i < c->a.queries; i++)
        for (int w = 0; w < c->a.width; w++)
            worst = fmax(worst, fabs(c->out[(size_t)i * c->a.out_stride + (size_t)w] - wanted(c, i, w)));
    cr_expect_lt(worst, 1e-12, "%d queries, %d keys, %dx%d: off by %g", c->a.queries, c->a.keys, c->a.board.width,
                 c->a.board.height, worst);
}

static struct net_attention points_of(int width, int height, int depth, int channels)
{
    return (struct net_attention){.queries = width * height,
                                  .keys = width * height,
                                  .depth = depth,
                                  .width = channels,
                                  .board = {width, height, 1}};
}

/* Boards of several shapes; on the last one offsets go beyond the table. */
Test(attention, results_with_a_bias)
{
    static const int boards[][2] = {{1, 1}, {3, 2}, {5, 5}, {7, 6}, {9, 9}, {19, 19}, {26, 2}, {2, 26}};
    struct rng rng;
    rng_seed(&rng, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(boards); i++) {
        struct head_case c = case_new(&rng, points_of(boards[i][0], boards[i][1], 1 + (int)i, 11 - (int)i), true);
        expect_results(&c);
        case_free(&c);
    }
}

Test(attention, results_without_a_bias)
{
    struct rng rng;
    rng_seed(&rng, 2);
    for (int i = 0; i < 12; i++) {
        struct head_case c = case_new(&rng,
                                      (struct net_attention){.queries = 1 + (int)rng_below(&rng, 40),
                                                             .keys = 1 + (int)rng_below(&rng, 40),
                                                             .depth = 1 + (int)rng_below(&rng, 20),
                                                             .width = 1 + (int)rng_below(&rng, 40)},
                                      false);
        expect_results(&c);
        case_free(&c);
    }
}

/* ---- gradients ---- */

static double worst_of(struct head_case *c, double *x, const double *gradient, size_t count)
{
    double worst = 0;
    for (size_t i = 0; i < count; i++)
        worst = fmax(worst, mismatch(value_of, c, x + i, gradient[i], 1e-3));
    return worst;
}

/* They are added to what was there before. */
static void expect_gradients(struct head_case *c)
{
    double *dquery = g_new(double, c->queries), *dkey = g_new(double, c->keys), *dvalue = g_new(double, c->values);
    size_t biases = c->biased ? net_attention_bias_count(c->a.board) : 0;
    double *dbias = c->biased ? g_new0(double, biases) : NULL, *dtable = g_new0(double, TABLE);
    double *const arrays[] = {dquery, dkey, dvalue};
    const size_t counts[] = {c->queries, c->keys, c->values};
    for (size_t a = 0; a < 3; a++)
        for (size_t i = 0; i < counts[a]; i++)
            arrays[a][i] = 7;
    value_of(c);
    net_attention_backward(&c->a, c->query, c->key, c->value, c->factors, dquery, dkey, dvalue, dbias, c->work);
    for (size_t a = 0; a < 3; a++)
        for (size_t i = 0; i < counts[a]; i++)
            arrays[a][i] -= 7;
    if (c->biased)
        net_attention_bias_gradient(c->a.board, dbias, dtable);
    cr_expect_leq(worst_of(c, c->query, dquery, c->queries), TOLERANCE);
    cr_expect_leq(worst_of(c, c->key, dkey, c->keys), TOLERANCE);
    cr_expect_leq(worst_of(c, c->value, dvalue, c->values), TOLERANCE);
    if (c->biased)
        cr_expect_leq(worst_of(c, c->table, dtable, TABLE), TOLERANCE);
    double *memory[] = {dquery, dkey, dvalue, dbias, dtable};
    for (size_t i = 0; i < G_N_ELEMENTS(memory); i++)
        g_free(memory[i]);
}

Test(attention, gradients)
{
    struct rng rng;
    rng_seed(&rng, 3);
    for (int i = 0; i < 10; i++) {
        struct head_case c = case_new(&rng,
                                      (struct net_attention){.queries = 1 + (int)rng_below(&rng, 20),
                                                             .keys = 1 + (int)rng_below(&rng, 20),
                                                             .depth = 1 + (int)rng_below(&rng, 19),
                                                             .width = 1 + (int)rng_below(&rng, 19)},
                                      false);
        expect_gradients(&c);
        case_free(&c);
    }
}

Test(attention, gradients_with_a_bias)
{
    static const int boards[][2] = {{1, 1}, {3, 2}, {5, 4}, {22, 1}};
    struct rng rng;
    rng_seed(&rng, 4);
    for (size_t i = 0; i < G_N_ELEMENTS(boards); i++) {
        struct head_case c = case_new(&rng, points_of(boards[i][0], boards[i][1], 3, 5), true);
        expect_gradients(&c);
        case_free(&c);
    }
}

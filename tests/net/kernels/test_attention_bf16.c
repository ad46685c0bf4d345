/* Attention in bf16 against attention in f32, on random shapes. */
#include "games/rng.h"
#include "net/kernels/attention.h"
#include "net/kernels/packed.h"

#include <criterion/criterion.h>
#include <glib.h>
#include <math.h>
#include <stdlib.h>

/* Random rows, `stride` apart, with NaN between them: what is not a part of a row must not be read. */
static float *rows_new(struct rng *rng, int count, int channels, size_t stride, float size)
{
    float *rows = g_new(float, (size_t)count *stride);
    for (size_t i = 0; i < (size_t)count * stride; i++)
        rows[i] = i % stride < (size_t)channels ? size * (2 * (float)rng_uniform(rng) - 1) : NAN;
    return rows;
}

/* Root mean square difference of the results in bf16 from those in f32, relative to those. */
static double difference(struct rng *rng, struct net_attention a)
{
    a.query_stride = (size_t)a.depth + rng_below(rng, 3);
    a.key_stride = (size_t)a.depth + rng_below(rng, 3);
    a.value_stride = (size_t)a.width + rng_below(rng, 3);
    a.out_stride = (size_t)a.width + rng_below(rng, 3);
    float *query = rows_new(rng, a.queries, a.depth, a.query_stride, 1), *bias = NULL;
    float *key = rows_new(rng, a.keys, a.depth, a.key_stride, 1);
    float *value = rows_new(rng, a.keys, a.width, a.value_stride, 1);
    float *out[2], *work = aligned_alloc(64, (net_attention_workspace(&a) * sizeof(float) + 63) / 64 * 64);
    float *table = rows_new(rng, NET_ATTENTION_SIDE, NET_ATTENTION_SIDE, NET_ATTENTION_SIDE, 2);
    if (a.board.width > 0) {
        a.bias = bias = g_new(float, net_attention_bias_count(a.board));
        net_attention_bias(a.board, table, bias);
    }
    for (int i = 0; i < 2; i++) {
        out[i] = g_new0(float, (size_t)a.queries *a.out_stride);
        (i ? net_attention_forward_bf16 : net_attention_forward)(&a, query, key, value, out[i], work);
    }
    double off = 0, size = 0;
    for (size_t i = 0; i < (size_t)a.queries * a.out_stride; i++) {
        off += pow((double)out[1][i] - (double)out[0][i], 2);
        size += pow((double)out[0][i], 2);
    }
    float *memory[] = {query, key, value, table, bias, out[0], out[1]};
    for (size_t i = 0; i < G_N_ELEMENTS(memory); i++)
        g_free(memory[i]);
    free(work);
    return sqrt(off / size);
}

/* bf16 rounds by up to 1/256; without its instructions the two are the same. */
static void expect_near(struct rng *rng, struct net_attention a)
{
    double off = difference(rng, a);
    cr_expect_lt(off, 0.01, "%d queries, %d keys, depth %d, width %d: off by %g", a.queries, a.keys, a.depth, a.width,
                 off);
    if (net_attention_has_bf16() && a.keys > 1)
        cr_expect_gt(off, 0);
    if (!net_attention_has_bf16())
        cr_expect_eq(off, 0);
}

Test(attention_bf16, is_near_f32)
{
    struct rng rng;
    rng_seed(&rng, 1);
    for (int i = 0; i < 40; i++)
        expect_near(&rng, (struct net_attention){.queries = 1 + (int)rng_below(&rng, 40),
                                                 .keys = 1 + (int)rng_below(&rng, 40),
                                                 .depth = 1 + (int)rng_below(&rng, 40),
                                                 .width = 1 + (int)rng_below(&rng, 40)});
}

Test(attention_bf16, is_near_f32_with_a_bias)
{
    static const int boards[][2] = {{1, 1}, {5, 5}, {7, 6}, {9, 9}, {19, 19}, {26, 3}};
    struct rng rng;
    rng_seed(&rng, 2);
    for (size_t i = 0; i < G_N_ELEMENTS(boards); i++) {
        int points = boards[i][0] * boards[i][1];
        expect_near(&rng, (struct net_attention){.queries = points,
                                                 .keys = points,
                                                 .depth = 8 + (int)i,
                                                 .width = 21 - (int)i,
                                                 .board = {boards[i][0], boards[i][1], 1}});
    }
}

/* Scores far apart: the weights of all keys but one vanish, and do not become NaN. */
Test(attention_bf16, far_scores)
{
    const struct net_attention a = {.queries = 2,
                                    .keys = 3,
                                    .depth = 1,
                                    .width = 1,
                                    .query_stride = 1,
                                    .key_stride = 1,
                                    .value_stride = 1,
                                    .out_stride = 1};
    const float query[] = {1000, -1000}, key[] = {-1, 1, 0}, value[] = {3, 5, 7};
    float out[2], *work = aligned_alloc(64, (net_attention_workspace(&a) * sizeof(float) + 63) / 64 * 64);
    net_attention_forward_bf16(&a, query, key, value, out, work);
    cr_expect(out[0] == 5 && out[1] == 3, "%g %g", (double)out[0], (double)out[1]);
    net_attention_forward(&a, query, key, value, out, work);
    cr_expect(out[0] == 5 && out[1] == 3, "%g %g", (double)out[0], (double)out[1]);
    free(work);
}

/* Memory by likeness: which positions are the nearest, and what their errors do to a value. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/likeness.h"
#include "net/net.h"
#include "tests/mcts/asking.h"
#include "tests/mcts/fake.h"

/* ---- the nearest positions ---- */

/* With fewer positions than are asked for, all of them count. */
Test(likeness, mean_of_all_if_there_are_few)
{
    static const float features[] = {0, 0, 10, 1, -3, 5}, errors[] = {0.5f, -0.25f, 0.125f};
    struct likeness *likeness = likeness_new(2, 3, features, errors, 0.5f);
    cr_expect_float_eq(likeness_error(likeness, (const float[]){7, 7}), 0.125, 1e-6);
    likeness_unref(likeness);
    likeness_unref(NULL);
}

/* Random positions, the last feature always the same, the first in other units. */
static void fill(struct rng *rng, size_t count, size_t size, float *features, float *errors)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < size; k++)
            features[i * size + k] = (float)rng_normal(rng) * (k == 0 ? 1000 : 1);
        features[i * size + size - 1] = 3;
        errors[i] = (float)rng_normal(rng);
    }
}

static float spread_of(const float *features, size_t count, size_t size, size_t k)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)features[i * size + k];
        squares += (double)features[i * size + k] * (double)features[i * size + k];
    }
    return (float)sqrt(squares / (double)count - sum / (double)count * (sum / (double)count));
}

static int by_distance(const void *a, const void *b)
{
    const float x = ((const float *)a)[0], y = ((const float *)b)[0];
    return x < y ? -1 : x > y;
}

/* The same by sorting all of them. */
static float sorted_error(const float *features, const float *errors, size_t count, size_t size, const float *x)
{
    float(*all)[2] = g_malloc0_n(count, sizeof *all), spread[32];
    double sum = 0;
    for (size_t k = 0; k + 1 < size; k++)
        spread[k] = spread_of(features, count, size, k);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k + 1 < size; k++)
            all[i][0] += powf((features[i * size + k] - x[k]) / spread[k], 2);
        all[i][1] = errors[i];
    }
    qsort(all, count, sizeof *all, by_distance);
    for (int i = 0; i < LIKENESS_NEIGHBOURS; i++)
        sum += (double)all[i][1];
    g_free(all);
    return (float)(sum / LIKENESS_NEIGHBOURS);
}

/* As many as are searched anyway, in several cells: exact. Features count by their standard deviations, and a constant one, whatever the
 * position asked about has there, does not. */
Test(likeness, nearest_by_standard_deviations)
{
    enum { COUNT = 1500, SIZE = 19 };
    float *features = g_new(float, COUNT *SIZE), *errors = g_new(float, COUNT), x[SIZE], none[1];
    struct rng rng;
    rng_seed(&rng, 3);
    fill(&rng, COUNT, SIZE, features, errors);
    struct likeness *likeness = likeness_new(SIZE, COUNT, features, errors, 1);
    for (int i = 0; i < 20; i++) {
        fill(&rng, 1, SIZE, x, none);
        x[SIZE - 1] = 1e6f;
        cr_expect_float_eq(likeness_error(likeness, x), sorted_error(features, errors, COUNT, SIZE, x), 1e-5);
    }
    likeness_unref(likeness);
    g_free(features);
    g_free(errors);
}

/* Forty groups of 300 positions, each with an error of its own: more than are searched. */
Test(likeness, finds_the_group_among_many)
{
    enum { GROUPS = 40, EACH = 300, COUNT = GROUPS * EACH, SIZE = 12 };
    float *features = g_new(float, COUNT *SIZE), *errors = g_new(float, COUNT), centre[GROUPS][SIZE], x[SIZE];
    struct rng rng;
    rng_seed(&rng, 4);
    for (int g = 0; g < GROUPS; g++)
        for (int k = 0; k < SIZE; k++)
            centre[g][k] = (float)rng_normal(&rng);
    for (int i = 0; i < COUNT; i++) {
        for (int k = 0; k < SIZE; k++)
            features[i * SIZE + k] = centre[i % GROUPS][k] + 0.1f * (float)rng_normal(&rng);
        errors[i] = 0.02f * (float)(i % GROUPS) - 0.4f;
    }
    struct likeness *likeness = likeness_new(SIZE, COUNT, features, errors, 1);
    for (int g = 0; g < GROUPS; g++) {
        for (int k = 0; k < SIZE; k++)
            x[k] = centre[g][k] + 0.1f * (float)rng_normal(&rng);
        cr_expect_float_eq(likeness_error(likeness, x), 0.02 * g - 0.4, 1e-4, "group %d: %g", g,
                           (double)likeness_error(likeness, x));
    }
    likeness_unref(likeness);
    g_free(features);
    g_free(errors);
}

/* ---- the evaluator ---- */

/* A memory of one position, whose answer is the same for all. */
static struct likeness *always(const struct net *net, float error, float weight)
{
    float *features = g_new0(float, net_pooled_size(net));
    struct likeness *likeness = likeness_new(net_pooled_size(net), 1, features, &error, weight);
    g_free(features);
    return likeness;
}

static void ask_stack(const struct game *game, const struct evaluator_config *config, struct eval *eval)
{
    struct evaluator *evaluator;
    union any_position position;
    const struct eval_query query = {.position = &position.p, .want = EVAL_POLICY | EVAL_VALUE | EVAL_SCORE};
    fake_play(game, &position.p, NULL, "C3 B2 D4");
    cr_assert_eq(evaluator_create(&evaluator, game, config, NULL), 0);
    struct evaluator *clone = evaluator_clone(evaluator);
    struct eval again;
    evaluator_evaluate(evaluator, 1, &query, eval);
    evaluator_evaluate(clone, 1, &query, &again);
    cr_expect_arr_eq(again.wdl, eval->wdl, sizeof again.wdl);
    evaluator_evaluate(evaluator, 1, &query, &again); /* of the cache, if there is one */
    cr_expect_arr_eq(again.wdl, eval->wdl, sizeof again.wdl);
    evaluator_free(clone);
    evaluator_free(evaluator);
}

/* The value moves by weight * error, as far as the chance of a draw allows; nothing else changes. */
Test(likeness, corrects_values)
{
    static const struct {
        float error, weight;
    } cases[] = {{0.25f, 0.5f}, {-0.25f, 1}, {0.3f, 0}, {2, 1}, {-2, 1}};
    struct game game = fake_game("go:5");
    struct net *net = small_net(&game, 1);
    struct evaluator_config config = {
        .kind = EVALUATOR_NET, .net = net, .backend = NET_BACKEND_PLAIN, .dtype = NET_F32};
    struct eval plain, corrected;
    ask_stack(&game, &config, &plain);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (int cached = 0; cached < 2; cached++) {
            config.likeness = always(net, cases[i].error, cases[i].weight);
            config.cache_bytes = cached ? 1 << 16 : 0;
            ask_stack(&game, &config, &corrected);
            const float most = 1 - plain.wdl[1], value = eval_value(&plain) + cases[i].weight * cases[i].error;
            cr_expect_float_eq(eval_value(&corrected), CLAMP(value, -most, most), 1e-6);
            cr_expect_float_eq(corrected.wdl[1], plain.wdl[1], 1e-6);
            cr_expect_float_eq(corrected.wdl[0] + corrected.wdl[1] + corrected.wdl[2], 1, 1e-6);
            cr_expect_eq(corrected.score, plain.score);
            cr_expect_arr_eq(corrected.logits, plain.logits, sizeof *plain.logits * game.moves);
            likeness_unref(config.likeness);
        }
    net_unref(net);
}

/* Two positions in one call: each has its own features, whatever the batch, and those of all symmetries are the mean. */
Test(likeness, features_of_each_query)
{
    struct game game = fake_game("go:5");
    struct net *net = small_net(&game, 2);
    union any_position positions[2];
    struct eval_query queries[2];
    struct eval evals[2];
    float alone[2][64], mean[64] = {0};
    size_t size;
    for (int i = 0; i < 2; i++) {
        fake_play(&game, &positions[i].p, NULL, i ? "C3 B2 D4" : "A1");
        queries[i] = (struct eval_query){.position = &positions[i].p, .want = EVAL_VALUE};
    }
    struct evaluator *first = net_evaluator(&game, net, 0, 1);
    evaluator_net_keep_pooled(first);
    for (int i = 0; i < 2; i++) {
        evaluator_evaluate(first, 1, &queries[i], evals);
        const float *pooled = evaluator_net_pooled(first, &size);
        cr_assert(size == net_pooled_size(net) && size <= 64);
        memcpy(alone[i], pooled, size * sizeof *pooled);
    }
    cr_expect_arr_neq(alone[0], alone[1], size * sizeof(float));
    for (int batch = 1; batch <= 3; batch++) {
        struct evaluator *evaluator = net_evaluator(&game, net, 0, batch);
        evaluator_net_keep_pooled(evaluator);
        evaluator_evaluate(evaluator, 2, queries, evals);
        const float *pooled = evaluator_net_pooled(evaluator, &size);
        for (size_t k = 0; k < 2 * size; k++)
            cr_expect_float_eq(pooled[k], alone[k / size][k % size], 1e-6, "batch %d, feature %zu", batch, k);
        evaluator_free(evaluator);
    }
    for (int s = 0; s < game.symmetries; s++) {
        struct evaluator *view = net_evaluator(&game, net, s, 1);
        evaluator_net_keep_pooled(view);
        evaluator_evaluate(view, 1, &queries[1], evals);
        for (size_t k = 0; k < size; k++)
            mean[k] += evaluator_net_pooled(view, &size)[k] / (float)game.symmetries;
        evaluator_free(view);
    }
    struct evaluator *all = net_evaluator(&game, net, EVALUATOR_SYMMETRY_ALL, 3);
    evaluator_net_keep_pooled(all);
    evaluator_evaluate(all, 1, &queries[1], evals);
    for (size_t k = 0; k < size; k++)
        cr_expect_float_eq(evaluator_net_pooled(all, &size)[k], mean[k], 1e-5);
    evaluator_free(all);
    evaluator_free(first);
    net_unref(net);
}

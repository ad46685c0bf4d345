/* The training step in several threads: the same weights and losses bit for bit as in one. */
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"
#include "net/train/trainer_internal.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { SIZE = 9, ROWS = 103, STEPS = 3 }; /* seven slices: six of 16 rows, and one of 7 */

static const float CLIP = 0.02f;
static const int counts[] = {1, 2, 3, 4, 7};

/* Every coupling of rows and parameters: means over the board, attention, weights used several times, random numbers, sequences. */
static const char *const trunks[] = {
    "conv:16 res:16 gpool:16",           "conv:16 res:16 se:16 attn:16+heads=2", "conv:16 res:16+drop=0.3 tokens:16",
    "conv:16 res:16 loop:16+steps=1..3", "conv:16 res:16 lstm:16 res:16",
};

static struct net_trainer *trainer_of(const struct net_info *info, enum net_backend backend, enum net_dtype dtype,
                                      enum net_optimiser optimiser)
{
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer;
    struct net *net;
    GError *error = NULL;
    config.backend = backend;
    config.dtype = dtype;
    config.seed = 5;
    config.clip = CLIP; /* so that the norm of all slices matters */
    net_trainer_choose(&config, optimiser);
    cr_assert_eq(net_create(&net, info, 1, &error), 0, "%s", error ? error->message : "");
    cr_assert_eq(net_trainer_create(&trainer, net, &config, &error), 0, "%s", error ? error->message : "");
    net_unref(net);
    return trainer;
}

static void same_bits(const char *trunk, enum net_backend backend, enum net_dtype dtype, enum net_optimiser optimiser)
{
    struct net_info info = fixture_info(trunk, 4, 2, 1);
    struct net_samples *s = fixture_samples(&info, SIZE, ROWS, false, 7);
    struct net_losses losses[STEPS + 1], expected[STEPS + 1];
    uint64_t hash = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
        struct net_trainer *trainer = trainer_of(&info, backend, dtype, optimiser);
        net_trainer_set_threads(trainer, counts[i]);
        memset(losses, 0, sizeof losses);
        for (int step = 0; step < STEPS; step++) {
            net_trainer_step(trainer, s, 0.02f, &losses[step]);
            cr_assert(losses[step].finite && losses[step].grad_norm > CLIP);
        }
        net_trainer_losses(trainer, s, &losses[STEPS]);
        cr_expect_eq(trainer->crew.count, counts[i] - 1, "%d threads", trainer->crew.count + 1);
        if (i == 0) {
            hash = net_trainer_hash(trainer);
            memcpy(expected, losses, sizeof losses);
        }
        cr_expect_eq(net_trainer_hash(trainer), hash, "%s in %s, %s: other weights with %d threads", trunk,
                     net_dtype_name(dtype), net_optimiser_names[optimiser], counts[i]);
        cr_expect_eq(memcmp(losses, expected, sizeof losses), 0, "%s in %s: other losses with %d threads", trunk,
                     net_dtype_name(dtype), counts[i]);
        net_trainer_close(trainer);
    }
    net_samples_free(s);
}

Test(threads, any_number_gives_the_same_bits_in_f32)
{
    for (size_t i = 0; i < G_N_ELEMENTS(trunks); i++)
        same_bits(trunks[i], NET_BACKEND_FAST, NET_F32, NET_SGD);
}

Test(threads, any_number_gives_the_same_bits_in_bf16)
{
    if (net_dtype_best(NET_BACKEND_FAST) != NET_BF16)
        cr_skip_test("this processor does not compute in bf16");
    for (size_t i = 0; i < G_N_ELEMENTS(trunks); i++)
        same_bits(trunks[i], NET_BACKEND_FAST, NET_BF16, NET_MUON);
}

Test(threads, any_number_gives_the_same_bits_in_plain_arithmetic)
{
    for (int optimiser = 0; optimiser < NET_OPTIMISERS; optimiser++)
        same_bits("conv:16 res:16", NET_BACKEND_PLAIN, NET_F32, (enum net_optimiser)optimiser);
}

/* The number may change from step to step, batches may be smaller than it, and boards may vary. */
Test(threads, the_number_may_change_between_steps)
{
    struct net_info info = fixture_info("conv:16 res:16 gpool:16", 4, 2, 1);
    struct net_samples *batches[] = {fixture_samples(&info, SIZE, ROWS, false, 7),
                                     fixture_samples(&info, 13, 40, false, 8), fixture_samples(&info, 5, 1, false, 9)};
    struct net_trainer *one = trainer_of(&info, NET_BACKEND_FAST, NET_F32, NET_ADAMW),
                       *many = trainer_of(&info, NET_BACKEND_FAST, NET_F32, NET_ADAMW);
    for (int step = 0; step < 9; step++) {
        net_trainer_set_threads(many, 1 + step * 3 % 8);
        net_trainer_step(one, batches[step % 3], 0.01f, NULL);
        net_trainer_step(many, batches[step % 3], 0.01f, NULL);
        cr_assert_eq(net_trainer_hash(one), net_trainer_hash(many), "step %d", step);
    }
    cr_expect_eq(net_trainer_steps(many), 9);
    cr_expect_gt(many->crew.count, 3);
    for (int i = 0; i < 3; i++)
        net_samples_free(batches[i]);
    net_trainer_close(one);
    net_trainer_close(many);
}

/* A step that is not applied leaves no gradient behind in any thread. */
Test(threads, a_step_that_is_not_finite_leaves_nothing)
{
    struct net_info info = fixture_info("conv:16 res:16 gpool:16", 4, 2, 1);
    struct net_samples *good = fixture_samples(&info, SIZE, ROWS, false, 7),
                       *bad = fixture_samples(&info, SIZE, ROWS, false, 8);
    struct net_trainer *one = trainer_of(&info, NET_BACKEND_FAST, NET_F32, NET_SGD),
                       *many = trainer_of(&info, NET_BACKEND_FAST, NET_F32, NET_SGD);
    struct net_losses losses;
    net_trainer_set_threads(many, 4);
    for (int row = 0; row < ROWS; row++)
        bad->planes[row * 4 * SIZE * SIZE] = NAN;
    for (int step = 0; step < 2; step++) {
        net_trainer_step(many, bad, 0.01f, &losses);
        cr_assert(!losses.finite);
        net_trainer_step(many, good, 0.01f, &losses);
        cr_assert(losses.finite);
        net_trainer_step(one, good, 0.01f, NULL);
        cr_assert_eq(net_trainer_hash(one), net_trainer_hash(many));
    }
    net_samples_free(good);
    net_samples_free(bad);
    net_trainer_close(one);
    net_trainer_close(many);
}

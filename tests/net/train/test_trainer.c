/* The training step: learning, refused settings and states, and resuming. */
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>
#include <unistd.h>

static struct net_trainer *trainer_of(const struct net_info *info, const struct net_trainer_config *config)
{
    struct net *net;
    struct net_trainer *trainer;
    GError *error = NULL;
    cr_assert_eq(net_create(&net, info, 1, &error), 0, "%s", error ? error->message : "");
    cr_assert_eq(net_trainer_create(&trainer, net, config, &error), 0, "%s", error ? error->message : "");
    net_unref(net);
    return trainer;
}

/* Outputs of a snapshot for a row: a fingerprint of all its weights. */
static void fingerprint(struct net_trainer *trainer, bool averaged, float policy[26])
{
    struct net *net = net_trainer_snapshot(trainer, averaged);
    struct net_samples *s = fixture_samples(net_info(net), 5, 1, true, 99);
    struct net_runner *runner;
    struct net_outputs outputs = {.policy = policy};
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_PLAIN, NET_F32, 1, NULL), 0);
    net_runner_infer(runner, 5, 5, 1, s->planes, s->globals, &outputs);
    net_runner_close(runner);
    net_samples_free(s);
    net_unref(net);
}

static void overfit(enum net_backend backend, enum net_dtype dtype, enum net_optimiser optimiser, float rate, int steps)
{
    struct net_info info = fixture_info("conv:16 res:16 gpool:16", 4, 2, 1);
    struct net_trainer_config config = net_trainer_defaults();
    info.horizons = NET_HORIZONS;
    info.value_error = 1;
    config.backend = backend;
    config.dtype = dtype;
    net_trainer_choose(&config, optimiser);
    config.weight_decay = 0;
    struct net_trainer *trainer = trainer_of(&info, &config);
    struct net_samples *s = fixture_samples(&info, 5, 6, true, 3);
    struct net_losses losses, first;
    net_trainer_losses(trainer, s, &first);
    for (int i = 0; i < steps; i++) {
        net_trainer_step(trainer, s, i < steps * 2 / 3 ? rate : rate / 5, &losses);
        cr_assert(losses.finite);
    }
    net_trainer_losses(trainer, s, &losses);
    cr_expect(first.target[NET_TARGET_POLICY] > 2 && first.target[NET_TARGET_VALUE] > 0.7f &&
              first.target[NET_TARGET_MAP] > 0.3f);
    for (int t = 0; t < NET_TARGETS; t++)
        cr_expect_lt(losses.target[t], t == NET_TARGET_REPLY ? 0.1 : 0.03, "%s: %g", net_targets[t].name,
                     (double)losses.target[t]);
    cr_expect_eq(net_trainer_steps(trainer), (uint64_t)steps);
    net_samples_free(s);
    net_trainer_close(trainer);
}

Test(trainer, one_batch_is_learned_sgd)
{
    overfit(NET_BACKEND_FAST, NET_F32, NET_SGD, 0.02f, 1200);
}
Test(trainer, one_batch_is_learned_adamw)
{
    overfit(NET_BACKEND_FAST, NET_F32, NET_ADAMW, 0.003f, 900);
}
Test(trainer, one_batch_is_learned_muon)
{
    overfit(NET_BACKEND_FAST, NET_F32, NET_MUON, 0.003f, 900);
}
Test(trainer, one_batch_is_learned_plain)
{
    overfit(NET_BACKEND_PLAIN, NET_F32, NET_SGD, 0.02f, 1200);
}

Test(trainer, one_batch_is_learned_bf16)
{
    if (net_dtype_best(NET_BACKEND_FAST) != NET_BF16)
        cr_skip_test("this processor does not compute in bf16");
    overfit(NET_BACKEND_FAST, NET_BF16, NET_SGD, 0.02f, 1200);
}

/* Three steps on a batch of several chunks: the policy before and after, and the losses. */
static void three_steps(enum net_backend backend, enum net_dtype dtype, float before[26], float after[26],
                        struct net_losses *losses)
{
    struct net_info info = fixture_info("conv:16 res:16 gpool:16", 4, 2, 1);
    struct net_trainer_config config = net_trainer_defaults();
    config.backend = backend;
    config.dtype = dtype;
    struct net_trainer *trainer = trainer_of(&info, &config);
    struct net_samples *s = fixture_samples(&info, 5, 70, false, 4);
    fingerprint(trainer, false, before);
    for (int i = 0; i < 3; i++)
        net_trainer_step(trainer, s, 0.05f, losses);
    fingerprint(trainer, false, after);
    net_samples_free(s);
    net_trainer_close(trainer);
}

static void same_step(enum net_dtype dtype, double tolerance)
{
    float policy[2][26], before[26];
    struct net_losses losses[2];
    double moved = 0, apart = 0;
    three_steps(NET_BACKEND_PLAIN, NET_F32, before, policy[0], &losses[0]);
    three_steps(NET_BACKEND_FAST, dtype, before, policy[1], &losses[1]);
    for (int m = 0; m < 26; m++) {
        moved = fmax(moved, fabs((double)policy[0][m] - (double)before[m]));
        apart = fmax(apart, fabs((double)policy[0][m] - (double)policy[1][m]));
    }
    cr_expect(moved > 1e-3 && apart < moved * tolerance, "moved %g, apart %g", moved, apart);
    cr_expect_float_eq(losses[0].total, losses[1].total, tolerance);
    cr_expect_float_eq(losses[0].grad_norm, losses[1].grad_norm, tolerance);
}

Test(trainer, backends_take_the_same_step)
{
    same_step(NET_F32, 1e-3);
}

Test(trainer, bf16_takes_nearly_the_same_step)
{
    if (net_dtype_best(NET_BACKEND_FAST) != NET_BF16)
        cr_skip_test("this processor does not compute in bf16");
    same_step(NET_BF16, 0.04);
}

/* Targets of weight 0 change nothing, whatever their values; nor do rows of weight 0. */
Test(trainer, weights_of_zero_exclude)
{
    struct net_info info = fixture_info("conv:8 res:8", 4, 2, 1);
    struct net_trainer_config config = net_trainer_defaults();
    float policy[2][26];
    for (int run = 0; run < 2; run++) {
        struct net_trainer *trainer = trainer_of(&info, &config);
        struct net_samples *s = fixture_samples(&info, 5, 4, false, 6);
        s->row_weight[3] = 0;
        for (int t = 0; t < NET_TARGETS; t++)
            s->weight[t][(int)net_target_rows(t) % 3] = 0;
        for (int t = 0; run && t < NET_TARGETS; t++)
            for (int i = 0; i < net_samples_count(s, t); i++) {
                net_samples_row(s, t, 3)[i] = 0.9f;
                net_samples_row(s, t, (int)net_target_rows(t) % 3)[i] = NAN;
            }
        net_trainer_step(trainer, s, 0.05f, NULL);
        fingerprint(trainer, false, policy[run]);
        net_samples_free(s);
        net_trainer_close(trainer);
    }
    cr_expect_arr_eq(policy[0], policy[1], sizeof policy[0]);
}

/* With all weights 0 the net's outputs are uniform: cross-entropies are the logarithm of the count, and the map's loss
 * is log 2 for a certain point and 0 for an even one. A score of 10 is half a unit: 0.125. */
Test(trainer, losses_by_hand)
{
    struct net_info info = fixture_info("conv:4", 1, 1, 1);
    info.horizons = 2;
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer = trainer_of(&info, &config);
    struct net_samples *s = fixture_samples(&info, 3, 2, true, 8);
    struct net_losses losses;
    memset(s->planes, 0, 2 * 9 * sizeof(float));
    memset(s->globals, 0, 2 * sizeof(float)); /* biases are 0, so all outputs are 0 */
    s->target[NET_TARGET_SCORE][0] = s->target[NET_TARGET_SCORE][1] = 10;
    for (int p = 0; p < 18; p++)
        s->target[NET_TARGET_MAP][p] = p % 3 == 0 ? 1 : p % 3 == 1 ? -1 : 0;
    net_trainer_losses(trainer, s, &losses);
    const float wanted[NET_TARGETS] = {[NET_TARGET_POLICY] = logf(10),          [NET_TARGET_REPLY] = logf(10),
                                       [NET_TARGET_SOFT_POLICY] = logf(10),     [NET_TARGET_VALUE] = logf(3),
                                       [NET_TARGET_SHORT_TERM_VALUE] = logf(3), [NET_TARGET_SCORE] = 0.125f,
                                       [NET_TARGET_MAP] = logf(2) * 2 / 3,      [NET_TARGET_HORIZON_1] = logf(3),
                                       [NET_TARGET_HORIZON_2] = logf(3)};
    float total = 0;
    cr_expect(isnan(losses.target[NET_TARGET_HORIZON_3]), "the net does not have it");
    for (int t = 0; t < NET_TARGET_HORIZON_3; t++) {
        cr_expect_float_eq(losses.target[t], wanted[t], 1e-5, "%s: %g", net_targets[t].name, (double)losses.target[t]);
        total += config.loss_weight[t] * wanted[t];
    }
    cr_expect_float_eq(losses.total, total, 1e-4);
    /* As in a game without a score: that loss does not exist, and the total is that of the others. */
    s->weight[NET_TARGET_SCORE][0] = s->weight[NET_TARGET_SCORE][1] = 0;
    net_trainer_losses(trainer, s, &losses);
    cr_expect(isnan(losses.target[NET_TARGET_SCORE]) && losses.finite);
    cr_expect_float_eq(losses.total, total - config.loss_weight[NET_TARGET_SCORE] * 0.125f, 1e-4);
    net_samples_free(s);
    net_trainer_close(trainer);
}

Test(trainer, non_finite_steps_are_not_applied)
{
    struct net_info info = fixture_info("conv:8 res:8", 4, 2, 1);
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer = trainer_of(&info, &config);
    struct net_samples *s = fixture_samples(&info, 5, 4, false, 6);
    struct net_losses losses;
    float before[26], after[26];
    net_trainer_step(trainer, s, 0.01f, &losses);
    cr_expect(losses.finite);
    fingerprint(trainer, false, before);
    s->planes[5] = NAN;
    net_trainer_step(trainer, s, 0.01f, &losses);
    cr_expect(!losses.finite);
    s->planes[5] = 1;
    net_trainer_step(trainer, s, NAN, &losses);
    cr_expect(!losses.finite);
    fingerprint(trainer, false, after);
    cr_expect_arr_eq(before, after, sizeof before);
    cr_expect_eq(net_trainer_steps(trainer), 1);
    net_trainer_step(trainer, s, 0.01f, &losses);
    cr_expect(losses.finite);
    cr_expect_eq(net_trainer_steps(trainer), 2);
    net_samples_free(s);
    net_trainer_close(trainer);
}

/* A trainer that was saved, loaded and continued equals one that never stopped, bit for bit. */
static void resume_check(enum net_optimiser optimiser, enum net_backend backend)
{
    struct net_info info = fixture_info("conv:16 gpool:16", 4, 2, 1);
    struct net_trainer_config config = net_trainer_defaults();
    net_trainer_choose(&config, optimiser);
    config.backend = backend;
    char *path =
        g_strdup_printf("%s/tengen-trainer-%d-%d%d.safetensors", g_get_tmp_dir(), (int)getpid(), optimiser, backend);
    struct net_samples *s[4];
    float policies[2][2][26];
    GError *error = NULL;
    for (int i = 0; i < 4; i++)
        s[i] = fixture_samples(&info, 5, 40, false, (uint64_t)i);
    for (int run = 0; run < 2; run++) {
        struct net_trainer *trainer = trainer_of(&info, &config);
        for (int i = 0; i < 8; i++) {
            net_trainer_step(trainer, s[i % 4], 0.01f, NULL);
            if (run == 0 || i != 4)
                continue;
            cr_assert_eq(net_trainer_save(trainer, path, &error), 0, "%s", error ? error->message : "");
            net_trainer_close(trainer);
            trainer = trainer_of(&info, &config);
            cr_assert_eq(net_trainer_load(trainer, path, NULL, &error), 0, "%s", error ? error->message : "");
            cr_expect_eq(net_trainer_steps(trainer), 5);
        }
        fingerprint(trainer, false, policies[run][0]);
        fingerprint(trainer, true, policies[run][1]);
        net_trainer_close(trainer);
    }
    cr_expect_arr_eq(policies[0], policies[1], sizeof policies[0]);
    cr_expect_neq(policies[0][0][0], policies[0][1][0]);
    for (int i = 0; i < 4; i++)
        net_samples_free(s[i]);
    unlink(path);
    g_free(path);
}

Test(trainer, resumes_sgd)
{
    resume_check(NET_SGD, NET_BACKEND_FAST);
}
Test(trainer, resumes_adamw)
{
    resume_check(NET_ADAMW, NET_BACKEND_FAST);
}
Test(trainer, resumes_muon)
{
    resume_check(NET_MUON, NET_BACKEND_FAST);
}
Test(trainer, resumes_plain)
{
    resume_check(NET_SGD, NET_BACKEND_PLAIN);
    resume_check(NET_MUON, NET_BACKEND_PLAIN);
}

static void expect_not_loaded(struct net_trainer *trainer, const char *path, const char *word)
{
    GError *error = NULL;
    float before[26], after[26];
    fingerprint(trainer, false, before);
    cr_expect_neq(net_trainer_load(trainer, path, NULL, &error), 0);
    cr_expect(error && strstr(error->message, word), "said: %s", error ? error->message : "nothing");
    g_clear_error(&error);
    fingerprint(trainer, false, after);
    cr_expect_arr_eq(before, after, sizeof before);
}

Test(trainer, states_of_others_are_refused)
{
    struct net_info info = fixture_info("conv:8 res:8", 4, 2, 1), wide = fixture_info("conv:12 res:12", 4, 2, 1);
    struct net_trainer_config sgd = net_trainer_defaults();
    struct net_trainer *trainer = trainer_of(&info, &sgd), *other = trainer_of(&wide, &sgd);
    char *path = g_strdup_printf("%s/tengen-state-%d.safetensors", g_get_tmp_dir(), (int)getpid()), *bytes;
    gsize size;
    cr_assert_eq(net_trainer_save(other, path, NULL), 0);
    expect_not_loaded(trainer, path, "another net");
    struct net *net = net_trainer_snapshot(trainer, false);
    cr_assert_eq(net_save(net, path, NULL, NULL), 0);
    expect_not_loaded(trainer, path, "format");
    net_unref(net);
    cr_assert_eq(net_trainer_save(trainer, path, NULL), 0);
    cr_assert(g_file_get_contents(path, &bytes, &size, NULL));
    cr_assert(g_file_set_contents(path, bytes, (gssize)size / 2, NULL));
    expect_not_loaded(trainer, path, path);
    g_free(bytes);
    unlink(path);
    expect_not_loaded(trainer, path, path);
    g_free(path);
    net_trainer_close(trainer);
    net_trainer_close(other);
}

Test(trainer, bad_settings_are_refused)
{
    struct net_info info = fixture_info("conv:8", 4, 2, 1);
    struct net *net;
    cr_assert_eq(net_create(&net, &info, 1, NULL), 0);
    for (int i = 0; i < 7; i++) {
        struct net_trainer_config config = net_trainer_defaults();
        struct net_trainer *trainer;
        GError *error = NULL;
        if (i == 0)
            config.batch = 0;
        if (i == 1)
            config.momentum = 1;
        if (i == 2)
            config.average_decay = -1;
        if (i == 3)
            config.dtype = NET_INT8;
        if (i == 4)
            config.weight_decay = NAN;
        if (i == 5)
            config.loss_weight[NET_TARGET_REPLY] = -1;
        if (i == 6)
            config.loss_weight[NET_TARGETS - 1] = INFINITY;
        cr_expect_neq(net_trainer_create(&trainer, net, &config, &error), 0, "setting %d was accepted", i);
        cr_expect(error && !trainer);
        g_clear_error(&error);
    }
    net_unref(net);
}

/* The clip bounds the length of an SGD step: rate * clip * (1 + momentum). */
Test(trainer, clipping)
{
    struct net_info info = fixture_info("conv:8 res:8", 4, 2, 1);
    struct net_trainer_config config = net_trainer_defaults();
    config.weight_decay = 0;
    float before[26], small[26], large[26];
    for (int run = 0; run < 2; run++) {
        config.clip = run ? 0 : 1e-4f;
        struct net_trainer *trainer = trainer_of(&info, &config);
        struct net_samples *s = fixture_samples(&info, 5, 4, false, 6);
        struct net_losses losses;
        fingerprint(trainer, false, before);
        net_trainer_step(trainer, s, 0.1f, &losses);
        cr_expect_gt(losses.grad_norm, 0.1);
        fingerprint(trainer, false, run ? large : small);
        net_samples_free(s);
        net_trainer_close(trainer);
    }
    double moved_small = 0, moved_large = 0;
    for (int m = 0; m < 26; m++) {
        moved_small = fmax(moved_small, fabs((double)small[m] - (double)before[m]));
        moved_large = fmax(moved_large, fabs((double)large[m] - (double)before[m]));
    }
    cr_expect(moved_small < 0.01 * moved_large, "moved %g and %g", moved_small, moved_large);
}

static double distance(const float a[26], const float b[26])
{
    double most = 0;
    for (int m = 0; m < 26; m++)
        most = fmax(most, fabs((double)a[m] - (double)b[m]));
    return most;
}

/* After a step, the average is still nearly the net that it began with if that had been trained, and nearly the new one otherwise. */
Test(trainer, what_was_learned_before_stays_in_the_average)
{
    struct net_info info = fixture_info("conv:8 res:8", 4, 2, 1);
    struct net_trainer_config config = net_trainer_defaults();
    float before[26], after[26], average[26];
    for (int trained = 0; trained < 2; trained++) {
        config.trained = trained;
        struct net_trainer *trainer = trainer_of(&info, &config);
        struct net_samples *s = fixture_samples(&info, 5, 4, false, 6);
        struct net_losses losses;
        fingerprint(trainer, true, before);
        net_trainer_step(trainer, s, 0.01f, &losses);
        fingerprint(trainer, false, after);
        fingerprint(trainer, true, average);
        const double moved = distance(before, average) / distance(before, after);
        cr_expect(trained ? moved < 0.01 : moved > 0.5 && moved < 0.99, "trained %d: moved %g", trained, moved);
        net_samples_free(s);
        net_trainer_close(trainer);
    }
}

/* A trainer's settings, and its state in files: what is accepted, and the errors for the rest. */
#include "net/graph/graph.h"
#include "net/io/safetensors.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"
#include "net/train/trainer_internal.h"
#include "tests/net/fixtures.h"
#include "tests/net/io/rewrite.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <math.h>
#include <unistd.h>

static struct net *net_of(struct net_info info)
{
    struct net *net;
    cr_assert_eq(net_create(&net, &info, 1, NULL), 0);
    return net;
}

static struct net_info usual(void)
{
    return fixture_info("conv:4", 3, 2, 1);
}

static struct net_trainer *trainer_of(struct net_info info, enum net_optimiser optimiser)
{
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer;
    struct net *net = net_of(info);
    net_trainer_choose(&config, optimiser);
    config.backend = NET_BACKEND_PLAIN;
    cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
    net_unref(net);
    return trainer;
}

/* ---- settings ---- */

static void expect_config(const struct net_trainer_config *config, const char *message)
{
    struct net *net = net_of(usual());
    struct net_trainer *trainer = NULL;
    GError *error = NULL;
    cr_expect_eq(net_trainer_create(&trainer, net, config, &error), message ? -1 : 0, "%s",
                 message ? message
                 : error ? error->message
                         : "");
    cr_expect_eq(trainer == NULL, message != NULL);
    if (message) {
        cr_assert(g_error_matches(error, NET_ERROR, NET_ERROR_SPEC));
        cr_expect_str_eq(error->message, message);
    }
    g_clear_error(&error);
    net_trainer_close(trainer);
    net_unref(net);
}

static void expect_range(int batch, float momentum, float decay, float clip, float average, bool good)
{
    struct net_trainer_config config = net_trainer_defaults();
    config.batch = batch;
    config.momentum = momentum;
    config.weight_decay = decay;
    config.clip = clip;
    config.average_decay = average;
    char *message = g_strdup_printf("training settings out of range: batch %d (1 or more), momentum %g (0 to below 1), "
                                    "weight decay %g and clip %g (0 or more), average decay %g (0 to below 1)",
                                    batch, (double)momentum, (double)decay, (double)clip, (double)average);
    expect_config(&config, good ? NULL : message);
    g_free(message);
}

Test(trainer_settings, ranges)
{
    expect_range(1, 0, 0, 0, 0, true);
    expect_range(100, 0.99f, 2, 2, 0.9999f, true);
    expect_range(0, 0, 0, 0, 0, false);
    expect_range(1, -0.1f, 0, 0, 0, false);
    expect_range(1, 1, 0, 0, 0, false);
    expect_range(1, 0, -0.1f, 0, 0, false);
    expect_range(1, 0, 0, -0.1f, 0, false);
    expect_range(1, 0, 0, 0, -0.1f, false);
    expect_range(1, 0, 0, 0, 1, false);
    expect_range(1, NAN, 0, 0, 0, false);
}

Test(trainer_settings, optimisers_and_loss_weights)
{
    struct net_trainer_config config = net_trainer_defaults();
    config.optimiser = NET_ADAMW;
    for (int t = 0; t < NET_TARGETS; t++)
        config.loss_weight[t] = 0;
    expect_config(&config, NULL);
    config.loss_weight[NET_TARGET_POLICY] = -0.5f;
    expect_config(&config, "loss weight -0.5 of the target policy (the search's improved policy): must be 0 or more");
    config.loss_weight[NET_TARGET_POLICY] = 1;
    config.loss_weight[NET_TARGET_SCORE] = NAN;
    expect_config(&config, "loss weight nan of the target score (final margin in points): must be 0 or more");
    config = net_trainer_defaults();
    config.optimiser = NET_OPTIMISERS;
    expect_config(&config, "training settings out of range: batch 128 (1 or more), momentum 0.9 (0 to below 1), weight "
                           "decay 0.0001 and clip 4 (0 or more), average decay 0.999 (0 to below 1)");
    config = net_trainer_defaults();
    config.dtype = NET_INT8;
    expect_config(&config, "int8 does not support training; use dtype=auto");
}

/* ---- steps ---- */

/* One row more than a chunk, and one less: the losses of a batch are means over its rows, and its gradient is the mean
 * of the rows' gradients, however the batch is divided. */
Test(trainer_settings, a_batch_is_the_mean_of_its_rows)
{
    static const int batches[] = {1, 31, 32, 33, 64, 65};
    for (size_t i = 0; i < G_N_ELEMENTS(batches); i++) {
        int n = batches[i], points = 9;
        struct net_trainer *trainer = trainer_of(usual(), NET_SGD);
        struct net_samples *all = fixture_samples(&trainer->graph->info, 3, n, false, 5),
                           *one = fixture_samples(&trainer->graph->info, 3, 1, false, 5);
        struct net_losses losses, alone;
        double total = 0;
        float *mean = g_new0(float, trainer->graph->parameters), rate = 0;
        net_trainer_losses(trainer, all, &losses);
        for (int row = 0; row < n; row++) {
            memcpy(one->planes, all->planes + row * 3 * points, (size_t)(3 * points) * sizeof(float));
            memcpy(one->globals, all->globals + row * 2, 2 * sizeof(float));
            one->row_weight[0] = all->row_weight[row];
            for (int t = 0; t < NET_TARGETS; t++) {
                one->weight[t][0] = all->weight[t][row];
                memcpy(net_samples_row(one, t, 0), net_samples_row(all, t, row),
                       (size_t)net_samples_count(one, t) * sizeof(float));
            }
            net_trainer_step(trainer, one, rate, &alone);
            total += (double)alone.total / n;
            for (size_t k = 0; k < trainer->graph->parameters; k++)
                mean[k] += trainer->gradient[k] / (float)n;
        }
        cr_expect_float_eq(losses.total, total, 1e-4, "%d rows", n);
        net_trainer_step(trainer, all, rate, &losses);
        cr_expect_float_eq(losses.total, total, 1e-4, "%d rows", n);
        for (size_t k = 0; k < trainer->graph->parameters; k++)
            cr_assert_float_eq(trainer->gradient[k], mean[k], 1e-4, "%d rows", n);
        cr_expect_eq(net_trainer_steps(trainer), (uint64_t)n + 1);
        g_free(mean);
        net_samples_free(all);
        net_samples_free(one);
        net_trainer_close(trainer);
    }
}

/* A step scales the gradient down to the clip, and keeps one below it. Plain SGD without momentum and decay then moves
 * every parameter by rate * gradient, and the average, at first, by 9/11 of that. */
Test(trainer_settings, a_step_by_hand)
{
    struct net_trainer_config config = net_trainer_defaults();
    struct net *net = net_of(usual());
    struct net_samples *s = fixture_samples(net_info(net), 3, 4, false, 5);
    config.backend = NET_BACKEND_PLAIN;
    config.momentum = config.weight_decay = 0;
    for (int i = 0; i < 3; i++) {
        struct net_trainer *trainer;
        struct net_losses losses;
        config.clip = i == 0 ? 0 : i == 1 ? 1e6f : 0.25f;
        cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
        size_t count = trainer->graph->parameters;
        float *before = g_memdup2(trainer->params, count * sizeof(float));
        net_trainer_step(trainer, s, 0.5f, &losses);
        cr_assert(losses.finite && losses.grad_norm > 0.25f);
        double scale = i < 2 ? 1 : 0.25 / (double)losses.grad_norm, norm = 0;
        for (size_t k = 0; k < count; k++) {
            double moved = -0.5 * scale * (double)trainer->gradient[k];
            norm += pow((double)trainer->gradient[k], 2);
            cr_assert_float_eq(trainer->params[k], (double)before[k] + moved, 1e-6);
            cr_assert_float_eq(trainer->average[k], (double)before[k] + moved * 9 / 11, 1e-6);
        }
        cr_expect_float_eq(losses.grad_norm, sqrt(norm), 1e-4);
        g_free(before);
        net_trainer_close(trainer);
    }
    net_samples_free(s);
    net_unref(net);
}

/* ---- state ---- */

static const char *const keys[] = {"format",       "game",        "features", "trunk", "planes",
                                   "globals",      "other_moves", "horizons", "tally", "value_error",
                                   "head_experts", "optimiser",   "steps",    NULL};

static char *state_path(void)
{
    return g_strdup_printf("%s/tengen-state-%d.safetensors", g_get_tmp_dir(), (int)getpid());
}

/* Parses the file of a trainer after some steps. */
static void open_state(struct rewrite *r, struct net_trainer *trainer)
{
    char *path = state_path(), *bytes;
    gsize size;
    cr_assert_eq(net_trainer_save(trainer, path, NULL), 0);
    cr_assert(g_file_get_contents(path, &bytes, &size, NULL));
    GBytes *all = g_bytes_new_take(bytes, size);
    rewrite_open(r, all, keys);
    g_bytes_unref(all);
    g_unlink(path);
    g_free(path);
}

static int load_state(struct rewrite *r, struct net_trainer *trainer, GError **error)
{
    char *path = state_path();
    cr_assert_eq(safetensors_save(path, rewrite_close(r), NULL), 0);
    int status = net_trainer_load(trainer, path, NULL, error);
    g_unlink(path);
    g_free(path);
    return status;
}

static void expect_refused(struct rewrite *r, struct net_trainer *trainer, const char *message)
{
    GError *error = NULL;
    size_t count = trainer->graph->parameters;
    float *before = g_memdup2(trainer->params, count * sizeof(float));
    char *path = state_path(), *wanted = g_strconcat(path, ": ", message, NULL);
    cr_expect_eq(load_state(r, trainer, &error), -1);
    cr_assert_not_null(error);
    cr_expect_str_eq(error->message, wanted);
    cr_expect_arr_eq(trainer->params, before, count * sizeof(float));
    cr_expect_eq(net_trainer_steps(trainer), 2);
    g_clear_error(&error);
    g_free(wanted);
    g_free(path);
    g_free(before);
}

static void take_steps(struct net_trainer *trainer)
{
    struct net_samples *s = fixture_samples(&trainer->graph->info, 3, 4, false, 5);
    for (int i = 0; i < 2; i++)
        net_trainer_step(trainer, s, 0.1f, NULL);
    net_samples_free(s);
}

Test(trainer_state, messages)
{
    struct net_trainer *trainer = trainer_of(usual(), NET_ADAMW);
    struct rewrite r;
    take_steps(trainer);
    open_state(&r, trainer);
    rewrite_text(&r, "format", "tengen-net-1");
    expect_refused(&r, trainer, "the format is \"tengen-net-1\"; expected \"tengen-trainer-1\"");
    open_state(&r, trainer);
    rewrite_text(&r, "optimiser", "lion");
    expect_refused(&r, trainer, "unknown optimiser \"lion\"; the optimisers are sgd, adamw, muon");
    open_state(&r, trainer);
    rewrite_text(&r, "optimiser", NULL);
    expect_refused(&r, trainer, "unknown optimiser \"\"; the optimisers are sgd, adamw, muon");
    open_state(&r, trainer);
    r.texts[r.text_count++] = (struct safetensors_text){"moments_from", "3"}; /* of 2 steps */
    expect_refused(&r, trainer, "missing or invalid metadata \"moments_from\"");
    static const char *const steps[] = {NULL, "", "-1", "2x", "18446744073709551616"};
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        open_state(&r, trainer);
        rewrite_text(&r, "steps", steps[i]);
        expect_refused(&r, trainer, "missing or invalid metadata \"steps\"");
    }
    static const char *const lost[] = {"weights/0.conv.conv.bias", "average/heads.points.bias",
                                       "first/heads.conv.weight", "second/heads.value.out.bias"};
    for (size_t i = 0; i < G_N_ELEMENTS(lost); i++) {
        char *message = g_strdup_printf("its trunk needs a tensor \"%s\", which is missing", lost[i]);
        open_state(&r, trainer);
        rewrite_remove(&r, lost[i]);
        expect_refused(&r, trainer, message);
        g_free(message);
    }
    net_trainer_close(trainer);
}

/* If any part of the description differs, the state belongs to another net. */
Test(trainer_state, other_nets)
{
    struct net_info others[10];
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        others[i] = usual();
    g_strlcpy(others[0].game, "gomoku", sizeof others[0].game);
    g_strlcpy(others[1].features, "go-v2", sizeof others[1].features);
    g_strlcpy(others[2].trunk, "conv:4 res:4", sizeof others[2].trunk);
    others[3].planes++;
    others[4].globals++;
    others[5].other_moves++;
    others[6].horizons++;
    others[7].tally = 1;
    others[8].value_error = 1;
    others[9].head_experts = 2;
    struct net_trainer *trainer = trainer_of(usual(), NET_SGD);
    take_steps(trainer);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        struct net_trainer *other = trainer_of(others[i], NET_SGD);
        struct rewrite r;
        char *message =
            g_strdup_printf("training state of another net (%s, %s, \"%s\"); this one is (go, go-v1, \"conv:4\")",
                            others[i].game, others[i].features, others[i].trunk);
        open_state(&r, other);
        expect_refused(&r, trainer, message);
        g_free(message);
        net_trainer_close(other);
    }
    net_trainer_close(trainer);
}

/* Weights, averages and moments are all restored; SGD has one moment, and its file only that one. */
Test(trainer_state, everything_is_restored)
{
    for (enum net_optimiser optimiser = NET_SGD; optimiser < NET_OPTIMISERS; optimiser++) {
        struct net_trainer *trainer = trainer_of(usual(), optimiser), *fresh = trainer_of(usual(), optimiser);
        struct rewrite r;
        GError *error = NULL;
        take_steps(trainer);
        open_state(&r, trainer);
        cr_expect_eq(r.count, trainer->graph->params * (optimiser == NET_SGD ? 3 : 4));
        rewrite_text(&r, "steps", "18446744073709551615");
        cr_assert_eq(load_state(&r, fresh, &error), 0, "%s", error ? error->message : "");
        cr_expect_eq(net_trainer_steps(fresh), UINT64_MAX);
        size_t bytes = trainer->graph->parameters * sizeof(float);
        cr_expect_arr_eq(fresh->params, trainer->params, bytes);
        cr_expect_arr_eq(fresh->average, trainer->average, bytes);
        cr_expect_arr_eq(fresh->first, trainer->first, bytes);
        cr_expect_arr_eq(fresh->second, trainer->second, bytes);
        cr_expect_neq(memcmp(fresh->params, fresh->average, bytes), 0);
        net_trainer_close(trainer);
        net_trainer_close(fresh);
    }
}

/* ---- states of another optimiser ---- */

static bool all_zero(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] != 0)
            return false;
    return true;
}

/* Weights, averages and the step count continue, and the moments are zero, even if the trainer had some. What another
 * trainer saves after that is restored like any other state. */
static void check_change(enum net_optimiser from, enum net_optimiser to)
{
    struct net_trainer *old = trainer_of(usual(), from), *new = trainer_of(usual(), to),
                       *again = trainer_of(usual(), to);
    enum net_optimiser saved = NET_OPTIMISERS;
    GError *error = NULL;
    size_t count = old->graph->parameters, bytes = count * sizeof(float);
    char *path = state_path();
    take_steps(old);
    take_steps(new);
    take_steps(new);
    cr_assert(!all_zero(old->first, count) && !all_zero(new->first, count));
    cr_assert_eq(net_trainer_save(old, path, NULL), 0);
    cr_assert_eq(net_trainer_load(new, path, &saved, &error), 0, "%s", error ? error->message : "");
    cr_expect_eq(saved, from);
    cr_expect_eq(net_trainer_steps(new), 2);
    cr_expect_arr_eq(new->params, old->params, bytes);
    cr_expect_arr_eq(new->average, old->average, bytes);
    cr_expect(all_zero(new->first, count) && all_zero(new->second, count));
    take_steps(new);
    cr_assert_eq(net_trainer_save(new, path, NULL), 0);
    cr_assert_eq(net_trainer_load(again, path, &saved, NULL), 0);
    cr_expect(saved == to && net_trainer_steps(again) == 4);
    cr_expect_arr_eq(again->first, new->first, bytes);
    take_steps(new);
    take_steps(again);
    cr_expect_arr_eq(again->params, new->params, bytes, "%s to %s", net_optimiser_names[from], net_optimiser_names[to]);
    g_unlink(path);
    g_free(path);
    net_trainer_close(old);
    net_trainer_close(new);
    net_trainer_close(again);
}

Test(trainer_state, another_optimiser_restarts_the_moments)
{
    for (enum net_optimiser from = NET_SGD; from < NET_OPTIMISERS; from++)
        for (enum net_optimiser to = NET_SGD; to < NET_OPTIMISERS; to++)
            if (from != to)
                check_change(from, to);
}

/* AdamW's correction for moments that start from zero starts again, too: its first step moves every parameter that has a
 * gradient by the rate. Corrected as if it were the third step, it would move them by 1.4 times as much. */
Test(trainer_state, the_first_step_after_a_change)
{
    struct net_trainer *old = trainer_of(usual(), NET_SGD), *new = trainer_of(usual(), NET_ADAMW);
    struct net_samples *s = fixture_samples(&old->graph->info, 3, 4, false, 5);
    char *path = state_path();
    take_steps(old);
    new->config.weight_decay = 0;
    cr_assert_eq(net_trainer_save(old, path, NULL), 0);
    cr_assert_eq(net_trainer_load(new, path, NULL, NULL), 0);
    net_trainer_step(new, s, 0.125f, NULL);
    int moved = 0;
    for (size_t i = 0; i < new->graph->parameters; i++)
        if (fabsf(new->gradient[i]) > 1e-4f) {
            cr_expect_float_eq(fabsf(new->params[i] - old->params[i]), 0.125, 1e-4);
            moved++;
        }
    cr_expect_gt(moved, 100);
    g_unlink(path);
    g_free(path);
    net_samples_free(s);
    net_trainer_close(old);
    net_trainer_close(new);
}

Test(trainer_settings, optimisers_have_names_and_presets)
{
    enum net_optimiser optimiser = NET_SGD;
    GError *error = NULL;
    cr_expect(net_optimiser_parse(&optimiser, "muon", NULL) && optimiser == NET_MUON);
    cr_expect(!net_optimiser_parse(&optimiser, "Muon", &error) && optimiser == NET_MUON);
    cr_expect_str_eq(error->message, "unknown optimiser \"Muon\"; the optimisers are sgd, adamw, muon");
    g_clear_error(&error);
    for (int i = 0; i < NET_OPTIMISERS; i++) {
        struct net_trainer_config config = net_trainer_defaults();
        net_trainer_choose(&config, (enum net_optimiser)i);
        cr_expect(net_optimiser_parse(&optimiser, net_optimiser_names[i], NULL) && (int)optimiser == i);
        cr_expect_eq(config.optimiser, optimiser);
        cr_expect_eq(config.momentum, (float)net_optimiser_presets[i].momentum);
        cr_expect_eq(config.weight_decay, (float)net_optimiser_presets[i].weight_decay);
    }
    cr_expect_null(net_optimiser_names[NET_OPTIMISERS]);
}

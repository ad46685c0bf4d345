/* Runs that learn the short-term value at further horizons, with nets that have a tally. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/settings/settings.h"
#include "engine/store/pack/pack.h"
#include "engine/store/store.h"
#include "engine/training/first_net.h"
#include "engine/training/replay/samples.h"
#include "engine/training/training.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/delete_folder.h"
#include "tests/engine/training/state.h"

static struct game game;
static struct settings settings;
static char *folder;

static void set_up(void)
{
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:8 res:8", sizeof settings.net);
    g_strlcpy(settings.horizons, "3,7.5", sizeof settings.horizons);
    settings.tally = 1;
    settings.seed = 5;
    settings.deterministic = 1;
    settings.visits = 6;
    settings.batch = 16;
    settings.samples_per_row = 2;
    settings.first_rows = 20;
    settings.round_games = 3;
    folder = g_dir_make_tmp("tengen-horizons-XXXXXX", NULL);
    cr_assert(folder);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
}

TestSuite(horizons, .init = set_up, .fini = tear_down);

static struct store *open_run(const char *name)
{
    return open_run_in(folder, name, &settings);
}

static void train(struct store *store, int64_t generations)
{
    train_run(store, &settings, &game, 1, &(struct training_options){.generations = generations});
}

static struct net *best_of(struct store *store)
{
    struct net *net;
    char *path = store_net_path(store, "best.safetensors");
    cr_assert_eq(net_load(&net, path, NULL), 0);
    g_free(path);
    return net;
}

/* The losses of some rows, on which all of these targets are sure of the first outcome. */
static struct net_losses losses_of(struct net *net)
{
    struct net_trainer *trainer;
    struct net_trainer_config config = net_trainer_defaults();
    struct net_samples *samples = net_samples_new(net_info(net), 3, 3, 4);
    struct net_losses losses;
    config.backend = NET_BACKEND_PLAIN;
    config.dtype = NET_F32;
    cr_assert_eq(net_trainer_create(&trainer, net, &config, NULL), 0);
    samples->n = 4;
    for (int i = 0; i < 4; i++) {
        samples->row_weight[i] = 1;
        samples->planes[i * 9 + i] = 1;
        for (int t = NET_TARGET_HORIZON_1; t <= NET_TARGET_HORIZON_3; t++) {
            samples->weight[t][i] = 1;
            net_samples_row(samples, t, i)[0] = 1;
        }
    }
    net_trainer_losses(trainer, samples, &losses);
    net_trainer_close(trainer);
    net_samples_free(samples);
    return losses;
}

/* Both are learned, differently; the third, which the run does not have, is not there. A resumed run is the same as an
 * uninterrupted one. */
Test(horizons, are_learned)
{
    struct store *whole = open_run("whole"), *parts = open_run("parts");
    struct store_checkpoint a, b;
    train(whole, 5);
    for (int generation = 1; generation <= 5; generation++) {
        train(parts, generation);
        store_close(parts);
        parts = open_run("parts");
    }
    GBytes *x = state_of(whole, &a), *y = state_of(parts, &b);
    cr_assert(a.steps > 10 && a.steps == b.steps && g_bytes_equal(x, y), "the weights differ");
    struct net *net = best_of(whole);
    cr_assert_eq(net_info(net)->horizons, 2);
    const struct net_losses losses = losses_of(net);
    const float first = losses.target[NET_TARGET_HORIZON_1], second = losses.target[NET_TARGET_HORIZON_2];
    cr_expect(fabsf(first - logf(3)) > 1e-4f && fabsf(second - logf(3)) > 1e-4f, "%g, %g", (double)first,
              (double)second);
    cr_expect(fabsf(first - second) > 1e-5f);
    cr_expect(isnan(losses.target[NET_TARGET_HORIZON_3]));
    net_unref(net);
    g_bytes_unref(x);
    g_bytes_unref(y);
    store_close(whole);
    store_close(parts);
}

/* The value of a position, at which the nets of both settings begin. */
static float value_of(struct net *net)
{
    struct evaluator *evaluator;
    struct eval eval;
    union any_position position;
    const struct evaluator_config config = {
        .kind = EVALUATOR_NET, .net = net, .backend = NET_BACKEND_PLAIN, .dtype = NET_F32};
    cr_assert_eq(evaluator_create(&evaluator, &game, &config, NULL), 0);
    game_init(&game, &position.p);
    const struct eval_query query = {.position = &position.p, .want = EVAL_VALUE};
    evaluator_evaluate(evaluator, 1, &query, &eval);
    evaluator_free(evaluator);
    return eval_value(&eval);
}

/* A new net has the same weights as without the setting, and so has one that starts from a net without further horizons or
 * with more of them. */
Test(horizons, nets_begin_as_without)
{
    struct net *with, *without, *extended, *dropped;
    cr_assert_eq(first_net_open(&with, &settings, &game, NULL), 0);
    settings.horizons[0] = 0;
    cr_assert_eq(first_net_open(&without, &settings, &game, NULL), 0);
    cr_expect(net_info(with)->horizons == 2 && net_info(without)->horizons == 0);
    char *paths[] = {g_build_filename(folder, "with.safetensors", NULL),
                     g_build_filename(folder, "without.safetensors", NULL)};
    cr_assert(net_save(with, paths[0], "", NULL) == 0 && net_save(without, paths[1], "", NULL) == 0);
    g_strlcpy(settings.from, paths[0], sizeof settings.from);
    cr_assert_eq(first_net_open(&dropped, &settings, &game, NULL), 0);
    g_strlcpy(settings.from, paths[1], sizeof settings.from);
    g_strlcpy(settings.horizons, "4,5,6", sizeof settings.horizons);
    cr_assert_eq(first_net_open(&extended, &settings, &game, NULL), 0);
    cr_expect(net_info(extended)->horizons == 3 && net_info(dropped)->horizons == 0);
    const float value = value_of(without);
    cr_expect(value != 0 && value_of(with) == value && value_of(extended) == value && value_of(dropped) == value);
    net_unref(with);
    net_unref(without);
    net_unref(extended);
    net_unref(dropped);
    g_free(paths[0]);
    g_free(paths[1]);
}

Test(horizons, runs_are_packed)
{
    struct pack_summary summary;
    struct store *store = open_run("run");
    GError *error = NULL;
    char *file = g_build_filename(folder, "run.tengen", NULL), *copy = g_build_filename(folder, "copy", NULL);
    train(store, 3);
    cr_assert(pack_write(store, file, &summary, &error), "%s", error ? error->message : "");
    cr_assert(pack_restore(file, copy, &summary, &error), "%s", error ? error->message : "");
    struct net *before = best_of(store);
    store_close(store);
    store = open_run("copy");
    struct net *after = best_of(store);
    cr_expect(net_info(after)->horizons == 2 && net_info(after)->tally == 1);
    cr_expect_eq(losses_of(before).target[NET_TARGET_HORIZON_2], losses_of(after).target[NET_TARGET_HORIZON_2]);
    train(store, 4);
    net_unref(before);
    net_unref(after);
    store_close(store);
    g_free(file);
    g_free(copy);
}

/* On boards larger than the run's own they grow as the first one does, whose presets are 2 + 81 / 16 and 2 + 361 / 16. */
Test(horizons, grow_with_the_board)
{
    cr_assert(game_parse(&game, "go:9", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.horizons, "6,16", sizeof settings.horizons);
    settings.value_search_mix = 0.25;
    const struct samples_values own = samples_values_of(&settings, (struct game_shape){9, 9}),
                                large = samples_values_of(&settings, (struct game_shape){19, 19}),
                                small = samples_values_of(&settings, (struct game_shape){5, 5});
    cr_expect(own.horizon == 7.0625f && own.further_count == 2 && own.further[0] == 6 && own.further[1] == 16);
    cr_expect(small.horizon == 7.0625f && small.further[0] == 6 && own.search_mix == 0.25f);
    cr_expect_float_eq(large.horizon, 24.5625f, 1e-4);
    cr_expect_float_eq(large.further[0], 6 * 24.5625f / 7.0625f, 1e-4);
    cr_expect_float_eq(large.further[1], 16 * 24.5625f / 7.0625f, 1e-4);
}

/* Numbers above 1 and up to 1000, at most three, separated by commas. */
Test(horizons, lists)
{
    static const char *const bad[] = {"1", "1001", "nan", "6,", ",6", "6;7", "6,,7", "2,3,4,5", "x"};
    double horizons[NET_HORIZONS];
    settings.horizons[0] = 0;
    cr_expect_eq(settings_horizons(&settings, horizons, NULL), 0);
    g_strlcpy(settings.horizons, "1.5, 16,1000", sizeof settings.horizons);
    cr_expect_eq(settings_horizons(&settings, horizons, NULL), 3);
    cr_expect(horizons[0] == 1.5 && horizons[1] == 16 && horizons[2] == 1000);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        GError *error = NULL;
        g_strlcpy(settings.horizons, bad[i], sizeof settings.horizons);
        cr_expect_eq(settings_horizons(&settings, horizons, &error), -1, "%s", bad[i]);
        cr_expect(error && strstr(error->message, "takes up to 3 numbers"), "%s", bad[i]);
        g_clear_error(&error);
    }
}

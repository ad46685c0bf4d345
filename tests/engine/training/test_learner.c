/* The learner without threads: learning rate, steps, and credit. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/learner.h"
#include "games/game.h"
#include "net/net.h"
#include "net/train.h"
#include "tests/delete_folder.h"

static struct game game;
static struct settings settings;
static char *folder;
static int runs; /* folders used so far */

static void set_up(void)
{
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:8 res:8", sizeof settings.net);
    settings.seed = 5;
    settings.visits = 4;
    settings.batch = 16;
    settings.first_rows = 20;
    folder = g_dir_make_tmp("tengen-learner-XXXXXX", NULL);
    cr_assert(folder);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
}

TestSuite(learner, .init = set_up, .fini = tear_down);

/* ---- the learning rate, computed by hand ---- */

static void expect_rate(int64_t steps, double fraction, double rate)
{
    double found = learner_rate(&settings, steps, fraction);
    cr_expect_float_eq(found, rate, 1e-12, "after %d steps at %g: %g, not %g", (int)steps, fraction, found, rate);
}

Test(learner, the_rate_rises_over_the_warm_up)
{
    settings.rate = 0.02;
    settings.warmup = 100;
    expect_rate(0, 0, 0.0002);
    expect_rate(49, 0, 0.01);
    expect_rate(99, 0, 0.02);
    expect_rate(100, 0, 0.02);
    expect_rate(100000, 0, 0.02);
    settings.warmup = 0;
    expect_rate(0, 0, 0.02);
}

/* Half of the decay is reached at three quarters of the time; at five eighths the cosine has the argument pi / 4. */
Test(learner, the_rate_falls_along_a_cosine)
{
    settings.rate = 0.02;
    settings.rate_end = 0.1;
    settings.warmup = 10;
    expect_rate(50, 0.25, 0.02);
    expect_rate(50, 0.5, 0.02);
    expect_rate(50, 0.625, 0.02 * (0.1 + 0.9 * (1 + sqrt(0.5)) / 2));
    expect_rate(50, 0.75, 0.02 * 0.55);
    expect_rate(50, 1, 0.002);
    expect_rate(50, 1.5, 0.002);
    expect_rate(4, 1, 0.001); /* both at once */
}

/* ---- steps ---- */

static struct store *open_store(const char *path)
{
    struct store *store;
    GError *error = NULL;
    cr_assert_eq(store_open(&store, path, STORE_CREATE, &error), 0, "%s", error ? error->message : "");
    return store;
}

/* A new run with this number of games, without training. */
static struct store *new_run(int games)
{
    char *path = g_strdup_printf("%s/%d", folder, runs++);
    struct store *store = open_store(path);
    struct selfplay *worker;
    struct selfplay_config config = {.games = &game, .game_count = 1, .settings = &settings};
    cr_assert_eq(selfplay_create(&worker, &config, NULL), 0);
    cr_assert(store_save_settings(store, &settings, NULL));
    GPtrArray *records = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    for (int i = 0; i < games; i++)
        g_ptr_array_add(records, selfplay_play(worker, (uint64_t)i, rng_mix((uint64_t)i)));
    cr_assert(store_add_games(store, (struct record *const *)records->pdata, games, NULL));
    g_ptr_array_unref(records);
    selfplay_close(worker);
    g_free(path);
    return store;
}

static struct learner *open_learner(struct store *store, double max_credit)
{
    struct learner *learner;
    GError *error = NULL;
    const struct learner_config config = {.store = store,
                                          .settings = &settings,
                                          .games = &game,
                                          .game_count = 1,
                                          .backend = NET_BACKEND_PLAIN,
                                          .max_credit = max_credit};
    cr_assert_eq(learner_create(&learner, &config, &error), 0, "%s", error ? error->message : "");
    return learner;
}

static void step(struct learner *learner, double fraction)
{
    struct net_losses losses;
    cr_assert(learner_step(learner, fraction, 1, false, &losses, NULL) && losses.finite);
}

/* The weights of a generation: the data after the header of its file, which begins with the header's length. *count:
 * their number. */
static float *weights_of(struct store *store, uint32_t generation, size_t *count)
{
    char *name = store_generation_name(generation), *path = store_net_path(store, name), *bytes;
    gsize length;
    uint64_t header;
    cr_assert(g_file_get_contents(path, &bytes, &length, NULL) && length > sizeof header);
    memcpy(&header, bytes, sizeof header);
    cr_assert_lt(header + sizeof header, length);
    *count = (length - header - sizeof header) / sizeof(float);
    float *weights = g_memdup2(bytes + sizeof header + header, *count * sizeof(float));
    g_free(bytes);
    g_free(name);
    g_free(path);
    return weights;
}

/* The Euclidean distance by which the first step of a new run moves the weights. */
static double first_step(int64_t warmup, double fraction)
{
    settings.warmup = warmup;
    struct store *store = new_run(20);
    struct learner *learner = open_learner(store, 0);
    step(learner, fraction);
    cr_assert(learner_checkpoint(learner, 0, NULL, 0, NULL));
    size_t count, same;
    float *before = weights_of(store, 0, &count), *after = weights_of(store, 1, &same);
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += ((double)after[i] - before[i]) * ((double)after[i] - before[i]);
    learner_close(learner);
    store_close(store);
    g_free(before);
    g_free(after);
    return sqrt(sum);
}

Test(learner, a_step_is_proportional_to_the_rate)
{
    settings.rate = 0.02;
    settings.rate_end = 0.125;
    double whole = first_step(0, 0);
    cr_assert_gt(whole, 1e-4);
    cr_assert_float_eq(first_step(8, 0) / whole, 1 / 8.0, 1e-3);
    cr_assert_float_eq(first_step(0, 1) / whole, 1 / 8.0, 1e-3);
}

/* A resumed run has the counts of its newest checkpoint; later ones are lost. */
Test(learner, counts_survive_a_resumption)
{
    struct store *store = new_run(20);
    struct learner *learner = open_learner(store, 0);
    for (int i = 0; i < 3; i++)
        step(learner, 0);
    cr_assert(learner_checkpoint(learner, 12, NULL, 0, NULL));
    step(learner, 0); /* not in the checkpoint */
    learner_close(learner);
    learner = open_learner(store, 0);
    cr_assert_eq(learner_steps(learner), 3);
    cr_assert_eq(learner_samples(learner), 48);
    cr_assert_eq(learner_at(learner)->generation, 1);
    cr_assert(learner_checkpoint(learner, 5, NULL, 0, NULL));
    cr_assert_eq(learner_at(learner)->generation, 2);
    cr_assert_float_eq(learner_at(learner)->seconds, 17, 1e-9);
    cr_assert_eq(learner_at(learner)->games, 20);
    cr_assert_eq(learner_at(learner)->rows, learner_made(learner));
    learner_close(learner);
    store_close(store);
}

/* A net that cannot be created is an error, and no learner is returned. */
Test(learner, a_bad_net_is_refused)
{
    struct store *store = new_run(1);
    g_strlcpy(settings.net, "tower:8", sizeof settings.net);
    struct learner *learner = (struct learner *)&settings;
    GError *error = NULL;
    const struct learner_config config = {
        .store = store, .settings = &settings, .games = &game, .game_count = 1, .backend = NET_BACKEND_PLAIN};
    cr_assert_eq(learner_create(&learner, &config, &error), -1);
    cr_assert(!learner && error && strstr(error->message, "tower"), "%s", error ? error->message : "no reason");
    g_clear_error(&error);
    store_close(store);
}

/* ---- credit ---- */

/* Generated rows times samples_per_row, minus the samples trained; nothing before first_rows. */
Test(learner, credit_is_what_rows_allow)
{
    settings.samples_per_row = 3;
    struct store *store = new_run(20);
    struct learner *learner = open_learner(store, 0);
    double rows = (double)learner_made(learner);
    cr_assert(rows > 60 && learner_window_rows(learner) == learner_made(learner));
    cr_assert_float_eq(learner_credit(learner), 3 * rows, 1e-9);
    step(learner, 0);
    cr_assert_float_eq(learner_credit(learner), 3 * rows - 16, 1e-9);
    settings.first_rows = learner_made(learner);
    cr_assert_gt(learner_credit(learner), 0);
    settings.first_rows = learner_made(learner) + 1;
    cr_assert_eq(learner_credit(learner), 0);
    learner_close(learner);
    store_close(store);
}

/* A run is resumed with another samples_per_row. Credit beyond max_credit is discarded, and so is a debt; without
 * max_credit neither is. Samples trained from then on count as before. */
Test(learner, credit_is_clamped_on_resume)
{
    settings.samples_per_row = 2;
    struct store *store = new_run(20);
    struct learner *learner = open_learner(store, 0);
    for (int i = 0; i < 4; i++)
        step(learner, 0);
    cr_assert(learner_checkpoint(learner, 0, NULL, 0, NULL));
    double rows = (double)learner_made(learner);
    learner_close(learner);
    static const struct {
        double samples_per_row, max_credit;
        bool forgets;
        double credit;
    } cases[] = {{50, 100, true, 100}, {50, 0, false, 0},  {0.1, 100, true, 0},
                 {0.1, 0, false, 0},   {1, 1e6, false, 0}, {50, 0.5, true, 0.5}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        settings.samples_per_row = cases[i].samples_per_row;
        learner = open_learner(store, cases[i].max_credit);
        double credit = cases[i].forgets ? cases[i].credit : rows * cases[i].samples_per_row - 64;
        cr_assert_float_eq(learner_credit(learner), credit, 1e-6, "case %d: %g, not %g", (int)i,
                           learner_credit(learner), credit);
        step(learner, 0);
        cr_assert_float_eq(learner_credit(learner), credit - 16, 1e-6);
        learner_close(learner);
    }
    store_close(store);
}

/* If int8 is asked for, or is what auto stands for, generation 0 is calibrated although there are no rows yet. */
Test(learner, int8_self_play_can_start)
{
    if (!net_has_int8())
        cr_skip_test("this processor does not compute in int8");
    const enum net_dtype dtypes[] = {NET_F32, NET_AUTO, NET_INT8};
    for (size_t i = 0; i < G_N_ELEMENTS(dtypes); i++) {
        struct store *store = new_run(0);
        struct learner *learner;
        const struct learner_config config = {.store = store,
                                              .settings = &settings,
                                              .games = &game,
                                              .game_count = 1,
                                              .backend = NET_BACKEND_FAST,
                                              .dtype = dtypes[i]};
        cr_assert_eq(learner_create(&learner, &config, NULL), 0);
        const struct net *net = learner_net(learner);
        const bool fastest = net_dtype_fastest(net, NET_BACKEND_FAST) == NET_INT8;
        cr_expect_eq(net_is_calibrated(net), dtypes[i] == NET_INT8 || (dtypes[i] == NET_AUTO && fastest));
        learner_close(learner);
        store_close(store);
    }
}

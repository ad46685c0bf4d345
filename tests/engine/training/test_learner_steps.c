/* What the learner passes to its trainer, and roll-backs when a loss is not finite. */
#include <criterion/criterion.h>
#include <math.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/learner.h"
#include "engine/training/replay/replay_window.h"
#include "games/game.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/delete_folder.h"
#include "tests/engine/training/trainer_watch.h"

static struct game games[2];
static int game_count;
static struct settings settings;
static char *folder;
static struct store *store;
static struct learner *learner;

static void set_up(void)
{
    game_count = 1;
    cr_assert(game_parse(&games[0], "gomoku:5,line=4", NULL) && game_parse(&games[1], "gomoku:6,line=4", NULL));
    settings_presets(&settings, &games[0]);
    g_strlcpy(settings.net, "conv:8 res:8", sizeof settings.net);
    settings.seed = 5;
    settings.visits = 4;
    settings.batch = 12;
    settings.first_rows = 20;
    settings.rate = 0.02;
    settings.warmup = 4;
    settings.rate_end = 0.5;
    settings.average_decay = 0.75;
    seen = (struct seen){0};
    folder = g_dir_make_tmp("tengen-steps-XXXXXX", NULL);
}

static void tear_down(void)
{
    learner_close(learner);
    learner = NULL;
    if (store)
        store_close(store);
    store = NULL;
    delete_folder(folder);
    g_free(folder);
}

TestSuite(learner_steps, .init = set_up, .fini = tear_down);

static void make_run(int count)
{
    struct selfplay *worker;
    struct selfplay_config config = {.games = games, .game_count = game_count, .settings = &settings};
    cr_assert_eq(store_open(&store, folder, STORE_CREATE, NULL), 0);
    cr_assert(store_save_settings(store, &settings, NULL));
    cr_assert_eq(selfplay_create(&worker, &config, NULL), 0);
    GPtrArray *records = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    for (int i = 0; i < count; i++)
        g_ptr_array_add(records, selfplay_play(worker, (uint64_t)i, rng_mix((uint64_t)i)));
    cr_assert(store_add_games(store, (struct record *const *)records->pdata, count, NULL));
    g_ptr_array_unref(records);
    selfplay_close(worker);
}

static void open_learner(enum net_backend backend, enum net_dtype dtype)
{
    GError *error = NULL;
    const struct learner_config config = {.store = store,
                                          .settings = &settings,
                                          .games = games,
                                          .game_count = game_count,
                                          .backend = backend,
                                          .dtype = dtype};
    learner_close(learner);
    cr_assert_eq(learner_create(&learner, &config, &error), 0, "%s", error ? error->message : "");
}

static void step(int count, double fraction)
{
    struct net_losses losses;
    for (int i = 0; i < count; i++)
        cr_assert(learner_step(learner, fraction, 1, false, &losses, NULL));
}

static bool checkpoint(double seconds)
{
    return learner_checkpoint(learner, seconds, NULL, 0, NULL);
}

/* ---- arguments of the trainer ---- */

/* The run's settings; everything else has the trainer's measured presets. */
Test(learner_steps, settings_of_the_trainer)
{
    make_run(6);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    const struct net_trainer_config *c = &seen.config, presets = net_trainer_defaults();
    cr_assert(c->backend == NET_BACKEND_PLAIN && c->dtype == NET_F32 && c->seed == 5 && c->batch == 12);
    cr_assert(c->average_decay == 0.75f && c->clip == 4 && c->momentum == 0.9f && c->weight_decay == 1e-4f);
    cr_assert(c->optimiser == NET_SGD && !c->trained);
    cr_assert_arr_eq(c->loss_weight, presets.loss_weight, sizeof presets.loss_weight);
}

/* A run that began with a net keeps what it knew in the average. */
Test(learner_steps, the_trainer_knows_of_a_net_to_start_from)
{
    struct net_trainer_config config;
    learner_trainer_config(&settings, NET_BACKEND_PLAIN, NET_F32, &config);
    cr_assert_not(config.trained);
    g_strlcpy(settings.from, "default", sizeof settings.from);
    learner_trainer_config(&settings, NET_BACKEND_PLAIN, NET_F32, &config);
    cr_assert(config.trained);
}

/* The optimiser of the settings, with its momentum and the run's weight decay. */
Test(learner_steps, optimisers)
{
    make_run(6);
    settings.optimiser = NET_MUON;
    settings.weight_decay = 0.25;
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    cr_assert(seen.config.optimiser == NET_MUON && seen.config.momentum == 0.95f && seen.config.weight_decay == 0.25f);
}

/* Opens the learner; returns what it writes to stderr meanwhile. Freed by the caller. */
static char *notice_of_opening(void)
{
    char *path = g_build_filename(folder, "stderr", NULL), *text;
    int before = dup(STDERR_FILENO), file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    cr_assert(before >= 0 && file >= 0 && dup2(file, STDERR_FILENO) >= 0);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    fflush(stderr);
    dup2(before, STDERR_FILENO);
    close(before);
    close(file);
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    g_free(path);
    return text;
}

/* A run that is resumed with another optimiser says so, in one line, in both directions; after the next checkpoint it is
 * an ordinary run. */
Test(learner_steps, another_optimiser)
{
    static const struct {
        enum net_optimiser optimiser;
        double rate;
        const char *notice;
    } cases[] = {
        {NET_SGD, 0.02, ""},
        {NET_MUON, 0.004,
         "tengen train: the run was trained with sgd so far; weights, averages and the step count continue, the "
         "momentum "
         "of muon starts from zero (rate 0.004)\n"},
        {NET_MUON, 0.004, ""},
        {NET_SGD, 0.5,
         "tengen train: the run was trained with muon so far; weights, averages and the step count continue, the "
         "momentum "
         "of sgd starts from zero (rate 0.5)\n"},
    };
    make_run(6);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        settings.optimiser = (int)cases[i].optimiser;
        settings.rate = cases[i].rate;
        char *notice = notice_of_opening();
        cr_assert_str_eq(notice, cases[i].notice, "case %zu: %s", i, notice);
        cr_assert_eq(learner_steps(learner), 2 * (int64_t)i);
        step(2, 0);
        cr_assert(checkpoint(0));
        g_free(notice);
    }
}

/* Self-play may use int8, training may not. */
Test(learner_steps, there_is_no_training_in_int8)
{
    make_run(6);
    open_learner(NET_BACKEND_FAST, NET_INT8);
    cr_assert(seen.config.dtype == NET_AUTO && seen.config.backend == NET_BACKEND_FAST);
}

/* Every step has its own batch and rate: warm-up by step, decay by time. */
Test(learner_steps, batches_and_rates)
{
    make_run(6);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    step(6, 0.25);
    step(1, 1);
    static const double rates[] = {0.005, 0.01, 0.015, 0.02, 0.02, 0.02, 0.01};
    for (int i = 0; i < 7; i++) {
        cr_assert_float_eq(seen.rate[i], rates[i], 1e-8, "step %d: %g", i, (double)seen.rate[i]);
        cr_assert(seen.n[i] == 12 && seen.size[i] == 5);
        for (int j = 0; j < i; j++)
            cr_assert_neq(seen.planes[i], seen.planes[j], "steps %d and %d have the same batch", j, i);
    }
    cr_assert(learner_steps(learner) == 7 && learner_samples(learner) == 84);
}

/* A step's batch depends on the window, the seed and the step's number: a resumed run draws the same ones. */
Test(learner_steps, a_resumed_run_draws_the_same_batches)
{
    make_run(6);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    step(3, 0);
    cr_assert(checkpoint(1));
    step(3, 0);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    step(3, 0);
    for (int i = 3; i < 6; i++)
        cr_assert(seen.planes[i] == seen.planes[i + 3] && seen.rate[i] == seen.rate[i + 3], "step %d", i);
    settings.seed++;
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    step(1, 0);
    cr_assert_neq(seen.planes[9], seen.planes[3], "another seed");
    /* A later version that resumes a deterministic run must draw the same ones, so their hashes are fixed. */
    cr_expect_eq(seen.planes[0], UINT64_C(0x695840785bf54329), "0x%016" G_GINT64_MODIFIER "x", seen.planes[0]);
    cr_expect_eq(seen.planes[4], UINT64_C(0x63aa1b7dab2e23ea), "0x%016" G_GINT64_MODIFIER "x", seen.planes[4]);
}

/* A batch has one size; both occur, in proportion to their rows. */
Test(learner_steps, sizes)
{
    game_count = 2;
    make_run(12);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    step(30, 0);
    int counts[7] = {0};
    for (int i = 0; i < 30; i++)
        counts[seen.size[i]]++;
    cr_assert(counts[5] > 3 && counts[6] > 3 && counts[5] + counts[6] == 30, "%d and %d", counts[5], counts[6]);
}

/* More games than the window holds: the newest are loaded, and all count as made. */
Test(learner_steps, a_run_larger_than_its_window)
{
    settings.window = 100;
    make_run(40);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    struct store_counts counts;
    cr_assert(store_count(store, &counts, NULL));
    cr_assert_eq(learner_made(learner), counts.rows);
    cr_assert(counts.rows > 300 && learner_window_rows(learner) == window_size(&settings, counts.rows));
    cr_assert(checkpoint(0) && learner_at(learner)->games == 40 && learner_at(learner)->rows == counts.rows);
    struct selfplay *worker;
    struct selfplay_config config = {.games = games, .game_count = 1, .settings = &settings};
    cr_assert_eq(selfplay_create(&worker, &config, NULL), 0);
    struct record *record = selfplay_play(worker, 40, 1);
    learner_add(learner, record);
    cr_assert(checkpoint(0) && learner_at(learner)->games == 41);
    cr_assert_eq(learner_made(learner), counts.rows + record->rows);
    record_unref(record);
    selfplay_close(worker);
}

/* A new game is judged by the weights as they are, which learn nothing by it; once they have learned from the game, the losses on it
 * are lower. */
Test(learner_steps, a_new_game_is_judged_before_it_is_learned)
{
    struct net_losses first, again, later, none;
    settings.window = 100;
    make_run(3);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    struct selfplay *worker;
    struct selfplay_config config = {.games = games, .game_count = 1, .settings = &settings};
    cr_assert_eq(selfplay_create(&worker, &config, NULL), 0);
    struct record *record = selfplay_play(worker, 40, 1), *empty = record_new(&games[0], 41, 0);
    cr_assert(learner_judge(learner, record, &first) && learner_judge(learner, record, &again));
    cr_expect_eq(first.target[NET_TARGET_POLICY], again.target[NET_TARGET_POLICY]);
    cr_expect_eq(first.target[NET_TARGET_VALUE], again.target[NET_TARGET_VALUE]);
    cr_expect(first.finite && fabsf(first.target[NET_TARGET_VALUE] - logf(3)) < 0.5f, "%g", first.target[NET_TARGET_VALUE]);
    cr_expect_not(learner_judge(learner, empty, &none));
    const int64_t made = learner_made(learner), rows = learner_window_rows(learner);
    for (int i = 0; i < 20; i++)
        learner_add(learner, record);
    cr_expect(learner_made(learner) == made + 20 * record->rows && rows > 0);
    for (int i = 0; i < 60; i++)
        cr_assert(learner_step(learner, 0, 1, false, &later, NULL));
    cr_assert(learner_judge(learner, record, &later));
    cr_expect_lt(later.target[NET_TARGET_VALUE], first.target[NET_TARGET_VALUE] / 2);
    cr_expect_lt(later.target[NET_TARGET_POLICY], first.target[NET_TARGET_POLICY]);
    record_unref(record);
    record_unref(empty);
    selfplay_close(worker);
}

/* ---- checkpoints ---- */

static char *path_of(uint32_t generation, bool state)
{
    char *name = state ? store_state_name(generation) : store_generation_name(generation);
    char *path = store_net_path(store, name);
    g_free(name);
    return path;
}

Test(learner_steps, contents_of_a_checkpoint)
{
    make_run(6);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    const struct store_checkpoint *at = learner_at(learner);
    cr_assert(at->generation == 0 && at->steps == 0 && at->samples == 0 && at->seconds == 0 && at->rate_scale == 1);
    step(2, 0);
    cr_assert(checkpoint(33.4));
    cr_assert(at->generation == 1 && at->steps == 2 && at->samples == 24 && at->games == 6);
    cr_assert(at->seconds == 33.4 && at->rate_scale == 1 && at->rows == learner_made(learner));
    char *path = path_of(1, false);
    struct net *net;
    GStatBuf status;
    cr_assert_eq(g_stat(path, &status), 0);
    cr_assert_eq(at->bytes, status.st_size);
    cr_assert_eq(net_load(&net, path, NULL), 0);
    cr_assert_str_eq(net_note(net), "tengen train; game gomoku:5,line=4; generation 1, 2 steps, 6 games, 33 seconds");
    net_unref(net);
    g_free(path);
}

/* The net to play with ends with these weights. */
static void expect_best(const char *weights, size_t size)
{
    char *best = store_net_path(store, "best.safetensors"), *bytes;
    gsize length;
    cr_assert(g_file_get_contents(best, &bytes, &length, NULL) && length > size);
    cr_assert_arr_eq(bytes + length - size, weights, size);
    g_free(best);
    g_free(bytes);
}

/* A changed bit, in the net and then in the state: the file is set aside, and what is whole goes on. */
static void flip_last_bit(const char *path)
{
    char *bytes;
    gsize length;
    cr_assert(g_file_get_contents(path, &bytes, &length, NULL));
    bytes[length - 4] ^= 1;
    g_unlink(path); /* best.safetensors is the same file */
    cr_assert(g_file_set_contents(path, bytes, (gssize)length, NULL));
    g_free(bytes);
}

Test(learner_steps, a_changed_bit)
{
    make_run(6);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    step(2, 0);
    cr_assert(checkpoint(1));
    char *net = path_of(1, false), *state = path_of(1, true), *kept, *aside = g_strconcat(net, ".damaged", NULL);
    gsize length;
    size_t weights = 4 * 1024; /* as above */
    cr_assert(g_file_get_contents(net, &kept, &length, NULL));
    flip_last_bit(net);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    cr_assert(learner_at(learner)->generation == 2 && learner_at(learner)->steps == 2);
    expect_best(kept + length - weights, weights);
    cr_assert(g_file_test(aside, G_FILE_TEST_EXISTS) && !g_file_test(net, G_FILE_TEST_EXISTS));
    step(2, 0);
    cr_assert(checkpoint(2));
    g_free(state);
    state = path_of(3, true);
    flip_last_bit(state);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    cr_assert(learner_steps(learner) == 2 && learner_at(learner)->generation == 3, "%d steps",
              (int)learner_steps(learner));
    g_free(net);
    g_free(state);
    g_free(kept);
    g_free(aside);
}

/* Without the net's file a resumed run takes the net from the trainer's state, and begins the next generation with it; without
 * any state it cannot resume, and the error names the newest one. */
Test(learner_steps, missing_files)
{
    make_run(6);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    step(2, 0);
    cr_assert(checkpoint(1));
    char *net = path_of(1, false), *state = path_of(1, true), *kept, *again;
    gsize length, same;
    GError *error = NULL;
    cr_assert(g_file_get_contents(net, &kept, &length, NULL));
    g_unlink(net);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    cr_assert_not_null(learner_net(learner));
    cr_assert_eq(net_save(learner_net(learner), net, net_note(learner_net(learner)), NULL), 0);
    cr_assert(g_file_get_contents(net, &again, &same, NULL));
    size_t weights = 4 * 1024; /* at the end of the file, after a header that also contains the note */
    cr_assert(length > weights && same > weights);
    cr_assert_arr_eq(kept + length - weights, again + same - weights, weights);
    cr_assert(learner_at(learner)->generation == 2 && learner_at(learner)->steps == 2);
    expect_best(kept + length - weights, weights);
    learner_close(learner);
    learner = NULL;
    char *second = path_of(2, true);
    g_unlink(state);
    g_unlink(second);
    g_free(state);
    state = second;
    const struct learner_config config = {
        .store = store, .settings = &settings, .games = games, .game_count = 1, .backend = NET_BACKEND_PLAIN};
    cr_assert_eq(learner_create(&learner, &config, &error), -1);
    cr_assert(error && strstr(error->message, state), "%s", error ? error->message : "");
    g_clear_error(&error);
    g_free(net);
    g_free(state);
    g_free(kept);
    g_free(again);
}

/* A checkpoint that cannot be written leaves the newest one and its net unchanged. */
Test(learner_steps, a_checkpoint_that_fails)
{
    GError *error = NULL;
    make_run(6);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    const struct net *before = learner_net(learner);
    char *nets = g_build_filename(folder, "nets", NULL), *away = g_build_filename(folder, "away", NULL);
    cr_assert_eq(g_rename(nets, away), 0);
    cr_assert(!learner_checkpoint(learner, 1, NULL, 0, &error) && error);
    g_clear_error(&error);
    cr_assert(learner_net(learner) == before && learner_at(learner)->generation == 0);
    cr_assert_eq(g_rename(away, nets), 0);
    cr_assert(checkpoint(1) && learner_at(learner)->generation == 1 && learner_net(learner) != before);
    g_free(nets);
    g_free(away);
}

/* ---- losses that are not finite ---- */

/* A hash of the averaged weights, which the next generation would have. */
static uint64_t weights(void)
{
    char *bytes, *path;
    gsize length;
    cr_assert(checkpoint(0));
    path = path_of(learner_at(learner)->generation, false);
    cr_assert(g_file_get_contents(path, &bytes, &length, NULL));
    float tail[1024]; /* weights are at the end of the file */
    cr_assert_gt(length, sizeof tail);
    memcpy(tail, bytes + length - sizeof tail, sizeof tail);
    uint64_t hash = hash_of(tail, 1024);
    g_free(bytes);
    g_free(path);
    return hash;
}

/* Back to the newest checkpoint at half the rate; the counters continue, so that the next batch is a different one. A
 * resumed run keeps the scale. */
Test(learner_steps, a_roll_back)
{
    make_run(6);
    settings.warmup = 0;
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    step(1, 0);
    uint64_t good = weights();
    step(1, 0);
    seen.infinite = true;
    step(1, 0);
    seen.infinite = false;
    cr_assert(learner_roll_backs(learner) == 1 && learner_steps(learner) == 3 && learner_samples(learner) == 36);
    cr_assert_eq(weights(), good, "both steps after the checkpoint are undone");
    step(1, 0);
    cr_assert_float_eq(seen.rate[3], 0.01, 1e-8);
    cr_assert_neq(seen.planes[3], seen.planes[2]);
    cr_assert_neq(weights(), good);
    cr_assert_eq(learner_at(learner)->rate_scale, 0.5);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    step(1, 0);
    cr_assert_float_eq(seen.rate[4], 0.01, 1e-8);
    cr_assert_eq(learner_roll_backs(learner), 0, "those of this session");
}

/* A loss that explodes is as bad as one that is not finite. */
Test(learner_steps, a_loss_that_explodes)
{
    make_run(6);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    step(60, 0);
    cr_assert_eq(learner_roll_backs(learner), 0);
    seen.times = 2; /* a new window, say */
    step(20, 0);
    cr_assert_eq(learner_roll_backs(learner), 0);
    seen.times = 100;
    for (int i = 0; i < 5 && learner_roll_backs(learner) == 0; i++)
        step(1, 0);
    cr_assert_eq(learner_roll_backs(learner), 1);
    seen.times = 1;
    step(20, 0);
    cr_assert_eq(learner_roll_backs(learner), 1);
    GPtrArray *events = store_events(store);
    cr_assert_eq(events->len, 1);
    cr_assert(strstr(events->pdata[0], "the loss rose from ") &&
                  strstr(events->pdata[0], "with the learning rate scaled by 0.5"),
              "%s", (char *)events->pdata[0]);
    g_ptr_array_unref(events);
}

/* Training that diverges again at once goes back further; a state that leads to nothing is not used again. */
Test(learner_steps, a_roll_back_beyond_the_newest_state)
{
    make_run(6);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    step(1, 0);
    const uint64_t good = weights();
    step(5, 0);
    const uint64_t later = weights();
    char *newest = path_of(2, true), *before = path_of(1, true);
    seen.infinite = true;
    step(1, 0);
    seen.infinite = false;
    step(4, 0); /* not at once */
    cr_assert_neq(good, later);
    seen.infinite = true;
    step(1, 0);
    cr_assert(g_file_test(newest, G_FILE_TEST_EXISTS));
    step(1, 0);
    cr_assert(!g_file_test(newest, G_FILE_TEST_EXISTS) && g_file_test(before, G_FILE_TEST_EXISTS));
    step(1, 0); /* the only one is kept */
    cr_assert(g_file_test(before, G_FILE_TEST_EXISTS));
    seen.infinite = false;
    cr_assert_eq(weights(), good);
    cr_assert_eq(learner_at(learner)->rate_scale, 1 / 16.0);
    g_free(newest);
    g_free(before);
}

/* After a resume beyond a damaged state, a roll-back finds the state that there is. */
Test(learner_steps, a_roll_back_after_a_damaged_state)
{
    make_run(6);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    step(1, 0);
    cr_assert(checkpoint(1));
    char *state = path_of(1, true);
    flip_last_bit(state);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    cr_assert_eq(learner_steps(learner), 0);
    seen.infinite = true;
    step(1, 0);
    cr_assert_eq(learner_roll_backs(learner), 1);
    g_free(state);
}

/* Twelve roll-backs are tolerated. */
Test(learner_steps, too_many_roll_backs)
{
    struct net_losses losses;
    GError *error = NULL;
    make_run(6);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    seen.infinite = true;
    step(12, 0);
    cr_assert(!learner_step(learner, 0, 1, false, &losses, &error));
    cr_assert_str_eq(error->message,
                     "training diverged 13 times (the loss is not a finite number); resume with a lower "
                     "learning rate, e.g. --set rate=0.002");
    cr_assert_eq(learner_roll_backs(learner), 13);
    g_clear_error(&error);
}

Test(learner_steps, a_roll_back_without_its_file)
{
    struct net_losses losses;
    GError *error = NULL;
    make_run(6);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    char *state = path_of(0, true);
    g_unlink(state);
    seen.infinite = true;
    cr_assert(!learner_step(learner, 0, 1, false, &losses, &error) && error && strstr(error->message, state));
    g_clear_error(&error);
    g_free(state);
}

/* ---- calibration for int8 ---- */

/* Two batches of each of two sizes with every new generation, all different; none if a resumed run finds its net calibrated. */
Test(learner_steps, calibration)
{
    game_count = 2;
    make_run(12);
    open_learner(NET_BACKEND_FAST, NET_AUTO);
    bool supported = net_supports(learner_net(learner), NET_INT8);
    cr_assert_eq(seen.calibrations, supported ? 4 : 0);
    step(1, 0);
    cr_assert(checkpoint(0));
    cr_assert_eq(seen.calibrations, supported ? 8 : 0);
    for (int i = 0; i < seen.calibrations; i++) {
        cr_assert(seen.calibrated_size[i] == 5 + i % 2 && seen.calibrated_n[i] == 12);
        for (int j = 0; j < i; j++)
            cr_assert_neq(seen.calibrated_planes[i], seen.calibrated_planes[j], "batches %d and %d", j, i);
    }
    if (supported) /* as recorded when this was written */
        cr_expect_eq(seen.calibrated_planes[4], UINT64_C(0xfc60a5b86accb17c), "0x%016" G_GINT64_MODIFIER "x",
                     seen.calibrated_planes[4]);
    open_learner(NET_BACKEND_FAST, NET_AUTO);
    cr_assert_eq(seen.calibrations, supported ? 8 : 0);
    char *net = path_of(1, false);
    g_unlink(net);
    open_learner(NET_BACKEND_FAST, NET_AUTO);
    cr_assert_eq(seen.calibrations, supported ? 12 : 0, "a net from the trainer's state is not");
    cr_assert_eq(net_is_calibrated(learner_net(learner)), supported);
    g_free(net);
}

/* No rows to calibrate on for a run that does not play in int8, or a backend without int8. */
Test(learner_steps, no_calibration)
{
    make_run(0);
    open_learner(NET_BACKEND_FAST, NET_F32);
    cr_assert(seen.calibrations == 0 && !net_is_calibrated(learner_net(learner)));
    tear_down();
    set_up();
    make_run(6);
    open_learner(NET_BACKEND_PLAIN, NET_F32);
    cr_assert_eq(seen.calibrations, 0);
}

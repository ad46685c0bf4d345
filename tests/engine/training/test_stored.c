/* Training on the stored games of another run. */
#include <criterion/criterion.h>

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/learner.h"
#include "engine/training/provenance/lineage.h"
#include "engine/training/stored.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"
#include "games/game.h"
#include "games/scope.h"
#include "net/net.h"
#include "tests/delete_folder.h"
#include "tests/engine/training/state.h"

static struct game game;
static struct settings settings;
static char *folder;
static struct store *data;

/* A run of 24 games, in 8 generations. */
static void set_up(void)
{
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:8 res:8", sizeof settings.net);
    settings.seed = 5;
    settings.deterministic = 1;
    settings.visits = 6;
    settings.batch = 16;
    settings.samples_per_row = 2;
    settings.first_rows = 20;
    settings.round_games = 3;
    settings.warmup = 5;
    folder = g_dir_make_tmp("tengen-stored-XXXXXX", NULL);
    cr_assert(folder);
}

static void tear_down(void)
{
    store_close(data);
    delete_folder(folder);
    g_free(folder);
}
TestSuite(stored, .init = set_up, .fini = tear_down);

static struct store *open_run(const char *name)
{
    struct store *store;
    char *path = g_build_filename(folder, name, NULL);
    cr_assert_eq(store_open(&store, path, STORE_CREATE, NULL), 0);
    cr_assert(store_save_settings(store, &settings, NULL));
    g_free(path);
    return store;
}

static enum training_end train(struct store *store, const struct training_options *more)
{
    return train_run(store, &settings, &game, 1, more);
}

static void make_data(void)
{
    data = open_run("data");
    cr_assert_eq(train(data, &(struct training_options){.generations = 8}), TRAINING_GENERATIONS);
}

/* Every game is either held out or not, by its number alone; later games are not seen. */
Test(stored, shares_and_limit)
{
    make_data();
    const struct stored_games stored = {.store = data, .before = 20, .held_out = 0.4};
    GPtrArray *held, *rest;
    cr_assert(stored_games_load(&stored, &game, 1, INT64_MAX, 0, true, &held, NULL));
    cr_assert(stored_games_load(&stored, &game, 1, INT64_MAX, 0, false, &rest, NULL));
    cr_assert_eq(held->len + rest->len, 20);
    cr_assert(held->len > 2 && held->len < 15, "%u held out of 20", held->len);
    for (guint i = 0; i < held->len; i++)
        cr_assert(stored_games_is_held_out(&stored, ((struct record *)held->pdata[i])->number));
    for (guint i = 0; i < rest->len; i++)
        cr_assert(((struct record *)rest->pdata[i])->number < 20 &&
                  !stored_games_is_held_out(&stored, ((struct record *)rest->pdata[i])->number));
    int count = 0;
    for (uint64_t number = 0; number < 10000; number++)
        count += stored_games_is_held_out(&stored, number);
    cr_assert(count > 3800 && count < 4200, "%d of 10000", count); /* 4000 +- 4 standard deviations */
    g_ptr_array_unref(held);
    g_ptr_array_unref(rest);
}

/* The learner's window has exactly the rows of the games that are not held out. */
Test(stored, the_learner_has_no_held_out_rows)
{
    make_data();
    const struct stored_games stored = {.store = data, .before = STORE_ALL_GAMES, .held_out = 0.4};
    GPtrArray *rest;
    struct learner *learner;
    struct store *arm = open_run("arm");
    const struct learner_config config = {.store = arm,
                                          .settings = &settings,
                                          .games = &game,
                                          .game_count = 1,
                                          .backend = NET_BACKEND_PLAIN,
                                          .data = &stored};
    int64_t rows = 0;
    cr_assert(stored_games_load(&stored, &game, 1, INT64_MAX, 0, false, &rest, NULL));
    for (guint i = 0; i < rest->len; i++)
        rows += ((struct record *)rest->pdata[i])->rows;
    cr_assert_eq(learner_create(&learner, &config, NULL), 0);
    cr_assert_eq(learner_window_rows(learner), rows);
    learner_close(learner);
    store_close(arm);
    g_ptr_array_unref(rest);
}

/* The net says that it learned the games that are not held out, once, however often training resumed. */
static void assert_scope(struct store *store, const struct store_checkpoint *at, const struct stored_games *stored)
{
    GPtrArray *rest;
    struct net *net;
    struct game_scope *scope = game_scope_new();
    char *name = store_generation_name(at->generation), *path = store_net_path(store, name);
    cr_assert_eq(net_load(&net, path, NULL), 0);
    cr_assert(game_scope_read(scope, net_scope(net)));
    cr_assert(stored_games_load(stored, &game, 1, INT64_MAX, 0, false, &rest, NULL));
    cr_assert_eq(game_scope_games(scope), rest->len);
    g_ptr_array_unref(rest);
    game_scope_free(scope);
    GArray *runs = lineage_parse(net_history(net)); /* which made no games */
    cr_assert_eq(runs->len, 1);
    const struct lineage_run *run = &g_array_index(runs, struct lineage_run, 0);
    cr_expect(run->steps == at->steps && run->games == 0 && run->rows == 0);
    g_array_unref(runs);
    net_unref(net);
    g_free(name);
    g_free(path);
}

/* Steps on stored games, in one session or in three, give the same weights; the data is not changed. */
Test(stored, resuming_changes_nothing)
{
    make_data();
    const struct stored_games stored = {.store = data, .before = STORE_ALL_GAMES, .held_out = 0.2};
    struct store *whole = open_run("whole"), *parts = open_run("parts");
    struct store_checkpoint a, b;
    struct store_counts counts;
    cr_assert_eq(train(whole, &(struct training_options){.data = &stored, .steps = 30}), TRAINING_STEPS);
    for (int i = 1; i <= 3; i++) {
        train(parts, &(struct training_options){.data = &stored, .steps = 10 * i, .schedule_to = i / 3.0});
        store_close(parts);
        parts = open_run("parts");
    }
    GBytes *x = state_of(whole, &a), *y = state_of(parts, &b);
    cr_assert(a.steps == 30 && b.steps == 30 && a.samples == 480);
    assert_scope(parts, &b, &stored);
    cr_assert(g_bytes_equal(x, y), "the weights differ");
    cr_assert(store_count(whole, &counts, NULL) && counts.games == 0);
    cr_assert(store_count(data, &counts, NULL) && counts.games == 24);
    g_bytes_unref(x);
    g_bytes_unref(y);
    store_close(whole);
    store_close(parts);
}

/* A session from 25 to 50 % of the schedule; by steps the share is that of all steps. */
Test(stored, schedule_by_hand)
{
    const struct training_options part = {.seconds = 10, .schedule_from = 0.25, .schedule_to = 0.5};
    const struct training_options steps = {.steps = 100, .schedule_to = 0.5}, whole = {.seconds = 10},
                                  none = {.steps = 0};
    cr_assert_eq(training_schedule(&part, 4, 0), 0.35);
    cr_assert_eq(training_schedule(&steps, 99, 50), 0.25);
    cr_assert_eq(training_schedule(&whole, 4, 7), 0.4);
    cr_assert_eq(training_schedule(&none, 4, 7), 0);
}

static double processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* With one computing thread, a second by the clock would be less than a second of processor time. */
Test(stored, a_limit_of_processor_time)
{
    settings.deterministic = 0;
    settings.samples_per_row = 100;
    struct store *store = open_run("loop");
    struct store_checkpoint at;
    bool found;
    double began = processor_time();
    cr_assert_eq(train(store, &(struct training_options){.seconds = 1, .processor_time = true}), TRAINING_TIME);
    double spent = processor_time() - began;
    cr_assert(spent >= 1 && spent < 2, "%g s", spent);
    cr_assert(store_last_checkpoint(store, &at, &found, NULL) && found);
    cr_assert(at.seconds > 0.5 && at.seconds < spent + 0.1, "%g s", at.seconds);
    store_close(store);
}

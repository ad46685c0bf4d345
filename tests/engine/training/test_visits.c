/* Visits that grow with the run, by hand: in the settings, in self-play, in the metrics of both training loops. */
#include <criterion/criterion.h>
#include <math.h>
#include <sqlite3.h>

#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
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
    settings.seed = 5;
    settings.batch = 16;
    settings.first_rows = 20;
    settings.samples_per_row = 2;
    settings.visits = 4;
    folder = g_dir_make_tmp("tengen-visits-XXXXXX", NULL);
    cr_assert(folder);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
}

TestSuite(visits, .init = set_up, .fini = tear_down);

/* 16 (64 / 16)^t: 16, 16 sqrt 2 = 22.6 at a quarter, 32 in the middle, 64 at the end and after it. */
Test(visits, grow_by_a_constant_factor)
{
    settings.visits = 16;
    cr_expect(settings_visits(&settings, 0) == 16 && settings_visits(&settings, 1) == 16);
    settings.visits_final = 64;
    cr_expect_eq(settings_visits(&settings, 0), 16);
    cr_expect_eq(settings_visits(&settings, 0.25), 23);
    cr_expect_eq(settings_visits(&settings, 0.5), 32);
    cr_expect_eq(settings_visits(&settings, 1), 64);
    cr_expect(settings_visits(&settings, 1.5) == 64 && settings_visits(&settings, -1) == 16);
}

Test(visits, as_text)
{
    char text[SETTINGS_VISITS_TEXT];
    settings.visits = 16;
    cr_expect_str_eq(settings_visits_text(&settings, text), "16");
    settings.visits_final = 100000;
    cr_expect_str_eq(settings_visits_text(&settings, text), "16 to 100000");
}

Test(visits, schedule_by_hand)
{
    struct training_options options = {.settings = &settings, .seconds = 100};
    cr_expect_eq(training_visits_schedule(&options, 25, 7, 1000), 0.25);
    options.schedule_from = 0.5;
    options.schedule_to = 1;
    cr_expect_eq(training_visits_schedule(&options, 50, 7, 1000), 0.75);
    options.steps = 14;
    cr_expect_eq(training_visits_schedule(&options, 50, 7, 1000), 0.5);
    settings.visits_rows = 4000;
    cr_expect_eq(training_visits_schedule(&options, 50, 7, 1000), 0.25);
}

/* One evaluation for the root and one for each visit of the only searched ply, on a board that is not decided so soon. */
static uint64_t evaluations(double progress)
{
    struct selfplay *worker;
    struct net *net;
    cr_assert(game_parse(&game, "go:5", NULL));
    game_format(&game, settings.game);
    settings.opening_plies = 0;
    settings.max_plies = 1;
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8 res:8", 4, NULL), 0);
    const struct selfplay_config config = {.games = &game,
                                           .game_count = 1,
                                           .settings = &settings,
                                           .net = net,
                                           .backend = NET_BACKEND_PLAIN,
                                           .dtype = NET_F32};
    cr_assert_eq(selfplay_create(&worker, &config, NULL), 0);
    record_unref(
        selfplay_play_assignment(worker, &(const struct selfplay_assignment){.seed = 77, .progress = progress}));
    const uint64_t count = selfplay_evaluations(worker);
    selfplay_close(worker);
    net_unref(net);
    return count;
}

Test(visits, of_a_search)
{
    cr_expect_eq(evaluations(0.5), 5);
    settings.visits_final = 16;
    cr_expect_eq(evaluations(0), 5);
    cr_expect_eq(evaluations(0.5), 9);
    cr_expect_eq(evaluations(1), 17);
    settings.full_share = 0.01; /* with this seed a fast search */
    settings.fast_visits = 3;
    cr_expect_eq(evaluations(1), 4);
}

static struct store *open_run(void)
{
    return open_run_in(folder, "run", &settings);
}

static void train(struct store *store, int64_t generations, double seconds)
{
    train_run(store, &settings, &game, 1, &(struct training_options){.generations = generations, .seconds = seconds});
}

static int64_t last_visits(struct store *store)
{
    GArray *metrics = g_array_new(FALSE, FALSE, sizeof(struct store_metric));
    int64_t last = 0;
    cr_assert_gt(store_read_metrics(store, &last, metrics), 0);
    const int64_t visits = g_array_index(metrics, struct store_metric, metrics->len - 1).visits;
    g_array_unref(metrics);
    return visits;
}

/* The last game of a round begins with the rows of the games before it. */
Test(visits, by_rows_in_rounds)
{
    settings.deterministic = 1;
    settings.round_games = 4;
    settings.visits_final = 64;
    settings.visits_rows = 200;
    struct store *store = open_run();
    GPtrArray *records;
    train(store, 3, 0);
    cr_assert(store_load_games(store, &game, 1, INT64_MAX, &records, NULL));
    cr_assert_eq(records->len, 12);
    int rows = 0;
    for (guint i = 0; i + 1 < records->len; i++)
        rows += ((struct record *)records->pdata[i])->rows;
    cr_assert(rows > 20 && rows < 150, "%d", rows);
    cr_expect_eq(last_visits(store), lrint(4 * pow(16, rows / 200.0)));
    g_ptr_array_unref(records);
    store_close(store);
}

/* By the clock of the session; without the setting always the same. */
Test(visits, by_the_deadline_in_threads)
{
    settings.generation_steps = 5;
    settings.generation_seconds = 0;
    struct store *store = open_run();
    train(store, 0, 0.7);
    cr_expect_eq(last_visits(store), 4);
    settings.visits_final = 40;
    train(store, 0, 1);
    const int64_t visits = last_visits(store);
    cr_expect(visits > 20 && visits <= 40, "%d", (int)visits);
    store_close(store);
}

/* A run of an older program, whose metrics have no columns for visits and losses on new games: they are unknown, and new ones are
 * added. */
Test(visits, metrics_of_older_runs)
{
    struct store_metric metric = {.games = 3, .visits = 7, .unseen_policy_loss = 2.5, .unseen_value_loss = NAN}, *read;
    sqlite3 *db;
    int64_t last = 0;
    char *path = g_build_filename(folder, "run", "run.db", NULL);
    GArray *metrics = g_array_new(FALSE, FALSE, sizeof(struct store_metric));
    struct store *store = open_run();
    cr_assert(store_add_metric(store, &metric, NULL));
    store_close(store);
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db,
                              "CREATE TABLE old AS SELECT * FROM metrics; DROP TABLE metrics; CREATE TABLE metrics"
                              " (id INTEGER PRIMARY KEY, seconds REAL, games INTEGER, positions INTEGER, steps INTEGER,"
                              " samples INTEGER, generation INTEGER, loss REAL, policy_loss REAL, value_loss REAL,"
                              " games_per_s REAL, evals_per_s REAL, plies_per_game REAL, diversity REAL);"
                              "INSERT INTO metrics SELECT id, seconds, games, positions, steps, samples, generation,"
                              " loss, policy_loss, value_loss, games_per_s, evals_per_s, plies_per_game, diversity"
                              " FROM old; DROP TABLE old",
                              NULL, NULL, NULL),
                 SQLITE_OK);
    sqlite3_close(db);
    store = open_run();
    cr_assert_eq(store_read_metrics(store, &last, metrics), 1);
    metric.games = 4;
    cr_assert(store_add_metric(store, &metric, NULL));
    cr_assert_eq(store_read_metrics(store, &last, metrics), 1);
    read = &g_array_index(metrics, struct store_metric, 0);
    cr_expect(read[0].games == 3 && read[0].visits == 0 && isnan(read[0].unseen_policy_loss));
    cr_expect(read[1].games == 4 && read[1].visits == 7 && read[1].unseen_policy_loss == 2.5);
    cr_expect(isnan(read[1].unseen_value_loss));
    g_array_unref(metrics);
    store_close(store);
    g_free(path);
}

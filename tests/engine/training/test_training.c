#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <sqlite3.h>
#include <time.h>

#include "engine/settings/settings.h"
#include "engine/store/pack/pack.h"
#include "engine/store/record.h"
#include "engine/store/salvage.h"
#include "engine/store/store.h"
#include "engine/training/learner.h"
#include "engine/training/progress.h"
#include "engine/training/reporter.h"
#include "engine/training/training.h"
#include "engine/training/training_threads.h"
#include "games/game.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/delete_folder.h"
#include "tests/engine/training/state.h"

static struct game game;
static struct settings settings;
static char *folder;
static enum net_backend backend;
static bool with_ladder;
static struct game sizes[2]; /* trained on in place of `game` where two_sizes */
static bool two_sizes;

/* Settings of a tiny run with several generations per second. */
static void set_up(void)
{
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:8 res:8", sizeof settings.net);
    backend = NET_BACKEND_PLAIN;
    settings.seed = 5;
    settings.deterministic = 1;
    settings.visits = 6;
    settings.batch = 16;
    settings.samples_per_row = 2;
    settings.first_rows = 20;
    settings.round_games = 3;
    settings.warmup = 5;
    folder = g_dir_make_tmp("tengen-training-XXXXXX", NULL);
    cr_assert(folder);
}

static void remove_tree(const char *path)
{
    delete_folder(path);
}

static void tear_down(void)
{
    remove_tree(folder);
    g_free(folder);
}

TestSuite(training, .init = set_up, .fini = tear_down);

static struct store *open_run(const char *name)
{
    return open_run_in(folder, name, &settings);
}

static enum training_end train(struct store *store, int64_t generations, double seconds, int threads)
{
    GError *error = NULL;
    FILE *out = fopen("/dev/null", "w");
    struct training_options options = {.store = store,
                                       .settings = &settings,
                                       .games = two_sizes ? sizes : &game,
                                       .game_count = two_sizes ? 2 : 1,
                                       .threads = threads,
                                       .generations = generations,
                                       .seconds = seconds,
                                       .ladder = with_ladder,
                                       .processor_time = with_ladder, /* whatever else the machine is doing */
                                       .backend = backend,
                                       .style = PROGRESS_JSON,
                                       .out = out};
    enum training_end end = training_run(&options, &error);
    cr_assert_neq(end, TRAINING_FAILED, "%s", error ? error->message : "");
    fclose(out);
    return end;
}

static int64_t games_of(struct store *store)
{
    struct store_counts counts;
    cr_assert(store_count(store, &counts, NULL));
    return counts.games;
}

Test(training, resuming_at_every_generation_changes_nothing)
{
    struct store *whole = open_run("whole"), *parts = open_run("parts");
    struct store_checkpoint a, b;
    cr_assert_eq(train(whole, 8, 0, 1), TRAINING_GENERATIONS);
    for (int generation = 1; generation <= 8; generation++) {
        train(parts, generation, 0, 1);
        store_close(parts);
        parts = open_run("parts");
    }
    GBytes *x = state_of(whole, &a), *y = state_of(parts, &b);
    cr_assert(a.generation == 8 && b.generation == 8 && a.steps == b.steps && a.samples == b.samples);
    cr_assert_gt(a.steps, 10, "only %d steps", (int)a.steps);
    cr_assert(g_bytes_equal(x, y), "the weights differ");
    cr_assert_eq(games_of(whole), 24);
    cr_assert_eq(games_of(parts), 24);
    g_bytes_unref(x);
    g_bytes_unref(y);
    store_close(whole);
    store_close(parts);
}

/* Go on two sizes, each game with its own komi: a resumed run learns exactly what an uninterrupted one does. */
Test(training, komi_varies_and_resumes)
{
    cr_assert(game_parse(&sizes[0], "go:4", NULL) && game_parse(&sizes[1], "go:3", NULL));
    two_sizes = true;
    g_strlcpy(settings.game, "go:4", sizeof settings.game);
    g_strlcpy(settings.features, "go-v2", sizeof settings.features);
    settings.komi_stdev = 2;
    settings.max_plies = 12;
    struct store *whole = open_run("whole"), *parts = open_run("parts");
    struct store_checkpoint a, b;
    GPtrArray *records;
    train(whole, 6, 0, 1);
    for (int generation = 1; generation <= 6; generation++) {
        train(parts, generation, 0, 1);
        store_close(parts);
        parts = open_run("parts");
    }
    GBytes *x = state_of(whole, &a), *y = state_of(parts, &b);
    cr_assert_gt(a.steps, 10, "only %d steps", (int)a.steps);
    cr_assert(a.steps == b.steps && g_bytes_equal(x, y), "the weights differ");
    cr_assert(store_load_games(parts, sizes, 2, INT64_MAX, &records, NULL));
    cr_assert_eq(records->len, 18);
    uint64_t komis = 0;
    for (guint i = 0; i < records->len; i++) {
        const struct record *record = records->pdata[i];
        komis |= (uint64_t)1 << (game_komi(&record->game) + 64) % 64; /* from -32 to 32 halves */
    }
    cr_assert_gt(__builtin_popcountll(komis), 6, "komi does not vary");
    g_ptr_array_unref(records);
    g_bytes_unref(x);
    g_bytes_unref(y);
    store_close(whole);
    store_close(parts);
}

/* As the operating system counts it for this process, over two sessions, and kept by the store. */
Test(training, processor_time_is_summed)
{
    struct store *store = open_run("run");
    cr_assert_eq(store_spent(store).seconds, 0);
    clock_t began = clock();
    train(store, 1, 0, 1);
    double first = store_spent(store).seconds, spent = (double)(clock() - began) / CLOCKS_PER_SEC;
    cr_assert(first > 0 && first <= spent && first > spent / 2, "%g of %g", first, spent);
    store_close(store);
    store = open_run("run");
    began = clock();
    train(store, 3, 0, 1);
    double second = store_spent(store).seconds - first;
    spent = (double)(clock() - began) / CLOCKS_PER_SEC;
    cr_assert(second > 0 && second <= spent && second > spent / 2, "%g of %g", second, spent);
    store_close(store);
}

/* Most is self-play where searches are deep and steps are few; little is where it is the other way round; in both loops. */
Test(training, processor_time_is_divided)
{
    for (int k = 0; k < 4; k++) {
        const bool deep = k & 1;
        char name[] = {'r', (char)('0' + k), '\0'};
        settings.deterministic = k / 2;
        settings.visits = deep ? 200 : 2;
        settings.samples_per_row = deep ? 0.5 : 30;
        settings.samples_floor = MIN(settings.samples_floor, settings.samples_per_row);
        struct store *store = open_run(name);
        train(store, 5, 0, 1);
        const struct store_spent spent = store_spent(store);
        cr_expect(spent.divided > 0 && spent.divided == spent.seconds);
        const double share = spent.self_play / spent.divided;
        cr_expect(deep ? share > 0.6 && share <= 1 : share > 0 && share < 0.4, "%d: %g of %g s", k, spent.self_play,
                  spent.divided);
        store_close(store);
    }
}

Test(training, another_seed_is_another_run)
{
    struct store *one = open_run("one"), *other;
    struct store_checkpoint at;
    train(one, 2, 0, 1);
    settings.seed = 6;
    other = open_run("other");
    train(other, 2, 0, 1);
    GBytes *x = state_of(one, &at), *y = state_of(other, &at);
    cr_assert_not(g_bytes_equal(x, y));
    g_bytes_unref(x);
    g_bytes_unref(y);
    store_close(one);
    store_close(other);
}

/* Games, checkpoints and steps increase from session to session, and the window contains only stored games. */
Test(training, threads_resume)
{
    settings.deterministic = 0;
    settings.generation_steps = 5;
    settings.generation_seconds = 0;
    struct store_checkpoint before = {0}, now;
    int64_t games = 0;
    for (int session = 0; session < 3; session++) {
        struct store *store = open_run("run");
        cr_assert_eq(train(store, 0, 1.5, 2), TRAINING_TIME);
        bool found;
        cr_assert(store_last_checkpoint(store, &now, &found, NULL) && found);
        cr_assert_gt(now.generation, before.generation);
        cr_assert_gt(now.steps, before.steps);
        cr_assert_gt(games_of(store), games);
        /* Never more samples per row than set, except for the present batch. */
        struct store_counts counts;
        store_count(store, &counts, NULL);
        cr_assert_leq((double)now.samples, (double)counts.rows * settings.samples_per_row + (double)settings.batch);
        before = now;
        games = games_of(store);
        store_close(store);
    }
}

extern int trainer_watch_threads; /* of trainer_watch.h */

/* Many steps for each row: training is behind, so that games wait, and their threads compute the steps instead. */
Test(training, steps_take_the_threads_that_wait)
{
    settings.deterministic = 0;
    settings.samples_per_row = settings.samples_floor = 200;
    struct store *store = open_run("behind");
    cr_assert_eq(train(store, 0, 1.5, 3), TRAINING_TIME);
    cr_expect_eq(trainer_watch_threads, 3, "%d", trainer_watch_threads);
    store_close(store);
}

/* With more threads than are allowed to compute, none is free. */
Test(training, slots_are_taken_once)
{
    struct training t = {.limit = 4, .running = 1};
    pthread_mutex_init(&t.lock, NULL);
    pthread_cond_init(&t.changed, NULL);
    training_start_running(&t, true);
    cr_expect_eq(training_take_free(&t), 2);
    cr_expect_eq(training_take_free(&t), 0);
    cr_expect_eq(t.running, 4);
    training_stop_running(&t, 3);
    cr_expect_eq(t.running, 1);
    t.limit = 0;
    cr_expect_eq(training_take_free(&t), 0);
    pthread_cond_destroy(&t.changed);
    pthread_mutex_destroy(&t.lock);
}

/* Trains for three seconds of processor time and returns the games on the ladder. */
static GArray *measure(const char *run, double share)
{
    settings.deterministic = 0;
    settings.generation_steps = 5;
    settings.generation_seconds = 0;
    settings.ladder_share = share;
    settings.ladder_visits = 4;
    g_strlcpy(settings.rungs, "rollout:20;random", sizeof settings.rungs);
    struct store *store = open_run(run);
    cr_assert_eq(train(store, 0, 3, 2), TRAINING_TIME);
    GArray *games = store_rung_games(store);
    store_close(store);
    return games;
}

/* The share of the time that the settings give, and none where strength is not to be measured. */
Test(training, strength_is_measured)
{
    with_ladder = true;
    GArray *few = measure("few", 0.02);
    cr_assert_gt(few->len, 0);
    GArray *many = measure("many", 0.3), *none = measure("none", 0);
    cr_assert(many->len > 2 * few->len, "%u and %u", many->len, few->len);
    cr_assert_eq(none->len, 0);
    const struct store_rung_game *last = &g_array_index(many, struct store_rung_game, many->len - 1);
    cr_assert(last->generation > 0 && last->plies >= 5);
    /* A second session goes on where the first one ended. */
    GArray *more = measure("many", 0.3);
    cr_assert_gt(more->len, many->len);
    cr_assert_gt(g_array_index(more, struct store_rung_game, many->len).pair, last->pair);
    with_ladder = false;
    GArray *still_none = measure("off", 0.3);
    cr_assert_eq(still_none->len, 0);
    GArray *all[] = {few, many, none, more, still_none};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        g_array_unref(all[i]);
}

/* Games as if generation 0 beat all rungs, and a later one than there can be lost to them. */
static void plant_games(const char *run)
{
    const uint32_t weak = 100000;
    static const char *const rungs[] = {"rollout:20", "random"};
    struct store *store = open_run(run);
    for (int64_t i = 0; i < 200; i++) {
        struct store_rung_game one = {
            .pair = 1000 + i / 2, .generation = i % 4 < 2 ? 0 : weak, .points = i % 4 < 2, .plies = 9};
        g_strlcpy(one.rung, rungs[i / 4 % 2], sizeof one.rung);
        cr_assert(store_add_rung_games(store, &one, 1, NULL));
    }
    store_close(store);
}

/* The net to play with stays the one that measured strongest when later ones measure weaker. */
Test(training, the_best_net_is_held)
{
    bool held;
    with_ladder = true;
    g_array_unref(measure("run", 0.3));
    plant_games("run");
    g_array_unref(measure("run", 0.3));
    struct store *store = open_run("run");
    cr_expect(store_best(store, &held) == 0 && held);
    store_close(store);
}

/* Steps and samples that cannot be: training resumes from the checkpoint before, or fails if there is none. */
Test(training, impossible_totals_of_a_checkpoint)
{
    static const char *const changes[] = {"steps = 9223372036854775807", "samples = -1", "seconds = 9e999",
                                          "rate_scale = 0"};
    char *path = g_build_filename(folder, "run", "run.db", NULL);
    struct store *store = open_run("run");
    struct store_checkpoint at;
    train(store, 2, 0, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        bool found;
        sqlite3 *db;
        cr_assert(store_last_checkpoint(store, &at, &found, NULL) && found);
        const uint32_t newest = at.generation;
        store_close(store);
        char *sql = g_strdup_printf("UPDATE checkpoints SET %s WHERE generation = %u", changes[i], newest);
        cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
        cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sql);
        sqlite3_close(db);
        g_free(sql);
        store = open_run("run");
        train(store, (int)newest + 2, 0, 1);
        cr_assert(store_last_checkpoint(store, &at, &found, NULL) && found);
        cr_assert_eq(at.generation, newest + 2, "%s", changes[i]);
        cr_assert(at.steps > 0 && at.steps < 1000 && at.samples > 0 && at.seconds < 1000, "%s", changes[i]);
    }
    store_close(store);
    g_free(path);
}

Test(training, packing_and_unpacking_changes_nothing)
{
    struct store *store = open_run("run"), *copy;
    struct store_checkpoint a, b;
    struct pack_summary summary;
    GError *error = NULL;
    train(store, 4, 0, 1);
    char *pack = g_build_filename(folder, "pack", NULL), *to = g_build_filename(folder, "copy", NULL);
    cr_assert(store_add_rung_games(
        store, &(struct store_rung_game){.generation = 2, .rung = "random", .points = 1, .plies = 9}, 1, NULL));
    cr_assert(pack_write(store, pack, &summary, &error), "%s", error ? error->message : "");
    cr_assert_eq(summary.kept_bytes, 4);
    cr_assert_eq(summary.games, 12);
    cr_assert_leq(summary.bytes, PACK_MAX_BYTES);
    cr_assert(pack_restore(pack, to, &summary, &error), "%s", error ? error->message : "");
    cr_assert_not(pack_restore(pack, to, &summary, &error), "an existing run was overwritten");
    g_clear_error(&error);
    copy = open_run("copy");
    cr_assert_eq(store_spent(copy).seconds, store_spent(store).seconds);
    GArray *played = store_rung_games(copy);
    cr_assert_eq(played->len, 1);
    cr_assert_str_eq(g_array_index(played, struct store_rung_game, 0).rung, "random");
    g_array_unref(played);
    train(store, 6, 0, 1);
    train(copy, 6, 0, 1);
    GBytes *x = state_of(store, &a), *y = state_of(copy, &b);
    cr_assert(a.steps == b.steps && g_bytes_equal(x, y));
    g_bytes_unref(x);
    g_bytes_unref(y);
    store_close(store);
    store_close(copy);
    g_free(pack);
    g_free(to);
}

/* A net that is held as the best goes along, into a pack and into a salvaged run, though its state is long gone. */
Test(training, the_held_net_goes_along)
{
    char *pack = g_build_filename(folder, "pack", NULL), *run = g_build_filename(folder, "run", NULL);
    char *to[2] = {g_build_filename(folder, "copy", NULL), g_build_filename(folder, "saved", NULL)};
    struct pack_summary summary;
    struct salvage_summary salvaged;
    GError *error = NULL;
    char *wanted, *seen;
    gsize size[2];
    struct store *store = open_run("run");
    train(store, 5, 0, 1);
    cr_assert(store_hold_best(store, 1, NULL));
    char *best = store_net_path(store, "best.safetensors");
    cr_assert(g_file_get_contents(best, &wanted, &size[0], NULL));
    g_free(best);
    cr_assert(pack_write(store, pack, &summary, &error), "%s", error ? error->message : "");
    store_close(store);
    cr_assert(pack_restore(pack, to[0], &summary, &error), "%s", error ? error->message : "");
    cr_assert(salvage_run(run, to[1], &salvaged, &error), "%s", error ? error->message : "");
    for (int i = 0; i < 2; i++) {
        struct store_checkpoint last;
        struct net *nets[2];
        bool held, found;
        struct store *copy = open_run(i ? "saved" : "copy");
        cr_expect(store_best(copy, &held) == 1 && held);
        cr_assert(store_last_checkpoint(copy, &last, &found, NULL) && found);
        cr_expect_eq(last.generation, 5);
        char *path = store_net_path(copy, "best.safetensors");
        cr_assert(g_file_get_contents(path, &seen, &size[1], NULL));
        cr_assert_eq(net_read_bytes(&nets[0], wanted, size[0], "wanted", NULL), 0);
        cr_assert_eq(net_read_bytes(&nets[1], seen, size[1], "seen", NULL), 0);
        GBytes *bytes[2] = {net_write_bytes(nets[0], ""), net_write_bytes(nets[1], "")};
        cr_expect(g_bytes_equal(bytes[0], bytes[1]));
        for (int k = 0; k < 2; k++) {
            g_bytes_unref(bytes[k]);
            net_unref(nets[k]);
        }
        train(copy, 6, 0, 1); /* newer ones do not take its place */
        cr_expect(store_best(copy, &held) == 1 && held);
        store_close(copy);
        g_free(seen);
        g_free(path);
        g_free(to[i]);
    }
    g_free(wanted);
    g_free(pack);
    g_free(run);
}

/* With a learning rate at which weights overflow, training is rolled back with half the rate until weights stay finite,
 * or fails with a reason; in both cases the newest checkpoint is finite. */
Test(training, non_finite_values_roll_back)
{
    struct store *store = open_run("run");
    GError *error = NULL;
    struct learner *learner;
    train(store, 3, 0, 1);
    settings.rate = 1e10;
    settings.warmup = 0;
    struct learner_config config = {
        .store = store, .settings = &settings, .games = &game, .game_count = 1, .backend = backend};
    cr_assert_eq(learner_create(&learner, &config, &error), 0);
    int64_t steps = learner_steps(learner);
    bool good = true;
    for (int i = 0; i < 60 && good; i++) {
        struct net_losses losses;
        good = learner_step(learner, 0, 1, false, &losses, &error);
        cr_assert_eq(learner_steps(learner), steps + i + 1, "steps never decrease");
    }
    cr_assert_gt(learner_roll_backs(learner), 0);
    cr_assert(good || (error && strstr(error->message, "rate")), "the error gives no advice");
    g_clear_error(&error);
    learner_close(learner);
    store_close(store);
}

static char *weights_of(const char *run, const char *file, gsize *length)
{
    char *path = g_build_filename(folder, run, "nets", file, NULL), *bytes;
    cr_assert(g_file_get_contents(path, &bytes, length, NULL), "%s", path);
    uint64_t header; /* .safetensors: the header's length, the header, the tensors */
    memcpy(&header, bytes, sizeof header);
    *length -= sizeof header + header;
    memmove(bytes, bytes + sizeof header + header, *length);
    g_free(path);
    return bytes;
}

Test(training, a_run_starts_from_the_given_net)
{
    struct store *store = open_run("run");
    gsize given_length, first_length;
    train(store, 3, 0, 1);
    store_close(store);
    char *given = weights_of("run", "best.safetensors", &given_length);
    char *from = g_build_filename(folder, "run", NULL);
    g_strlcpy(settings.from, from, sizeof settings.from);
    settings.seed = 6;
    store = open_run("next");
    train(store, 1, 0, 1);
    char *name = store_generation_name(0), *first = weights_of("next", name, &first_length);
    cr_assert_eq(given_length, first_length);
    cr_assert_eq(memcmp(given, first, given_length), 0, "the weights differ from those of the given net");
    remove_tree(from); /* once there is a checkpoint the given net is no longer needed */
    train(store, 2, 0, 1);
    store_close(store);
    g_free(name);
    g_free(from);
    g_free(given);
    g_free(first);
}

/* A net's file tells the games that it learned from, also after a resumption and when another run starts from it. */
Test(training, nets_know_their_games)
{
    struct store *store = open_run("run");
    train(store, 2, 0, 1);
    store_close(store);
    store = open_run("run");
    train(store, 3, 0, 1);
    const int64_t games = games_of(store);
    store_close(store);
    char *path = g_build_filename(folder, "run", "nets", "best.safetensors", NULL);
    char *text = g_strdup_printf("%d line:3=%d size:3=%d", (int)games, (int)games, (int)games);
    struct net *net;
    cr_assert_eq(net_load(&net, path, NULL), 0);
    cr_expect_str_eq(net_scope(net), text);
    net_unref(net);
    g_free(text);
    g_free(path);
    path = g_build_filename(folder, "run", NULL);
    g_strlcpy(settings.from, path, sizeof settings.from);
    g_free(path);
    store = open_run("next");
    train(store, 1, 0, 1);
    const int64_t all = games + games_of(store);
    store_close(store);
    path = g_build_filename(folder, "next", "nets", "best.safetensors", NULL);
    text = g_strdup_printf("%d line:3=%d size:3=%d", (int)all, (int)all, (int)all);
    cr_assert_eq(net_load(&net, path, NULL), 0);
    cr_expect_str_eq(net_scope(net), text);
    net_unref(net);
    g_free(text);
    g_free(path);
}

/* The cross-entropy of a prediction that only knows the frequencies of wins, draws and losses. */
static double ignorance(struct store *store)
{
    GPtrArray *records;
    double count[3] = {0}, total = 0, entropy = 0;
    cr_assert(store_load_games(store, &game, 1, INT64_MAX, &records, NULL));
    for (guint i = 0; i < records->len; i++) {
        const struct record *record = records->pdata[i];
        for (int ply = 0; ply < record->ply_count; ply++) {
            float wdl[3];
            record_outcome(record, ply, wdl);
            for (int k = 0; k < 3; k++)
                count[k] += wdl[k];
            total++;
        }
    }
    for (int k = 0; k < 3; k++)
        entropy -= count[k] > 0 ? count[k] / total * log(count[k] / total) : 0;
    g_ptr_array_unref(records);
    return entropy;
}

/* The presets learn: after a few hundred games the value head is much better than the frequencies of results. */
Test(training, losses_fall)
{
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:16 res:16", sizeof settings.net);
    settings.deterministic = 1;
    settings.seed = 3;
    backend = NET_BACKEND_FAST;
    settings.round_games = 40;
    settings.first_rows = 200;
    settings.warmup = 20;
    settings.random_moves = 0; /* they make results less predictable */
    struct store *store = open_run("run");
    struct learner *learner;
    train(store, 24, 0, 1);
    struct learner_config config = {
        .store = store, .settings = &settings, .games = &game, .game_count = 1, .backend = backend};
    cr_assert_eq(learner_create(&learner, &config, NULL), 0);
    double knowing_nothing = ignorance(store), sum = 0;
    for (int i = 0; i < 8; i++) {
        struct net_losses losses;
        cr_assert(learner_step(learner, 0, 1, false, &losses, NULL));
        sum += (double)losses.target[NET_TARGET_VALUE] / 8;
    }
    cr_assert_lt(sum, 0.75 * knowing_nothing, "value loss %.3f, by frequencies alone %.3f", sum, knowing_nothing);
    learner_close(learner);
    store_close(store);
}

Test(progress, diversity_and_lengths_of_the_last_games)
{
    struct progress_games games = {0};
    struct record record = {.ply_count = 10};
    cr_assert_lt(progress_games_diversity(&games), 0);
    for (uint64_t i = 0; i < 40; i++) {
        record.opening_hash = i % 4;
        progress_games_add(&games, &record);
    }
    cr_assert_float_eq(progress_games_diversity(&games), 0.1, 1e-9);
    record.ply_count = 20;
    for (uint64_t i = 0; i < PROGRESS_GAMES; i++) {
        record.opening_hash = i;
        progress_games_add(&games, &record);
    }
    cr_assert_float_eq(progress_games_diversity(&games), 1, 1e-9);
    cr_assert_float_eq(progress_games_plies(&games), 20, 1e-9);
}

/* Means over the steps since the last report whose losses were finite. */
Test(progress, losses_are_means_between_reports)
{
    struct training_tally tally = {0};
    struct net_losses losses = {.total = 3, .grad_norm = 1, .finite = true}, bad = {.total = NAN};
    for (int step = 0; step < 2; step++, losses.total += 2, losses.grad_norm += 3) {
        for (int t = 0; t < NET_TARGETS; t++)
            losses.target[t] = (float)(t + 4 * step);
        losses.target[NET_TARGET_SCORE] = NAN; /* no row had it */
        if (step == 1)
            losses.target[NET_TARGET_REPLY] = NAN;
        loss_sums_add(&tally.losses, &losses);
        loss_sums_add(&tally.losses, &bad);
    }
    struct progress_report report = training_tally_take(&tally);
    cr_assert(report.has_losses && report.losses.total == 4 && report.losses.grad_norm == 2.5f);
    for (int t = 0; t < NET_TARGETS; t++) {
        float mean = (float)(t == NET_TARGET_REPLY ? t : t + 2);
        cr_assert(t == NET_TARGET_SCORE ? isnan(report.losses.target[t]) : report.losses.target[t] == mean, "%s",
                  net_targets[t].name);
    }
    cr_assert_not(training_tally_take(&tally).has_losses, "taken twice");
}

/* Every target's loss is listed by name, but those of horizons only if the net has them; the original targets also have their original keys. */
Test(progress, json_has_the_loss_of_every_target)
{
    struct progress_report report = {.has_losses = true, .losses = {.total = 9, .grad_norm = 8}};
    for (int t = 0; t < NET_TARGETS; t++)
        report.losses.target[t] = 1 + (float)t;
    report.losses.target[NET_TARGET_HORIZON_3] = NAN; /* of a net with two further horizons */
    for (int with = 0; with < 2; with++) {
        char *text;
        size_t length;
        FILE *out = open_memstream(&text, &length);
        report.has_losses = with;
        progress_print(out, PROGRESS_JSON, &report);
        fclose(out);
        cJSON *object = cJSON_Parse(text), *losses = cJSON_GetObjectItem(object, "losses");
        cr_assert_eq(cJSON_GetArraySize(losses), NET_TARGETS - (with ? 1 : NET_HORIZONS), "%s", text);
        for (int t = 0; t < NET_TARGETS; t++) {
            const cJSON *loss = cJSON_GetObjectItem(losses, net_targets[t].name);
            if (net_targets[t].horizon > (with ? 2 : 0)) {
                cr_assert_null(loss, "%s", text);
                continue;
            }
            cr_assert(with ? loss->valuedouble == 1 + t : cJSON_IsNull(loss), "%s", text);
        }
        const struct {
            const char *key;
            double value;
        } keys[] = {{"loss", 9},
                    {"policy_loss", 1 + NET_TARGET_POLICY},
                    {"value_loss", 1 + NET_TARGET_VALUE},
                    {"map_loss", 1 + NET_TARGET_MAP},
                    {"grad_norm", 8}};
        for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
            const cJSON *loss = cJSON_GetObjectItem(object, keys[i].key);
            cr_assert(with ? loss->valuedouble == keys[i].value : cJSON_IsNull(loss), "%s: %s", keys[i].key, text);
        }
        cJSON_Delete(object);
        free(text);
    }
}

/* Before the first step a run says how many of the rows that it waits for it has: a run from a net collects for hours. */
Test(training, rows_that_are_still_to_collect)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct store *store = open_run("collecting");
    settings.first_rows = 123456;
    const struct training_options options = {
        .store = store, .settings = &settings, .style = PROGRESS_PLAIN, .out = out};
    struct training_reporter reporter;
    training_reporter_begin(&reporter, &options, 0, &(struct progress_report){.rows = 0});
    training_report(&reporter, (struct progress_report){.rows = 789}, 0);
    fflush(out);
    cr_expect(strstr(text, "collecting games: 789 of 123456 rows"), "%s", text);
    const size_t before = length;
    training_report(&reporter, (struct progress_report){.rows = 123456}, 0);
    fclose(out);
    cr_expect(strstr(text + before, "collecting games |") && !strstr(text + before, "rows"), "%s", text + before);
    store_close(store);
    free(text);
}

Test(progress, the_estimate_excludes_earlier_sessions)
{
    const struct progress_report began = {.games = 1000, .positions = 50000},
                                 report = {.seconds = 60, .seconds_left = 600, .games = 1030, .positions = 52000};
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    progress_estimate(out, &began, &report);
    fclose(out);
    cr_assert_str_eq(text,
                     "At this rate, the remaining 10 min 00 s will add about 300 games and 20000 positions (1330 and "
                     "72000 in total).\n");
    free(text);
}

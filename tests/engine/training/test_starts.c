/* Training whose games begin, in part, at positions of earlier games. */
#include <criterion/criterion.h>

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/training.h"
#include "games/game.h"
#include "net/net.h"
#include "tests/delete_folder.h"
#include "tests/engine/training/state.h"

static struct game games[2];
static struct settings settings;
static char *folder;

static void set_up(void)
{
    cr_assert(game_parse(&games[0], "go:4", NULL) && game_parse(&games[1], "go:3", NULL));
    settings_presets(&settings, &games[0]);
    g_strlcpy(settings.net, "conv:8 res:8", sizeof settings.net);
    settings.seed = 5;
    settings.deterministic = 1;
    settings.visits = 6;
    settings.batch = 16;
    settings.samples_per_row = 2;
    settings.first_rows = 20;
    settings.round_games = 4;
    settings.warmup = 5;
    settings.max_plies = 14;
    settings.start_share = 0.5;
    settings.start_surprise = 0.5;
    settings.start_fork = 0.5;
    settings.start_fair_share = 0.3;
    settings.surprise_weight = 0.4;
    settings.surprise_value = 0.2;
    folder = g_dir_make_tmp("tengen-starts-XXXXXX", NULL);
    cr_assert(folder);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
}

TestSuite(starts, .init = set_up, .fini = tear_down);

static struct store *open_run(const char *name)
{
    return open_run_in(folder, name, &settings);
}

static void train(struct store *store, int64_t generations, double seconds, int threads)
{
    train_run(store, &settings, games, 2,
              &(struct training_options){.threads = threads, .generations = generations, .seconds = seconds});
}

static GPtrArray *games_of(struct store *store)
{
    GPtrArray *records;
    cr_assert(store_load_games(store, games, 2, INT64_MAX, &records, NULL));
    return records;
}

/* The number of games that begin at a position of an earlier one; each of these is the beginning of a game before it. */
static int count_starts(const GPtrArray *records)
{
    int starts = 0;
    for (guint i = 0; i < records->len; i++) {
        const struct record *record = records->pdata[i];
        bool found = record->copied == 0;
        for (guint k = 0; k < records->len && !found; k++) {
            const struct record *earlier = records->pdata[k];
            bool same = earlier->number < record->number && earlier->game.width == record->game.width &&
                        earlier->ply_count > record->copied;
            for (int ply = 0; ply < record->copied && same; ply++)
                same = earlier->plies[ply].move == record->plies[ply].move;
            found = same && earlier->plies[record->copied].flags & RECORD_SEARCHED;
        }
        cr_assert(found, "game %d does not begin like an earlier one", (int)record->number);
        starts += record->copied > 0;
    }
    return starts;
}

/* A run that is resumed after every generation is the same as an uninterrupted one. */
Test(starts, resuming_changes_nothing)
{
    struct store *whole = open_run("whole"), *parts = open_run("parts");
    struct store_checkpoint a, b;
    train(whole, 6, 0, 1);
    for (int generation = 1; generation <= 6; generation++) {
        train(parts, generation, 0, 1);
        store_close(parts);
        parts = open_run("parts");
    }
    GBytes *x = state_of(whole, &a), *y = state_of(parts, &b);
    cr_assert_gt(a.steps, 10, "only %d steps", (int)a.steps);
    cr_assert(a.steps == b.steps && g_bytes_equal(x, y), "the weights differ");
    GPtrArray *one = games_of(whole), *other = games_of(parts);
    cr_assert(one->len == 24 && other->len == 24);
    for (guint i = 0; i < one->len; i++)
        cr_assert_eq(((struct record *)one->pdata[i])->moves_hash, ((struct record *)other->pdata[i])->moves_hash);
    const int starts = count_starts(one); /* half of 23; four standard deviations are 9.6 */
    cr_expect(starts >= 2 && starts <= 21, "%d", starts);
    g_ptr_array_unref(one);
    g_ptr_array_unref(other);
    g_bytes_unref(x);
    g_bytes_unref(y);
    store_close(whole);
    store_close(parts);
}

/* None without the setting. */
Test(starts, none_without_a_share)
{
    settings.start_share = 0;
    struct store *store = open_run("run");
    train(store, 3, 0, 1);
    GPtrArray *records = games_of(store);
    cr_expect_eq(count_starts(records), 0);
    g_ptr_array_unref(records);
    store_close(store);
}

/* Threads share an archive, and the first game of a resumed run may begin in it. */
Test(starts, threads)
{
    settings.deterministic = 0;
    settings.start_share = 1;
    settings.generation_steps = 5;
    settings.generation_seconds = 0;
    struct store *store = open_run("run");
    train(store, 0, 1, 2);
    GPtrArray *records = games_of(store);
    const guint before = records->len;
    cr_assert_gt(before, 10);
    cr_expect_geq(count_starts(records), (int)before - 5, "%d of %u", count_starts(records), before);
    g_ptr_array_unref(records);
    train(store, 0, 1, 2);
    records = games_of(store);
    cr_assert_gt(records->len, before);
    cr_expect_gt(((struct record *)records->pdata[before])->copied, 0);
    g_ptr_array_unref(records);
    store_close(store);
}

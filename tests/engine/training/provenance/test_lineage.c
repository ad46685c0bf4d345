/* The runs that a net came through, in its file. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/provenance/lineage.h"
#include "engine/training/training.h"
#include "games/game.h"
#include "net/net.h"
#include "tests/delete_folder.h"
#include "tests/engine/training/state.h"

static const struct lineage_run *run_at(const GArray *runs, guint i)
{
    return &g_array_index(runs, struct lineage_run, i);
}

Test(lineage, what_is_written_is_read)
{
    const struct lineage_run written[2] = {
        {.name = "first \"run\"",
         .anchor = "rollout:1000",
         .games = 12,
         .rows = 3000000000,
         .steps = 7,
         .seconds = 3600,
         .processor_seconds = 7100,
         .count = 2,
         .points = {{0, -20, -100, 60}, {1800, 310, 250, 371}}},
        {.name = "围棋", .games = 1, .rows = 2, .steps = 3, .seconds = 4},
    };
    GArray *runs = g_array_new(FALSE, FALSE, sizeof(struct lineage_run));
    g_array_append_vals(runs, written, 2);
    char *text = lineage_write(runs);
    GArray *read = lineage_parse(text);
    cr_assert_eq(read->len, 2);
    for (guint i = 0; i < 2; i++) {
        const struct lineage_run *r = run_at(read, i), *w = &written[i];
        cr_expect_str_eq(r->name, w->name);
        cr_expect_str_eq(r->anchor, w->anchor);
        cr_expect(r->games == w->games && r->rows == w->rows && r->steps == w->steps);
        cr_expect(r->seconds == w->seconds && r->processor_seconds == w->processor_seconds && r->count == w->count);
        for (int k = 0; k < w->count; k++)
            cr_expect(r->points[k].seconds == w->points[k].seconds && r->points[k].elo == w->points[k].elo &&
                      r->points[k].low == w->points[k].low && r->points[k].high == w->points[k].high);
    }
    g_array_unref(read);
    g_array_unref(runs);
    g_free(text);
}

/* A net's file may come from anywhere. */
Test(lineage, damaged_texts)
{
    static const struct {
        const char *text;
        guint runs;
    } cases[] = {
        {"", 0},
        {"{", 0},
        {"null", 0},
        {"7", 0},
        {"[1, \"run\", null]", 0},
        {"[{}, {\"run\": 3, \"games\": \"many\", \"ratings\": 5}]", 2},
        {"[{\"games\": 1e300, \"rows\": -5, \"seconds\": -1, \"ratings\": [{}, 4, {\"elo\": \"x\"}]}]", 1},
        {"[{\"run\": \"a\\u0001\\n<b>\", \"ratings\": [{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]}]", 1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GArray *runs = lineage_parse(cases[i].text);
        cr_expect_eq(runs->len, cases[i].runs, "%s", cases[i].text);
        for (guint k = 0; k < runs->len; k++) {
            const struct lineage_run *run = run_at(runs, k);
            cr_expect(run->games >= 0 && run->rows >= 0 && run->seconds >= 0 && run->count <= LINEAGE_POINTS);
            cr_expect_null(strpbrk(run->name, "\x01\n"));
        }
        g_array_unref(runs);
    }
}

Test(lineage, only_the_newest_runs_are_kept)
{
    GArray *runs = g_array_new(FALSE, TRUE, sizeof(struct lineage_run));
    g_array_set_size(runs, LINEAGE_RUNS + 3);
    for (guint i = 0; i < runs->len; i++)
        g_array_index(runs, struct lineage_run, i).games = i;
    char *text = lineage_write(runs);
    GArray *read = lineage_parse(text);
    cr_assert_eq(read->len, LINEAGE_RUNS);
    cr_expect_eq(run_at(read, 0)->games, 3);
    g_array_unref(read);
    g_array_unref(runs);
    g_free(text);
}

/* ---- in runs ---- */

static struct game game;
static struct settings settings;
static char *folder;

static void set_up(void)
{
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    g_strlcpy(settings.net, "conv:8", sizeof settings.net);
    settings.deterministic = 1;
    settings.visits = 4;
    settings.batch = 16;
    settings.first_rows = 20;
    settings.round_games = 4;
    folder = g_dir_make_tmp("tengen-lineage-XXXXXX", NULL);
    cr_assert(folder);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
}

TestSuite(lineage_runs, .init = set_up, .fini = tear_down);

/* Trains the run to this generation. rated: adds games of generation 1 on the ladder before the last one. Returns the runs
 * that the newest net names. */
static GArray *train(const char *name, int64_t generations, bool rated)
{
    struct net *net;
    struct store *store = open_run_in(folder, name, &settings);
    const struct store_rung_game played[] = {{.generation = 1, .rung = "random", .first = true, .points = 1, .plies = 5},
                                             {.generation = 1, .rung = "random", .points = 0, .plies = 6}};
    cr_assert(!rated || store_add_rung_games(store, played, 2, NULL));
    train_run(store, &settings, &game, 1, &(struct training_options){.generations = generations});
    char *best = store_net_path(store, "best.safetensors");
    cr_assert_eq(net_load(&net, best, NULL), 0);
    GArray *runs = lineage_parse(net_history(net));
    net_unref(net);
    g_free(best);
    store_close(store);
    return runs;
}

static void expect_run(const struct lineage_run *run, const char *name, int count)
{
    cr_expect_str_eq(run->name, name);
    cr_expect(run->games > 0 && run->rows > 0 && run->steps > 0, "%s", name);
    cr_expect_eq(run->count, count, "%s: %d", name, run->count);
}

/* Each run is named once, whether resumed or not; one that begins from a net of another names that one first. */
Test(lineage_runs, from_net_to_net)
{
    GArray *runs = train("one", 2, false);
    cr_assert_eq(runs->len, 1);
    expect_run(run_at(runs, 0), "one", 0);
    const int64_t games = run_at(runs, 0)->games;
    g_array_unref(runs);
    runs = train("one", 4, true);
    cr_assert_eq(runs->len, 1, "resumed");
    expect_run(run_at(runs, 0), "one", 1);
    cr_expect_str_eq(run_at(runs, 0)->anchor, "random");
    cr_expect_gt(run_at(runs, 0)->games, games);
    g_array_unref(runs);

    char *best = g_build_filename(folder, "one", "nets", "best.safetensors", NULL);
    g_strlcpy(settings.from, best, sizeof settings.from);
    g_free(best);
    for (int i = 0; i < 3; i++) {
        if (i == 2) { /* the newest net is damaged */
            char *newest = g_build_filename(folder, "two", "nets", "gen-000001.safetensors", NULL);
            cr_assert(g_file_test(newest, G_FILE_TEST_EXISTS) && g_file_set_contents(newest, "damaged", -1, NULL));
            g_free(newest);
        }
        runs = train("two", i == 2 ? 2 : 1, false);
        cr_assert_eq(runs->len, 2);
        expect_run(run_at(runs, 0), "one", 1);
        expect_run(run_at(runs, 1), "two", 0);
        g_array_unref(runs);
    }
}

/* The rows of a run whose games are worked out by hand. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/exchange/npz.h"
#include "engine/exchange/rows.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "tests/engine/exchange/folder.h"

TestSuite(rows, .init = folder_make, .fini = folder_remove);

enum { MOVES = 9 + 3 /* swap, stay, place two */ };

/* Player 0 wins with the top row:  X X X
 *                                  O O .   */
static struct record *play(const struct game *game, uint64_t number)
{
    static const game_move moves[] = {0, 3, 1, 4, 2};
    union any_position position;
    struct record *record = record_new(game, number, 0);
    game_init(game, &position.p);
    for (int i = 0; i < 5; i++) {
        float policy[GAME_MAX_MOVES] = {0}, wdl[3] = {0.5f, 0.25f, 0.25f};
        policy[moves[i]] = 0.75f;
        policy[8] += 0.25f;
        /* The fourth ply is no training row. */
        record_add(record, &position.p, moves[i], policy, wdl, wdl, RECORD_SEARCHED | (i == 3 ? 0 : RECORD_TRAIN));
        game_play(game, &position.p, NULL, moves[i]);
    }
    record_finish(record, &position.p);
    return record;
}

static struct store *make_run(int games)
{
    struct store *store;
    struct settings settings = {0};
    struct game game;
    GError *error = NULL;
    char *run = g_build_filename(folder, "run", NULL);
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    cr_assert_eq(store_open(&store, run, STORE_CREATE, &error), 0, "%s", error ? error->message : "");
    cr_assert(store_save_settings(store, &settings, NULL));
    for (int i = 0; i < games; i++) {
        struct record *record = play(&game, (uint64_t)i);
        cr_assert(store_add_games(store, &record, 1, NULL));
        record_unref(record);
    }
    g_free(run);
    return store;
}

static const struct npz_array *find(const GArray *arrays, const char *name)
{
    const struct npz_array *array = npz_find(arrays, name);
    cr_assert(array, "no array %s", name);
    return array;
}

static bool has(const GArray *arrays, const char *name)
{
    return npz_find(arrays, name) != NULL;
}

static void expect_row(const GArray *arrays, const char *name, size_t row, int width, const float *want)
{
    const struct npz_array *array = find(arrays, name);
    float *got = npz_floats(array);
    cr_assert(got && (int64_t)row < array->shape[0]);
    cr_assert_eq(array->rank == 1 ? 1 : array->shape[1], width);
    for (int i = 0; i < width; i++)
        cr_assert_float_eq(got[row * (size_t)width + (size_t)i], want[i], 1e-4, "%s[%zu][%d] is %g, not %g", name, row,
                           i, (double)got[row * (size_t)width + (size_t)i], (double)want[i]);
    g_free(got);
}

static GArray *write_and_load(struct store *store, int64_t rows, struct rows_summary *summary)
{
    GError *error = NULL;
    char *path = g_build_filename(folder, "rows.npz", NULL);
    cr_assert(rows_write_npz(store, path, rows, summary, &error), "%s", error ? error->message : "");
    GArray *arrays = npz_load(path, &error);
    cr_assert(arrays, "%s", error ? error->message : "");
    g_free(path);
    return arrays;
}

Test(rows, are_those_of_training)
{
    struct store *store = make_run(2);
    struct rows_summary summary;
    GArray *arrays = write_and_load(store, INT64_MAX, &summary);
    cr_assert_eq(summary.rows, 8);
    cr_assert_eq(summary.games, 2);
    const struct npz_array *number = find(arrays, "3x3/game"), *ply = find(arrays, "3x3/ply"),
                           *planes = find(arrays, "3x3/planes"), *about = find(arrays, "about");
    cr_assert_str_eq(number->type, "<i8");
    cr_assert_eq(number->data[0], 1, "the newest game comes first");
    cr_assert_eq(number->data[4 * 8], 0);
    static const int plies[] = {0, 1, 2, 4};
    for (int i = 0; i < 4; i++)
        cr_assert_eq(ply->data[4 * i], plies[i]);
    cr_assert_eq(planes->rank, 4);
    cr_assert_eq(planes->shape[2], 3);
    /* By hand: the first ply's policy, the reply to it, and the end as players 0 and 1 see it. */
    expect_row(arrays, "3x3/policy", 0, MOVES, (float[]){0.75f, 0, 0, 0, 0, 0, 0, 0, 0.25f, 0, 0, 0});
    expect_row(arrays, "3x3/reply", 0, MOVES, (float[]){0, 0, 0, 0.75f, 0, 0, 0, 0, 0.25f, 0, 0, 0});
    expect_row(arrays, "3x3/value", 0, 3, (float[]){1, 0, 0});
    expect_row(arrays, "3x3/value", 1, 3, (float[]){0, 0, 1});
    expect_row(arrays, "3x3/map", 0, 9, (float[]){1, 1, 1, 0, 0, 0, 0, 0, 0});
    expect_row(arrays, "3x3/map", 1, 9, (float[]){-1, -1, -1, 0, 0, 0, 0, 0, 0});
    expect_row(arrays, "3x3/policy_weight", 0, 1, (float[]){1});
    /* The last ply has no reply: weight 0, and zeros. */
    expect_row(arrays, "3x3/reply_weight", 3, 1, (float[]){0});
    expect_row(arrays, "3x3/reply", 3, MOVES, (float[MOVES]){0});
    expect_row(arrays, "3x3/draw_weight", 0, 1, (float[]){1});
    cr_assert_not(has(arrays, "3x3/score"), "the game has no score");
    char *text = g_strndup((const char *)about->data, strlen("{\"format\":\"tengen-rows-1\""));
    cr_assert_str_eq(text, "{\"format\":\"tengen-rows-1\"");
    g_free(text);
    g_array_unref(arrays);
    store_close(store);
}

/* More rows than a batch, and fewer than the run has. */
Test(rows, newest)
{
    struct store *store = make_run(100);
    struct rows_summary summary;
    GArray *arrays = write_and_load(store, INT64_MAX, &summary);
    cr_assert_eq(find(arrays, "3x3/planes")->shape[0], 400);
    expect_row(arrays, "3x3/value", 397, 3, (float[]){0, 0, 1});
    g_array_unref(arrays);
    arrays = write_and_load(store, 10, &summary);
    cr_assert_eq(find(arrays, "3x3/game")->shape[0], 12, "whole games");
    cr_assert_eq(find(arrays, "3x3/game")->data[0], 99);
    g_array_unref(arrays);
    store_close(store);
}

Test(rows, a_run_without_rows_is_refused)
{
    struct store *store = make_run(0);
    struct rows_summary summary;
    GError *error = NULL;
    char *path = g_build_filename(folder, "rows.npz", NULL);
    cr_assert_not(rows_write_npz(store, path, INT64_MAX, &summary, &error));
    cr_assert(error && strstr(error->message, "no training rows"));
    cr_assert_eq(folder_files(), 1, "only the run");
    g_clear_error(&error);
    g_free(path);
    store_close(store);
}

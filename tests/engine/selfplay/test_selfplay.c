/* Self-play with the uniform evaluator, for properties of games that do not depend on a network. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"

static struct game game;
static struct settings settings;

static struct selfplay *open_worker(bool (*before_move)(void *, struct selfplay *), void *user)
{
    struct selfplay *worker;
    GError *error = NULL;
    struct selfplay_config config = {
        .games = &game, .game_count = 1, .settings = &settings, .before_move = before_move, .user = user};

    cr_assert_eq(selfplay_create(&worker, &config, &error), 0, "%s", error ? error->message : "");
    return worker;
}

static void prepare(const char *spec)
{
    cr_assert(game_parse(&game, spec, NULL));
    settings_presets(&settings, &game);
    settings.visits = 8;
}

Test(selfplay, the_same_seed_gives_the_same_game_whatever_came_before)
{
    prepare("go:5");
    struct selfplay *one = open_worker(NULL, NULL), *other = open_worker(NULL, NULL);
    record_unref(selfplay_play(other, 8, 1234));
    struct record *a = selfplay_play(one, 9, 77), *b = selfplay_play(other, 9, 77);
    cr_assert_eq(a->ply_count, b->ply_count);
    for (int i = 0; i < a->ply_count; i++)
        cr_assert_eq(a->plies[i].move, b->plies[i].move);
    cr_assert_eq(a->share_count, b->share_count);
    cr_assert_eq(a->number, 9);
    record_unref(a);
    record_unref(b);
    selfplay_close(one);
    selfplay_close(other);
}

Test(selfplay, games_and_openings_differ)
{
    prepare("go:5");
    struct selfplay *worker = open_worker(NULL, NULL);
    GHashTable *seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (uint64_t i = 0; i < 40; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        g_hash_table_add(seen, g_memdup2(&record->opening_hash, sizeof record->opening_hash));
        record_unref(record);
    }
    cr_assert_geq(g_hash_table_size(seen), 38, "%u openings of 40", g_hash_table_size(seen));
    g_hash_table_destroy(seen);
    selfplay_close(worker);
}

/* Every record is a legal game whose policies are distributions over legal moves, and exactly the searched plies are
 * training rows. */
Test(selfplay, records_are_consistent)
{
    prepare("gomoku:5,line=4");
    settings.opening_plies = 4;
    struct selfplay *worker = open_worker(NULL, NULL);
    for (uint64_t i = 0; i < 20; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i)), *again;
        GBytes *blob = record_pack(record);
        gsize size;
        const void *data = g_bytes_get_data(blob, &size);
        cr_assert_eq(record_unpack(&again, &game, data, size, NULL), 0);
        bool searched = false;
        for (int ply = 0; ply < record->ply_count; ply++) {
            const struct record_ply *row = &record->plies[ply];
            searched |= (row->flags & RECORD_SEARCHED) != 0;
            cr_assert_eq((row->flags & RECORD_TRAIN) != 0, searched, "an opening, then searched plies");
            int sum = 0;
            for (int k = 0; k < row->share_count; k++)
                sum += record->shares[row->first_share + (uint32_t)k].share;
            if (searched) {
                cr_assert(abs(sum - 65535) < 30, "shares sum to %d", sum);
                cr_assert_float_eq(row->wdl[0] + row->wdl[1] + row->wdl[2], 1, 1e-3);
            }
        }
        record_unref(record);
        record_unref(again);
        g_bytes_unref(blob);
    }
    selfplay_close(worker);
}

Test(selfplay, openings_are_of_every_length_up_to_the_setting)
{
    prepare("go:5");
    settings.opening_plies = 3;
    settings.max_plies = 6;
    struct selfplay *worker = open_worker(NULL, NULL);
    int lengths[8] = {0};
    for (uint64_t i = 0; i < 200; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        int length = 0;
        while (length < record->ply_count && !(record->plies[length].flags & RECORD_SEARCHED))
            length++;
        cr_assert_leq(length, 3);
        lengths[length]++;
        cr_assert_leq(record->ply_count, 6, "the length cap");
        for (int k = 0; k < length; k++)
            cr_assert_lt(record->plies[k].move, game.points, "an opening does not pass");
        record_unref(record);
    }
    for (int k = 0; k <= 3; k++)
        cr_assert(lengths[k] > 25 && lengths[k] < 80, "%d openings of %d plies", lengths[k], k);
    selfplay_close(worker);
}

Test(selfplay, fast_searches_are_not_training_rows)
{
    prepare("go:5");
    settings.full_share = 0.25;
    settings.opening_plies = 0;
    settings.max_plies = 20;
    struct selfplay *worker = open_worker(NULL, NULL);
    int rows = 0, plies = 0;
    for (uint64_t i = 0; i < 60; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        rows += record->rows;
        plies += record->ply_count;
        for (int ply = 0; ply < record->ply_count; ply++)
            cr_assert_eq(record->plies[ply].share_count > 0, (record->plies[ply].flags & RECORD_TRAIN) != 0);
        record_unref(record);
    }
    cr_assert_float_eq((double)rows / plies, 0.25, 0.06);
    selfplay_close(worker);
}

static bool give_up(void *user, struct selfplay *worker)
{
    (void)worker;
    int *left = user;
    return (*left)-- > 0;
}

Test(selfplay, an_abandoned_game_has_no_record)
{
    prepare("go:5");
    int left = 1; /* nor can the rules end it so soon */
    struct selfplay *worker = open_worker(give_up, &left);
    cr_assert_null(selfplay_play(worker, 0, 5));
    left = 10000;
    struct record *record = selfplay_play(worker, 0, 5);
    cr_assert_not_null(record);
    record_unref(record);
    selfplay_close(worker);
}

/* A win in one is played, and has the highest weight in the target policy: X X . in the top row of tic-tac-toe. */
Test(selfplay, a_win_in_one_is_found_and_learned)
{
    prepare("gomoku:3,line=3");
    settings.visits = 32;
    settings.random_moves = 0;
    settings.sample_plies = 0;
    struct selfplay *worker = open_worker(NULL, NULL);
    int chances = 0, taken = 0;
    for (uint64_t i = 0; i < 100; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        union any_position position, after;
        game_init(&game, &position.p);
        for (int ply = 0; ply < record->ply_count; ply++) {
            const struct record_ply *row = &record->plies[ply];
            bool chance = false;
            for (game_move move = 0; move < 9; move++)
                if (game.ops->legal(&game, &position.p, NULL, move)) {
                    game_copy(&game, &after.p, &position.p);
                    game_play(&game, &after.p, NULL, move);
                    struct game_result result = game_result(&game, &after.p);
                    chance |= game_over(&after.p) && game_result_sign(&result, position.p.player) > 0;
                }
            game_play(&game, &position.p, NULL, row->move);
            if (!chance || !(row->flags & RECORD_SEARCHED))
                continue;
            chances++;
            struct game_result result = game_result(&game, &position.p);
            taken += game_over(&position.p) && game_result_sign(&result, row->player) > 0;
        }
        record_unref(record);
    }
    cr_assert_gt(chances, 10);
    cr_assert_geq(taken, chances * 95 / 100, "%d of %d wins in one played", taken, chances);
    selfplay_close(worker);
}

/* Counts the games on each of the sizes 4, 6 and 5, of 400. */
static void count_sizes(double largest_share, int counts[7])
{
    static const char *const specs[] = {"gomoku:4,line=3", "gomoku:6,line=3", "gomoku:5,line=3"};
    struct game games[3];
    for (int i = 0; i < 3; i++)
        cr_assert(game_parse(&games[i], specs[i], NULL));
    settings_presets(&settings, &games[1]);
    settings.visits = 2;
    settings.max_plies = 2;
    settings.largest_share = largest_share;
    const struct selfplay_config config = {.games = games, .game_count = 3, .settings = &settings};
    struct selfplay *worker;
    cr_assert_eq(selfplay_create(&worker, &config, NULL), 0);
    memset(counts, 0, 7 * sizeof *counts);
    for (uint64_t i = 0; i < 400; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        counts[record->game.width]++;
        record_unref(record);
    }
    selfplay_close(worker);
}

Test(selfplay, sizes_are_uniform_or_the_largest_has_its_share)
{
    int counts[7];
    count_sizes(0, counts);
    for (int size = 4; size <= 6; size++)
        cr_assert(abs(counts[size] - 133) < 38, "%d games of size %d", counts[size], size); /* 4 deviations */
    count_sizes(0.8, counts);
    cr_assert(abs(counts[6] - 320) < 32 && abs(counts[4] - 40) < 24 && abs(counts[5] - 40) < 24, "%d, %d and %d",
              counts[4], counts[5], counts[6]);
    count_sizes(1, counts);
    cr_assert_eq(counts[6], 400);
}

/* ---- komi ---- */

enum { KOMI_GAMES = 600 };

/* Draws the komi of many games on two sizes, in points; the games end at once. Returns the number of games on the
 * first. */
static int draw_komi(const char *first, const char *second, float *komi, float *second_komi)
{
    struct game games[2];
    int counts[2] = {0};
    cr_assert(game_parse(&games[0], first, NULL) && game_parse(&games[1], second, NULL));
    const struct selfplay_config config = {.games = games, .game_count = 2, .settings = &settings};
    struct selfplay *worker;
    cr_assert_eq(selfplay_create(&worker, &config, NULL), 0);
    for (uint64_t i = 0; i < KOMI_GAMES; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        int which = record->game.width == games[1].width;
        (which ? second_komi : komi)[counts[which]++] = (float)game_komi(&record->game) / 2;
        record_unref(record);
    }
    selfplay_close(worker);
    return counts[0];
}

static void moments(const float *values, int count, double *mean, double *stdev)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < count; i++) {
        sum += (double)values[i];
        squares += (double)values[i] * (double)values[i];
    }
    *mean = sum / count;
    *stdev = sqrt(squares / count - *mean * *mean);
}

static void quick(const char *spec)
{
    prepare(spec);
    settings.visits = 2;
    settings.max_plies = 1;
    settings.opening_plies = 0;
    settings.komi_stdev = settings.komi_even = 0;
    settings.komi_wide_share = settings.komi_wide_stdev = 0;
}

static float komi[KOMI_GAMES], other_komi[KOMI_GAMES];

Test(komi, off_means_the_komi_of_the_game)
{
    quick("go:9,komi=6.5");
    settings.komi_wide_share = 1; /* nothing without komi_stdev */
    settings.komi_wide_stdev = 12;
    int count = draw_komi("go:9,komi=6.5", "go:7,komi=6.5", komi, other_komi);
    for (int i = 0; i < count; i++)
        cr_assert_eq(komi[i], 6.5f);
    for (int i = 0; i < KOMI_GAMES - count; i++)
        cr_assert_eq(other_komi[i], 6.5f);
}

/* The mean: the even komi of each size, or the komi of the run's game. */
Test(komi, even_is_by_size)
{
    static const int even[] = {25, 9, 7};
    struct game games[SETTINGS_MAX_GAMES];
    quick("go:9,komi=3.5");
    g_strlcpy(settings.sizes, "5,7,9", sizeof settings.sizes);
    cr_assert_eq(settings_games(&settings, games, NULL), 3);
    for (int i = 0; i < 3; i++)
        cr_assert(games[i].width == 5 + 2 * i && game_komi(&games[i]) == 7);
    settings.komi_even = 1;
    cr_assert_eq(settings_games(&settings, games, NULL), 3);
    for (int i = 0; i < 3; i++)
        cr_assert(games[i].width == 5 + 2 * i && game_komi(&games[i]) == 2 * even[i]);
    settings.sizes[0] = '\0';
    cr_assert(settings_games(&settings, games, NULL) == 1 && game_komi(&games[0]) == 14);
}

/* The standard deviation is as set, doubled up to 7x7, and half points are as frequent as whole ones. */
Test(komi, varies_by_its_standard_deviation)
{
    quick("go:9");
    settings.komi_stdev = 1.5;
    double mean, stdev;
    int count = draw_komi("go:9", "go:7", komi, other_komi), halves = 0;
    moments(komi, count, &mean, &stdev);
    cr_assert_float_eq(mean, 7, 0.35, "%g", mean);
    cr_assert_float_eq(stdev, 1.5, 0.25, "%g", stdev);
    moments(other_komi, KOMI_GAMES - count, &mean, &stdev);
    cr_assert_float_eq(mean, 7, 0.7, "%g", mean);
    cr_assert_float_eq(stdev, 3, 0.5, "%g", stdev);
    for (int i = 0; i < count; i++)
        halves += komi[i] != floorf(komi[i]);
    cr_assert(halves > count / 3 && halves < count * 2 / 3, "%d of %d", halves, count);
}

Test(komi, varies_widely_in_a_share_of_games)
{
    quick("go:9");
    settings.komi_stdev = 0.01;
    settings.komi_wide_share = 0.25;
    settings.komi_wide_stdev = 12;
    double mean, stdev;
    int count = draw_komi("go:9", "go:8", komi, other_komi), wide = 0;
    float strayed[KOMI_GAMES];
    for (int i = 0; i < count; i++)
        if (komi[i] != 7)
            strayed[wide++] = komi[i];
    cr_assert_float_eq((double)wide / count, 0.25, 0.08);
    moments(strayed, wide, &mean, &stdev);
    cr_assert_float_eq(stdev, 12, 3, "%g", stdev);
}

/* 12 points on 9x9 are 20 on 15x15. */
Test(komi, varies_by_the_side_if_it_is_scaled)
{
    for (int scaled = 0; scaled <= 1; scaled++) {
        quick("go:9");
        settings.komi_stdev = 0.01;
        settings.komi_wide_share = 1;
        settings.komi_wide_stdev = 12;
        settings.komi_wide_scaled = scaled;
        double mean, stdev;
        const int count = draw_komi("go:9", "go:15", komi, other_komi);
        moments(komi, count, &mean, &stdev);
        cr_expect_float_eq(stdev, 12, 2.5, "%g", stdev);
        moments(other_komi, KOMI_GAMES - count, &mean, &stdev);
        cr_expect_float_eq(stdev, scaled ? 20 : 12, scaled ? 4 : 2.5, "%g", stdev);
    }
}

Test(komi, is_never_larger_than_the_board)
{
    quick("go:5");
    settings.komi_stdev = 100;
    int count = draw_komi("go:5", "go:3", komi, other_komi), most = 0;
    for (int i = 0; i < count; i++) {
        cr_assert_leq(fabsf(komi[i]), 25);
        most += fabsf(komi[i]) == 25;
    }
    cr_assert_gt(most, 0);
    for (int i = 0; i < KOMI_GAMES - count; i++)
        cr_assert_leq(fabsf(other_komi[i]), 9);
}

/* It depends neither on the worker nor on earlier games. */
Test(komi, depends_on_the_seed_alone)
{
    quick("go:5");
    settings.max_plies = 8;
    settings.komi_stdev = 3;
    struct selfplay *one = open_worker(NULL, NULL), *other = open_worker(NULL, NULL);
    for (uint64_t i = 0; i < 10; i++) {
        record_unref(selfplay_play(other, 100 + i, rng_mix(100 + i)));
        struct record *a = selfplay_play(one, i, rng_mix(i)), *b = selfplay_play(other, i, rng_mix(i));
        cr_assert(game_equal(&a->game, &b->game));
        cr_assert(a->moves_hash == b->moves_hash && a->share_count == b->share_count);
        record_unref(a);
        record_unref(b);
    }
    selfplay_close(one);
    selfplay_close(other);
}

static int games_begun;

static void began(void *user, const struct game *of, uint64_t number, uint32_t generation)
{
    (void)number, (void)generation;
    *(struct game *)user = *of;
    games_begun++;
}

static void moved(void *user, game_move move, float value)
{
    (void)user, (void)move, (void)value;
}

/* Search, result and observers use the game's own komi: on an empty 2x2 board it alone decides who is ahead. */
Test(komi, decides_its_own_game)
{
    quick("go:2,komi=0");
    struct game seen;
    settings.komi_stdev = 1;
    settings.max_plies = 1;
    struct selfplay_config config = {
        .games = &game, .game_count = 1, .settings = &settings, .began = began, .moved = moved, .user = &seen};
    struct selfplay *worker;
    cr_assert_eq(selfplay_create(&worker, &config, NULL), 0);
    for (uint64_t i = 0; i < 50; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        cr_assert(game_equal(&seen, &record->game));
        float area = record->plies[0].move < 4 ? 4 : 0;
        cr_assert_eq(record->result.margin, area - (float)game_komi(&record->game) / 2);
        record_unref(record);
    }
    cr_assert_eq(games_begun, 50);
    selfplay_close(worker);
}

Test(komi, presets)
{
    prepare("go:9");
    cr_assert(settings.komi_stdev == 1 && settings.komi_even == 1);
    cr_assert(settings.komi_wide_share == 0.06 && settings.komi_wide_stdev == 12);
    prepare("go:7,komi=9");
    cr_assert_eq(settings.komi_even, 1, "it is the even one");
    prepare("go:9,komi=5.5");
    cr_assert_eq(settings.komi_even, 0, "an explicit komi remains the mean");
    prepare("gomoku:9");
    cr_assert(settings.komi_stdev == 0 && settings.komi_even == 0 && settings.komi_wide_share == 0);
    settings.komi_stdev = settings.komi_even = 1; /* no effect without komi */
    settings.max_plies = 3;
    struct game games[SETTINGS_MAX_GAMES];
    cr_assert(settings_games(&settings, games, NULL) == 1 && game_equal(&games[0], &game));
    struct selfplay *worker = open_worker(NULL, NULL);
    struct record *record = selfplay_play(worker, 0, 1);
    cr_assert(game_equal(&record->game, &game));
    record_unref(record);
    selfplay_close(worker);
}

/* Self-play with the uniform evaluator: what games are like does not hang on a network. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/selfplay/selfplay.h"

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

Test(selfplay, the_same_seed_is_the_same_game_whatever_came_before)
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

/* Every record is a legal game whose policies are distributions over legal moves, and rows are those searched. */
Test(selfplay, records_are_sound)
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

Test(selfplay, cheap_searches_are_no_training_rows)
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

Test(selfplay, an_abandoned_game_is_no_record)
{
    prepare("go:5");
    int left = 3;
    struct selfplay *worker = open_worker(give_up, &left);
    cr_assert_null(selfplay_play(worker, 0, 5));
    left = 10000;
    struct record *record = selfplay_play(worker, 0, 5);
    cr_assert_not_null(record);
    record_unref(record);
    selfplay_close(worker);
}

/* A win in one is played, and its target policy says so: X X . on the top row of tic-tac-toe. */
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
    cr_assert_geq(taken, chances * 95 / 100, "%d of %d wins in one taken", taken, chances);
    selfplay_close(worker);
}

/* How many of 400 games are on each of the sizes 4, 6 and 5. */
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
        counts[record->game->size]++;
        record_unref(record);
    }
    selfplay_close(worker);
}

Test(selfplay, sizes_come_alike_or_the_largest_by_its_share)
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

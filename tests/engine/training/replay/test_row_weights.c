/* Rows drawn from the window in proportion to their surprise, with weights worked out by hand. */
#include <criterion/criterion.h>

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/training/replay/replay_window.h"
#include "engine/training/replay/row_weights.h"
#include "games/game.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

enum { PLIES = 8, DRAWS = 4000 };

static struct game game;
static struct settings settings;

static void set_up(void)
{
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
}

TestSuite(row_weights, .init = set_up);

/* Eight plies; the first is not a row, and surprise[i] is that of the policy of ply i. The value surprises at ply 7
 * alone. */
static struct record *make(uint64_t number, const float *surprise)
{
    static const game_move moves[PLIES] = {0, 1, 2, 4, 3, 5, 7, 6};
    static const float even[3] = {0.5f, 0, 0.5f}, won[3] = {1, 0, 0};
    union any_position position;
    struct record *record = record_new(&game, number, 0);
    float policy[GAME_MAX_MOVES] = {1};
    game_init(&game, &position.p);
    for (int i = 0; i < PLIES; i++) {
        record_add(record, &position.p, moves[i], policy, i == 7 ? won : even, even,
                   RECORD_SEARCHED | (i ? RECORD_TRAIN : 0));
        record_set_surprise(record, surprise[i]);
        game_play(&game, &position.p, NULL, moves[i]);
    }
    record_finish(record, &position.p);
    return record;
}

static const float some[PLIES] = {9, 0, 0, 1, 0, 3, 0, 0}, none[PLIES] = {0};

static void expect(const float *surprise, const double *want)
{
    struct record *record = make(0, surprise);
    int64_t weights[PLIES];
    row_weights(record, &settings, weights);
    for (int i = 1; i < PLIES; i++)
        cr_expect_float_eq((double)weights[i] / ROW_WEIGHT, want[i], 2e-3, "ply %d: %g, not %g", i,
                           (double)weights[i] / ROW_WEIGHT, want[i]);
    record_unref(record);
}

Test(row_weights, are_equal_without_the_settings)
{
    expect(some, (const double[]){0, 1, 1, 1, 1, 1, 1, 1});
}

/* Half of seven rows' weight is spread evenly, the other 3.5 are divided 1 : 3. */
Test(row_weights, of_the_policy)
{
    settings.surprise_weight = 0.5;
    expect(some, (const double[]){0, 0.5, 0.5, 0.5 + 3.5 / 4, 0.5, 0.5 + 3.5 * 3 / 4, 0.5, 0.5});
    expect(none, (const double[]){0, 1, 1, 1, 1, 1, 1, 1});
}

/* All of the fraction for the value goes to the one row whose value surprised. */
Test(row_weights, of_policy_and_value)
{
    settings.surprise_weight = 0.5;
    settings.surprise_value = 0.1;
    expect(some, (const double[]){0, 0.4, 0.4, 0.4 + 3.5 / 4, 0.4, 0.4 + 3.5 * 3 / 4, 0.4, 0.4 + 0.7});
    settings.surprise_weight = 0;
    settings.surprise_value = 1; /* never quite 0 */
    expect(some, (const double[]){0, 0, 0, 0, 0, 0, 0, 7});
    struct record *record = make(0, some);
    int64_t weights[PLIES];
    row_weights(record, &settings, weights);
    cr_expect_eq(weights[1], 1);
    record_unref(record);
}

static struct net_samples *fill(const struct window *window, uint64_t seed)
{
    const struct game_features *features = game_features_newest(&game);
    struct net_info info = {
        .planes = features->planes, .globals = features->globals, .other_moves = game.moves - game.points};
    struct net_samples *samples = net_samples_new(&info, 3, 3, DRAWS);
    struct rng rng;
    rng_seed(&rng, seed);
    samples->n = DRAWS;
    window_fill(window, features, &rng, samples);
    return samples;
}

/* Ply 7 is the only row without a reply, since it is the last, and the only one whose value surprised. It has a seventh of
 * the weight, or 0.6 / 7 + 0.4 of it; four standard deviations are 0.032. */
Test(row_weights, decide_how_often_a_row_is_drawn)
{
    for (int weighted = 0; weighted < 2; weighted++) {
        settings.surprise_value = weighted ? 0.4 : 0;
        struct window *window = window_new(&game, 1, &settings);
        struct record *record = make(0, none);
        window_add(window, record);
        struct net_samples *samples = fill(window, 3);
        int last = 0;
        for (int i = 0; i < DRAWS; i++)
            last += samples->weight[NET_TARGET_REPLY][i] == 0;
        cr_expect_float_eq((double)last / DRAWS, (weighted ? 0.6 + 2.8 : 1) / 7, 0.032, "%d of %d", last, DRAWS);
        net_samples_free(samples);
        record_unref(record);
        window_free(window);
    }
}

/* A window that has dropped rows, and one that was filled on resumption, draw the same rows; other weights, others. */
Test(row_weights, resuming_draws_the_same_rows)
{
    struct window *windows[3];
    struct settings of[3] = {settings, settings, settings};
    struct net_samples *samples[3];
    for (int k = 0; k < 3; k++) {
        of[k].window = 100;
        of[k].surprise_weight = k < 2 ? 0.5 : 0;
        windows[k] = window_new(&game, 1, &of[k]);
        if (k)
            window_set_made(windows[k], 60 * 7);
        for (uint64_t i = k ? 60 : 0; i < 100; i++) {
            float surprise[PLIES];
            for (int ply = 0; ply < PLIES; ply++)
                surprise[ply] = (float)(rng_mix(i * PLIES + (uint64_t)ply) % 100) / 20;
            struct record *record = make(i, surprise);
            window_add(windows[k], record);
            record_unref(record);
        }
        samples[k] = fill(windows[k], 5);
    }
    cr_assert_eq(window_rows(windows[0]), window_rows(windows[1]));
    const size_t planes = game_features_newest(&game)->planes;
    cr_expect_arr_eq(samples[0]->planes, samples[1]->planes, DRAWS * planes * 9 * sizeof(float));
    cr_expect_neq(memcmp(samples[1]->planes, samples[2]->planes, DRAWS * planes * 9 * sizeof(float)), 0);
    for (int k = 0; k < 3; k++) {
        net_samples_free(samples[k]);
        window_free(windows[k]);
    }
}

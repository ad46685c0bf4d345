/* The effect of each self-play setting on games. Most games end after their opening (max_plies is 1), so that hundreds
 * of them are cheap. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

static struct game game;
static struct settings settings;

static void prepare(const char *spec)
{
    cr_assert(game_parse(&game, spec, NULL));
    settings_presets(&settings, &game);
    settings.visits = 8;
    settings.seed = 3;
}

/* A random net, whose policy and value vary between moves. */
static struct net *fresh_net(void)
{
    struct net *net;
    GError *error = NULL;
    int failed = evaluator_net_fresh(&net, &game, "conv:8 res:8", 4, &error);
    cr_assert_eq(failed, 0, "%s", error ? error->message : "");
    return net;
}

static struct selfplay *open_worker(const struct selfplay_config *extra)
{
    struct selfplay *worker;
    GError *error = NULL;
    struct selfplay_config config = *extra;
    config.games = &game;
    config.game_count = 1;
    config.settings = &settings;
    config.backend = NET_BACKEND_PLAIN;
    config.dtype = NET_F32;
    cr_assert_eq(selfplay_create(&worker, &config, &error), 0, "%s", error ? error->message : "");
    return worker;
}

static struct selfplay *open_uniform(void)
{
    return open_worker(&(struct selfplay_config){.net = NULL});
}

/* ---- visits ---- */

/* The number of evaluations per searched ply: one for the root and one for each visit, as no game on 5x5 ends that
 * soon. */
static uint64_t evaluations_of_a_ply(double full_share)
{
    prepare("go:5");
    settings.visits = 20;
    settings.fast_visits = 5;
    settings.full_share = full_share;
    settings.opening_plies = 0;
    settings.max_plies = 1;
    struct net *net = fresh_net();
    struct selfplay *worker = open_worker(&(struct selfplay_config){.net = net});
    record_unref(selfplay_play(worker, 0, 77));
    uint64_t count = selfplay_evaluations(worker);
    selfplay_close(worker);
    net_unref(net);
    return count;
}

Test(selfplay_settings, full_and_fast_searches_have_their_visits)
{
    cr_assert_eq(evaluations_of_a_ply(1), 21);
    cr_assert_eq(evaluations_of_a_ply(0), 6);
}

/* ---- lengths ---- */

/* A game on a board larger than the run's own goes on for longer: 6 plies on 5x5, where the preset is 2 * 25 + 10 = 60, are
 * 17.2 of 2 * 81 + 10 = 172 on 9x9. */
Test(selfplay_settings, larger_boards_have_longer_games)
{
    static const char *const specs[] = {"go:5", "go:9"};
    static const int plies[] = {6, 17};
    for (int i = 0; i < 2; i++) {
        prepare("go:5");
        settings.max_plies = 6;
        settings.visits = 2;
        cr_assert(game_parse(&game, specs[i], NULL));
        struct net *net = fresh_net();
        struct selfplay *worker = open_worker(&(struct selfplay_config){.net = net});
        struct record *record = selfplay_play(worker, 0, 77);
        cr_expect_eq(record->ply_count, plies[i], "%d", record->ply_count);
        record_unref(record);
        selfplay_close(worker);
        net_unref(net);
    }
}

/* ---- openings ---- */

/* Plays games that consist of an opening of at most `plies` plies and counts how often each point occurs. */
static void count_points(const char *spec, double uniform, int plies, int games, int *counts)
{
    prepare(spec);
    settings.opening_plies = plies;
    settings.opening_uniform = uniform;
    settings.opening_balance = 1;
    settings.max_plies = 1;
    settings.visits = 2;
    struct net *net = fresh_net();
    struct selfplay *worker = open_worker(&(struct selfplay_config){.net = net});
    memset(counts, 0, sizeof *counts * game.moves);
    for (int i = 0; i < games; i++) {
        struct record *record = selfplay_play(worker, (uint64_t)i, rng_mix((uint64_t)i));
        for (int ply = 0; ply < record->ply_count; ply++)
            if (!(record->plies[ply].flags & RECORD_SEARCHED))
                counts[record->plies[ply].move]++;
        record_unref(record);
    }
    selfplay_close(worker);
    net_unref(net);
}

static void expect_central(const char *spec, int margin)
{
    int counts[GAME_MAX_MOVES];
    for (int uniform = 0; uniform < 2; uniform++) {
        count_points(spec, uniform, 6, 150, counts);
        for (int p = 0; p < game.points; p++) {
            int x = p % game.width, y = p / game.width, last = game.width - 1 - margin;
            bool central = x >= margin && x <= last && y >= margin && y <= last;
            cr_assert(central ? counts[p] > 0 || !uniform : counts[p] == 0, "%s: %d openings have (%d, %d)", spec,
                      counts[p], x, y);
        }
    }
}

/* A quarter of the board is excluded on each side, and all remaining points occur. */
Test(selfplay_settings, gomoku_opens_near_the_middle)
{
    expect_central("gomoku:9", 2);
    expect_central("gomoku:7", 1);
}

Test(selfplay_settings, small_boards_and_go_open_anywhere)
{
    int counts[GAME_MAX_MOVES];
    static const char *const specs[] = {"gomoku:6,line=4", "go:7"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        count_points(specs[i], 1, 6, 200, counts);
        for (int p = 0; p < game.points; p++)
            cr_assert_gt(counts[p], 0, "%s: no opening has point %d", specs[i], p);
    }
}

/* The absolute values of openings of three plies and more: median, lowest seventh, and how many are within a bound. */
struct balance {
    int count, within;
    double median, seventh;
};

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double imbalance(struct evaluator *evaluator, const struct record *record)
{
    union any_position position;
    struct history history;
    struct eval eval;
    history_init(&history, 0);
    game_init(&game, &position.p);
    for (int ply = 0; ply < record->ply_count; ply++)
        game_play(&game, &position.p, &history, record->plies[ply].move);
    const struct eval_query query = {.position = &position.p, .history = &history, .want = EVAL_VALUE};
    evaluator_evaluate(evaluator, 1, &query, &eval);
    history_clear(&history);
    return fabs((double)eval_value(&eval));
}

/* Measures 120 games with this setting. The evaluator uses the worker's symmetries, so that it gives the same
 * values. */
static struct balance measure_balance(double opening_balance, double even)
{
    enum { GAMES = 120 };
    struct balance balance = {0};
    double values[GAMES];
    prepare("gomoku:7");
    settings.opening_plies = 6;
    settings.opening_uniform = 1;
    settings.opening_balance = opening_balance;
    settings.max_plies = 1;
    struct net *net = fresh_net();
    struct evaluator *evaluator;
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = net,
                                            .backend = NET_BACKEND_PLAIN,
                                            .dtype = NET_F32,
                                            .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                            .seed = (uint64_t)settings.seed};
    cr_assert_eq(evaluator_create(&evaluator, &game, &config, NULL), 0);
    struct selfplay *worker = open_worker(&(struct selfplay_config){.net = net});
    for (uint64_t i = 0; i < GAMES; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        if (record->ply_count >= 3) {
            values[balance.count] = imbalance(evaluator, record);
            balance.within += values[balance.count++] <= even;
        }
        record_unref(record);
    }
    qsort(values, (size_t)balance.count, sizeof *values, compare_doubles);
    balance.median = values[balance.count / 2];
    balance.seventh = values[balance.count / 7];
    selfplay_close(worker);
    evaluator_free(evaluator);
    net_unref(net);
    return balance;
}

/* Half of all openings are within the median, so one of eight attempts nearly always is. If none is even enough, the
 * most even of the eight is used. */
Test(selfplay_settings, openings_are_drawn_again_until_they_are_even)
{
    struct balance any = measure_balance(1, 0);
    cr_assert(any.count > 40 && any.median > 0, "%d openings", any.count);
    struct balance even = measure_balance(any.median, any.median);
    cr_assert_geq(even.within, even.count - 3, "%d of %d openings are even", even.within, even.count);
    struct balance evenest = measure_balance(0, any.median);
    cr_assert_eq(evenest.within, evenest.count, "%d of %d openings are even", evenest.within, evenest.count);
    cr_assert_lt(evenest.median, any.seventh, "half of the most even of eight are within %g", evenest.median);
}

/* ---- moves ---- */

/* Plays a hundred games of tic-tac-toe and returns the share of wins in one that were played. */
static double wins_taken(void)
{
    struct selfplay *worker = open_uniform();
    int chances = 0, taken = 0;
    for (uint64_t i = 0; i < 100; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        union any_position position, after;
        game_init(&game, &position.p);
        for (int ply = 0; ply < record->ply_count; ply++) {
            bool chance = false;
            for (game_move move = 0; move < 9; move++) {
                game_copy(&game, &after.p, &position.p);
                chance |= game_try(&game, &after.p, NULL, move) && game_over(&after.p) && after.p.outcome != GAME_DRAWN;
            }
            game_play(&game, &position.p, NULL, record->plies[ply].move);
            chances += chance;
            taken += chance && game_over(&position.p) && position.p.outcome != GAME_DRAWN;
        }
        record_unref(record);
    }
    selfplay_close(worker);
    cr_assert_gt(chances, 30);
    return (double)taken / chances;
}

/* Every search plays a win in one; a random move does so about one time in three. */
Test(selfplay_settings, random_moves_replace_the_searched_ones)
{
    prepare("gomoku:3,line=3");
    settings.visits = 32;
    settings.opening_plies = 0;
    settings.sample_plies = 0;
    settings.random_moves = 0;
    cr_assert_geq(wins_taken(), 0.95);
    settings.random_moves = 1;
    double all = wins_taken();
    cr_assert_lt(all, 0.6);
    settings.random_moves = 0.5;
    double half = wins_taken();
    cr_assert(half > all + 0.1 && half < 0.9, "all random: %.2f, half: %.2f", all, half);
}

/* The log likelihood of a record's moves at a temperature, according to its policies. */
static double log_likelihood(const struct record *record, double temperature)
{
    double sum = 0;
    for (int ply = 0; ply < record->ply_count; ply++) {
        const struct record_ply *row = &record->plies[ply];
        double all = 0, own = pow(1e-5, 1 / temperature); /* a share too small to be stored */
        for (int k = 0; k < row->share_count; k++) {
            const struct record_share *share = &record->shares[row->first_share + (uint32_t)k];
            double weight = pow(share->share / 65535.0, 1 / temperature);
            all += weight;
            own = share->move == row->move ? weight : own;
        }
        sum += all > 0 ? log(own / all) : 0;
    }
    return sum;
}

/* The log likelihood ratio of the moves of 80 games for a temperature of 1/3 against one of 3. */
static double evidence_for_cold(double temperature)
{
    prepare("gomoku:7");
    settings.visits = 8;
    settings.max_plies = 10; /* before any win is proven, which would leave no choice */
    settings.value_scale = 10; /* so that policies are not nearly uniform */
    settings.opening_plies = 0;
    settings.random_moves = 0;
    settings.sample_plies = 10;
    settings.temperature = temperature;
    struct net *net = fresh_net();
    struct selfplay *worker = open_worker(&(struct selfplay_config){.net = net});
    double sum = 0;
    for (uint64_t i = 0; i < 80; i++) {
        struct record *record = selfplay_play(worker, i, rng_mix(i));
        sum += log_likelihood(record, 1 / 3.0) - log_likelihood(record, 3);
        record_unref(record);
    }
    selfplay_close(worker);
    net_unref(net);
    return sum;
}

Test(selfplay_settings, sampling_follows_the_temperature)
{
    double cold = evidence_for_cold(1 / 3.0), hot = evidence_for_cold(3);
    cr_assert(cold > 15 && hot < -60, "cold %g, hot %g", cold, hot);
}

/* ---- observers ---- */

struct watched {
    int began, moves;
    uint64_t number;
    game_move move[64];
    float value_player_0[64];
};

static void note_game(void *user, const struct game *played, uint64_t number, uint32_t generation)
{
    struct watched *watched = user;
    cr_assert(game_equal(played, &game) && generation == 0);
    watched->number = number;
    watched->began++;
    watched->moves = 0;
}

static void note_move(void *user, game_move move, float value_player_0)
{
    struct watched *watched = user;
    cr_assert_lt(watched->moves, 64);
    watched->move[watched->moves] = move;
    watched->value_player_0[watched->moves++] = value_player_0;
}

/* Values in a record are from the view of the player to move; for observers they are player 0's, and unknown for
 * opening moves. */
Test(selfplay_settings, observers_see_the_values_of_player_0)
{
    prepare("gomoku:3,line=3");
    settings.visits = 32;
    struct watched watched = {0};
    struct selfplay *worker =
        open_worker(&(struct selfplay_config){.began = note_game, .moved = note_move, .user = &watched});
    int won[2] = {0};
    for (uint64_t i = 0; i < 30; i++) {
        struct record *record = selfplay_play(worker, 100 + i, rng_mix(i));
        cr_assert(watched.began == (int)i + 1 && watched.number == 100 + i && watched.moves == record->ply_count);
        for (int ply = 0; ply < record->ply_count; ply++) {
            const struct record_ply *row = &record->plies[ply];
            cr_assert_eq(watched.move[ply], row->move);
            if (!(row->flags & RECORD_SEARCHED)) {
                cr_assert(isnan(watched.value_player_0[ply]));
                continue;
            }
            float value = row->wdl[0] - row->wdl[2];
            cr_assert_float_eq(watched.value_player_0[ply], row->player ? -value : value, 1e-3);
            won[row->player] += fabsf(value) > 0.5f;
        }
        record_unref(record);
    }
    cr_assert(won[0] > 5 && won[1] > 5, "%d and %d values show who is ahead", won[0], won[1]);
    selfplay_close(worker);
}

/* Simulated players of known Elo: their games, the ratings computed from them, and sequential tests. Shared by the unit
 * tests and the long acceptance commands. */
#ifndef TENGEN_TESTS_POOL_H
#define TENGEN_TESTS_POOL_H

#include <math.h>

#include "engine/match/statistics/rating.h"
#include "engine/match/statistics/sprt.h"
#include "games/rng.h"

struct pool {
    int players, pairs; /* number of players; pairs of games between any two of them */
    double draw;        /* frequency of draws, as a fraction of the maximum that the expected score allows, 0..1 */
    double opening;     /* Elo by which an opening favours the first colour: uniform in -opening .. opening */
    double nu;          /* above 0: draws follow Davidson's model with this nu, and the ratings are fitted with it */
};
enum { POOL_MAX = 12 };

static inline double pool_truth(int player)
{
    static const double truth[POOL_MAX] = {0, 30, 75, 110, 180, 240, 260, 330, 350, 420, 500, 520};
    return truth[player];
}

/* Draws a win, a draw or a loss whose mean is the expected score. */
static inline double pool_points(struct rng *rng, double expected, double draw)
{
    double d = 2 * draw * fmin(expected, 1 - expected), x = rng_uniform(rng);
    return x < expected - d / 2 ? 1 : x < expected + d / 2 ? 0.5 : 0;
}

static inline double pool_expected(double advantage)
{
    return 1 / (1 + pow(10, -advantage / 400));
}

/* Points, in one game, of a player stronger by `elo`, with an opening worth `opening` Elo to the first colour; the mean
 * over both colours is exactly the expected score. */
static inline double pool_game(struct rng *rng, double elo, double opening, double draw, int colour)
{
    double mean = pool_expected(elo), with = pool_expected(elo + opening), against = pool_expected(elo - opening);
    double shift = mean - (with + against) / 2;
    return pool_points(rng, fmin(fmax((colour ? against : with) + shift, 0.001), 0.999), draw);
}

/* Davidson's model: win, draw and loss as x : nu : 1 / x with x^2 the odds. */
static inline double pool_davidson(struct rng *rng, double elo, double nu)
{
    double x = pow(10, elo / 800), sum = x + nu + 1 / x, u = rng_uniform(rng) * sum;
    return u < x ? 1 : u < x + nu ? 0.5 : 0;
}

struct pool_result {
    int held, asked; /* intervals that contain the true rating, of all except the anchor's */
    double error;    /* mean of rating minus true rating */
};

static inline struct pool_result pool_try(const struct pool *pool, uint64_t seed)
{
    static struct rating_game games[POOL_MAX * POOL_MAX * 1000];
    struct rng rng;
    int n = pool->players, count = 0, pair = 0;
    rng_seed(&rng, rng_mix(seed + 77));
    for (int k = 0; k < pool->pairs; k++)
        for (int a = 0; a < n; a++)
            for (int b = a + 1; b < n; b++, pair++) {
                double opening = pool->opening * (2 * rng_uniform(&rng) - 1);
                for (int colour = 0; colour < 2; colour++) {
                    double elo = pool_truth(a) - pool_truth(b);
                    double points = pool->nu > 0 ? pool_davidson(&rng, elo, pool->nu)
                                                 : pool_game(&rng, elo, opening, pool->draw, colour);
                    games[count++] = (struct rating_game){a, b, points, pair};
                }
            }
    const struct rating_anchor anchor = {0, pool_truth(0)};
    const struct rating_config config = {n, games, count, &anchor, 1, pool->nu > 0};
    struct rating_table table;
    struct pool_result result = {0, n - 1, 0};
    rating_fit(&config, &table);
    for (int i = 1; i < n; i++) {
        result.held += table.ratings[i].low <= pool_truth(i) && pool_truth(i) <= table.ratings[i].high;
        result.error += (table.ratings[i].elo - pool_truth(i)) / (n - 1);
    }
    rating_table_clear(&table);
    return result;
}

/* Runs one sequential test of two players whose difference is `elo`; *pairs: number of game pairs played. */
static inline enum sprt_decision pool_test(const struct sprt *sprt, double elo, double opening_elo, double draw,
                                           uint64_t seed, int most, int *pairs)
{
    struct sprt_state state;
    struct rng rng;
    rng_seed(&rng, rng_mix(seed + 5));
    sprt_begin(sprt, &state);
    for (*pairs = 0; *pairs < most && state.decision == SPRT_OPEN; ++*pairs) {
        double opening = opening_elo * (2 * rng_uniform(&rng) - 1);
        double points = pool_game(&rng, elo, opening, draw, 0) + pool_game(&rng, elo, opening, draw, 1);
        sprt_add(sprt, &state, (int)lround(2 * points));
    }
    return state.decision;
}

/* The normalised Elo of a difference for games with these draws and openings, by summing over openings. */
static inline double pool_normalised(double elo, double opening_elo, double draw)
{
    enum { STEPS = 2000 };
    double mean = pool_expected(elo),
           variance = 0; /* of the mean of a pair: two games that are independent given the opening */
    for (int i = 0; i < STEPS; i++) {
        double opening = opening_elo * ((2.0 * i + 1) / STEPS - 1);
        double with = pool_expected(elo + opening), against = pool_expected(elo - opening);
        double shift = mean - (with + against) / 2;
        for (int colour = 0; colour < 2; colour++) {
            double m = (colour ? against : with) + shift, d = 2 * draw * fmin(m, 1 - m);
            variance += (m - d / 2 + d / 4 - m * m) / 4 / STEPS;
        }
    }
    return (mean - 0.5) / sqrt(2 * variance) * 800 / log(10);
}

static inline double pool_elo_of_normalised(double wanted, double opening_elo, double draw)
{
    double low = 0, high = 300;
    for (int round = 0; round < 60; round++) {
        double elo = (low + high) / 2;
        if (pool_normalised(elo, opening_elo, draw) < wanted)
            low = elo;
        else
            high = elo;
    }
    return (low + high) / 2;
}

#endif

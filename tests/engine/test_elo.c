/* Ratings against cases worked out by hand, and against pools drawn from known ratings. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/elo.h"
#include "games/rng.h"

static void near(double got, double want, double tolerance)
{
    cr_assert(fabs(got - want) <= tolerance, "%.6f instead of %.6f", got, want);
}

/* 30 wins, 10 losses: the odds are 3, so the difference is 400 log10 3 = 190.848502. Information of n games at p:
 * n p (1 - p) = 40 * 0.75 * 0.25 = 7.5 a natural unit squared, so sd = 1 / sqrt 7.5 = 0.365148, in Elo 63.433012;
 * 1.959964 of it: 124.326. */
Test(elo, two_players)
{
    const struct elo_pair pair = {0, 1, 30, 0, 10};
    struct elo_rating r[2];
    cr_assert(elo_fit(2, &pair, 1, 0, r));
    near(r[0].elo, 0, 1e-9);
    near(r[0].low, 0, 1e-9);
    near(r[0].high, 0, 1e-9);
    near(r[1].elo, -190.848502, 1e-5);
    near(r[1].high - r[1].elo, 124.326, 2e-3);
    near(r[1].elo - r[1].low, 124.326, 2e-3);
    /* About the mean: half the difference, half the width. */
    cr_assert(elo_fit(2, &pair, 1, ELO_ANCHOR_MEAN, r));
    near(r[0].elo, 95.424251, 1e-5);
    near(r[1].elo, -95.424251, 1e-5);
    near(r[0].high - r[0].elo, 62.163, 1e-3);
}

/* Draws are halves: 20 wins, 20 draws, 0 losses score 30 of 40, as above. */
Test(elo, draws_count_as_halves)
{
    const struct elo_pair pair = {0, 1, 20, 20, 0};
    struct elo_rating r[2];
    cr_assert(elo_fit(2, &pair, 1, 1, r));
    near(r[0].elo, 190.848502, 1e-5);
    const struct elo_pair even = {0, 1, 0, 7, 0};
    cr_assert(elo_fit(2, &even, 1, 1, r));
    near(r[0].elo, 0, 1e-9);
}

/* Nobody bounds a clean score; half a win and half a loss make 10.5 to 0.5: 400 log10 21 = 528.888. */
Test(elo, clean_score_is_bounded_and_said_so)
{
    const struct elo_pair pair = {0, 1, 10, 0, 0};
    struct elo_rating r[2];
    cr_assert(!elo_fit(2, &pair, 1, 1, r));
    near(r[0].elo, 528.8877, 1e-3);
    cr_assert(r[0].low < r[0].elo && r[0].high > r[0].elo);
}

/* a beats b beats c, never a against c: differences add up: 400 log10 (3 * 3). */
Test(elo, chain_without_a_direct_meeting)
{
    const struct elo_pair pairs[] = {{0, 1, 3, 0, 1}, {2, 1, 1, 0, 3}};
    struct elo_rating r[3];
    cr_assert(elo_fit(3, pairs, 2, 2, r));
    near(r[0].elo, 2 * 190.848502, 1e-5);
    near(r[1].elo, 190.848502, 1e-5);
    /* Variances of independent links add. */
    near(r[0].high - r[0].elo, sqrt(2) * (r[1].high - r[1].elo), 1e-5);
}

Test(elo, who_did_not_play_has_no_rating)
{
    const struct elo_pair pairs[] = {{0, 1, 3, 0, 1}, {2, 3, 1, 0, 3}};
    struct elo_rating r[5];
    elo_fit(5, pairs, 2, 0, r);
    cr_assert(r[0].known && r[1].known && !r[2].known && !r[3].known && !r[4].known);
    elo_fit(5, pairs, 0, ELO_ANCHOR_MEAN, r);
    for (int i = 0; i < 5; i++)
        cr_assert(!r[i].known);
}

/* Six players of known ratings, 400 games a pair, 40 pools: the ratings come back, and nineteen of twenty intervals
 * hold the truth. */
Test(elo, synthetic_pools)
{
    enum { N = 6, GAMES = 400, POOLS = 40 };
    const double truth[N] = {0, 50, 120, 200, 350, 420};
    struct rng rng;
    rng_seed(&rng, 5);
    int held = 0;
    double mean_error = 0;
    for (int pool = 0; pool < POOLS; pool++) {
        struct elo_pair pairs[N * N];
        struct elo_rating r[N];
        int count = 0;
        for (int a = 0; a < N; a++)
            for (int b = a + 1; b < N; b++) {
                struct elo_pair p = {a, b, 0, 0, 0};
                double expected = 1 / (1 + pow(10, (truth[b] - truth[a]) / 400));
                for (int g = 0; g < GAMES; g++)
                    if (rng_uniform(&rng) < expected)
                        p.wins++;
                    else
                        p.losses++;
                pairs[count++] = p;
            }
        cr_assert(elo_fit(N, pairs, count, 0, r));
        for (int i = 1; i < N; i++) {
            held += r[i].low <= truth[i] && truth[i] <= r[i].high;
            mean_error += (r[i].elo - truth[i]) / (POOLS * (N - 1));
        }
    }
    cr_assert(fabs(mean_error) < 6, "mean error %.2f", mean_error);
    double share = (double)held / (POOLS * (N - 1));
    cr_assert(share > 0.90 && share < 0.99, "%.3f of the intervals hold the truth", share);
}

/* Wilson by hand: 0 of 10: high = z^2 / (n + z^2) = 3.841459 / 13.841459 = 0.277533; 5 of 10 is symmetric:
 * (0.5 + 0.192073) / 1.384146 = 0.5, half = 1.959964 / 1.384146 * sqrt(0.025 + 0.00960365) = 0.263407. */
Test(elo, score_interval)
{
    double low, high;
    elo_score_interval(0, 10, &low, &high);
    near(low, 0, 1e-12);
    near(high, 0.277533, 1e-6);
    elo_score_interval(0.5, 10, &low, &high);
    near(low, 0.236593, 1e-5);
    near(high, 0.763407, 1e-5);
    elo_score_interval(NAN, 0, &low, &high);
    cr_assert(low == 0 && high == 1);
}

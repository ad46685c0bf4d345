/* Ratings: cases computed by hand, and simulated pools with known ratings. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/match/statistics/rating.h"
#include "tests/engine/match/pool.h"

static void near(double got, double want, double tolerance)
{
    cr_assert(fabs(got - want) <= tolerance, "%.6f instead of %.6f", got, want);
}

/* The number of games of a against b, each a cluster of its own. */
struct result {
    int a, b, wins, draws, losses;
};

static struct rating_table fit(int players, const struct result *results, int count, int anchor, bool davidson)
{
    struct rating_game games[2000];
    int n = 0;
    for (int i = 0; i < count; i++)
        for (int k = 0; k < results[i].wins + results[i].draws + results[i].losses; k++) {
            double points = k < results[i].wins ? 1 : k < results[i].wins + results[i].draws ? 0.5 : 0;
            games[n++] = (struct rating_game){results[i].a, results[i].b, points, -1};
        }
    const struct rating_anchor at = {anchor, 0};
    const struct rating_config config = {players, games, n, &at, anchor >= 0, davidson};
    struct rating_table table;
    rating_fit(&config, &table);
    return table;
}

/* 30 wins, 10 losses: the odds are 3, so the difference is 400 log10 3 = 190.848502. Each game's residual is 1/4 or
 * -3/4, their squares sum to 30/16 + 10 * 9/16 = 7.5 = the curvature n p (1 - p); so the sandwich estimate equals the
 * inverse curvature except for the correction (40/39 for the share 40/42 of the games): variance (2 + 40 * 40/39) / 42
 * / 7.5 in natural units = 0.136589, standard deviation 0.369579, in Elo 64.202; Student's quantile with 39 degrees of
 * freedom is 2.022691: 129.861. */
Test(rating, two_players)
{
    const struct result r = {0, 1, 30, 0, 10};
    struct rating_table t = fit(2, &r, 1, 0, false);
    cr_assert(t.has_maximum);
    near(t.ratings[0].elo, 0, 1e-9);
    near(t.ratings[0].low, 0, 1e-9);
    near(t.ratings[0].high, 0, 1e-9);
    near(t.ratings[1].elo, -190.848502, 1e-5);
    near(t.quantile, 2.022691, 1e-4);
    near(t.ratings[1].high - t.ratings[1].elo, 129.861, 0.02);
    /* Normal distribution: 190.85 / 64.202 = 2.9726 standard deviations. */
    near(rating_superiority(&t, 0, 1), 0.998524, 2e-5);
    near(rating_superiority(&t, 1, 0), 1 - 0.998524, 2e-5);
    rating_table_clear(&t);
    /* Relative to the mean: half the difference, half the width. */
    t = fit(2, &r, 1, -1, false);
    near(t.ratings[0].elo, 95.424251, 1e-5);
    near(t.ratings[1].elo, -95.424251, 1e-5);
    near(t.ratings[0].high - t.ratings[0].elo, 129.861 / 2, 0.01);
    rating_table_clear(&t);
}

/* Draws count as half a win: 20 wins and 20 draws score 30 of 40, as above, but with less variance. */
Test(rating, draws_count_as_halves)
{
    const struct result r = {0, 1, 20, 20, 0}, even = {0, 1, 0, 7, 0};
    struct rating_table t = fit(2, &r, 1, 1, false);
    near(t.ratings[0].elo, 190.848502, 1e-5);
    cr_assert(t.ratings[0].high - t.ratings[0].elo < 90, "%g", t.ratings[0].high - t.ratings[0].elo);
    rating_table_clear(&t);
    t = fit(2, &even, 1, 1, false);
    near(t.ratings[0].elo, 0, 1e-9);
    near(rating_superiority(&t, 0, 1), 0.5, 1e-9);
    rating_table_clear(&t);
}

/* A score of 100 % has no finite maximum; half a win and half a loss make it 10.5 to 0.5: 400 log10 21 = 528.888. */
Test(rating, a_perfect_score_is_bounded_and_marked)
{
    const struct result r = {0, 1, 10, 0, 0};
    struct rating_table t = fit(2, &r, 1, 1, false);
    cr_assert(!t.has_maximum);
    near(t.ratings[0].elo, 528.8877, 1e-3);
    cr_assert(t.ratings[0].low < t.ratings[0].elo && t.ratings[0].high > t.ratings[0].elo);
    rating_table_clear(&t);
}

/* A player who lost every game gets a bounded rating, without influence on the others: 1 against 2 is 30 to 10. */
Test(rating, only_one_sided_pairs_are_bounded)
{
    const struct result r[] = {{1, 2, 30, 0, 10}, {1, 0, 40, 0, 0}, {2, 0, 40, 0, 0}};
    struct rating_table t = fit(3, r, 3, 2, false);
    cr_assert(!t.has_maximum && t.ratings[0].elo < -600 && t.ratings[0].elo > -1000, "%g", t.ratings[0].elo);
    near(t.ratings[1].elo, 190.848502, 7); /* the bounded player adds a little information */
    rating_table_clear(&t);
}

/* a beats b and b beats c, without games of a against c: differences add up: 400 log10 (3 * 3), and so do variances. */
Test(rating, chain_without_a_direct_meeting)
{
    const struct result r[] = {{0, 1, 30, 0, 10}, {2, 1, 10, 0, 30}};
    struct rating_table t = fit(3, r, 2, 2, false);
    near(t.ratings[0].elo, 2 * 190.848502, 1e-5);
    near(t.ratings[1].elo, 190.848502, 1e-5);
    near(t.ratings[0].high - t.ratings[0].elo, sqrt(2) * (t.ratings[1].high - t.ratings[1].elo), 1e-5);
    rating_table_clear(&t);
}

Test(rating, players_without_games_have_no_rating)
{
    const struct result r[] = {{0, 1, 3, 0, 1}, {2, 3, 1, 0, 3}};
    struct rating_table t = fit(5, r, 2, 0, false);
    cr_assert(t.ratings[0].known && t.ratings[1].known && !t.ratings[2].known && !t.ratings[3].known &&
              !t.ratings[4].known);
    near(rating_superiority(&t, 0, 4), 0.5, 0);
    rating_table_clear(&t);
    t = fit(5, r, 0, -1, false);
    for (int i = 0; i < 5; i++)
        cr_assert(!t.ratings[i].known);
    rating_table_clear(&t);
}

/* Two anchors connect two halves of a pool that never met, and determine the rating of a player who plays both. */
Test(rating, anchors_are_fixed)
{
    struct rating_game games[80];
    for (int i = 0; i < 40; i++) {
        games[i] = (struct rating_game){1, 0, i < 20 ? 1 : 0, -1};      /* 1 is as strong as 0 */
        games[40 + i] = (struct rating_game){2, 3, i < 30 ? 1 : 0, -1}; /* 2 is 190.85 above 3 */
    }
    const struct rating_anchor anchors[] = {{0, 1000}, {3, 1500}};
    const struct rating_config config = {4, games, 80, anchors, 2, false};
    struct rating_table t;
    rating_fit(&config, &t);
    cr_assert(t.has_maximum && t.ratings[1].known && t.ratings[2].known);
    near(t.ratings[0].elo, 1000, 1e-9);
    near(t.ratings[3].high, 1500, 1e-9);
    near(t.ratings[1].elo, 1000, 1e-6);
    near(t.ratings[2].elo, 1690.848502, 1e-5);
    rating_table_clear(&t);
}

/* Davidson by hand: win : draw : loss = x : nu sqrt(x) : 1 / ... with 40, 20, 10: odds of decided games 4, so the
 * difference is 400 log10 4 = 240.824; nu = 20 / sqrt(40 * 10) = 1, equals draw 1 / 3. */
Test(rating, davidson)
{
    const struct result r = {0, 1, 40, 20, 10}, none = {0, 1, 30, 0, 10};
    struct rating_table t = fit(2, &r, 1, 1, true);
    near(t.ratings[0].elo, 240.824, 1e-3);
    near(t.draw_even, 1.0 / 3, 1e-6);
    rating_table_clear(&t);
    t = fit(2, &none, 1, 1, true); /* no draws: the model without them */
    near(t.ratings[0].elo, 190.848502, 1e-5);
    near(t.draw_even, 0, 0);
    rating_table_clear(&t);
}

/* Two players only draw with each other and never lose to a third, who sometimes draws: the likelihood has no maximum,
 * but increases as the third one's rating falls and draws become more likely. A single loss to it creates a maximum. */
Test(rating, davidson_without_a_maximum)
{
    struct result r[] = {{0, 1, 0, 20, 0}, {0, 2, 18, 2, 0}, {1, 2, 19, 1, 0}};
    struct rating_table t = fit(3, r, 3, -1, true), halves = fit(3, r, 3, -1, false);
    near(t.draw_even, 0, 0);
    for (int i = 0; i < 3; i++)
        near(t.ratings[i].elo, halves.ratings[i].elo, 1e-9);
    rating_table_clear(&t);
    rating_table_clear(&halves);
    r[2].losses = 1;
    t = fit(3, r, 3, -1, true);
    cr_assert(t.draw_even > 0.5 && t.draw_even < 1, "%g", t.draw_even);
    cr_assert(t.ratings[0].elo - t.ratings[2].elo > 400 && t.ratings[0].elo - t.ratings[2].elo < 2000);
    rating_table_clear(&t);
}

/* Pools of a few games, with and without anchors: whatever the results, all figures are finite. */
Test(rating, small_pools_are_finite)
{
    unsigned state = 1;
    int fitted = 0;
    for (int pool = 0; pool < 20000; pool++) {
        struct result r[6];
        int n = 0;
        for (int a = 0; a < 4; a++)
            for (int b = a + 1; b < 4; b++) {
                state = state * 1664525 + 1013904223;
                r[n++] = (struct result){a, b, (state >> 16) % 3, (state >> 20) % 3, (state >> 24) % 2};
            }
        struct rating_table t = fit(4, r, n, pool % 5 - 1, true);
        fitted += t.draw_even > 0;
        for (int i = 0; i < 4; i++)
            cr_assert(isfinite(t.ratings[i].low) && isfinite(t.ratings[i].high) && fabs(t.ratings[i].elo) < 5000,
                      "pool %d, player %d: %g (%g..%g)", pool, i, t.ratings[i].elo, t.ratings[i].low,
                      t.ratings[i].high);
        rating_table_clear(&t);
    }
    cr_assert(fitted > 1000 && fitted < 19999, "%d", fitted);
}

/* Both games of a pair always have the same result (the opening decides): half as many clusters, so intervals are wider
 * by sqrt 2. */
Test(rating, pairs_widen_or_narrow)
{
    struct rating_game alone[400], alike[400], opposed[400];
    for (int i = 0; i < 400; i++) {
        alone[i] = (struct rating_game){0, 1, i % 4 < 2, -1};
        alike[i] = (struct rating_game){0, 1, i % 4 < 2, i / 2}; /* 1 1 0 0: each pair 2 or 0 */
        opposed[i] = (struct rating_game){0, 1, i % 2, i / 2};   /* each pair 1: 1 */
    }
    double width[3];
    const struct rating_game *const sets[] = {alone, alike, opposed};
    const struct rating_anchor anchor = {1, 0};
    for (int i = 0; i < 3; i++) {
        const struct rating_config config = {2, sets[i], 400, &anchor, 1, false};
        struct rating_table t;
        rating_fit(&config, &t);
        width[i] = t.ratings[0].high;
        rating_table_clear(&t);
    }
    near(width[1] / width[0], sqrt(2), 0.03);
    cr_assert(width[2] > 0 && width[2] < 0.2 * width[0], "%g of %g", width[2], width[0]);
}

/* Simulated pools with draws and with openings that favour a colour: the known ratings are recovered, and nineteen of
 * twenty intervals contain them. The long version is tests/acceptance/match/ratings.c. */
Test(rating, synthetic_pools)
{
    const struct pool pool = {.players = 6, .pairs = 60, .draw = 0.3, .opening = 150};
    int held = 0, all = 0;
    double bias = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct pool_result r = pool_try(&pool, seed);
        held += r.held;
        all += r.asked;
        bias += r.error / 60;
    }
    cr_assert(fabs(bias) < 6, "mean error %.2f", bias);
    double share = (double)held / all;
    cr_assert(share > 0.90 && share < 0.985, "%.3f of %d intervals contain the true rating", share, all);
}

/* Wilson intervals by hand: 0 of 10: high = z^2 / (n + z^2) = 3.841459 / 13.841459 = 0.277533; 5 of 10 is symmetric:
 * (0.5 + 0.192073) / 1.384146 = 0.5, half = 1.959964 / 1.384146 * sqrt(0.025 + 0.00960365) = 0.263407. */
Test(rating, score_interval)
{
    double low, high;
    rating_score_interval(0, 10, &low, &high);
    near(low, 0, 1e-12);
    near(high, 0.277533, 1e-6);
    rating_score_interval(0.5, 10, &low, &high);
    near(low, 0.236593, 1e-5);
    near(high, 0.763407, 1e-5);
    rating_score_interval(NAN, 0, &low, &high);
    cr_assert(low == 0 && high == 1);
}

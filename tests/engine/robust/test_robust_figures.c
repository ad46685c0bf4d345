/* Elo beside the anchors and Elo lost, by hand. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/match/statistics/rating.h"
#include "engine/robust/figures.h"

/* The net at 100, two anchors at -40 and -60: 150 above their mean. The variance of r0 - (r1 + r2) / 2 is
 * v0 + (v1 + v2) / 4 - c01 - c02 + c12 / 2 = 36 + 20 - 2 + 4 + 4 = 62. */
Test(robust_figures, elo_above_the_mean_of_the_anchors)
{
    struct rating ratings[3] = {{true, 100, 0, 0}, {true, -40, 0, 0}, {true, -60, 0, 0}};
    double covariance[9] = {36, 2, -4, 2, 16, 8, -4, 8, 64};
    const struct rating_table table = {.players = 3, .ratings = ratings, .covariance = covariance, .quantile = 2};
    struct rating elo = robust_elo(&table);
    cr_expect(elo.known);
    cr_expect_float_eq(elo.elo, 150, 1e-9);
    cr_expect_float_eq(elo.low, 150 - 2 * sqrt(62), 1e-9);
    cr_expect_float_eq(elo.high, 150 + 2 * sqrt(62), 1e-9);
}

/* An anchor without games does not count: 100 + 40, and the variance is 36 + 16 - 2 * 2 = 48. */
Test(robust_figures, anchors_without_games)
{
    struct rating ratings[3] = {{true, 100, 0, 0}, {true, -40, 0, 0}, {false, 0, 0, 0}};
    double covariance[9] = {36, 2, 0, 2, 16, 0, 0, 0, 0};
    struct rating_table table = {.players = 3, .ratings = ratings, .covariance = covariance, .quantile = 1};
    struct rating elo = robust_elo(&table);
    cr_expect_float_eq(elo.elo, 140, 1e-9);
    cr_expect_float_eq(elo.high, 140 + sqrt(48), 1e-9);
    ratings[1].known = false;
    cr_expect_not(robust_elo(&table).known);
    ratings[1].known = true;
    ratings[0].known = false;
    cr_expect_not(robust_elo(&table).known);
}

/* Three of four points against one anchor, half against the other: 400 log10 3 = 190.85 and 0 Elo, 95.42 on average. */
Test(robust_figures, elo_from_games)
{
    struct rating_game games[80];
    for (int i = 0; i < 80; i++) {
        int anchor = 1 + i / 40;
        double points = i % 4 == 0 ? 1 : i % 4 == 1 ? (anchor == 1) : i % 4 == 2 ? 0.5 : anchor == 1 ? 0.5 : 0.5;
        games[i] = (struct rating_game){0, anchor, points, i / 2};
    }
    const struct rating_config config = {.players = 3, .games = games, .count = 80};
    struct rating_table table;
    rating_fit(&config, &table);
    struct rating elo = robust_elo(&table);
    cr_expect_float_eq(elo.elo, 200 * log10(3), 1e-6);
    cr_expect_float_eq(elo.high - elo.elo, elo.elo - elo.low, 1e-9);
    cr_expect(elo.high - elo.elo > 20 && elo.high - elo.elo < 120, "%g", elo.high - elo.elo);
    rating_table_clear(&table);
}

/* Intervals of 30 and 40 combine to 50. */
Test(robust_figures, lost)
{
    const struct rating main = {true, 150, 120, 180}, cell = {true, 50, 10, 90}, unknown = {0};
    struct rating lost = robust_lost(&main, &cell);
    cr_expect(lost.known);
    cr_expect_float_eq(lost.elo, 100, 1e-9);
    cr_expect_float_eq(lost.low, 50, 1e-9);
    cr_expect_float_eq(lost.high, 150, 1e-9);
    cr_expect_float_eq(robust_lost(&cell, &main).elo, -100, 1e-9);
    cr_expect_not(robust_lost(&unknown, &cell).known);
    cr_expect_not(robust_lost(&main, &unknown).known);
}

/* Ratings against figures from data/reference.py, which differentiates the likelihood numerically. The script prints
 * the figures below; rerun it after a change of the games. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/match/statistics/rating.h"
#include "engine/match/statistics/sprt.h"

/* 0 to 2 meet in pairs with colours swapped, whichever is named first; two games are single. */
static const struct rating_game mixed[] = {{0, 1, 1, 0},   {1, 0, 0.5, 0}, {0, 1, 1, 1}, {1, 0, 0, 1},   {1, 2, 1, 2},
                                           {2, 1, 0, 2},   {1, 2, 0.5, 3}, {2, 1, 1, 3}, {2, 0, 1, 4},   {0, 2, 1, 4},
                                           {2, 0, 0, 5},   {0, 2, 0.5, 5}, {0, 1, 0, 6}, {1, 0, 0.5, 6}, {1, 2, 0, 7},
                                           {2, 1, 0.5, 7}, {0, 2, 1, -1},  {2, 1, 0, -1}};

struct expected {
    struct rating_config config;
    double quantile, draw_even, elo[3], covariance[9], stronger[3]; /* 0 than 1, 0 than 2, 1 than 2 */
};

static void near(double got, double want, double tolerance, const char *what)
{
    cr_expect(fabs(got - want) <= tolerance * fmax(1, fabs(want)), "%s: %.9g, not %.9g", what, got, want);
}

static void expect_fit(const struct expected *expected, bool has_maximum)
{
    static const int pairs[3][2] = {{0, 1}, {0, 2}, {1, 2}};
    struct rating_table table;
    rating_fit(&expected->config, &table);
    cr_assert_eq(table.has_maximum, has_maximum);
    near(table.quantile, expected->quantile, 1e-7, "quantile");
    near(table.draw_even, expected->draw_even, 1e-6, "draws between equals");
    for (int i = 0; i < 9; i++)
        near(table.covariance[i], expected->covariance[i], 1e-5, "covariance");
    for (int i = 0; i < 3; i++) {
        const struct rating *r = &table.ratings[i];
        double half = expected->quantile * sqrt(expected->covariance[4 * i]);
        cr_assert(r->known);
        near(r->elo, expected->elo[i], 1e-7, "Elo");
        near(r->low, expected->elo[i] - half, 1e-5, "lower end");
        near(r->high, expected->elo[i] + half, 1e-5, "upper end");
        near(rating_superiority(&table, pairs[i][0], pairs[i][1]), expected->stronger[i], 1e-6, "stronger");
        near(rating_superiority(&table, pairs[i][1], pairs[i][0]), 1 - expected->stronger[i], 1e-6, "weaker");
        near(rating_superiority(&table, i, i), 0.5, 0, "itself");
    }
    rating_table_clear(&table);
}

/* The mean is held at 0, so the covariances of a player sum to 0. */
Test(rating_reference, halves)
{
    static const struct expected expected = {{.players = 3, .games = mixed, .count = 18},
                                             2.3055913231035943,
                                             0.0,
                                             {89.9391537577, -22.9294225386, -67.0097312191},
                                             {4394.29449871, -2542.46819705, -1851.82630165, -2542.46819705,
                                              5009.51660502, -2467.04840797, -1851.82630165, -2467.04840797,
                                              4318.87470962},
                                             {0.825797206898, 0.92050662344, 0.643974334773}};
    expect_fit(&expected, true);
}

Test(rating_reference, anchor)
{
    static const struct rating_anchor anchors[] = {{1, 1500}};
    static const struct expected expected = {
        {.players = 3, .games = mixed, .count = 18, .anchors = anchors, .anchor_count = 1},
        2.3055913231035943,
        0.0,
        {1612.8685763, 1500, 1455.91969132},
        {14488.7475194, 0, 8167.20691812, 0, 0, 0, 8167.20691812, 0, 14262.4881438},
        {0.825797206718, 0.920506623312, 0.643974334711}};
    expect_fit(&expected, true);
}

Test(rating_reference, davidson)
{
    static const struct expected expected = {{.players = 3, .games = mixed, .count = 18, .davidson = true},
                                             2.363913343940388,
                                             0.2971186804472552,
                                             {128.760807478, -32.8640014904, -95.896805988},
                                             {9774.31774041, -6140.03162653, -3634.28611388, -6140.03162653,
                                              11332.9578008, -5192.92617423, -3634.28611388, -5192.92617423,
                                              8827.21228811},
                                             {0.811797415428, 0.918757257706, 0.640820489947}};
    expect_fit(&expected, true);
}

/* Both anchors are fixed; the third player and the draws are fitted. */
Test(rating_reference, davidson_between_anchors)
{
    static const struct rating_anchor anchors[] = {{0, 1500}, {2, 1450}};
    static const struct expected expected = {
        {.players = 3, .games = mixed, .count = 18, .anchors = anchors, .anchor_count = 2, .davidson = true},
        2.3055913231035943,
        0.2795553098154293,
        {1500, 1435.78384189, 1450},
        {0, 0, 0, 0, 20374.4576154, 0, 0, 0, 0},
        {0.673603235089, 1, 0.460332778732}};
    expect_fit(&expected, true);
}

/* Player 0 won all its games: half a win and half a loss are added to its meeting with 1, and the curvature alone, with
 * the normal quantile, gives the intervals. */
Test(rating_reference, one_sided)
{
    static const struct rating_game games[] = {{0, 1, 1, 0}, {1, 0, 0, 0}, {1, 2, 1, 1}, {2, 1, 1, 1},
                                               {1, 2, 0, 2}, {2, 1, 1, 2}, {1, 2, 1, 3}, {2, 1, 0.5, 3}};
    static const struct expected expected = {{.players = 3, .games = games, .count = 8},
                                             1.959963984540054,
                                             0.0,
                                             {166.908263065, -112.679738668, -54.2285243969},
                                             {34488.9960119, -13795.5984048, -20693.3976072, -13795.5984048,
                                              10346.6988054, 3448.89959934, -20693.3976072, 3448.89959934,
                                              17244.4980078},
                                             {0.850571517525, 0.765672008489, 0.342250502906}};
    expect_fit(&expected, false);
}

/* With two fitted parameters three pairs of games are too few to estimate a variance from, so the model's own is used;
 * from four pairs on the variance is estimated from them. */
Test(rating_reference, the_fewest_pairs_that_count)
{
    struct rating_table table;
    const struct rating_game games[] = {{0, 1, 1, 0},   {1, 0, 0, 0}, {1, 2, 1, 1}, {2, 1, 1, 1},
                                        {2, 0, 0.5, 2}, {0, 2, 0, 2}, {0, 1, 0, 3}, {1, 0, 0.5, 3}};
    const struct rating_config three = {.players = 3, .games = games, .count = 6},
                               four = {.players = 3, .games = games, .count = 8};
    rating_fit(&three, &table);
    near(table.quantile, 1.959963984540054, 1e-12, "the normal quantile");
    rating_table_clear(&table);
    rating_fit(&four, &table);
    near(table.quantile, 4.171205463562703, 1e-9, "Student's with two degrees, by Abramowitz and Stegun 26.7.5");
    rating_table_clear(&table);
}

/* Wilson's interval solves (score - m)^2 = z^2 m (1 - m) / n for the mean m. */
Test(rating_reference, score_interval)
{
    static const double cases[][4] = {{0.3, 7, 0.08903033049442757, 0.6527018435322475},
                                      {0.9, 50, 0.7863976856252038, 0.9565242350681092},
                                      {1, 4, 0.5101091635454028, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double low, high;
        rating_score_interval(cases[i][0], cases[i][1], &low, &high);
        near(low, cases[i][2], 1e-12, "low");
        near(high, cases[i][3], 1e-12, "high");
    }
}

/* ---- sequential test ---- */

/* By the dual of the likelihood; the normalised model by search over the standard deviation. */
Test(rating_reference, likelihood_ratios)
{
    static const struct {
        int64_t pairs[5];
        double elo0, elo1, logistic, normalised;
    } cases[] = {{{3, 20, 41, 30, 6}, 0, 20, 1.3827990830264916, 1.0741106617920555},
                 {{0, 2, 11, 9, 1}, -10, 40, 3.0245743255419204, 1.8449672563234463},
                 {{12, 0, 3, 0, 25}, 5, 60, 1.5915344536544682, 1.8463842063503662}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sprt test = {.elo0 = cases[i].elo0, .elo1 = cases[i].elo1};
        near(sprt_llr(&test, cases[i].pairs), cases[i].logistic, 1e-8, "logistic");
        test.model = SPRT_NORMALISED;
        near(sprt_llr(&test, cases[i].pairs), cases[i].normalised, 1e-6, "normalised");
    }
}

/* Alpha and beta differ: log(0.2 / 0.9) and log(0.8 / 0.1). A state's ratio is shrunk by n / (n + 2) for n pairs. */
Test(rating_reference, bounds_and_pairs_of_a_test)
{
    struct sprt test = {.elo0 = 0, .elo1 = 20, .alpha = 0.1, .beta = 0.2};
    struct sprt_state state;
    static const int points4[] = {0, 0, 0, 1, 1, 2, 3, 3, 4, 2};
    sprt_begin(&test, &state);
    near(state.lower, log(0.2 / 0.9), 1e-12, "lower");
    near(state.upper, log(0.8 / 0.1), 1e-12, "upper");
    cr_assert(state.llr == 0 && state.decision == SPRT_OPEN);
    for (int i = 0; i < 10; i++)
        sprt_add(&test, &state, points4[i]);
    static const int64_t pairs[5] = {3, 2, 2, 2, 1};
    for (int i = 0; i < 5; i++)
        cr_assert_eq(state.pairs[i], pairs[i]);
    near(state.llr, sprt_llr(&test, pairs) * 10 / 12, 1e-12, "shrunk");
    cr_assert(state.llr < 0 && state.decision == SPRT_OPEN);
    while (state.decision == SPRT_OPEN)
        sprt_add(&test, &state, 0);
    cr_assert(state.decision == SPRT_ACCEPTS_H0 && state.llr <= state.lower && state.llr > state.lower - 0.2);
}

/* The limits of each key, the order of the two hypotheses, and the error messages. */
Test(rating_reference, notation_limits)
{
    static const char *const good[] = {"elo0=-500,elo1=500", "elo0=-200,elo1=200,model=normalised",
                                       "alpha=0.4,beta=0.4", "alpha=0.000001,beta=0.000001"};
    static const char *const bad[][2] = {{"elo0=-500.5", "-500 to 500"},
                                         {"elo1=501", "-500 to 500"},
                                         {"alpha=0.41", "0.4"},
                                         {"beta=0.41", "0.4"},
                                         {"elo0=-201,model=normalised", "must be -200 to 200"},
                                         {"elo1=201,model=normalised", "must be -200 to 200"},
                                         {"elo0=10", "elo0 (10) must be less than elo1 (10)"}};
    struct sprt test;
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        cr_assert(sprt_parse(good[i], &test, NULL), "%s", good[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        GError *error = NULL;
        cr_assert(!sprt_parse(bad[i][0], &test, &error), "%s", bad[i][0]);
        cr_assert(strstr(error->message, bad[i][1]), "%s: %s", bad[i][0], error->message);
        g_clear_error(&error);
    }
}

/* ---- closed forms and brute force ---- */

/* 0 scored 39 of 40 against each of two that are equal: 400 log10 39 = 636.4258 above them, two thirds of that above the
 * mean. The steps of the fit are clipped here, which moves the mean on the way. */
Test(rating_reference, a_large_difference_about_the_mean)
{
    struct rating_game games[120];
    for (int i = 0; i < 40; i++) {
        games[i] = (struct rating_game){0, 1, i > 0, -1};
        games[40 + i] = (struct rating_game){2, 0, i == 0, -1};
        games[80 + i] = (struct rating_game){1, 2, i % 2, -1};
    }
    const struct rating_config config = {.players = 3, .games = games, .count = 120};
    struct rating_table table;
    rating_fit(&config, &table);
    near(table.ratings[0].elo, 424.2838952, 1e-7, "Elo of 0");
    near(table.ratings[1].elo, -212.1419476, 1e-7, "Elo of 1");
    near(table.ratings[2].elo, -212.1419476, 1e-7, "Elo of 2");
    rating_table_clear(&table);
}

/* If pools never met and there is no anchor, the pool of the first player with games is rated; with an anchor, the
 * anchor's pool, which may consist of the anchor alone. */
Test(rating_reference, which_pool_is_rated)
{
    const struct rating_game games[] = {{3, 4, 1, -1}, {4, 3, 1, -1}, {2, 1, 1, -1}, {1, 2, 1, -1}, {4, 3, 0, -1}};
    const struct rating_anchor anchors[] = {{4, 10}}, alone[] = {{0, 7}};
    static const bool known[3][5] = {{0, 1, 1, 0, 0}, {0, 0, 0, 1, 1}, {1, 0, 0, 0, 0}};
    for (int i = 0; i < 3; i++) {
        const struct rating_config config = {
            .players = 5, .games = games, .count = 5, .anchors = i == 1 ? anchors : alone, .anchor_count = i > 0};
        struct rating_table table;
        rating_fit(&config, &table);
        for (int p = 0; p < 5; p++)
            cr_assert_eq(table.ratings[p].known, known[i][p], "case %d, player %d", i, p);
        near(rating_superiority(&table, 1, 3), 0.5, 0, "of two pools");
        rating_table_clear(&table);
    }
}

enum { BRUTE = 4, ALL = 6 };
static const int meetings[ALL][2] = {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}};

/* Whether ratings can diverge while draws become likelier: r in steps of 2, at least 2 above each player beaten, at
 * most 2 from each player drawn with, equal for the two anchors. */
static bool can_part(const int won[ALL], const int drawn[ALL], const int lost[ALL], bool anchored)
{
    for (int code = 0; code < 256; code++) {
        int r[BRUTE];
        bool fits = true;
        for (int i = 0; i < BRUTE; i++)
            r[i] = 2 * (code >> 2 * i & 3);
        for (int m = 0; m < ALL && fits; m++) {
            int d = r[meetings[m][0]] - r[meetings[m][1]];
            fits = (!won[m] || d >= 2) && (!lost[m] || d <= -2) && (!drawn[m] || abs(d) <= 2);
        }
        if (fits && (!anchored || r[1] == r[3]))
            return true;
    }
    return false;
}

/* Davidson's model is fitted exactly where its likelihood has a maximum. */
Test(rating_reference, davidson_where_it_has_a_maximum)
{
    const struct rating_anchor anchors[] = {{1, 100}, {3, 0}};
    unsigned state = 7;
    int fitted = 0, left = 0;
    for (int pool = 0; pool < 4000; pool++) {
        struct rating_game games[2 * ALL];
        struct rating_table table;
        int won[ALL] = {0}, drawn[ALL] = {0}, lost[ALL] = {0}, count = 0;
        for (int g = 0; g < 2 * ALL; g++) {
            state = state * 1664525 + 1013904223;
            int result = (int)(state >> 24) % 7, m = g / 2;
            if (result > 2)
                continue; /* not played */
            won[m] += result == 0;
            drawn[m] += result == 1;
            lost[m] += result == 2;
            games[count++] = (struct rating_game){meetings[m][g & 1], meetings[m][1 - (g & 1)],
                                                  result == 1 ? 0.5 : (result == 0) == !(g & 1), -1};
        }
        bool anchored = pool & 1, all = true;
        const struct rating_config config = {.players = BRUTE,
                                             .games = games,
                                             .count = count,
                                             .anchors = anchors,
                                             .anchor_count = anchored ? 2 : 0,
                                             .davidson = true};
        rating_fit(&config, &table);
        int draws = 0;
        for (int i = 0; i < BRUTE; i++)
            all = all && table.ratings[i].known;
        for (int m = 0; m < ALL; m++)
            draws += drawn[m];
        if (all && table.has_maximum) {
            bool expected = draws > 0 && !can_part(won, drawn, lost, anchored);
            cr_assert_eq(table.draw_even > 0, expected, "pool %d", pool);
            fitted += expected;
            left += !expected;
        }
        rating_table_clear(&table);
    }
    cr_assert(fitted > 50 && left > 50, "%d fitted, %d not", fitted, left);
}

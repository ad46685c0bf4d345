/* The sequential test: likelihood ratios computed in other ways, and error rates by a short simulation (the long one is
 * tests/acceptance/match/sprt.c). */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/match/statistics/sprt.h"
#include "tests/engine/match/pool.h"

static struct sprt parsed(const char *text)
{
    struct sprt sprt;
    GError *error = NULL;
    cr_assert(sprt_parse(text, &sprt, &error), "%s", error ? error->message : "");
    return sprt;
}

Test(sprt, notation)
{
    struct sprt s = parsed("");
    cr_assert(s.elo0 == 0 && s.elo1 == 10 && s.alpha == 0.05 && s.beta == 0.05 && s.model == SPRT_LOGISTIC);
    s = parsed("elo0=-3,elo1=2.5,alpha=0.01,beta=0.1,model=normalised");
    cr_assert(s.elo0 == -3 && s.elo1 == 2.5 && s.alpha == 0.01 && s.beta == 0.1 && s.model == SPRT_NORMALISED);
    static const char *const bad[] = {
        "elo0=5,elo1=5", "elo0=8,elo1=2", "alpha=0", "alpha=0.6", "model=other", "elo2=1", "elo1=300,model=normalised"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        GError *error = NULL;
        cr_assert(!sprt_parse(bad[i], &s, &error), "%s", bad[i]);
        g_clear_error(&error);
    }
}

/* With only wins and losses of whole pairs (0 and 2 points) the distribution is determined by its mean, so the log
 * likelihood ratio is W log(s1 / s0) + L log((1 - s1) / (1 - s0)). Results that did not occur count a thousandth
 * each. */
Test(sprt, two_results_by_hand)
{
    struct sprt s = parsed("elo0=0,elo1=50");
    const int64_t pairs[5] = {400, 0, 0, 0, 600};
    double s0 = 0.5, s1 = 1 / (1 + pow(10, -50.0 / 400));
    double want = 600 * log(s1 / s0) + 400 * log((1 - s1) / (1 - s0));
    cr_assert(fabs(sprt_llr(&s, pairs) - want) < 0.02, "%g instead of %g", sprt_llr(&s, pairs), want);
}

/* For small differences the ratio is that of a normal distribution: N / (2 v) * (s1 - s0) * (2 m - s0 - s1). */
Test(sprt, many_pairs_are_as_a_normal_mean)
{
    struct sprt s = parsed("elo0=0,elo1=4");
    const int64_t pairs[5] = {1000, 4000, 10000, 4100, 1010};
    double n = 0, m = 0, v = 0, s0 = 0.5, s1 = 1 / (1 + pow(10, -4.0 / 400));
    for (int i = 0; i < 5; i++)
        n += (double)pairs[i];
    for (int i = 0; i < 5; i++)
        m += (double)pairs[i] * i / 4 / n;
    for (int i = 0; i < 5; i++)
        v += (double)pairs[i] * (i / 4.0 - m) * (i / 4.0 - m) / n;
    double want = n / (2 * v) * (s1 - s0) * (2 * m - s0 - s1);
    cr_assert(fabs(sprt_llr(&s, pairs) - want) < 0.02 * fabs(want) + 0.01, "%g instead of %g", sprt_llr(&s, pairs),
              want);
}

/* Mirrored results give the opposite sign with mirrored hypotheses, and results in the middle decide nothing, in both
 * models. */
Test(sprt, symmetry)
{
    static const char *const texts[] = {"elo0=-5,elo1=5", "elo0=-5,elo1=5,model=normalised"};
    const int64_t pairs[5] = {3, 20, 41, 30, 6}, mirrored[5] = {6, 30, 41, 20, 3}, even[5] = {9, 40, 80, 40, 9};
    for (int i = 0; i < 2; i++) {
        struct sprt s = parsed(texts[i]);
        double there = sprt_llr(&s, pairs), back = sprt_llr(&s, mirrored);
        cr_assert(there > 0.01 && fabs(there + back) < 1e-6, "%g and %g", there, back);
        cr_assert(fabs(sprt_llr(&s, even)) < 1e-6);
    }
}

/* If the variance of a pair is that of two independent games without draws, small differences in normalised Elo and in
 * Elo are nearly the same, and both models agree. */
Test(sprt, models_agree_without_draws)
{
    struct sprt a = parsed("elo0=0,elo1=6"), b = parsed("elo0=0,elo1=6,model=normalised");
    const int64_t pairs[5] = {2450, 0, 5000, 0, 2550};
    double x = sprt_llr(&a, pairs), y = sprt_llr(&b, pairs);
    cr_assert(fabs(x - y) < 0.03 * fabs(x), "%g and %g", x, y);
}

Test(sprt, decides_and_stays_decided)
{
    struct sprt s = parsed("elo0=0,elo1=100");
    struct sprt_state state;
    sprt_begin(&s, &state);
    cr_assert(fabs(state.upper - log(19)) < 1e-12 && fabs(state.lower + log(19)) < 1e-12);
    for (int i = 0; i < 200; i++)
        sprt_add(&s, &state, 4);
    cr_assert(state.decision == SPRT_ACCEPTS_H1 && state.pairs[4] < 200);
    int64_t after = state.pairs[4];
    sprt_add(&s, &state, 0);
    cr_assert(state.pairs[4] == after && state.pairs[0] == 0 && state.decision == SPRT_ACCEPTS_H1);
}

/* 400 runs under each hypothesis: an error rate of 5 % is at most 8.3 % (three standard errors more), and not zero,
 * which would show that the test is too conservative. */
Test(sprt, error_rates_are_as_configured)
{
    struct sprt s = parsed("elo0=0,elo1=60");
    int wrong[2] = {0, 0}, pairs;
    for (int run = 0; run < 400; run++) {
        wrong[0] += pool_test(&s, 0, 200, 0.3, (uint64_t)run, 100000, &pairs) == SPRT_ACCEPTS_H1;
        wrong[1] += pool_test(&s, 60, 200, 0.3, (uint64_t)run, 100000, &pairs) == SPRT_ACCEPTS_H0;
    }
    for (int i = 0; i < 2; i++)
        cr_assert(wrong[i] > 4 && wrong[i] <= 33, "%d wrong of 400 under H%d", wrong[i], i);
}

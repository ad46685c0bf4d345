/* Measures the error rates of the sequential test by simulation: two players whose difference is exactly elo0, then
 * exactly elo1, with draws and with openings that favour a colour. Target: at most alpha of the runs accept H1 under
 * H0, and at most beta accept H0 under H1, within two standard errors of the simulation. Also reports the number of
 * games per decision. Prints figures and targets; exits with 1 if one is missed.
 *
 * Usage: acceptance_sprt [RUNS [SEED]]   (10,000 runs: two minutes; SEED: seed of the first run, 0) */
#include <stdio.h>
#include <stdlib.h>

#include "engine/match/statistics/sprt.h"
#include "tests/engine/match/pool.h"

enum { MAX_PAIRS = 100000 };
static const double opening = 200, draw = 0.3;
static uint64_t first_seed;

static int simulate(const struct sprt *sprt, double elo, int runs, enum sprt_decision wrong, double limit,
                    const char *what)
{
    int errors = 0, open = 0;
    double games = 0;
    for (int run = 0; run < runs; run++) {
        int pairs;
        enum sprt_decision d = pool_test(sprt, elo, opening, draw, first_seed + (uint64_t)run, MAX_PAIRS, &pairs);
        errors += d == wrong;
        open += d == SPRT_OPEN;
        games += 2.0 * pairs / runs;
    }
    double share = (double)errors / runs, allowed = limit + 2 * sqrt(limit * (1 - limit) / runs);
    int bad = share > allowed || open > 0;
    printf("sprt: %s: wrong in %.2f %% of %d runs (target at most %.0f %%, %.2f with the simulation's own error), "
           "%.0f games a run, %d undecided (target 0)%s\n",
           what, 100 * share, runs, 100 * limit, 100 * allowed, games, open, bad ? "  MISSED" : "");
    fflush(stdout);
    return bad;
}

int main(int argc, char **argv)
{
    int runs = argc > 1 ? atoi(argv[1]) : 10000, bad = 0;
    first_seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    const struct sprt logistic = {0, 30, 0.05, 0.05, SPRT_LOGISTIC}, uneven = {-10, 40, 0.1, 0.02, SPRT_LOGISTIC},
                      normalised = {0, 30, 0.05, 0.05, SPRT_NORMALISED};
    bad += simulate(&logistic, 0, runs, SPRT_ACCEPTS_H1, 0.05, "logistic 0 against 30, truth 0");
    bad += simulate(&logistic, 30, runs, SPRT_ACCEPTS_H0, 0.05, "logistic 0 against 30, truth 30");
    bad += simulate(&uneven, -10, runs, SPRT_ACCEPTS_H1, 0.1, "logistic -10 against 40, truth -10");
    bad += simulate(&uneven, 40, runs, SPRT_ACCEPTS_H0, 0.02, "logistic -10 against 40, truth 40");
    double elo = pool_elo_of_normalised(30, opening, draw);
    printf("sprt: with these draws and openings 30 normalised Elo are %.2f Elo\n", elo);
    bad += simulate(&normalised, 0, runs, SPRT_ACCEPTS_H1, 0.05, "normalised 0 against 30, truth 0");
    bad += simulate(&normalised, elo, runs, SPRT_ACCEPTS_H0, 0.05, "normalised 0 against 30, truth 30");
    return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}

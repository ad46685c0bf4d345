/* Checks ratings by simulation: 1,000 synthetic pools of eight players with known Elo, with draws and with openings
 * that favour a colour (so that the games of a pair are not independent). Target: 93.6 to 96.4 % of the 95 % intervals
 * contain the true rating, and the bias is at most 2 Elo; the same for four other kinds of pools, one with Davidson's
 * draw model. Prints figures and targets; exits with 1 if one is missed.
 *
 * Usage: acceptance_ratings [SEEDS]   (1,000 seeds: a second) */
#include <stdio.h>
#include <stdlib.h>

#include "tests/engine/match/pool.h"

static int try_pools(const char *what, const struct pool *pool, int seeds)
{
    long held = 0, asked = 0;
    double bias = 0;
    for (int seed = 0; seed < seeds; seed++) {
        struct pool_result r = pool_try(pool, (uint64_t)seed);
        held += r.held;
        asked += r.asked;
        bias += r.error / seeds;
    }
    double share = 100.0 * (double)held / (double)asked;
    int bad = share < 93.6 || share > 96.4 || fabs(bias) > 2;
    printf("ratings: %s: %.2f %% of %ld intervals contain the true rating (target 93.6..96.4), mean error %.2f Elo "
           "(target "
           "within 2)%s\n",
           what, share, asked, bias, bad ? "  MISSED" : "");
    fflush(stdout);
    return bad;
}

int main(int argc, char **argv)
{
    int seeds = argc > 1 ? atoi(argv[1]) : 1000;
    const struct pool pools[] = {
        {8, 20, 0.3, 150, 0}, {8, 20, 0, 0, 0}, {3, 20, 0.6, 300, 0}, {2, 50, 0.2, 100, 0}, {6, 20, 0, 0, 0.8}};
    static const char *const what[] = {"8 players, 40 games a pair, 30 % of the possible draws, openings worth 150 Elo",
                                       "8 players, 40 games a pair, no draws, even openings",
                                       "3 players, 40 games a pair, 60 % draws, openings worth 300 Elo",
                                       "2 players, 100 games, 20 % draws, openings worth 100 Elo",
                                       "6 players, 40 games a pair, Davidson's draws with nu 0.8"};
    int bad = 0;
    for (int i = 0; i < 5; i++)
        bad += try_pools(what[i], &pools[i], seeds);
    return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}

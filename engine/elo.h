/* Ratings of a pool of players from all games between them, by maximum likelihood (Bradley and Terry 1952, in Elo's
 * unit): a rating difference d expects the score 1 / (1 + 10^(-d / 400)), a draw counts as half a win and half a loss.
 * Intervals are from the curvature of the likelihood (its Hessian); counting draws so makes them a little too wide,
 * never too narrow. */
#ifndef TENGEN_ENGINE_ELO_H
#define TENGEN_ENGINE_ELO_H

#include <stdbool.h>

/* All games between players a and b, as a sees them. A pair may appear more than once. */
struct elo_pair {
    int a, b;
    double wins, draws, losses;
};

struct elo_rating {
    bool known;            /* false: no chain of games joins it to the anchor */
    double elo, low, high; /* 95 % interval; the anchor's own has no width */
};

enum { ELO_ANCHOR_MEAN = -1 };

/* Fills ratings[players]. anchor: the player that stands at 0, or ELO_ANCHOR_MEAN for a mean of 0 over those with
 * games. Returns true when the ratings are the likelihood's own; false when it has no maximum (somebody won, or lost,
 * every game) and half a win and half a loss were added to each pair that met, which bounds the ratings. */
bool elo_fit(int players, const struct elo_pair *pairs, int pair_count, int anchor, struct elo_rating *ratings);

/* The 95 % interval of a mean score of n games (draws as halves) by Wilson 1927; n 0 gives 0..1. */
void elo_score_interval(double score, double n, double *low, double *high);

#endif

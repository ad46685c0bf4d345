/* Ratings of a pool of players from all games between them, by maximum likelihood (Bradley and Terry 1952, in Elo
 * units): a rating difference d predicts the score 1 / (1 + 10^(-d / 400)), and a draw counts as half a win and half a
 * loss. With Davidson's model (1970) the draw rate is fitted too, and differences refer to decisive games. Where the
 * games do not determine it (no draws, or draws but no upsets), the simple model is used instead.
 *
 * Intervals: the games of a pair (one opening, both colours) are not independent, so the variance is estimated from the
 * pairs (a cluster-robust sandwich estimator), with Student's quantile for few pairs. Draws, and openings that favour
 * one colour, correctly narrow the intervals. */
#ifndef TENGEN_ENGINE_MATCH_STATISTICS_RATING_H
#define TENGEN_ENGINE_MATCH_STATISTICS_RATING_H

#include <stdbool.h>

struct rating_game {
    int a, b;
    double points; /* of a: 0, 0.5, 1 */
    int pair;      /* games with the same number form a pair, all between the same two players; negative: single */
};

struct rating_anchor {
    int player;
    double elo;
};

struct rating_config {
    int players;
    const struct rating_game *games;
    int count;
    const struct rating_anchor *anchors; /* fixed Elo; without anchors the mean over players with games is 0 */
    int anchor_count;
    bool davidson;
};

struct rating {
    bool known;            /* false: not connected by games to the others (or to an anchor) */
    double elo, low, high; /* 95 % interval; zero width for an anchor */
};

struct rating_table {
    int players;
    struct rating *ratings;
    double *covariance; /* [players][players], Elo squared; 0 where unknown */
    double quantile;    /* of the intervals: 1.96, or more for few pairs */
    double draw_even;   /* draw rate between equal players in Davidson's model; 0 without it */
    /* Whether the likelihood has a finite maximum. False: some players won or lost every game against others, and half
     * a win and half a loss were added to each such pair of players to bound the ratings. */
    bool has_maximum;
};

void rating_fit(const struct rating_config *config, struct rating_table *table);
void rating_table_clear(struct rating_table *table);
/* The probability that a is stronger than b, given the games; 0.5 if either rating is unknown. */
double rating_superiority(const struct rating_table *table, int a, int b);

/* Wilson's (1927) 95 % interval of a mean score of n games (draws as halves); 0..1 for n = 0. */
void rating_score_interval(double score, double n, double *low, double *high);

#endif

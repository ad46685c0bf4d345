/* Ratings of a pool of players from all games between them, by maximum likelihood (Bradley and Terry 1952, in Elo's
 * unit): a rating difference d expects the score 1 / (1 + 10^(-d / 400)), and a draw counts as half a win and half a
 * loss. With Davidson's model (1970) the chance of a draw is fitted too; a difference is then that of decided games.
 * Where the games do not bound that chance (no draws, or draws but no upsets), the model without it takes its place.
 *
 * Intervals: games of a pair (one opening, both colours) are not independent, so the variance is estimated from the
 * pairs themselves (a sandwich around the likelihood's curvature), with Student's quantile for few pairs. Draws and
 * openings that favour a colour make intervals narrower then, as they should. */
#ifndef TENGEN_ENGINE_MATCH_STATISTICS_RATING_H
#define TENGEN_ENGINE_MATCH_STATISTICS_RATING_H

#include <stdbool.h>

struct rating_game {
    int a, b;
    double points; /* of a: 0, 0.5, 1 */
    int pair;      /* games with the same number belong together; all between the same two. Negative: alone */
};

struct rating_anchor {
    int player;
    double elo;
};

struct rating_config {
    int players;
    const struct rating_game *games;
    int count;
    const struct rating_anchor *anchors; /* their Elo is fixed; without any the mean of those with games is 0 */
    int anchor_count;
    bool davidson;
};

struct rating {
    bool known;            /* false: no chain of games joins it to the others (or to an anchor) */
    double elo, low, high; /* 95 % interval; an anchor's has no width */
};

struct rating_table {
    int players;
    struct rating *ratings;
    double *covariance; /* [players][players], Elo squared; 0 where nothing is known */
    double quantile;    /* of the intervals: 1.96, or more where pairs are few */
    double draw_even;   /* the chance of a draw between equals that Davidson's model found; 0 without it */
    /* The likelihood has a maximum of its own; false: some won, or lost, every game against others, and half a win and
     * half a loss were added to each such pair of players, which bounds the ratings. */
    bool own;
};

void rating_fit(const struct rating_config *config, struct rating_table *table);
void rating_table_clear(struct rating_table *table);
/* The chance that a is stronger than b, given the games; 0.5 where nothing is known of one of them. */
double rating_superiority(const struct rating_table *table, int a, int b);

/* The 95 % interval of a mean score of n games (draws as halves) by Wilson 1927; n 0 gives 0..1. */
void rating_score_interval(double score, double n, double *low, double *high);

#endif

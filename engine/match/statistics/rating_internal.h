/* State of a rating fit; internal to rating.c and rating_pool.c. */
#ifndef TENGEN_ENGINE_MATCH_STATISTICS_RATING_INTERNAL_H
#define TENGEN_ENGINE_MATCH_STATISTICS_RATING_INTERNAL_H

#include <stdbool.h>

#define RATING_UNIT 173.717792761250 /* 400 / ln 10: Elo per natural unit */

/* Results between a and b (a < b); points are a's. */
struct rating_cell {
    int a, b;
    double games, points, draws;
};

struct rating_fit {
    const struct rating_config *config;
    struct rating_cell *cells;
    int *cell_of; /* [players * players] index of the cell, or -1 */
    int cell_count, n;
    bool *in;    /* connected to the anchors */
    int *index;  /* index of a player among the free parameters; -1: fixed or not in the pool */
    int free, d; /* number of free ratings, and of all parameters: one more with Davidson's model */
    bool fixed;  /* the pool has an anchor */
    bool davidson;
    double *rating, draw; /* natural units; draw: logarithm of Davidson's nu */
    double *curvature, *inverse, *gradient;
};

/* Sums the games by pair of players into cells and cell_of. */
void rating_count_games(struct rating_fit *f);
/* Finds the pool: the players connected to an anchor, or without one to the first player that has games. */
void rating_find_pool(struct rating_fit *f);
/* Adds results where the games leave the ratings unbounded. Returns whether that was unnecessary. */
bool rating_regularise(struct rating_fit *f);
/* Whether Davidson's model has a finite maximum. */
bool rating_davidson_bounded(const struct rating_fit *f);

#endif

/* A fit of ratings under way. For rating.c and rating_pool.c alone. */
#ifndef TENGEN_ENGINE_MATCH_STATISTICS_RATING_INTERNAL_H
#define TENGEN_ENGINE_MATCH_STATISTICS_RATING_INTERNAL_H

#include "engine/match/statistics/rating.h"

#define RATING_UNIT 173.717792761250 /* 400 / ln 10: Elo of a natural unit */

/* What a and b (a < b) did to each other. */
struct rating_cell {
    int a, b;
    double games, points, draws;
};

struct rating_fit {
    const struct rating_config *config;
    struct rating_cell *cells;
    int *cell_of; /* [players * players] index of a cell, -1 none */
    int cell_count, n;
    bool *in;    /* joined to the anchors */
    int *index;  /* of a player among the free parameters; -1: fixed or out */
    int free, d; /* free ratings, and all parameters: one more with Davidson's */
    bool fixed;  /* some anchor is in the pool */
    bool davidson;
    double *rating, draw; /* natural units; logarithm of Davidson's nu */
    double *curvature, *inverse, *gradient;
};

/* Sums the games up by pairs of players: cells, cell_of. */
void rating_count_games(struct rating_fit *f);
/* The pool: who is joined to an anchor; without one, to the first player that has games. */
void rating_find_pool(struct rating_fit *f);
/* Makes the ratings bounded where the games do not. Returns whether there was nothing to add. */
bool rating_bound(struct rating_fit *f);
/* Whether Davidson's model has a maximum. */
bool rating_davidson_bounded(const struct rating_fit *f);

#endif

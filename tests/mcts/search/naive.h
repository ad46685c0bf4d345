/* A naive search, directly from the formulas: recursive, one allocation per node, every selection over all edges, the
 * improved policy as a softmax over all of them. Tests compare the fast search with it, visit by visit. */
#ifndef TENGEN_TESTS_MCTS_NAIVE_H
#define TENGEN_TESTS_MCTS_NAIVE_H

#include <glib.h>

#include "games/game.h"
#include "mcts/search.h"

/* For the player to move at a node; all but weight are multiplied by it. */
struct naive_sums {
    double value, draw, score, square, weight; /* square: of value */
};

struct naive_node {
    union any_position position;
    int edges, visits;
    struct naive_sums sum, raw; /* over the visits, and of one: the evaluator's or the game's, without weight */
    const struct naive_node *parent;
    double times;               /* the weight of raw */
    double said;                /* the error that the evaluator gave; below 0: none */
    char *key;                  /* of its bucket of biases; NULL: none */
    double own;                 /* the corrected value of its own evaluation */
    double influence, error;    /* in the bucket: the error, and how much it weighs */
    bool expanded, terminal;
    game_move move[GAME_MAX_MOVES];
    float prior[GAME_MAX_MOVES];
    struct naive_node *child[GAME_MAX_MOVES];
};

struct naive {
    const struct game *game;
    struct mcts_config config;
    struct evaluator *evaluator;
    struct naive_node *root;
    GPtrArray *evaluated; /* struct naive_node *: those with a key */
};

void naive_start(struct naive *naive, const struct game *game, const struct mcts_config *config,
                 struct evaluator *evaluator, const struct position *position);
/* One playout from the root; forced: the root's edge to take, or -1 for the best by PUCT. */
void naive_playout(struct naive *naive, int forced);
void naive_end(struct naive *naive);

#endif

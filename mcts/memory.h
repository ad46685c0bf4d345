/* clang-format off */
/* Episodic memory in the search: positions that were once examined more deeply than a search in play can.
 *
 *   search --evaluate--> memory --evaluate--> cache --evaluate, on a miss--> net
 *                          '--recall--> source: a file of the user's (agents/memory), or what a test says
 *
 * A memory of a position counts as a number of visits made before the search began ("prior visits"); the value of the
 * evaluator below counts as one more. So a memory shifts priors and values, and the search's own visits overrule it in
 * the end; no move is ever excluded. The ideas are from Blundell et al. 2016 (model-free episodic control) and Xiao, Mei
 * and Müller 2018 (memory-augmented MCTS).
 *
 * Perspective: values are from the view of the player to move in the remembered position. */
/* clang-format on */
#ifndef TENGEN_MCTS_MEMORY_H
#define TENGEN_MCTS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "games/game.h"
#include "mcts/evaluator.h"

/* ---- places: positions that the rules of the game cannot tell apart ---- */

/* The key is the same for all symmetric images of a position, and for all paths to it on which the same moves are legal.
 * It covers the game with size and options (komi, rules), stones, side to move, phase, passes, ko and superko, and where
 * territory counts also prisoners; there, images of a position with a ko have keys of their own. `symmetry` turns the
 * position into the image that all of them share. */
struct memory_place {
    struct eval_key key;
    int symmetry;
};
/* Stable across processes; any thread. query->want is not used. */
struct memory_place memory_place_of(const struct game *game, const struct eval_query *query);
/* A move of the position as a move of the shared image, and back. */
game_move memory_move_to_image(const struct game *game, const struct memory_place *place, game_move move);
game_move memory_move_from_image(const struct game *game, const struct memory_place *place, game_move move);

/* ---- where memories come from ---- */

enum { MEMORY_MAX_VISITS = 200 };

struct memory_trace {
    game_move best; /* of the shared image; GAME_NO_MOVE: none is known */
    float value;    /* -1 .. 1 */
    int visits;     /* prior visits, 0 .. MEMORY_MAX_VISITS; 0: as if nothing were remembered */
    bool doubtful;  /* `best` counts at most MEMORY_POLICY_VISITS */
};

struct memory_source;
struct memory_source_ops {
    const char *name;
    /* Whether there is a memory with this key; fills *trace. Any number of threads at a time. */
    bool (*recall)(const struct memory_source *self, struct eval_key key, struct memory_trace *trace);
};
/* Changes only while no search that uses it is running. */
struct memory_source {
    const struct memory_source_ops *ops;
    size_t count;      /* of memories; with 0, recall is not called */
    uint64_t revision; /* changes whenever an answer may */
};

/* ---- the evaluator ---- */

/* How many visits the policy of the evaluator below stands for when it is mixed with a remembered move. */
enum { MEMORY_POLICY_VISITS = 16 };

/* A memory on top of another evaluator, of which it takes ownership; place it above a cache, not below one. When a position
 * is recalled, its value becomes the mean of the remembered value, weighted by its prior visits, and the value of the
 * evaluator below, with weight 1. Its policy becomes the mean of the remembered move alone, weighted by the prior visits
 * (at most MEMORY_POLICY_VISITS if doubtful), and the policy below, with weight MEMORY_POLICY_VISITS. EVAL_PRIOR_VISITS is
 * then set. source: borrowed, may be NULL; shared by clones. */
struct evaluator *evaluator_memory_create(struct evaluator *inner, const struct memory_source *source);
/* Replaces the source of the stack's memory (NULL: none); clones keep theirs. False if the stack has no memory. Returns
 * the source before in *before, unless that is NULL. Not while a search runs. */
bool evaluator_memory_set(struct evaluator *stack, const struct memory_source *source,
                          const struct memory_source **before);

#endif

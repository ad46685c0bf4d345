/* clang-format off */
/* Monte Carlo tree search guided by an evaluator.
 *
 *   root --best edge by PUCT or Gumbel--> ... --> leaf --evaluate--> value --backup--> root
 *
 * Memory: nodes live in one arena and refer to each other by 32-bit index; an edge that was never taken costs four
 * bytes (move, prior), and its node exists from its first visit. When the cap is reached the least visited subtrees
 * are recycled at a barrier, with no thread in the tree.
 * Threads: one thread drives a search and calls every function here; mcts_run starts
 * config.threads - 1 helpers of its own.
 * Perspective: results are from the view of the player to move at the root; values are win minus loss, -1 .. 1.
 * Same seed, one thread, same net, same arithmetic: the same tree, bit for bit. */
/* clang-format on */
#ifndef TENGEN_MCTS_SEARCH_H
#define TENGEN_MCTS_SEARCH_H

#include <stdatomic.h>

#include "games/game.h"
#include "mcts/evaluator.h"

enum mcts_selection {
    MCTS_PUCT,   /* Rosin 2011, Silver et al. 2017; Dirichlet noise and temperature at the root */
    MCTS_GUMBEL, /* Danihelka et al. 2022: Gumbel top-k and sequential halving at the root, completed Q below */
};

struct mcts_config {
    enum mcts_selection selection;
    float cpuct; /* exploration constant; grows by cpuct_log * log((N + cpuct_base) / cpuct_base) */
    float cpuct_log, cpuct_base;
    float fpu_reduction; /* first-play urgency: the parent's value less this times sqrt(visited prior mass) */
    float root_fpu_reduction;
    float dirichlet_weight;               /* PUCT: share of noise in the root's priors; 0: no noise */
    float dirichlet_total;                /* sum of the concentrations, spread over the legal moves (10.8 on 19x19) */
    int gumbel_considered;                /* Gumbel: moves that enter sequential halving (16) */
    float gumbel_c_visit, gumbel_c_scale; /* 50, 1.0: sigma(q) = (c_visit + max visits) c_scale q, q in 0..1 */
    bool gumbel_noise;                    /* false: the strongest move rather than a sample; for matches */
    float score_utility; /* weight of tanh(expected margin / board size) added to the value (Go); 0: result alone */
    float policy_temperature; /* of the root's priors; 1: as the net gives them */
    /* Finished games are proofs: a node whose result is certain takes that value, is searched no further, and is played
     * or avoided by mcts_choose. */
    bool prove;
    bool tactics; /* considers only the moves that the game's tactics leave (Gomoku: make five, stop a five) */
    bool map;     /* asks the evaluator for maps too, for mcts_map */
    int threads;
    size_t memory_bytes; /* cap of the arena; pages are touched only as the tree grows */
    uint64_t seed;       /* of noise and Gumbel samples */
};
struct mcts_config mcts_defaults(enum mcts_selection selection);

#define MCTS_ERROR (mcts_error_quark())
GQuark mcts_error_quark(void);
enum mcts_error { MCTS_ERROR_CONFIG, MCTS_ERROR_MEMORY };

struct mcts;
/* game: borrowed. Its owner may change its options (komi, rules; not its size) between runs; mcts_forget and
 * mcts_set_root must then come before the next run.
 * evaluators[config->threads]: borrowed, one for each search thread; they must outlive the search. Evaluator 0 is asked
 * in the thread that calls mcts_run, each other one always in the same helper thread.
 * 0, or -1 with the error set. The root is the game's starting position until mcts_set_root. */
int mcts_create(struct mcts **out, const struct game *game, const struct mcts_config *config,
                struct evaluator *const *evaluators, GError **error);
void mcts_close(struct mcts *search); /* NULL is fine */

/* Sets the root to a position; position and history (NULL: empty) are copied. The tree is kept if the position is found
 * in it, at the root or one or two plies below; otherwise it is dropped. */
void mcts_set_root(struct mcts *search, const struct position *position, const struct history *history);
/* Moves the root along a legal move and keeps that move's subtree. */
void mcts_advance(struct mcts *search, game_move move);
/* Drops the tree (for a new net, a new game); the root's position stays. */
void mcts_forget(struct mcts *search);
/* Restricts the root's moves: allowed[game->moves], nonzero for those that may be searched and chosen (copied); NULL:
 * no restriction. A mask without any of the root's moves is ignored. Holds until the next call. */
void mcts_allow(struct mcts *search, const uint8_t *allowed);
/* Changes config.map, from the next run on. */
void mcts_want_map(struct mcts *search, bool map);
/* A new seed for noise and Gumbel samples, e.g. before each move. Noise is drawn once for each root and seed. */
void mcts_seed(struct mcts *search, uint64_t seed);

/* What ends a run, whichever comes first. 0 or NULL: no such limit, but visits, time_ms or stop must be given. */
struct mcts_limits {
    int64_t visits; /* playouts of this run; a fresh root's own evaluation comes before them and is not counted */
    int64_t time_ms;
    const atomic_bool *stop; /* polled */
    /* Called every report_ms, in any of the search's threads, with no playout under way: the functions that take a
     * const search may be called there, no others. May be NULL. */
    void (*report)(void *data);
    void *data;
    int64_t report_ms;
    bool early_stop; /* with time_ms: ends once no other move can overtake, there is only one, or the root is proven */
};
void mcts_run(struct mcts *search, const struct mcts_limits *limits);

/* ---- what was found ---- */

struct mcts_root {
    int64_t visits;     /* of the root, those of a reused tree included */
    int64_t new_visits; /* playouts of the last run */
    float raw_wdl[3];   /* the evaluator's own answer: win, draw, loss */
    float raw_score;
    float wdl[3];   /* after the search */
    float value;    /* win - loss after the search; exactly -1 or 1 if proven */
    float score;    /* expected margin in points */
    int moves;      /* legal moves considered */
    int proven;     /* 1 won for certain, -1 lost, 0 not known */
    uint32_t nodes; /* in use in the arena */
    int depth;      /* plies of the longest line of the last run */
};
struct mcts_move {
    game_move move;
    int64_t visits;
    float prior;    /* the net's, softmax over the legal moves, without noise */
    float value;    /* of playing the move; without visits the completed value */
    float draw;     /* probability of a draw */
    float score;    /* expected margin in points */
    float lcb;      /* lower confidence bound of value; -1 without visits */
    int proven;     /* 1 won for certain, -1 lost, 0 not known */
    float improved; /* improved policy, see mcts_policy */
};
void mcts_root(const struct mcts *search, struct mcts_root *root);
/* Fills at most `max` entries, by visits, then value, highest first; returns their number. */
int mcts_moves(const struct mcts *search, struct mcts_move *moves, int max);
/* The improved policy. Gumbel: softmax(logits + sigma(completed Q)); PUCT: each move's share of the visits.
 * policy[game->moves]: 0 for moves that were not considered; sums to 1. False, and all 0, if nothing was searched. */
bool mcts_policy(const struct mcts *search, float *policy);
/* The move to play. Temperature 0: the best (PUCT: the highest LCB among the much visited; Gumbel: the winner of
 * sequential halving); above 0: drawn by visits^(1/temperature). GAME_NO_MOVE if the game is over or nothing was
 * searched. rng: NULL is fine at temperature 0. */
game_move mcts_choose(const struct mcts *search, float temperature, struct rng *rng);
/* The principal variation after a root move: line[0] is that move. visits: of each move, or NULL. Returns the length,
 * at most max. */
int mcts_variation(const struct mcts *search, game_move first, game_move *line, int64_t *visits, int max);
/* Mean map over all evaluated leaves since the root was set, map[game->points], 1 the mover's. False if the evaluator
 * gave none. */
bool mcts_map(const struct mcts *search, float *map);
/* Tells the stack of evaluator 0 what was found (evaluator_observe). For whoever drives the search, once a search for a
 * move is over and before the root changes. Tells nothing if no move was visited, or if mcts_allow bars some of the
 * root's moves: the result is then not that of the position. */
void mcts_observe(struct mcts *search);
/* Checks that visits and sums are consistent at every node; NULL, or what is wrong. With no run under way. */
const char *mcts_check(const struct mcts *search);

#endif

/* clang-format off */
/* Monte Carlo tree search guided by an evaluator.
 *
 *   root --best edge by PUCT or Gumbel--> ... --> leaf --evaluate--> value --backup--> root
 *
 * Memory: nodes live in one arena and refer to each other by 32-bit index; an unvisited edge costs four
 * bytes (move, prior); its node is created at the first visit. When the memory cap is reached, the least visited
 * subtrees are recycled at a barrier, with no thread in the tree.
 * Threads: one thread drives a search and calls every function here; mcts_run starts config.threads - 1 helper threads.
 * Perspective: results are from the view of the player to move at the root; values are P(win) - P(loss), -1 .. 1.
 * Same seed, one thread, same net, same arithmetic: the same tree, bit for bit. */
/* clang-format on */
#ifndef TENGEN_MCTS_SEARCH_H
#define TENGEN_MCTS_SEARCH_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "games/game.h"

struct evaluator;

enum mcts_selection {
    MCTS_PUCT,   /* Rosin 2011, Silver et al. 2017; Dirichlet noise and temperature at the root */
    MCTS_GUMBEL, /* Danihelka et al. 2022: Gumbel top-k and sequential halving at the root, completed Q below */
};

struct mcts_config {
    enum mcts_selection selection;
    float cpuct; /* exploration constant; grows by cpuct_log * log((N + cpuct_base) / cpuct_base) */
    float cpuct_log, cpuct_base;
    /* PUCT: how far exploration follows the values' spread. The constant is multiplied by 1 - cpuct_stdev + cpuct_stdev s,
     * s being the standard deviation of the values found below a node, relative to an expected one. 0: not at all .. 1. */
    float cpuct_stdev;
    float fpu_reduction; /* first-play urgency: the parent's value minus this times sqrt(visited prior mass) */
    float root_fpu_reduction;
    float dirichlet_weight;               /* PUCT: weight of the noise in the root's priors; 0: no noise */
    float dirichlet_total;                /* total concentration, divided among the legal moves (10.8 on 19x19) */
    int gumbel_considered;                /* Gumbel: moves considered at the start of sequential halving (16) */
    float gumbel_c_visit, gumbel_c_scale; /* 50, 1.0: sigma(q) = (c_visit + max visits) c_scale q, q in 0..1 */
    bool gumbel_noise;                    /* false: the best move rather than a sample; for matches */
    /* Subtree value bias correction, see mcts/search/bias.h: the fraction of the mean error observed after the same local
     * play that is subtracted from an evaluation. 0: off .. 1. */
    float value_bias;
    /* How strongly evaluations with a large expected error are down-weighted in the means of the nodes above: the exponent in
     * mcts/search/certainty.h. 0: off .. 2. */
    float uncertainty;
    /* Weight of the margin in games with points: score_utility * tanh((expected margin - the root's) / board side) is added to each
     * node's value. 0: value only. After KataGo's dynamic score utility (Wu 2019, arXiv 1902.10565). */
    float score_utility;
    float policy_temperature; /* for the root's priors; 1: unchanged */
    /* Propagate proven results from terminal nodes (MCTS-Solver): a proven node takes its exact value, is not searched
     * further, and is played or avoided by mcts_choose. */
    bool prove;
    bool tactics; /* prune moves that the game's tactics rule out (Gomoku: make five, block a five) */
    /* Search for wins by threats (game_ops.solve; games without it ignore this). At the root, before the search: a win of
     * the player to move is proven and played; otherwise, without model_opponent, moves that leave the opponent such a win
     * are not considered. If some other move holds, neither are moves that force a single reply, unless a search of limited
     * size showed that they do more than delay the loss. In the tree: a node is proven if the player to move there
     * has such a win, except where the modelled opponent is to move. 0: off; 1: threats with a single reply (in Gomoku,
     * fours); 2: at the root also threats with several (threes; not under caro rules, which the solver searches for fours
     * only). At the root, each level takes at most about a tenth of limits.time_ms. Needs `prove`. */
    int threats;
    /* At the root, level 1 examines at most so many positions for each visit of limits.visits to find a win of either side, and twice as
     * many for the defences. 0: however few the visits are. */
    int threats_a_visit;
    bool map; /* also query the evaluator for maps, for mcts_map */
    /* The player who is not to move at the root is a known opponent who samples its moves from the evaluator's policy, good or bad
     * (see evaluator_opponent_create): its moves are visited in proportion to their priors, so that a value is the mean over its play
     * rather than the result of its best play (A-MCTS: Wang et al. 2022, "Adversarial Policies Beat Superhuman Go AIs", arXiv
     * 2211.00241). A node where the opponent is to move is proven won for it only if all of its moves win. */
    bool model_opponent;
    /* How strongly the known opponent is taken to prefer moves that the search finds good, as it does if it searches itself: its
     * policy is multiplied by e^(model_rationality q), q in 0..1 (a quantal response: McKelvey and Palfrey 1995). 0: its policy as it
     * is .. 1000. */
    float model_rationality;
    int threads; /* 1 to 1024 */
    /* Memory limit of the search: the tree's arena, whose pages are touched only as the tree grows; the threat solvers (an
     * eighth in all, but 64 KiB to 1 MiB for each thread); and the table of value_bias (at most 3 MiB). */
    size_t memory_bytes;
    uint64_t seed; /* for noise and Gumbel samples */
};
/* Presets: one thread, 256 MiB, prove and tactics on, no Dirichlet noise. */
struct mcts_config mcts_defaults(enum mcts_selection selection);

#define MCTS_ERROR (mcts_error_quark())
GQuark mcts_error_quark(void);
enum mcts_error { MCTS_ERROR_CONFIG, MCTS_ERROR_MEMORY };
enum { MCTS_MAX_THREATS = 2 };

struct mcts;
/* game: borrowed. Its owner may change its options (komi, rules; not its size) between runs; it must then call
 * mcts_forget and mcts_set_root before the next run.
 * evaluators[config->threads]: borrowed, one per search thread; they must outlive the search. Evaluator 0 runs in the
 * thread that calls mcts_run, each of the others always in the same helper thread.
 * 0, or -1 with *out NULL and the error set: a setting out of range, or too little memory for this board
 * (MCTS_ERROR_CONFIG), or memory that the system refuses (MCTS_ERROR_MEMORY). config: copied. The root is the game's
 * starting position until mcts_set_root. */
int mcts_create(struct mcts **out, const struct game *game, const struct mcts_config *config,
                struct evaluator *const *evaluators, GError **error);
void mcts_close(struct mcts *search); /* NULL is allowed */

/* Sets the root to a position; position and history are copied. The tree is reused if both are those of its root or of
 * a node one or two plies below; otherwise it is discarded. history: NULL for an empty one, as if the game began here.
 * Moves from the root extend its history, so a position below it is only found with its history. */
void mcts_set_root(struct mcts *search, const struct position *position, const struct history *history);
/* Moves the root along a legal move and keeps that move's subtree. */
void mcts_advance(struct mcts *search, game_move move);
/* Discards the tree (after a change of net or game); the root position stays. */
void mcts_forget(struct mcts *search);
/* Restricts the root's moves: allowed[game->moves] (copied), nonzero for those that may be searched and chosen; NULL:
 * no restriction. A mask that excludes every root move is ignored. In effect until the next call. */
void mcts_allow(struct mcts *search, const uint8_t *allowed);
/* Changes config.map, effective from the next run. */
void mcts_want_map(struct mcts *search, bool map);
/* Sets a new seed for noise and Gumbel samples, e.g. before each move. Noise is drawn once per root and seed. */
void mcts_seed(struct mcts *search, uint64_t seed);

/* A run ends at the first limit reached. 0 or NULL: no limit; at least one of visits, time_ms and stop is required. */
struct mcts_limits {
    int64_t visits; /* playouts of this run, not counting the evaluation of a fresh root */
    int64_t time_ms;
    const atomic_bool *stop; /* polled */
    /* Called every report_ms, in any of the search's threads, with no playout in progress; may call only functions that
     * take a const search. May be NULL. */
    void (*report)(void *data);
    void *data;
    int64_t report_ms; /* 0: after each playout */
    /* With time_ms: end once no other move can overtake the most visited one (PUCT only), there is only one move, or the
     * root is proven and, if it is won, a winning move is known. Always: end at once if threats prove a win before the search. */
    bool early_stop;
};
/* Searches until a limit is reached; on return no thread is in the tree. Does nothing if the game is over at the root. */
void mcts_run(struct mcts *search, const struct mcts_limits *limits);

/* ---- results ---- */

struct mcts_root {
    int64_t visits;     /* of the root, including those of a reused tree */
    int64_t new_visits; /* playouts of the last run */
    float raw_wdl[3];   /* raw network value: win, draw, loss */
    float raw_score;
    float wdl[3];   /* after the search */
    float value;    /* win - loss after the search; exactly -1 or 1 if proven */
    float score;    /* expected margin in points */
    int moves;      /* legal moves considered */
    int proven;     /* 1 proven win, -1 proven loss, 0 unknown */
    uint32_t nodes; /* in the arena */
    int depth;      /* maximum depth in plies reached by the last run */
};
struct mcts_move {
    game_move move;
    int64_t visits;
    float prior;    /* softmax over the legal moves, without noise */
    float value;    /* of playing the move; the completed value if unvisited */
    float draw;     /* probability of a draw */
    float score;    /* expected margin in points */
    float lcb;      /* lower confidence bound of value; -1 without visits */
    int proven;     /* 1 proven win, -1 proven loss, 0 unknown */
    float improved; /* improved policy, see mcts_policy */
};
/* If nothing was searched, all members but new_visits and nodes are 0. */
void mcts_root(const struct mcts *search, struct mcts_root *root);
/* Fills at most `max` entries, ordered by visits, then value, then prior, highest first; returns their number. */
int mcts_moves(const struct mcts *search, struct mcts_move *moves, int max);
/* The improved policy. Gumbel: softmax(logits + sigma(completed Q)); PUCT: the visit distribution.
 * policy[game->moves]: 0 for moves not considered, and with Gumbel for all but proven wins, or else for proven losses unless all moves lose;
 * sums to 1. False, and all 0, if nothing was searched. */
bool mcts_policy(const struct mcts *search, float *policy);
/* Win, draw and loss if play follows the improved policy: the mean of the moves' values after the search under that policy, with the
 * completed value for unvisited moves; exact if proven. The mean over visits in struct mcts_root is lower where many moves are visited
 * before the good ones are known, as at a Gumbel root with few visits. False, and wdl unchanged, if nothing was searched. */
bool mcts_improved_value(const struct mcts *search, float wdl[3]);
/* The move to play. Temperature 0: the best (PUCT: highest LCB among the most visited; Gumbel: winner of
 * sequential halving); above 0: sampled in proportion to visits^(1/temperature). GAME_NO_MOVE if the game is over or
 * nothing was searched. rng: may be NULL at temperature 0. */
game_move mcts_choose(const struct mcts *search, float temperature, struct rng *rng);
/* The principal variation after a root move: line[0] is that move. visits: of each move, or NULL. Returns the length,
 * at most max. */
int mcts_variation(const struct mcts *search, game_move first, game_move *line, int64_t *visits, int max);
/* Mean map over all leaves evaluated since the root was set, map[game->points], 1 for the player to move. False if the
 * evaluator provides none. */
bool mcts_map(const struct mcts *search, float *map);
/* Passes the result to the stack of evaluator 0 (evaluator_observe). Call it once the search for a move is over and
 * before the root changes. Does nothing if no move was visited, or if mcts_allow excludes some root moves: the result
 * then does not describe the position. */
void mcts_observe(struct mcts *search);
/* Checks that visits, sums and corrections are consistent at every node; NULL, or what is wrong. Not during a run. */
const char *mcts_check(const struct mcts *search);

#endif

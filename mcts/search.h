/* Monte Carlo tree search guided by an evaluator.
 *
 *   root --best edge by PUCT or Gumbel--> ... --> leaf --evaluate--> value --backup--> root
 *
 * Nodes live in one arena and refer to each other by 32-bit index; an edge that was never taken costs four bytes (move,
 * prior), a node exists from its first visit. Memory has one cap; when it is reached the least visited parts are
 * recycled at a barrier, with no thread in the tree. One search object is driven by one thread, which calls every
 * function here except search_stop; mcts_run starts config.threads - 1 helpers of its own.
 * Same seed, one thread, same net, same arithmetic: the same tree bit for bit. */
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
    float cpuct;             /* exploration constant; grows by cpuct_log * log((N + cpuct_base) / cpuct_base) */
    float cpuct_log, cpuct_base;
    float fpu_reduction;     /* first-play urgency: parent's value less this times sqrt of the visited prior mass */
    float root_fpu_reduction;
    float dirichlet_weight;  /* PUCT: share of noise in the root's priors; 0 without noise */
    float dirichlet_total;   /* sum of its concentrations, spread over the legal moves (10.8 on 19x19) */
    int gumbel_considered;   /* Gumbel: moves taken into sequential halving (16) */
    float gumbel_c_visit, gumbel_c_scale; /* 50, 1.0: sigma(q) = (c_visit + max visits) c_scale q, q in [0,1] */
    bool gumbel_noise;       /* false: the strongest move rather than a sample; for matches */
    float score_utility;     /* weight of tanh-scaled expected margin added to the value (Go); 0: result alone */
    float policy_temperature; /* of the priors at the root; 1: as the net says */
    bool prove;              /* finished games count as proof: a node that is won or lost for certain has that value,
                                is searched no further, and is played or avoided by mcts_choose */
    bool tactics;            /* use what the game knows of forced moves (Gomoku: win with five, stop a five) */
    bool map;                /* asks the evaluator for maps too, for mcts_map */
    int threads;
    size_t memory_bytes;     /* arena cap; pages are touched as the tree grows */
    uint64_t seed;
};
struct mcts_config mcts_defaults(enum mcts_selection selection);

#define MCTS_ERROR (mcts_error_quark())
GQuark mcts_error_quark(void);
enum mcts_error { MCTS_ERROR_CONFIG, MCTS_ERROR_MEMORY };

struct mcts;
/* evaluators: config->threads of them, borrowed (one for each search thread; they must outlive the search).
 * Evaluator 0 is asked in the thread that calls mcts_run, each other one always in the same helper thread. Returns 0,
 * or -1 with the error set. The root is the game's start until mcts_set_root. game: borrowed; its owner may change its
 * options (komi, rules; not its size) between runs, and then calls mcts_forget and mcts_set_root before the next. */
int mcts_create(struct mcts **out, const struct game *game, const struct mcts_config *config,
                struct evaluator *const *evaluators, GError **error);
void mcts_close(struct mcts *search); /* NULL is fine */

/* Sets the root to a position (copied, with its history); the old tree goes unless the position is found in it: the
 * same root, or one or two plies below (tree reuse). */
void mcts_set_root(struct mcts *search, const struct position *position, const struct history *history);
/* Moves the root along a legal move, keeping its subtree. */
void mcts_advance(struct mcts *search, game_move move);
/* Drops the tree (a new net, a new game), keeping the root's position. */
void mcts_forget(struct mcts *search);
/* Which moves the root may try, a byte for each move of the game, not 0 for those (copied); NULL: all, as at first. A
 * mask that leaves none of the root's moves counts as NULL. Holds until the next call. */
void mcts_allow(struct mcts *search, const uint8_t *allowed);
/* config.map from the next run on. */
void mcts_want_map(struct mcts *search, bool map);
/* New seed for noise and Gumbel samples, e.g. for each move. Noise is drawn anew at the first visit of each root. */
void mcts_seed(struct mcts *search, uint64_t seed);

/* What ends a run, whichever comes first; 0 means no such limit, but one of the three must be given. */
struct mcts_limits {
    int64_t visits;  /* new playouts in this run; a fresh root's own evaluation comes before and is not counted */
    int64_t time_ms;
    const atomic_bool *stop; /* polled; may be NULL */
    /* Called every report_ms, in any of the search's threads with no playout under way: what was found so far can be
     * read there, and nothing else be done with the search. May be NULL. */
    void (*report)(void *data);
    void *data;
    int64_t report_ms;
    bool early_stop; /* time only: stop once no other move can overtake, there is one only, or the result is proven */
};
void mcts_run(struct mcts *search, const struct mcts_limits *limits);
/* Ends a running mcts_run soon; no effect on a run that begins later (limits.stop is for that). Any thread. */
void mcts_stop(struct mcts *search);

/* ---- what was found; all from the view of the player to move at the root ---- */

struct mcts_root {
    int64_t visits;      /* the root's, those of a reused tree included */
    int64_t new_visits;  /* playouts of the last run */
    float raw_wdl[3];    /* the evaluator's own */
    float raw_score;
    float wdl[3];        /* after search */
    float value;         /* win - loss after search, -1..1 (exactly so when proven) */
    float score;         /* expected margin */
    int moves;           /* legal moves considered */
    int proven;          /* 1 won for certain, -1 lost, 0 not known */
    uint32_t nodes;      /* in use in the arena */
    int depth;           /* longest line of the last run */
};
struct mcts_move {
    game_move move;
    int64_t visits;
    float prior;    /* the net's, after the softmax over legal moves, without noise */
    float value;    /* -1..1; the completed value where there is no visit */
    float draw;     /* probability of a draw */
    float score;
    float lcb;      /* lower confidence bound of value */
    int proven;     /* 1 won for certain, -1 lost, 0 not known */
    float improved; /* improved policy: Gumbel's completed-Q softmax, or visit share under PUCT; sums to 1 */
};
void mcts_root(const struct mcts *search, struct mcts_root *root);
/* Fills at most `max` entries, most visited (then highest value) first; returns their number. */
int mcts_moves(const struct mcts *search, struct mcts_move *moves, int max);
/* The improved policy alone, policy[game->moves] by move, 0 for moves that were not considered; sums to 1. False, and all
 * 0, when nothing was searched. */
bool mcts_policy(const struct mcts *search, float *policy);
/* The move to play: temperature 0 the best (most visited, by LCB within reach; Gumbel: sequential halving's winner),
 * else visits^(1/temperature) sampled with rng. GAME_NO_MOVE when the game is over or nothing was searched. */
game_move mcts_choose(const struct mcts *search, float temperature, struct rng *rng);
/* The line that follows a root move, that move first; returns its length, at most max. visits, unless NULL: of each. */
int mcts_variation(const struct mcts *search, game_move first, game_move *line, int64_t *visits, int max);
/* Visit-weighted mean map [points] if the evaluator gives one; false if not. */
bool mcts_map(const struct mcts *search, float *map);
/* Checks that visits and sums hold at every node; NULL when sound. With no run under way. */
const char *mcts_check(const struct mcts *search);

#endif

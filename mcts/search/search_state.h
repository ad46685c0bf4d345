/* Internal state of a search, shared by its files: lifecycle.c (creation, root position), search.c (runs, threads),
 * gate.c (admission to playouts, limits), playout.c, expand.c (leaf expansion), select.c (edge selection),
 * bias.c and certainty.c (corrected and weighted
 * evaluations), root.c (root moves), threats.c and defence.c (wins by threats), report.c and observe.c (results). */
#ifndef TENGEN_MCTS_SEARCH_SEARCH_STATE_H
#define TENGEN_MCTS_SEARCH_SEARCH_STATE_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "mcts/search/gumbel.h"
#include "mcts/search/tree.h"

enum {
    SEARCH_STRIPES = 256,
    SEARCH_SPINS = 64,
};

/* Per-thread state of a playout. Worker 0 is the thread that calls mcts_run. */
struct worker {
    struct mcts *search;
    struct evaluator *evaluator; /* borrowed */
    struct game_solver *solver;  /* of wins by threats; NULL: off, or the game has none */
    struct position *position;
    struct history history;
    uint32_t *path; /* nodes from the root to the current one */
    int length, path_room;
    int root_edge;   /* Gumbel: the edge assigned by sequential halving; -1 under PUCT */
    int max_depth;   /* in this run, plies */
    double *map_sum; /* [points], player 0's view, over leaves since the root was set */
    int64_t map_count;
    /* Of the last expansion: the evaluation, and the priors by move in full precision (edges keep 16 bits). */
    struct eval eval;
    /* In a playout, or about to begin one. Between arrays that only this thread uses, so on a cache line of its own. */
    atomic_bool inside;
    float prior[GAME_MAX_MOVES];
    pthread_t thread;
};

/* Search state of the root; arrays are indexed by edge. Owned by the driving thread, except that workers add to `child`
 * (under the root's latch) and allocate the visits of `halving`. */
struct root_state {
    bool ready;       /* the arrays describe the current root */
    bool noise_drawn; /* for this root and seed */
    int count;
    _Atomic uint32_t child[GAME_MAX_MOVES]; /* 0: unvisited */
    float raw_prior[GAME_MAX_MOVES]; /* the evaluator's; see root_prepare for their precision */
    float prior[GAME_MAX_MOVES];     /* after temperature and noise, used by PUCT */
    float logit[GAME_MAX_MOVES];     /* after temperature, used by Gumbel */
    float gumbel[GAME_MAX_MOVES];
    bool excluded[GAME_MAX_MOVES]; /* by mcts_allow, or because the opponent then wins by threats */
    int allowed_count;             /* edges that are not excluded */
    bool masked;                   /* mcts_allow excludes some */
    /* What threats_solve_root found at level 1 (solved: with what budget for a win; 0: not yet) and 2 (solved_threes). */
    int64_t solved;
    bool solved_threes, won;
    bool lost[GAME_MAX_MOVES]; /* the opponent wins by threats after this edge */
    game_move line[32];        /* if won: how */
    int line_length;
    uint32_t base[GAME_MAX_MOVES]; /* visits before this run */
    uint16_t order[GAME_MAX_MOVES];
    struct halving halving;
};

/* Locks, each shared by all nodes whose indices hash to the same stripe. The latch is held briefly, to add a child, sort edges
 * or propagate a proof. The mutex is for threads that wait for another thread's evaluation, and for corrections (bias.h). */
struct stripe {
    _Alignas(64) atomic_bool latch;
    atomic_int waiting;
    pthread_mutex_t mutex;
    pthread_cond_t ready;
};

struct mcts {
    /* constant */
    const struct game *game;
    struct mcts_config config;
    float score_scale; /* points */
    int threads;
    struct worker *workers;
    struct stripe *stripes; /* NULL with one thread */
    struct bias *bias;      /* NULL: off */
    /* driving thread, or exclusive */
    struct tree tree;
    struct position *position;
    struct history history;
    struct root_state root;
    int viewer; /* of the tree with a known opponent: the player to move at its root when it grew */
    struct rng rng;
    int64_t new_visits;
    bool restricted;
    uint8_t allowed[GAME_MAX_MOVES]; /* if restricted */
    float score_centre; /* margin that was expected at the root when this run began, points, player 0's view */
    /* The gate admits threads to playouts. A thread first sets its `inside` flag and then checks whether the gate is closed; the
     * one that closes it waits until nobody is inside. So while it is open, threads contend only for the number
     * of playouts and, with Gumbel, for the visits of a phase. */
    pthread_mutex_t gate;
    pthread_cond_t gate_moves; /* the gate has been opened, or a thread has left while it was closed */
    atomic_bool closed;
    pthread_cond_t run_begins; /* helpers wait here between runs */
    pthread_cond_t run_ends;
    struct mcts_limits limits;
    int64_t begin_ms, checked;
    int64_t next_report_ms;
    _Atomic int64_t started; /* playouts of this run; briefly more, while several threads ask for the last one */
    int running;             /* helpers still in this run */
    uint64_t run;    /* number of the run */
    bool helpers_up, closing;
    atomic_bool stop;
};

/* Whether the player to move at this node is the known opponent of config.model_opponent. */
static inline bool search_is_modelled(const struct mcts *search, const struct node *node)
{
    return search->config.model_opponent && node->player != search->position->player;
}

/* ---- node latches and locks; no-ops with one thread ---- */

static inline struct stripe *search_stripe(struct mcts *search, uint32_t index)
{
    return &search->stripes[rng_mix(index) % SEARCH_STRIPES];
}

static inline void search_lock_node(struct mcts *search, uint32_t index)
{
    if (search->stripes)
        pthread_mutex_lock(&search_stripe(search, index)->mutex);
}

static inline void search_unlock_node(struct mcts *search, uint32_t index)
{
    if (search->stripes)
        pthread_mutex_unlock(&search_stripe(search, index)->mutex);
}

/* Held for well under a microsecond, never while waiting for anything. */
static inline void search_latch(struct mcts *search, uint32_t index)
{
    if (!search->stripes)
        return;
    atomic_bool *latch = &search_stripe(search, index)->latch;
    for (int tries = 0; atomic_exchange_explicit(latch, true, memory_order_acquire); tries++)
        if (tries % SEARCH_SPINS == SEARCH_SPINS - 1) /* its holder does not run */
            sched_yield();
}

static inline void search_unlatch(struct mcts *search, uint32_t index)
{
    if (search->stripes)
        atomic_store_explicit(&search_stripe(search, index)->latch, false, memory_order_release);
}

/* ---- expand.c ---- */

/* Evaluates and publishes a node that this thread has claimed (NODE_EVALUATING). worker->position must be the node's;
 * worker->eval and worker->prior receive the result unless the game is over there. */
void search_expand(struct worker *worker, uint32_t index);

/* ---- playout.c ---- */

/* Sets the state of a node that this thread has claimed, and wakes those that wait for it. */
void search_publish(struct mcts *search, uint32_t index, int state);
/* One playout from the root. */
void search_playout(struct worker *worker);
/* Exclusive. Evaluates the root if it has no edges yet; counts as a visit of the root but not as a playout of the run.
 * Returns its priors by move in full precision (worker 0's, valid until its next expansion), or NULL if the root was
 * already expanded. */
const float *search_expand_root(struct mcts *search);

/* ---- gate.c ---- */

/* Starts a run: exclusive. */
void gate_begin(struct mcts *search, const struct mcts_limits *limits);
/* Admits a worker to one playout, after which it must call gate_leave; false if the run is over. Takes a lock only when something
 * must be done with no playout in progress: a report, a new phase of sequential halving, making room in the tree. */
bool gate_enter(struct worker *worker);
void gate_leave(struct worker *worker);
/* Exclusive. Makes room in the tree. */
void gate_recycle(struct mcts *search);
/* PUCT with a time limit, `elapsed` ms into the run: whether the most visited move is also the one to play and, at the
 * current speed, no other move can overtake it in the remaining time. */
bool search_is_decided(struct mcts *search, int64_t elapsed);

/* Whether the caller's stop flag, or the worker that was the first to reach a limit, ends the run. */
static inline bool search_stopped(const struct mcts *search)
{
    const atomic_bool *asked = search->limits.stop;
    return atomic_load_explicit(&search->stop, memory_order_relaxed) ||
           (asked && atomic_load_explicit(asked, memory_order_relaxed));
}

/* ---- select.c: edge selection. The node is expanded; no latch is held. The calling playout is already in node->in_flight. ---- */

/* Value plus score utility from the player's view, or the extreme value if proven; the node must have visits. */
float search_utility(const struct mcts *search, const struct node *node, int player);
/* Value only: the proven one, else the mean. */
float search_value(const struct node *node, int player);
/* Like search_utility, but of the node's own evaluation, before any search below it. */
float search_raw_utility(const struct mcts *search, const struct node *node, int player);
/* Maps a utility to 0..1. */
float search_unit(const struct mcts *search, float utility);
/* Returns the edge; *child is its node or 0. */
int search_select(const struct mcts *search, const struct node *node, uint32_t *child);
int search_select_root(const struct mcts *search, const struct node *node);

/* ---- root.c ---- */

/* Exclusive. Fills the arrays of an expanded root; draws noise unless already drawn for this root.
 * fresh_priors: by move, from search_expand_root. NULL: the edges' 16-bit priors are used. */
void root_prepare(struct mcts *search, const float *fresh_priors);
/* Exclusive. Refreshes the children's indices, e.g. after compaction. */
void root_link(struct mcts *search);
void root_start_gumbel(struct mcts *search);
/* With no playout in progress: ranks the moves considered and starts the next phase. */
void root_next_phase(struct mcts *search);
/* Gumbel: g + logit + sigma(completed q) for every edge. */
void root_scores(const struct mcts *search, float *scores);
/* Gumbel: the improved policy by edge. */
void root_improve(const struct mcts *search, float *improved);
/* What stands for the value of a move without visits, -1 .. 1, without points. Gumbel: the completed value; PUCT: the root's. */
float root_completed_value(const struct mcts *search);
uint32_t root_visits(const struct mcts *search, int edge);
uint32_t root_new_visits(const struct mcts *search, int edge);
/* Whether an edge must not be played: excluded, or a proven loss while another edge is not. */
bool root_avoids(const struct mcts *search, int edge);
/* The best edge by lower confidence bound (PUCT) or the winner of sequential halving (Gumbel); -1 if there is none. */
int root_best(const struct mcts *search);
/* The most visited edge whose child is a proven win for the player to move at the root, or -1. Any thread in the tree. */
int root_winning_edge(const struct mcts *search);
/* Lower confidence bound of a node's value from the player's view: mean - lcb_deviations * standard error. */
float root_lcb(const struct node *node, int player);

/* Exclusive. Sets `excluded` and allowed_count anew. */
void root_exclude(struct mcts *search);

/* ---- threats.c: wins by threats, see game_ops.solve ---- */

/* The working memory of each thread's solver; 0 if the search or the game does without. */
size_t threats_bytes(const struct game *game, const struct mcts_config *config);
/* NULL if the search or the game does without, or if the system refuses the memory: then the thread does without. */
struct game_solver *threats_create(const struct mcts *search);
void threats_close(struct game_solver *solver);  /* NULL is allowed */
void threats_forget(struct game_solver *solver); /* as after threats_create; NULL is allowed */
/* Whether the player to move wins by threats of this level; solver->line has the moves. */
bool threats_win(const struct mcts *search, struct game_solver *solver, const struct position *position, int level,
                 int64_t budget);
/* Whether the player to move in worker->position wins by threats that a small budget finds. */
bool threats_win_leaf(struct worker *worker);
/* Exclusive; the root has been prepared. Enters a win of the player to move into the tree as proven, or else marks in
 * root->lost the moves after which the opponent wins. Done once for each root and level (2: only if the limits allow it),
 * again if a later run has a larger budget; not if the run has been stopped. Returns whether a win is proven. */
bool threats_solve_root(struct mcts *search);

/* ---- defence.c ---- */

/* Exclusive. If the opponent would win by threats after a pass, marks in root->lost the moves after which it still does,
 * examined in order of prior until `total` positions are used up. At level 1, if some move holds, also marks moves that
 * only delay the loss; a move that `total` did not suffice to judge is not marked. Ends early, with fewer marks, if the
 * search is stopped. budget: positions for finding the opponent's win after a pass. */
void defence_find(struct mcts *search, int level, int64_t budget, int64_t total);

/* ---- report.c ---- */

/* The root if it has been searched (expanded, arrays prepared), else NULL. */
const struct node *search_found_root(const struct mcts *search);

#endif

/* What a search is made of, for its own files: lifecycle.c (creation, the root's position), search.c (runs, threads),
 * playout.c, expand.c (a leaf), select.c (which edge), root.c (the root's moves), report.c and observe.c (what was
 * found). */
#ifndef TENGEN_MCTS_SEARCH_SEARCH_STATE_H
#define TENGEN_MCTS_SEARCH_SEARCH_STATE_H

#include <pthread.h>

#include "mcts/search/gumbel.h"
#include "mcts/search.h"
#include "mcts/search/tree.h"

enum { SEARCH_STRIPES = 64 };

/* One thread's own: where its playout is. Worker 0 is the thread that calls mcts_run. */
struct worker {
    struct mcts *search;
    struct evaluator *evaluator; /* borrowed */
    struct position *position;
    struct history history;
    uint32_t *path; /* nodes from the root to where it is */
    int length, path_room;
    int root_edge;   /* Gumbel: the edge that sequential halving gave it; -1 under PUCT */
    int deepest;     /* of this run */
    double *map_sum; /* [points], player 0's view, of leaves since the root was set */
    int64_t map_count;
    /* Of the last expansion: its answer, and its priors by move in full precision (edges keep 16 bits of them). */
    struct eval eval;
    float prior[GAME_MAX_MOVES];
    pthread_t thread;
};

/* The root as the search sees it now: arrays by edge. Owned by the driving thread except `child` (the root's lock) and
 * `order` and `halving` (the gate). */
struct root_state {
    bool ready;       /* the arrays are this root's */
    bool noise_drawn; /* for this root and seed */
    int count;
    uint32_t child[GAME_MAX_MOVES]; /* 0: never visited */
    float clean[GAME_MAX_MOVES];    /* the evaluator's priors; see root_prepare for their precision */
    float prior[GAME_MAX_MOVES];    /* after temperature and noise: what PUCT uses */
    float logit[GAME_MAX_MOVES];    /* after temperature: what Gumbel uses */
    float gumbel[GAME_MAX_MOVES];
    bool barred[GAME_MAX_MOVES];   /* by mcts_allow */
    int open;                      /* edges that are not */
    uint32_t base[GAME_MAX_MOVES]; /* visits before this run */
    uint16_t order[GAME_MAX_MOVES];
    struct halving halving;
};

/* A lock for one node in SEARCH_STRIPES, and where threads wait for its evaluation. */
struct stripe {
    _Alignas(64) pthread_mutex_t mutex;
    pthread_cond_t ready;
};

struct mcts {
    /* constant */
    const struct game *game;
    struct mcts_config config;
    float score_scale;
    int threads;
    struct worker *workers;
    struct stripe *stripes; /* NULL with one thread */
    /* the driving thread's, or alone */
    struct tree tree;
    struct position *position;
    struct history history;
    struct root_state root;
    struct rng rng;
    int64_t new_visits;
    bool restricted;
    uint8_t allowed[GAME_MAX_MOVES]; /* where restricted */
    /* the gate: who may start a playout */
    pthread_mutex_t gate;
    pthread_cond_t gate_free;  /* no playout is under way, or the run ended */
    pthread_cond_t run_begins; /* helpers wait here between runs */
    pthread_cond_t run_ends;
    struct mcts_limits limits;
    int64_t begin_ms, checked;
    int64_t next_report_ms;
    int64_t started; /* playouts of this run */
    int active;      /* playouts under way */
    int running;     /* helpers not yet done with this run */
    uint64_t run;    /* number of the run */
    bool helpers_up, closing;
    atomic_bool stop;
};

/* ---- a node's lock; nothing with one thread ---- */

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

/* ---- expand.c ---- */

/* Evaluates a node that this thread has claimed (NODE_EVALUATING), and lets other threads in. worker->position is the
 * node's; worker->eval and worker->prior are left with its answer, unless the game is over there. */
void search_expand(struct worker *worker, uint32_t index);

/* ---- playout.c ---- */

/* One playout from the root. */
void search_playout(struct worker *worker);
/* Alone. Evaluates the root if it has no edges yet; counts as a visit of the root but not as a playout of the run.
 * Returns its priors by move in full precision (worker 0's, valid until its next expansion), or NULL if the root was
 * expanded before. */
const float *search_expand_root(struct mcts *search);

/* ---- search.c ---- */

/* PUCT, in a run with a time limit of which `elapsed` ms are used up: no other move can overtake the most visited one,
 * which is also the one to play, in the time left at the speed so far. */
bool search_is_decided(struct mcts *search, int64_t elapsed);

/* ---- select.c: which edge next. The node is expanded and locked, its own visit in flight counted. ---- */

/* Value and margin together, as the player sees it, or the end of the scale when proven; the node has been visited. */
float search_utility(const struct mcts *search, const struct node *node, int player);
/* The value alone: proven, else the mean. */
float search_value(const struct node *node, int player);
float search_raw_utility(const struct mcts *search, const struct node *node, int player);
/* A utility on 0..1. */
float search_unit(const struct mcts *search, float utility);
/* Returns the edge; *child is its node or 0. */
int search_select(const struct mcts *search, const struct node *node, uint32_t *child);
int search_select_root(const struct mcts *search, const struct node *node);

/* ---- root.c ---- */

/* Alone. Fills the arrays of an expanded root; draws noise unless it was drawn for this root.
 * fresh_priors: by move, from search_expand_root. NULL: the edges' 16-bit priors are used. */
void root_prepare(struct mcts *search, const float *fresh_priors);
/* Alone. Finds the children again, e.g. after the tree was compacted. */
void root_link(struct mcts *search);
void root_start_gumbel(struct mcts *search);
/* With no playout under way: ranks the moves considered and begins the next phase. */
void root_next_phase(struct mcts *search);
/* Gumbel: g + logit + sigma(completed q) for every edge. */
void root_scores(const struct mcts *search, float *scores);
/* Gumbel: the improved policy and completed q by edge. */
void root_improve(const struct mcts *search, float *completed, float *improved);
uint32_t root_visits(const struct mcts *search, int edge);
uint32_t root_new_visits(const struct mcts *search, int edge);
/* Whether an edge is not to be played: barred, or lost for certain while another one is not. */
bool root_avoids(const struct mcts *search, int edge);
/* The best edge by visits and bounds (PUCT) or halving's winner (Gumbel); -1 without any. */
int root_best(const struct mcts *search);
/* mean - deviations * standard error of a node's value as player sees it. */
float root_lcb(const struct node *node, int player);

/* ---- report.c ---- */

/* The root if it was searched: expanded, with its arrays prepared; else NULL. */
const struct node *search_found_root(const struct mcts *search);

#endif

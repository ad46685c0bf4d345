/* clang-format off */
/* Evaluators: what a search asks about a leaf. A network, random playouts, a uniform prior, or one that wraps another.
 *
 * Evaluators form a stack, which evaluator_create builds from a config. A wrapper owns the evaluator below it.
 *
 *   search --evaluate--> cache --evaluate, on a miss--> net
 *
 * A memory by likeness may stand between the two (mcts/likeness.h). A known opponent or a memory may stand on top and
 * modify the results of the stack below.
 *
 *   search --observe---> cache, then net: the search result is passed to every evaluator of the stack that observes
 *
 * Perspective: every value, score and map is from the view of the player to move in the queried position.
 * Shapes: arrays indexed by move have game->moves entries, arrays indexed by point game->points.
 * Threads: an evaluator serves one thread at a time; each additional search thread has a clone, which shares what can
 * be shared (the net's weights, the cache's table). */
/* clang-format on */
#ifndef TENGEN_MCTS_EVALUATOR_H
#define TENGEN_MCTS_EVALUATOR_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "games/game.h"
#include "net/net.h"

/* ---- query and result ---- */

enum evaluator_want {
    EVAL_POLICY = 1,
    EVAL_VALUE = 2,
    EVAL_SCORE = 4,
    EVAL_MAP = 8,
    EVAL_ERROR = 32,
    EVAL_PRIOR_VISITS = 16, /* cannot be asked for: set where something is remembered, see mcts/memory.h */
};

struct eval_query {
    const struct position *position;
    const struct history *history; /* NULL: superko is not checked */
    int want;                      /* EVAL_ bits */
    const game_move *legal;        /* the legal moves in ascending order if the caller has them, else NULL */
    int legal_count;
    /* How many of the last moves in the history a search made below its root; those before them were played in the game. A recurrent
     * net (net_moves) carries its state along the latter only. 0: all were played. */
    int below_root;
};

struct eval {
    float logits[GAME_MAX_MOVES]; /* [moves] policy, before masking illegal moves */
    float wdl[3];                 /* probabilities of win, draw, loss; sum to 1 */
    float score;                  /* expected margin in points */
    float map[GAME_MAX_POINTS];   /* [points] -1 (opponent's) .. 1 (player to move's) */
    float error; /* by how much a search is likely to move the value, 0 .. 2; below 0: the evaluator does not know */
    /* EVAL_PRIOR_VISITS: a search counts this value as that of so many visits made before its own. */
    uint8_t prior_visits;
    uint8_t steps; /* iterations of the net's loop for this evaluation; 0: the net has no loop, or there is no net */
    int filled; /* EVAL_ bits that are valid; the other members are undefined */
};
/* -1 .. 1 */
static inline float eval_value(const struct eval *eval)
{
    return eval->wdl[0] - eval->wdl[2];
}
/* Win, draw and loss of this value and chance of a draw; |value| + draw is at most 1. */
static inline void eval_wdl_of(float value, float draw, float wdl[3])
{
    wdl[0] = 0.5f * (1 - draw + value);
    wdl[1] = draw;
    wdl[2] = 0.5f * (1 - draw - value);
}

/* Softmax over the logits of these moves only, at a temperature above 0. probability[count], in the order of `moves`,
 * sums to 1. A logit of -infinity gives 0; uniform if one is NaN or +infinity, or if all are -infinity. */
void eval_softmax(const struct eval *eval, const game_move *moves, int count, float temperature, float *probability);
/* Samples one of the moves with the given probabilities; GAME_NO_MOVE if count is 0. */
game_move eval_sample(const game_move *moves, const float *probability, int count, struct rng *rng);
/* Samples a legal move from the policy at temperature 1; GAME_NO_MOVE if there is none. */
game_move evaluator_sample_move(const struct game *game, const struct position *position, const struct history *history,
                                const struct eval *eval, struct rng *rng);

/* The result of a search at its root, from the view of the player to move there. Valid during the call. */
struct eval_observation {
    const struct position *position;
    const struct history *history;
    int64_t visits;   /* of the root, including those of a reused tree */
    float wdl[3];     /* after the search; exact if proven */
    float score;      /* expected margin in points, after the search */
    float raw_wdl[3]; /* the raw network value, before the search */
    float raw_score;
    int proven;          /* 1 proven win, -1 proven loss, 0 unknown */
    const float *share;  /* [moves] each root move's share of the visits; sums to 1 */
    const float *policy; /* [moves] improved policy (see mcts_policy); sums to 1 */
};

/* ---- the interface ---- */

struct evaluator;
struct evaluator_ops {
    const char *name;
    /* Evaluates queries[n] into evals[n]; fills at least what is requested and available, and records it in
     * `filled`. */
    void (*evaluate)(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals);
    /* A copy of the whole stack for another thread. Any thread may call it while `self` is not in use. */
    struct evaluator *(*clone)(const struct evaluator *self);
    /* A number that changes whenever the results may, such as a net's generation. NULL: that of the wrapped evaluator,
     * or 0 if there is none. */
    uint64_t (*generation)(const struct evaluator *self);
    /* A wrapper's inner evaluator, which it owns. NULL: not a wrapper. */
    struct evaluator *(*inner)(const struct evaluator *self);
    /* Called after a search (mcts_observe), in the thread that drives it, while this search evaluates nothing. Clones
     * in other searches may be running: state shared with them needs its own lock. Must not forward: every evaluator of
     * the stack is called. NULL: does not observe. */
    void (*observe)(struct evaluator *self, const struct eval_observation *observation);
    void (*free)(struct evaluator *self); /* including what it wraps */
};
struct evaluator {
    const struct evaluator_ops *ops;
    /* Outlives the evaluator. Its owner may change its options (komi, rules) between evaluations, never its size or
     * kind: an evaluator rereads it each time and caches nothing that depends on options. */
    const struct game *game;
};

static inline void evaluator_evaluate(struct evaluator *self, int n, const struct eval_query *queries,
                                      struct eval *evals)
{
    self->ops->evaluate(self, n, queries, evals);
}
static inline struct evaluator *evaluator_clone(const struct evaluator *self)
{
    return self->ops->clone(self);
}
static inline void evaluator_free(struct evaluator *self) /* NULL is allowed */
{
    if (self)
        self->ops->free(self);
}
/* The evaluator that this one wraps, or NULL. */
static inline struct evaluator *evaluator_inner(const struct evaluator *self)
{
    return self->ops->inner ? self->ops->inner(self) : NULL;
}
/* The generation of the topmost evaluator that has one (evaluator_ops.generation); 0 if none has. */
uint64_t evaluator_generation(const struct evaluator *self);
/* The topmost evaluator of this kind in the stack, or NULL. */
struct evaluator *evaluator_find(const struct evaluator *stack, const struct evaluator_ops *ops);
/* Whether any evaluator of the stack observes searches. */
bool evaluator_observes(const struct evaluator *stack);
/* Calls every observing evaluator of the stack, topmost first. Threads: see evaluator_ops.observe. */
void evaluator_observe(struct evaluator *stack, const struct eval_observation *observation);

/* ---- the stack ---- */

enum evaluator_kind {
    EVALUATOR_UNIFORM, /* uniform policy, even value */
    EVALUATOR_ROLLOUT, /* random playouts */
    EVALUATOR_NET,     /* a network */
};

/* The board symmetry under which a position is encoded. 0 to game->symmetries - 1: that one. Random: chosen by a hash of
 * position and seed, so the same position always gets the same one; for a recurrent net by a hash of the moves played and the seed, so
 * that all positions of a search share the symmetry of the carried state. All: the mean of the outputs (for the policy, of the
 * logits) over all symmetries of the game. */
enum { EVALUATOR_SYMMETRY_RANDOM = -1, EVALUATOR_SYMMETRY_ALL = -2 };

struct evaluator_config {
    enum evaluator_kind kind; /* of the lowest evaluator */
    uint64_t seed;            /* for playouts and random symmetries */
    int playouts;             /* ROLLOUT: per leaf, at least 1 */
    struct net *net;          /* NET: a reference is taken */
    enum net_backend backend;
    enum net_dtype dtype;
    int symmetry;
    struct net_effort effort; /* NET: how far a net with a loop thinks */
    int max_batch;      /* positions per network batch; 0: as many as one query needs */
    struct likeness *likeness; /* NET: corrects its values, see mcts/likeness.h; a reference is taken. NULL: none */
    size_t cache_bytes; /* size of an evaluation cache on top; 0: none */
};
/* Builds a stack; free it with evaluator_free. game: borrowed, see struct evaluator. 0, or -1 with *out NULL and the error
 * set: a net for another game, a symmetry or batch size out of range, or a number type that this processor or net does not
 * support. */
int evaluator_create(struct evaluator **out, const struct game *game, const struct evaluator_config *config,
                     GError **error);

/* Single evaluators, for assembling a stack by hand. Uniform logits, even value: */
struct evaluator *evaluator_uniform_create(const struct game *game);
/* Nearly uniform logits (ties are broken by a hash); value, score and map are means over `playouts` (at least 1) random
 * playouts from the position. */
struct evaluator *evaluator_rollout_create(const struct game *game, int playouts, uint64_t seed);
/* A cache on top of another evaluator, of which it takes ownership. The table has a fixed size in bytes, is shared by
 * clones, and is thread-safe; cached results are bitwise identical to the originals. Where the system refuses the memory
 * the table is smaller; without any, the inner evaluator itself is returned. */
struct evaluator *evaluator_cache_create(struct evaluator *inner, size_t bytes);

/* A known opponent on top of another evaluator, for searches with mcts_config.model_opponent: where it is to move, the policy is that of
 * `policy`; values and all else remain those of `below`. Takes ownership of both, which are for the same game. */
struct evaluator *evaluator_opponent_create(struct evaluator *below, struct evaluator *policy);
/* Sets which player the opponent is: 0 or 1, or -1 for neither, as initially. Applies to all clones; call it while none of them is
 * searching. An existing tree keeps the old policies: see mcts_forget. Does nothing if the stack has no known opponent. */
void evaluator_opponent_is(struct evaluator *stack, int player);

struct evaluator_cache_stats {
    uint64_t hits, misses;
};
/* Totals of the stack's cache over all clones; 0 without a cache. */
struct evaluator_cache_stats evaluator_cache_stats(const struct evaluator *stack);

/* ---- keys for storing results by position ---- */

struct eval_key {
    uint64_t bits[2];
};
/* A hash of everything, except `want`, that can affect the result of a query: the game with its size and options (komi,
 * rules), stones, side to move, colour assignment, phase, ko, ply, recent moves (which the features encode), the legal
 * moves if a history is given (superko acts only through them), and a generation: evaluator_generation of the evaluator
 * queried, or 0 for data that outlives a net. Independent of the path to the position; symmetric positions have
 * different keys. Stable across processes. Any thread. */
struct eval_key evaluator_key(const struct game *game, const struct eval_query *query, uint64_t generation);
/* What a query's result depends on beyond evaluator_key: the state that the stack's net has carried along the moves played before
 * the root. 0 if it carries none. Any thread. */
uint64_t evaluator_state_key(const struct evaluator *stack, const struct eval_query *query);
/* A hash of the game alone: name, size and options. Any thread. */
uint64_t evaluator_game_hash(const struct game *game);
static inline bool eval_key_equal(struct eval_key a, struct eval_key b)
{
    return a.bits[0] == b.bits[0] && a.bits[1] == b.bits[1];
}

/* ---- networks ---- */

/* A randomly initialised net for the game's newest feature set, or for another of its feature sets. shape: "5x64" or a
 * block list. 0, or -1 with *out NULL and the error set if the shape is invalid. */
int evaluator_net_fresh(struct net **out, const struct game *game, const char *shape, uint64_t seed, GError **error);
int evaluator_net_fresh_for(struct net **out, const struct game *game, const struct game_features *features,
                            const char *shape, uint64_t seed, GError **error);
/* The number of parameters such a net would have; allocates none of them. False with the error set for an invalid shape. */
bool evaluator_net_parameters(const struct game *game, const struct game_features *features, const char *shape,
                              size_t *count, GError **error);
/* The net with its inputs extended to these features, of the same outputs: see game_features.extends. Returns 0, or -1
 * with the error set if the features do not continue those of the net. */
int evaluator_net_extend(struct net **out, const struct net *net, const struct game *game,
                         const struct game_features *features, GError **error);
/* The features that a net takes as input; NULL with the error set if the net was not made for this game: the name,
 * features, planes or number of moves do not match. */
const struct game_features *evaluator_net_features(const struct net *net, const struct game *game, GError **error);
/* Calibrates an uncalibrated net for int8 (net_calibrate) on positions from games sampled from its own policy. Call
 * before other threads use the net. 0, or -1 with the error set. */
int evaluator_net_calibrate(struct net *net, const struct game *game, uint64_t seed, GError **error);
/* Like evaluator_net_calibrate, but only if the net is not calibrated yet and would run in int8 with these settings. */
int evaluator_net_prepare(struct net *net, const struct game *game, enum net_backend backend, enum net_dtype dtype,
                          uint64_t seed, GError **error);

/* Replaces the net of the stack's net evaluator, which takes a reference to it. Call between moves, in the thread that
 * owns the stack; clones keep theirs. 0, or -1 with the error set and nothing changed: the net does not match the game,
 * or the stack has no net evaluator. */
int evaluator_net_set(struct evaluator *stack, struct net *net, GError **error);
/* Positions evaluated by this stack's net, clones excluded, each symmetry counted separately; 0 without a net. Any thread,
 * like evaluator_net_steps. */
uint64_t evaluator_net_count(const struct evaluator *stack);
/* Total iterations of the net's loop in those evaluations; 0 without a loop. */
uint64_t evaluator_net_steps(const struct evaluator *stack);

#endif

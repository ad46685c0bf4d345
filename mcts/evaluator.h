/* clang-format off */
/* Evaluators: what a search asks about a leaf. A network, random playouts, a uniform prior, or one that wraps another.
 *
 * Evaluators form a stack, which evaluator_create builds from a config. A wrapper owns the evaluator below it.
 *
 *   search --evaluate--> cache --evaluate, on a miss--> net
 *   search --observe---> cache, then net: what a search found is told to each evaluator of the stack that wants it
 *
 * Perspective: every value, score and map is from the view of the player to move in the position asked about.
 * Shapes: arrays by move have game->moves entries, arrays by point game->points.
 * Threads: an evaluator serves one thread at a time; each further thread of a search has a clone, which shares what can
 * be shared (the net's weights, the cache's table). */
/* clang-format on */
#ifndef TENGEN_MCTS_EVALUATOR_H
#define TENGEN_MCTS_EVALUATOR_H

#include "games/game.h"
#include "games/rng.h"
#include "net/net.h"

/* ---- question and answer ---- */

enum evaluator_want { EVAL_POLICY = 1, EVAL_VALUE = 2, EVAL_SCORE = 4, EVAL_MAP = 8 };

struct eval_query {
    const struct position *position;
    const struct history *history; /* NULL: superko is not checked */
    int want;                      /* EVAL_ bits */
    const game_move *legal;        /* the legal moves in ascending order, if the caller has them; else NULL */
    int legal_count;
};

struct eval {
    float logits[GAME_MAX_MOVES]; /* [moves] policy, before legality */
    float wdl[3];                 /* probabilities of win, draw, loss; sum to 1 */
    float score;                  /* expected margin in points */
    float map[GAME_MAX_POINTS];   /* [points] -1 the opponent's .. 1 the mover's */
    int filled;                   /* EVAL_ bits that were filled; the other members are undefined */
};
/* -1 .. 1 */
static inline float eval_value(const struct eval *eval)
{
    return eval->wdl[0] - eval->wdl[2];
}

/* Softmax of the logits of these moves alone, at a temperature above 0. share[count], in the order of `moves`, sums to
 * 1; uniform where a logit is not finite. */
void eval_shares(const struct eval *eval, const game_move *moves, int count, float temperature, float *share);
/* Draws one of the moves with the probabilities `share`; GAME_NO_MOVE if count is 0. */
game_move eval_draw(const game_move *moves, const float *share, int count, struct rng *rng);
/* Draws a legal move from the policy at temperature 1; GAME_NO_MOVE if there is none. */
game_move evaluator_sample_move(const struct game *game, const struct position *position, const struct history *history,
                                const struct eval *eval, struct rng *rng);

/* What a search found at its root; all from the view of the player to move there. Valid during the call. */
struct eval_observation {
    const struct position *position;
    const struct history *history;
    int64_t visits;   /* of the root, those of a reused tree included */
    float wdl[3];     /* after the search; exact if proven */
    float score;      /* expected margin in points, after the search */
    float raw_wdl[3]; /* the evaluator's own answer, before the search */
    float raw_score;
    int proven;          /* 1 won for certain, -1 lost, 0 not known */
    const float *share;  /* [moves] of the visits to the root's moves; sums to 1 */
    const float *policy; /* [moves] improved policy (see mcts_policy); sums to 1 */
};

/* ---- the interface ---- */

struct evaluator;
struct evaluator_ops {
    const char *name;
    /* Answers queries[n] into evals[n]; fills at least what is wanted and possible, and says so in `filled`. */
    void (*evaluate)(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals);
    /* A copy of the whole stack for another thread. Any thread may call it while `self` is not in use. */
    struct evaluator *(*clone)(const struct evaluator *self);
    /* A number that changes whenever the answers may: a net's generation. NULL: as the wrapped evaluator's; 0 without
     * one. */
    uint64_t (*generation)(const struct evaluator *self);
    /* A wrapper's inner evaluator, which it owns. NULL: this evaluator wraps none. */
    struct evaluator *(*inner)(const struct evaluator *self);
    /* Told of a finished search (mcts_observe), in the thread that drives it, with no evaluation of this search under
     * way. Clones in other searches may be at work: what is shared with them needs its own lock. Does not forward: each
     * evaluator of the stack is told. NULL: not interested. */
    void (*observe)(struct evaluator *self, const struct eval_observation *observation);
    void (*free)(struct evaluator *self); /* with what it wraps */
};
struct evaluator {
    const struct evaluator_ops *ops;
    /* Outlives the evaluator. Its owner may change its options (komi, rules) between evaluations, never its size or
     * kind: an evaluator reads it anew each time and keeps nothing that depends on options. */
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
static inline void evaluator_free(struct evaluator *self) /* NULL is fine */
{
    if (self)
        self->ops->free(self);
}
/* The evaluator that this one wraps, or NULL. */
static inline struct evaluator *evaluator_inner(const struct evaluator *self)
{
    return self->ops->inner ? self->ops->inner(self) : NULL;
}
uint64_t evaluator_generation(const struct evaluator *self);
/* The topmost evaluator of the stack that is of this kind, or NULL: the way to functions of one kind of evaluator. */
struct evaluator *evaluator_find(const struct evaluator *stack, const struct evaluator_ops *ops);
/* Whether any evaluator of the stack wants observations. */
bool evaluator_observes(const struct evaluator *stack);
/* Tells each evaluator of the stack, the topmost first. Threads: see evaluator_ops.observe. */
void evaluator_observe(struct evaluator *stack, const struct eval_observation *observation);

/* ---- the stack ---- */

enum evaluator_kind {
    EVALUATOR_UNIFORM, /* all moves alike, the game even */
    EVALUATOR_ROLLOUT, /* random playouts */
    EVALUATOR_NET,     /* a network */
};

/* How the net is shown a position: 0..7 always under that symmetry; random: under one chosen by a hash of position and
 * seed, so that the same position is always seen the same way; all: the mean of all eight (8 evaluations). */
enum { EVALUATOR_SYMMETRY_RANDOM = -1, EVALUATOR_SYMMETRY_ALL = -2 };

struct evaluator_config {
    enum evaluator_kind kind; /* of the lowest evaluator */
    uint64_t seed;            /* of playouts and random symmetries */
    int playouts;             /* ROLLOUT: a leaf; 1 and up */
    struct net *net;          /* NET: a reference is taken */
    enum net_backend backend;
    enum net_dtype dtype;
    int symmetry;
    int max_batch;      /* positions put through the net together; 0: as many as one query needs */
    size_t cache_bytes; /* of an evaluation cache on top; 0: none */
};
/* Builds a stack, to be freed by evaluator_free. game: borrowed, see struct evaluator. 0, or -1 with the error set (a
 * net that was not made for this game, a number type that this processor or net lacks). */
int evaluator_create(struct evaluator **out, const struct game *game, const struct evaluator_config *config,
                     GError **error);

/* Single evaluators, for a stack made by hand. Uniform logits, an even value: */
struct evaluator *evaluator_uniform_create(const struct game *game);
/* Nearly uniform logits; the value is the mean result of `playouts` random playouts from the position. */
struct evaluator *evaluator_rollout_create(const struct game *game, int playouts, uint64_t seed);
/* A cache on top of another evaluator, which it then owns. The table has a fixed size in bytes, is shared by clones and
 * safe for any number of threads; answers are returned bit for bit as they were given. */
struct evaluator *evaluator_cache_create(struct evaluator *inner, size_t bytes);

struct evaluator_cache_stats {
    uint64_t hits, misses;
};
/* Of the stack's cache, all clones together; 0 without a cache. */
struct evaluator_cache_stats evaluator_cache_stats(const struct evaluator *stack);

/* ---- keys, for whatever stores answers by position ---- */

struct eval_key {
    uint64_t bits[2];
};
/* A hash of everything that may decide the answer to a query but `want`: the game with its size and options (komi,
 * rules), stones, side to move, who holds which colour, phase, ko, ply, recent moves (the features show them), which
 * moves are legal where a history was given (superko depends on it, and only through them), and a generation:
 * evaluator_generation of the evaluator that answers, or 0 for what outlives a net. Equal for equal situations however
 * they came about; symmetric ones differ. The same in every process. Any thread. */
struct eval_key evaluator_key(const struct game *game, const struct eval_query *query, uint64_t generation);
static inline bool eval_key_equal(struct eval_key a, struct eval_key b)
{
    return a.bits[0] == b.bits[0] && a.bits[1] == b.bits[1];
}

/* ---- networks ---- */

/* A fresh net for a game: of a shape ("5x64" or a block list) for its newest features, weights from the seed. */
int evaluator_net_fresh(struct net **out, const struct game *game, const char *shape, uint64_t seed, GError **error);
/* The features that a net takes; NULL, with the error set, if it was not made for this game: another game's name, or
 * features, planes or moves that the game does not have. */
const struct game_features *evaluator_net_features(const struct net *net, const struct game *game, GError **error);
/* Calibrates a net for int8 (net_calibrate) on positions of games that it plays by its policy from a seed: for nets
 * that come without, such as fresh ones. Before other threads see the net. */
int evaluator_net_calibrate(struct net *net, const struct game *game, uint64_t seed, GError **error);
/* As evaluator_net_calibrate, but only if the net is not calibrated yet and would run in int8 with these settings. */
int evaluator_net_prepare(struct net *net, const struct game *game, enum net_backend backend, enum net_dtype dtype,
                          uint64_t seed, GError **error);

/* Gives the stack's net evaluator another net, of which it takes a reference: between moves only, in the thread that
 * owns the stack; clones keep theirs. 0, or -1 with the error set and nothing changed: the net does not fit the game,
 * or the stack has no net evaluator. */
int evaluator_net_set(struct evaluator *stack, struct net *net, GError **error);
/* Positions that this stack (not its clones) has put through its net; 0 without one. */
uint64_t evaluator_net_count(const struct evaluator *stack);

#endif

/* Evaluators: what a search asks about a leaf. A network, rollouts, a uniform prior, or one that wraps another (cache).
 *
 * An evaluator object serves one thread; `clone` makes another for a further thread that shares what can be shared
 * (the net, the cache). All numbers are from the view of the player to move in the position asked about. */
#ifndef TENGEN_MCTS_EVALUATOR_H
#define TENGEN_MCTS_EVALUATOR_H

#include "games/game.h"
#include "games/rng.h"
#include "net/net.h"

enum evaluator_want { EVAL_POLICY = 1, EVAL_VALUE = 2, EVAL_SCORE = 4, EVAL_MAP = 8 };

struct eval_query {
    const struct position *position;
    const struct history *history; /* may be NULL */
    int want;                      /* EVAL_ bits */
    const game_move *legal;        /* the position's legal moves, where whoever asks has them; else NULL */
    int legal_count;
};

struct eval {
    float logits[GAME_MAX_MOVES]; /* [moves], before legality */
    float wdl[3];                 /* win, draw, loss; sums to 1 */
    float score;                  /* expected margin in points */
    float map[GAME_MAX_POINTS];   /* -1..1 */
    int filled;                   /* EVAL_ bits that were filled */
};
static inline float eval_value(const struct eval *eval)
{
    return eval->wdl[0] - eval->wdl[2];
}

/* Each move's share of the policy: the softmax of their logits at a temperature above 0, over these moves alone.
 * share[count] stands by place in `moves` and sums to 1; even shares where the logits are not finite. */
void eval_shares(const struct eval *eval, const game_move *moves, int count, float temperature, float *share);
/* One of the moves, drawn by its share; GAME_NO_MOVE of none. */
game_move eval_draw(const game_move *moves, const float *share, int count, struct rng *rng);
/* A legal move, drawn by its share of the policy; GAME_NO_MOVE when there is none. */
game_move evaluator_sample_move(const struct game *game, const struct position *position, const struct history *history,
                                const struct eval *eval, struct rng *rng);

struct evaluator;
struct evaluator_ops {
    const char *name;
    void (*evaluate)(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals);
    struct evaluator *(*clone)(const struct evaluator *self); /* for another thread; called in that thread */
    /* Differs whenever the answers may: a net's generation. */
    uint64_t (*generation)(const struct evaluator *self);
    void (*free)(struct evaluator *self);
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
static inline uint64_t evaluator_generation(const struct evaluator *self)
{
    return self->ops->generation(self);
}
static inline void evaluator_free(struct evaluator *self)
{
    if (self)
        self->ops->free(self);
}

/* Uniform logits, an even value. */
struct evaluator *evaluator_uniform_create(const struct game *game);

/* Uniform logits; the value is the mean result of `playouts` random playouts from the position. */
struct evaluator *evaluator_rollout_create(const struct game *game, int playouts, uint64_t seed);

/* A fresh net for a game: of a shape ("5x64" or a block list) for its newest features, weights from the seed. */
int evaluator_net_fresh(struct net **out, const struct game *game, const char *shape, uint64_t seed, GError **error);

/* The features that a net takes; NULL with the error set where it was not made for this game: by name, features that
 * there are, planes, moves. */
const struct game_features *evaluator_net_features(const struct net *net, const struct game *game, GError **error);

/* A network. Symmetry: 0..7 always that one; EVALUATOR_SYMMETRY_RANDOM: one by a hash of position and seed (so the
 * same position is always seen the same way); EVALUATOR_SYMMETRY_ALL: the mean of all eight (8 evaluations). */
enum { EVALUATOR_SYMMETRY_RANDOM = -1, EVALUATOR_SYMMETRY_ALL = -2 };
struct evaluator_net_config {
    enum net_backend backend;
    enum net_dtype dtype;
    int max_batch; /* 1 and up */
    int symmetry;
    uint64_t seed;
};
int evaluator_net_create(struct evaluator **out, const struct game *game, struct net *net,
                         const struct evaluator_net_config *config, GError **error);
/* Swaps the net; between moves only, by the owning thread. */
int evaluator_net_set(struct evaluator *self, struct net *net, GError **error);
/* Calibrates a net for int8 (net_calibrate) on some hundred positions of games that it plays by its policy from a seed:
 * for nets that come without, such as fresh ones. Before other threads see the net. */
int evaluator_net_calibrate(struct net *net, const struct game *game, uint64_t seed, GError **error);
/* The same for a net that has no ranges, where evaluating it in that type would make use of them; else nothing. */
int evaluator_net_prepare(struct net *net, const struct game *game, enum net_backend backend, enum net_dtype dtype,
                          uint64_t seed, GError **error);
/* Network evaluations (board positions put through the net) this evaluator has done. */
uint64_t evaluator_net_count(const struct evaluator *self);

/* A cache before another evaluator, which it then owns. The table is shared by clones, safe for any number of threads,
 * of fixed size in bytes; keyed on position hash, recent moves, ko and history where they decide, the game's options
 * (komi, rules), and generation. */
struct evaluator *evaluator_cache_create(struct evaluator *inner, size_t bytes);
struct evaluator_cache_stats {
    uint64_t hits, misses;
};
struct evaluator_cache_stats evaluator_cache_stats(const struct evaluator *self); /* of all clones */

#endif

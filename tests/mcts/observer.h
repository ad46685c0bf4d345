/* An evaluator that wraps another one, returns its results and records observations of searches. Header only. */
#ifndef TENGEN_TESTS_MCTS_OBSERVER_H
#define TENGEN_TESTS_MCTS_OBSERVER_H

#include "games/game.h"
#include "mcts/evaluator.h"

enum { OBSERVER_ROOM = 200 };

/* One observation, copied. */
struct observed {
    uint64_t hash; /* of the position */
    int ply, history_count, proven;
    int64_t visits;
    float wdl[3], raw_wdl[3], score, raw_score;
    float share[GAME_MAX_MOVES], policy[GAME_MAX_MOVES];
};
struct observer_log {
    int count; /* number of observations; the first OBSERVER_ROOM are stored */
    struct observed seen[OBSERVER_ROOM];
};

struct observer {
    struct evaluator base;
    struct evaluator *inner;
    struct observer_log *log; /* borrowed, shared with clones */
};

static inline void observer_evaluate(struct evaluator *self, int n, const struct eval_query *queries,
                                     struct eval *evals)
{
    evaluator_evaluate(((struct observer *)self)->inner, n, queries, evals);
}

static inline struct evaluator *observer_inner(const struct evaluator *self)
{
    return ((const struct observer *)self)->inner;
}

static inline void observer_observe(struct evaluator *self, const struct eval_observation *observation)
{
    struct observer_log *log = ((struct observer *)self)->log;
    if (log->count++ >= OBSERVER_ROOM)
        return;
    struct observed *seen = &log->seen[log->count - 1];
    *seen = (struct observed){.hash = observation->position->hash,
                              .ply = observation->position->ply,
                              .history_count = observation->history->count,
                              .proven = observation->proven,
                              .visits = observation->visits,
                              .score = observation->score,
                              .raw_score = observation->raw_score};
    memcpy(seen->wdl, observation->wdl, sizeof seen->wdl);
    memcpy(seen->raw_wdl, observation->raw_wdl, sizeof seen->raw_wdl);
    memcpy(seen->share, observation->share, sizeof(float) * self->game->moves);
    memcpy(seen->policy, observation->policy, sizeof(float) * self->game->moves);
}

static inline void observer_free(struct evaluator *self)
{
    evaluator_free(((struct observer *)self)->inner);
    g_free(self);
}

static inline struct evaluator *observer_create(struct evaluator *inner, struct observer_log *log);
static inline struct evaluator *observer_clone(const struct evaluator *self)
{
    const struct observer *from = (const struct observer *)self;
    return observer_create(evaluator_clone(from->inner), from->log);
}

/* Takes ownership of `inner`. */
static inline struct evaluator *observer_create(struct evaluator *inner, struct observer_log *log)
{
    static const struct evaluator_ops ops = {.name = "observer",
                                             .evaluate = observer_evaluate,
                                             .clone = observer_clone,
                                             .inner = observer_inner,
                                             .observe = observer_observe,
                                             .free = observer_free};
    struct observer *observer = g_new0(struct observer, 1);
    *observer = (struct observer){.base = {.ops = &ops, .game = inner->game}, .inner = inner, .log = log};
    return &observer->base;
}

/* The stack of a config, with an observer below the cache. create: evaluator_create, or the linker's name for the
 * original in a test that replaces it. */
static inline int observer_stack(struct evaluator **out, const struct game *game, const struct evaluator_config *config,
                                 struct observer_log *log, GError **error,
                                 int (*create)(struct evaluator **out, const struct game *game,
                                               const struct evaluator_config *config, GError **error))
{
    struct evaluator_config leaf = *config;
    leaf.cache_bytes = 0;
    if (create(out, game, &leaf, error) != 0)
        return -1;
    *out = observer_create(*out, log);
    if (config->cache_bytes)
        *out = evaluator_cache_create(*out, config->cache_bytes);
    return 0;
}

#endif

/* Evaluation by random playouts, as in plain Monte Carlo tree search. */
#include "games/game.h"
#include "mcts/evaluator.h"

#include <stdlib.h>

struct rollout {
    struct evaluator base;
    int playouts;
    uint64_t seed;
    _Atomic uint64_t *clones; /* clones made so far; shared, so that each gets its own random stream */
    _Atomic int *users;
    struct rng rng;
    struct position *position;
};

/* Breaks ties by a hash: a search that tries unvisited moves in order of prior would otherwise always start in one
 * corner. */
static float tie_break(const struct rollout *rollout, const struct position *position, int move)
{
    return (float)(rng_mix(position->hash ^ rollout->seed ^ (uint64_t)move << 48) >> 56) * (0.05f / 256.0f);
}

/* Adds the final board of a playout, weighted, to the mean map of the player to move. */
static void add_map(const struct rollout *rollout, float weight, float *map)
{
    int8_t last[GAME_MAX_POINTS];
    rollout->base.game->ops->final_map(rollout->base.game, rollout->position, last);
    for (int p = 0; p < rollout->base.game->points; p++)
        map[p] += weight * last[p];
}

static void evaluate_one(struct rollout *rollout, const struct eval_query *query, struct eval *eval)
{
    const struct game *game = rollout->base.game;
    int player = query->position->player, wins = 0, draws = 0;
    double margin = 0;
    for (int i = 0; i < game->moves; i++)
        eval->logits[i] = tie_break(rollout, query->position, i);
    float weight = 1.0f / (float)rollout->playouts;
    bool map = (query->want & EVAL_MAP) && game->ops->final_map;
    if (map)
        memset(eval->map, 0, sizeof *eval->map * game->points);
    for (int i = 0; i < rollout->playouts; i++) {
        struct game_result result = {0};
        game_copy(game, rollout->position, query->position);
        game->ops->playout(game, rollout->position, &rollout->rng, &result);
        int sign = game_result_sign(&result, player);
        wins += sign > 0;
        draws += sign == 0;
        margin += player ? -result.margin : result.margin;
        if (map)
            add_map(rollout, player ? -weight : weight, eval->map);
    }
    eval->wdl[0] = (float)wins * weight;
    eval->wdl[1] = (float)draws * weight;
    eval->wdl[2] = (float)(rollout->playouts - wins - draws) * weight;
    eval->score = (float)margin * weight;
    eval->steps = 0;
    eval->error = -1;
    eval->filled = query->want & (EVAL_POLICY | EVAL_VALUE | EVAL_SCORE | EVAL_ERROR | (map ? EVAL_MAP : 0));
}

static void evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    for (int i = 0; i < n; i++)
        evaluate_one((struct rollout *)self, &queries[i], &evals[i]);
}

static uint64_t generation(const struct evaluator *self)
{
    return ((const struct rollout *)self)->seed;
}

static void release(struct evaluator *self)
{
    struct rollout *rollout = (struct rollout *)self;
    if (--*rollout->users == 0) {
        g_free((void *)rollout->users);
        g_free((void *)rollout->clones);
    }
    free(rollout->position);
    g_free(rollout);
}

static struct evaluator *copy(const struct evaluator *self);
static const struct evaluator_ops rollout_ops = {
    .name = "rollout", .evaluate = evaluate, .clone = copy, .generation = generation, .free = release};

static struct rollout *new_rollout(const struct game *game, int playouts, uint64_t seed)
{
    struct rollout *rollout = g_new0(struct rollout, 1);
    rollout->base = (struct evaluator){.ops = &rollout_ops, .game = game};
    rollout->playouts = MAX(playouts, 1);
    rollout->seed = seed;
    rollout->position = aligned_alloc(64, (game->position_bytes + 63u) & ~(size_t)63);
    if (!rollout->position)
        g_error("out of memory for a position of %u bytes", game->position_bytes);
    return rollout;
}

static struct evaluator *copy(const struct evaluator *self)
{
    const struct rollout *from = (const struct rollout *)self;
    struct rollout *rollout = new_rollout(self->game, from->playouts, from->seed);
    rollout->clones = from->clones;
    rollout->users = from->users;
    ++*rollout->users;
    rng_seed(&rollout->rng, rng_mix(from->seed) + ++*rollout->clones);
    return &rollout->base;
}

struct evaluator *evaluator_rollout_create(const struct game *game, int playouts, uint64_t seed)
{
    struct rollout *rollout = new_rollout(game, playouts, seed);
    rollout->clones = (_Atomic uint64_t *)g_malloc0(sizeof(_Atomic uint64_t));
    rollout->users = (_Atomic int *)g_malloc0(sizeof(_Atomic int));
    *rollout->users = 1;
    rng_seed(&rollout->rng, rng_mix(seed));
    return &rollout->base;
}

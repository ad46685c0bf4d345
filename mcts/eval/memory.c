/* Memory on top of another evaluator: what is remembered of a position counts as visits before the search. */
#include "mcts/memory.h"

#include <math.h>

#include "games/game.h"
#include "mcts/evaluator.h"

struct memory {
    struct evaluator base;
    struct evaluator *inner;
    const struct memory_source *source; /* NULL: none */
};

/* The mean of `value` with weight 1 and the remembered value with its visits; the share of draws is kept where it can be. */
static void mix_value(const struct memory_trace *trace, struct eval *eval)
{
    const float visits = (float)trace->visits;
    const float value = (eval_value(eval) + visits * trace->value) / (1 + visits);
    eval_wdl_of(value, MIN(eval->wdl[1], 1 - fabsf(value)), eval->wdl);
}

/* Logits of the mean of the policy and of all weight on the remembered move. */
static void mix_policy(const struct game *game, const struct eval_query *query, game_move best, int visits,
                       struct eval *eval)
{
    game_move list[GAME_MAX_MOVES];
    float probability[GAME_MAX_MOVES];
    const game_move *moves = query->legal ? query->legal : list;
    const int count =
        query->legal ? query->legal_count : game->ops->legal_moves(game, query->position, query->history, list);
    const float all = (float)(MEMORY_POLICY_VISITS + visits);
    bool legal = false;
    for (int i = 0; i < count; i++)
        legal |= moves[i] == best;
    if (!legal) /* false memories and collisions of keys do no harm */
        return;
    eval_softmax(eval, moves, count, 1, probability);
    for (int i = 0; i < count; i++) {
        const float weight = MEMORY_POLICY_VISITS * probability[i] + (moves[i] == best ? (float)visits : 0);
        eval->logits[moves[i]] = logf(MAX(weight / all, 1e-30f));
    }
}

static void recall(const struct memory *memory, const struct eval_query *query, struct eval *eval)
{
    const struct game *game = memory->base.game;
    const struct memory_place place = memory_place_of(game, query);
    struct memory_trace trace;
    if (!memory->source->ops->recall(memory->source, place.key, &trace) || trace.visits <= 0 || !isfinite(trace.value))
        return;
    trace.visits = MIN(trace.visits, MEMORY_MAX_VISITS);
    trace.value = CLAMP(trace.value, -1.0f, 1.0f);
    if (eval->filled & EVAL_VALUE)
        mix_value(&trace, eval);
    if ((eval->filled & EVAL_POLICY) && trace.best != GAME_NO_MOVE)
        mix_policy(game, query, memory_move_from_image(game, &place, trace.best),
                   trace.doubtful ? MIN(trace.visits, MEMORY_POLICY_VISITS) : trace.visits, eval);
    eval->prior_visits = (uint8_t)trace.visits;
    eval->filled |= EVAL_PRIOR_VISITS;
}

static void evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    const struct memory *memory = (const struct memory *)self;
    evaluator_evaluate(memory->inner, n, queries, evals);
    for (int i = 0; i < n; i++) {
        evals[i].filled &= ~EVAL_PRIOR_VISITS;
        if (memory->source && memory->source->count)
            recall(memory, &queries[i], &evals[i]);
    }
}

static uint64_t generation(const struct evaluator *self)
{
    const struct memory *memory = (const struct memory *)self;
    const uint64_t below = evaluator_generation(memory->inner);
    return memory->source ? rng_mix(below) ^ memory->source->revision : below;
}

static struct evaluator *inner(const struct evaluator *self)
{
    return ((const struct memory *)self)->inner;
}

static void release(struct evaluator *self)
{
    evaluator_free(((struct memory *)self)->inner);
    g_free(self);
}

static struct evaluator *copy(const struct evaluator *self)
{
    const struct memory *from = (const struct memory *)self;
    return evaluator_memory_create(evaluator_clone(from->inner), from->source);
}

static const struct evaluator_ops memory_ops = {
    .name = "memory", .evaluate = evaluate, .clone = copy, .generation = generation, .inner = inner, .free = release};

struct evaluator *evaluator_memory_create(struct evaluator *below, const struct memory_source *source)
{
    struct memory *memory = g_new0(struct memory, 1);
    *memory = (struct memory){.base = {.ops = &memory_ops, .game = below->game}, .inner = below, .source = source};
    return &memory->base;
}

bool evaluator_memory_set(struct evaluator *stack, const struct memory_source *source,
                          const struct memory_source **before)
{
    struct memory *memory = (struct memory *)evaluator_find(stack, &memory_ops);
    if (!memory)
        return false;
    if (before)
        *before = memory->source;
    memory->source = source;
    return true;
}

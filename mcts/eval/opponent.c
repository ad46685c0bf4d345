/* A known opponent on top of another evaluator: at its positions the policy is its own, the value remains the other's. */
#include <stdatomic.h>

#include "games/game.h"
#include "mcts/evaluator.h"

/* Shared by clones. */
struct shared {
    atomic_int users;
    atomic_int player; /* of the opponent; -1: none */
};

struct opponent {
    struct evaluator base;
    struct evaluator *inner, *policy;
    struct shared *shared;
    struct eval scratch; /* of `policy` */
};

static void take_policy(struct opponent *opponent, const struct eval_query *query, struct eval *eval)
{
    struct eval_query asked = *query;
    asked.want = EVAL_POLICY;
    evaluator_evaluate(opponent->policy, 1, &asked, &opponent->scratch);
    memcpy(eval->logits, opponent->scratch.logits, sizeof *eval->logits * opponent->base.game->moves);
}

static void evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    struct opponent *opponent = (struct opponent *)self;
    const int player = atomic_load_explicit(&opponent->shared->player, memory_order_relaxed);
    evaluator_evaluate(opponent->inner, n, queries, evals);
    for (int i = 0; i < n; i++)
        if ((queries[i].want & EVAL_POLICY) && queries[i].position->player == player)
            take_policy(opponent, &queries[i], &evals[i]);
}

static uint64_t generation(const struct evaluator *self)
{
    const struct opponent *opponent = (const struct opponent *)self;
    const int player = atomic_load_explicit(&opponent->shared->player, memory_order_relaxed);
    return rng_mix(evaluator_generation(opponent->inner) + rng_mix(evaluator_generation(opponent->policy)) +
                   (uint64_t)(player + 2));
}

static struct evaluator *inner(const struct evaluator *self)
{
    return ((const struct opponent *)self)->inner;
}

static void release(struct evaluator *self)
{
    struct opponent *opponent = (struct opponent *)self;
    evaluator_free(opponent->inner);
    evaluator_free(opponent->policy);
    if (atomic_fetch_sub(&opponent->shared->users, 1) == 1)
        g_free(opponent->shared);
    g_free(opponent);
}

static struct evaluator *copy(const struct evaluator *self);
static const struct evaluator_ops opponent_ops = {
    .name = "opponent", .evaluate = evaluate, .clone = copy, .generation = generation, .inner = inner, .free = release};

static struct evaluator *create(struct evaluator *below, struct evaluator *policy, struct shared *shared)
{
    struct opponent *opponent = g_new0(struct opponent, 1);
    opponent->base = (struct evaluator){.ops = &opponent_ops, .game = below->game};
    opponent->inner = below;
    opponent->policy = policy;
    opponent->shared = shared;
    atomic_fetch_add(&shared->users, 1);
    return &opponent->base;
}

static struct evaluator *copy(const struct evaluator *self)
{
    const struct opponent *from = (const struct opponent *)self;
    return create(evaluator_clone(from->inner), evaluator_clone(from->policy), from->shared);
}

struct evaluator *evaluator_opponent_create(struct evaluator *below, struct evaluator *policy)
{
    struct shared *shared = g_new0(struct shared, 1);
    atomic_init(&shared->player, -1);
    return create(below, policy, shared);
}

void evaluator_opponent_is(struct evaluator *stack, int player)
{
    struct opponent *opponent = (struct opponent *)evaluator_find(stack, &opponent_ops);
    if (opponent)
        atomic_store_explicit(&opponent->shared->player, player, memory_order_relaxed);
}

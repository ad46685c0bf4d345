/* Builds a stack of evaluators from a config, and walks it. */
#include "mcts/eval/leaf.h"
#include "mcts/evaluator.h"
#include "mcts/likeness.h"

static int make_uniform(struct evaluator **out, const struct game *game, const struct evaluator_config *config,
                        GError **error)
{
    (void)config, (void)error;
    *out = evaluator_uniform_create(game);
    return 0;
}

static int make_rollout(struct evaluator **out, const struct game *game, const struct evaluator_config *config,
                        GError **error)
{
    (void)error;
    *out = evaluator_rollout_create(game, config->playouts, config->seed);
    return 0;
}

int evaluator_create(struct evaluator **out, const struct game *game, const struct evaluator_config *config,
                     GError **error)
{
    static int (*const make_leaf[])(struct evaluator * *out, const struct game *game,
                                    const struct evaluator_config *config, GError **error) = {
        [EVALUATOR_UNIFORM] = make_uniform,
        [EVALUATOR_ROLLOUT] = make_rollout,
        [EVALUATOR_NET] = evaluator_net_create,
    };
    *out = NULL;
    if (make_leaf[config->kind](out, game, config, error) != 0)
        return -1;
    if (config->likeness)
        *out = evaluator_likeness_create(*out, config->likeness);
    if (config->cache_bytes)
        *out = evaluator_cache_create(*out, config->cache_bytes);
    return 0;
}

uint64_t evaluator_generation(const struct evaluator *self)
{
    for (; self; self = evaluator_inner(self))
        if (self->ops->generation)
            return self->ops->generation(self);
    return 0;
}

struct evaluator *evaluator_find(const struct evaluator *stack, const struct evaluator_ops *ops)
{
    while (stack && stack->ops != ops)
        stack = evaluator_inner(stack);
    return (struct evaluator *)stack;
}

bool evaluator_observes(const struct evaluator *stack)
{
    for (; stack; stack = evaluator_inner(stack))
        if (stack->ops->observe)
            return true;
    return false;
}

void evaluator_observe(struct evaluator *stack, const struct eval_observation *observation)
{
    for (; stack; stack = evaluator_inner(stack))
        if (stack->ops->observe)
            stack->ops->observe(stack, observation);
}

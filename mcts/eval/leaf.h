/* The evaluators at the bottom of a stack, for stack.c. */
#ifndef TENGEN_MCTS_EVAL_LEAF_H
#define TENGEN_MCTS_EVAL_LEAF_H

#include <glib.h>

struct evaluator;
struct evaluator_config;
struct game;

/* A network evaluator: uses config's net, backend, dtype, symmetry, seed and max_batch. Like evaluator_create, without
 * the cache. */
int evaluator_net_create(struct evaluator **out, const struct game *game, const struct evaluator_config *config,
                         GError **error);

#endif

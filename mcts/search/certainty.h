/* How much an evaluation counts in the means of the nodes above it: the larger its expected error, the less. KataGo
 * (pull request 449) weights playouts by the error that a head of its nets predicts. Nets that were trained with value_error=1 have
 * such a head; for others the error is estimated from the change between the net's values of the position and of the one before: the best
 * measure that costs no evaluation (tests/acceptance/mcts/value_errors.c).
 *
 *   error = max(0.09, prediction of the head), or without a head 0.09 + 0.45 |value - value of the parent|
 *   weight = (0.155 / error)^config.uncertainty
 *
 * 0.155 is the mean error, so that a weight of 1 is that of an ordinary evaluation. */
#ifndef TENGEN_MCTS_SEARCH_CERTAINTY_H
#define TENGEN_MCTS_SEARCH_CERTAINTY_H

#include <stdbool.h>
#include <stdint.h>

struct mcts;
struct node;

/* The weight of a node's own evaluation, whose raw value is set, in TREE_VALUE_ONE. over: the game is over there. said: what the net's
 * head says, as in struct eval; below 0: nothing. Any thread. */
int32_t certainty_weight(const struct mcts *search, const struct node *node, bool over, float said);
/* That of a finished game or a proven result: the highest. */
int32_t certainty_most(const struct mcts *search);

#endif

/* clang-format off */
/* Memory by likeness, a nearest-neighbour memory: a net's value is corrected by what searches found in the most similar positions.
 *
 *   search --evaluate--> cache --evaluate, on a miss--> likeness --evaluate--> net
 *                                                          '--what it pooled--> nearest positions --mean of their errors-->
 *
 * Positions are compared by the features that the net's head of outcomes pools over the board (net_runner_pooled), each divided by its
 * standard deviation, so that boards of all sizes and games with any komi can be alike. Humphreys et al. 2022, "Large-Scale Retrieval for
 * Reinforcement Learning" (arXiv 2206.05314), retrieves positions of Go 9x9 in this way and feeds them to a net that learned to use them;
 * here they correct the value directly, so that it works with any net.
 *
 * Features and errors are those of one net: a memory works only with the net that it was made with (net_fingerprint). */
/* clang-format on */
#ifndef TENGEN_MCTS_LIKENESS_H
#define TENGEN_MCTS_LIKENESS_H

#include <stddef.h>

#include "mcts/evaluator.h"

enum {
    LIKENESS_NEIGHBOURS = 64,      /* of which the mean is taken */
    LIKENESS_MOST_FEATURES = 2048, /* more than any net has */
};

struct likeness;
/* features [count][size], finite; errors [count]: value found by a search minus value of the net, from the view of the player to move.
 * Copies both. weight: by which the mean of the errors is multiplied before it is added to a value. Takes some tenths of a second for
 * 20,000 positions. count: at least 1; size: 1 to LIKENESS_MOST_FEATURES. */
struct likeness *likeness_new(size_t size, size_t count, const float *features, const float *errors, float weight);
struct likeness *likeness_ref(struct likeness *likeness); /* any thread */
void likeness_unref(struct likeness *likeness);           /* NULL is allowed */
/* The mean error of the LIKENESS_NEIGHBOURS positions nearest to these features [size], or of all if there are fewer. The search is
 * approximate: only the nearest cells of the memory are searched, so a neighbour may be missed. Any number of threads. */
float likeness_error(const struct likeness *likeness, const float *features);

/* Wraps a stack that contains a net and takes ownership of the stack; place it below a cache, not above one. Adds weight *
 * likeness_error to the value, clamped so that value and chance of a draw remain consistent. Takes a reference to the memory,
 * whose size must be net_pooled_size. */
struct evaluator *evaluator_likeness_create(struct evaluator *inner, struct likeness *likeness);

/* From now on the stack's net evaluator, and clones made later, record the features that evaluator_net_pooled returns. The stack must
 * have a net. */
void evaluator_net_keep_pooled(struct evaluator *stack);
/* The features [n][*size] of the n queries in the net's last call; averaged over the symmetries if it evaluates all of them. Valid until
 * its next evaluation. */
const float *evaluator_net_pooled(const struct evaluator *stack, size_t *size);

#endif

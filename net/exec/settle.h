/* The answers of a batch while the net's loop is run step by step, until each position has settled: see
 * net_runner_set_effort. */
#ifndef TENGEN_NET_EXEC_SETTLE_H
#define TENGEN_NET_EXEC_SETTLE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/net.h"

struct settle {
    int n;
    size_t moves, points;
    bool first;                /* nothing has been taken yet */
    struct net_outputs now;    /* of this step, all in `numbers` */
    float *policy, *wdl;       /* of the step before: probabilities; [n][moves] and [n][NET_OUTCOMES], in `numbers` */
    float *numbers;            /* memory, which grows as needed */
    bool *settled;             /* [n] */
    size_t numbers_size, rows; /* allocated */
};

/* Starts a batch of n positions. Allocates only for one larger than before. */
void settle_begin(struct settle *settle, int n, size_t moves, size_t points);
/* Where the net's answers after a step go: policy and outcomes always; score, map and error only if `wanted` has them. */
struct net_outputs settle_buffers(const struct settle *settle, const struct net_outputs *wanted);
/* Takes them: copies those of positions that had not settled to `outputs`, sets their `steps` [n] to the number of the step, and
 * compares them with those of the step before. Returns whether all have settled. */
bool settle_take(struct settle *settle, float threshold, int step, const struct net_outputs *outputs, int *steps);
void settle_clear(struct settle *settle);
/* The probabilities of `count` logits, of which `probabilities` may be the same array. */
void settle_softmax(const float *x, float *probabilities, size_t count);

#endif

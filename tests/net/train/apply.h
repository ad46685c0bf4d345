/* An optimiser's step on all parameters of a net, one after the other. */
#ifndef TENGEN_TESTS_NET_TRAIN_APPLY_H
#define TENGEN_TESTS_NET_TRAIN_APPLY_H

#include <stdlib.h>

#include "net/graph/graph.h"
#include "net/train/optimiser.h"

static inline void apply_all(const struct net_graph *graph, const struct optimiser_step *step, const float *gradient,
                             float *params, float *first, float *second)
{
    float *workspace = optimiser_workspace(graph, step->kind);
    for (int p = 0; p < graph->params; p++)
        optimiser_apply(graph, p, step, gradient, params, first, second, workspace);
    free(workspace);
}

#endif

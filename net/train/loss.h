/* Training losses and their gradients with respect to a net's outputs, as defined by the table of targets
 * (net/targets.h). */
#ifndef TENGEN_NET_TRAIN_LOSS_H
#define TENGEN_NET_TRAIN_LOSS_H

#include <stddef.h>

#include "net/real.h"
#include "net/targets.h"

struct net_exec;
struct net_graph;
struct net_samples;

struct net_loss_sums {
    double loss[NET_TARGETS], weight[NET_TARGETS]; /* sums over rows: weight * loss, weight */
    double early; /* of a graph that answers early: the sum over targets and rows for that answer, with all weights */
};

/* Size of the workspace, in net_real, for n rows of boards with this number of points. */
size_t net_loss_workspace(const struct net_graph *graph, int points, int n);
/* Reads the outputs of the exec after a forward pass on rows [first, first+n) of the samples and adds to sums. If scale
 * > 0, also sets the outputs' gradients, of scale * (sum over targets and rows of weights[target] * weight * loss + the
 * early answer's). */
void net_loss_compute(struct net_exec *exec, const struct net_graph *graph, const struct net_samples *samples,
                      int first, int n, const float weights[NET_TARGETS], double scale, struct net_loss_sums *sums,
                      net_real *workspace);

#endif

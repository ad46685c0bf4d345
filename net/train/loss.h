/* The losses of training and their gradients at a net's outputs, as the table of targets (net/targets.h) has them. */
#ifndef TENGEN_NET_TRAIN_LOSS_H
#define TENGEN_NET_TRAIN_LOSS_H

#include "net/exec/exec.h"
#include "net/train.h"

struct net_loss_sums {
    double loss[NET_TARGETS], weight[NET_TARGETS]; /* over rows: weight * loss, weight */
};

/* Numbers of workspace for n rows of boards with that many points. */
size_t net_loss_workspace(const struct net_graph *graph, int points, int n);
/* Reads the outputs of the exec, which has just run samples' rows [first, first+n) forward; adds to sums; and, when
 * scale > 0, puts the outputs' gradients of scale * sum over targets and rows of weights[target] * weight * loss. */
void net_loss_compute(struct net_exec *exec, const struct net_graph *graph, const struct net_samples *samples,
                      int first, int n, const float weights[NET_TARGETS], double scale, struct net_loss_sums *sums,
                      net_real *workspace);

#endif

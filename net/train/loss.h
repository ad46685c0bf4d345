/* The losses of training and their gradients at a net's outputs.
 *
 *   policy, reply, soft   cross-entropy over all moves; soft's target is policy^(1/4), normalised
 *   value, soon           cross-entropy over win, draw, loss
 *   score                 Huber loss of the error over NET_MAP_SCORE_SCALE points
 *   map                   cross-entropy of (1 + map) / 2, less the target's own entropy, mean over the points */
#ifndef TENGEN_NET_TRAIN_LOSS_H
#define TENGEN_NET_TRAIN_LOSS_H

#include "net/exec/exec.h"
#include "net/train.h"

enum net_loss {
    NET_LOSS_POLICY,
    NET_LOSS_REPLY,
    NET_LOSS_SOFT,
    NET_LOSS_VALUE,
    NET_LOSS_SOON,
    NET_LOSS_SCORE,
    NET_LOSS_MAP,
    NET_LOSSES
};

struct net_loss_sums {
    double loss[NET_LOSSES], weight[NET_LOSSES]; /* over rows: weight * loss, weight */
};

/* Numbers of workspace for n rows. */
size_t net_loss_workspace(const struct net_graph *graph, int size, int n);
/* Reads the outputs of the exec, which has just run samples' rows [first, first+n) forward; adds to sums; and, when
 * scale > 0, puts the outputs' gradients of  scale * sum over losses and rows of weights[loss] * weight * loss. */
void net_loss_compute(struct net_exec *exec, const struct net_graph *graph, const struct net_samples *samples,
                      int first, int n, const float weights[NET_LOSSES], double scale, struct net_loss_sums *sums,
                      net_real *workspace);

#endif

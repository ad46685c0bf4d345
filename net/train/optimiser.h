/* Optimisers for a flat array of parameters: SGD with Nesterov momentum, and AdamW (Loshchilov and Hutter 2019). Weight
 * decay is decoupled from the gradient and applies to weights, not to biases. */
#ifndef TENGEN_NET_TRAIN_OPTIMISER_H
#define TENGEN_NET_TRAIN_OPTIMISER_H

#include <stddef.h>
#include <stdint.h>

#include "net/train.h"

struct net_graph;

struct optimiser_step {
    enum net_optimiser kind;
    uint64_t step; /* from 1 */
    float rate, momentum, weight_decay;
    float scale; /* factor for the gradient, from clipping */
};

/* first, second: moments [parameters]; SGD has only the first. */
void optimiser_apply(const struct net_graph *graph, const struct optimiser_step *step, const float *gradient,
                     float *params, float *first, float *second);
/* Euclidean norm, summed in double in a fixed order. */
double optimiser_norm(const float *values, size_t count);
/* average += (1 - decay) * (params - average). In early steps decay is smaller, so that the initial weights are
 * forgotten sooner. */
void optimiser_average(size_t count, uint64_t step, float decay, const float *params, float *average);

#endif

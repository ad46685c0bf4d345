/* Optimisers for a flat array of parameters: SGD with Nesterov momentum, AdamW (Loshchilov and Hutter 2019, "Decoupled
 * Weight Decay Regularization"), and Muon (muon.h). Weight decay is decoupled from the gradient and applies to weights,
 * not to biases. */
#ifndef TENGEN_NET_TRAIN_OPTIMISER_H
#define TENGEN_NET_TRAIN_OPTIMISER_H

#include <stddef.h>
#include <stdint.h>

#include "net/train.h"

struct net_arithmetic;
struct net_graph;

struct optimiser_step {
    enum net_optimiser kind;
    uint64_t step; /* since the moments were zero, from 1 */
    float rate, momentum, weight_decay;
    float scale;                             /* factor for the gradient, from clipping */
    const struct net_arithmetic *arithmetic; /* of Muon's matrix products */
};

/* The rule by which a parameter is updated: SGD if its gradient is a rule of its own (net_param.by_rule), otherwise `kind`. With
 * Muon, that holds only for the weights of the trunk's convolutions other than those that read the input planes; all other
 * parameters (input and output layers, dense layers and biases) use AdamW (Jordan 2024). */
enum net_optimiser optimiser_rule(const struct net_graph *graph, int param, enum net_optimiser kind);
/* Whether an optimiser keeps the second moment. */
bool optimiser_has_second(enum net_optimiser kind);
/* What optimiser_apply needs for any of the parameters; released with free. */
float *optimiser_workspace(const struct net_graph *graph, enum net_optimiser kind);
/* Updates the parameter tensor number `param`. All arrays hold all parameters, [graph->parameters]. first, second: the moments;
 * second may be NULL unless optimiser_has_second. */
void optimiser_apply(const struct net_graph *graph, int param, const struct optimiser_step *step, const float *gradient,
                     float *params, float *first, float *second, float *workspace);
/* Euclidean norm, summed in double in a fixed order. */
double optimiser_norm(const float *values, size_t count);
/* The decay at a step of an average that begins with untrained weights: smaller in early steps, so that they are forgotten sooner. */
float optimiser_early_decay(uint64_t step, float decay);
/* average += (1 - decay) * (params - average). */
void optimiser_average(size_t count, float decay, const float *params, float *average);

#endif

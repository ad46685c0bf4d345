/* Shared by trainer.c and state.c. */
#ifndef TENGEN_NET_TRAIN_TRAINER_INTERNAL_H
#define TENGEN_NET_TRAIN_TRAINER_INTERNAL_H

#include <stdint.h>

#include "net/kernels/arithmetic.h"
#include "net/train.h"

struct net_trainer {
    struct net_graph *graph;
    struct net_trainer_config config;
    const struct net_arithmetic *arithmetic;
    struct net_exec *exec;
    uint64_t steps, moments_from;                        /* moments_from: the steps when the moments were last zero */
    float *params, *gradient, *first, *second, *average; /* [parameters]; second: see optimiser_has_second */
    float *workspace;
};

/* Call before using the trainer's arithmetic. */
static inline void trainer_enter(const struct net_trainer *trainer)
{
    if (trainer->arithmetic->enter)
        trainer->arithmetic->enter();
}

#endif

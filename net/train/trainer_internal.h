/* Shared by trainer.c and state.c. */
#ifndef TENGEN_NET_TRAIN_TRAINER_INTERNAL_H
#define TENGEN_NET_TRAIN_TRAINER_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "net/kernels/arithmetic.h"
#include "net/targets.h"
#include "net/train.h"
#include "net/train/loss.h"

/* Room behind the gradient for what is added up with it. */
enum { TRAINER_SHARED_SUMS = 2 * NET_TARGETS };

struct net_trainer {
    struct net_graph *graph;
    struct net_trainer_config config;
    const struct net_arithmetic *arithmetic;
    struct net_exec *exec;
    uint64_t steps, moments_from;                        /* moments_from: the steps when the moments were last zero */
    float *params, *gradient, *first, *second, *average; /* [parameters]; second: see optimiser_has_second */
    float *workspace;
    struct net_share share;    /* sum: NULL: it makes its steps alone */
    struct net_loss_sums sums; /* of the latest pass */
};

/* Adds gradient and losses of all trainers up; false if that is impossible. */
bool trainer_share_sum(struct net_trainer *trainer);

/* Call before using the trainer's arithmetic. */
static inline void trainer_enter(const struct net_trainer *trainer)
{
    if (trainer->arithmetic->enter)
        trainer->arithmetic->enter();
}

#endif

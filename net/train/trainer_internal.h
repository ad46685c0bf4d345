/* Shared by trainer.c, depths.c and state.c. */
#ifndef TENGEN_NET_TRAIN_TRAINER_INTERNAL_H
#define TENGEN_NET_TRAIN_TRAINER_INTERNAL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/kernels/arithmetic.h"
#include "net/targets.h"
#include "net/train.h"
#include "net/train/loss.h"

/* Room behind the gradient for what is added up with it. */
enum { TRAINER_SHARED_SUMS = 2 * NET_TARGETS };

struct net_exec;
struct net_graph;

/* The net with one number of steps of its loop. */
struct trainer_depth {
    struct net_graph *graph; /* NULL: not used yet */
    struct net_exec *exec;
    bool current; /* exec has the present weights */
};

struct net_trainer {
    const struct net_graph *graph; /* of one of the depths; all have the same parameters */
    struct net_trainer_config config;
    const struct net_arithmetic *arithmetic;
    struct trainer_depth depth[NET_STEPS_MAX + 1];       /* by the number of steps; of a net without a loop [0] */
    uint64_t steps, moments_from;                        /* moments_from: the steps when the moments were last zero */
    float *params, *gradient, *first, *second, *average; /* [parameters]; second: see optimiser_has_second */
    float *workspace;
    struct net_share share;    /* sum: NULL: it makes its steps alone */
    struct net_loss_sums sums; /* of the latest pass */
};

/* The number of steps with which the net plays, and that of the trainer's next step; 0 without a loop. */
int trainer_steps_in_play(const struct net_trainer *trainer);
int trainer_steps_drawn(const struct net_trainer *trainer);
/* The depth of this number of steps, created at its first use; NULL with the error set. Its exec has the present weights. */
struct trainer_depth *trainer_depth_use(struct net_trainer *trainer, int steps, GError **error);
/* Call after a change of the weights. */
void trainer_depths_outdate(struct net_trainer *trainer);
void trainer_depths_free(struct net_trainer *trainer);
/* Adds gradient and losses of all trainers up; false if that is impossible. */
bool trainer_share_sum(struct net_trainer *trainer);

/* Call before using the trainer's arithmetic. */
static inline void trainer_enter(const struct net_trainer *trainer)
{
    if (trainer->arithmetic->enter)
        trainer->arithmetic->enter();
}

#endif

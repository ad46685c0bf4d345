/* Shared by the files of a trainer: creation and steps (trainer.c); batches, slice by slice (slices.c); numbers of steps of a loop
 * (depths.c); steps with other trainers (share.c); saved states (state.c). */
#ifndef TENGEN_NET_TRAIN_TRAINER_INTERNAL_H
#define TENGEN_NET_TRAIN_TRAINER_INTERNAL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/kernels/arithmetic.h"
#include "net/targets.h"
#include "net/train.h"
#include "net/train/crew.h"
#include "net/train/loss.h"

/* Room behind the gradient for what is added up with it. */
enum { TRAINER_SHARED_SUMS = 2 * NET_TARGETS };

struct net_exec;
struct net_graph;

/* Most slices of a batch, and so most threads that are of use. */
enum { TRAINER_SLICES = 32 };

/* What a thread computes with: the net with each number of steps of its loop. */
struct trainer_lane {
    struct net_exec *exec[NET_STEPS_MAX + 1];
    bool current[NET_STEPS_MAX + 1]; /* the exec has the present weights */
    float *workspace, *muon;         /* of losses, and of the optimiser */
};

struct net_trainer {
    const struct net_graph *graph; /* of one of the depths; all have the same parameters */
    struct net_trainer_config config;
    const struct net_arithmetic *arithmetic;
    struct net_graph *depth[NET_STEPS_MAX + 1]; /* by the number of steps; of a net without a loop [0] */
    struct trainer_lane lane[TRAINER_SLICES];   /* by thread; the first is the caller's */
    struct net_exec *sum[NET_STEPS_MAX + 1];    /* to which they add the gradients; runs no passes */
    struct crew crew;
    int threads;
    uint64_t steps, moments_from;                        /* moments_from: the steps when the moments were last zero */
    float *params, *gradient, *first, *second, *average; /* [parameters]; second: see optimiser_has_second */
    struct net_share share;    /* sum: NULL: it makes its steps alone */
    struct net_loss_sums sums; /* of the latest pass */
};

/* The number of steps with which the net plays, and that of the trainer's next step; 0 without a loop. */
int trainer_steps_in_play(const struct net_trainer *trainer);
int trainer_steps_drawn(const struct net_trainer *trainer);
/* Makes the graph of this number of steps, and the exec for its gradients, unless they are there. */
void trainer_depth_use(struct net_trainer *trainer, int steps);
/* A lane's exec of this number of steps, whose graph is there, with the present weights; created at its first use. NULL with the error
 * set. */
struct net_exec *trainer_lane_use(struct net_trainer *trainer, int lane, int steps, GError **error);
/* Call after a change of the weights. */
void trainer_lanes_outdate(struct net_trainer *trainer);
void trainer_lanes_free(struct net_trainer *trainer);
/* Runs a batch forward and, if gradients are needed, backward in the trainer's threads: the trainer's gradient becomes that of this
 * batch. Returns the sums of the losses. */
struct net_loss_sums trainer_run(struct net_trainer *trainer, const struct net_samples *samples, int steps,
                                 bool gradients);
/* Adds gradient and losses of all trainers up; false if that is impossible. */
bool trainer_share_sum(struct net_trainer *trainer);

/* Call before using the trainer's arithmetic. */
static inline void trainer_enter(const struct net_trainer *trainer)
{
    if (trainer->arithmetic->enter)
        trainer->arithmetic->enter();
}

#endif

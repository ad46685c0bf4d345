/* Training a policy/value network: batches of rows with targets, losses, the training step.
 *
 *   struct net_samples   one batch on one board shape: inputs, targets and their weights
 *   struct net_trainer   one thread's training step: master weights, optimiser, averaged weights
 *
 * Forward and backward are in the number type of the configuration; weights, their gradients and the optimiser in f32.
 * The same net, configuration, samples and rates give the same weights, bit for bit. */
#ifndef TENGEN_NET_TRAIN_H
#define TENGEN_NET_TRAIN_H

#include "net/net.h"
#include "net/targets.h"

/* One batch of training rows on boards of one shape; every pointer is set. A weight of 0 leaves a row's target out, whatever
 * its values are. */
struct net_samples {
    int width, height, n, moves;
    float *planes, *globals; /* as for inference */
    float *row_weight;       /* [n] of all targets of a row */
    /* Of each target [n][net_samples_count], in its own units (a distribution sums to 1, a score is in points), and [n].
     * A target that learns another one's rows has the same arrays. */
    float *target[NET_TARGETS], *weight[NET_TARGETS];
};
/* Allocates all arrays, zeroed, for up to n rows of a net on width x height; net_samples_free releases. */
struct net_samples *net_samples_new(const struct net_info *info, int width, int height, int n);
void net_samples_free(struct net_samples *samples);
/* How many numbers a row of a target has, and where those of row `row` are. */
int net_samples_count(const struct net_samples *samples, enum net_target_id target);
float *net_samples_row(const struct net_samples *samples, enum net_target_id target, int row);

struct net_losses {
    float total;               /* mean over the batch of the targets' losses times their loss weights */
    float target[NET_TARGETS]; /* means over the rows that have the target, without the loss weight; 0 if none has */
    float grad_norm;           /* before clipping */
    bool finite;               /* false: the step was not applied */
};

enum net_optimiser { NET_SGD, NET_ADAMW };

struct net_trainer_config {
    enum net_backend backend;
    enum net_dtype dtype; /* of forward and backward; weights, their gradients and the optimiser are in f32 */
    enum net_optimiser optimiser;
    uint64_t seed;  /* of the random numbers that blocks draw in training; they depend on it and on the step alone */
    int batch;      /* rows of a step, at most */
    float momentum; /* SGD; AdamW uses 0.9, 0.999 */
    float weight_decay;
    float clip;                     /* largest global gradient norm; 0: none */
    float average_decay;            /* of the averaged weights, a step: 0.999 */
    float loss_weight[NET_TARGETS]; /* 0 and up */
};
/* The presets, which were measured; loss weights as the table of targets has them. */
struct net_trainer_config net_trainer_defaults(void);

struct net_trainer;
/* Starts from a copy of net. Belongs to the thread that uses it, which must create it. */
int net_trainer_create(struct net_trainer **out, struct net *net, const struct net_trainer_config *config,
                       GError **error);
void net_trainer_close(struct net_trainer *trainer);
/* One step at a learning rate. losses may be NULL. */
void net_trainer_step(struct net_trainer *trainer, const struct net_samples *samples, float rate,
                      struct net_losses *losses);
/* Losses without a step. */
void net_trainer_losses(struct net_trainer *trainer, const struct net_samples *samples, struct net_losses *losses);
uint64_t net_trainer_steps(const struct net_trainer *trainer);
/* A new net (one reference, the caller's) with the master or the averaged weights as they are now. */
struct net *net_trainer_snapshot(struct net_trainer *trainer, bool averaged);
/* All that a resumed trainer needs (weights, moments, averages, steps), one .safetensors file, atomically. */
int net_trainer_save(const struct net_trainer *trainer, const char *path, GError **error);
int net_trainer_load(struct net_trainer *trainer, const char *path, GError **error);

#endif

/* Training of a policy/value network: batches with targets, losses, the training step.
 *
 *   struct net_samples   one batch on one board shape: inputs, targets and their weights
 *   struct net_trainer   the training step: master weights, optimiser, averaged weights
 *
 * The forward and backward passes use the configured number type; weights, their gradients and the optimiser are in
 * f32. The same net, configuration, samples and learning rates give the same weights bit for bit, whatever the number of threads: a
 * batch is divided into slices independently of it, and their gradients are added in a fixed order. */
#ifndef TENGEN_NET_TRAIN_H
#define TENGEN_NET_TRAIN_H

#include "net/net.h"
#include "net/targets.h"

/* One batch of training rows on boards of one shape; no pointer is NULL. A weight of 0 excludes a row's target,
 * whatever its values are. */
struct net_samples {
    int width, height, n, moves;
    float *planes, *globals; /* as for inference */
    float *row_weight;       /* [n], multiplies the weights of all targets of a row */
    /* For a net that carries a state along the moves of a game (net_moves); other nets ignore `back`. Rows form groups of `sequence`
     * rows, the first at row 0, and a sequence of positions never extends beyond its group. back [n]: how many rows before each row
     * the position is whose state it continues, a whole number below `sequence`; 0: none, its state is 0. */
    int sequence;
    float *back;
    /* target: [n][net_samples_count] in the target's units (a distribution sums to 1, a score is in points); weight:
     * [n]. A target that uses another one's rows has the same arrays. */
    float *target[NET_TARGETS], *weight[NET_TARGETS];
};
/* Allocates all arrays, zeroed, for up to n rows of a net on width x height, and sets `sequence` for training: twice net_moves, or 1 for
 * a net without a state. Release with net_samples_free. */
struct net_samples *net_samples_new(const struct net_info *info, int width, int height, int n);
/* The value of `sequence` for this net. */
int net_sequence(const struct net *net);
void net_samples_free(struct net_samples *samples);
/* The number of values in a row of a target, and a pointer to those of row `row`. */
int net_samples_count(const struct net_samples *samples, enum net_target_id target);
float *net_samples_row(const struct net_samples *samples, enum net_target_id target, int row);

struct net_losses {
    float total;               /* mean over the batch of the targets' losses times their weights, after all steps */
    float target[NET_TARGETS]; /* weighted means over the rows that have the target, without the loss weight; NaN if none has */
    float grad_norm;           /* before clipping */
    bool finite;               /* false: the step was not applied */
};

/* SGD with Nesterov momentum; AdamW; Muon for the trunk's convolutions, with AdamW for everything else (see
 * train/optimiser.h). */
enum net_optimiser { NET_SGD, NET_ADAMW, NET_MUON, NET_OPTIMISERS };
extern const char *const net_optimiser_names[]; /* by enum net_optimiser; NULL-terminated */
bool net_optimiser_parse(enum net_optimiser *optimiser, const char *name, GError **error);
/* The settings with which each optimiser starts. They differ because a rate means something else in each: SGD moves by
 * rate * gradient, AdamW and Muon by about rate (Muon: 0.2 * rate) a weight, however large the gradient is. */
struct net_optimiser_preset {
    double rate, momentum, weight_decay;
};
extern const struct net_optimiser_preset net_optimiser_presets[NET_OPTIMISERS];

struct net_trainer_config {
    enum net_backend backend;
    enum net_dtype dtype; /* of forward and backward; weights, their gradients and the optimiser are in f32 */
    enum net_optimiser optimiser;
    uint64_t seed;  /* of random numbers, which depend only on it and the step: what blocks draw, a loop's steps */
    int batch;      /* maximum number of rows of a step */
    float momentum; /* SGD, and Muon's convolutions; AdamW uses 0.9, 0.999 */
    float weight_decay;
    float clip;                     /* maximum global gradient norm; 0: no clipping */
    float average_decay;            /* per step, of the averaged weights: 0.999 */
    /* The net has been trained before: the average forgets its weights no faster than any others. Otherwise (false) the decay is
     * smaller in early steps, so that an untrained net's weights are forgotten sooner. */
    bool trained;
    float loss_weight[NET_TARGETS]; /* 0 or more */
};
/* Measured presets, with the loss weights of the table of targets and the presets of SGD. */
struct net_trainer_config net_trainer_defaults(void);
/* Sets the optimiser, with its presets of momentum and weight decay. */
void net_trainer_choose(struct net_trainer_config *config, enum net_optimiser optimiser);

struct net_trainer;
/* Starts from a copy of net. A trainer belongs to the thread that creates it. Returns 0, or -1 with the error set for
 * an invalid configuration or an unsupported number type. */
int net_trainer_create(struct net_trainer **out, struct net *net, const struct net_trainer_config *config,
                       GError **error);
void net_trainer_close(struct net_trainer *trainer);
/* In how many threads the following steps compute, the caller's included; initially 1. No result depends on it. A batch keeps at most
 * 32 threads busy, one per slice; a slice has at least 16 rows on 9x9, fewer on larger boards. */
void net_trainer_set_threads(struct net_trainer *trainer, int threads);
/* One step at a learning rate, with at most config.batch samples. losses may be NULL. If a loss or the gradient is not finite,
 * nothing changes and losses->finite is false. */
void net_trainer_step(struct net_trainer *trainer, const struct net_samples *samples, float rate,
                      struct net_losses *losses);
/* Computes the losses without changing weights, with as many steps of a loop as in play. losses: not NULL. */
void net_trainer_losses(struct net_trainer *trainer, const struct net_samples *samples, struct net_losses *losses);
/* The same with this number of steps, 1 to 16, of a net with a loop. */
void net_trainer_losses_at(struct net_trainer *trainer, const struct net_samples *samples, int steps,
                           struct net_losses *losses);
uint64_t net_trainer_steps(const struct net_trainer *trainer);

/* Steps that several trainers with the same weights make together: each computes the gradient of its own rows of a batch, and
 * all apply the sum, so that their weights stay the same bit for bit if `sum` gives all of them the same bits. */
struct net_share {
    int first, rows; /* the samples of a step are the rows from `first` of a batch with `rows` rows */
    /* Replaces values[count] by their sums over all trainers. False if that is impossible: the step is not applied, and its
     * losses are not finite. */
    bool (*sum)(void *user, float *values, size_t count);
    void *user;
};
/* For the following steps; NULL: the trainer makes them alone again. */
void net_trainer_set_share(struct net_trainer *trainer, const struct net_share *share);
/* The shape of its net. */
const struct net_info *net_trainer_info(const struct net_trainer *trainer);
/* A number that is the same for trainers with the same weights, averages and step. */
uint64_t net_trainer_hash(const struct net_trainer *trainer);

/* A new net (the caller owns its reference) with the present master or averaged weights. */
struct net *net_trainer_snapshot(struct net_trainer *trainer, bool averaged);
/* Atomically saves the state needed to resume (optimiser, weights, moments, averages, steps) to a .safetensors file.
 * Returns 0, or -1 with the error set. */
int net_trainer_save(const struct net_trainer *trainer, const char *path, GError **error);
/* Loads such a file, also one of another optimiser: then weights, averages and steps are those of the file, and the
 * moments restart from zero, because they mean something else. *saved: the optimiser of the file; may be NULL. Returns 0,
 * or -1 with the error set and the trainer unchanged. */
int net_trainer_load(struct net_trainer *trainer, const char *path, enum net_optimiser *saved, GError **error);

#endif

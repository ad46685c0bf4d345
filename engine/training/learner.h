/* The learning side of a run, without threads: window, network trainer, schedule, checkpoints.
 *
 * What it does depends on the store's contents, the settings and the number of the step alone. It belongs to the
 * thread that creates it. */
#ifndef TENGEN_ENGINE_TRAINING_LEARNER_H
#define TENGEN_ENGINE_TRAINING_LEARNER_H

#include "engine/store/store.h"
#include "engine/training/replay_window.h"

enum { LEARNER_MAX_ROLL_BACKS = 12 };

struct learner;
struct learner_config {
    struct store *store;
    const struct settings *settings;
    const struct game *games; /* borrowed */
    int game_count;
    enum net_backend backend;
    enum net_dtype dtype; /* of self-play; training in int8 there is none, and takes the best it can have */
    const char *command; /* goes into the notes of the nets */
    /* When resuming: samples owed beyond this, or trained in advance, are forgotten, so that a changed samples_per_row
     * makes neither side wait for an hour. 0: nothing is forgotten. */
    double most_credit;
};
/* Goes on from the newest checkpoint, or makes generation 0. Fills the window from the store's games. */
int learner_create(struct learner **out, const struct learner_config *config, GError **error);
void learner_close(struct learner *learner); /* NULL is fine */

void learner_add(struct learner *learner, struct record *record);
/* The learning rate after `steps` steps with `fraction` (0..1) of the time used up: rises to settings->rate over the
 * warm-up, and in the second half of the time falls along a cosine to rate_end of it. */
double learner_rate(const struct settings *settings, int64_t steps, double fraction);
/* One step. fraction: of the time allowed that is used up, 0..1, for the rate's decay. Numbers that are not finite roll
 * the trainer back to the newest checkpoint and halve the rate; false with an error when that has not helped. */
bool learner_step(struct learner *learner, double fraction, struct net_losses *losses, GError **error);
/* Writes the next generation: files, row, and `records` in the same transaction. seconds: trained since the start of
 * this process. The new net is learner_net. */
bool learner_checkpoint(struct learner *learner, double seconds, struct record *const *records, int count,
                        GError **error);

/* Samples that may be trained on now: rows made times samples_per_row, less those trained; 0 before first_rows. */
double learner_credit(const struct learner *learner);
struct net *learner_net(const struct learner *learner); /* averaged weights of the newest generation; borrowed */
const struct store_checkpoint *learner_at(const struct learner *learner); /* the newest checkpoint */
int64_t learner_steps(const struct learner *learner);
int64_t learner_samples(const struct learner *learner);
int64_t learner_window_rows(const struct learner *learner);
int64_t learner_made(const struct learner *learner); /* rows ever */
int learner_roll_backs(const struct learner *learner);

#endif

/* The learner of a run, single-threaded: replay window, network trainer, schedule, checkpoints.
 *
 * Its results depend only on the store's contents, the settings and the step number. It must be used only by the thread
 * that creates it. */
#ifndef TENGEN_ENGINE_TRAINING_LEARNER_H
#define TENGEN_ENGINE_TRAINING_LEARNER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/net.h"

struct cluster_host;
struct net_losses;
struct net_trainer_config;
struct record;
struct settings;
struct stored_games;

enum { LEARNER_MAX_ROLL_BACKS = 12 };

/* The configuration of a trainer for runs with these settings. dtype: see struct learner_config. */
void learner_trainer_config(const struct settings *settings, enum net_backend backend, enum net_dtype dtype,
                            struct net_trainer_config *config);

struct learner;
struct learner_config {
    struct store *store;
    const struct settings *settings;
    const struct game *games; /* borrowed */
    int game_count;
    enum net_backend backend;
    enum net_dtype dtype; /* for self-play; there is no int8 training: NET_INT8 means NET_AUTO for the trainer */
    const struct stored_games
        *data;            /* games to fill the window with instead of those in `store`; NULL: none; borrowed */
    struct cluster_host
        *cluster; /* with trainers > 1, the ranks below that number train together: see team/team.h; borrowed */
    int trainers;
    const char *command;  /* recorded in the notes of the nets; NULL: "tengen train" */
    /* On resume, the credit is clamped to 0 .. max_credit, so that after a change of samples_per_row neither trainer
     * nor self-play waits for long. 0: not clamped. */
    double max_credit;
    int64_t reserve; /* bytes of memory that other threads will take, for settings->max_memory */
};
/* Resumes from the newest checkpoint, or creates generation 0. Fills the window with games from the store. Returns 0, or -1 with the
 * error set and *out NULL. The caller closes it with learner_close. */
int learner_create(struct learner **out, const struct learner_config *config, GError **error);
void learner_close(struct learner *learner); /* NULL is fine */

/* To be called before learner_add: the losses of the trainer's weights on a few rows of a game from which nothing was learned
 * yet; losses on training rows are lower by what the net has memorised. Returns false if the game has no rows, or a batch is too
 * small for one row and the moves before it that the net reads. Does not affect training. */
bool learner_judge(struct learner *learner, const struct record *record, struct net_losses *losses);
/* Adds a game to the window, which takes references of its own; the caller keeps its reference. */
void learner_add(struct learner *learner, struct record *record);
/* The learning rate after `steps` steps, with `fraction` (0..1) of the time limit elapsed: linear warm-up to
 * settings->rate, then cosine decay over the second half of the time to rate * rate_end. */
double learner_rate(const struct settings *settings, int64_t steps, double fraction);
/* Makes one training step; also fails, with the error set, if another training rank has failed. fraction: of the time limit
 * elapsed, 0..1, for learning rate decay. threads: how many to compute with; no result depends on it. more: another step
 * follows before the next checkpoint, and its batch may be drawn now: where several ranks train together, they then have it while
 * their gradients are summed. Losses that are not finite, or explode (divergence.h), roll the trainer back to the newest state
 * and halve the rate, which is reported on stderr and recorded in the run; if it diverges again at once, it goes back to the
 * state before that one. Returns false with an error set after LEARNER_MAX_ROLL_BACKS roll-backs. */
bool learner_step(struct learner *learner, double fraction, int threads, bool more, struct net_losses *losses,
                  GError **error);
/* Whether a batch has been dealt out to other ranks, so that a step must follow before a checkpoint or the end. */
bool learner_must_step(const struct learner *learner);
/* Writes the next generation: its files, then its row and `records` in one transaction. seconds: training time in this
 * process. learner_net returns the new net afterwards. False with the error set if that fails, for instance because the disk is full;
 * the learner is then as before, and the call can be repeated. */
bool learner_checkpoint(struct learner *learner, double seconds, struct record *const *records, int count,
                        GError **error);

/* Samples that may be trained on now: rows generated * samples_per_row - samples trained; 0 before first_rows. */
double learner_credit(const struct learner *learner);
struct net *learner_net(const struct learner *learner); /* averaged weights of the newest generation; borrowed */
const struct store_checkpoint *learner_at(const struct learner *learner); /* the newest checkpoint */
int64_t learner_steps(const struct learner *learner);
int64_t learner_samples(const struct learner *learner);
int64_t learner_window_rows(const struct learner *learner);
int64_t learner_made(const struct learner *learner); /* training rows generated over the whole run */
int learner_roll_backs(const struct learner *learner);

#endif

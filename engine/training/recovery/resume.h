/* Restores a trainer from the checkpoints of a run. */
#ifndef TENGEN_ENGINE_TRAINING_RECOVERY_RESUME_H
#define TENGEN_ENGINE_TRAINING_RECOVERY_RESUME_H

#include <glib.h>
#include <stdbool.h>

#include "net/train.h"

struct net;
struct settings;
struct store;
struct store_checkpoint;

/* Loads the state of a checkpoint, which must be as it was written. saved: filled with the optimiser that the state belongs to;
 * may be NULL. Returns 0, or -1 with the error set if the file or the checkpoint's numbers are damaged, or memory is short. */
int resume_load_state(struct store *store, struct net_trainer *trainer, const struct store_checkpoint *at,
                      enum net_optimiser *saved, GError **error);
/* Loads the newest state that can be read, and fills *at with its checkpoint. One that cannot is set aside and named on
 * stderr, as is a change of the optimiser; if none can be read, the error is that of the newest. If memory is short or the library
 * fails, the files may be whole: that is the error then, and none is set aside. *resume: false if the run has no checkpoint yet. */
bool resume_trainer(struct store *store, const struct settings *settings, struct net_trainer *trainer,
                    struct store_checkpoint *at, bool *resume, GError **error);

/* Goes back to the newest state, as resume_trainer does. again: training from that state has just diverged at once, so it must have
 * diverged before the state was written: the state is set aside if there is an earlier one. *to: the checkpoint of the state that was
 * loaded. */
bool resume_back(struct store *store, const struct settings *settings, struct net_trainer *trainer, bool again,
                 struct store_checkpoint *to, GError **error);
/* The newest generation's net, and the one that is held as best, as their files hold them. A file that is missing or damaged is
 * set aside and named on stderr; *net is then NULL if it is the newest generation's. False with the error set if that fails, or if
 * memory is short or the library fails, for which a file is not set aside. */
bool resume_nets(struct store *store, struct net **net, GError **error);

#endif

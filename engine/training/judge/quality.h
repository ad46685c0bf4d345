/* What a run's newest games say about the net that played them: how well its values are calibrated, before and after the search, how
 * far they are from the truth where that can be found, and how sure the policy is. All is read from the stored games; no net evaluates
 * anything again. */
#ifndef TENGEN_ENGINE_TRAINING_JUDGE_QUALITY_H
#define TENGEN_ENGINE_TRAINING_JUDGE_QUALITY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/training/judge/truth.h"

struct game;
struct store;

enum { QUALITY_BINS = 10 };

/* How often the player to move won from positions whose value lay in each tenth of 0..1; a draw counts as half a win. */
struct quality_calibration {
    int64_t plies[QUALITY_BINS];
    double predicted[QUALITY_BINS], actual[QUALITY_BINS]; /* means, 0..1; NAN for a bin without plies */
    /* The mean of |predicted - actual| over the bins, weighted by plies. Not 0 even for perfect values: all positions of a
     * game share its result. */
    double error;
};

struct quality {
    int64_t games, plies; /* plies: searched ones */
    struct quality_calibration raw, searched;
    struct truth_tally truth; /* of the newest of these games, as many as a second or two of work allow */
    double entropy;  /* mean of the improved policy's, over training rows, nats */
    double surprise; /* mean divergence of the improved policy from the prior, over training rows, nats */
};
/* Of the newest games that together have this number of training rows. games: of the run (settings_games). All zero, with NANs, for a
 * run without games. False with the error set if they cannot be read. */
bool quality_of(struct store *store, const struct game *games, int game_count, int64_t rows, struct quality *quality,
                GError **error);

#endif

/* Training rows from game records: a position and what a net is to learn of it.
 *
 * Each target of the table (net/targets.h) that has rows of its own has a function here that fills them. */
#ifndef TENGEN_ENGINE_TRAINING_SAMPLES_H
#define TENGEN_ENGINE_TRAINING_SAMPLES_H

#include "engine/store/record.h"
#include "net/train.h"

/* Makes ply `ply` of a record, under a symmetry, row `at` of samples: inputs, targets, weights. The position is made
 * again by replaying the game. horizon: of the short-term value, in plies, above 1. */
void samples_write(struct net_samples *samples, int at, const struct record *record, int ply,
                   const struct game_features *features, float horizon, int symmetry);

#endif

/* Training rows from game records: a position and its targets.
 *
 * Each target in the table of net/targets.h that has its own rows is filled by one function. */
#ifndef TENGEN_ENGINE_TRAINING_REPLAY_SAMPLES_H
#define TENGEN_ENGINE_TRAINING_REPLAY_SAMPLES_H

struct game_features;
struct net_samples;
struct record;
struct settings;

/* Writes ply `ply` of a record, under a symmetry, to row `at` of samples: inputs, targets, weights. The position is
 * reconstructed by replaying the game. settings: horizon, horizons and value_search_mix are what the value targets are made of. */
void samples_write(struct net_samples *samples, int at, const struct record *record, int ply,
                   const struct game_features *features, const struct settings *settings, int symmetry);

#endif

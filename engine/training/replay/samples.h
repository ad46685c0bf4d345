/* Training rows from game records: a position and its targets.
 *
 * Each target in the table of net/targets.h that has its own rows is filled by one function. */
#ifndef TENGEN_ENGINE_TRAINING_REPLAY_SAMPLES_H
#define TENGEN_ENGINE_TRAINING_REPLAY_SAMPLES_H

#include <stdbool.h>

#include "net/targets.h"

struct game_features;
struct game_shape;
struct net_samples;
struct record;
struct settings;

/* What the values' targets are made of, on boards of one shape. */
struct samples_values {
    float horizon, further[NET_HORIZONS]; /* of the short-term values, in plies, above 1 */
    int further_count;
    float search_mix; /* fraction of the value that is the search's rather than the outcome */
};
/* settings: valid (settings_games). Horizons grow with the board, see settings_horizon. */
struct samples_values samples_values_of(const struct settings *settings, struct game_shape shape);
/* How a row is made. */
struct samples_form {
    struct samples_values values;
    int symmetry; /* 0 .. symmetries - 1 of the record's game */
    bool relabel; /* with another komi, in half points: see relabel.h */
    int komi;
};
/* Writes ply `ply` of a record to row `at` of samples of its board's shape: inputs, targets, weights. The position is reconstructed by
 * replaying the game. Layout: planes [row][planes][points], globals [row][globals], targets as in struct net_samples; what belongs to
 * point p is written at game_symmetry_point(p). Everything is from the view of the player to move at that ply, score and map included.
 * row_weight is 1; a target that the row does not have gets weight 0 and arbitrary values. Any thread; rows of the same samples may be
 * written in several at once. */
void samples_write(struct net_samples *samples, int at, const struct record *record, int ply,
                   const struct game_features *features, const struct samples_form *form);

#endif

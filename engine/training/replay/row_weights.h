/* How often the rows of a game are drawn from the replay window: in part in proportion to their surprise.
 *
 *   weight = 1 - p - v + p n s_p / sum(s_p) + v n s_v / sum(s_v)      p: surprise_weight, v: surprise_value
 *
 * n: rows of the game; s_p, s_v: surprise of a row's policy and value, that is, the divergence of the search's result
 * from what the net expected. Weights are relative to those of the same game, so every game keeps its share of the
 * window, and they depend on the game and the settings alone: a resumed run has the same. A game without any surprise, or
 * in which it is unknown, divides that part equally. The idea is policy surprise weighting in KataGo's methods document
 * (https://github.com/lightvector/KataGo/blob/master/docs/KataGoMethods.md). */
#ifndef TENGEN_ENGINE_TRAINING_REPLAY_ROW_WEIGHTS_H
#define TENGEN_ENGINE_TRAINING_REPLAY_ROW_WEIGHTS_H

#include <stdint.h>

struct record;
struct settings;

/* The weight of a row that is drawn as often as the average one. A power of two: while all weights are equal, a draw in
 * proportion to them takes the same row as a draw of a row's number, bit for bit. */
enum { ROW_WEIGHT = 1 << 12 };

/* Fills weights[ply] of the record's training rows, at least 1; those of other plies are left alone. */
void row_weights(const struct record *record, const struct settings *settings, int64_t *weights);

#endif

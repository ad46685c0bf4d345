/* Training rows in sequences, for nets that carry a state along the moves of a game (net_moves, net/graph/blocks/lstm.c).
 *
 *   plies        3   4   5   6 | 7   8   9  10        a sequence for a net with 4 moves, whose root is ply 6
 *   state after  -   3   4   5 | 5   5   5   5
 *
 * Up to the root each position is seen with the state after the one before, as in a game. The positions after it stand for those
 * that a search looks at below its root: they are seen with the root's state. All are rows of the batch like any others, under one
 * symmetry; plies that are not training rows only carry the state. So a sequence costs no more than as many rows of another net,
 * where most plies are training rows; but it has less variety.
 *
 * Each row is written by samples_write: see samples.h for layout, symmetry and perspective. Any thread, one at a time for the same
 * samples. */
#ifndef TENGEN_ENGINE_TRAINING_REPLAY_SEQUENCES_H
#define TENGEN_ENGINE_TRAINING_REPLAY_SEQUENCES_H

struct game_features;
struct net_samples;
struct record;
struct rng;
struct samples_form;
struct samples_values;

/* `count` plies of a record from `first` on. */
struct sequence {
    const struct record *record;
    int first, count;
    int root; /* which of them is the root, from 0; may be beyond the last */
};
/* Writes a sequence to the rows from `at` on, and how far back each one's state is from (net_samples.back). The weight of a row is 1,
 * or 0 if its ply is not a training row. */
void sequence_write(struct net_samples *samples, int at, const struct sequence *sequence,
                    const struct game_features *features, const struct samples_form *form);
/* Scales the weights of the rows so that they sum to their number: losses count as in a batch without rows that only carry. */
void sequence_scale_weights(struct net_samples *samples);

/* ---- rows that are judged rather than learned: each is preceded by the plies of its game along which the net carries its state
 * (net_moves; 0 for a net without one), and those have no weight ---- */

/* Prepares samples for so many judged rows, which take moves + 1 rows each. They have room for them. */
void sequence_begin_judged(struct net_samples *samples, int rows, int moves);
/* Writes the `at`-th of them. */
void sequence_write_judged(struct net_samples *samples, int at, int moves, const struct record *record, int ply,
                           const struct game_features *features, const struct samples_form *form);
/* Fills the samples with so many training rows of one record, spread over the game, each under a random symmetry. The record has
 * some. */
void sequence_judge(struct net_samples *samples, int rows, int moves, const struct record *record,
                    const struct game_features *features, const struct samples_values *values, struct rng *rng);

#endif

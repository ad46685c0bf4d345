/* The replay window: the newest training rows of a run in memory, and batches drawn from them.
 *
 *   rows made n -> rows kept N = c (1 + beta ((n/c)^alpha - 1) / alpha)
 *   (Wu 2019, "Accelerating Self-Play Learning")
 *
 * A row is a ply of a record; its position is made again by replaying the game under the record's own komi and rules,
 * which is cheap beside a training step. A batch holds one board size, so there is a ring for each size; the oldest row
 * of all falls out first.
 * One thread uses a window at a time. */
#ifndef TENGEN_ENGINE_TRAINING_REPLAY_WINDOW_H
#define TENGEN_ENGINE_TRAINING_REPLAY_WINDOW_H

#include "engine/store/record.h"
#include "engine/store/settings.h"
#include "net/train.h"

struct window;
/* games: the run's; batches are drawn over their sizes in this order, then over any others in the order in which their
 * first records came. settings: borrowed. */
struct window *window_new(const struct game *games, int game_count, const struct settings *settings);
void window_free(struct window *window);
/* How many rows a window keeps when n were made. */
int64_t window_size(const struct settings *settings, int64_t made);
/* Takes a reference and adds its training rows; the oldest rows beyond the size fall out. */
void window_add(struct window *window, struct record *record);
/* Before the newest games of a resumed run are added: how many rows were made before these. */
void window_set_made(struct window *window, int64_t made);
int64_t window_made(const struct window *window);
int64_t window_rows(const struct window *window);
/* How many rows of a board size it holds, and one of them, for tests: index 0 .. count - 1, oldest first. */
int64_t window_size_rows(const struct window *window, int size);
void window_row(const struct window *window, int size, int64_t index, const struct record **record, int *ply);

/* Draws the board size of the next batch, in proportion to the rows held. There must be rows. */
int window_draw_size(const struct window *window, struct rng *rng);
/* Fills samples->n rows (uniformly drawn with replacement) of the board size that `samples` was made for, each under a
 * random symmetry. There must be rows of it. */
void window_fill(const struct window *window, const struct game_features *features, float horizon, struct rng *rng,
                 struct net_samples *samples);

#endif

/* The replay window: the newest training rows of a run in memory, and batches drawn from them.
 *
 *   rows made n -> rows kept N = c (1 + beta ((n/c)^alpha - 1) / alpha)     (Wu 2019, "Accelerating Self-Play
 * Learning")
 *
 * A row is a ply of a record; its position is made again by replaying the game, which is cheap beside a training step.
 * A run of several board sizes keeps one ring for each; the oldest row of all falls out first.
 * One thread uses a window at a time. */
#ifndef TENGEN_ENGINE_TRAINING_REPLAY_WINDOW_H
#define TENGEN_ENGINE_TRAINING_REPLAY_WINDOW_H

#include "engine/store/record.h"
#include "engine/store/settings.h"
#include "net/net.h"

struct window;
/* games, settings: borrowed; a record's `game` must point into games. */
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
/* The oldest row of a game's ring and how many it holds, for tests: index 0 .. count - 1, oldest first. */
int64_t window_game_rows(const struct window *window, int game);
void window_row(const struct window *window, int game, int64_t index, const struct record **record, int *ply);

/* Draws which game (board size) the next batch is of, in proportion to the rows held. There must be rows. */
int window_draw_game(const struct window *window, struct rng *rng);
/* Fills samples->n rows (uniformly drawn with replacement) of that game, each under a random symmetry. `samples` was
 * made for that game's size. */
void window_fill(const struct window *window, int game, const struct game_features *features, float horizon,
                 struct rng *rng, struct net_samples *samples);

/* Writes one row: ply `ply` of a record under a symmetry becomes row `at` of samples. */
void samples_write(struct net_samples *samples, int at, const struct record *record, int ply,
                   const struct game_features *features, float horizon, int symmetry);

#endif

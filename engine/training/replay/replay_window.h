/* The replay window: the newest training rows of a run in memory, and batches sampled from them.
 *
 *   n rows generated -> N rows kept, N = c (1 + beta ((n/c)^alpha - 1) / alpha)
 *   (Wu 2019, "Accelerating Self-Play Learning")
 *
 * A row is a ply of a record; its position is reconstructed by replaying the game under the record's own komi and
 * rules, which is cheap compared with a training step. A batch holds boards of a single shape, so there is a ring
 * buffer for each width and height; the oldest row over all shapes is evicted first. A row's weight is fixed when it is
 * added. It decides how often the row is drawn rather than what it counts in the loss, so that a step spends its time on
 * what surprised the search. Not thread-safe. */
#ifndef TENGEN_ENGINE_TRAINING_REPLAY_REPLAY_WINDOW_H
#define TENGEN_ENGINE_TRAINING_REPLAY_REPLAY_WINDOW_H

#include <stdint.h>

#include "games/traits.h"

struct game;
struct game_features;
struct net_samples;
struct record;
struct rng;
struct settings;
struct window;
/* games: of the run. window_draw_shape goes through their shapes in this order, then through any others in the order in
 * which their first records were added. settings: borrowed. */
struct window *window_new(const struct game *games, int game_count, const struct settings *settings);
void window_free(struct window *window);
/* The number of rows a window keeps after `made` have been generated. */
int64_t window_size(const struct settings *settings, int64_t made);
/* Takes a reference and adds the record's training rows; evicts the oldest rows beyond the window size. */
void window_add(struct window *window, struct record *record);
/* Bytes that the window may take; 0: no limit. Beyond them it keeps fewer rows than window_size says; the oldest are evicted. */
void window_limit(struct window *window, int64_t bytes);
int64_t window_limited_to(const struct window *window);
/* Bytes that it takes. A record's bytes are divided among its rows. */
int64_t window_bytes(const struct window *window);
/* On resume, before the newest games are added: sets the number of rows generated before these games. */
void window_set_made(struct window *window, int64_t made);
int64_t window_made(const struct window *window);
int64_t window_rows(const struct window *window);
/* The number of rows held for boards of a shape, and access to one of them: index 0 .. count - 1, oldest first. For
 * tests. */
int64_t window_shape_rows(const struct window *window, struct game_shape shape);
void window_row(const struct window *window, struct game_shape shape, int64_t index, const struct record **record,
                int *ply);

/* Samples the board shape of the next batch, in proportion to the rows held. The window must not be empty. */
struct game_shape window_draw_shape(const struct window *window, struct rng *rng);
/* Fills samples->n rows, sampled with replacement among those of the samples' width and height, in proportion to their
 * weights (row_weights.h: uniformly, unless the settings say otherwise), each under a random symmetry of its game. There
 * must be rows of that shape. For a net that carries a state, sequences of rows (sequences.h), each around a row that is drawn in this
 * way: the other rows occur as often as they lie near drawn ones, whatever their own weights. */
void window_fill(const struct window *window, const struct game_features *features, struct rng *rng,
                 struct net_samples *samples);
/* Fills the samples with `rows` such rows, which depend on rng alone, to judge a net by: if it carries a state along `moves` moves
 * (net_moves), each is written after those before it in its game (sequence_write_judged), else by itself. */
void window_fill_judged(const struct window *window, const struct game_features *features, struct rng *rng,
                        struct net_samples *samples, int rows, int moves);

#endif

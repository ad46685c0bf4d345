/* Training on the games that a run has stored, without playing: the run is only read, may grow meanwhile, and keeps a share
 * of its games from the learner, on which its losses are measured. */
#ifndef TENGEN_ENGINE_TRAINING_STORED_H
#define TENGEN_ENGINE_TRAINING_STORED_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct game;
struct store;

struct stored_games {
    struct store *store;
    int64_t before;  /* only games with lower numbers; STORE_ALL_GAMES: all */
    double held_out; /* share of them that is held out, 0..1 */
};

/* Whether a game is held out: decided by its number alone, by a hash, so that it is the same for every arm and session. */
bool stored_games_is_held_out(const struct stored_games *stored, uint64_t number);
/* Loads the newest games that together have at least `rows` training rows, or take `bytes` of memory (0: no limit), and returns
 * those that are held out, or the others; oldest first, as references that g_ptr_array_unref(*out) releases. Skips games of other
 * kinds and sizes, as store_load_games does. On failure returns false with the error set and *out NULL. */
bool stored_games_load(const struct stored_games *stored, const struct game *games, int game_count, int64_t rows,
                       int64_t bytes, bool held_out, GPtrArray **out, GError **error);

#endif

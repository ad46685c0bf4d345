/* Measures the Elo ratings of a run's checkpoints while the run is being watched: their policies play each other
 * without search, and a maximum likelihood fit rates them with the oldest at 0. The games are played by a single thread
 * with SCHED_IDLE, which runs only on otherwise idle cores, so that training is not slowed down. */
#ifndef TENGEN_ENGINE_VIEWER_WATCH_RUN_ELO_H
#define TENGEN_ENGINE_VIEWER_WATCH_RUN_ELO_H

#include <stdint.h>

#include "engine/match/statistics/rating.h"

struct game;

enum { RUN_ELO_MAX = 24 };

struct run_elo;
struct run_elo_point {
    uint32_t generation;
    struct rating rating;
};

/* Starts the thread; aborts if that fails. wake: called in the thread after new results. The functions below are called
 * from one thread and return quickly, except for run_elo_stop. */
struct run_elo *run_elo_start(const struct game *game, void (*wake)(void *user), void *user);
/* Sets the checkpoints to rate, ascending by generation. If there are more than RUN_ELO_MAX, an evenly spaced subset is
 * used. The arguments are copied. Results between generations that remain are kept. */
void run_elo_set(struct run_elo *elo, const uint32_t *generations, char *const *paths, int count);
/* Fills the current ratings and returns their number, at most RUN_ELO_MAX. *games: total number of games played; may be
 * NULL. */
int run_elo_read(struct run_elo *elo, struct run_elo_point *points, int *games);
/* Waits for the current game to be abandoned and frees elo, which may be NULL. */
void run_elo_stop(struct run_elo *elo);

#endif

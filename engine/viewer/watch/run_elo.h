/* Elo of a run's checkpoints, measured while one watches: what their policies score against each other without search,
 * by one maximum likelihood fit, the oldest at 0. Played by one thread that the kernel runs only when no other wants a
 * core (SCHED_IDLE), so that a training beside it does not feel it. */
#ifndef TENGEN_ENGINE_VIEWER_WATCH_RUN_ELO_H
#define TENGEN_ENGINE_VIEWER_WATCH_RUN_ELO_H

#include "engine/match/statistics/rating.h"
#include "games/game.h"

enum { RUN_ELO_MAX = 24 };

struct run_elo;
struct run_elo_point {
    uint32_t generation;
    struct rating rating;
};

/* wake: called by its thread after new results. */
struct run_elo *run_elo_start(const struct game *game, void (*wake)(void *user), void *user);
/* The checkpoints to rate, ascending; more than RUN_ELO_MAX are thinned out. paths are copied. Games already played
 * between generations that stay are kept. */
void run_elo_set(struct run_elo *elo, const uint32_t *generations, char *const *paths, int count);
/* The ratings so far; returns their number (at most RUN_ELO_MAX). games: played in all; may be NULL. */
int run_elo_read(struct run_elo *elo, struct run_elo_point *points, int *games);
void run_elo_stop(struct run_elo *elo); /* NULL is fine */

#endif

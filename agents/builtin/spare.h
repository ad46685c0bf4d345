/* Moves that cost a point and are not needed. */
#ifndef TENGEN_AGENTS_BUILTIN_SPARE_H
#define TENGEN_AGENTS_BUILTIN_SPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"
#include "mcts/search.h"

struct agent;

/* Whether to pass instead of the move found, which costs a point: searches what happens after either, and passes if the
 * opponent gains less than that by it. The net may think that a stone in one's own territory is free, as it is where area
 * counts; and where it fears a little for what is settled, it is asked what the opponent would do, and reading decides whether
 * that takes anything. limits.time_ms: for both searches, whose visits are added to *visits_made and come on top of the limit. */
bool spare_passes(struct mcts *search, const struct agent *agent, struct mcts_limits limits, game_move found,
                  int64_t *visits_made);

#endif

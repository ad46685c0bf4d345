/* Moves that cost a point and are not needed. */
#ifndef TENGEN_AGENTS_BUILTIN_SPARE_H
#define TENGEN_AGENTS_BUILTIN_SPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"
#include "mcts/search.h"

struct agent;
struct evaluator;

/* For a position in which reading finds nothing left to play: whether the net is all but certain of some point (prior above 0.9 if the
 * player wins by the count, else above 0.8), which suggests that reading has overlooked something. The move found by a search is then to be
 * compared with a pass: fills costs[] like finish_costly_moves, with 1 for every point and 0 for other moves. outcome: the value
 * from finish_passes. False if a pass would end the game with a win. */
bool spare_doubts(struct evaluator *evaluator, const struct agent *agent, float outcome, uint8_t *costs);
/* Whether to pass instead of playing `found`, which costs a point: searches both, and passes if the opponent gains less than that
 * from the pass. (The net may treat a stone in one's own territory as free, as it is under area scoring.) With `reads`, if the
 * net expects a pass to lose only a little, reading decides whether the opponent's best reply to it costs the player anything.
 * limits.time_ms is for both searches together; their visits are added to *visits_made, and limits.visits does not bound them. */
bool spare_passes(struct mcts *search, const struct agent *agent, struct mcts_limits limits, game_move found,
                  bool reads, int64_t *visits_made);

#endif

/* Moves that cost a point and are not needed. */
#ifndef TENGEN_AGENTS_BUILTIN_SPARE_H
#define TENGEN_AGENTS_BUILTIN_SPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"
#include "mcts/search.h"

struct agent;
struct evaluator;

/* Where reading finds nothing left to play: whether the net is all but certain of a move (prior above 0.9), which suggests that reading has
 * overlooked something. The move is then to be searched and compared with a pass: fills costs[], as
 * finish_costly_moves does, with all points. outcome: as finish_passes has it; false if a pass would end the
 * game with a win. */
bool spare_doubts(struct evaluator *evaluator, const struct agent *agent, float outcome, uint8_t *costs);
/* Whether to pass instead of the move found, which costs a point: searches what happens after either, and passes if the
 * opponent gains less than that by it. The net may think that a stone in one's own territory is free, as it is where area
 * counts. With `reads`, and if the net expects to lose only a little by passing, the opponent's best reply is played out, and reading
 * decides whether it takes anything. limits.time_ms: for both searches, whose visits are added to *visits_made and come on top of the limit. */
bool spare_passes(struct mcts *search, const struct agent *agent, struct mcts_limits limits, game_move found,
                  bool reads, int64_t *visits_made);

#endif

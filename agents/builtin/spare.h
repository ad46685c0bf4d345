/* Whether the end of a game has come: a pass, or a move that costs a point. */
#ifndef TENGEN_AGENTS_BUILTIN_SPARE_H
#define TENGEN_AGENTS_BUILTIN_SPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"
#include "mcts/search.h"

struct agent;
struct evaluator;

enum spare_kind {
    SPARE_NOTHING,  /* the search's move is to be played */
    SPARE_READ,     /* reading can tell who owns what, though something may be left to play */
    SPARE_FINISHED, /* reading finds nothing left to play, and a pass would cost what it has overlooked, if anything */
    SPARE_DOUBTED,  /* the same, by any rules, and the net is all but certain of a point */
};
struct spare {
    enum spare_kind kind;
    bool wins;                         /* a pass ends the game with a win */
    uint8_t costs[GAME_MAX_MOVES];     /* non-zero for moves that need a reason, as they cost a point or nothing is left to play */
    uint8_t contested[GAME_MAX_MOVES]; /* non-zero for points at which the fate of stones may be decided */
};
/* Examines the agent's position. passes: finish_passes, with its outcome. budget_ms: the time for the move (0: no limit). */
void spare_look(struct evaluator *evaluator, const struct agent *agent, int64_t budget_ms, bool passes, float outcome,
                struct spare *spare);
/* The move to play where a search has found `found`: that move, or if it is a pass or in costs[], a pass or a better move. Searches
 * the best move on the board and a pass until both have had as many visits, contested points among the candidates. A pass is preferred
 * where the opponent gains from it less than the move costs: the net may treat a stone in one's own territory as free, as it is under
 * area scoring, and expects a little too much of the best of many moves. So where reading sees nothing that either side could take, a
 * move is played only for many points, for a result, or at a contested point. spare->kind: not SPARE_NOTHING. limits.time_ms is for
 * all these searches together; their visits are added to *visits_made, and limits.visits does not bound them. */
game_move spare_choose(struct mcts *search, const struct agent *agent, struct mcts_limits limits,
                       const struct spare *spare, game_move found, int64_t *visits_made);

#endif

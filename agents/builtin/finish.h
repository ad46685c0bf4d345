/* Ends games that are finished: agents pass without a search where nobody can gain anything any more, first or second. */
#ifndef TENGEN_AGENTS_BUILTIN_FINISH_H
#define TENGEN_AGENTS_BUILTIN_FINISH_H

#include <stdbool.h>
#include <stdint.h>

struct agent;

/* Whether the agent should pass: because that ends the game with a win after the opponent's pass, or because nothing is
 * left to play. The latter takes up to a millisecond for every four points of the board, and is not examined if
 * budget_ms, the time for the move (0: no limit), is less than a millisecond per point. Under rules that count the board as
 * it stands (Tromp-Taylor) the agent must also have won, both with dead stones removed and without. Fills *value with the
 * result for the player to move: 1, 0 or -1. */
bool finish_passes(const struct agent *agent, int64_t budget_ms, float *value);
/* By rules that count territory, a move in a settled area costs a point, whoever the area belongs to. Fills costs[] with
 * non-zero for these moves, one byte for each move of the game; false if there are none, as in the middle of a game. The
 * move may still be worth its point: it may defend. Takes as long as finish_passes, and is not examined where budget_ms is too
 * small for that. */
bool finish_costly_moves(const struct agent *agent, int64_t budget_ms, uint8_t *costs);

#endif

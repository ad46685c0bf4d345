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

#endif

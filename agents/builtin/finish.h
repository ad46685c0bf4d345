/* Ends games that are finished: where nobody can gain anything any more, agents pass without a search, whether or not the opponent
 * has passed. */
#ifndef TENGEN_AGENTS_BUILTIN_FINISH_H
#define TENGEN_AGENTS_BUILTIN_FINISH_H

#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"

struct agent;
struct agent_candidate;
struct agent_report;

/* Whether anything is left to play in a position, examined when it is first asked for. {0} at first; of one position. */
struct finish_look {
    bool taken, finished;
    uint8_t dead[GAME_MAX_POINTS]; /* if finished: non-zero for dead stones */
};

/* Whether the agent should pass: because that ends the game with a win after the opponent's pass, or because nothing is
 * left to play. The latter takes up to a millisecond for every four points of the board, and is not examined if
 * budget_ms, the time for the move (0: no limit), is less than a millisecond per point. Under rules that count the board as
 * it stands (Tromp-Taylor) the agent must also have won, both with dead stones removed and without. Fills *value with the
 * result for the player to move: 1, 0 or -1. look: of this position. */
bool finish_passes(const struct agent *agent, int64_t budget_ms, struct finish_look *look, float *value);
/* Whether the rules count territory and end with an agreement on dead stones, so that a stone in one's own territory costs a point. */
bool finish_stones_cost_points(const struct agent *agent);
/* By such rules a move in a settled area costs a point, whoever the area belongs to. Fills costs[] with
 * non-zero for these moves, one byte for each move of the game; false if there are none, as in the middle of a game. The
 * move may still be worth its point: it may defend. contested[]: filled as by game_counting.settled. Takes as long as finish_passes, and is not examined where budget_ms is too small for that. */
bool finish_costly_moves(const struct agent *agent, int64_t budget_ms, uint8_t *costs, uint8_t *contested);

/* Whether every point that is settled as the agent's remains so if it passes and the opponent plays `reply`. Takes twice as long as
 * finish_costly_moves. */
bool finish_holds(const struct agent *agent, game_move reply);
/* Whether the board counts for more after `move` and the opponent's `reply` (GAME_NO_MOVE: none) than after a pass and the opponent's
 * `answer`: what a move in the opponent's area takes, say. Takes twice as long as finish_costly_moves. */
bool finish_gains(const struct agent *agent, game_move move, game_move reply, game_move answer);

/* The count of a position in which nothing is left to play. */
struct finish_count {
    float margin; /* for the player to move */
    float map[GAME_MAX_POINTS]; /* owners: 1 the player to move, -1 the opponent, 0 nobody */
};
/* Counts the position if nothing is left to play, whoever has won; false otherwise, and if budget_ms (> 0) is too small to examine
 * that. Takes as long as finish_passes. */
bool finish_counts(const struct agent *agent, int64_t budget_ms, struct finish_look *look, struct finish_count *count);
/* Replaces estimates in the report by the count: value, draw, score and map, and those of its first candidate; the other candidates
 * keep their distance from the first. The search's value keeps a small weight, since counts can err. candidates: the
 * report's, writable. */
void finish_report(const struct finish_count *count, struct agent_report *report, struct agent_candidate *candidates);

#endif

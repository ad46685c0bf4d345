/* What to learn from a lost game: goes back from its end, with searches of many more visits than the game's, to the first
 * decision that lost it.
 *
 *   ... D C B A end     own decisions, last to first: A was known to be lost when it was played, and is skipped
 *           B           searched: lost, too
 *         C             searched: not lost, but the move played leads to B. The move that the search prefers is the lesson
 *
 * Each position examined, and each position after the move played there, is remembered while the search goes back, so that
 * the next search knows what the game showed. What was remembered before is used only
 * where a search confirms it, and corrected where not: a false memory does not last. */
#ifndef TENGEN_AGENTS_MEMORY_STUDY_H
#define TENGEN_AGENTS_MEMORY_STUDY_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"

struct evaluator;
struct mcts;
struct memory_file;
struct memory_lesson;

enum {
    MEMORY_STUDY_FACTOR = 20, /* visits of a search, relative to those in the game */
    MEMORY_STUDY_MOST = 16,   /* decisions searched on the way back */
    MEMORY_STUDY_AHEAD = 8,   /* and after where it began, if none of them could have saved the game */
};
#define MEMORY_STUDY_LOST -0.5f  /* a search that finds less than this value: the game is lost already */
#define MEMORY_STUDY_KNOWN -0.8f /* a player who found less than this in the game knew it: not searched again */

/* A move of the game, by the player who studies it. */
struct memory_choice {
    game_move move; /* GAME_NO_MOVE: the move was not chosen by this player's search */
    float value;    /* that the search found, -1 .. 1 */
    int64_t visits;
};

struct memory_study {
    const struct game *game; /* as the searches play it */
    const game_move *moves;  /* of the whole game, from the initial position */
    int count;
    const struct memory_choice *choices; /* [count] */
    int loser;                           /* player */
    /* For the searches: their tree is discarded. Each evaluator has a memory, whose source is restored in the end. */
    struct mcts *search;
    struct evaluator *const *evaluators;
    int threads;
    const atomic_bool *stop; /* polled: ends the study with what it has found; may be NULL */
};

/* Fills the lesson (all but id, time and game) and appends to `positions` (struct memory_position) what to remember.
 * file: moves that have lost earlier games according to it are avoided if a search confirms it and another move is nearly
 * as good; may be NULL. False if there is nothing to learn: no move of the loser's was chosen by its search. */
bool memory_study_run(const struct memory_study *study, const struct memory_file *file, struct memory_lesson *lesson,
                      GArray *positions);

#endif

/* Wins that a side can force by threats alone: an optional part of struct game_ops, for games such as Gomoku, where a
 * search of threats sees further than any other. */
#ifndef TENGEN_GAMES_SOLVER_H
#define TENGEN_GAMES_SOLVER_H

#include <stddef.h>
#include <stdint.h>

enum { GAME_SOLVER_MIN_BYTES = 64 << 10, GAME_SOLVER_MAX_LINE = 404 };

enum game_solved {
    GAME_SOLVED_OPEN, /* not known: the budget was used up */
    GAME_SOLVED_NONE, /* no win by threats of this level, or not a position in which they are searched */
    GAME_SOLVED_WON,  /* the side to move wins, whatever the other side does */
};

/* What game_ops.solve takes and fills. It belongs to one thread at a time. */
struct game_solver {
    /* Working memory, aligned to 64 bytes, zeroed by the caller before the first call and kept between calls: results
     * of earlier calls make later ones faster, and with a limited budget may turn GAME_SOLVED_OPEN into another answer.
     * Zeroing it again makes the next call like the first. At least GAME_SOLVER_MIN_BYTES. */
    void *memory;
    size_t bytes;
    /* 1: threats that leave the other side one reply, in Gomoku fours. 2: also those that leave it several, threes. */
    int level;
    int64_t budget;   /* positions that one call may examine, which bounds its time */
    int64_t examined; /* by the last call */
    /* After GAME_SOLVED_WON: the moves of both sides from the winner's first to the end of the game; where the other
     * side has several replies, one of them. */
    int length;
    uint16_t line[GAME_SOLVER_MAX_LINE]; /* game_move */
};

#endif

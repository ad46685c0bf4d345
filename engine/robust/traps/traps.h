/* Positions of Go in which nets are known to go wrong, made by rule, each with its right answer.
 *
 *   ladder  a chain that is captured by ataris along the diagonal, or not: stones far ahead decide, and which atari is right
 *   race    two chains without eyes that can only live by capturing each other
 *   cycle   the same between a ring of stones and the chain that it surrounds, which has an eye
 *   seki    chains that share liberties which neither side can fill
 *   corner  bent four in the corner, which kills; and the same three stones along the edge, which do not
 *
 * All of a board but the fight is pass-alive (go_pass_alive), and komi lies between the results of the fight, so that who
 * is right about the fight knows who wins. The answers follow from the parameters, which a search of all continuations
 * confirms where it can (tests/engine/robust/traps), and in ladders from reading every atari. They hold where area is
 * scored and boards must not be repeated. */
#ifndef TENGEN_ENGINE_ROBUST_TRAPS_TRAPS_H
#define TENGEN_ENGINE_ROBUST_TRAPS_TRAPS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"

enum trap_kind { TRAP_LADDER, TRAP_RACE, TRAP_CYCLE, TRAP_SEKI, TRAP_CORNER, TRAP_KINDS };
extern const struct trap_kind_text {
    const char *name, *size; /* of the kind; what its size counts */
} trap_kind_texts[TRAP_KINDS];

/* How a fight ends. Sides are colours: "black taken" is that black's target chain was captured. */
enum trap_end { TRAP_BOTH_STAND, TRAP_BLACK_TAKEN, TRAP_WHITE_TAKEN, TRAP_ENDS };

enum { TRAP_MIN_BOARD = 9, TRAP_MAX_BOARD = 19 };

struct trap {
    enum trap_kind kind;
    int size;         /* see trap_kind_texts */
    struct game game; /* with the komi that makes the fight decide */
    uint8_t stones[GAME_MAX_POINTS];
    enum game_colour to_move, winner; /* winner: with best play */
    /* The chain on target[colour - 1] is captured in the ends of that name; -1: the side has none that decides. */
    int target[2];
    enum game_colour winner_after[TRAP_ENDS];
    /* Some moves keep the win of the side to move, and some throw it away; false: none, or all do, or it is not known, as of the
     * chain that runs from a ladder, whose other moves may gain as much. */
    bool asks;
    uint8_t right[GAME_MAX_MOVES];    /* if it asks: non-zero for the moves that keep it */
    uint8_t settled[GAME_MAX_POINTS]; /* non-zero on pass-alive points */
};

/* Appends all traps of a board to an array of struct trap: each in both colours and in four of the board's symmetries. game:
 * a board that traps_check accepts. */
void traps_make(const struct game *game, GArray *traps);
/* False with the error set for another game than Go, for territory scoring or simple ko, and for boards smaller than
 * TRAP_MIN_BOARD. */
bool traps_check(const struct game *game, GError **error);
/* Sets up a trap. */
void trap_set_up(const struct trap *trap, struct position *position);

/* Whether the chain on `target` is captured by ataris alone, if the other side moves first or, with defends, its own side
 * does, being in atari. Every atari and every reply is read; three liberties are an escape. */
bool trap_ladder_captures(const struct game *game, const struct position *position, int target, bool defends);

#endif

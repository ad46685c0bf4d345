/* A trap while it is drawn: black's view of it, before colours and symmetries vary. Private to engine/robust/traps/. */
#ifndef TENGEN_ENGINE_ROBUST_TRAPS_DRAFT_H
#define TENGEN_ENGINE_ROBUST_TRAPS_DRAFT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/robust/traps/traps.h"
#include "games/game.h"

enum draft_cell {
    DRAFT_OPEN, /* empty points and stones of the fight */
    DRAFT_BLACK,
    DRAFT_WHITE,
    DRAFT_BLACK_ZONE, /* to be settled: filled with stones and eyes */
    DRAFT_WHITE_ZONE,
    DRAFT_FREE, /* whoever's zone makes the game even */
};

struct draft {
    enum trap_kind kind;
    int size;                       /* see struct trap */
    int width;                      /* of the board */
    uint8_t cell[GAME_MAX_POINTS];  /* enum draft_cell */
    uint8_t loose[GAME_MAX_POINTS]; /* non-zero where white has the point in every end */
    int target[2];                  /* black's, white's; -1: none */
    enum trap_end between[2];       /* komi lies between the results of these */
    enum trap_end end;              /* with best play */
    enum game_colour to_move;
    bool asks;
    uint8_t right[GAME_MAX_MOVES];
    bool reads; /* a ladder: end, asks and right follow from reading */
};

/* An empty draft: all free, no targets, black to move. */
struct draft draft_new(enum trap_kind kind, int size, int width);
static inline int draft_point(const struct draft *draft, int x, int y)
{
    return y * draft->width + x;
}
/* Sets the cells of a rectangle; points off the board are left out. */
void draft_fill(struct draft *draft, int x, int y, int width, int height, enum draft_cell cell);
static inline void draft_set(struct draft *draft, int x, int y, enum draft_cell cell)
{
    draft_fill(draft, x, y, 1, 1, cell);
}
/* Makes free cells within so many rows and columns of the fight the zone of one side. */
void draft_surround(struct draft *draft, int distance, enum draft_cell zone);
/* The question: every move is right, or none is; then draft_answer says which ones differ. */
void draft_ask(struct draft *draft, bool right);
void draft_answer(struct draft *draft, int point, bool right);

/* Settles the zones, sets komi, and appends the trap in both colours and four symmetries. False, with nothing appended, if
 * the zones cannot be settled on this board. */
bool draft_finish(const struct draft *draft, const struct game *game, GArray *traps);

/* The kinds: append the traps that fit on the board. */
void traps_make_ladders(const struct game *game, GArray *traps);
void traps_make_races(const struct game *game, GArray *traps);
void traps_make_cycles(const struct game *game, GArray *traps);
void traps_make_seki(const struct game *game, GArray *traps);
void traps_make_corners(const struct game *game, GArray *traps);

#endif

/* The Go board. Private to games/go/.
 *
 *   cells   a board with a border: the first and the last row are border, and a single border column serves both
 *           sides, so that the neighbours of a cell are at -1, +1, -stride and +stride, its diagonals at -stride-1 ...
 *           +stride+1
 *   chain   the stones of a chain form a circular list through `next`; each has the number of the chain's root cell,
 *           and the root has the number of pseudo-liberties: pairs (stone, empty neighbour), which are cheap to
 *           update. A chain has no liberties if and only if it has no pseudo-liberties, and is in atari at a point p
 *           if and only if all its pseudo-liberties are at p. Exact liberties are counted when they are needed.
 *
 * Unused fields are zero, so that two boards reached by the same moves are equal byte for byte. */
#ifndef TENGEN_GAMES_GO_BOARD_H
#define TENGEN_GAMES_GO_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "games/game.h"

enum {
    GO_MIN_SIZE = 2,
    GO_MAX_SIZE = 19,
    GO_MAX_POINTS = GO_MAX_SIZE * GO_MAX_SIZE,
    GO_MAX_CELLS = (GO_MAX_SIZE + 2) * (GO_MAX_SIZE + 1) + 1,
    GO_BORDER = 3, /* the colour of border cells */
};

/* Indices into game->derived[]: the rules in force. */
enum {
    GO_DERIVED_SUICIDE,
    GO_DERIVED_KO,
    GO_DERIVED_SCORING,
    GO_DERIVED_BONUS,
    GO_DERIVED_PASSES,
    GO_DERIVED_WHITE_LAST,
    GO_DERIVED_PASS_STONES,
    GO_DERIVED_CLEANUP,
};
/* Values of GO_OPTION_RULES. */
enum { GO_RULES_TROMP_TAYLOR, GO_RULES_CHINESE, GO_RULES_AGA, GO_RULES_JAPANESE };
/* Indices into game->option[]. */
enum {
    GO_OPTION_KOMI,
    GO_OPTION_RULES,
    GO_OPTION_SUICIDE,
    GO_OPTION_KO,
    GO_OPTION_SCORING,
    GO_OPTION_HANDICAP,
    GO_OPTION_BONUS,
    GO_OPTION_CAP,
    GO_OPTION_PASSES,
    GO_OPTION_LAST_PASS,
    GO_OPTION_PASS_STONES,
    GO_OPTION_CLEANUP,
};

struct go_cell {
    uint16_t chain;     /* root cell; 0 where there is no stone */
    uint16_t next;      /* next stone in the chain's circular list */
    uint16_t liberties; /* pseudo-liberties of the chain, in its root; otherwise 0 */
    uint8_t colour;     /* enum game_colour or GO_BORDER */
    uint8_t unused;
};

struct go_position {
    struct position base;
    uint16_t ko;           /* cell where simple ko forbids a stone; 0: none */
    uint16_t prisoners[2]; /* taken by black, by white */
    uint8_t passes;        /* consecutive passes up to now */
    uint8_t handicap;      /* black stones placed before the first move */
    uint8_t removed;       /* a stone has been removed in this game; until then no board can repeat */
    uint8_t cleanup;       /* in the cleanup phase: the colour that moved first in it */
    uint8_t padding[6];
    struct go_cell cells[]; /* go_tables(game)->cells of them */
};
_Static_assert(offsetof(struct go_position, cells) == sizeof(struct go_position), "cells are aligned to 8 bytes");

/* Shared by all games of one board size. */
struct go_tables {
    int size, stride, cells, points;
    uint16_t cell[GO_MAX_POINTS]; /* by point */
    uint16_t point[GO_MAX_CELLS]; /* by cell; border: GAME_NO_MOVE */
};

/* Zobrist keys; stones by colour - 1. */
extern uint64_t go_stone_keys[2][GO_MAX_CELLS], go_ko_keys[GO_MAX_CELLS];
extern uint64_t go_white_key, go_pass_keys[8];

static inline const struct go_tables *go_tables(const struct game *game)
{
    return game->tables;
}
static inline const struct go_position *go_position(const struct position *position)
{
    return (const struct go_position *)position;
}
static inline bool go_is_stone(int colour)
{
    return (unsigned)colour - 1u < 2u;
}

/* Number of pseudo-liberties that chain `root` has at cell p: neighbours of p that are stones of the chain. */
static inline int go_touches(const struct go_cell *cells, int p, int stride, int root)
{
    return (cells[p - 1].chain == root) + (cells[p + 1].chain == root) + (cells[p - stride].chain == root) +
           (cells[p + stride].chain == root);
}

/* Whether a stone on empty cell p would have a liberty: beside p is an empty cell, an enemy chain in atari, or an own
 * chain that is not in atari. */
static inline bool go_would_have_liberty(const struct go_cell *cells, int p, int stride, int colour)
{
    const int around[4] = {p - 1, p + 1, p - stride, p + stride};
    for (int i = 0; i < 4; i++)
        if (cells[around[i]].colour == GAME_EMPTY)
            return true;
    for (int i = 0; i < 4; i++) {
        const struct go_cell *cell = &cells[around[i]];
        if (cell->colour == GO_BORDER)
            continue;
        bool atari = cells[cell->chain].liberties == go_touches(cells, p, stride, cell->chain);
        if (atari == (cell->colour != colour))
            return true;
    }
    return false;
}

/* Whether empty cell p looks like a real one-point eye of `colour`: all neighbours are stones of the colour, and the
 * enemy has at most one of the diagonals, none of them at the edge of the board. */
static inline bool go_is_eye(const struct go_cell *cells, int p, int stride, int colour)
{
    const int around[4] = {p - 1, p + 1, p - stride, p + stride};
    const int corners[4] = {p - stride - 1, p - stride + 1, p + stride - 1, p + stride + 1};
    int edge = 0, enemies = 0;
    for (int i = 0; i < 4; i++)
        if (cells[around[i]].colour != colour && cells[around[i]].colour != GO_BORDER)
            return false;
    for (int i = 0; i < 4; i++) {
        edge |= cells[corners[i]].colour == GO_BORDER;
        enemies += cells[corners[i]].colour == game_other(colour);
    }
    return enemies + edge < 2;
}

/* The empty cells of a board in a random order, for playouts. */
struct go_empties {
    int count;
    uint16_t list[GO_MAX_POINTS];
    uint16_t place[GO_MAX_CELLS]; /* index in `list`, by cell */
};

/* Fills `count` and `list`, and `place` of the listed cells. */
static inline void go_list_empties(const struct go_position *go, const struct go_tables *t, struct go_empties *empties)
{
    empties->count = 0;
    for (int i = 0; i < t->points; i++)
        if (go->cells[t->cell[i]].colour == GAME_EMPTY) {
            empties->place[t->cell[i]] = (uint16_t)empties->count;
            empties->list[empties->count++] = t->cell[i];
        }
}

/* A uniformly random cell where a move is legal, no suicide, fills no own one-point eye, and is not rejected; 0 if there
 * is none. A cell that does not qualify is swapped behind the remaining candidates, so each draw is uniform over the
 * rest. rejects: a constant after inlining; may be NULL. */
__attribute__((always_inline)) static inline int
go_draw_cell(const struct go_position *go, int stride, int colour, struct rng *rng, struct go_empties *empties,
             bool (*rejects)(const struct go_cell *cells, int p, int stride, int colour))
{
    int left = empties->count;
    while (left) {
        int i = (int)rng_below(rng, (uint32_t)left);
        uint16_t p = empties->list[i];
        if (p != go->ko && go_would_have_liberty(go->cells, p, stride, colour) &&
            !go_is_eye(go->cells, p, stride, colour) && !(rejects && rejects(go->cells, p, stride, colour)))
            return p;
        uint16_t end = empties->list[--left];
        empties->list[i] = end;
        empties->place[end] = (uint16_t)i;
        empties->list[left] = p;
        empties->place[p] = (uint16_t)left;
    }
    return 0;
}

/* Removes the chain at `root` from the board and returns its number of stones. `hashing` and whether `empties` is NULL
 * are constants after inlining, so that each caller gets specialised code. */
__attribute__((always_inline)) static inline int go_remove_chain(struct go_position *go, int stride, int root,
                                                                 bool hashing, struct go_empties *empties)
{
    struct go_cell *cells = go->cells;
    int colour = cells[root].colour, count = 0, p = root;
    do {
        const int around[4] = {p - 1, p + 1, p - stride, p + stride};
        int next = cells[p].next;
        for (int i = 0; i < 4; i++)
            if (go_is_stone(cells[around[i]].colour))
                cells[cells[around[i]].chain].liberties++;
        cells[p].colour = GAME_EMPTY;
        cells[p].chain = cells[p].next = 0;
        if (hashing)
            go->base.stones_hash ^= go_stone_keys[colour - 1][p];
        if (empties) {
            empties->place[p] = (uint16_t)empties->count;
            empties->list[empties->count++] = (uint16_t)p;
        }
        count++;
        p = next;
    } while (p != root);
    cells[root].liberties = 0; /* the loop above counted the chain's own stones as neighbours */
    return count;
}

/* Merges the chains of cells a and b. The one with fewer liberties, probably the smaller, takes the other's root. */
static inline void go_merge_chains(struct go_cell *cells, int a, int b)
{
    int keep = cells[a].chain, rename = cells[b].chain;
    if (cells[keep].liberties < cells[rename].liberties) {
        int other = keep;
        keep = rename;
        rename = other;
    }
    cells[keep].liberties = (uint16_t)(cells[keep].liberties + cells[rename].liberties);
    cells[rename].liberties = 0;
    int p = rename;
    do {
        cells[p].chain = (uint16_t)keep;
        p = cells[p].next;
    } while (p != rename);
    uint16_t next = cells[keep].next; /* swapping the two links merges the circular lists */
    cells[keep].next = cells[rename].next;
    cells[rename].next = next;
}

/* Puts a stone on empty cell p, removes the chains that it captures, or its own chain if that has no liberty, and sets
 * the ko cell. */
__attribute__((always_inline)) static inline void go_place(struct go_position *go, int stride, int p, int colour,
                                                           bool hashing, struct go_empties *empties)
{
    struct go_cell *cells = go->cells;
    const int around[4] = {p - 1, p + 1, p - stride, p + stride};
    const int enemy = game_other(colour);
    int liberties = 0, captured = 0, last = 0;
    for (int i = 0; i < 4; i++) {
        int there = cells[around[i]].colour;
        if (there == GAME_EMPTY)
            liberties++;
        else if (there != GO_BORDER)
            cells[cells[around[i]].chain].liberties--;
    }
    cells[p] = (struct go_cell){
        .chain = (uint16_t)p, .next = (uint16_t)p, .liberties = (uint16_t)liberties, .colour = (uint8_t)colour};
    if (hashing)
        go->base.stones_hash ^= go_stone_keys[colour - 1][p];
    if (empties) {
        uint16_t end = empties->list[--empties->count];
        empties->list[empties->place[p]] = end;
        empties->place[end] = empties->place[p];
    }
    for (int i = 0; i < 4; i++) {
        int there = cells[around[i]].colour;
        if (there == colour) {
            if (cells[around[i]].chain != cells[p].chain)
                go_merge_chains(cells, p, around[i]);
        } else if (there == enemy && cells[cells[around[i]].chain].liberties == 0) {
            captured += go_remove_chain(go, stride, cells[around[i]].chain, hashing, empties);
            last = around[i];
        }
    }
    go->ko = 0;
    if (captured) {
        go->removed = 1;
        go->prisoners[colour - 1] = (uint16_t)(go->prisoners[colour - 1] + captured);
        if (captured == 1 && cells[p].next == p && cells[p].liberties == 1)
            go->ko = (uint16_t)last;
    } else if (cells[cells[p].chain].liberties == 0) {
        int lost = go_remove_chain(go, stride, cells[p].chain, hashing, empties);
        go->removed = 1;
        go->prisoners[enemy - 1] = (uint16_t)(go->prisoners[enemy - 1] + lost);
    }
}

#endif

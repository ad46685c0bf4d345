/* The Go board itself, for games/go*.c alone.
 *
 *   cells   a board with a rim: row 0 and the last row are rim, and one rim column serves both sides, so that the
 *           neighbours of a cell are at -1, +1, -stride, +stride, and its diagonals at -stride-1 ... +stride+1
 *   chain   the stones of a chain are a ring through `next`; all carry the number of its root cell, and the root
 *           carries the pseudo-liberties: the pairs (stone, empty neighbour), which two additions keep up to date.
 *           A chain has no liberty just when it has no pseudo-liberty, and is in atari at a point p just when all its
 *           pseudo-liberties are p's. Exact liberties are counted where they are asked for.
 *
 * Unused fields are zero, so that two boards reached in the same way are the same bytes. */
#ifndef TENGEN_GAMES_GO_BOARD_H
#define TENGEN_GAMES_GO_BOARD_H

#include "games/go/go.h"

enum {
    GO_MIN_SIZE = 2,
    GO_MAX_SIZE = 19,
    GO_MAX_POINTS = GO_MAX_SIZE * GO_MAX_SIZE,
    GO_MAX_CELLS = (GO_MAX_SIZE + 2) * (GO_MAX_SIZE + 1) + 1,
    GO_RIM = 3, /* the colour of rim cells */
};

/* game->own[] of Go, in this order. */
enum { GO_OWN_SUICIDE, GO_OWN_KO, GO_OWN_SCORING, GO_OWN_BONUS, GO_OWN_PASSES, GO_OWN_WHITE_LAST, GO_OWN_PASS_STONES };
/* game->option[] of Go. */
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
};

struct go_cell {
    uint16_t chain;     /* root cell; 0 where there is no stone */
    uint16_t next;      /* next stone of the chain's ring */
    uint16_t liberties; /* pseudo-liberties, at the root */
    uint8_t colour;     /* enum game_colour or GO_RIM */
    uint8_t unused;
};

struct go_position {
    struct position base;
    uint16_t ko;           /* cell that may not be retaken now, 0: none */
    uint16_t prisoners[2]; /* taken by black, by white */
    uint8_t passes;        /* in a row, just now */
    uint8_t handicap;      /* black stones placed before the first move */
    uint8_t removed;       /* a stone was taken off in this game: only then can a board come back */
    uint8_t padding[7];
    struct go_cell cells[]; /* game's tables: `cells` of them */
};
_Static_assert(offsetof(struct go_position, cells) == sizeof(struct go_position), "cells are aligned to 8 bytes");

/* One for each size, shared by all games of it. */
struct go_tables {
    int size, stride, cells, points;
    uint16_t cell[GO_MAX_POINTS]; /* of a point */
    uint16_t point[GO_MAX_CELLS]; /* of a cell; rim: GAME_NO_MOVE */
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

/* Pseudo-liberties that chain `root` has at cell p: how many of p's neighbours are its stones. */
static inline int go_touches(const struct go_cell *cells, int p, int stride, int root)
{
    return (cells[p - 1].chain == root) + (cells[p + 1].chain == root) + (cells[p - stride].chain == root) +
           (cells[p + stride].chain == root);
}

/* Whether a stone on empty cell p would have a liberty: an empty neighbour, an enemy chain in atari there, or an own
 * chain that is not. */
static inline bool go_has_air(const struct go_cell *cells, int p, int stride, int colour)
{
    const int around[4] = {p - 1, p + 1, p - stride, p + stride};
    for (int i = 0; i < 4; i++)
        if (cells[around[i]].colour == GAME_EMPTY)
            return true;
    for (int i = 0; i < 4; i++) {
        const struct go_cell *cell = &cells[around[i]];
        if (cell->colour == GO_RIM)
            continue;
        bool atari = cells[cell->chain].liberties == go_touches(cells, p, stride, cell->chain);
        if (atari == (cell->colour != colour))
            return true;
    }
    return false;
}

/* Whether empty cell p is a real one-point eye of colour as far as its nine cells show: every neighbour is the colour's
 * own, and of the diagonals the enemy holds at most one, none at the edge. */
static inline bool go_is_eye(const struct go_cell *cells, int p, int stride, int colour)
{
    const int around[4] = {p - 1, p + 1, p - stride, p + stride};
    const int corners[4] = {p - stride - 1, p - stride + 1, p + stride - 1, p + stride + 1};
    int rim = 0, enemies = 0;
    for (int i = 0; i < 4; i++)
        if (cells[around[i]].colour != colour && cells[around[i]].colour != GO_RIM)
            return false;
    for (int i = 0; i < 4; i++) {
        rim |= cells[corners[i]].colour == GO_RIM;
        enemies += cells[corners[i]].colour == game_other(colour);
    }
    return enemies + rim < 2;
}

/* The empty cells of a board in a random order, for playouts. */
struct go_empties {
    int count;
    uint16_t list[GO_MAX_POINTS];
    uint16_t place[GO_MAX_CELLS]; /* of a cell in list */
};

/* Takes the chain at `root` off the board; returns how many stones it had. The two flags are constants where this is
 * called, so each use gets its own code. */
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
    cells[root].liberties = 0; /* its own stones counted one another above */
    return count;
}

/* Joins the chain of b to the chain of a. The one with fewer liberties, most likely the smaller, is renamed. */
static inline void go_join(struct go_cell *cells, int a, int b)
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
    uint16_t next = cells[keep].next; /* exchanging two links makes one ring of two */
    cells[keep].next = cells[rename].next;
    cells[rename].next = next;
}

/* Puts a stone on empty cell p, takes what it captures, or itself when it has no liberty, and sets the ko cell. */
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
        else if (there != GO_RIM)
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
                go_join(cells, p, around[i]);
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

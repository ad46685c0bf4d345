/* The cells of a robustness measurement: a main game, and the same with one thing changed, or a few.
 *
 *   main   go:9, 4 random opening plies
 *   komi=0.5, rules=japanese, opening=8, "size=7,komi=9"   each the main game with these changes
 *
 * What may be changed: size (WIDTHxHEIGHT for a rectangle), opening (a whole number: random opening plies), and every
 * option of the game. A size keeps the handicap of the main cell. */
#ifndef TENGEN_ENGINE_ROBUST_CELLS_H
#define TENGEN_ENGINE_ROBUST_CELLS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "games/game.h"

enum {
    ROBUST_MAX_CELLS = 100,
    ROBUST_PRESET_CELLS = 30, /* at most so many are chosen by robust_cells_add_preset, with the main one */
    ROBUST_NAME_MAX = 200,
};

struct robust_cell {
    char name[ROBUST_NAME_MAX]; /* its changes as given, without blanks; "main" for the first. Also a folder's name */
    struct game game;
    int openings; /* random opening plies */
};

struct robust_cells {
    int count;
    struct robust_cell cell[ROBUST_MAX_CELLS]; /* the first is the main cell */
};

/* One cell: the main one. openings: at most MATCH_MAX_OPENING. */
void robust_cells_init(struct robust_cells *cells, const struct game *game, int openings);
/* Adds a cell: "komi=0.5" or "size=13,rules=japanese". False with the error set, and nothing added, for a change that
 * the game does not know or allow, and for a cell that is there already. */
bool robust_cells_add(struct robust_cells *cells, const char *changes, GError **error);
/* Adds the cells of a list, separated by semicolons. */
bool robust_cells_add_list(struct robust_cells *cells, const char *list, GError **error);
/* Adds the cells of a YAML file: a list of strings as above or of mappings, such as "size: 13". Errors name the line. */
bool robust_cells_add_file(struct robust_cells *cells, const char *path, GError **error);
/* The same from memory; `name` is used in messages. */
bool robust_cells_add_yaml(struct robust_cells *cells, const char *text, size_t length, const char *name,
                           GError **error);
/* Adds the preset cells, derived from the game's tables: smaller and larger boards, each with a komi as far from the
 * even one as the main cell's; komi near the even one and far from it; each choice of the options that a dialog shows;
 * fewer and more random opening plies; handicap stones. One thing changes in each. */
void robust_cells_add_preset(struct robust_cells *cells);

#endif

/* What the self-contained HTML pages have in common: escaping, data for their scripts, and boards. */
#ifndef TENGEN_ENGINE_PAGE_PAGE_H
#define TENGEN_ENGINE_PAGE_PAGE_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>

struct game;
struct position;

/* Text as the content of an element or attribute; NULL is empty. */
void page_print_escaped(FILE *out, const char *text);
/* "const T=DATA;" and a line end. A name in the data could contain "</script>", so '<' is escaped. */
void page_print_data(FILE *out, const cJSON *data);
/* A step of 1, 2 or 5 times a power of ten that divides the range, which is above 0, into four to ten parts. */
double page_grid_step(double range);

/* Adds what page_board_script needs of a board: "width", "height", "cells", "ground", and the stones of the empty board, "setup". */
void page_add_board(cJSON *to, const struct game *game);
/* The points that differ from `stones` ([points], enum game_colour), which is updated: a list of 3 * point + colour, so that a script
 * needs to know no rules. */
cJSON *page_list_changes(const struct game *game, const struct position *position, uint8_t *stones);
/* Defines boardSvg(S, b, last): a drawing of the board S, as page_add_board describes it, with the colours b of its points, and a mark
 * on the point `last`, unless that is -1. boardWidth(S): its width in pixels. */
extern const char page_board_script[];

#endif

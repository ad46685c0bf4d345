/* A naive implementation of renju's forbidden points, directly from the rules, which enumerates sets of points. Tests
 * compare the fast one with it. */
#ifndef TENGEN_TESTS_GAMES_NAIVE_RENJU_H
#define TENGEN_TESTS_GAMES_NAIVE_RENJU_H

#include "games/gomoku/gomoku.h"

/* board: size * size of "X", "O", "."; the point is empty. */
enum gomoku_forbidden naive_renju_kind(char *board, int size, int x, int y);
/* Whether a black stone on the empty point makes exactly five. */
bool naive_renju_five(char *board, int size, int x, int y);

#endif

/* Gomoku, an m,n,k game on boards of 3 to 20: freestyle, standard, renju, caro; opening rules. */
#ifndef TENGEN_GAMES_GOMOKU_H
#define TENGEN_GAMES_GOMOKU_H

#include "games/game.h"

extern const struct game_ops gomoku_ops;

#endif

/* Go, on boards of 2 to 19: rule sets, suicide, ko rules, handicap, komi, area and territory scoring, Benson. */
#ifndef TENGEN_GAMES_GO_H
#define TENGEN_GAMES_GO_H

#include "games/game.h"

extern const struct game_ops go_ops;

#endif

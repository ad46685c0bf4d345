/* How strong an opponent is asked for: levels from sampling the net's policy up to many visits, and "about even", which
 * follows the player's results. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_STRENGTH_H
#define TENGEN_ENGINE_VIEWER_SESSION_STRENGTH_H

#include <stdbool.h>
#include <stddef.h>

#include "games/game.h"

enum { STRENGTH_LEVELS = 16 };

/* The agent's spec of a level 1..STRENGTH_LEVELS: the net that ships for the game, or search by playouts where none
 * does. Returns buffer. */
char *strength_spec(int level, const struct game *game, char *buffer, size_t size);
/* "Level 7: 32 visits" (translated). Returns buffer. */
char *strength_text(int level, const struct game *game, char *buffer, size_t size);
/* Who analyses the game when nobody is named: "net:default", or playouts. */
const char *strength_analyst(const struct game *game);

/* A player's estimated level, from results against known levels. */
struct strength_estimate {
    double level;    /* 1..STRENGTH_LEVELS */
    double step;     /* how far the next result moves it: halves while results alternate */
    int games, last; /* last: 1 won, -1 lost, 0 none */
};
void strength_begin(struct strength_estimate *estimate);
/* result: 1 the player won, 0 drawn, -1 lost against `level`. */
void strength_update(struct strength_estimate *estimate, int level, int result);
/* The level to offer next. */
int strength_even(const struct strength_estimate *estimate);

#endif

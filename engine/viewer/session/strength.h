/* Playing strength: levels from sampling the network's policy to searches with many visits, and an estimate of the
 * player's level from game results, for opponents of about equal strength. No shared state. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_STRENGTH_H
#define TENGEN_ENGINE_VIEWER_SESSION_STRENGTH_H

#include <stddef.h>

struct game;

enum { STRENGTH_LEVELS = 16 };

/* The agent spec of a level 1..STRENGTH_LEVELS: the game's default network, or a search with random playouts if there
 * is none. Returns buffer. */
char *strength_spec(int level, const struct game *game, char *buffer, size_t size);
/* "Level 7: 32 visits" (translated). Returns buffer. */
char *strength_text(int level, const struct game *game, char *buffer, size_t size);
/* The spec of the default agent for analysis: "net:default", or random playouts if the game has no network. */
const char *strength_analyst(const struct game *game);

/* A player's estimated level, from results against known levels. */
struct strength_estimate {
    double level;    /* 1..STRENGTH_LEVELS */
    double step;     /* change of `level` by the next result; halved when wins and losses alternate */
    int games, last; /* last decisive result: 1 win, -1 loss, 0 none */
};
void strength_begin(struct strength_estimate *estimate);
/* Updates the estimate after a game against `level`. result, for the player: 1 win, 0 draw, -1 loss. */
void strength_update(struct strength_estimate *estimate, int level, int result);
/* The level for the next game. */
int strength_even(const struct strength_estimate *estimate);

#endif

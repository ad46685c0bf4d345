/* Eyes of Go by looking at all nine points. */
#ifndef TENGEN_TESTS_GAMES_GO_SLOW_EYE_H
#define TENGEN_TESTS_GAMES_GO_SLOW_EYE_H

#include "games/game.h"

/* Whether an empty point is a one-point eye of the side to move: all its neighbours are the mover's own, and of its
 * diagonal points the opponent holds at most one, or none at the edge. */
static inline bool slow_eye(const struct game *game, const struct position *position, int point)
{
    int size = game->width, x = point % size, y = point / size, enemies = 0, outside = 0;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            bool on = x + dx >= 0 && x + dx < size && y + dy >= 0 && y + dy < size;
            int there = on ? (int)game->ops->stone(game, position, point + dy * size + dx) : -1;
            if ((dx == 0) != (dy == 0) && on && there != position->colour)
                return false;
            if (dx && dy) {
                outside |= !on;
                enemies += there == game_other(position->colour);
            }
        }
    return enemies + outside < 2;
}

#endif

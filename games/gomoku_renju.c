/* Renju's forbidden moves. */
#include "games/gomoku_board.h"

enum gomoku_forbidden gomoku_forbidden_kind(const struct game *game, const struct position *position, int point)
{
    (void)game, (void)position, (void)point;
    return GOMOKU_ALLOWED;
}

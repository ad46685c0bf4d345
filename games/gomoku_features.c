/* What a network sees of Gomoku: "gomoku-v1". */
#include "games/gomoku_board.h"

enum {
    PLANE_ONES,
    PLANE_OWN,
    PLANE_OTHER,
    PLANE_LEGAL,
    PLANE_LAST,
    PLANES = PLANE_LAST + 4,
};
enum { GLOBALS = 1 };

static void encode(const struct game *game, const struct position *position, const struct history *history,
                   float *planes, float *globals)
{
    int points = game->points, own = position->player == position->black_player ? GAME_BLACK : GAME_WHITE;
    memset(planes, 0, sizeof *planes * PLANES * (size_t)points);
    game_move legal[GAME_MAX_MOVES];
    int n = game->ops->legal_moves(game, position, history, legal);
    for (int p = 0; p < points; p++) {
        int stone = game->ops->stone(game, position, p);
        planes[PLANE_ONES * points + p] = 1;
        if (stone)
            planes[(stone == own ? PLANE_OWN : PLANE_OTHER) * points + p] = 1;
    }
    for (int i = 0; i < n && legal[i] < points; i++)
        planes[PLANE_LEGAL * points + legal[i]] = 1;
    for (int i = 0; i < 4; i++)
        if (position->recent[i] < points)
            planes[(PLANE_LAST + i) * points + position->recent[i]] = 1;
    globals[0] = own == GAME_BLACK;
}

const struct game_features gomoku_features_v1 = {"gomoku-v1", PLANES, GLOBALS, encode};

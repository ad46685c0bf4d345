/* Moves that need no search: with a winning line one stone away every other move is worse, and when the opponent has
 * one, only what stops it can matter. */
#include "games/gomoku/board.h"

/* Marks the points on which `colour` completes a winning line. In caro with `around`, also every empty point within a
 * line's length of them along the line: a stone at an end of the line may stop it as well as one on the point. */
static bool mark_fives(const struct game *game, const struct position *position, int colour, bool around, uint8_t *mark)
{
    struct gomoku_threats threats;
    gomoku_find_threats(game, position, colour, &threats);
    int reach = around ? game->option[GOMOKU_OPTION_LINE] : 0;
    bool any = false;
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++)
        for (int line = 0; line < gomoku_line_count(game->width, d); line++)
            for (uint32_t bits = threats.five[d][line]; bits; bits &= bits - 1) {
                uint32_t on_board = gomoku_line_mask(game->width, d, line);
                int centre = __builtin_ctz(bits);
                any = true;
                for (int b = centre > reach ? centre - reach : 0; b <= centre + reach; b++)
                    if (on_board >> b & 1)
                        mark[gomoku_line_point(game->width, d, line, b)] = 1;
            }
    return any;
}

void gomoku_forced(const struct game *game, const struct position *position, uint8_t *keep)
{
    uint8_t mark[GAME_MAX_POINTS] = {0};
    int rules = game->option[GOMOKU_OPTION_RULES];
    if (game_over(position) || position->phase != GOMOKU_PLAY)
        return;
    if (!mark_fives(game, position, position->colour, false, mark) &&
        !mark_fives(game, position, game_other(position->colour), rules == GOMOKU_CARO || rules == GOMOKU_CARO_EXACT,
                    mark))
        return;
    bool left = false; /* renju may forbid black every point that would help: then all are kept */
    for (int p = 0; p < game->points && !left; p++)
        left = mark[p] && keep[p] && game->ops->legal(game, position, NULL, (game_move)p);
    if (!left)
        return;
    for (int p = 0; p < game->points; p++)
        keep[p] &= mark[p];
}

/* Forced moves: if one stone completes a winning line, no other move is better; if the opponent threatens to complete
 * one, only moves that stop it matter. */
#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/gomoku.h"

/* Marks the points on which `colour` completes a winning line; returns whether there are any. With `around` (for caro),
 * also marks every point on the same line within the winning length of them: in caro a line with enemy stones at both
 * ends does not win, so a stone at an end may stop it, too. */
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
    bool left = false; /* in renju all these points may be forbidden to black; then nothing is pruned */
    for (int p = 0; p < game->points && !left; p++)
        left = mark[p] && keep[p] && game->ops->legal(game, position, NULL, (game_move)p);
    if (!left)
        return;
    for (int p = 0; p < game->points; p++)
        keep[p] &= mark[p];
}

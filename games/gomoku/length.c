/* How long a Gomoku game still lasts. Measured, because the size of the board says little about it. */
#include <stddef.h>

#include "games/game.h"
#include "games/gomoku/board.h"

enum { STEP = 20, STEPS = 6 };

/* Mean number of plies left in the games that reach ply 0, 20, 40 and so on. Most games are won early, and the others
 * tend towards a full board, so what is left of a game does not shrink as it goes on. 15x15, from the journal (match.db)
 * of 88 games of
 *   tengen match --game gomoku:15 --agent a=net:default --agent b=net:default --openings even --visits 300 --out DIR
 * and confirmed by 386 games of gomoku_clock.sh (43, 24, 27, 30, 42). 9x9 and 12x12: 1,509 games of self-play each (the
 * column `plies` of run.db). 20x20, not measured well enough: as on 15x15, and longer where the larger board leaves room
 * for more. 56 games of the command above ended sooner (38, 18, 19), but planning for too many moves is the safer error. */
static const struct {
    int size, left[STEPS];
} lengths[] = {
    {9, {66, 48, 41, 41, 41, 41}},
    {12, {54, 38, 58, 68, 60, 42}},
    {15, {47, 27, 29, 30, 42, 48}},
    {20, {47, 28, 30, 40, 60, 80}},
};

/* Interpolates between the measured plies. */
static int left_at(const int *left, int ply)
{
    int step = ply / STEP;
    if (step >= STEPS - 1)
        return left[STEPS - 1];
    return left[step] + (left[step + 1] - left[step]) * (ply % STEP) / STEP;
}

int gomoku_plies_left(const struct game *game, const struct position *position)
{
    size_t row = 0;
    if (game->option[GOMOKU_OPTION_LINE] != 5)
        return 0;
    while (row + 1 < G_N_ELEMENTS(lengths) && lengths[row].size < game->width)
        row++;
    int left = left_at(lengths[row].left, position->ply);
    if (row > 0 && lengths[row].size > game->width) {
        int low = lengths[row - 1].size, span = lengths[row].size - low;
        left -= (left - left_at(lengths[row - 1].left, position->ply)) * (lengths[row].size - game->width) / span;
    }
    return MAX(MIN(left, gomoku_board(position)->empties), 1);
}

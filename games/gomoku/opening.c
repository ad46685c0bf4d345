/* Gomoku's opening rules: legal points and decisions in each phase, and the transitions between phases. */
#include <stdlib.h>

#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/gomoku.h"

int gomoku_opening_first_phase(const struct game *game)
{
    static const uint8_t first[] = {[GOMOKU_FREE] = GOMOKU_PLAY,
                                    [GOMOKU_PRO] = GOMOKU_CENTRE,
                                    [GOMOKU_LONGPRO] = GOMOKU_CENTRE,
                                    [GOMOKU_SWAP] = GOMOKU_FIRST_THREE,
                                    [GOMOKU_SWAP2] = GOMOKU_FIRST_THREE};
    return first[game->option[GOMOKU_OPTION_OPENING]];
}

bool gomoku_opening_point(const struct game *game, const struct position *position, int x, int y)
{
    int dx = abs(x - game->width / 2), dy = abs(y - game->width / 2);
    int distance = dx > dy ? dx : dy;
    switch (position->phase) {
    case GOMOKU_CENTRE:
        return distance == 0;
    case GOMOKU_FAR:
        return distance > (game->option[GOMOKU_OPTION_OPENING] == GOMOKU_LONGPRO ? 3 : 2);
    case GOMOKU_CHOOSE:
    case GOMOKU_CHOOSE_AGAIN:
        return false;
    default:
        return true;
    }
}

bool gomoku_opening_decision(const struct game *game, const struct position *position, game_move move)
{
    if (move == gomoku_place_two(game))
        return position->phase == GOMOKU_CHOOSE && game->option[GOMOKU_OPTION_OPENING] == GOMOKU_SWAP2;
    return position->phase == GOMOKU_CHOOSE || position->phase == GOMOKU_CHOOSE_AGAIN;
}

void gomoku_opening_after_stone(const struct game *game, struct position *position)
{
    (void)game;
    position->colour = (uint8_t)game_other(position->colour);
    switch (position->phase) {
    case GOMOKU_FIRST_THREE:
        if (position->ply == 3) {
            position->phase = GOMOKU_CHOOSE;
            position->player = 1;
        }
        return;
    case GOMOKU_TWO_MORE:
        if (position->colour == GAME_WHITE) { /* both stones are on the board */
            position->phase = GOMOKU_CHOOSE_AGAIN;
            position->player = 0;
        }
        return;
    case GOMOKU_CENTRE:
        position->phase = GOMOKU_SECOND;
        break;
    case GOMOKU_SECOND:
        position->phase = GOMOKU_FAR;
        break;
    default:
        position->phase = GOMOKU_PLAY;
        break;
    }
    position->player ^= 1;
}

void gomoku_opening_after_decision(const struct game *game, struct position *position, game_move move)
{
    if (move == gomoku_place_two(game)) {
        position->phase = GOMOKU_TWO_MORE;
        return;
    }
    if (move == gomoku_swap(game))
        position->black_player ^= 1;
    position->phase = GOMOKU_PLAY;
    position->player = position->colour == GAME_BLACK ? position->black_player : position->black_player ^ 1;
}

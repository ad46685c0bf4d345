/* Random games: uniform over the legal points, no tactics, on a copy of the lines and a list of the empty points. */
#include "games/gomoku_board.h"

int gomoku_playout(const struct game *game, struct position *position, struct rng *rng, struct game_result *result)
{
    game_move moves[GAME_MAX_MOVES];
    int played = 0;
    while (!game_over(position)) {
        int n = game->ops->legal_moves(game, position, NULL, moves);
        game->ops->play(game, position, NULL, moves[rng_below(rng, (uint32_t)n)]);
        played++;
    }
    game->ops->result(game, position, result);
    return played;
}

/* Uniformly random playouts, for the rollout evaluator and for benchmarks. */
#include "games/game.h"
#include "games/go/board.h"
#include "games/go/ops.h"

int go_playout(const struct game *game, struct position *position, struct rng *rng, struct game_result *result)
{
    struct go_position *go = (struct go_position *)position;
    const struct go_tables *t = go_tables(game);
    const int stride = t->stride, max_moves = 3 * t->points;
    struct go_empties empties;
    int moves = 0, passes = go->passes, colour = position->colour, paid[2] = {0};
    go_list_empties(go, t, &empties);
    while (position->outcome == GAME_ONGOING && passes < 2 && moves < max_moves) {
        int p = go_draw_cell(go, stride, colour, rng, &empties, NULL);
        if (p) {
            go_place(go, stride, p, colour, false, &empties);
            passes = 0;
        } else {
            go->ko = 0;
            passes++;
            paid[2 - colour]++;
        }
        colour = game_other(colour);
        moves++;
    }
    /* The board has been played to the end, so moves must be paid for as in the cleanup phase. */
    for (int side = 0; side < 2 && game->derived[GO_DERIVED_CLEANUP]; side++)
        go->prisoners[side] = (uint16_t)(go->prisoners[side] + paid[side]);
    go_result(game, position, result);
    result->over = true;
    return moves;
}

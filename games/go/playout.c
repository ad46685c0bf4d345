/* Uniformly random playouts, for the rollout evaluator and for benchmarks. */
#include "games/game.h"
#include "games/go/board.h"
#include "games/go/ops.h"

static void collect_empties(const struct go_position *go, const struct go_tables *t, struct go_empties *empties)
{
    empties->count = 0;
    for (int i = 0; i < t->points; i++)
        if (go->cells[t->cell[i]].colour == GAME_EMPTY) {
            empties->place[t->cell[i]] = (uint16_t)empties->count;
            empties->list[empties->count++] = t->cell[i];
        }
}

/* A uniformly random cell where a move is legal, no suicide, and fills no own one-point eye; 0 if there is none. A cell
 * that is rejected is swapped behind the remaining candidates, so each draw is uniform over the rest. */
static inline int draw_cell(const struct go_position *go, int stride, int colour, struct rng *rng,
                            struct go_empties *empties)
{
    int left = empties->count;
    while (left) {
        int i = (int)rng_below(rng, (uint32_t)left);
        uint16_t p = empties->list[i];
        if (p != go->ko && go_would_have_liberty(go->cells, p, stride, colour) &&
            !go_is_eye(go->cells, p, stride, colour))
            return p;
        uint16_t end = empties->list[--left];
        empties->list[i] = end;
        empties->place[end] = (uint16_t)i;
        empties->list[left] = p;
        empties->place[p] = (uint16_t)left;
    }
    return 0;
}

int go_playout(const struct game *game, struct position *position, struct rng *rng, struct game_result *result)
{
    struct go_position *go = (struct go_position *)position;
    const struct go_tables *t = go_tables(game);
    const int stride = t->stride, max_moves = 3 * t->points;
    struct go_empties empties;
    int moves = 0, passes = go->passes, colour = position->colour, paid[2] = {0};
    collect_empties(go, t, &empties);
    while (position->outcome == GAME_ONGOING && passes < 2 && moves < max_moves) {
        int p = draw_cell(go, stride, colour, rng, &empties);
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

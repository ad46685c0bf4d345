/* What all games share: symmetries, results by player, play with a history. */
#include <stdlib.h>

#include "tests/games/common.h"

/* ---- symmetry ---- */

Test(symmetry, each_is_a_bijection)
{
    for (int shape = 0; shape < GAME_MAX_SIZE * GAME_MAX_SIZE; shape++) {
        int width = shape % GAME_MAX_SIZE + 1, height = shape / GAME_MAX_SIZE + 1, points = width * height;
        const uint16_t(*turned)[GAME_MAX_POINTS] = game_symmetry_tables(width, height);
        for (int s = 0; s < (width == height ? 8 : 4); s++) {
            bool hit[GAME_MAX_POINTS] = {false};
            for (int p = 0; p < points; p++) {
                int to = turned[s][p];
                cr_assert(to < points && !hit[to]);
                hit[to] = true;
            }
        }
        cr_assert_eq(game_symmetry_tables(width, height), turned, "computed twice");
    }
}

Test(symmetry, they_are_the_eight_of_the_square)
{
    /* On 3x3, where the points 1 (top middle) and 0 (top left) go tells the eight apart. */
    static const int corner_and_side[8][2] = {{0, 1}, {2, 1}, {6, 7}, {8, 7}, {0, 3}, {6, 3}, {2, 5}, {8, 5}};
    struct game game = parse("go:3");
    cr_assert_eq(game.symmetries, 8);
    for (int s = 0; s < 8; s++) {
        cr_expect_eq(game_symmetry_point(&game, s, 0), corner_and_side[s][0], "symmetry %d: corner", s);
        cr_expect_eq(game_symmetry_point(&game, s, 1), corner_and_side[s][1], "symmetry %d: side", s);
        cr_expect_eq(game_symmetry_point(&game, s, 4), 4);
    }
    game = parse("go:9");
    cr_expect_eq(game_symmetry_move(&game, 1, 81), 81, "a pass has no place to go");
    cr_expect_eq(game_symmetry_move(&game, 1, 0), 8);
}

/* ---- results ---- */

Test(result, signs_are_by_player)
{
    struct game_result won0 = {.outcome = GAME_WON_0}, won1 = {.outcome = GAME_WON_1}, drawn = {.outcome = GAME_DRAWN};
    cr_expect(game_result_sign(&won0, 0) == 1 && game_result_sign(&won0, 1) == -1);
    cr_expect(game_result_sign(&won1, 0) == -1 && game_result_sign(&won1, 1) == 1);
    cr_expect(game_result_sign(&drawn, 0) == 0 && game_result_sign(&drawn, 1) == 0);
}

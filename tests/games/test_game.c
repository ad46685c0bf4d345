/* Code shared by all games: symmetries, play with a history, feature sets by name, results by player. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "tests/games/common.h"

/* ---- symmetry ---- */

/* Bit 0 mirrors x, bit 1 mirrors y, bit 2 then exchanges them; on every shape. */
Test(symmetry, the_bits_of_a_symmetry)
{
    for (int shape = 0; shape < GAME_MAX_SIZE * GAME_MAX_SIZE; shape++) {
        int width = shape % GAME_MAX_SIZE + 1, height = shape / GAME_MAX_SIZE + 1, points = width * height;
        const uint16_t(*turned)[GAME_MAX_POINTS] = game_symmetry_tables(width, height);
        for (int s = 0; s < (width == height ? 8 : 4); s++) {
            bool hit[GAME_MAX_POINTS] = {false};
            for (int p = 0; p < points; p++) {
                int x = s & 1 ? width - 1 - p % width : p % width, y = s & 2 ? height - 1 - p / width : p / width;
                int to = turned[s][p];
                cr_assert_eq(to, s & 4 ? x * height + y : y * width + x, "%dx%d, symmetry %d", width, height, s);
                cr_assert(to < points && !hit[to]);
                hit[to] = true;
            }
        }
        cr_assert_eq(game_symmetry_tables(width, height), turned, "computed twice");
    }
}

Test(symmetry, all_eight_differ)
{
    /* On 3x3 the images of the points 1 (top middle) and 0 (top left) tell the eight apart. */
    static const int corner_and_side[8][2] = {{0, 1}, {2, 1}, {6, 7}, {8, 7}, {0, 3}, {6, 3}, {2, 5}, {8, 5}};
    struct game game = parse("go:3");
    cr_assert_eq(game.symmetries, 8);
    for (int s = 0; s < 8; s++) {
        cr_expect_eq(game_symmetry_point(&game, s, 0), corner_and_side[s][0], "symmetry %d: corner", s);
        cr_expect_eq(game_symmetry_point(&game, s, 1), corner_and_side[s][1], "symmetry %d: side", s);
        cr_expect_eq(game_symmetry_point(&game, s, 4), 4);
    }
    game = parse("go:9");
    cr_expect_eq(game_symmetry_move(&game, 1, 80), 72);
    cr_expect_eq(game_symmetry_move(&game, 1, 81), 81, "a pass maps to itself");
    cr_expect_eq(game_symmetry_move(&game, 1, 0), 8);
}

/* An empty initial board has every symmetry; a handicap or the discs of Reversi leave only some. */
Test(symmetry, starts)
{
    static const struct {
        const char *spec, *kept; /* the symmetries, as digits */
    } cases[] = {
        {"go:9", "01234567"},        {"go:9,handicap=2", "0347"},
        {"go:9,handicap=3", "04"},   {"go:9,handicap=4", "01234567"},
        {"reversi:8", "0347"},       {"connect4:7x6", "0123"},
        {"go:9,handicap=6", "0123"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game = parse(cases[i].spec);
        for (int s = 0; s < (game.width == game.height ? 8 : 4); s++)
            cr_expect_eq(game_symmetry_keeps_start(&game, s), strchr(cases[i].kept, '0' + s) != NULL, "%s, symmetry %d",
                         cases[i].spec, s);
    }
}

/* ---- play ---- */

/* The history records the position from which each move was made. */
Test(game, playing_extends_the_history)
{
    struct game game = parse("go:5");
    union any_position at, before;
    struct history history;
    history_init(&history, 0);
    game_init(&game, &at.p);
    play(&game, &at, &history, "C3 B2");
    game_copy(&game, &before.p, &at.p);
    cr_assert(!game_try(&game, &at.p, &history, 12) && !game_try(&game, &at.p, &history, game.moves));
    cr_assert(history.count == 2 && memcmp(&at, &before, game.position_bytes) == 0);
    cr_assert(game_try(&game, &at.p, &history, game.pass));
    cr_assert(history.count == 3 && history.entries[2].stones_hash == before.p.stones_hash);
    cr_assert(history.entries[0].colour == GAME_BLACK && history.entries[1].colour == GAME_WHITE);
    cr_assert(game_try(&game, &at.p, NULL, 0) && history.count == 3);
    history_clear(&history);
}

/* Uniformly random legal moves to the end: tic-tac-toe's exact odds, and the number of moves played. */
Test(game, uniform_playouts)
{
    enum { N = 20000 };
    struct game game = parse("gomoku:3,line=3");
    struct rng rng;
    int won[3] = {0};
    rng_seed(&rng, 3);
    for (int i = 0; i < N; i++) {
        union any_position at;
        struct game_result result;
        game_init(&game, &at.p);
        int played = game_playout_uniform(&game, &at.p, &rng, &result);
        cr_assert(played == at.p.ply && game_over(&at.p) && result.over && result.outcome == at.p.outcome);
        won[game_result_sign(&result, 0) + 1]++;
    }
    cr_expect_float_eq((double)won[2] / N, 737.0 / 1260, 0.017);
    cr_expect_float_eq((double)won[0] / N, 121.0 / 420, 0.017);
}

/* ---- tables ---- */

Test(game, feature_sets_by_name)
{
    static const char *const names[][2] = {
        {"go:9", "go-v1"}, {"gomoku:9", "gomoku-v1"}, {"reversi:8", "reversi-v1"}, {"connect4:7x6", "connect4-v1"}};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        struct game game = parse(names[i][0]);
        const struct game_features *found = game_features_find(&game, names[i][1]);
        cr_expect(found && strcmp(found->name, names[i][1]) == 0);
        cr_expect_eq(game_features_newest(&game), game.ops->features[0]);
        cr_expect_null(game_features_find(&game, names[(i + 1) % 4][1]));
        cr_expect_null(game_features_find(&game, ""));
    }
}

/* ---- results ---- */

Test(result, signs_are_by_player)
{
    struct game_result won0 = {.outcome = GAME_WON_0}, won1 = {.outcome = GAME_WON_1}, drawn = {.outcome = GAME_DRAWN};
    cr_expect(game_result_sign(&won0, 0) == 1 && game_result_sign(&won0, 1) == -1);
    cr_expect(game_result_sign(&won1, 0) == -1 && game_result_sign(&won1, 1) == 1);
    cr_expect(game_result_sign(&drawn, 0) == 0 && game_result_sign(&drawn, 1) == 0);
}

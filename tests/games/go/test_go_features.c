/* The features "go-v1": positions encoded by hand. */
#include <math.h>

#include "games/go/go.h"
#include "tests/games/common.h"

static float plane_sum(const float *planes, int plane, int points)
{
    float sum = 0.0f;
    for (int p = 0; p < points; p++)
        sum += planes[plane * points + p];
    return sum;
}

/* How far the game has come: its plies over twice the points, and how near the length cap is, in boards. */
Test(go_features, features_near_the_end)
{
    enum { PROGRESS = 10, NEAR_CAP = 11 };
    struct game game = parse("go:5,cap=40");
    const struct game_features *features = game_features_newest(&game);
    union any_position position;
    float planes[GAME_MAX_PLANES * 25], globals[GAME_MAX_GLOBALS];
    static const float wanted[][3] = {{0, 0, 0}, {10, 0.2f, 0}, {15, 0.3f, 0}, {20, 0.4f, 0.2f}, {30, 0.6f, 0.6f}};
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        game_init(&game, &position.p);
        position.p.ply = (uint16_t)wanted[i][0];
        game_encode(&game, features, &position.p, NULL, 0, planes, globals);
        cr_expect_float_eq(globals[PROGRESS], wanted[i][1], 1e-6, "ply %d: %g", position.p.ply, globals[PROGRESS]);
        cr_expect_float_eq(globals[NEAR_CAP], wanted[i][2], 1e-6, "ply %d: %g", position.p.ply, globals[NEAR_CAP]);
    }
}

Test(go_features, features_by_hand)
{
    struct game game = parse("go:5,ko=simple,suicide=no,komi=7");
    const struct game_features *features = game_features_newest(&game);
    union any_position position;
    struct history history;
    float planes[GAME_MAX_PLANES * 25], globals[GAME_MAX_GLOBALS];
    history_init(&history, 0);
    draw(&game, &position, ". . . . .\n. X O . .\nX O . O .\n. X O . .\n. . . . .", GAME_BLACK);
    game_play(&game, &position.p, &history, at(&game, "C3")); /* takes B3; white to move, ko at B3 */
    cr_assert_str_eq(features->name, "go-v1");
    game_encode(&game, features, &position.p, &history, 0, planes, globals);
    /* White has C4, C2, D3; black B4, A3, B2, C3. White: C4 has C5, D4; C2 likewise C1, D2; D3 has D4, E3, D2. */
    cr_expect(plane_sum(planes, 0, 25) == 3.0f && plane_sum(planes, 1, 25) == 4.0f);
    cr_expect(plane_sum(planes, 2, 25) == 0.0f && plane_sum(planes, 3, 25) == 2.0f && plane_sum(planes, 4, 25) == 1.0f);
    /* Black: C3 one liberty (B3); B4 three (A4, B5, B3), B2 three, A3 three. */
    cr_expect(plane_sum(planes, 5, 25) == 1.0f && planes[5 * 25 + at(&game, "C3")] == 1.0f);
    cr_expect(plane_sum(planes, 6, 25) == 0.0f && plane_sum(planes, 7, 25) == 3.0f);
    /* 18 empty points, of which B3 is the ko. */
    cr_expect(plane_sum(planes, 8, 25) == 17.0f && plane_sum(planes, 9, 25) == 1.0f);
    cr_expect(planes[9 * 25 + at(&game, "B3")] == 1.0f);
    /* Where white's stone would have one liberty: nowhere; two: the other corners; A1, A5, E1, E5; and A4, A2, B5, B1,
     * each beside one black stone at the edge: A4 has A5 (B4, A3 black), so one. */
    cr_expect(planes[10 * 25 + at(&game, "A4")] == 1.0f && planes[10 * 25 + at(&game, "A2")] == 1.0f);
    cr_expect(plane_sum(planes, 10, 25) == 2.0f);
    cr_expect(planes[11 * 25 + at(&game, "A1")] == 1.0f && planes[11 * 25 + at(&game, "B5")] == 1.0f);
    cr_expect(planes[12 * 25 + at(&game, "C3")] == 1.0f && plane_sum(planes, 12, 25) == 1.0f);
    for (int i = 13; i < 19; i++) /* older moves; nothing is pass-alive */
        cr_expect(plane_sum(planes, i, 25) == 0.0f);
    cr_expect(plane_sum(planes, 19, 25) == 25.0f && features->planes == 20);
    cr_expect(fabsf(globals[0] - 7.0f / 15.0f) < 1e-6f); /* white moves: komi is for it */
    cr_expect(globals[1] == 0.0f);                       /* 25 points and komi 7: a draw can be */
    cr_expect(globals[2] == 0.0f && globals[3] == 1.0f && globals[4] == 0.0f && globals[5] == 0.0f);
    cr_expect(globals[7] == 0.0f && globals[8] == 0.0f && globals[9] == 1.0f && globals[13] == 1.0f);
    history_clear(&history);
}

Test(go_features, features_see_captures_in_the_liberties_after)
{
    struct game game = parse("go:5,suicide=no");
    const struct game_features *features = game_features_newest(&game);
    union any_position position;
    float planes[GAME_MAX_PLANES * 25], globals[GAME_MAX_GLOBALS];
    /* Black A1 takes A2 and B1: the stone then has two liberties. */
    draw(&game, &position, ". . . . .\n. . . . .\nX . . . .\nO X . . .\n. O X . .", GAME_BLACK);
    game_encode(&game, features, &position.p, NULL, 0, planes, globals);
    cr_expect(planes[11 * 25 + at(&game, "A1")] == 1.0f && planes[10 * 25 + at(&game, "A1")] == 0.0f);
    /* The same for white: A1 would be suicide, so it is not legal. */
    draw(&game, &position, ". . . . .\n. . . . .\nX . . . .\nO X . . .\n. O X . .", GAME_WHITE);
    game_encode(&game, features, &position.p, NULL, 0, planes, globals);
    cr_expect(planes[9 * 25 + at(&game, "A1")] == 1.0f && planes[8 * 25 + at(&game, "A1")] == 0.0f);
}

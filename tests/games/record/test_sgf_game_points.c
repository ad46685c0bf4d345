/* Points of records: letters, numbers from the bottom, passes, lists and rectangles. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/record/sgf.h"
#include "tests/games/record/sgf_common.h"

Test(sgf_game, points_in_letters)
{
    static const char *const specs[] = {"go:9", "gomoku:20", "connect4:7x6"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = game_of(specs[i]);
        for (int p = 0; p < game.points; p++) {
            char text[3], wanted[3] = {(char)('a' + p % game.width), (char)('a' + p / game.width), 0};
            cr_assert_str_eq(sgf_point(&game, p, text), wanted);
            cr_assert_eq(sgf_parse_point(&game, wanted), p);
        }
    }
}

Test(sgf_game, points_that_are_none)
{
    struct game go = game_of("go:9"), large = game_of("go:19"), gomoku = game_of("gomoku:20"),
                wide = game_of("connect4:7x6");
    static const char *const bad[] = {"a", "ja", "aj", "AA", "aA", "aaa", "a1", "1a", "`a", "{a", "a{", "a "};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        cr_expect_eq(sgf_parse_point(&go, bad[i]), GAME_NO_MOVE, "%s", bad[i]);
    cr_expect(sgf_parse_point(&go, "") == 81 && sgf_parse_point(&go, "tt") == 81 &&
              sgf_parse_point(&large, "tt") == 361);
    cr_expect(sgf_parse_point(&gomoku, "tt") == 399 && sgf_parse_point(&gomoku, "") == GAME_NO_MOVE);
    cr_expect(sgf_parse_point(&gomoku, "a20") == 0 && sgf_parse_point(&gomoku, "t1") == 399);
    cr_expect(sgf_parse_point(&gomoku, "a21") == GAME_NO_MOVE && sgf_parse_point(&gomoku, "a0") == GAME_NO_MOVE);
    cr_expect(sgf_parse_point(&gomoku, "u1") == GAME_NO_MOVE && sgf_parse_point(&gomoku, "a1x") == GAME_NO_MOVE);
    cr_expect(sgf_parse_point(&gomoku, "a-1") == GAME_NO_MOVE && sgf_parse_point(&gomoku, "a") == GAME_NO_MOVE);
    cr_expect(sgf_parse_point(&wide, "gf") == 41 && sgf_parse_point(&wide, "g1") == 41 &&
              sgf_parse_point(&wide, "a6") == 0);
    cr_expect(sgf_parse_point(&wide, "gg") == GAME_NO_MOVE && sgf_parse_point(&wide, "ha") == GAME_NO_MOVE);
    cr_expect(sgf_parse_point(&wide, "a7") == GAME_NO_MOVE && sgf_parse_point(&wide, "tt") == GAME_NO_MOVE);
}

/* A rectangle may be given by either pair of corners. */
Test(sgf_game, point_lists)
{
    static const struct {
        const char *list, *wanted; /* points of 5x5 */
    } cases[] = {
        {"AB[bb:dc]", "..... .xxx. .xxx. ..... ....."}, {"AB[dc:bb]", "..... .xxx. .xxx. ..... ....."},
        {"AB[bc:db]", "..... .xxx. .xxx. ..... ....."}, {"AB[db:bc]", "..... .xxx. .xxx. ..... ....."},
        {"AB[aa:aa]", "x.... ..... ..... ..... ....."}, {"AB[ae:ee]", "..... ..... ..... ..... xxxxx"},
        {"AB[ea:ee]", "....x ....x ....x ....x ....x"}, {"AB[aa][]AW[bb]AB[ee]", "x.... ..... ..... ..... ....x"},
        {"AW[aa]", "..... ..... ..... ..... ....."},
    };
    struct game game = game_of("go:5");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *text = g_strdup_printf("(;%s)", cases[i].list);
        struct sgf *sgf = parse_sgf(text);
        uint8_t marks[GAME_MAX_POINTS] = {0};
        cr_assert(sgf_points(sgf_root(sgf), "AB", &game, marks, NULL), "%s", text);
        for (int p = 0; p < 25; p++)
            cr_expect_eq(marks[p], cases[i].wanted[p + p / 5] == 'x', "%s, point %d", text, p);
        sgf_free(sgf);
        g_free(text);
    }
    static const char *const bad[][2] = {
        {"(;AB[aa][ff])", "ff"}, {"(;AB[aa:f])", "aa:f"}, {"(;AB[:aa])", ":aa"}, {"(;AB[aa:bb:cc])", "aa:bb:cc"}};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct sgf *sgf = parse_sgf(bad[i][0]);
        uint8_t marks[GAME_MAX_POINTS] = {0};
        const char *wrong = NULL;
        cr_assert(!sgf_points(sgf_root(sgf), "AB", &game, marks, &wrong), "%s", bad[i][0]);
        cr_expect_str_eq(wrong, bad[i][1]);
        cr_expect(!sgf_points(sgf_root(sgf), "AB", &game, marks, NULL));
        sgf_free(sgf);
    }
}

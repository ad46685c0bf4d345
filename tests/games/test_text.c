/* Moves, boards and drawings as text. */
#include <stdlib.h>

#include "tests/games/common.h"

Test(text, moves)
{
    struct game game = parse("go:19");
    char text[GAME_MOVE_TEXT_MAX];
    static const struct {
        const char *text;
        int x, y;
    } known[] = {{"A1", 0, 18}, {"A19", 0, 0}, {"T1", 18, 18}, {"T19", 18, 0},
                 {"H8", 7, 11}, {"J8", 8, 11}, {"Q16", 15, 3}};
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        cr_expect_eq(game_move_parse(&game, known[i].text), known[i].y * 19 + known[i].x, "%s", known[i].text);
        cr_expect_str_eq(game_move_format(&game, (game_move)(known[i].y * 19 + known[i].x), text), known[i].text);
    }
    cr_expect_eq(game_move_parse(&game, "q16"), 3 * 19 + 15);
    cr_expect_eq(game_move_parse(&game, "PASS"), 361);
    cr_expect_str_eq(game_move_format(&game, 361, text), "pass");
    cr_expect_str_eq(game_move_format(&game, GAME_NO_MOVE, text), "-");
    static const char *const bad[] = {"",
                                      "A",
                                      "I5",
                                      "A0",
                                      "A20",
                                      "U1",
                                      "AA",
                                      "1A",
                                      "A1x",
                                      "A-1",
                                      "A1 ",
                                      "pas",
                                      "passs",
                                      "A100",
                                      "\xc3\xa4"
                                      "1",
                                      "swap"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        cr_expect_eq(game_move_parse(&game, bad[i]), GAME_NO_MOVE, "\"%s\" was taken", bad[i]);
}

Test(text, the_last_move_is_in_brackets)
{
    struct game game = parse("go:2");
    union any_position position;
    char *text = NULL;
    size_t length;
    game_init(&game, &position.p);
    game_play(&game, &position.p, NULL, 1);
    FILE *out = open_memstream(&text, &length);
    game_print(&game, &position.p, out);
    fclose(out);
    cr_expect_str_eq(text, "    A B\n  2 .(X)2\n  1 . . 1\n    A B\n");
    free(text);
}

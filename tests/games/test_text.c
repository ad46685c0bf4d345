/* Moves, boards and drawings as text. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "games/game.h"
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
        cr_expect_eq(game_move_parse(&game, bad[i]), GAME_NO_MOVE, "\"%s\" was accepted", bad[i]);
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

static void prints(const struct game *game, const union any_position *position, const char *wanted)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    game_print(game, &position->p, out);
    fclose(out);
    cr_expect_str_eq(text, wanted);
    free(text);
}

/* The last move in the first column, in the last one, and in a row with a two-digit number; a pass is not marked. */
Test(text, boards)
{
    struct game wide = parse("connect4:5x4"), go = parse("go:3"), large = parse("gomoku:10");
    union any_position at;
    game_init(&wide, &at.p);
    play(&wide, &at, NULL, "E1 E2 A1");
    prints(&wide, &at,
           "    A B C D E\n"
           "  4 . . . . . 4\n"
           "  3 . . . . . 3\n"
           "  2 . . . . O 2\n"
           "  1(X). . . X 1\n"
           "    A B C D E\n");
    play(&wide, &at, NULL, "E3");
    prints(&wide, &at,
           "    A B C D E\n"
           "  4 . . . . . 4\n"
           "  3 . . . .(O)3\n"
           "  2 . . . . O 2\n"
           "  1 X . . . X 1\n"
           "    A B C D E\n");
    game_init(&go, &at.p);
    play(&go, &at, NULL, "B2");
    prints(&go, &at, "    A B C\n  3 . . . 3\n  2 .(X). 2\n  1 . . . 1\n    A B C\n");
    play(&go, &at, NULL, "pass");
    prints(&go, &at, "    A B C\n  3 . . . 3\n  2 . X . 2\n  1 . . . 1\n    A B C\n");
    game_init(&large, &at.p);
    play(&large, &at, NULL, "K10");
    prints(&large, &at,
           "    A B C D E F G H J K\n"
           " 10 . . . . . . . . .(X)10\n"
           "  9 . . . . . . . . . . 9\n"
           "  8 . . . . . . . . . . 8\n"
           "  7 . . . . . . . . . . 7\n"
           "  6 . . . . . . . . . . 6\n"
           "  5 . . . . . . . . . . 5\n"
           "  4 . . . . . . . . . . 4\n"
           "  3 . . . . . . . . . . 3\n"
           "  2 . . . . . . . . . . 2\n"
           "  1 . . . . . . . . . . 1\n"
           "    A B C D E F G H J K\n");
}

/* Every point of boards that are not square, and the moves that are not points. */
Test(text, moves_of_other_shapes)
{
    struct game wide = parse("connect4:7x6"), swap = parse("gomoku:20,opening=swap2");
    char text[GAME_MOVE_TEXT_MAX];
    for (int p = 0; p < wide.points; p++) {
        char wanted[8];
        g_snprintf(wanted, sizeof wanted, "%c%d", "ABCDEFG"[p % 7], 6 - p / 7);
        cr_expect_str_eq(game_move_format(&wide, (game_move)p, text), wanted);
        cr_expect_eq(game_move_parse(&wide, wanted), p);
    }
    static const char *const off[] = {"H1", "A7", "A0", "G7", "pass", "-", "A01", "A1 "};
    for (size_t i = 0; i < G_N_ELEMENTS(off) - 2; i++)
        cr_expect_eq(game_move_parse(&wide, off[i]), GAME_NO_MOVE, "%s", off[i]);
    cr_expect_str_eq(game_move_format(&wide, 42, text), "-");
    static const char *const others[] = {"swap", "stay", "place-two"};
    for (int i = 0; i < 3; i++) {
        cr_expect_str_eq(game_move_format(&swap, (game_move)(400 + i), text), others[i]);
        cr_expect_eq(game_move_parse(&swap, others[i]), 400 + i);
    }
    cr_expect_str_eq(game_move_format(&swap, 403, text), "-");
    cr_expect_str_eq(game_move_format(&swap, 399, text), "U1");
    cr_expect_eq(game_move_parse(&swap, "u20"), 19);
    cr_expect_eq(game_move_parse(&swap, "V1"), GAME_NO_MOVE);
}

static void bad_drawing(const struct game *game, const char *drawing, const char *place)
{
    union any_position at, fresh;
    GError *error = NULL;
    memset(&at, 0, sizeof at);
    memset(&fresh, 0, sizeof fresh);
    game_init(game, &fresh.p);
    cr_assert(!game_set_up_drawing(game, &at.p, drawing, GAME_BLACK, &error), "%s", drawing);
    cr_expect(strstr(error->message, place), "%s: %s", drawing, error->message);
    cr_expect_eq(memcmp(&at, &fresh, game->position_bytes), 0);
    g_clear_error(&error);
    cr_expect(!game_set_up_drawing(game, &at.p, drawing, GAME_BLACK, NULL));
}

/* Errors in drawings name the row and the column. */
Test(text, bad_drawings)
{
    struct game game = parse("connect4:5x4");
    bad_drawing(&game, ".....\n....\n.....\n.....\n", "row 2, column 5: the row is too short");
    bad_drawing(&game, ".....\n..?..\n.....\n.....\n", "row 2, column 3: a point is one of");
    bad_drawing(&game, ".....\n.....\n.....\n.....\n.", "row 4, column 1: there are more points");
    bad_drawing(&game, ".....\n.....\n.....\n....", "row 4, column 5: rows are missing");
    bad_drawing(&game, "", "row 1, column 1: rows are missing");
    bad_drawing(&game, "\n", "row 1, column 1: rows are missing");
    union any_position at;
    draw(&game, &at, "\n. . . . .\r\n\n.\t....\n.....\nX+OX+", GAME_WHITE);
    cr_expect(game.ops->stone(&game, &at.p, 15) == GAME_BLACK && game.ops->stone(&game, &at.p, 17) == GAME_WHITE);
    cr_expect(game.ops->stone(&game, &at.p, 16) == GAME_EMPTY && at.p.colour == GAME_WHITE);
}

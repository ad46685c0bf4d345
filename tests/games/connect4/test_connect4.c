/* Connect Four: known perft counts, rows in every direction, gravity, and boards that are not square. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "tests/games/common.h"

static uint64_t perft(const struct game *game, const struct position *position, int depth)
{
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, NULL, moves);
    if (depth == 1)
        return (uint64_t)count;
    uint64_t sum = 0;
    for (int i = 0; i < count; i++) {
        union any_position next;
        game_copy(game, &next.p, position);
        game_play(game, &next.p, NULL, moves[i]);
        sum += perft(game, &next.p, depth - 1);
    }
    return sum;
}

/* 7^depth, less the sequences that a full column (from depth 7) or an earlier win (from depth 8) rules out. */
Test(connect4, perft_counts)
{
    static const uint64_t known[] = {7, 49, 343, 2401, 16807, 117649, 823536, 5673234};
    struct game game = parse("connect4:7x6");
    union any_position start;
    game_init(&game, &start.p);
    for (size_t depth = 1; depth <= G_N_ELEMENTS(known); depth++)
        cr_assert_eq(perft(&game, &start.p, (int)depth), known[depth - 1], "depth %zu", depth);
}

static void expect_refused(const char *spec, const char *word)
{
    struct game game;
    GError *error = NULL;
    cr_assert(!game_parse(&game, spec, &error), "\"%s\" was accepted", spec);
    cr_assert(strstr(error->message, word), "%s", error->message);
    g_clear_error(&error);
}

Test(connect4, shapes)
{
    struct game game = parse("connect4:7x6");
    char text[GAME_SPEC_MAX];
    cr_assert(game.width == 7 && game.height == 6 && game.points == 42 && game.moves == 42);
    cr_assert_str_eq(game_format(&game, text), "connect4:7x6");
    game = parse("connect4:6x6");
    cr_assert_str_eq(game_format(&game, text), "connect4:6", "a square board is written with one number");
    expect_refused("connect4:9x6", "4 to 8");
    expect_refused("connect4:7x", "4 to 8");
    expect_refused("connect4:7x6x5", "4 to 8");
    expect_refused("connect4:x6", "4 to 8");
    expect_refused("connect4:8", "7 rows");
    expect_refused("go:9x7", "2 to 19");
}

/* Points are named by column letter and row number, counted from the bottom; there are fewer rows than columns. */
Test(connect4, discs_fall)
{
    struct game game = parse("connect4:7x6");
    union any_position at;
    char text[GAME_MOVE_TEXT_MAX];
    game_init(&game, &at.p);
    cr_assert_str_eq(game_move_format(&game, 0, text), "A6");
    cr_assert_str_eq(game_move_format(&game, 41, text), "G1");
    cr_assert(!game_try(&game, &at.p, NULL, game_move_parse(&game, "D2")));
    cr_assert(game_try(&game, &at.p, NULL, game_move_parse(&game, "D1")));
    cr_assert(!game_try(&game, &at.p, NULL, game_move_parse(&game, "D1")));
    cr_assert(game_try(&game, &at.p, NULL, game_move_parse(&game, "D2")));
    for (int row = 3; row <= 6; row++) {
        g_snprintf(text, sizeof text, "D%d", row);
        cr_assert(game_try(&game, &at.p, NULL, game_move_parse(&game, text)));
    }
    for (int p = 3; p < game.points; p += 7)
        cr_assert(!game.ops->legal(&game, &at.p, NULL, (game_move)p), "the column is full");
    GError *error = NULL;
    cr_assert(
        !game_set_up_drawing(&game, &at.p, "....... ....... ....... .......\n...X...\n.......", GAME_BLACK, &error));
    cr_assert(strstr(error->message, "rest on") && strstr(error->message, "row 5, column 4"), "%s", error->message);
    g_clear_error(&error);
}

/* A black disc on the marked point wins; with one disc of the row missing it does not. */
Test(connect4, four_in_a_row_wins_in_every_direction)
{
    static const struct {
        const char *drawing, *move, *gone;
    } cases[] = {
        {".......\n.......\n.......\n.......\n.......\nOXXX.OO", "E1", "B1"},
        {".......\n.......\n.......\nX......\nX......\nX.OOO..", "A4", "A3"},
        {".......\n.......\n.......\n..XO...\n.XOX...\nXOXO...", "D4", "C3"},
        {".......\n.......\n.......\n...OX..\n...XOX.\n...OXOX", "D4", "E3"},
        {".......\n.......\n.......\n.......\n.......\n...XXX.", "G1", "E1"},
    };
    struct game game = parse("connect4:7x6");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        union any_position at, before;
        int8_t map[GAME_MAX_POINTS];
        int marked = 0;
        game_move move = game_move_parse(&game, cases[i].move), gone = game_move_parse(&game, cases[i].gone);
        draw(&game, &before, cases[i].drawing, GAME_BLACK);
        at = before;
        cr_assert(!game_over(&at.p) && game_try(&game, &at.p, NULL, move), "case %zu", i);
        cr_assert_eq(at.p.outcome, GAME_WON_0, "case %zu", i);
        game.ops->final_map(&game, &at.p, map);
        for (int p = 0; p < game.points; p++)
            marked += map[p];
        cr_assert(marked == 4 && map[move] == 1 && map[gone] == 1, "case %zu", i);
        uint8_t stones[GAME_MAX_POINTS];
        for (int p = 0; p < game.points; p++)
            stones[p] = (uint8_t)game.ops->stone(&game, &before.p, p);
        stones[gone] = GAME_WHITE;
        cr_assert(game_set_up(&game, &at.p, stones, GAME_BLACK, NULL));
        cr_assert(game_try(&game, &at.p, NULL, move) && !game_over(&at.p), "case %zu", i);
    }
}

/* Rows do not wrap from the top of a column to the bottom of the next, nor from the right edge to the left. */
Test(connect4, rows_end_at_the_edge)
{
    struct game game = parse("connect4:7x6");
    union any_position at;
    draw(&game, &at, "X......\nX......\nX......\nO......\nO......\nO......", GAME_BLACK);
    cr_assert(game_try(&game, &at.p, NULL, game_move_parse(&game, "B1")) && !game_over(&at.p));
    draw(&game, &at, ".......\n.......\n.......\n.......\n......X\nXX...XX", GAME_WHITE);
    cr_assert(!game_over(&at.p));
}

Test(connect4, a_full_board_is_drawn)
{
    struct game game = parse("connect4:4");
    union any_position at;
    draw(&game, &at, "XOX.\nXOXO\nOXOX\nOXOX", GAME_WHITE);
    cr_assert(!game_over(&at.p) && game_try(&game, &at.p, NULL, game_move_parse(&game, "D4")));
    cr_assert_eq(at.p.outcome, GAME_DRAWN);
}

Test(connect4, the_only_symmetry_is_left_right)
{
    struct game game = parse("connect4:7x6");
    cr_assert_eq(game.symmetries, 2);
    cr_assert_eq(game_symmetry_move(&game, 1, game_move_parse(&game, "A1")), game_move_parse(&game, "G1"));
    game = parse("connect4:6");
    cr_assert_eq(game.symmetries, 2, "on a square board, too");
}

/* Choosing any cell of a column plays its lowest free one; in a full column it is the cell itself, which is illegal. */
Test(connect4, a_column_is_chosen_by_any_of_its_cells)
{
    struct game game = parse("connect4:7x6");
    union any_position at;
    draw(&game, &at, "...X...\n...O...\n...X...\n...O...\n...X...\nO..O..X", GAME_BLACK);
    for (int p = 0; p < game.points; p++) {
        static const char *const lowest[] = {"A2", "B1", "C1", NULL, "E1", "F1", "G2"};
        const char *wanted = lowest[p % game.width];
        game_move move = game_point_move(&game, &at.p, p);
        cr_expect_eq(move, wanted ? game_move_parse(&game, wanted) : p, "point %d is move %d", p, move);
        cr_expect_eq(game.ops->legal(&game, &at.p, NULL, move), wanted != NULL, "point %d", p);
    }
}

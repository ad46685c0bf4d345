/* Cells from text, from a YAML file, and from a game's tables. */
#include <criterion/criterion.h>

#include "engine/robust/cells.h"
#include "games/game.h"
#include "tests/delete_folder.h"

static struct robust_cells cells;

static void begin(const char *game, int openings)
{
    struct game main;
    cr_assert(game_parse(&main, game, NULL), "%s", game);
    robust_cells_init(&cells, &main, openings);
}

/* The names after the main one, separated by blanks. */
static char *names(void)
{
    GString *text = g_string_new(NULL);
    for (int i = 1; i < cells.count; i++)
        g_string_append_printf(text, "%s%s", i > 1 ? " " : "", cells.cell[i].name);
    return g_string_free(text, FALSE);
}

static void expect_game(int cell, const char *spec, int openings)
{
    char buffer[GAME_SPEC_MAX];
    cr_expect_str_eq(game_format(&cells.cell[cell].game, buffer), spec);
    cr_expect_eq(cells.cell[cell].openings, openings, "%s", cells.cell[cell].name);
}

static void expect_refusal(const char *list, const char *message)
{
    GError *error = NULL;
    const int before = cells.count;
    cr_assert_not(robust_cells_add_list(&cells, list, &error), "%s", list);
    cr_expect(strstr(error->message, message), "%s: %s", list, error->message);
    cr_expect_eq(cells.count, before, "%s", list);
    g_clear_error(&error);
}

/* ---- preset cells ---- */

/* Even komi: 25 on 5x5, 9 on 7x7, 7 from 8x8 on (games/go/komi.c). */
Test(robust_cells, preset_of_go)
{
    begin("go:9", 4);
    cr_assert_str_eq(cells.cell[0].name, "main");
    robust_cells_add_preset(&cells);
    char *all = names();
    cr_expect_str_eq(all, "size=5,komi=25 size=7,komi=9 size=8 size=11 size=13 size=16 size=19 "
                          "komi=-13 komi=0 komi=5.5 komi=8.5 komi=14 komi=27 rules=chinese rules=aga rules=japanese "
                          "opening=0 opening=2 opening=8 opening=16 handicap=2 handicap=3 handicap=4");
    g_free(all);
    expect_game(2, "go:7,komi=9", 4);
    expect_game(16, "go:9,rules=japanese", 4);
    expect_game(19, "go:9", 8);
}

/* Komi 5.5 is 1.5 below the even one, and stays so on a smaller board; what the main cell has is no cell of its own. */
Test(robust_cells, preset_of_other_main_cells)
{
    begin("go:9,komi=5.5,rules=aga", 8);
    robust_cells_add_preset(&cells);
    char *all = names();
    cr_expect_str_eq(all,
                     "size=5,komi=23.5 size=7,komi=7.5 size=8 size=11 size=13 size=16 size=19 "
                     "komi=-13 komi=0 komi=7 komi=8.5 komi=14 komi=27 rules=tromp-taylor rules=chinese rules=japanese "
                     "opening=0 opening=2 opening=16 handicap=2 handicap=3 handicap=4");
    g_free(all);
    expect_game(1, "go:5,komi=23.5,rules=aga", 8);
}

Test(robust_cells, preset_of_gomoku)
{
    begin("gomoku:15", 4);
    robust_cells_add_preset(&cells);
    char *all = names();
    cr_expect_str_eq(all, "size=8 size=11 size=13 size=14 size=17 size=19 "
                          "rules=standard rules=renju rules=caro rules=caro-exact "
                          "opening=pro opening=longpro opening=swap opening=swap2 "
                          "opening=0 opening=2 opening=8 opening=16");
    g_free(all);
    expect_game(14, "gomoku:15,opening=swap2", 4);
    expect_game(17, "gomoku:15", 8);
}

/* Only boards that the game allows: even ones, and rectangles that keep their shape. */
Test(robust_cells, preset_of_other_games)
{
    begin("reversi:8", 4);
    robust_cells_add_preset(&cells);
    char *all = names();
    cr_expect_str_eq(all, "size=4 size=6 opening=0 opening=2 opening=8 opening=16");
    g_free(all);
    begin("connect4:7x6", 2);
    robust_cells_add_preset(&cells);
    all = names();
    cr_expect(g_str_has_prefix(all, "size=5x4 size=6x5 opening=0 opening=8"), "%s", all);
    g_free(all);
}

Test(robust_cells, preset_cells_are_at_most_thirty)
{
    static const char *const mains[] = {"go:9",      "go:13,komi=5.5", "go:19", "go:7,handicap=2",
                                        "gomoku:20", "gomoku:5,line=4"};
    for (size_t i = 0; i < G_N_ELEMENTS(mains); i++) {
        begin(mains[i], 1);
        robust_cells_add_preset(&cells);
        cr_expect(cells.count > 10 && cells.count <= 30, "%s: %d", mains[i], cells.count);
    }
}

/* ---- a list ---- */

Test(robust_cells, list)
{
    begin("go:9", 4);
    cr_assert(robust_cells_add_list(&cells, "komi=0.5; rules=japanese; size=13; opening=8 ;size = 7, komi=9,opening=0;",
                                    NULL));
    char *all = names();
    cr_expect_str_eq(all, "komi=0.5 rules=japanese size=13 opening=8 size=7,komi=9,opening=0");
    g_free(all);
    expect_game(0, "go:9", 4);
    expect_game(1, "go:9,komi=0.5", 4);
    expect_game(2, "go:9,rules=japanese", 4);
    expect_game(3, "go:13", 4);
    expect_game(4, "go:9", 8);
    expect_game(5, "go:7,komi=9", 0);
}

/* Gomoku's own opening takes words, random plies are a number. */
Test(robust_cells, opening_of_gomoku)
{
    begin("gomoku:15", 4);
    cr_assert(robust_cells_add_list(&cells, "opening=swap2; opening=8; opening=swap2,opening=0", NULL));
    expect_game(1, "gomoku:15,opening=swap2", 4);
    expect_game(2, "gomoku:15", 8);
    expect_game(3, "gomoku:15,opening=swap2", 0);
}

Test(robust_cells, rectangles)
{
    begin("connect4:7x6", 2);
    cr_assert(robust_cells_add_list(&cells, "size=8x7; size=6", NULL));
    expect_game(1, "connect4:8x7", 2);
    expect_game(2, "connect4:6", 2);
}

/* Neither change is possible alone. */
Test(robust_cells, small_boards_with_shorter_lines)
{
    begin("gomoku:15", 0);
    cr_assert(robust_cells_add_list(&cells, "size=3,line=3; line=4,size=4", NULL));
    expect_game(1, "gomoku:3,line=3", 0);
    expect_game(2, "gomoku:4,line=4", 0);
    expect_refusal("size=3", "line");
}

/* The handicap of the main cell is kept on another board, unless the cell has its own. */
Test(robust_cells, sizes_keep_the_handicap)
{
    begin("go:9,handicap=3", 4);
    cr_assert(robust_cells_add_list(&cells, "size=13; size=13,handicap=0; size=19,handicap=9; komi=0", NULL));
    expect_game(1, "go:13,handicap=3", 4);
    expect_game(2, "go:13", 4);
    expect_game(3, "go:19,handicap=9", 4);
    expect_game(4, "go:9,komi=0,handicap=3", 4);
    expect_refusal("size=5", "handicap");
}

Test(robust_cells, refusals)
{
    begin("go:9", 4);
    cr_assert(robust_cells_add(&cells, "size=13", NULL));
    expect_refusal("", "empty");
    expect_refusal(" ; ;", "empty");
    expect_refusal("komi", "NAME=VALUE");
    expect_refusal("komi=0.5,", "NAME=VALUE");
    expect_refusal("=5", "there is no \"\" to change");
    expect_refusal("line=5", "there is no \"line\" to change; a cell of go changes size, opening, komi, rules");
    expect_refusal("komi=seven", "komi takes");
    expect_refusal("komi=5,komi=6", "given twice");
    expect_refusal("size=7,size=8", "given twice");
    expect_refusal("size=20", "2 to 19");
    expect_refusal("size=9x7", "the size of go is 2 to 19");
    expect_refusal("size=-7", "the size of go is 2 to 19, not \"-7\"");
    expect_refusal("size=99999999999999999999", "2 to 19");
    expect_refusal("opening=61", "0 to 60");
    expect_refusal("opening=swap2", "0 to 60");
    expect_refusal("handicap=9,size=7", "handicap=2 to handicap=4");
    expect_refusal("komi=7", "changes nothing");
    expect_refusal("opening=4,size=9", "changes nothing");
    expect_refusal("size=13,komi=7", "the same as \"size=13\"");
    char *longer = g_strnfill(ROBUST_NAME_MAX, '0');
    char *list = g_strconcat("komi=", longer, NULL);
    expect_refusal(list, "fewer than 200 characters");
    g_free(longer);
    g_free(list);
}

Test(robust_cells, at_most_a_hundred)
{
    begin("go:9", 4);
    for (int i = 1; i < ROBUST_MAX_CELLS; i++) {
        char *changes = g_strdup_printf("komi=%d", 7 + i);
        cr_assert(robust_cells_add(&cells, changes, NULL));
        g_free(changes);
    }
    expect_refusal("komi=-5", "at most 100");
}

/* ---- a file ---- */

static bool add_yaml(const char *text, GError **error)
{
    begin("go:9", 4);
    return robust_cells_add_yaml(&cells, text, strlen(text), "cells.yaml", error);
}

Test(robust_cells, yaml)
{
    cr_assert(add_yaml("# cells\n- size=13\n- komi: 0.5\n  rules: japanese\n- {opening: 8}\n", NULL));
    char *all = names();
    cr_expect_str_eq(all, "size=13 komi=0.5,rules=japanese opening=8");
    g_free(all);
    expect_game(2, "go:9,komi=0.5,rules=japanese", 4);
    expect_game(3, "go:9", 8);
}

Test(robust_cells, yaml_errors_name_the_line)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "cells.yaml, line 1: there are no cells"},
        {"[]", "cells.yaml, line 1: there are no cells"},
        {"size: 13\n", "cells.yaml, line 1: there are no cells"},
        {"- size=13\n- [size]\n", "cells.yaml, line 2: a cell is a string or a mapping"},
        {"- size=13\n- komi: [1, 2]\n", "cells.yaml, line 2: a change is a name and one value"},
        {"- size=13\n- rules: aga\n- komi: x\n", "cells.yaml, line 3: cell \"komi=x\": "},
        {"- {}\n", "cells.yaml, line 1: cell \"\": it is empty"},
        {"- 'komi\n", "invalid YAML"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        cr_assert_not(add_yaml(cases[i].text, &error), "%s", cases[i].text);
        cr_expect(strstr(error->message, cases[i].message), "%s: %s", cases[i].text, error->message);
        g_clear_error(&error);
    }
}

Test(robust_cells, file)
{
    char *folder = g_dir_make_tmp("tengen-cells-XXXXXX", NULL), *path = g_build_filename(folder, "c.yaml", NULL);
    GError *error = NULL;
    begin("gomoku:15", 4);
    cr_assert(g_file_set_contents(path, "- rules: renju\n", -1, NULL));
    cr_assert(robust_cells_add_file(&cells, path, NULL));
    expect_game(1, "gomoku:15,rules=renju", 4);
    cr_assert_not(robust_cells_add_file(&cells, "/nowhere.yaml", &error));
    cr_expect(strstr(error->message, "/nowhere.yaml"), "%s", error->message);
    g_clear_error(&error);
    delete_folder(folder);
    g_free(path);
    g_free(folder);
}

/* Openings from files: each notation that engines and tournaments use, and the errors. */
#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "engine/match/game.h"
#include "engine/match/openings.h"
#include "games/game.h"

static char path[64];

static void set_up(void)
{
    g_strlcpy(path, "/tmp/tengen-openings-XXXXXX", sizeof path);
    int fd = g_mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
}

static void tear_down(void)
{
    g_remove(path);
}

TestSuite(openings_file, .init = set_up, .fini = tear_down);

/* The openings of a text as "D4 E5; C3", or the message. */
static char *read_as_text(const char *spec, const char *text, int plies)
{
    struct game game;
    struct match_opening *openings;
    char move[GAME_MOVE_TEXT_MAX];
    int count;
    GError *error = NULL;
    cr_assert(game_parse(&game, spec, NULL));
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    if (!match_read_openings(&game, path, plies, &openings, &count, &error)) {
        char *message = g_strdup(error->message);
        g_error_free(error);
        return message;
    }
    GString *out = g_string_new(NULL);
    for (int i = 0; i < count; i++)
        for (int m = 0; m < openings[i].count; m++)
            g_string_append_printf(out, "%s%s", m ? " " : i ? "; " : "",
                                   game_move_format(&game, openings[i].moves[m], move));
    g_free(openings);
    return g_string_free(out, FALSE);
}

static void expect(const char *spec, const char *text, int plies, const char *expected)
{
    char *found = read_as_text(spec, text, plies);
    cr_assert_str_eq(found, expected);
    g_free(found);
}

static void expect_message(const char *spec, const char *text, const char *part)
{
    char *found = read_as_text(spec, text, -1);
    cr_assert(strstr(found, part), "%s", found);
    g_free(found);
}

Test(openings_file, words)
{
    expect("go:9", "# two\nD4 E5, pass  # here\n\n  c3\n", -1, "D4 E5 pass; C3");
    expect("gomoku:15", "\xef\xbb\xbfH8 H9 J8\r\nG7 G8\r\n", -1, "H8 H9 J8; G7 G8");
}

/* 20x20: the centre is column and row 10 from 0, so K10. */
Test(openings_file, offsets_from_the_centre)
{
    expect("gomoku:20", "0,0, 1,0\n-10,-10, 9,9\n", -1, "L10 M10; A20 U1");
    expect("gomoku:15", "0,0, 0,-1, -7,7\n", -1, "H8 H9 A1");
    expect_message("gomoku:15", "0,0, 8,0\n", "\"8,0\" is not legal");
}

/* Columns include i here: i9 is in the ninth column, which this program calls J9, and j8 in the tenth, K8. */
Test(openings_file, one_word)
{
    expect("gomoku:15", "h8i9j8\nb7d6e6f7h2k5\n", -1, "H8 J9 K8; B7 D6 E6 F7 H2 L5");
    expect("gomoku:15", "o15a1\n", -1, "P15 A1");
    expect_message("gomoku:15", "h8p1\n", "\"p1\" is not legal");
    expect_message("gomoku:15", "h8i16\n", "\"i16\" is not legal");
    expect_message("gomoku:15", "h8h8\n", "\"h8\" is not legal");
    expect("gomoku:15", "h8\n", -1, "H8"); /* a single move is a word by itself */
}

Test(openings_file, piskvork)
{
    static const char text[] = "Piskvorky 15x15, 11:11, 0\r\n8,8,0\r\n9,9,0\r\n10,8,0\r\na\r\nb\r\n0\r\n";
    expect("gomoku:15", text, -1, "H8 J7 K8");
    expect("gomoku:15", text, 2, "H8 J7");
    expect_message("gomoku:20", text, "a board of 15x15");
}

Test(openings_file, decided)
{
    expect_message("gomoku:15", "H8\nH8 H9 H7 J9 H6 K9 H5 L9 H4\n", "line 2: the game is over");
    expect_message("gomoku:15", "H8 H9 H7 J9 H6 K9 H5 L9 H4 A1\n", "\"A1\" is not legal");
}

Test(openings_file, too_long)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i <= MATCH_MAX_OPENING; i++)
        g_string_append(text, "pass ");
    expect_message("go:9", text->str, "at most 60 moves");
    g_string_free(text, TRUE);
}

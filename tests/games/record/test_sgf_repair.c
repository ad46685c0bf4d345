/* Records that are damaged or that other programs write differently: what is read of them, and the note of each repair. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/record/sgf.h"
#include "tests/games/record/sgf_common.h"

/* text: as in a file; written: the tree that is read, as it is written; note: all notes in one line. Read again, what is
 * written needs no repair. */
static void repaired(const char *text, const char *written, const char *note)
{
    struct sgf *sgf = parse_sgf(text);
    char *notes = sgf_notes_text(sgf, 0, 10), *all = g_strconcat(written, "\n", NULL);
    cr_expect_str_eq(notes ? notes : "", note, "%s", text);
    assert_formats(sgf, all);
    sgf_free(sgf);
    sgf = parse_sgf(all);
    g_free(notes);
    notes = sgf_notes_text(sgf, 0, 10);
    cr_expect_null(notes, "%s: %s", written, notes);
    assert_formats(sgf, all);
    g_free(notes);
    g_free(all);
    sgf_free(sgf);
}

#define MISSING(n) "the file ends inside a game tree: " n " ')' missing"

Test(sgf_repair, parentheses_at_the_end)
{
    repaired("(;B[aa]", "(;B[aa])", "line 1, column 8: " MISSING("1"));
    repaired("(;B[aa](;W[bb](;", "(;B[aa];W[bb];)", "line 1, column 17: " MISSING("3"));
    repaired("(;B[aa](;W[bb])(;W[cc]", "(;B[aa]\n(;W[bb])\n(;W[cc]))", "line 1, column 23: " MISSING("2"));
    repaired("(;B[aa]\n)\n)", "(;B[aa])", "line 3, column 1: unmatched ')' ignored");
    repaired("(;B[aa]))(;W[bb])", "(;B[aa])\n(;W[bb])", "line 1, column 9: unmatched ')' ignored");
    repaired("((;B[aa]))", "(;B[aa])", "line 1, column 10: unmatched ')' ignored");
    repaired("(;C[a] (", "(;C[a])", "line 1, column 9: " MISSING("2"));
}

Test(sgf_repair, parentheses_at_the_beginning)
{
    repaired(";GM[1];B[ee](;W[cc])(;W[dd]))", "(;GM[1];B[ee]\n(;W[cc])\n(;W[dd]))",
             "line 1, column 1: a game tree without its '('");
    repaired("x;GM[1];B[ee])", "(;GM[1];B[ee])", "line 1, column 2: a game tree without its '('");
    repaired("\n GM[1];B[ee])", "(;GM[1];B[ee])", "line 2, column 2: a game tree without its '('");
    repaired("(x;GM[1];B[ee])", "(;GM[1];B[ee])", "line 1, column 3: a game tree without its '('");
}

/* A ')' inside a line: the line goes on, unless what follows can only be another variation or another game. */
Test(sgf_repair, parentheses_in_the_middle)
{
    repaired("(;B[aa]);W[bb];B[cc])", "(;B[aa];W[bb];B[cc])", "line 1, column 8: ')' ignored, as its line goes on");
    repaired("(;B[aa](;W[bb];B[cc]);W[dd])(;W[ee]))", "(;B[aa]\n(;W[bb];B[cc];W[dd])\n(;W[ee]))",
             "line 1, column 21: ')' ignored, as its line goes on");
    repaired("(;B[aa](;W[bb]);W[dd])(;W[ee]))", "(;B[aa]\n(;W[bb])\n(;W[dd])\n(;W[ee]))",
             "line 1, column 15: no '(' after this ')'");
    repaired("(;GM[1];B[aa]);GM[1]SZ[9];B[bb])", "(;GM[1];B[aa])\n(;GM[1]SZ[9];B[bb])",
             "line 1, column 14: no '(' after this ')'");
    repaired("(;B[aa])\n--\n;W[bb])", "(;B[aa])",
             "line 3, column 1: a node outside of any game tree is ignored; line 3, column 7: unmatched ')' ignored");
}

Test(sgf_repair, first_semicolons)
{
    repaired("(\nTE[x]\nKO[6.5]\n;B[ee];W[cc])", "(;TE[x]KO[6.5];B[ee];W[cc])",
             "line 2, column 1: a tree without its first ';'");
    repaired("(;C[a](\n B[b]))", "(;C[a];B[b])", "line 2, column 2: a tree without its first ';'");
    repaired("(;B[aa])(W[aa])", "(;B[aa])\n(;W[aa])", "line 1, column 10: a tree without its first ';'");
}

Test(sgf_repair, brackets)
{
    repaired("(;GM[1];B[ee;W[cc];B[gg])", "(;GM[1];B[ee];W[cc];B[gg])",
             "line 1, column 13: a value of B without its ']'");
    repaired("(;B[ee)", "(;B[ee])", "line 1, column 7: a value of B without its ']'");
    repaired("(;B[ee](;W[cc)(;W[dd]))", "(;B[ee]\n(;W[cc])\n(;W[dd]))",
             "line 1, column 14: a value of W without its ']'");
    repaired("(;B[;W[cc])", "(;;W[cc])", "line 1, column 5: a value of B without its ']'");
    repaired("(;B[eeBL[30];W[cc])", "(;B[ee]BL[30];W[cc])", "line 1, column 7: a value of B without its ']'");
    repaired("(;SZ[9KM[6.5];B[ee])", "(;SZ[9]KM[6.5];B[ee])", "line 1, column 7: a value of SZ without its ']'");
    repaired("(;KM[6.5\n;B[ee])", "(;KM[6.5\n];B[ee])", "line 2, column 1: a value of KM without its ']'");
    repaired("(;B[ee\\;W[cc])", "(;B[ee];W[cc])", "line 1, column 8: a value of B without its ']'");
    repaired("(;C[x\\\\\\;B[ee];W[cc])", "(;C[x\\\\];B[ee];W[cc])", "line 1, column 9: a value of C without its ']'");
    /* A wrong character in a point is no end of the value. */
    repaired("(;B[e;];W[cc])", "(;B[e;];W[cc])", "");
    repaired("(;B[[e];W[cc])", "(;B[[e];W[cc])", "");
    repaired("(;B[e)];W[cc])", "(;B[e)];W[cc])", "");
    repaired("(;AB[aa][e;][bb];W[cc])", "(;AB[aa][e;][bb];W[cc])", "");
    /* A text may contain what it likes, but does not end like a move. */
    repaired("(;PB[Lee;B[ee];W[cc])", "(;PB[Lee];B[ee];W[cc])", "line 1, column 9: a value of PB without its ']'");
    repaired("(;PB[Lee ; W[];B[cc])", "(;PB[Lee ];W[];B[cc])", "line 1, column 10: a value of PB without its ']'");
    repaired("(;C[x\n (;B[ee];W[cc])(;B[dd]))", "(;C[x\n ]\n(;B[ee];W[cc])\n(;B[dd]))",
             "line 2, column 2: a value of C without its ']'");
    repaired("(;C[a [1;B[ee and so on])", "(;C[a [1;B[ee and so on])", "");
    repaired("(;C[1;B[ee\\]];B[dd])", "(;C[1;B[ee\\]];B[dd])", "");
    repaired("(;C[see AB[ee];B[dd])", "(;C[see AB[ee];B[dd])", "");
    repaired("(;Bee];W[cc])", "(;;W[cc])", "line 1, column 3: \"Bee]\" has no meaning here and is ignored");
    repaired("(;B)", "(;)", "line 1, column 3: \"B\" has no meaning here and is ignored");
}

Test(sgf_repair, cut_files)
{
    repaired(
        "(;\nB[aa](;W[bb]\n(;B[c", "(;B[aa];W[bb];)",
        "line 3, column 4: the file ends inside a value of B, which is dropped; line 3, column 6: " MISSING("3"));
    repaired(
        "(;B[aa];C[x\\]", "(;B[aa];)",
        "line 1, column 10: the file ends inside a value of C, which is dropped; line 1, column 14: " MISSING(
            "1"));
    repaired(
        "(;B[aa]AB[aa][b", "(;B[aa]AB[aa])",
        "line 1, column 14: the file ends inside a value of AB, which is dropped; line 1, column 16: " MISSING(
            "1"));
    repaired("(;B[aa];W", "(;B[aa];)",
             "line 1, column 9: \"W\" has no meaning here and is ignored; line 1, column 10: " MISSING("1"));
}

/* Each move of a node gets a node of its own, in order. */
Test(sgf_repair, several_moves_in_a_node)
{
#define SEVERAL(column) "line 1, column " column ": several moves in one node; each gets its own"
    repaired("(;SZ[9];B[ee]W[cc];B[gg]W[cg])", "(;SZ[9];B[ee];W[cc];B[gg];W[cg])", SEVERAL("14") "; " SEVERAL("25"));
    repaired("(;W[ee]B[cc])", "(;W[ee];B[cc])", SEVERAL("8"));
    repaired("(;B[ee]B[cc];W[gg])", "(;B[ee];B[cc];W[gg])", SEVERAL("8"));
    repaired("(;B[ee][cc][dd]C[x];W[gg])", "(;B[ee];B[cc];B[dd]C[x];W[gg])", SEVERAL("3"));
    repaired("(;B[ee]C[x]W[cc][dd]BL[1](;B[aa])(;B[bb]))", "(;B[ee]C[x];W[cc];W[dd]BL[1]\n(;B[aa])\n(;B[bb]))",
             SEVERAL("12"));
    repaired("(;B[ee]BL[1]AW[aa][bb])", "(;B[ee]BL[1]AW[aa][bb])", "");
}

Test(sgf_repair, text_between_nodes)
{
    repaired("(;SZ[9]\n---\n;B[ee];W[cc])", "(;SZ[9];B[ee];W[cc])",
             "line 2, column 1: \"--- \" has no meaning here and is ignored");
    repaired("(;B[ee]x;W[cc])", "(;B[ee];W[cc])", "line 1, column 8: \"x\" has no meaning here and is ignored");
    repaired("(;[aa])", "(;)", "line 1, column 3: \"[aa]\" has no meaning here and is ignored");
    repaired("(;abc[aa]B[bb])", "(;B[bb])", "line 1, column 3: \"abc[aa]\" has no meaning here and is ignored");
    repaired("(;\rC[a]\r\n2[b])", "(;C[a])", "line 3, column 1: \"2[b]\" has no meaning here and is ignored");
    repaired("(;C[a]\xe5\xa4\xa9\x1b[2J)", "(;C[a]CA[UTF-8])",
             "line 1, column 7: \"天 [2J\" has no meaning here and is ignored");
    repaired("(;C[a]0123456789012345678天天)", "(;C[a]CA[UTF-8])",
             "line 1, column 7: \"0123456789012345678\xef\xbf\xbd\" has no meaning here and is ignored");
    repaired("(;C[a](;B[b]) C[c])", "(;C[a]C[c];B[b])",
             "line 1, column 15: a property after a variation; it belongs to the node before it");
    /* A comment whose brackets are not escaped. */
    repaired("(;C[see [1] for (x) :) and; more];B[aa])", "(;C[see [1];B[aa])",
             "line 1, column 13: \"for (x) :) and; more\" has no meaning here and is ignored");
}

/* A note is kept once. */
Test(sgf_repair, notes)
{
    struct sgf *sgf = parse_sgf("(;SZ[9];B[zz])");
    struct game game = game_of("go:9");
    union any_position at;
    int count;
    for (int i = 0; i < 3; i++)
        cr_assert(sgf_replay(sgf_last(sgf_root(sgf)), &game, &at.p, NULL, NULL));
    const char *const *notes = sgf_notes(sgf, &count);
    cr_expect_eq(count, 1);
    cr_expect_str_eq(notes[0], "line 1, column 8: B[zz] is not a move on the 9x9 board and is left out");
    sgf_free(sgf);
}

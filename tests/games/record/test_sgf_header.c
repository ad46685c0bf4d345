/* What the root of a record says of its game, and the same the other way round. */
#include <criterion/criterion.h>
#include <string.h>

#include "games/game.h"
#include "games/go/go.h"
#include "games/record/sgf.h"
#include "tests/games/record/sgf_common.h"

static void read_game(const char *text, const char *wanted)
{
    struct sgf *sgf = parse_sgf(text);
    struct game game;
    GError *error = NULL;
    char spec[GAME_SPEC_MAX];
    memset(&game, 1, sizeof game);
    bool fine = sgf_read_game(sgf_root(sgf), NULL, &game, &error);
    if (!fine)
        cr_assert(!game.ops && strstr(error->message, wanted), "%s: %s", text, error->message);
    else
        cr_assert_str_eq(game_format(&game, spec), wanted, "%s", text);
    g_clear_error(&error);
    sgf_free(sgf);
}

/* What a root says unreadably: the game that it is read as, and the note, without its place. */
static void mends(const char *text, const char *wanted, const char *note)
{
    struct sgf *sgf = parse_sgf(text);
    struct game game;
    GError *error = NULL;
    char spec[GAME_SPEC_MAX];
    cr_assert(sgf_read_game(sgf_root(sgf), NULL, &game, &error), "%s: %s", text, error ? error->message : "");
    cr_expect_str_eq(game_format(&game, spec), wanted, "%s", text);
    char *notes = sgf_notes_text(sgf, 0, 10);
    cr_expect(g_strcmp0(notes + strlen("line 1, column 2: "), note) == 0, "%s: %s", text, notes);
    g_free(notes);
    sgf_free(sgf);
}

Test(sgf_header, games)
{
    read_game("(;)", "go:19");
    read_game("(;GM[1]SZ[9]KM[6.5]RU[Japanese])", "go:9,komi=6.5,rules=japanese");
    read_game("(;SZ[19:19]RU[chinese]KM[7,5])", "go:19,komi=7.5,rules=chinese");
    read_game("(;RU[Chinese]KM[3.75])", "go:19,komi=7.5,rules=chinese");
    read_game("(;RU[Chinese]KM[375])", "go:19,komi=7.5,rules=chinese");
    read_game("(;KM[-0.5])", "go:19,komi=-0.5");
    read_game("(;KM[]RU[Klingon])", "go:19");
    read_game("(;RU[NZ])", "go:19,rules=chinese,suicide=yes,ko=situational,bonus=none");
    read_game("(;RU[Japanese Rules]KM[0.5])", "go:19,komi=0.5,rules=japanese");
    read_game("(;RU[ AGA rules ])", "go:19,rules=aga");
    read_game("(;RU[Korea])", "go:19,rules=japanese");
    read_game("(;RU[New-Zealand])", "go:19,rules=chinese,suicide=yes,ko=situational,bonus=none");
    read_game("(;RU[GOE])", "go:19,rules=chinese,suicide=yes,bonus=none");
    read_game("(;RU[koSIMPLEscoreTERRITORYtaxSEKIsui0]KM[6.5])", "go:19,komi=6.5,rules=japanese");
    read_game("(;RU[koSIMPLEscoreAREAtaxNONEsui0komi5.5])", "go:19,komi=5.5,suicide=no,ko=simple,scoring=area");
    read_game("(;RU[koSIMPLEscoreAREAtaxNONEsui0komi5.5]KM[8])", "go:19,komi=8,suicide=no,ko=simple,scoring=area");
    read_game("(;RU[koSIMPLEscoreAREAtaxALLsui0])", "go:19,suicide=no,ko=simple,scoring=area"); /* the nearest rules */
    read_game("(;GM[4])", "gomoku:15");
    read_game("(;GM[4]SZ[20]RU[Renju])", "gomoku:20,rules=renju");
    read_game("(;GM[4]SZ[3]TENGEN[gomoku\\:3,line=3])", "gomoku:3,line=3");
    read_game("(;GM[4]SZ[3])", "line is longer");
    read_game("(;GM[3])", "GM[3] is not a supported game");
    read_game("(;GM[2])", "reversi:8");
    read_game("(;SZ[9:13])", "SZ[9:13] is not the size of a square board; write for example SZ[19]");
    read_game("(;SZ[9:13];B[aa])", "SZ[9:13] is not the size of a square board");
    read_game("(;SZ[25])", "size of go is 2 to 19");
    mends("(;KM[seven])", "go:19", "KM[seven] is not a valid komi for go and is ignored");
    mends("(;KM[1e300])", "go:19", "KM[1e300] is not a valid komi for go and is ignored");
    mends("(;KM[nan])", "go:19", "KM[nan] is not a valid komi for go and is ignored");
    mends("(;RU[Klingon])", "go:19", "RU[Klingon] are unknown rules; those in force are kept");
    mends("(;RU[koSIMPLEscoreAREAtaxALLsui0])", "go:19,suicide=no,ko=simple,scoring=area",
          "RU[koSIMPLEscoreAREAtaxALLsui0]: Tengen does not implement group or seki tax; the closest rules are those "
          "without a tax");
    mends("(;RU[AGA button])", "go:19,rules=aga,bonus=none",
          "RU[AGA button]: Tengen does not implement the button; the closest rules are those without it");
}

Test(sgf_header, games_round_trip)
{
    static const char *const specs[] = {"go:9",
                                        "go:19,komi=-3.5,rules=japanese",
                                        "go:13,rules=aga,suicide=yes,cap=200",
                                        "go:9,komi=0.5,rules=chinese,handicap=4",
                                        "gomoku:15,rules=renju",
                                        "gomoku:7,line=4,opening=swap2",
                                        "gomoku:3,line=3"};
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game, read;
        union any_position start, replayed;
        char spec[GAME_SPEC_MAX];
        cr_assert(game_parse(&game, specs[i], NULL));
        struct sgf *sgf = sgf_new();
        struct sgf_node *root = sgf_add(sgf->top);
        sgf_write_game(root, &game);
        cr_assert(sgf_read_game(root, NULL, &read, NULL) && sgf_replay(root, &read, &replayed.p, NULL, NULL));
        game_init(&game, &start.p);
        cr_assert(replayed.p.hash == start.p.hash, "%s: different initial positions", specs[i]);
        if (!strstr(specs[i], "handicap"))
            cr_assert_str_eq(game_format(&read, spec), specs[i]);
        else
            cr_assert_eq(go_handicap_stones(&replayed.p), 4);
        sgf_free(sgf);
    }
}

/* ---- each property of a root at its limits ---- */

Test(sgf_header, kinds)
{
    read_game("(;GM[1])", "go:19");
    read_game("(;GM[4]SZ[19])", "gomoku:19");
    read_game("(;GM[0])", "GM[0] is not a supported game; GM[1] is Go, GM[4] is Gomoku, GM[2] is Reversi");
    read_game("(;GM[-1])", "GM[-1] is");
    mends("(;GM[x])", "go:19", "GM[x] is not a number; the game is taken for Go");
    mends("(;GM[])", "go:19", "GM[] is not a number; the game is taken for Go");
    read_game("(;TENGEN[connect4\\:7x6])", "connect4:7x6");
    read_game("(;TENGEN[connect4\\:7x6]SZ[5:6])", "connect4:5x6");
    read_game("(;TENGEN[connect4\\:8x8])", "go:19");         /* no spec */
    read_game("(;TENGEN[gomoku\\:9])", "go:19");             /* a game that has a number goes by it */
    read_game("(;GM[4]TENGEN[go\\:9,komi=3])", "gomoku:15"); /* and the spec of another says nothing */
    read_game("(;GM[1]TENGEN[go\\:9,komi=3])", "go:19,komi=3");
}

Test(sgf_header, shapes)
{
    read_game("(;SZ[2])", "go:2");
    read_game("(;SZ[1])", "SZ[1]: the size of go is 2 to 19");
    read_game("(;SZ[19])", "go:19");
    read_game("(;SZ[20])", "SZ[20]: the size of go is 2 to 19");
    read_game("(;SZ[9 ])", "go:9");
    read_game("(;SZ[13x13])", "go:13");
#define NO_SIZE(text, size) "SZ[" text "] is not the size of a square board; it is taken to be " size
    mends("(;SZ[9x])", "go:9", NO_SIZE("9x", "9x9"));
    mends("(;SZ[9 lines])", "go:9", NO_SIZE("9 lines", "9x9"));
    mends("(;SZ[nine])", "go:19", NO_SIZE("nine", "19x19"));
    mends("(;SZ[])", "go:19", NO_SIZE("", "19x19"));
    mends("(;SZ[:9])", "go:19", NO_SIZE(":9", "19x19"));
    mends("(;SZ[9:])", "go:9", NO_SIZE("9:", "9x9"));
    mends("(;SZ[9:9:9])", "go:9", NO_SIZE("9:9:9", "9x9"));
    mends("(;GM[4]SZ[x])", "gomoku:15", NO_SIZE("x", "15x15"));
    /* A size that no record has is damage if there are moves and the usual board holds them. */
    mends("(;SZ[99];B[ss])", "go:19", NO_SIZE("99", "19x19"));
    mends("(;SZ[1];B[ss])", "go:19", NO_SIZE("1", "19x19"));
    read_game("(;SZ[99];B[ss];W[tu])", "SZ[99]: the size of go is 2 to 19");
    read_game("(;SZ[99])", "SZ[99]: the size of go is 2 to 19");
    read_game("(;SZ[52];B[ss])", "SZ[52]: the size of go is 2 to 19");
#undef NO_SIZE
    read_game("(;GM[4]SZ[9:8])", "SZ[9:8] is not the size of a square board; write for example SZ[15]");
    read_game("(;SZ[18446744073709551625])", "the size of go");
    read_game("(;TENGEN[connect4\\:7x6])", "connect4:7x6");
    read_game("(;TENGEN[connect4\\:7x6]SZ[8:7])", "connect4:8x7");
    read_game("(;TENGEN[connect4\\:7x6]SZ[4])", "connect4:4");
    read_game("(;TENGEN[connect4\\:7x6]SZ[9:6])", "SZ[9:6]: the size of connect4 is 4 to 8");
    read_game("(;TENGEN[connect4\\:7x6]SZ[6:3])", "SZ[6:3]: the size of connect4 is 4 to 8");
    mends("(;TENGEN[connect4\\:7x6]SZ[x])", "connect4:7x6", "SZ[x] is not the size of a board; it is taken to be 7x6");
}

/* In halves; some servers count stones, or hundredths of stones. */
Test(sgf_header, komi)
{
    static const char *const cases[][2] = {
        {"7", "go:19"},
        {"6.5", "go:19,komi=6.5"},
        {"-6.5", "go:19,komi=-6.5"},
        {"0", "go:19,komi=0"},
        {"0.5", "go:19,komi=0.5"},
        {"-0.5", "go:19,komi=-0.5"},
        {"3.25", "go:19,komi=6.5"},
        {"3.75", "go:19,komi=7.5"},
        {"-3.75", "go:19,komi=-7.5"},
        {"375", "go:19,komi=7.5"},
        {"200", "go:19,komi=2"},
        {"175", "go:19,komi=175"},
        {"325", "go:19,komi=6.5"},
        {"350", "go:19,komi=3.5"},
        {"201", "go:19,komi=201"},
        {"-1000", "go:19,komi=-1000"},
        {"999.5", "go:19,komi=999.5"},
        {"1000", "go:19,komi=10"},
        {"7,5", "go:19,komi=7.5"},
        {" 5.5 ", "go:19,komi=5.5"},
        {" ", "go:19"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *text = g_strdup_printf("(;KM[%s])", cases[i][0]);
        read_game(text, cases[i][1]);
        g_free(text);
    }
    static const char *const ignored[] = {"1000.5", "-1000.5", "6.3", "3.125", "999.75", "x 7"};
    for (size_t i = 0; i < G_N_ELEMENTS(ignored); i++) {
        char *text = g_strdup_printf("(;KM[%s])", ignored[i]);
        char *note = g_strdup_printf("KM[%s] is not a valid komi for go and is ignored", ignored[i]);
        mends(text, "go:19", note);
        g_free(text);
        g_free(note);
    }
    mends("(;KM[6.5目])", "go:19,komi=6.5", "the text after the number in KM[6.5目] is ignored");
    mends("(;KM[7.5 points])", "go:19,komi=7.5", "the text after the number in KM[7.5 points] is ignored");
    read_game("(;GM[4]KM[6.5])", "gomoku:15");
    read_game("(;GM[4]KM[x])", "gomoku:15");
}

static void read_beside(const char *text, const char *otherwise, const char *wanted)
{
    struct sgf *sgf = parse_sgf(text);
    struct game from, game;
    char spec[GAME_SPEC_MAX];
    cr_assert(game_parse(&from, otherwise, NULL));
    cr_assert(sgf_read_game(sgf_root(sgf), &from, &game, NULL), "%s", text);
    cr_expect_str_eq(game_format(&game, spec), wanted);
    sgf_free(sgf);
}

/* What a record leaves out is as in the game that is given, if it is of that kind; board options are not. */
Test(sgf_header, what_a_record_leaves_out)
{
    static const char ours[] = "go:9,komi=0.5,rules=japanese,ko=positional,handicap=3";
    read_beside("(;)", ours, "go:19,komi=0.5,rules=japanese,ko=positional");
    read_beside("(;SZ[9]KM[5])", ours, "go:9,komi=5,rules=japanese,ko=positional");
    read_beside("(;SZ[9]RU[AGA])", ours, "go:9,komi=0.5,rules=aga");
    read_beside("(;SZ[9]RU[Japanese])", ours, "go:9,komi=0.5,rules=japanese");
    read_beside("(;SZ[9]RU[Klingon])", ours, "go:9,komi=0.5,rules=japanese,ko=positional");
    read_beside("(;GM[4])", ours, "gomoku:15");
    read_beside("(;GM[1]TENGEN[go\\:9,komi=3,cap=99])", ours, "go:19,komi=3,cap=99");
    /* Options that stood apart from a rule set stay while RU names the same. */
    read_beside("(;GM[1]TENGEN[go\\:9,rules=aga,ko=simple]RU[AGA])", ours, "go:19,rules=aga,ko=simple");
    read_beside("(;GM[1]TENGEN[go\\:9,rules=aga,ko=simple]RU[Chinese])", ours, "go:19,rules=chinese");
}

static void writes(const char *spec, const char *wanted)
{
    struct game game;
    struct sgf *sgf = sgf_new();
    cr_assert(game_parse(&game, spec, NULL), "%s", spec);
    sgf_write_game(sgf_add(sgf->top), &game);
    char *text = g_strdup_printf("(;FF[4]%s)\n", wanted);
    assert_formats(sgf, text);
    g_free(text);
    sgf_free(sgf);
}

/* A root to the byte: a spec is kept where the other properties would not give the same game. */
Test(sgf_header, what_is_written)
{
#define AP "CA[UTF-8]AP[Tengen:" TENGEN_VERSION "]"
    writes("go:9", "GM[1]" AP "SZ[9]KM[7]RU[Tromp-Taylor]");
    writes("go:13,komi=-0.5,rules=aga", "GM[1]" AP "SZ[13]KM[-0.5]RU[AGA]");
    writes("go:9,rules=aga,ko=simple", "GM[1]" AP "SZ[9]KM[7]RU[AGA]TENGEN[go\\:9,rules=aga,ko=simple]");
    writes("go:9,komi=0.5,handicap=2", "GM[1]" AP "SZ[9]KM[0.5]RU[Tromp-Taylor]HA[2]AB[gc][cg]");
    writes("gomoku:15,rules=renju", "GM[4]" AP "SZ[15]RU[Renju]");
    writes("gomoku:7,line=4", "GM[4]" AP "SZ[7]RU[Freestyle]TENGEN[gomoku\\:7,line=4]");
    writes("reversi:8", "GM[2]" AP "SZ[8]");
    writes("connect4:7x6", AP "SZ[7:6]TENGEN[connect4\\:7x6]");
    writes("connect4:6", AP "SZ[6]TENGEN[connect4\\:6]");
#undef AP
}

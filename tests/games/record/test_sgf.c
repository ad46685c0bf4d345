/* SGF: trees are preserved byte for byte; character sets, point lists, set-up, handicap, games; errors name the
 * line. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "games/go/go.h"
#include "games/gomoku/gomoku.h"
#include "games/record/sgf.h"

static struct sgf *parse(const char *text)
{
    GError *error = NULL;
    struct sgf *sgf = sgf_parse(text, strlen(text), "test", &error);
    cr_assert(sgf, "%s: %s", text, error ? error->message : "no message");
    return sgf;
}

static void assert_formats(const struct sgf *sgf, const char *wanted)
{
    size_t length;
    char *text = sgf_format(sgf, &length);
    cr_assert_str_eq(text, wanted);
    cr_assert_eq(length, strlen(wanted));
    g_free(text);
}

/* Files are written as they were read, including unknown properties, escapes and spellings. */
Test(sgf, keeps_every_byte)
{
    static const char *const files[] = {
        "(;FF[4]C[a\\]b\\\\c\\:d];B[aa]XYZ[x  y\n\tz][][\\\r\nq];W[])\n",
        "(;A[1]\n(;B[aa];W[bb]\n(;C[deep])\n(;C[er]))\n(;B[cc]))\n(;FF[3]GaMe[1]Black[aa]AddBlack[bb][cc])\n",
        "(;CA[UTF-8]C[\xe5\xa4\xa9\xe5\x85\x83])\n",
        "(;C[a]C[b]AB[aa]AB[bb])\n",
        "(;KM[6.5]B1[x];)\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        struct sgf *sgf = parse(files[i]);
        assert_formats(sgf, files[i]);
        sgf_free(sgf);
    }
}

Test(sgf, skips_what_stands_around_trees)
{
    struct sgf *sgf = parse("From: somebody (me)\nSubject: game\n\n ( \n;B [aa] \n[bb]\n C[x])\n--\nsig; here\n(;W[])");
    assert_formats(sgf, "(;B[aa][bb]C[x])\n(;W[])\n");
    cr_assert(sgf_root(sgf)->line == 5 && sgf_root(sgf)->column == 1);
    sgf_free(sgf);
    sgf = parse("\xef\xbb\xbf(;B[aa])");
    assert_formats(sgf, "(;B[aa])\n");
    sgf_free(sgf);
}

/* {file, part of the message} */
static const char *const broken[][2] = {
    {"", "line 1, column 1: the file contains no game tree"},
    {"hello", "no game tree"},
    {"(;B[aa]", "line 1, column 8: the file ends inside a game tree; 1 ')'"},
    {"(;\nB[aa](;W[bb]\n(;B[cc", "line 3, column 4: the value of B has no ']'"},
    {"(;B[aa]))", "line 1, column 9: unmatched ')'"},
    {"(;B)", "line 1, column 4: B has no value"},
    {"(;B[aa]\n  [bb]\n  ![cc])", "line 3, column 3: '!' has no meaning"},
    {"(;[aa])", "line 1, column 3: a value without a property"},
    {"(;abc[aa])", "\"abc\" is not a property name"},
    {"(;C[x](B[aa]))", "line 1, column 7: '(' must be followed by ';'"},
    {"(;C[x](;B[aa]);W[bb])", "line 1, column 15: a variation must be followed by"},
    {"(;C[x\\])", "line 1, column 4: the value of C"},
    {"(;C[\xe5\xa4\xa9]\x01)", "line 1, column 7: byte 0x01"},
    {"(;CA[utf-8]\nC[\xff])", "line 2, column 3: this byte is not valid utf-8"},
    {"(;CA", "line 1, column 5: CA has no value"},
    {"(;CA[", "line 1, column 5: the value of CA"},
    {"(;klingon-1])", "\"klingon\" is not a property name"},
    {"(;CA[klingon-1])", "line 1, column 2: CA[klingon-1] is not a known character set"},
    {"(;CA[Shift_JIS]C[\xff])", "not valid Shift_JIS"},
};

Test(sgf, broken_files_are_refused_by_line_and_column)
{
    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
        GError *error = NULL;
        struct sgf *sgf = sgf_parse(broken[i][0], strlen(broken[i][0]), "test", &error);
        cr_assert(!sgf && error, "%s was read", broken[i][0]);
        cr_assert(strstr(error->message, broken[i][1]), "%s: \"%s\" does not contain \"%s\"", broken[i][0],
                  error->message, broken[i][1]);
        g_clear_error(&error);
    }
    GError *error = NULL;
    cr_assert(!sgf_parse("(;C[a\0b])", 9, "test", &error));
    cr_assert(strstr(error->message, "line 1, column 6"), "%s", error->message);
    g_clear_error(&error);
    cr_assert(!sgf_parse("(;C[\xe9\\\0b])", 9, "test", &error)); /* in Latin-1, and after an escape */
    cr_assert(strstr(error->message, "line 1, column 7: zero byte"), "%s", error->message);
    g_clear_error(&error);
    cr_assert(!sgf_load("/no/such/file.sgf", &error));
    g_clear_error(&error);
}

/* Neither depth nor length uses the stack; files beyond the limits are rejected. */
Test(sgf, depth_is_bounded)
{
    GString *deep = g_string_new(NULL);
    for (int i = 0; i < SGF_MAX_NESTING; i++)
        g_string_append(deep, "(;");
    for (int i = 0; i < SGF_MAX_NESTING; i++)
        g_string_append_c(deep, ')');
    struct sgf *sgf = parse(deep->str);
    size_t length;
    char *text = sgf_format(sgf, &length);
    int nodes = 0;
    for (struct sgf_node *node = sgf_root(sgf); node; node = sgf_next(sgf_root(sgf), node))
        nodes++;
    cr_assert_eq(nodes, SGF_MAX_NESTING);
    g_free(text);
    sgf_free(sgf);
    g_string_prepend(deep, "(;");
    g_string_append_c(deep, ')');
    GError *error = NULL;
    cr_assert(!sgf_parse(deep->str, deep->len, "test", &error));
    cr_assert(strstr(error->message, "parentheses"));
    g_clear_error(&error);
    g_string_free(deep, TRUE);
}

Test(sgf, charsets)
{
    static const struct {
        const char *bytes, *text, *written;
    } cases[] = {
        {"(;CA[ISO-8859-1]C[caf\xe9])", "caf\xc3\xa9", "(;CA[ISO-8859-1]C[caf\xe9])\n"},
        {"(;C[caf\xe9])", "caf\xc3\xa9", "(;C[caf\xe9]CA[ISO-8859-1])\n"},
        {"(;C[caf\xc3\xa9])", "caf\xc3\xa9", "(;C[caf\xc3\xa9]CA[UTF-8])\n"},
        {"(;CA[Shift_JIS]C[\x93\x56\x8c\xb3])", "\xe5\xa4\xa9\xe5\x85\x83", "(;CA[Shift_JIS]C[\x93\x56\x8c\xb3])\n"},
        /* a trail byte that is a backslash in ASCII: 0x83 0x5c is the katakana "so" */
        {"(;CA[Shift_JIS]C[\x83\x5c])", "\xe3\x82\xbd", "(;CA[Shift_JIS]C[\x83\x5c])\n"},
        {"(;CA[SJIS]C[\x83\x5c\\]x])", "\xe3\x82\xbd]x", "(;CA[SJIS]C[\x83\x5c\\]x])\n"},
        {"(;CA[GB18030]C[\xcc\xec\xd4\xaa])", "\xe5\xa4\xa9\xe5\x85\x83", "(;CA[GB18030]C[\xcc\xec\xd4\xaa])\n"},
        {"(;CA[big5]C[\xa4\xd1])", "\xe5\xa4\xa9", "(;CA[big5]C[\xa4\xd1])\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct sgf *sgf = parse(cases[i].bytes);
        char *text = sgf_text(sgf_root(sgf), "C");
        cr_assert_str_eq(text, cases[i].text);
        assert_formats(sgf, cases[i].written);
        g_free(text);
        sgf_free(sgf);
    }
    /* If the character set lacks a character, the file is written in UTF-8. */
    struct sgf *sgf = parse("(;CA[ISO-8859-1]C[x])");
    sgf_set_text(sgf_root(sgf), "C", "\xe5\xa4\xa9");
    assert_formats(sgf, "(;CA[UTF-8]C[\xe5\xa4\xa9])\n");
    sgf_free(sgf);
    static const char utf16[] = "\xff\xfe(\0;\0C\0[\0\x29\x59]\0)\0";
    sgf = sgf_parse(utf16, sizeof utf16 - 1, "test", NULL);
    cr_assert(sgf);
    char *text = sgf_text(sgf_root(sgf), "C");
    cr_assert_str_eq(text, "\xe5\xa4\xa9");
    g_free(text);
    sgf_free(sgf);
}

Test(sgf, text_and_escapes)
{
    static const char *const cases[][2] = {
        {"a\\]b\\\\c\\:d", "a]b\\c:d"},   {"soft\\\nbreak", "softbreak"},
        {"soft\\\r\nbreak", "softbreak"}, {"one\r\ntwo\rthree\n\rfour", "one\ntwo\nthree\nfour"},
        {"tab\there", "tab here"},        {"end\\", "end\\"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *text = sgf_unescape(cases[i][0]);
        cr_assert_str_eq(text, cases[i][1]);
        g_free(text);
    }
    char *raw = sgf_escape("a]b\\c:d\ne\tf"), *back = sgf_unescape(raw);
    cr_assert_str_eq(raw, "a\\]b\\\\c\\:d\ne f");
    cr_assert_str_eq(back, "a]b\\c:d\ne f");
    g_free(raw);
    g_free(back);
}

Test(sgf, edits)
{
    struct sgf *sgf = parse("(;(;C[a];C[aa])(;C[b])(;C[c];C[cc](;C[x])(;C[y])))");
    struct sgf_node *root = sgf_root(sgf), *c = root->last_child, *y = c->first_child->last_child;
    cr_assert(sgf_children(root) == 3 && sgf_last(root)->parent == root->first_child);
    sgf_make_main(y);
    assert_formats(sgf, "(;\n(;C[c];C[cc]\n(;C[y])\n(;C[x]))\n(;C[a];C[aa])\n(;C[b]))\n");
    sgf_delete(c);
    sgf_set(sgf_add(sgf_last(root)), "B", "aa");
    assert_formats(sgf, "(;\n(;C[a];C[aa];B[aa])\n(;C[b]))\n");
    sgf_delete(root->last_child);
    sgf_append(root, "AB", "aa");
    sgf_append(root, "AB", "bb");
    sgf_set_text(root, "C", "a]");
    assert_formats(sgf, "(;AB[aa][bb]C[a\\]];C[a];C[aa];B[aa])\n");
    sgf_set(root, "AB", "cc");
    sgf_set_text(root, "C", NULL);
    assert_formats(sgf, "(;AB[cc];C[a];C[aa];B[aa])\n");
    sgf_delete(root);
    cr_assert(!sgf_root(sgf));
    assert_formats(sgf, "");
    sgf_free(sgf);
}

static void read_game(const char *text, const char *wanted)
{
    struct sgf *sgf = parse(text);
    struct game game;
    GError *error = NULL;
    char spec[GAME_SPEC_MAX];
    bool fine = sgf_read_game(sgf_root(sgf), NULL, &game, &error);
    if (!fine)
        cr_assert(strstr(error->message, wanted), "%s: %s", text, error->message);
    else
        cr_assert_str_eq(game_format(&game, spec), wanted);
    g_clear_error(&error);
    sgf_free(sgf);
}

Test(sgf, games)
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
    read_game("(;SZ[9:13])", "not the size of a square board");
    read_game("(;SZ[25])", "size of go is 2 to 19");
    read_game("(;SZ[nine])", "not the size of a square board");
    read_game("(;KM[seven])", "KM[seven] is not a valid komi");
    read_game("(;KM[1e300])", "not a valid komi");
    read_game("(;KM[nan])", "not a valid komi");
    read_game("(;KM[6.3])", "not a valid komi");
}

Test(sgf, games_round_trip)
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

/* Random games of every kind are written to files and read back. */
Test(sgf, moves_round_trip)
{
    static const char *const specs[] = {
        "go:7", "go:5,rules=aga", "gomoku:9,opening=swap2", "gomoku:15,rules=renju", "gomoku:20", "go:19"};
    struct rng rng;
    rng_seed(&rng, 5);
    for (int round = 0; round < 60; round++) {
        struct game game, read;
        union any_position at, back;
        struct history history, back_history;
        cr_assert(game_parse(&game, specs[round % (int)G_N_ELEMENTS(specs)], NULL));
        history_init(&history, 16);
        history_init(&back_history, 16);
        game_init(&game, &at.p);
        struct sgf *sgf = sgf_new();
        struct sgf_node *node = sgf_add(sgf->top);
        sgf_write_game(node, &game);
        while (!game_over(&at.p)) {
            game_move moves[GAME_MAX_MOVES];
            int count = game.ops->legal_moves(&game, &at.p, &history, moves);
            game_move move = moves[rng_below(&rng, (uint32_t)count)];
            struct sgf_node *child = sgf_add_move(node, &game, &at.p, move);
            cr_assert(sgf_add_move(node, &game, &at.p, move) == child);
            node = child;
            game_play(&game, &at.p, &history, move);
        }
        size_t length;
        char *text = sgf_format(sgf, &length);
        struct sgf *again = sgf_parse(text, length, "test", NULL);
        GError *error = NULL;
        cr_assert(again && sgf_read_game(sgf_root(again), NULL, &read, NULL) && game_equal(&read, &game));
        cr_assert(sgf_replay(sgf_last(sgf_root(again)), &read, &back.p, &back_history, &error), "%s",
                  error ? error->message : "");
        cr_assert(back.p.hash == at.p.hash && back.p.ply == at.p.ply && back.p.outcome == at.p.outcome &&
                  back_history.count == history.count);
        g_free(text);
        sgf_free(sgf);
        sgf_free(again);
        history_clear(&history);
        history_clear(&back_history);
    }
}

/* Replays to the last node of the main line and checks the position's consistency. */
static void replay(const char *text, union any_position *at, struct game *game)
{
    struct sgf *sgf = parse(text);
    GError *error = NULL;
    cr_assert(sgf_read_game(sgf_root(sgf), NULL, game, &error), "%s", error ? error->message : "");
    cr_assert(sgf_replay(sgf_last(sgf_root(sgf)), game, &at->p, NULL, &error), "%s: %s", text,
              error ? error->message : "");
    cr_assert(!game->ops->check(game, &at->p), "%s: %s", text, game->ops->check(game, &at->p));
    sgf_free(sgf);
}

static int stones_of(const struct game *game, const struct position *position, enum game_colour colour)
{
    int count = 0;
    for (int p = 0; p < game->points; p++)
        count += game->ops->stone(game, position, p) == colour;
    return count;
}

Test(sgf, setup_and_handicap)
{
    union any_position at;
    struct game game;
    replay("(;SZ[9]AB[aa:cb][ii]AW[gg]PL[W])", &at, &game);
    cr_assert(stones_of(&game, &at.p, GAME_BLACK) == 7 && at.p.colour == GAME_WHITE && go_handicap_stones(&at.p) == 0);
    replay("(;SZ[9]AB[aa:cb];AE[bb]AW[bb];W[cc])", &at, &game);
    cr_assert(stones_of(&game, &at.p, GAME_BLACK) == 5 && stones_of(&game, &at.p, GAME_WHITE) == 2);
    replay("(;SZ[9]HA[3]AB[cc][gg][cg])", &at, &game);
    cr_assert(go_handicap_stones(&at.p) == 3 && at.p.colour == GAME_WHITE);
    replay("(;SZ[9]HA[2];W[ee])", &at, &game);
    cr_assert(go_handicap_stones(&at.p) == 2 && stones_of(&game, &at.p, GAME_BLACK) == 2);
    replay("(;SZ[9]HA[2];B[ee])", &at, &game);
    cr_assert(go_handicap_stones(&at.p) == 0 && stones_of(&game, &at.p, GAME_BLACK) == 1);
    replay("(;SZ[9]HA[0]AB[aa][bb];W[ee])", &at, &game);
    cr_assert(go_handicap_stones(&at.p) == 0 && at.p.colour == GAME_BLACK);
    /* The same colour twice; moves after two passes; tt, which is a pass only up to 19x19. */
    replay("(;SZ[9];B[aa];B[bb];W[tt];B[];W[cc])", &at, &game);
    cr_assert(stones_of(&game, &at.p, GAME_BLACK) == 2 && stones_of(&game, &at.p, GAME_WHITE) == 1 &&
              !game_over(&at.p) && at.p.colour == GAME_BLACK);
    replay("(;GM[4]SZ[20];B[tt];W[a1])", &at, &game);
    cr_assert(game.ops->stone(&game, &at.p, 399) == GAME_BLACK && game.ops->stone(&game, &at.p, 380) == GAME_WHITE);
    replay("(;GM[4]AB[hh][hi]AW[gg];W[ff];B[hj];W[];B[hk])", &at, &game);
    cr_assert(stones_of(&game, &at.p, GAME_BLACK) == 4 && at.p.colour == GAME_WHITE);
}

Test(sgf, moves_that_cannot_be_are_refused_by_line)
{
    static const char *const cases[][2] = {
        {"(;SZ[9];B[aa]\n;W[aa])", "line 2, column 1: the move W[aa] is illegal"},
        {"(;SZ[9];B[jj])", "B[jj] is not a move on the 9x9 board"},
        {"(;SZ[9];B[zzz])", "B[zzz] is not a move"},
        {"(;SZ[9]AB[aa][k])", "AB[k] is not a point"},
        {"(;SZ[9]AB[aa:zz])", "AB[aa:zz] is not a point"},
        {"(;SZ[9]AB[aa]AW[ba][ab])", "no liberties"},
        {"(;GM[4];B[hh];W[hh])", "illegal"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct sgf *sgf = parse(cases[i][0]);
        struct game game;
        union any_position at;
        GError *error = NULL;
        cr_assert(sgf_read_game(sgf_root(sgf), NULL, &game, NULL));
        cr_assert(!sgf_replay(sgf_last(sgf_root(sgf)), &game, &at.p, NULL, &error), "%s was accepted", cases[i][0]);
        cr_assert(strstr(error->message, cases[i][1]), "%s: %s", cases[i][0], error->message);
        g_clear_error(&error);
        sgf_free(sgf);
    }
}

/* A move that violates the file's own superko rule is replayed, because it was played. */
Test(sgf, superko_is_the_players_matter)
{
    union any_position at;
    struct game game;
    struct history history;
    struct sgf *sgf = parse("(;SZ[5]AB[ba][ab][bc]AW[ca][bb][db][cc]PL[B];B[cb];W[];B[];W[bb])");
    history_init(&history, 4);
    cr_assert(sgf_read_game(sgf_root(sgf), NULL, &game, NULL));
    cr_assert(sgf_replay(sgf_last(sgf_root(sgf)), &game, &at.p, &history, NULL));
    cr_assert(game.ops->stone(&game, &at.p, 6) == GAME_WHITE && game.ops->stone(&game, &at.p, 7) == GAME_EMPTY);
    history_clear(&history);
    sgf_free(sgf);
}

Test(sgf, saves_whole_files)
{
    char *path = g_strdup_printf("%s/tengen-test-%d.sgf", g_get_tmp_dir(), (int)getpid());
    struct sgf *sgf = parse("(;SZ[9];B[aa])"), *again;
    GError *error = NULL;
    cr_assert(sgf_save(sgf, path, &error), "%s", error ? error->message : "");
    cr_assert((again = sgf_load(path, &error)));
    assert_formats(again, "(;SZ[9];B[aa])\n");
    cr_assert(!sgf_save(sgf, "/no/such/folder/x.sgf", &error) && error);
    g_clear_error(&error);
    unlink(path);
    g_free(path);
    sgf_free(sgf);
    sgf_free(again);
}

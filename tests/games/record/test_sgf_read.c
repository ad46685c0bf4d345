/* Files of SGF: in and out byte for byte, charsets, saving; what is broken, by line and column. */
#include <unistd.h>

#include "tests/games/record/sgf_common.h"

/* What is written is what was read, unknown properties, escapes and spellings included. */
Test(sgf_read, keeps_every_byte)
{
    static const char *const files[] = {
        "(;FF[4]C[a\\]b\\\\c\\:d];B[aa]XYZ[x  y\n\tz][][\\\r\nq];W[])\n",
        "(;A[1]\n(;B[aa];W[bb]\n(;C[deep])\n(;C[er]))\n(;B[cc]))\n(;FF[3]GaMe[1]Black[aa]AddBlack[bb][cc])\n",
        "(;CA[UTF-8]C[\xe5\xa4\xa9\xe5\x85\x83])\n",
        "(;C[a]C[b]AB[aa]AB[bb])\n",
        "(;KM[6.5]B1[x];)\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        struct sgf *sgf = parse_sgf(files[i]);
        assert_formats(sgf, files[i]);
        sgf_free(sgf);
    }
}

Test(sgf_read, skips_what_stands_around_trees)
{
    struct sgf *sgf = parse_sgf("From: somebody (me)\nSubject: game\n\n ( \n;B [aa] \n[bb]\n C[x])\n--\nsig; here\n(;W[])");
    assert_formats(sgf, "(;B[aa][bb]C[x])\n(;W[])\n");
    cr_assert(sgf_root(sgf)->line == 5 && sgf_root(sgf)->column == 1);
    sgf_free(sgf);
    sgf = parse_sgf("\xef\xbb\xbf(;B[aa])");
    assert_formats(sgf, "(;B[aa])\n");
    sgf_free(sgf);
}

/* {file, place and word in the message} */
static const char *const broken[][2] = {
    {"", "line 1, column 1: there is no game tree"},
    {"hello", "no game tree"},
    {"(;B[aa]", "line 1, column 8: the file ends inside a game tree; 1 ')'"},
    {"(;\nB[aa](;W[bb]\n(;B[cc", "line 3, column 4: the value of B has no ']'"},
    {"(;B[aa]))", "line 1, column 9: this ')' closes nothing"},
    {"(;B)", "line 1, column 4: B has no value"},
    {"(;B[aa]\n  [bb]\n  ![cc])", "line 3, column 3: '!' has no meaning"},
    {"(;[aa])", "line 1, column 3: a value without a property"},
    {"(;abc[aa])", "\"abc\" is no property name"},
    {"(;C[x](B[aa]))", "line 1, column 7: after '(' comes ';'"},
    {"(;C[x](;B[aa]);W[bb])", "line 1, column 15: after a variation"},
    {"(;C[x\\])", "line 1, column 4: the value of C"},
    {"(;C[\xe5\xa4\xa9]\x01)", "line 1, column 7: byte 0x01"},
    {"(;CA[utf-8]\nC[\xff])", "line 2, column 3: a byte that is no utf-8"},
    {"(;CA", "line 1, column 5: CA has no value"},
    {"(;CA[", "line 1, column 5: the value of CA"},
    {"(;klingon-1])", "\"klingon\" is no property name"},
    {"(;CA[klingon-1])", "line 1, column 2: CA[klingon-1] names no charset"},
    {"(;CA[Shift_JIS]C[\xff])", "no Shift_JIS"},
};

Test(sgf_read, broken_files_are_refused_by_line_and_column)
{
    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
        GError *error = NULL;
        struct sgf *sgf = sgf_parse(broken[i][0], strlen(broken[i][0]), "test", &error);
        cr_assert(!sgf && error, "%s was read", broken[i][0]);
        cr_assert(strstr(error->message, broken[i][1]), "%s: \"%s\" lacks \"%s\"", broken[i][0], error->message,
                  broken[i][1]);
        g_clear_error(&error);
    }
    GError *error = NULL;
    cr_assert(!sgf_parse("(;C[a\0b])", 9, "test", &error));
    cr_assert(strstr(error->message, "line 1, column 6"), "%s", error->message);
    g_clear_error(&error);
    cr_assert(!sgf_parse("(;C[\xe9\\\0b])", 9, "test", &error)); /* in Latin-1, and behind an escape */
    cr_assert(strstr(error->message, "line 1, column 7: a zero byte"), "%s", error->message);
    g_clear_error(&error);
    cr_assert(!sgf_load("/no/such/file.sgf", &error));
    g_clear_error(&error);
}

/* Neither depth nor length is the stack's matter; what is too much is refused. */
Test(sgf_read, depth_is_bounded)
{
    GString *deep = g_string_new(NULL);
    for (int i = 0; i < SGF_MAX_NESTING; i++)
        g_string_append(deep, "(;");
    for (int i = 0; i < SGF_MAX_NESTING; i++)
        g_string_append_c(deep, ')');
    struct sgf *sgf = parse_sgf(deep->str);
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

Test(sgf_read, charsets)
{
    static const struct {
        const char *bytes, *text, *written;
    } cases[] = {
        {"(;CA[ISO-8859-1]C[caf\xe9])", "caf\xc3\xa9", "(;CA[ISO-8859-1]C[caf\xe9])\n"},
        {"(;C[caf\xe9])", "caf\xc3\xa9", "(;C[caf\xe9]CA[ISO-8859-1])\n"},
        {"(;C[caf\xc3\xa9])", "caf\xc3\xa9", "(;C[caf\xc3\xa9]CA[UTF-8])\n"},
        {"(;CA[Shift_JIS]C[\x93\x56\x8c\xb3])", "\xe5\xa4\xa9\xe5\x85\x83", "(;CA[Shift_JIS]C[\x93\x56\x8c\xb3])\n"},
        /* a trail byte that is a backslash in ASCII: 0x83 0x5c is katakana so */
        {"(;CA[Shift_JIS]C[\x83\x5c])", "\xe3\x82\xbd", "(;CA[Shift_JIS]C[\x83\x5c])\n"},
        {"(;CA[SJIS]C[\x83\x5c\\]x])", "\xe3\x82\xbd]x", "(;CA[SJIS]C[\x83\x5c\\]x])\n"},
        {"(;CA[GB18030]C[\xcc\xec\xd4\xaa])", "\xe5\xa4\xa9\xe5\x85\x83", "(;CA[GB18030]C[\xcc\xec\xd4\xaa])\n"},
        {"(;CA[big5]C[\xa4\xd1])", "\xe5\xa4\xa9", "(;CA[big5]C[\xa4\xd1])\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct sgf *sgf = parse_sgf(cases[i].bytes);
        char *text = sgf_text(sgf_root(sgf), "C");
        cr_assert_str_eq(text, cases[i].text);
        assert_formats(sgf, cases[i].written);
        g_free(text);
        sgf_free(sgf);
    }
    /* A character that the charset lacks turns the file into UTF-8 rather than being lost. */
    struct sgf *sgf = parse_sgf("(;CA[ISO-8859-1]C[x])");
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

Test(sgf_read, saves_whole_files)
{
    char *path = g_strdup_printf("%s/tengen-test-%d.sgf", g_get_tmp_dir(), (int)getpid());
    struct sgf *sgf = parse_sgf("(;SZ[9];B[aa])"), *again;
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

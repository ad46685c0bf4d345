/* Files of SGF: in and out byte for byte, charsets, saving; what is broken, by line and column. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "games/game.h"
#include "games/record/sgf.h"
#include "tests/games/record/sgf_common.h"

/* Files are written as they were read, including unknown properties, escapes and spellings. */
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
    struct sgf *sgf =
        parse_sgf("From: somebody (me)\nSubject: game\n\n ( \n;B [aa] \n[bb]\n C[x])\n--\nsig; here\n(;W[])");
    assert_formats(sgf, "(;B[aa][bb]C[x])\n(;W[])\n");
    cr_assert(sgf_root(sgf)->line == 5 && sgf_root(sgf)->column == 1);
    sgf_free(sgf);
    sgf = parse_sgf("\xef\xbb\xbf(;B[aa])");
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

Test(sgf_read, broken_files_are_refused_by_line_and_column)
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
        /* a trail byte that is a backslash in ASCII: 0x83 0x5c is the katakana "so" */
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
    /* If the character set lacks a character, the file is written in UTF-8. */
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

/* ---- places ---- */

/* Lines end with LF, CR LF or CR; columns are characters. */
Test(sgf_read, nodes_know_their_places)
{
    static const int places[][2] = {{3, 3}, {3, 8}, {4, 1}, {7, 3}, {9, 2}, {9, 7}, {9, 10}};
    struct sgf *sgf =
        parse_sgf("mail\n\r\n (;C[\xe5\xa4\xa9];B[aa]\r;W[b\\\nb]\r\n\n  ;B[cc]\n\r(;W[a];)(;W[\xe5\xa4\xa9\r\n]))");
    const struct sgf_node *node = sgf_root(sgf);
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++, node = sgf_next(sgf_root(sgf), node))
        cr_expect(node->line == places[i][0] && node->column == places[i][1], "node %zu: line %d, column %d", i,
                  node->line, node->column);
    cr_expect_null(node);
    sgf_free(sgf);
}

static void refused(const char *text, const char *words)
{
    GError *error = NULL;
    cr_assert(!sgf_parse(text, strlen(text), "test", &error), "%s was read", text);
    cr_expect(error->domain == GAME_ERROR && error->code == GAME_ERROR_FILE);
    cr_expect(g_str_has_prefix(error->message, "test, ") && strstr(error->message, words), "%s: %s", text,
              error->message);
    g_clear_error(&error);
}

Test(sgf_read, broken_in_other_ways)
{
    refused("(;B[aa]", "line 1, column 8: the file ends inside a game tree; 1 ')'");
    refused("(;B[aa](;W[bb](;", "line 1, column 17: the file ends inside a game tree; 3 ')'");
    refused("(;B[aa]\n)\n)", "line 3, column 1: unmatched ')'");
    refused("(;B[aa])(W[aa])", "line 1, column 15: unmatched ')'");
    refused("(;B[aa])\n(;)\n (;W[\\]", "line 3, column 5: the value of W");
    refused("(;\rC[a]\r\n2[b])", "line 3, column 1: '2' has no meaning");
    refused("(;C[a]\xe5\xa4\xa9)", "line 1, column 7: byte 0xe5");
    refused("(;C[a](\n B[b]))", "line 1, column 7: '(' must be followed by");
    refused("(;C[a](;B[b]) C[c])", "line 1, column 15: a variation must be followed by");
    refused("(;C[a] (", "line 1, column 8: '(' must be followed by");
    refused("(;C [a] D )", "line 1, column 11: D has no value");
    refused("(;CA[a/b]C[\xff])", "CA[a/b] is not a known character set");
    refused("(;CA[UTF8]C[\xff])", "line 1, column 13: this byte is not valid UTF8");
    refused("(;CA[UTF-16]C[x])", "CA[UTF-16] is not a known character set");
}

/* A name has at most 64 letters. */
Test(sgf_read, long_names)
{
    for (int length = 63; length <= 66; length++) {
        char *name = g_strnfill((gsize)length, 'A'), *text = g_strdup_printf("(;%s[x])", name);
        if (length > SGF_MAX_NAME) {
            char *words = g_strdup_printf("line 1, column 3: a property name of %d characters; the maximum is 64", length);
            refused(text, words);
            g_free(words);
        } else {
            struct sgf *sgf = parse_sgf(text);
            cr_expect_str_eq(sgf_get(sgf_root(sgf), name), "x");
            sgf_free(sgf);
        }
        g_free(text);
        g_free(name);
    }
}

/* Lists grow as they are read: each number of properties and of values up to 20 comes out as it went in. */
Test(sgf_read, many_properties_and_values)
{
    for (int properties = 1; properties <= 20; properties++) {
        GString *text = g_string_new("(;");
        for (int i = 0; i < properties; i++) {
            g_string_append_printf(text, "P%d", i);
            for (int v = 0; v <= i; v++)
                g_string_append_printf(text, "[%d]", v);
        }
        g_string_append(text, ")\n");
        struct sgf *sgf = parse_sgf(text->str);
        cr_assert_eq(sgf_root(sgf)->count, properties);
        for (int i = 0; i < properties; i++)
            cr_assert_eq(sgf_root(sgf)->properties[i].count, i + 1);
        assert_formats(sgf, text->str);
        sgf_free(sgf);
        g_string_free(text, TRUE);
    }
}

/* A file of FF[3] spells names with small letters between. */
Test(sgf_read, spellings)
{
    struct sgf *sgf = parse_sgf("(;GaMe[1]Black[aa]W2hite3[bb]KM[0])");
    static const char *const names[][2] = {{"GM", "GaMe"}, {"B", "Black"}, {"W23", "W2hite3"}, {"KM", NULL}};
    for (int i = 0; i < 4; i++) {
        const struct sgf_property *property = &sgf_root(sgf)->properties[i];
        cr_expect_str_eq(property->name, names[i][0]);
        cr_expect(g_strcmp0(property->spelled, names[i][1]) == 0, "%s", property->spelled);
    }
    sgf_free(sgf);
}

/* ---- charsets ---- */

Test(sgf_read, charsets_by_name)
{
    static const char *const known[][2] = {{"UTF-8", "UTF-8"},     {"utf8", "utf8"},        {"Shift_JIS", "CP932"},
                                           {"SHIFT-JIS", "CP932"}, {"sjis", "CP932"},       {"x-sjis", "CP932"},
                                           {"ms_kanji", "CP932"},  {"csShiftJIS", "CP932"}, {"EUC-KR", "EUC-KR"}};
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        cr_expect(g_strcmp0(sgf_charset(known[i][0]), known[i][1]) == 0, "%s", known[i][0]);
    static const char *const unknown[] = {"klingon", "UTF-8//IGNORE", "UTF-16", "UCS-4", "UTF-7", ""};
    for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++)
        cr_expect_null(sgf_charset(unknown[i]), "%s", unknown[i]);
}

/* A file whose bytes say what it is, without CA or with an empty one. */
Test(sgf_read, charsets_by_the_bytes)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *charset;
    } cases[] = {
        {"(;C[x])", 7, NULL},
        {"(;C[\xc3\xa9])", 8, "UTF-8"},
        {"(;CA[ ]C[\xe9])", 12, "ISO-8859-1"},
        {"(;C[\xe9])", 7, "ISO-8859-1"},
        {"\xfe\xff\0(\0;\0C\0[\0\xe9\0]\0)", 16, "UTF-8"},
        {"\xff\xfe(\0;\0C\0[\0\xe9\0]\0)\0", 16, "UTF-8"},
        {"\xef\xbb\xbf(;C[\xc3\xa9])", 11, "UTF-8"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        struct sgf *sgf = sgf_parse(cases[i].bytes, cases[i].length, "test", &error);
        cr_assert(sgf, "case %zu: %s", i, error ? error->message : "");
        cr_expect(g_strcmp0(sgf_get(sgf_root(sgf), "CA"), cases[i].charset) == 0, "case %zu: %s", i,
                  sgf_get(sgf_root(sgf), "CA"));
        cr_expect_str_eq(sgf_get(sgf_root(sgf), "C"), cases[i].charset ? "\xc3\xa9" : "x");
        sgf_free(sgf);
    }
    static const char *const short_ones[] = {"\xff", "\xef\xbb", "\xef\xbb\xbf", "\xff\xfe", "("};
    for (size_t i = 0; i < G_N_ELEMENTS(short_ones); i++)
        cr_expect(!sgf_parse(short_ones[i], strlen(short_ones[i]), "test", NULL), "case %zu", i);
}

/* Too much is refused before a byte is looked at. */
Test(sgf_read, length)
{
    GError *error = NULL;
    cr_assert(!sgf_parse("(;)", (size_t)SGF_MAX_BYTES + 1, "test", &error));
    cr_expect(strstr(error->message, "more than 64 MiB"), "%s", error->message);
    g_clear_error(&error);
}

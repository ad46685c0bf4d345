/* Files of SGF: in and out byte for byte, saving, places, limits; what is no SGF. */
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
        parse_sgf("From: somebody (me)\nSubject: game\n\n ( \n;AB [aa] \n[bb]\n C[x])\n--\nsig; here\n(;W[])");
    int count;
    cr_expect_null(sgf_notes(sgf, &count));
    cr_expect_eq(count, 0);
    assert_formats(sgf, "(;AB[aa][bb]C[x])\n(;W[])\n");
    cr_assert(sgf_root(sgf)->line == 5 && sgf_root(sgf)->column == 1);
    sgf_free(sgf);
    sgf = parse_sgf("\xef\xbb\xbf(;B[aa])");
    assert_formats(sgf, "(;B[aa])\n");
    sgf_free(sgf);
}

static void refused(const char *bytes, size_t length, const char *words)
{
    GError *error = NULL;
    cr_assert(!sgf_parse(bytes, length, "test", &error), "%.20s was read", bytes);
    cr_expect(error->domain == GAME_ERROR && error->code == GAME_ERROR_FILE);
    cr_expect(g_str_has_prefix(error->message, "test") && strstr(error->message, words), "%.20s: %s", bytes,
              error->message);
    g_clear_error(&error);
}

/* Only what is no SGF is refused: nothing in it begins a game tree, or it is no text. */
Test(sgf_read, what_is_no_sgf)
{
    static const char *const texts[] = {"",
                                        "hello",
                                        "(",
                                        ")",
                                        ";",
                                        "b[",
                                        "()()",
                                        "[aa]",
                                        "(x;y)",
                                        "abc;",
                                        "{\"moves\": [[1, 2]]}",
                                        "\xff\xfe",
                                        "\xef\xbb\xbf",
                                        "\xff",
                                        "\xef\xbb",
                                        "int a[3] = f(b); c[0] = 1; C[0] = 2;\n",
                                        "Note[1]: text"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        refused(texts[i], strlen(texts[i]), "line 1, column 1: the file contains no game tree; SGF begins with \"(;\"");
    char bytes[1000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 37);
    memcpy(bytes + 500, "(;B[ee])", 8);
    refused(bytes, sizeof bytes, "this is not a text");
    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes, "(;B[ee]C[", 9);
    memcpy(bytes + 990, "])", 2);
    memset(bytes + 100, 1, 20);
    struct sgf *sgf = sgf_parse(bytes, sizeof bytes, "test", NULL);
    cr_expect(sgf, "a text may contain some control characters");
    sgf_free(sgf);
    memset(bytes + 100, 1, 21);
    refused(bytes, sizeof bytes, "this is not a text");
    GError *error = NULL;
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

/* A name has at most 64 letters. */
Test(sgf_read, long_names)
{
    for (int length = 63; length <= 66; length++) {
        char *name = g_strnfill((gsize)length, 'A'), *text = g_strdup_printf("(;%s[x]C[y])", name);
        struct sgf *sgf = parse_sgf(text);
        cr_expect(g_strcmp0(sgf_get(sgf_root(sgf), name), length > SGF_MAX_NAME ? NULL : "x") == 0);
        cr_expect_str_eq(sgf_get(sgf_root(sgf), "C"), "y");
        cr_expect_eq(sgf_root(sgf)->count, length > SGF_MAX_NAME ? 1 : 2);
        sgf_free(sgf);
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

/* ---- limits ---- */

/* Too much is refused before a byte is looked at. */
Test(sgf_read, length)
{
    GError *error = NULL;
    cr_assert(!sgf_parse("(;)", (size_t)SGF_MAX_BYTES + 1, "test", &error));
    cr_expect(strstr(error->message, "more than 64 MiB"), "%s", error->message);
    g_clear_error(&error);
}

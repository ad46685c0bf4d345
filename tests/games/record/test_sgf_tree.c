/* Trees of SGF: escapes, edits, order, and how they are written. */
#include <criterion/criterion.h>

#include "games/record/sgf.h"
#include "games/rng.h"
#include "tests/games/record/sgf_common.h"

Test(sgf_tree, text_and_escapes)
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

Test(sgf_tree, edits)
{
    struct sgf *sgf = parse_sgf("(;(;C[a];C[aa])(;C[b])(;C[c];C[cc](;C[x])(;C[y])))");
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

/* ---- text ---- */

Test(sgf_tree, every_kind_of_line_end_and_escape)
{
    static const char *const cases[][2] = {
        {"a\n\nb", "a\n\nb"},
        {"a\r\rb", "a\n\nb"},
        {"a\n\r\nb", "a\n\nb"},
        {"a\\\n\nb", "a\nb"},
        {"a\\\n\r\nb", "a\nb"},
        {"a\\\rb", "ab"},
        {"a\vb\fc\td", "a b c d"},
        {"\\\\", "\\"},
        {"\\a\\b", "ab"},
        {"\\\\\\]", "\\]"},
        {"\n", "\n"},
        {"\r", "\n"},
        {"\\\n", ""},
        {"", ""},
        {"\\\tx", " x"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *text = sgf_unescape(cases[i][0]);
        cr_expect_str_eq(text, cases[i][1]);
        g_free(text);
    }
    static const char *const raw[][2] = {{"]", "\\]"},
                                         {"\\", "\\\\"},
                                         {":", "\\:"},
                                         {"a\r\nb", "a \nb"},
                                         {"\x7f\x01 ", "   "},
                                         {"\xe5\xa4\xa9", "\xe5\xa4\xa9"},
                                         {"", ""}};
    for (size_t i = 0; i < G_N_ELEMENTS(raw); i++) {
        char *text = sgf_escape(raw[i][0]);
        cr_expect_str_eq(text, raw[i][1]);
        g_free(text);
    }
}

/* ---- the tree ---- */

/* Whether every link below `node` agrees with its counterpart; returns the number of nodes. */
static int count_sound(const struct sgf_node *node)
{
    const struct sgf_node *before = NULL;
    int nodes = 1, children = 0;
    for (const struct sgf_node *child = node->first_child; child; before = child, child = child->next, children++) {
        cr_assert(child->parent == node && child->previous == before);
        nodes += count_sound(child);
    }
    cr_assert_eq(node->last_child, before);
    cr_assert_eq(sgf_children(node), children);
    return nodes;
}

/* Writes the names of a node and all below it, by recursion. */
static void list(const struct sgf_node *node, GString *out)
{
    g_string_append(out, sgf_get(node, "N"));
    for (const struct sgf_node *child = node->first_child; child; child = child->next)
        list(child, out);
}

static struct sgf_node *random_node(const struct sgf *sgf, struct rng *rng)
{
    struct sgf_node *node = sgf->top;
    while (node->first_child && (node == sgf->top || rng_below(rng, 4))) {
        struct sgf_node *child = node->first_child;
        for (uint32_t i = rng_below(rng, (uint32_t)sgf_children(node)); i > 0; i--)
            child = child->next;
        node = child;
    }
    return node;
}

/* Nodes are added, deleted and made the main line at random. */
Test(sgf_tree, links_hold_through_every_edit)
{
    struct rng rng;
    struct sgf *sgf = sgf_new();
    rng_seed(&rng, 8);
    sgf_set(sgf_add(sgf->top), "N", "(r)");
    int nodes = 1;
    for (int i = 0; i < 4000; i++) {
        struct sgf_node *node = random_node(sgf, &rng), *root = sgf_root(sgf);
        char name[16];
        g_snprintf(name, sizeof name, "(%d)", i);
        switch (rng_below(&rng, nodes < 60 ? 4 : 8)) {
        case 0:
            sgf_make_main(node);
            for (; node->parent->parent; node = node->parent)
                cr_assert(!node->previous, "not the main line");
            break;
        case 5:
        case 6:
            if (node != root) {
                nodes -= count_sound(node);
                sgf_delete(node);
            }
            break;
        default:
            sgf_set(sgf_add(node), "N", name);
            nodes++;
        }
        cr_assert_eq(count_sound(sgf->top), nodes + 1);
        GString *wanted = g_string_new(NULL), *found = g_string_new(NULL);
        list(root, wanted);
        for (node = root; node; node = sgf_next(root, node))
            g_string_append(found, sgf_get(node, "N"));
        cr_assert_str_eq(found->str, wanted->str);
        node = random_node(sgf, &rng);
        g_string_truncate(wanted, 0);
        g_string_truncate(found, 0);
        list(node, wanted);
        for (const struct sgf_node *below = node; below; below = sgf_next(node, below))
            g_string_append(found, sgf_get(below, "N"));
        cr_assert_str_eq(found->str, wanted->str, "the tree below a node");
        g_string_free(wanted, TRUE);
        g_string_free(found, TRUE);
    }
    sgf_free(sgf);
    sgf_free(NULL);
}

/* ---- properties ---- */

Test(sgf_tree, properties_are_set_and_taken_away)
{
    struct sgf *sgf = parse_sgf("(;A[1][2]B[3]A[4]C[5]A[6])");
    struct sgf_node *root = sgf_root(sgf);
    cr_expect_str_eq(sgf_get(root, "A"), "1");
    cr_expect_null(sgf_get(root, "D"));
    cr_expect_null(sgf_text(root, "D"));
    sgf_set(root, "A", sgf_find(root, "A")->values[1]); /* one of the values that go */
    assert_formats(sgf, "(;A[2]B[3]A[4]C[5]A[6])\n");
    sgf_unset(root, "A");
    assert_formats(sgf, "(;B[3]C[5])\n");
    sgf_unset(root, "C");
    sgf_unset(root, "D");
    assert_formats(sgf, "(;B[3])\n");
    sgf_append(root, "B", "4");
    sgf_append(root, "E", "5");
    sgf_append(root, "E", "6");
    sgf_set_text(root, "F", "x:y");
    assert_formats(sgf, "(;B[3][4]E[5][6]F[x\\:y])\n");
    sgf_set_text(root, "B", NULL);
    sgf_set_text(root, "E", NULL);
    sgf_set_text(root, "F", NULL);
    assert_formats(sgf, "(;)\n");
    sgf_free(sgf);
}

/* ---- writing ---- */

/* A line ends before the node that begins behind its 72nd byte. */
Test(sgf_tree, long_lines_are_broken_between_nodes)
{
    for (int length = 60; length <= 75; length++) {
        struct sgf *sgf = sgf_new();
        struct sgf_node *node = sgf_add(sgf->top);
        char *comment = g_strnfill((gsize)length, 'x');
        sgf_set(node, "C", comment);
        node = sgf_add(node);
        sgf_set(node, "C", comment);
        sgf_set(sgf_add(node), "B", "aa");
        int first = (int)strlen("(;C[]") + length, second = first > 72 ? (int)strlen(";C[]") + length : 999;
        char *wanted = g_strdup_printf("(;C[%s]%s;C[%s]%s;B[aa])\n", comment, first > 72 ? "\n" : "", comment,
                                       second > 72 ? "\n" : "");
        assert_formats(sgf, wanted);
        g_free(wanted);
        g_free(comment);
        sgf_free(sgf);
    }
}

Test(sgf_tree, the_charset_that_is_written)
{
    static const char *const cases[][2] = {
        {"(;C[x])", "(;C[x])\n"},
        {"(;CA[ utf-8 ]C[\xe5\xa4\xa9])", "(;CA[ utf-8 ]C[\xe5\xa4\xa9])\n"},
        {"(;CA[]C[\xe5\xa4\xa9])", "(;CA[UTF-8]C[\xe5\xa4\xa9])\n"},
        {"(;CA[]C[x])", "(;CA[UTF-8]C[x])\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct sgf *sgf = parse_sgf(cases[i][0]);
        assert_formats(sgf, cases[i][1]);
        sgf_free(sgf);
    }
    struct sgf *sgf = parse_sgf("(;C[x])");
    sgf_set(sgf_root(sgf), "C", "\xe5\xa4\xa9");
    assert_formats(sgf, "(;C[\xe5\xa4\xa9]CA[UTF-8])\n");
    sgf_set(sgf_root(sgf), "CA", "klingon");
    assert_formats(sgf, "(;C[\xe5\xa4\xa9]CA[UTF-8])\n");
    sgf_free(sgf);
}

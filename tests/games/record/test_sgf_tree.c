/* Trees of SGF: escapes, edits, order, and how they are written. */
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

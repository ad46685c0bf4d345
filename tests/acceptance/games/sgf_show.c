/* What is read of a record, for tests of the program that look at more than its moves.
 *
 *   acceptance_sgf_show FILE [COPY]
 *
 * Prints the properties of the first root, the main line and the repairs, a line each, and saves the record as COPY. Exit
 * status: 0, 1 if the file is refused, 2 usage. */
#include <glib.h>
#include <stdio.h>

#include "games/record/sgf.h"

static void print_node(const struct sgf_node *node, const char *prefix)
{
    for (int i = 0; i < node->count; i++) {
        char *text = sgf_text(node, node->properties[i].name);
        printf("%s%s %s\n", prefix, node->properties[i].name, text);
        g_free(text);
    }
}

int main(int argc, char **argv)
{
    GError *error = NULL;
    int count;
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: acceptance_sgf_show FILE [COPY]\n");
        return 2;
    }
    struct sgf *sgf = sgf_load(argv[1], &error);
    if (!sgf || (argc == 3 && !sgf_save(sgf, argv[2], &error))) {
        fprintf(stderr, "acceptance_sgf_show: %s\n", error->message);
        sgf_free(sgf);
        g_clear_error(&error);
        return 1;
    }
    print_node(sgf_root(sgf), "root ");
    for (const struct sgf_node *node = sgf_root(sgf)->first_child; node; node = node->first_child)
        print_node(node, "line ");
    const char *const *notes = sgf_notes(sgf, &count);
    for (int i = 0; i < count; i++)
        printf("note %s\n", notes[i]);
    sgf_free(sgf);
    return 0;
}

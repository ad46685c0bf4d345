/* Writes SGF. */
#include "games/game.h"
#include "games/record/sgf.h"
#include "games/record/sgf_internal.h"

enum { LINE_BYTES = 72 };

struct writer {
    GString *out;
    size_t line_start;
};

static void new_line(struct writer *w)
{
    g_string_append_c(w->out, '\n');
    w->line_start = w->out->len;
}

static void write_node(struct writer *w, const struct sgf_node *node)
{
    if (w->out->len - w->line_start > LINE_BYTES)
        new_line(w);
    g_string_append_c(w->out, ';');
    for (int i = 0; i < node->count; i++) {
        const struct sgf_property *property = &node->properties[i];
        g_string_append(w->out, property->spelled ? property->spelled : property->name);
        for (int v = 0; v < property->count; v++)
            g_string_append_printf(w->out, "[%s]", property->values[v]);
    }
}

static bool is_variation(const struct sgf_node *node)
{
    return node->previous || node->next;
}

/* Without recursion: down to a leaf, then up to the next variation. */
static void write_tree(struct writer *w, const struct sgf_node *root)
{
    g_string_append_c(w->out, '(');
    for (const struct sgf_node *node = root; node;) {
        write_node(w, node);
        const struct sgf_node *next = node->first_child;
        while (!next && node != root) {
            if (is_variation(node))
                g_string_append_c(w->out, ')');
            next = node->next;
            node = node->parent;
        }
        if (next && is_variation(next)) {
            new_line(w);
            g_string_append_c(w->out, '(');
        }
        node = next;
    }
    g_string_append_c(w->out, ')');
    new_line(w);
}

static char *format_utf8(const struct sgf *sgf, size_t *length)
{
    struct writer w = {.out = g_string_new(NULL)};
    for (const struct sgf_node *root = sgf_root(sgf); root; root = root->next)
        write_tree(&w, root);
    *length = w.out->len;
    return g_string_free(w.out, FALSE);
}

/* Sets CA if it is there already or the text is not ASCII. */
static void set_charset_utf8(struct sgf_node *root, const char *text)
{
    while (*text && !(*text & 0x80))
        text++;
    if (*text || sgf_find(root, "CA"))
        sgf_set(root, "CA", "UTF-8");
}

char *sgf_format(const struct sgf *sgf, size_t *length)
{
    struct sgf_node *root = sgf_root(sgf);
    char *text = format_utf8(sgf, length);
    char *charset = root ? sgf_text(root, "CA") : NULL;
    if (!root || (charset && g_ascii_strcasecmp(g_strstrip(charset), "UTF-8") == 0)) {
        g_free(charset);
        return text;
    }
    gsize converted;
    const char *known = charset ? sgf_charset(charset) : NULL;
    char *bytes = known ? g_convert(text, (gssize)*length, known, "UTF-8", NULL, &converted, NULL) : NULL;
    g_free(charset);
    if (bytes && !sgf_reads_back(bytes, converted, text, *length)) /* it looks like another set than it is */
        g_clear_pointer(&bytes, g_free);
    if (bytes) {
        g_free(text);
        *length = converted;
        return bytes;
    }
    set_charset_utf8(root, text);
    g_free(text);
    return format_utf8(sgf, length);
}

bool sgf_save(const struct sgf *sgf, const char *path, GError **error)
{
    size_t length;
    GError *why = NULL;
    char *bytes = sgf_format(sgf, &length);
    bool fine = g_file_set_contents(path, bytes, (gssize)length, &why);
    g_free(bytes);
    if (!fine) {
        g_set_error_literal(error, GAME_ERROR, GAME_ERROR_FILE, why->message);
        g_clear_error(&why);
    }
    return fine;
}

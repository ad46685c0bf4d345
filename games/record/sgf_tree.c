/* SGF nodes and properties. */
#include "games/record/sgf.h"
#include "games/record/sgf_internal.h"

struct sgf *sgf_new(void)
{
    struct sgf *sgf = g_new(struct sgf, 1);
    sgf->top = g_new0(struct sgf_node, 1);
    return sgf;
}

/* ---- the tree ---- */

static void link_last(struct sgf_node *parent, struct sgf_node *node)
{
    node->parent = parent;
    node->previous = parent->last_child;
    node->next = NULL;
    if (parent->last_child)
        parent->last_child->next = node;
    else
        parent->first_child = node;
    parent->last_child = node;
}

static void unlink_node(struct sgf_node *node)
{
    struct sgf_node *parent = node->parent;
    if (node->previous)
        node->previous->next = node->next;
    else
        parent->first_child = node->next;
    if (node->next)
        node->next->previous = node->previous;
    else
        parent->last_child = node->previous;
    node->previous = node->next = NULL;
}

/* before: a sibling. */
static void link_before(struct sgf_node *node, struct sgf_node *before)
{
    node->next = before;
    node->previous = before->previous;
    if (before->previous)
        before->previous->next = node;
    else
        before->parent->first_child = node;
    before->previous = node;
}

struct sgf_node *sgf_add(struct sgf_node *parent)
{
    struct sgf_node *node = g_new0(struct sgf_node, 1);
    link_last(parent, node);
    return node;
}

void sgf_clear_property(struct sgf_property *property)
{
    for (int i = 0; i < property->count; i++)
        g_free(property->values[i]);
    g_free(property->values);
    g_free(property->name);
    g_free(property->spelled);
}

static void free_node(struct sgf_node *node)
{
    for (int i = 0; i < node->count; i++)
        sgf_clear_property(&node->properties[i]);
    g_free(node->properties);
    g_free(node);
}

/* Frees an unlinked node and its descendants, without recursion: always the first leaf that is left. */
static void free_subtree(struct sgf_node *root)
{
    struct sgf_node *node = root;
    for (;;) {
        while (node->first_child)
            node = node->first_child;
        struct sgf_node *parent = node->parent;
        if (node == root)
            break;
        parent->first_child = node->next;
        free_node(node);
        node = parent;
    }
    free_node(root);
}

void sgf_free(struct sgf *sgf)
{
    if (!sgf)
        return;
    free_subtree(sgf->top);
    g_free(sgf);
}

void sgf_delete(struct sgf_node *node)
{
    g_return_if_fail(node->parent);
    unlink_node(node);
    free_subtree(node);
}

void sgf_make_main(struct sgf_node *node)
{
    for (; node->parent && node->parent->parent; node = node->parent)
        if (node->previous) {
            struct sgf_node *first = node->parent->first_child;
            unlink_node(node);
            link_before(node, first);
        }
}

struct sgf_node *sgf_next(const struct sgf_node *root, const struct sgf_node *node)
{
    if (node->first_child)
        return node->first_child;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

struct sgf_node *sgf_last(struct sgf_node *node)
{
    while (node->first_child)
        node = node->first_child;
    return node;
}

int sgf_children(const struct sgf_node *node)
{
    int count = 0;
    for (const struct sgf_node *child = node->first_child; child; child = child->next)
        count++;
    return count;
}

/* ---- properties ---- */

struct sgf_property *sgf_find(const struct sgf_node *node, const char *name)
{
    for (int i = 0; i < node->count; i++)
        if (strcmp(node->properties[i].name, name) == 0)
            return &node->properties[i];
    return NULL;
}

const char *sgf_get(const struct sgf_node *node, const char *name)
{
    const struct sgf_property *property = sgf_find(node, name);
    return property ? property->values[0] : NULL;
}

char *sgf_text(const struct sgf_node *node, const char *name)
{
    const char *raw = sgf_get(node, name);
    return raw ? sgf_unescape(raw) : NULL;
}

void sgf_append(struct sgf_node *node, const char *name, const char *raw)
{
    struct sgf_property *property = sgf_find(node, name);
    if (!property) {
        node->properties = g_renew(struct sgf_property, node->properties, node->count + 1);
        property = &node->properties[node->count++];
        *property = (struct sgf_property){.name = g_strdup(name)};
    }
    property->values = g_renew(char *, property->values, property->count + 1);
    property->values[property->count++] = g_strdup(raw);
}

void sgf_set(struct sgf_node *node, const char *name, const char *raw)
{
    struct sgf_property *property = sgf_find(node, name);
    if (!property) {
        sgf_append(node, name, raw);
        return;
    }
    char *copy = g_strdup(raw); /* raw may be one of the values that are freed */
    for (int i = 0; i < property->count; i++)
        g_free(property->values[i]);
    property->values[0] = copy;
    property->count = 1;
}

void sgf_unset(struct sgf_node *node, const char *name)
{
    struct sgf_property *property;
    while ((property = sgf_find(node, name))) {
        sgf_clear_property(property);
        node->count--;
        memmove(property, property + 1, (size_t)(node->properties + node->count - property) * sizeof *property);
    }
}

void sgf_set_text(struct sgf_node *node, const char *name, const char *text)
{
    if (!text) {
        sgf_unset(node, name);
        return;
    }
    char *raw = sgf_escape(text);
    sgf_set(node, name, raw);
    g_free(raw);
}

/* The length of a line break at `at`, 0 if there is none: CR LF and LF CR are one break. */
static size_t line_break(const char *at)
{
    if (*at != '\n' && *at != '\r')
        return 0;
    return (at[1] == '\n' || at[1] == '\r') && at[1] != at[0] ? 2 : 1;
}

char *sgf_unescape(const char *raw)
{
    GString *text = g_string_sized_new(strlen(raw));
    while (*raw) {
        bool escaped = *raw == '\\' && raw[1];
        raw += escaped;
        size_t end = line_break(raw);
        if (end && !escaped)
            g_string_append_c(text, '\n');
        else if (!end)
            g_string_append_c(text, strchr("\t\v\f", *raw) ? ' ' : *raw);
        raw += end ? end : 1;
    }
    return g_string_free(text, FALSE);
}

char *sgf_escape(const char *text)
{
    GString *raw = g_string_sized_new(strlen(text));
    for (; *text; text++) {
        if (strchr("]\\:", *text))
            g_string_append_c(raw, '\\');
        g_string_append_c(raw, g_ascii_iscntrl(*text) && *text != '\n' ? ' ' : *text);
    }
    return g_string_free(raw, FALSE);
}

/* ---- notes ---- */

/* The values of a property of the top, which is never written. */
static const char notes_name[] = "NOTES";
enum { MAX_NOTES = 20 };

void sgf_note(const struct sgf_node *node, const char *text)
{
    while (node->parent)
        node = node->parent;
    const struct sgf_property *notes = sgf_find(node, notes_name);
    char *clean = g_utf8_make_valid(text, -1); /* it may quote the file */
    bool known = notes && notes->count > MAX_NOTES;
    for (char *at = clean; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = ' ';
    for (int i = 0; notes && i < notes->count; i++)
        known = known || strcmp(notes->values[i], clean) == 0;
    if (!known)
        sgf_append((struct sgf_node *)node, notes_name, notes && notes->count == MAX_NOTES ? "and more" : clean);
    g_free(clean);
}

void sgf_note_at(const struct sgf_node *node, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *text = g_strdup_vprintf(format, list);
    va_end(list);
    char *placed = node->line ? g_strdup_printf("line %d, column %d: %s", node->line, node->column, text) : NULL;
    sgf_note(node, placed ? placed : text);
    g_free(placed);
    g_free(text);
}

const char *const *sgf_notes(const struct sgf *sgf, int *count)
{
    const struct sgf_property *notes = sgf_find(sgf->top, notes_name);
    *count = notes ? notes->count : 0;
    return notes ? (const char *const *)notes->values : NULL;
}

char *sgf_notes_text(const struct sgf *sgf, int first, int most)
{
    int count;
    const char *const *notes = sgf_notes(sgf, &count);
    GString *text = g_string_new(NULL);
    for (int i = first; i < MIN(count, first + most); i++)
        g_string_append_printf(text, "%s%s", i > first ? "; " : "", notes[i]);
    if (count > first + most)
        g_string_append_printf(text, "; and %d more", count - first - most);
    return g_string_free(text, count <= first);
}

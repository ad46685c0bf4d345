/* Reads SGF in one pass over the text, with an explicit stack of open parentheses. Real files are cut off, lack or repeat
 * parentheses, or contain what is not SGF: what can be read is read, and each repair is noted (sgf_note). Only a text
 * without any game tree, or beyond the limits, is refused. */
#include "games/game.h"
#include "games/record/sgf.h"
#include "games/record/sgf_internal.h"

struct reader {
    const char *end, *at;
    const char *name; /* of the file, for messages */
    int line, column; /* of `at`, from 1; characters, not bytes */
    int nodes, values;
    int max_nodes;   /* stop before the next node, without an error: for reading only the root; -1: no limit */
    GPtrArray *open; /* for each open '(', the node before it */
    struct sgf_node *top, *current; /* current: parent of the next node */
    GError **error;
};

static bool G_GNUC_PRINTF(4, 5) fail_at(struct reader *r, int line, int column, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *message = g_strdup_vprintf(format, list);
    va_end(list);
    g_set_error(r->error, GAME_ERROR, GAME_ERROR_FILE, "%s, line %d, column %d: %s", r->name, line, column, message);
    g_free(message);
    return false;
}

#define FAIL(r, ...) fail_at(r, (r)->line, (r)->column, __VA_ARGS__)

static void step(struct reader *r)
{
    unsigned char c = (unsigned char)*r->at++;
    /* CR LF is a single line break, counted at the LF. */
    if (c == '\n' || (c == '\r' && !(r->at < r->end && *r->at == '\n'))) {
        r->line++;
        r->column = 1;
    } else if ((c & 0xc0) != 0x80) {
        r->column++;
    }
}

static void skip_space(struct reader *r)
{
    while (r->at < r->end && g_ascii_isspace(*r->at))
        step(r);
}

static void G_GNUC_PRINTF(4, 5) note_at(const struct reader *r, int line, int column, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *message = g_strdup_vprintf(format, list);
    va_end(list);
    char *text = g_strdup_printf("line %d, column %d: %s", line, column, message);
    sgf_note(r->top, text);
    g_free(text);
    g_free(message);
}

#define NOTE(r, ...) note_at(r, (r)->line, (r)->column, __VA_ARGS__)

static bool add_node(struct reader *r)
{
    if (++r->nodes > SGF_MAX_NODES)
        return FAIL(r, "more than %d nodes; split the file", SGF_MAX_NODES);
    r->current = sgf_add(r->current);
    r->current->line = r->line;
    r->current->column = r->column;
    return true;
}

/* Skips to the next '(' that begins a tree, at whose first node there may be no ';', or to what is obviously the first
 * node of the file, whose '(' is missing. Other text outside the trees, such as the head of a mail, is ignored. False at
 * the end. */
static bool find_tree(struct reader *r)
{
    for (bool first = true; r->at < r->end; step(r)) {
        const char *next = sgf_after_space(r->at + 1, r->end);
        if (*r->at == '(' && next < r->end && (*next == ';' || sgf_is_property(next, r->end)))
            return true;
        if (!r->nodes && (*r->at == ';' || first) && sgf_is_first_node(r->at, r->end)) {
            NOTE(r, "a game tree without its '('");
            g_ptr_array_add(r->open, r->top);
            return *r->at == ';' || r->nodes == r->max_nodes || add_node(r);
        }
        if (r->nodes && (*r->at == ')' || sgf_is_node(r->at, r->end)))
            NOTE(r, *r->at == ')' ? "unmatched ')' ignored" : "a node outside of any game tree is ignored");
        first = first && g_ascii_isspace(*r->at);
    }
    return false;
}

/* Adds the value from the '[' to its ']', or to where that is missing; one that the end of the file cuts off is
 * dropped. */
static bool read_value(struct reader *r, struct sgf_property *property)
{
    step(r); /* '[' */
    const struct reader begin = *r;
    while (r->at < r->end && *r->at != ']') {
        if (*r->at == '\\' && r->at + 1 < r->end)
            step(r);
        step(r);
    }
    const char *stop = sgf_missing_close(property->name, begin.at, r->at, r->end), *end = stop ? stop : r->at;
    if (stop) {
        *r = begin;
        while (r->at < stop)
            step(r);
        NOTE(r, "a value of %s without its ']'", property->name);
        if (stop == begin.at) /* nothing is left of it, and it was no pass */
            return true;
    } else if (r->at >= r->end) {
        note_at(r, begin.line, begin.column - 1, "the file ends inside a value of %s, which is dropped",
                property->name);
        return true;
    }
    if (++r->values > SGF_MAX_VALUES)
        return FAIL(r, "more than %d values; split the file", SGF_MAX_VALUES);
    if ((property->count & (property->count - 1)) == 0) /* the array is full when the count is a power of two */
        property->values = g_renew(char *, property->values, MAX(2 * property->count, 1));
    property->values[property->count++] = g_strndup(begin.at, sgf_sound_length(begin.at, end));
    if (!stop)
        step(r);
    return true;
}

/* Reads the name before a '[': its capitals and digits, and the spelling in the file. */
static void read_name(struct reader *r, struct sgf_property *property)
{
    const char *start = r->at;
    while (r->at < r->end && g_ascii_isalnum(*r->at))
        step(r);
    size_t length = (size_t)(r->at - start);
    GString *name = g_string_new(NULL);
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_islower(start[i]))
            g_string_append_c(name, start[i]);
    if (name->len != length)
        property->spelled = g_strndup(start, length);
    property->name = g_string_free(name, FALSE);
}

static struct sgf_property *append_property(struct sgf_node *node)
{
    if ((node->count & (node->count - 1)) == 0)
        node->properties = g_renew(struct sgf_property, node->properties, MAX(2 * node->count, 1));
    struct sgf_property *property = &node->properties[node->count++];
    *property = (struct sgf_property){0};
    return property;
}

static bool is_move(const struct sgf_property *property)
{
    return strcmp(property->name, "B") == 0 || strcmp(property->name, "W") == 0;
}

static bool has_move(const struct sgf_node *node)
{
    for (int i = 0; i < node->count; i++)
        if (is_move(&node->properties[i]))
            return true;
    return false;
}

/* A node has one move: if the property just read, at this place, brings more, each gets a node of its own after it, so
 * that all are played, in order. */
static bool separate_moves(struct reader *r, int line, int column)
{
    struct sgf_node *node = r->current;
    struct sgf_property last = node->properties[node->count - 1];
    node->count--;
    bool second = is_move(&last) && has_move(node), fine = true;
    if (!second)
        node->count++; /* it stays */
    for (int i = second ? 0 : 1; fine && is_move(&last) && i < last.count; i++) {
        note_at(r, line, column, "several moves in one node; each gets its own");
        fine = add_node(r);
        r->current->line = line;
        r->current->column = column;
        sgf_set(r->current, last.name, last.values[i]);
    }
    if (second)
        sgf_clear_property(&last);
    else if (is_move(&last))
        while (node->properties[node->count - 1].count > 1)
            g_free(node->properties[node->count - 1].values[--node->properties[node->count - 1].count]);
    return fine;
}

/* Adds a property to the node. Every property in a tree has at least one value. */
static bool read_property(struct reader *r)
{
    struct sgf_property *property = append_property(r->current);
    const int line = r->line, column = r->column;
    bool fine = true;
    read_name(r, property);
    for (skip_space(r); fine && r->at < r->end && *r->at == '['; skip_space(r))
        fine = read_value(r, property);
    if (!property->count) {
        sgf_clear_property(property);
        r->current->count--;
        return fine;
    }
    return fine && separate_moves(r, line, column);
}

/* Skips what has no meaning inside a tree, up to the next character that may have one. */
static void skip_junk(struct reader *r)
{
    const char *start = r->at;
    int line = r->line, column = r->column;
    if (g_ascii_isalnum(*r->at))
        while (r->at < r->end && g_ascii_isalnum(*r->at)) /* a name as a whole */
            step(r);
    else
        step(r);
    while (r->at < r->end && !sgf_resumes(r->at, r->end))
        step(r);
    note_at(r, line, column, "\"%.*s\" has no meaning here and is ignored", (int)MIN(r->at - start, 20), start);
}

static bool open_tree(struct reader *r)
{
    if (r->open->len >= SGF_MAX_NESTING)
        return FAIL(r, "more than %d parentheses are open", SGF_MAX_NESTING);
    g_ptr_array_add(r->open, r->current);
    step(r);
    skip_space(r);
    if (r->at >= r->end || !sgf_is_property(r->at, r->end))
        return true;
    NOTE(r, "a tree without its first ';'");
    return r->nodes == r->max_nodes || add_node(r);
}

/* The colour of a node's move, 0 if it has none. */
static char move_colour(const struct sgf_node *node)
{
    return sgf_find(node, "B") ? 'B' : sgf_find(node, "W") ? 'W' : '\0';
}

/* A ')' must be followed by '(' or another ')'. If a node follows, the line that ended here goes on, unless the node is
 * of the same colour as the last, or a root: then it begins a variation or a game, whose '(' is missing. */
static void close_tree(struct reader *r)
{
    struct sgf_node *last = r->current, *parent = g_ptr_array_steal_index(r->open, r->open->len - 1);
    const int line = r->line, column = r->column;
    r->current = parent;
    step(r);
    skip_space(r);
    if (last == r->top || !sgf_is_node(r->at, r->end))
        return;
    const char colour = move_colour(last);
    static const char *const root_names[] = {"FF", "GM", "SZ", "CA", NULL};
    const bool begins = parent == r->top ? sgf_is_one_of(sgf_after_space(r->at + 1, r->end), r->end, root_names)
                                         : colour && *sgf_after_space(r->at + 1, r->end) == colour;
    note_at(r, line, column, begins ? "no '(' after this ')'" : "')' ignored, as its line goes on");
    g_ptr_array_add(r->open, parent);
    r->current = begins ? parent : last;
}

/* One step inside a tree; false to stop, with the error set or not. */
static bool read_part(struct reader *r)
{
    if (*r->at == '(')
        return open_tree(r);
    if (*r->at == ')') {
        close_tree(r);
        return true;
    }
    if (*r->at == ';') {
        bool added = add_node(r);
        step(r);
        return added;
    }
    if (r->current == r->top || !sgf_is_property(r->at, r->end)) {
        skip_junk(r);
        return true;
    }
    if (r->current->first_child) /* after a variation */
        NOTE(r, "a property after a variation; it belongs to the node before it");
    return read_property(r);
}

/* Reads one tree, from its '(' to the ')' that closes it or the end of the file. */
static bool read_tree(struct reader *r)
{
    do {
        if (r->at >= r->end) {
            NOTE(r, "the file ends inside a game tree: %u ')' missing", r->open->len);
            break;
        }
        if (*r->at == ';' && r->nodes == r->max_nodes)
            return true;
        if (!read_part(r))
            return false;
        skip_space(r);
    } while (r->open->len);
    g_ptr_array_set_size(r->open, 0);
    r->current = r->top;
    return true;
}

bool sgf_read_trees(struct sgf *sgf, const char *text, size_t length, int max_nodes, const char *name, GError **error)
{
    struct reader r = {.end = text + length,
                       .at = text,
                       .name = name,
                       .line = 1,
                       .column = 1,
                       .max_nodes = max_nodes,
                       .open = g_ptr_array_new(),
                       .top = sgf->top,
                       .current = sgf->top,
                       .error = error};
    bool fine = true;
    while (fine && r.nodes != max_nodes && find_tree(&r))
        fine = read_tree(&r);
    g_ptr_array_free(r.open, TRUE);
    if (fine && !r.nodes)
        fine = fail_at(&r, 1, 1, "the file contains no game tree; SGF begins with \"(;\"");
    return fine;
}

void sgf_place(const char *text, size_t length, size_t offset, int *line, int *column)
{
    struct reader r = {.at = text, .end = text + length, .line = 1, .column = 1};
    while (r.at < text + MIN(offset, length))
        step(&r);
    *line = r.line;
    *column = r.column;
}

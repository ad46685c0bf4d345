/* Reads SGF: converts the character set, then makes one pass over the bytes with an explicit stack of open
 * parentheses. */
#include "games/game.h"
#include "games/record/sgf.h"

enum { PLACE_MAX = 64 };

struct reader {
    const char *text, *end, *at;
    const char *name; /* of the file, for messages */
    int line, column; /* of `at`, from 1; characters, not bytes */
    int nodes, values;
    int max_nodes;            /* stop before the next node, without an error: for reading only the root; -1: no limit */
    GPtrArray *open;          /* for each open '(', the node before it */
    struct sgf_node *current; /* parent of the next node */
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

/* Skips to the next "(;" (possibly with white space in between); other text outside the trees is ignored. False at the
 * end of the file, or, with *fine false, at an unmatched ')'. */
static bool find_tree(struct reader *r, bool *fine)
{
    *fine = true;
    for (; r->at < r->end; step(r)) {
        const char *next = r->at + 1;
        if (*r->at == ')' && r->nodes)
            return *fine = FAIL(r, "unmatched ')'; remove it");
        if (*r->at != '(')
            continue;
        while (next < r->end && g_ascii_isspace(*next))
            next++;
        if (next < r->end && *next == ';')
            return true;
    }
    return false;
}

static bool read_value(struct reader *r, struct sgf_property *property)
{
    int line = r->line, column = r->column;
    step(r); /* '[' */
    const char *start = r->at;
    while (r->at < r->end && *r->at != ']') {
        if (*r->at == '\\' && r->at + 1 < r->end)
            step(r);
        step(r);
    }
    if (r->at >= r->end)
        return fail_at(r, line, column, "the value of %s has no ']'; the file is cut off, or the ']' is missing",
                       property->name);
    if (++r->values > SGF_MAX_VALUES)
        return FAIL(r, "more than %d values; split the file", SGF_MAX_VALUES);
    if ((property->count & (property->count - 1)) == 0) /* the array is full when the count is a power of two */
        property->values = g_renew(char *, property->values, MAX(2 * property->count, 1));
    property->values[property->count++] = g_strndup(start, (size_t)(r->at - start));
    step(r);
    return true;
}

/* Reads the name before a '[': its capitals and digits, and the spelling in the file. */
static bool read_name(struct reader *r, struct sgf_property *property)
{
    int line = r->line, column = r->column;
    const char *start = r->at;
    while (r->at < r->end && g_ascii_isalnum(*r->at))
        step(r);
    size_t length = (size_t)(r->at - start);
    if (length > SGF_MAX_NAME)
        return fail_at(r, line, column, "a property name of %zu characters; the maximum is %d", length, SGF_MAX_NAME);
    GString *name = g_string_new(NULL);
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_islower(start[i]))
            g_string_append_c(name, start[i]);
    bool capital = name->len && g_ascii_isupper(name->str[0]);
    if (capital && name->len != length)
        property->spelled = g_strndup(start, length);
    property->name = g_string_free(name, FALSE);
    if (!capital)
        return fail_at(r, line, column, "\"%.*s\" is not a property name; a name begins with a capital letter",
                       (int)length, start);
    return true;
}

static bool read_values(struct reader *r, struct sgf_property *property)
{
    if (!read_name(r, property))
        return false;
    for (skip_space(r); r->at < r->end && *r->at == '['; skip_space(r))
        if (!read_value(r, property))
            return false;
    return property->count || FAIL(r, "%s has no value; write one in [ ]", property->name);
}

/* Adds a property to the node. A property without a complete value is removed again, even if reading fails, because
 * every property in a tree has at least one value. */
static bool read_property(struct reader *r)
{
    struct sgf_node *node = r->current;
    if ((node->count & (node->count - 1)) == 0)
        node->properties = g_renew(struct sgf_property, node->properties, MAX(2 * node->count, 1));
    struct sgf_property *property = &node->properties[node->count++];
    *property = (struct sgf_property){0};
    bool fine = read_values(r, property);
    if (!property->count) {
        g_free(property->values);
        g_free(property->name);
        g_free(property->spelled);
        node->count--;
    }
    return fine;
}

static bool open_tree(struct reader *r)
{
    int line = r->line, column = r->column;
    if (r->open->len >= SGF_MAX_NESTING)
        return FAIL(r, "more than %d parentheses are open", SGF_MAX_NESTING);
    g_ptr_array_add(r->open, r->current);
    step(r);
    skip_space(r);
    return (r->at < r->end && *r->at == ';') || fail_at(r, line, column, "'(' must be followed by ';', the first node");
}

static bool add_node(struct reader *r)
{
    if (++r->nodes > SGF_MAX_NODES)
        return FAIL(r, "more than %d nodes; split the file", SGF_MAX_NODES);
    r->current = sgf_add(r->current);
    r->current->line = r->line;
    r->current->column = r->column;
    step(r);
    return true;
}

/* Reads one tree, from its '(' to the ')' that closes it. */
static bool read_tree(struct reader *r)
{
    struct sgf_node *top = r->current;
    bool closed = false; /* a variation has just ended */
    do {
        if (r->at >= r->end)
            return FAIL(r, "the file ends inside a game tree; %u ')' are missing", r->open->len);
        bool fine = true;
        if (*r->at == '(') {
            fine = open_tree(r);
            closed = false;
        } else if (*r->at == ')') {
            r->current = g_ptr_array_steal_index(r->open, r->open->len - 1);
            closed = true;
            step(r);
        } else if (closed) {
            fine = FAIL(r, "a variation must be followed by another '(' or by the ')' of its tree");
        } else if (*r->at == ';') {
            if (r->nodes == r->max_nodes)
                return true;
            fine = add_node(r);
        } else if (g_ascii_isalpha(*r->at)) {
            fine = read_property(r);
        } else if (*r->at == '[') {
            fine = FAIL(r, "a value without a property; write its name before the '['");
        } else {
            fine = FAIL(r, g_ascii_isprint(*r->at) ? "'%c' has no meaning here" : "byte 0x%02x has no meaning here",
                        (unsigned char)*r->at);
        }
        if (!fine)
            return false;
        skip_space(r);
    } while (r->open->len);
    r->current = top;
    return true;
}

/* Reads up to max_nodes nodes (-1: all). Even on failure `sgf` contains what was read. */
static bool read_trees(struct sgf *sgf, const char *text, size_t length, int max_nodes, const char *name,
                       GError **error)
{
    struct reader r = {.text = text,
                       .end = text + length,
                       .at = text,
                       .name = name,
                       .line = 1,
                       .column = 1,
                       .max_nodes = max_nodes,
                       .open = g_ptr_array_new(),
                       .current = sgf->top,
                       .error = error};
    bool fine = true;
    while (fine && r.nodes != max_nodes && find_tree(&r, &fine))
        fine = read_tree(&r);
    g_ptr_array_free(r.open, TRUE);
    if (fine && !r.nodes)
        fine = fail_at(&r, 1, 1, "the file contains no game tree; SGF begins with \"(;\"");
    return fine;
}

/* ---- character set ---- */

/* The line and column of a byte, for messages; freed by the caller. */
static char *describe_place(const char *bytes, size_t length, size_t offset)
{
    struct reader r = {.text = bytes, .at = bytes, .end = bytes + length, .line = 1, .column = 1};
    while (r.at < bytes + MIN(offset, length))
        step(&r);
    return g_strdup_printf("line %d, column %d", r.line, r.column);
}

/* The first root's CA, freed by the caller, and the place of that node; NULL if it has no CA. */
static char *named_charset(const char *bytes, size_t length, int *line, int *column)
{
    struct sgf *look = sgf_new();
    read_trees(look, bytes, length, 1, "", NULL);
    const struct sgf_node *root = sgf_root(look);
    char *charset = root ? sgf_text(root, "CA") : NULL;
    *line = root ? root->line : 1;
    *column = root ? root->column : 1;
    sgf_free(look);
    return charset ? g_strstrip(charset) : NULL;
}

static bool is_ascii(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] & 0x80)
            return false;
    return true;
}

/* Whether the characters of SGF's syntax have the same codes as in ASCII. */
static bool contains_ascii(const char *charset)
{
    static const char syntax[] = "(;C[\\]\\\\:09az~+-])";
    /* To iconv "" is the locale's charset, and what follows a '/' an option. */
    char *text = !*charset || strchr(charset, '/') ? NULL : g_convert(syntax, -1, "UTF-8", charset, NULL, NULL, NULL);
    bool same = text && strcmp(text, syntax) == 0;
    g_free(text);
    return same;
}

const char *sgf_charset(const char *name)
{
    static const char *const japanese[] = {"Shift_JIS", "Shift-JIS", "SJIS", "x-sjis", "MS_Kanji", "csShiftJIS"};
    for (size_t i = 0; i < G_N_ELEMENTS(japanese); i++)
        if (g_ascii_strcasecmp(name, japanese[i]) == 0)
            return "CP932"; /* in which 0x5c is a backslash, as SGF's escapes need, not a yen sign */
    return contains_ascii(name) ? name : NULL;
}

/* For files without CA: UTF-8 if the text is valid, else the standard's default. */
static const char *guess_charset(const char *bytes, size_t length)
{
    if (length >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
        return "UTF-16";
    if (is_ascii(bytes, length))
        return NULL;
    return g_utf8_validate_len(bytes, length, NULL) ? "UTF-8" : "ISO-8859-1";
}

/* Converts to UTF-8; the caller frees the result. If the file names no character set, *guessed becomes the one that was
 * assumed (NULL: plain ASCII). */
static char *to_utf8(const char *bytes, size_t length, size_t *converted, const char **guessed, const char *name,
                     GError **error)
{
    int line, column;
    char *named = named_charset(bytes, length, &line, &column), *text = NULL;
    const char *charset = named && *named ? sgf_charset(named) : (*guessed = guess_charset(bytes, length));
    gsize bad = 0;
    if (!charset && named && *named) {
        g_set_error(
            error, GAME_ERROR, GAME_ERROR_FILE,
            "%s, line %d, column %d: CA[%.40s] is not a known character set; give the file's, for example UTF-8", name,
            line, column, named);
        g_free(named);
        return NULL;
    }
    if (!charset || g_ascii_strcasecmp(charset, "UTF-8") == 0 || g_ascii_strcasecmp(charset, "UTF8") == 0) {
        const char *end;
        if (g_utf8_validate_len(bytes, length, &end)) /* this also rejects zero bytes */
            text = g_strndup(bytes, length);
        *converted = length;
        bad = (gsize)(end - bytes);
    } else {
        text = g_convert(bytes, (gssize)length, "UTF-8", charset, &bad, converted, NULL);
    }
    if (!text) {
        char *place = describe_place(bytes, length, bad);
        const char *shown = named && *named ? named : charset;
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE,
                    "%s, %s: this byte is not valid %.40s; correct CA, or save the file in that character set", name,
                    place, shown ? shown : "text");
        g_free(place);
    }
    const char *zero = text ? memchr(text, '\0', *converted) : NULL;
    if (zero) {
        char *place = describe_place(text, *converted, (size_t)(zero - text));
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "%s, %s: zero byte; SGF is a text format", name, place);
        g_free(place);
        g_clear_pointer(&text, g_free);
    }
    g_free(named);
    return text;
}

struct sgf *sgf_parse(const char *bytes, size_t length, const char *name, GError **error)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (length > SGF_MAX_BYTES) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "%s: more than %d MiB; split the file", name,
                    SGF_MAX_BYTES >> 20);
        return NULL;
    }
    if (length >= 3 && memcmp(bytes, mark, 3) == 0) {
        bytes += 3;
        length -= 3;
    }
    const char *guessed = NULL;
    size_t converted = 0;
    char *text = to_utf8(bytes, length, &converted, &guessed, name, error);
    if (!text)
        return NULL;
    struct sgf *sgf = sgf_new();
    if (!read_trees(sgf, text, converted, -1, name, error)) {
        sgf_free(sgf);
        sgf = NULL;
    } else if (guessed) {
        sgf_set(sgf_root(sgf), "CA", g_str_has_prefix(guessed, "UTF") ? "UTF-8" : guessed);
    }
    g_free(text);
    return sgf;
}

struct sgf *sgf_load(const char *path, GError **error)
{
    char *bytes;
    gsize length;
    GError *why = NULL;
    if (!g_file_get_contents(path, &bytes, &length, &why)) {
        g_set_error_literal(error, GAME_ERROR, GAME_ERROR_FILE, why->message);
        g_clear_error(&why);
        return NULL;
    }
    struct sgf *sgf = sgf_parse(bytes, length, path, error);
    g_free(bytes);
    return sgf;
}

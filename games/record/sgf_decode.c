/* From the bytes of an SGF file to text, and from text to the tree.
 *
 * A byte order mark decides on the character set; otherwise valid UTF-8 is UTF-8, whatever CA says; otherwise CA, if
 * nearly all bytes are valid in its set; otherwise what the bytes look like. What is invalid in the set is replaced and
 * noted: a damaged name must not cost the moves. */
#include <errno.h>

#include "games/game.h"
#include "games/record/sgf.h"
#include "games/record/sgf_internal.h"

#define REPLACEMENT "\xef\xbf\xbd"
enum { MAX_PLACES = 20 /* finding a place takes time */, MAX_CONTROLS = 20 };

/* What the decoding of a file found out. */
struct decoding {
    const char *charset; /* in which the text was read */
    char *named;         /* the first root's CA, or NULL; owned */
    bool mark, wide;     /* a byte order mark, of UTF-8 or UTF-16 */
};

GString *sgf_convert(const char *charset, const char *bytes, size_t length, int *bad,
                     void (*report)(void *user, size_t offset), void *user)
{
    GString *text = g_string_sized_new(length + 16);
    GIConv converter = g_iconv_open("UTF-8", charset);
    bool utf8 = strcmp(charset, "UTF-8") == 0, utf16 = g_str_has_prefix(charset, "UTF-16");
    char *in = (char *)bytes, part[4096];
    gsize left = length;
    g_assert((gintptr)converter != -1); /* its name has been tried */
    while (left) {
        char *out = part;
        gsize room = sizeof part;
        gsize done = g_iconv(converter, &in, &left, &out, &room);
        int why = errno;
        g_string_append_len(text, part, (gssize)(sizeof part - room));
        if (done != (gsize)-1 || why == E2BIG)
            continue;
        gsize skipped = utf8 ? sgf_utf8_subpart(in, in + left) : utf16 ? MIN(left, 2) : 1;
        if (report)
            report(user, (size_t)(in - bytes));
        ++*bad;
        g_string_append(text, REPLACEMENT);
        in += skipped;
        left -= skipped;
    }
    g_iconv_close(converter);
    return text;
}

/* The first root's CA, freed by the caller; NULL if it has none. */
static char *named_charset(const char *bytes, size_t length)
{
    struct sgf *look = sgf_new();
    sgf_read_trees(look, bytes, length, 1, "", NULL);
    char *charset = sgf_root(look) ? sgf_text(sgf_root(look), "CA") : NULL;
    sgf_free(look);
    if (charset && !*g_strstrip(charset))
        g_clear_pointer(&charset, g_free);
    return charset;
}

/* ---- notes ---- */

struct report {
    struct sgf *sgf; /* NULL: nobody wants to know */
    const char *bytes, *charset;
    size_t length;
    int count;
};

static void note_byte(void *user, size_t offset)
{
    struct report *report = user;
    int line, column;
    char *text;
    if (!report->sgf || ++report->count > MAX_PLACES + 1) /* sgf_note says that there are more */
        return;
    sgf_place(report->bytes, report->length, offset, &line, &column);
    if (g_str_has_prefix(report->charset, "UTF-16"))
        text = g_strdup_printf("byte %zu is not valid %s and is replaced", offset + 3, report->charset);
    else
        text = g_strdup_printf("line %d, column %d: byte 0x%02x is not valid %s and is replaced", line, column,
                               (unsigned char)report->bytes[offset], report->charset);
    sgf_note(report->sgf->top, text);
    g_free(text);
}

static bool is_plain(const GString *text)
{
    for (gsize i = 0; i < text->len; i++)
        if (text->str[i] & 0x80)
            return false;
    return true;
}

/* Says which character set was assumed if that is not what the file says, and corrects CA: files are written in the set
 * that CA names, so it has to be true. */
static void settle_charset(struct sgf *sgf, const struct decoding *decoding, bool plain)
{
    const char *known = decoding->named ? sgf_charset(decoding->named) : NULL, *read_as = decoding->charset;
    bool fits = known && strcmp(known, read_as) == 0;
    char *text = NULL;
    if (decoding->named && !known && !decoding->wide)
        text =
            g_strdup_printf("CA[%.40s] is not a known character set; the text is read as %s", decoding->named, read_as);
    else if (decoding->named && !plain && !fits && !decoding->wide)
        text = g_strdup_printf("CA[%.40s] does not fit the text, which is read as %s", decoding->named, read_as);
    else if (!decoding->named && !plain && strcmp(read_as, "ISO-8859-1") != 0 && !g_str_has_prefix(read_as, "UTF"))
        text = g_strdup_printf("no CA; the text is read as %s", read_as);
    if (text)
        sgf_note(sgf->top, text);
    g_free(text);
    if ((!plain && !fits) || (decoding->named && !known))
        sgf_set(sgf_root(sgf), "CA", "UTF-8");
}

/* ---- decoding ---- */

/* Zero bytes, which some programs write at the end, become white space; returns whether there were others. */
static bool replace_zeros(char *text, size_t length)
{
    size_t end = length;
    bool inside = false;
    while (end > 0 && !text[end - 1])
        end--;
    for (size_t i = 0; i < length; i++)
        if (!text[i]) {
            text[i] = ' ';
            inside = inside || i < end;
        }
    return inside;
}

/* The text, with notes in `sgf` unless it is NULL. */
static GString *decode(struct sgf *sgf, const char *bytes, size_t length, struct decoding *decoding)
{
    *decoding = (struct decoding){.wide = length >= 2 &&
                                          (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0),
                                  .mark = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0};
    const char *wide = decoding->wide && bytes[0] == '\xff' ? "UTF-16LE" : "UTF-16BE";
    size_t skipped = decoding->wide ? 2 : decoding->mark ? 3 : 0;
    bytes += skipped;
    length -= skipped;
    char *copy = g_memdup2(length ? bytes : "", length ? length : 1);
    bool zeros = !decoding->wide && replace_zeros(copy, length);
    decoding->named = decoding->wide ? NULL : named_charset(copy, length);
    const char *known = decoding->named ? sgf_charset(decoding->named) : NULL;
    decoding->charset = decoding->wide ? wide : decoding->mark ? "UTF-8" : sgf_choose_charset(known, copy, length);
    sgf_mark_cut_characters(decoding->charset, copy, length);
    struct report report = {.sgf = sgf, .bytes = bytes, .charset = decoding->charset, .length = length};
    int bad = 0;
    GString *text = sgf_convert(decoding->charset, copy, length, &bad, note_byte, &report);
    g_free(copy);
    if (replace_zeros(text->str, text->len) || zeros)
        if (sgf)
            sgf_note(sgf->top, "zero bytes are replaced by blanks");
    return text;
}

bool sgf_reads_back(const char *bytes, size_t length, const char *text, size_t text_length)
{
    struct decoding decoding;
    GString *again = decode(NULL, bytes, length, &decoding);
    bool same = again->len == text_length && memcmp(again->str, text, text_length) == 0;
    g_free(decoding.named);
    g_string_free(again, TRUE);
    return same;
}

/* Whether there are too many control characters for a text. */
static bool is_binary(const GString *text)
{
    gsize controls = 0;
    for (gsize i = 0; i < text->len; i++)
        controls += (unsigned char)text->str[i] < 0x20 && !g_ascii_isspace(text->str[i]) && text->str[i] != '\v';
    return controls > MAX_CONTROLS && controls > text->len / 50;
}

struct sgf *sgf_parse(const char *bytes, size_t length, const char *name, GError **error)
{
    struct decoding decoding;
    if (length > SGF_MAX_BYTES) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "%s: more than %d MiB; split the file", name,
                    SGF_MAX_BYTES >> 20);
        return NULL;
    }
    struct sgf *sgf = sgf_new();
    GString *text = decode(sgf, bytes, length, &decoding);
    bool fine = !is_binary(text);
    if (!fine)
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "%s: this is not a text; SGF begins with \"(;\"", name);
    if (fine && sgf_read_trees(sgf, text->str, text->len, -1, name, error))
        settle_charset(sgf, &decoding, is_plain(text));
    else
        g_clear_pointer(&sgf, sgf_free);
    g_string_free(text, TRUE);
    g_free(decoding.named);
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

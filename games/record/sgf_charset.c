/* Character sets of SGF files: what CA names, what the bytes say where it names none or a wrong one, and the conversion.
 *
 * A byte order mark decides. Otherwise valid UTF-8 with longer sequences is UTF-8, whatever CA says: editors convert
 * files and leave CA as it was. Otherwise CA, if the bytes are valid in its set. Otherwise the East Asian set in which
 * most of the double-byte characters are frequent ones, or Latin-1. Bytes that are invalid in the set are replaced. */
#include "games/game.h"
#include "games/record/sgf.h"
#include "games/record/sgf_internal.h"

#define REPLACEMENT "\xef\xbf\xbd"
enum { MAX_REPLACED = 200, MAX_PLACES = 20 /* finding a place takes time */ };

/* ---- names ---- */

static const struct {
    const char *alias, *name;
} aliases[] = {
    /* in which 0x5c is a backslash, as SGF's escapes need, not a yen sign */
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"x-sjis", "CP932"},
    {"ms-kanji", "CP932"},
    {"csshiftjis", "CP932"},
    {"windows-31j", "CP932"},
    {"ms932", "CP932"},
    {"euc-kr", "CP949"},
    {"ks-c-5601", "CP949"},
    {"ks-c-5601-1987", "CP949"},
    {"ksc5601", "CP949"},
    {"ms949", "CP949"},
    {"uhc", "CP949"},
    {"gb", "GB18030"},
    {"gb2312", "GB18030"}, /* a subset, and often named for what exceeds it */
    {"gb-2312", "GB18030"},
    {"gb-2312-80", "GB18030"},
    {"gbk", "GB18030"},
    {"ms936", "GB18030"},
    {"big5", "CP950"},
    {"big-5", "CP950"},
    {"ms950", "CP950"},
    {"utf8", "UTF-8"},
    {"unicode", "UTF-8"},
    {"ascii", "ISO-8859-1"},
    {"us-ascii", "ISO-8859-1"},
    {"latin1", "ISO-8859-1"},
    {"latin-1", "ISO-8859-1"},
    {"ansi", "CP1252"},
};

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
    char *lower = g_ascii_strdown(name, -1);
    const char *found = NULL;
    g_strdelimit(lower, "_ ", '-');
    for (size_t i = 0; i < G_N_ELEMENTS(aliases) && !found; i++)
        if (strcmp(lower, aliases[i].alias) == 0)
            found = aliases[i].name;
    if (!found && g_str_has_prefix(lower, "iso8859-")) { /* for iso-8859- */
        char *iso = g_strconcat("ISO-8859-", lower + strlen("iso8859-"), NULL);
        found = contains_ascii(iso) ? g_intern_string(iso) : NULL;
        g_free(iso);
    } else if (!found && contains_ascii(lower)) {
        found = g_intern_string(name);
    }
    g_free(lower);
    return found && contains_ascii(found) ? found : NULL;
}

/* ---- guesses ---- */

static bool between(unsigned char c, int low, int high)
{
    return c >= low && c <= high;
}

/* What a double-byte character tells: 1: frequent in texts of this set, 0: valid, -1: invalid. */
static int judge_gb(unsigned char a, unsigned char b)
{
    if (!between(a, 0x81, 0xfe) || !(between(b, 0x40, 0xfe) && b != 0x7f))
        return -1;
    return b >= 0xa1 && (between(a, 0xb0, 0xd7) || between(a, 0xa1, 0xa3)); /* the first level of GB 2312 */
}

static int judge_sjis(unsigned char a, unsigned char b)
{
    if (!(between(a, 0x81, 0x9f) || between(a, 0xe0, 0xfc)) || !(between(b, 0x40, 0xfc) && b != 0x7f))
        return -1;
    return (a == 0x82 && b >= 0x9f) || a == 0x83 || between(a, 0x88, 0x97); /* kana and the first level of kanji */
}

static int judge_korean(unsigned char a, unsigned char b)
{
    if (!between(a, 0x81, 0xfe) || !between(b, 0x41, 0xfe))
        return -1;
    return b >= 0xa1 && between(a, 0xb0, 0xc8); /* Hangul */
}

static int judge_big5(unsigned char a, unsigned char b)
{
    if (!between(a, 0x81, 0xfe) || !(between(b, 0x40, 0x7e) || between(b, 0xa1, 0xfe)))
        return -1;
    return between(a, 0xa4, 0xc6);
}

static const struct {
    const char *charset;
    int (*judge)(unsigned char a, unsigned char b);
} doubles[] = {{"GB18030", judge_gb}, {"CP932", judge_sjis}, {"CP949", judge_korean}, {"CP950", judge_big5}};

/* The share of frequent characters, 0 if one is invalid; count: of double-byte characters. */
static double frequent_share(const char *bytes, size_t length, int (*judge)(unsigned char, unsigned char), int *count)
{
    int frequent = 0;
    *count = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char a = (unsigned char)bytes[i];
        if (a < 0x80 || (judge == judge_sjis && between(a, 0xa1, 0xdf))) /* half-width katakana: a single byte */
            continue;
        int verdict = i + 1 < length ? judge(a, (unsigned char)bytes[i + 1]) : -1;
        if (verdict < 0)
            return 0;
        frequent += verdict;
        ++*count;
        i++;
    }
    return *count ? (double)frequent / *count : 0;
}

/* The set for bytes that are not UTF-8 and whose CA is missing or wrong. */
static const char *guess_double(const char *bytes, size_t length)
{
    const char *best = "ISO-8859-1";
    double most = 0.5;
    bool controls = false; /* which Latin-1 does not have */
    for (size_t i = 0; i < length; i++)
        controls = controls || between((unsigned char)bytes[i], 0x80, 0x9f);
    for (size_t i = 0; i < G_N_ELEMENTS(doubles); i++) {
        int count;
        double share = frequent_share(bytes, length, doubles[i].judge, &count);
        if (share > most && (count > 1 || controls)) {
            most = share;
            best = doubles[i].charset;
        }
    }
    return best;
}

struct utf8_look {
    int sequences, longer, invalid; /* well-formed sequences beyond ASCII; of three bytes or more; invalid bytes */
};

static struct utf8_look look_at_utf8(const char *bytes, size_t length)
{
    struct utf8_look look = {0};
    for (const char *at = bytes, *end = bytes + length; at < end;) {
        gunichar c = g_utf8_get_char_validated(at, end - at);
        bool valid = c != (gunichar)-1 && c != (gunichar)-2;
        look.invalid += !valid;
        look.sequences += valid && c >= 0x80;
        look.longer += valid && c >= 0x800;
        at += valid ? g_unichar_to_utf8(c, NULL) : 1;
    }
    return look;
}

/* ---- conversion ---- */

static bool is_valid_in(const char *charset, const char *bytes, size_t length)
{
    char *text = g_convert(bytes, (gssize)length, "UTF-8", charset, NULL, NULL, NULL);
    g_free(text);
    return text;
}

/* Which set the bytes are in. named: CA, or NULL. */
static const char *choose_charset(const char *named, const char *bytes, size_t length)
{
    struct utf8_look look = look_at_utf8(bytes, length);
    const char *known = named ? sgf_charset(named) : NULL;
    if (look.sequences == 0 && look.invalid == 0)
        return "UTF-8"; /* plain ASCII: CA does not matter */
    if (look.invalid == 0 && (look.longer > 0 || !known || !is_valid_in(known, bytes, length)))
        return "UTF-8";
    if (known && strcmp(known, "UTF-8") != 0 && is_valid_in(known, bytes, length))
        return known;
    if (look.longer > 2 * look.invalid) /* UTF-8 with a few bytes missing */
        return "UTF-8";
    const char *guess = guess_double(bytes, length);
    return known && strcmp(known, "UTF-8") != 0 && strcmp(guess, "ISO-8859-1") == 0 ? known : guess;
}

static void note_byte(struct sgf *sgf, const char *bytes, size_t length, size_t offset, const char *charset)
{
    int line, column;
    sgf_place(bytes, length, offset, &line, &column);
    char *text = g_strdup_printf("line %d, column %d: byte 0x%02x is not valid %s and is replaced", line, column,
                                 (unsigned char)bytes[offset], charset);
    sgf_note(sgf->top, text);
    g_free(text);
}

/* The text in UTF-8, freed by the caller; bytes that are invalid in the set become U+FFFD, each with a note. NULL if there
 * are too many of them for a text. */
static GString *convert(struct sgf *sgf, const char *charset, const char *bytes, size_t length)
{
    GString *text = g_string_sized_new(length + 16);
    int replaced = 0;
    for (size_t at = 0; at < length;) {
        gsize read = 0, written = 0;
        GError *error = NULL;
        char *part = g_convert(bytes + at, (gssize)(length - at), "UTF-8", charset, &read, &written, &error);
        if (!part && read > 0) /* what comes before the invalid byte */
            part = g_convert(bytes + at, (gssize)read, "UTF-8", charset, NULL, &written, NULL);
        if (part)
            g_string_append_len(text, part, (gssize)written);
        g_free(part);
        at += read;
        if (error && at < length) {
            if (++replaced <= MAX_PLACES)
                note_byte(sgf, bytes, length, at, charset);
            g_string_append(text, REPLACEMENT);
            at++;
            if (replaced > MAX_REPLACED) {
                g_error_free(error);
                g_string_free(text, TRUE);
                return NULL;
            }
        } else if (error || read == 0) {
            break;
        }
        g_clear_error(&error);
    }
    return text;
}

/* Zero bytes, which some programs write at the end, become white space. */
static void replace_zeros(GString *text)
{
    for (gsize i = 0; i < text->len; i++)
        if (!text->str[i])
            text->str[i] = ' ';
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

static void note_charset(struct sgf *sgf, const char *named, const char *charset)
{
    char *text = g_strdup_printf("CA[%.40s] does not fit the text, which is read as %s", named, charset);
    sgf_note(sgf->top, text);
    g_free(text);
}

struct sgf *sgf_parse(const char *bytes, size_t length, const char *name, GError **error)
{
    if (length > SGF_MAX_BYTES) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "%s: more than %d MiB; split the file", name,
                    SGF_MAX_BYTES >> 20);
        return NULL;
    }
    bool wide = length >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0);
    bool mark = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;
    if (mark) {
        bytes += 3;
        length -= 3;
    }
    char *named = wide || mark ? NULL : named_charset(bytes, length);
    const char *charset = wide ? "UTF-16" : mark ? "UTF-8" : choose_charset(named, bytes, length);
    struct sgf *sgf = sgf_new();
    GString *text = convert(sgf, charset, bytes, length);
    if (!text) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE,
                    "%s: more than %d bytes are not valid %s; this is not a text file, or name its character set in CA",
                    name, MAX_REPLACED, charset);
        g_free(named);
        sgf_free(sgf);
        return NULL;
    }
    replace_zeros(text);
    if (sgf_read_trees(sgf, text->str, text->len, -1, name, error)) {
        const char *known = named ? sgf_charset(named) : NULL;
        bool plain = look_at_utf8(text->str, text->len).sequences == 0;
        if (named && !plain && (!known || strcmp(known, charset) != 0))
            note_charset(sgf, named, charset);
        /* Files are written in the set that CA names, so it has to be true; a guess is written as UTF-8. */
        if (!plain && (!known || strcmp(known, charset) != 0))
            sgf_set(sgf_root(sgf), "CA", "UTF-8");
        else if (named && !known)
            sgf_set(sgf_root(sgf), "CA", "UTF-8");
    } else {
        g_clear_pointer(&sgf, sgf_free);
    }
    g_string_free(text, TRUE);
    g_free(named);
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

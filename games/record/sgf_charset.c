/* Character sets of SGF files: what CA names, and what the bytes say where it names none or a wrong one. */
#include "games/record/sgf.h"
#include "games/record/sgf_internal.h"

/* ---- names ---- */

static const struct {
    const char *alias, *name;
} aliases[] = {
    /* in which 0x5c is a backslash, as SGF's escapes need, not a yen sign */
    {"shift-jis", "CP932"},     {"sjis", "CP932"},           {"x-sjis", "CP932"},
    {"ms-kanji", "CP932"},      {"csshiftjis", "CP932"},     {"windows-31j", "CP932"},
    {"cp932", "CP932"},         {"ms932", "CP932"},          {"euc-kr", "CP949"},
    {"ks-c-5601", "CP949"},     {"ks-c-5601-1987", "CP949"}, {"ksc5601", "CP949"},
    {"cp949", "CP949"},         {"ms949", "CP949"},          {"uhc", "CP949"},
    {"gb", "GB18030"},          {"gb2312", "GB18030"}, /* a subset, and often named for what exceeds it */
    {"gb-2312", "GB18030"},     {"gb-2312-80", "GB18030"},   {"gbk", "GB18030"},
    {"cp936", "GB18030"},       {"euc-cn", "GB18030"},       {"gb18030", "GB18030"},
    {"ms936", "GB18030"},       {"big5", "CP950"},           {"big-5", "CP950"},
    {"cp950", "CP950"},         {"ms950", "CP950"},          {"utf-8", "UTF-8"},
    {"utf8", "UTF-8"},          {"unicode", "UTF-8"},        {"ascii", "ISO-8859-1"},
    {"us-ascii", "ISO-8859-1"}, {"latin1", "ISO-8859-1"},    {"latin-1", "ISO-8859-1"},
    {"ansi", "CP1252"},
};

/* Whether the characters of SGF's syntax have the same codes as in ASCII. */
static bool contains_ascii(const char *charset)
{
    static const char syntax[] = "(;C[\\]\\\\:09az~+-])";
    /* To iconv "" is the locale's charset, what follows a '/' an option, and other characters are ignored. */
    if (!*charset || strspn(charset, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.:") != strlen(charset))
        return false;
    char *text = g_convert(syntax, -1, "UTF-8", charset, NULL, NULL, NULL);
    bool same = text && strcmp(text, syntax) == 0;
    g_free(text);
    return same;
}

static bool is_utf8(const char *charset)
{
    static const char sample[] = "\xc3\xa9\xe5\xa4\xa9";
    char *text = g_convert(sample, -1, "UTF-8", charset, NULL, NULL, NULL);
    bool same = text && strcmp(text, sample) == 0;
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
        found = is_utf8(lower) ? "UTF-8" : g_intern_string(name);
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

static const struct double_byte {
    const char *charset;
    int (*judge)(unsigned char a, unsigned char b);
} doubles[] = {{"GB18030", judge_gb}, {"CP932", judge_sjis}, {"CP949", judge_korean}, {"CP950", judge_big5}};

static const struct double_byte *find_double(const char *charset)
{
    for (size_t i = 0; i < G_N_ELEMENTS(doubles); i++)
        if (strcmp(doubles[i].charset, charset) == 0)
            return &doubles[i];
    return NULL;
}

/* Bytes of the character that begins here: 1 also for what is no double-byte character. */
static size_t character_bytes(const struct double_byte *set, const char *at, const char *end)
{
    unsigned char a = (unsigned char)*at;
    bool single = a < 0x80 || (set->judge == judge_sjis && between(a, 0xa1, 0xdf)); /* half-width katakana */
    if (single || at + 1 >= end)
        return 1;
    if (set->judge == judge_gb && g_ascii_isdigit(at[1]) && end - at >= 4)
        return 4;
    return set->judge(a, (unsigned char)at[1]) < 0 ? 1 : 2;
}

/* The share of frequent characters among those of two bytes, whose number is *count; 0 if too much is invalid. */
static double frequent_share(const char *bytes, size_t length, const struct double_byte *set, int *count)
{
    const char *end = bytes + length;
    int frequent = 0, invalid = 0;
    *count = 0;
    for (const char *at = bytes; at < end;) {
        size_t size = character_bytes(set, at, end);
        if (size == 2) {
            frequent += set->judge((unsigned char)at[0], (unsigned char)at[1]);
            ++*count;
        } else if (size == 1 && !between((unsigned char)*at, 0, 0x7f) &&
                   !(set->judge == judge_sjis && between((unsigned char)*at, 0xa1, 0xdf))) {
            invalid++;
        }
        at += size;
    }
    return *count && *count >= 8 * invalid ? (double)frequent / *count : 0;
}

/* The set for bytes that are not UTF-8 and whose CA is missing or wrong: the East Asian one in which most of the
 * double-byte characters are frequent, or Latin-1, the default of SGF. */
static const char *guess_double(const char *bytes, size_t length)
{
    const char *best = "ISO-8859-1";
    double most = 0.5;
    bool controls = false; /* which Latin-1 does not have */
    for (size_t i = 0; i < length; i++)
        controls = controls || between((unsigned char)bytes[i], 0x80, 0x9f);
    for (size_t i = 0; i < G_N_ELEMENTS(doubles); i++) {
        int count;
        double share = frequent_share(bytes, length, &doubles[i], &count);
        if (share > most && (count > 1 || controls)) {
            most = share;
            best = doubles[i].charset;
        }
        /* Hangul has the bytes of the first half of the Chinese characters: many of them and no others are Korean. */
        if (doubles[i].judge == judge_korean && share == 1 && count >= 8 && strcmp(best, "GB18030") == 0)
            best = doubles[i].charset;
    }
    return best;
}

size_t sgf_utf8_subpart(const char *at, const char *end)
{
    static const unsigned char leads[] = {0xc2, 0xe0, 0xf0, 0xf5}; /* of sequences of 2, 3 and 4 bytes, and the end */
    size_t wanted = 1, size = 1;
    while (wanted < G_N_ELEMENTS(leads) && (unsigned char)*at >= leads[wanted - 1])
        wanted++;
    if ((unsigned char)*at >= 0xf5)
        return 1;
    while (size < wanted && at + size < end && ((unsigned char)at[size] & 0xc0) == 0x80)
        size++;
    return size;
}

struct utf8_look {
    int sequences, longer; /* well-formed sequences beyond ASCII; of three bytes or more */
    int cut, invalid;      /* sequences that lack their end; other bytes that cannot be UTF-8 */
};

static struct utf8_look look_at_utf8(const char *bytes, size_t length)
{
    struct utf8_look look = {0};
    for (const char *at = bytes, *end = bytes + length; at < end;) {
        gunichar c = (unsigned char)*at < 0x80 ? (gunichar)*at : g_utf8_get_char_validated(at, end - at);
        bool valid = c != (gunichar)-1 && c != (gunichar)-2;
        size_t size = valid ? (size_t)g_unichar_to_utf8(c, NULL) : sgf_utf8_subpart(at, end);
        look.cut += !valid && size > 1;
        look.invalid += !valid && size == 1;
        look.sequences += valid && c >= 0x80;
        look.longer += valid && c >= 0x800;
        at += size;
    }
    return look;
}

/* Whether all or nearly all of the text beyond ASCII is valid in the set. */
static bool is_nearly_valid(const char *charset, const char *bytes, size_t length)
{
    int bad = 0, beyond = 0;
    GString *text = sgf_convert(charset, bytes, length, &bad, NULL, NULL);
    for (size_t i = 0; i < length; i++)
        beyond += (bytes[i] & 0x80) != 0;
    g_string_free(text, TRUE);
    return bad <= 1 + beyond / 8;
}

const char *sgf_choose_charset(const char *known, const char *bytes, size_t length)
{
    struct utf8_look look = look_at_utf8(bytes, length);
    bool utf8 = known && strcmp(known, "UTF-8") == 0, wide = known && find_double(known);
    if (look.sequences + look.cut + look.invalid == 0)
        return "UTF-8"; /* plain ASCII: CA does not matter */
    /* Editors convert files to UTF-8 and leave CA as it was. Only two-byte sequences can be characters of another set
     * with some probability. */
    if (look.invalid + look.cut == 0 && !(wide && look.longer == 0 && is_nearly_valid(known, bytes, length)))
        return "UTF-8";
    if (utf8 && look.invalid == 0)
        return "UTF-8";
    if (known && !utf8 && is_nearly_valid(known, bytes, length))
        return known;
    if (look.sequences > 2 * (look.invalid + look.cut) && (utf8 || look.longer > 0))
        return "UTF-8";
    const char *guess = guess_double(bytes, length);
    return known && !utf8 && strcmp(guess, "ISO-8859-1") == 0 ? known : guess;
}

/* Whether what follows a ']' shows that it ends a value: a node, a property, or the end of the tree. */
static bool ends_value(const char *at, const char *end)
{
    while (at < end && g_ascii_isspace(*at))
        at++;
    if (at < end && *at == ')') {
        for (at++; at < end && (g_ascii_isspace(*at) || *at == ')'); at++)
            ;
        return at >= end || *at == '(';
    }
    while (at < end && (*at == '(' || *at == ';' || g_ascii_isspace(*at)))
        at++;
    const char *name = at;
    while (at < end && g_ascii_isupper(*at))
        at++;
    return at > name && at - name <= 2 && at < end && *at == '[';
}

int sgf_mark_cut_characters(const char *charset, char *bytes, size_t length)
{
    const struct double_byte *set = find_double(charset);
    const char *end = bytes + length;
    int marked = 0;
    for (char *at = bytes; set && at < end;) {
        size_t size = character_bytes(set, at, end);
        if (size == 2 && at[1] == ']' && ends_value(at + 2, end)) {
            *at = '\xff';
            marked++;
            size = 1;
        }
        at += size;
    }
    return marked;
}

/* Option tables at their limits: every type just below, at and just above its bounds, full messages, times, similar
 * names. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "games/option.h"

struct values {
    int64_t whole, time;
    int count, half, choice, flag;
    double real;
    char text[6];
    char *string;
    GPtrArray *strings;
};
static const char *const colours[] = {"red", "green", "blue", NULL};
static const struct option_row rows[] = {
    {"whole", OPTION_WHOLE, offsetof(struct values, whole), -5, 1e6, .preset = -3},
    {"count", OPTION_INT, offsetof(struct values, count), 2, 9, .preset = 4},
    {"half", OPTION_HALF, offsetof(struct values, half), -3, 7, .preset = -1},
    {"real", OPTION_REAL, offsetof(struct values, real), -0.5, 2.5, .preset = 1.25},
    {"time", OPTION_TIME, offsetof(struct values, time), 500, 3600000, .preset = 1500},
    {"colour", OPTION_CHOICE, offsetof(struct values, choice), 0, 2, colours, .preset = 2},
    {"flag", OPTION_FLAG, offsetof(struct values, flag), .preset = 1},
    {"text", OPTION_TEXT, offsetof(struct values, text), 0, 6, .help = ""},
    {"string", OPTION_STRING, offsetof(struct values, string), .help = ""},
    {"strings", OPTION_STRINGS, offsetof(struct values, strings), .help = ""},
    {.name = NULL},
};

static const struct option_row *row_of(const char *name)
{
    const struct option_row *row = option_find(rows, name, strlen(name));
    cr_assert(row, "%s", name);
    return row;
}

/* Reads a value and writes it again; NULL when it is refused. */
static char *read_and_write(const char *name, const char *text)
{
    struct values v = {.strings = g_ptr_array_new_with_free_func(g_free)};
    char *why = NULL, *written = NULL;
    if (option_read(row_of(name), text, &v, &why))
        written = option_write(row_of(name), &v);
    cr_expect_eq(written == NULL, why != NULL);
    g_free(why);
    g_free(v.string);
    g_ptr_array_unref(v.strings);
    return written;
}

Test(option_limits, each_type_at_its_bounds)
{
    static const char *const cases[][3] = {
        {"whole", "-5", "-5"},
        {"whole", "-6", NULL},
        {"whole", "1000000", "1000000"},
        {"whole", "1000001", NULL},
        {"whole", "1e6", "1000000"},
        {"whole", "2.5", NULL},
        {"whole", "1000001.0", NULL},
        {"whole", "12.0", "12"},
        {"whole", "-", NULL},
        {"count", "2", "2"},
        {"count", "1", NULL},
        {"count", "9", "9"},
        {"count", "10", NULL},
        {"count", "3.0", "3"},
        {"count", "+3", NULL},
        {"half", "-1.5", "-1.5"},
        {"half", "-2", NULL},
        {"half", "3.5", "3.5"},
        {"half", "4", NULL},
        {"half", "0.25", NULL},
        {"half", "3", "3"},
        {"real", "-0.5", "-0.5"},
        {"real", "-0.51", NULL},
        {"real", "2.5", "2.5"},
        {"real", "2.51", NULL},
        {"real", "1.5x", NULL},
        {"real", ".5", "0.5"},
        {"real", "+1", NULL},
        {"real", "1e400", NULL},
        {"real", "e", NULL},
        {"time", "500ms", "500ms"},
        {"time", "499ms", NULL},
        {"time", "1h", "3600000ms"},
        {"time", "61m", NULL},
        {"time", "0.5s", "500ms"},
        {"time", "1.5", NULL},
        {"colour", "Green", "green"},
        {"colour", "blue", "blue"},
        {"colour", "gree", NULL},
        {"colour", "", NULL},
        {"flag", "YES", "yes"},
        {"flag", "False", "no"},
        {"flag", "1", "yes"},
        {"flag", "0", "no"},
        {"flag", "2", NULL},
        {"flag", "", NULL},
        {"text", "abcde", "abcde"},
        {"text", "abcdef", NULL},
        {"text", "a\tb", NULL},
        {"text", "a\x7f", NULL},
        {"text", "\xc3\xa9 b", "\xc3\xa9 b"},
        {"text", "", ""},
        {"string", "", ""},
        {"string", "x=y,z", "x=y,z"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *written = read_and_write(cases[i][0], cases[i][1]);
        cr_expect_eq(g_strcmp0(written, cases[i][2]), 0, "%s=%s is %s", cases[i][0], cases[i][1], written);
        g_free(written);
    }
}

Test(option_limits, without_a_value)
{
    for (const struct option_row *row = rows; row->name; row++) {
        char *written = read_and_write(row->name, NULL);
        cr_expect_eq(g_strcmp0(written, row->type == OPTION_FLAG ? "yes" : NULL), 0, "%s is %s", row->name, written);
        g_free(written);
    }
}

static void expect_message(const char *name, const char *value, const char *wanted)
{
    struct values v = {0};
    char *why = NULL;
    cr_assert(!option_read(row_of(name), value, &v, &why));
    cr_expect_str_eq(why, wanted);
    g_free(why);
}

Test(option_limits, full_messages)
{
    expect_message("whole", "x", "whole takes a whole number, -5 to 1000000, not \"x\"");
    expect_message("count", NULL, "count takes a whole number, 2 to 9; no value was given");
    expect_message("half", "x", "half takes a number, -1.5 to 3.5 in halves, not \"x\"");
    expect_message("real", "x", "real takes a number, -0.5 to 2.5, not \"x\"");
    expect_message("time", "x", "time takes a time, 500ms to 3600s, not \"x\"");
    expect_message("colour", "x", "colour takes red|green|blue, not \"x\"");
    expect_message("flag", "x", "flag takes no|yes, not \"x\"");
    expect_message("text", "abcdefg",
                   "text takes a text, less than 6 bytes without control characters, not \"abcdefg\"");
    expect_message("string", NULL, "string takes a text, any; no value was given");
    expect_message("strings", NULL, "strings takes a text, any; no value was given");
}

static void range(const char *name, double min, double max, const char *wanted)
{
    struct option_row row = *row_of(name);
    GString *text = g_string_new(NULL);
    row.min = min;
    row.max = max;
    option_append_range(text, &row);
    cr_expect_str_eq(text->str, wanted);
    g_string_free(text, TRUE);
}

Test(option_limits, ranges)
{
    range("whole", 0, (double)G_MAXINT64, "0 or more");
    range("whole", 0, 9007199254740992.0, "0 to 9.007199255e+15");
    range("half", 3, (double)G_MAXINT64, "1.5 or more");
    range("time", 0, 999, "0ms to 999ms");
    range("time", 1000, 1500, "1s to 1.5s");
}

Test(option_limits, numbers_and_presets)
{
    struct values v = {.string = (char *)"mine", .text = "mine"};
    static const char *const presets[] = {"-3", "4", "-0.5", "1.25", "1500ms", "blue", "yes"};
    option_set_presets(rows, &v);
    cr_expect(v.whole == -3 && v.count == 4 && v.half == -1 && v.real == 1.25 && v.time == 1500 && v.choice == 2);
    cr_expect(v.flag == 1 && strcmp(v.string, "mine") == 0 && strcmp(v.text, "mine") == 0 && !v.strings);
    for (size_t i = 0; i < G_N_ELEMENTS(presets); i++) {
        char *preset = option_write_preset(&rows[i]), *written = option_write(&rows[i], &v);
        cr_expect_str_eq(preset, presets[i]);
        cr_expect_str_eq(written, presets[i]);
        g_free(preset);
        g_free(written);
    }
    cr_expect(option_set_number(row_of("time"), 3600000, &v) && v.time == 3600000);
    cr_expect(option_set_number(row_of("whole"), -5, &v) && v.whole == -5);
    cr_expect(option_set_number(row_of("half"), 7, &v) && v.half == 7 && !option_set_number(row_of("half"), 8, &v));
    cr_expect(!option_set_number(row_of("real"), NAN, &v) && !option_set_number(row_of("whole"), 0.5, &v));
    struct option_row wide = *row_of("whole");
    wide.max = INFINITY;
    cr_expect(!option_set_number(&wide, (double)G_MAXINT64, &v) && v.whole == -5);
    cr_expect(option_set_number(&wide, 9223372036854774784.0, &v) && v.whole == 9223372036854774784);
}

/* A string that is read replaces the one before; strings are kept in order. */
Test(option_limits, strings)
{
    struct values v = {.strings = g_ptr_array_new_with_free_func(g_free)};
    static const char *const read[] = {"one", "two", "three"};
    for (int i = 0; i < 3; i++)
        cr_assert(option_read(row_of("string"), read[i], &v, NULL) &&
                  option_read(row_of("strings"), read[i], &v, NULL));
    cr_expect_str_eq(v.string, "three");
    cr_assert_eq(v.strings->len, 3);
    for (guint i = 0; i < 3; i++)
        cr_expect_str_eq(g_ptr_array_index(v.strings, i), read[i]);
    g_free(v.string);
    v.string = NULL;
    cr_expect_null(option_write(row_of("string"), &v));
    g_ptr_array_unref(v.strings);
}

/* ---- times ---- */

Test(option_limits, times)
{
    static const struct {
        const char *text;
        double ms;
        const char *rest;
    } cases[] = {
        {"250ms", 250, ""},
        {"90s", 90000, ""},
        {"1.5m", 90000, ""},
        {"2h", 7200000, ""},
        {"5m+25/10m", 300000, "+25/10m"},
        {"0s", 0, ""},
        {"0.0004s", 0, ""},
        {"0.0006s", 1, ""},
        {"1s2s", 1000, "2s"},
        {"7", -1, "7"},
        {"7x", -1, "7x"},
        {"-1s", -1, "-1s"},
        {"+1s", -1, "+1s"},
        {"1e3s", -1, "1e3s"},
        {"0x10s", -1, "0x10s"},
        {"s", -1, "s"},
        {"", -1, ""},
        {" 1s", -1, " 1s"},
        {"infs", -1, "infs"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *at = cases[i].text;
        cr_expect_eq(option_take_time(&at), cases[i].ms, "%s", cases[i].text);
        cr_expect_str_eq(at, cases[i].rest);
    }
}

/* ---- unknown names ---- */

/* The number of insertions, deletions and substitutions, by exhaustive search. */
static int edits(const char *a, const char *b)
{
    if (!*a || !*b)
        return (int)(strlen(a) + strlen(b));
    int least = edits(a + 1, b + 1) + (*a != *b);
    least = MIN(least, 1 + edits(a + 1, b));
    return MIN(least, 1 + edits(a, b + 1));
}

/* The suggestion is the first of the nearest names, if its distance is at most two and at most half the length of what
 * was written. */
static void expect_suggestion(const char *name)
{
    int most = MIN(2, (int)strlen(name) / 2), least = most + 1;
    const char *wanted = NULL;
    for (const struct option_row *row = rows; row->name; row++)
        if (edits(name, row->name) < least) {
            least = edits(name, row->name);
            wanted = row->name;
        }
    char *text = option_unknown(rows, "thing", name, 0);
    char *near = wanted ? g_strdup_printf("did you mean \"%s\"? There are ", wanted) : g_strdup("there are ");
    char *all =
        g_strdup_printf("there is no thing \"%s\"; %swhole, count, half, real, time, colour, flag, text, string, "
                        "strings",
                        name, near);
    cr_expect_str_eq(text, all);
    g_free(text);
    g_free(near);
    g_free(all);
}

Test(option_limits, nearest_names)
{
    static const char *const names[] = {"",      "w",    "tm",  "tim",  "tme",    "timer",   "tmie",
                                        "xtime", "emit", "flg", "hlaf", "strins", "xxxcount"};
    static const char letters[] = "aehlrtx";
    struct {
        char text[8];
    } name = {{0}};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        expect_suggestion(names[i]);
    for (int code = 0; code < 7 * 7 * 7 * 7; code += 5) {
        for (int i = 0, rest = code; i < 4; i++, rest /= 7)
            name.text[i] = letters[rest % 7];
        expect_suggestion(name.text);
    }
}

/* Rows with a flag are neither listed nor suggested; names of 48 letters and more are not compared. */
Test(option_limits, what_is_not_suggested)
{
    char longest[50];
    memset(longest, 'a', 49);
    longest[49] = '\0';
    const struct option_row some[] = {
        {.name = "alpha", .flags = 1}, {.name = "beta", .flags = 2}, {.name = longest}, {.name = NULL}};
    char *text = option_unknown(some, "thing", "alpa", 1), *other = option_unknown(some, "thing", "alpa", 2);
    cr_expect(g_str_has_prefix(text, "there is no thing \"alpa\"; there are beta, a"), "%s", text);
    cr_expect(g_str_has_prefix(other, "there is no thing \"alpa\"; did you mean \"alpha\"? There are alpha, a"), "%s",
              other);
    g_free(text);
    g_free(other);
    for (int length = 46; length <= 49; length++) {
        char name[50];
        memset(name, 'a', 50);
        longest[length] = '\0';
        name[length] = '\0';
        name[0] = 'b';
        text = option_unknown(some, "thing", name, 3);
        cr_expect_eq(strstr(text, "did you mean") != NULL, length < 48, "%d letters", length);
        g_free(text);
        memset(longest, 'a', 49);
    }
    text = option_unknown(some + 3, "thing", "x", 0);
    cr_expect_str_eq(text, "there is no thing \"x\"; there are none");
    g_free(text);
}

/* ---- lists ---- */

Test(option_limits, lists)
{
    struct values v = {0};
    char *why = NULL;
    cr_assert(option_read_list(rows, "count=3,flag,text=a=b,string=,half=1.5", &v, &why), "%s", why);
    cr_expect(v.count == 3 && v.flag == 1 && strcmp(v.text, "a=b") == 0 && *v.string == '\0' && v.half == 3);
    cr_assert(!option_read_list(rows, "count=4,coutn=5,half=2", &v, &why));
    cr_expect(strstr(why, "there is no option \"coutn\"; did you mean \"count\"?") && v.count == 4 && v.half == 3);
    g_free(why);
    cr_assert(!option_read_list(rows, "whole=1,count=4,whole=1", &v, &why));
    cr_expect_str_eq(why, "whole is given twice; leave one out");
    g_free(why);
    g_free(v.string);
}

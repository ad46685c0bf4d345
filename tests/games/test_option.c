/* Option tables: values survive writing and parsing, ranges are enforced, and messages say what would be accepted. */
#include <criterion/criterion.h>
#include <string.h>

#include "games/option.h"

struct values {
    int64_t seed, time_ms;
    int count, komi2, side, loud;
    double rate;
    char name[8];
    char *path;
    GPtrArray *players;
};
static const char *const sides[] = {"left", "right", NULL};
static const struct option_row rows[] = {
    {"seed", OPTION_WHOLE, offsetof(struct values, seed), 0, (double)G_MAXINT64, .help = "", .preset = 3},
    {"time", OPTION_TIME, offsetof(struct values, time_ms), 10, 7200000, .help = "", .preset = 1000},
    {"count", OPTION_INT, offsetof(struct values, count), 1, 100, .help = "", .preset = 5},
    {"komi", OPTION_HALF, offsetof(struct values, komi2), -20, 20, .help = "", .preset = 13},
    {"side", OPTION_CHOICE, offsetof(struct values, side), 0, 1, sides, .help = "", .preset = 1},
    {"loud", OPTION_FLAG, offsetof(struct values, loud), .help = ""},
    {"rate", OPTION_REAL, offsetof(struct values, rate), 1e-7, 10, .help = "", .preset = 0.5},
    {"name", OPTION_TEXT, offsetof(struct values, name), 0, 8, .help = ""},
    {"path", OPTION_STRING, offsetof(struct values, path), .help = ""},
    {"player", OPTION_STRINGS, offsetof(struct values, players), .help = ""},
    {"hidden", OPTION_INT, offsetof(struct values, count), 1, 9, .help = "", .preset = 5, .flags = 4},
    {.name = NULL},
};

static const struct option_row *row_of(const char *name)
{
    const struct option_row *row = option_find(rows, name, strlen(name));
    cr_assert(row, "%s", name);
    return row;
}

Test(option, written_and_read)
{
    static const char *const cases[][3] = {
        {"seed", "9223372036854775807", "9223372036854775807"}, /* exact: more than a double holds */
        {"seed", "9007199254740993", "9007199254740993"},
        {"seed", "1e3", "1000"},
        {"time", "1.5m", "90000ms"},
        {"time", "2h", "7200000ms"},
        {"count", "7", "7"},
        {"komi", "-6.5", "-6.5"},
        {"side", "LEFT", "left"},
        {"loud", "true", "yes"},
        {"loud", "0", "no"},
        {"rate", "1e-7", "9.9999999999999995e-08"},
        {"name", "seven77", "seven77"},
        {"path", "a, b=c", "a, b=c"},
    };
    struct values v = {.players = g_ptr_array_new_with_free_func(g_free)};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct option_row *row = row_of(cases[i][0]);
        char *why = NULL;
        cr_assert(option_read(row, cases[i][1], &v, &why), "%s", why);
        char *text = option_write(row, &v);
        cr_assert_str_eq(text, cases[i][2]);
        cr_assert(option_read(row, text, &v, &why), "%s", why);
        char *again = option_write(row, &v);
        cr_assert_str_eq(text, again);
        g_free(text);
        g_free(again);
    }
    cr_assert(option_read(row_of("loud"), NULL, &v, NULL) && v.loud == 1, "a flag needs no value");
    cr_assert(option_read(row_of("player"), "a", &v, NULL) && option_read(row_of("player"), "b", &v, NULL));
    cr_assert(v.players->len == 2 && strcmp(v.players->pdata[1], "b") == 0);
    g_ptr_array_unref(v.players);
    g_free(v.path);
}

Test(option, what_is_not_accepted)
{
    static const struct {
        const char *name, *value, *says;
    } cases[] = {
        {"seed", "-1", "seed takes a whole number, 0 or more, not \"-1\""},
        {"seed", "1.5", "not \"1.5\""},
        {"seed", "+1", "not \"+1\""},
        {"seed", "9223372036854775808", "not"},
        {"seed", " 1", "not"},
        {"seed", "", "not \"\""},
        {"count", "101", "count takes a whole number, 1 to 100, not \"101\""},
        {"count", "0x10", "not"},
        {"count", "nan", "not"},
        {"count", NULL, "1 to 100; no value was given"},
        {"time", "9ms", "time takes a time, 10ms to 7200s, not \"9ms\""},
        {"time", "5", "not"},
        {"time", "1s ", "not"},
        {"komi", "6.25", "komi takes a number, -10 to 10 in halves, not \"6.25\""},
        {"side", "up", "side takes left|right, not \"up\""},
        {"side", NULL, "left|right"},
        {"loud", "perhaps", "loud takes no|yes"},
        {"rate", "inf", "rate takes a number, 1e-07 to 10, not \"inf\""},
        {"rate", "0", "not"},
        {"name", "eight888", "name takes a text, less than 8 bytes"},
    };
    struct values before = {.seed = 1, .count = 2, .name = "x"}, v;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *why = NULL;
        v = before;
        cr_assert(!option_read(row_of(cases[i].name), cases[i].value, &v, &why), "%s=%s", cases[i].name,
                  cases[i].value);
        cr_assert(strstr(why, cases[i].says), "%s", why);
        cr_assert_eq(memcmp(&v, &before, sizeof v), 0, "%s changed something", cases[i].name);
        g_free(why);
    }
}

Test(option, unknown_names_get_suggestions)
{
    static const char *const cases[][2] = {{"cuont", "did you mean \"count\"? There are seed, time, count, komi"},
                                           {"sides", "did you mean \"side\"?"},
                                           {"zzzzzz", "there is no key \"zzzzzz\"; there are seed, "},
                                           {"", "there is no key \"\"; there are seed"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *why = option_unknown(rows, "key", cases[i][0], 4);
        cr_assert(strstr(why, cases[i][1]), "%s", why);
        cr_assert(!strstr(why, "hidden"), "%s", why);
        g_free(why);
    }
}

Test(option, lists_and_presets)
{
    struct values v = {.time_ms = 7};
    char *why;
    option_set_presets(rows, &v);
    cr_assert(v.seed == 3 && v.time_ms == 1000 && v.count == 5 && v.komi2 == 13 && v.side == 1 && v.rate == 0.5);
    cr_assert(option_read_list(rows, "", &v, &why));
    cr_assert(option_read_list(rows, "count=9,loud,side=left", &v, &why));
    cr_assert(v.count == 9 && v.loud == 1 && v.side == 0 && v.seed == 3,
              "options that are not named keep their values");
    static const char *const bad[] = {"count=9,count=8", "count", ",", "count=9,", "=1", "side=up"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        cr_assert(!option_read_list(rows, bad[i], &v, &why), "\"%s\" was accepted", bad[i]);
        g_free(why);
    }
    cr_assert(!option_set_number(row_of("count"), 2.5, &v) && !option_set_number(row_of("count"), 0, &v));
    cr_assert(option_set_number(row_of("rate"), 2.5, &v) && v.rate == 2.5);
}

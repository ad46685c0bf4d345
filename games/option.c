#include "games/option.h"

#include <limits.h>
#include <math.h>
#include <string.h>

static const char *const flag_texts[] = {"no", "yes", NULL};

const struct option_row *option_find(const struct option_row *rows, const char *name, size_t length)
{
    for (; rows->name; rows++)
        if (strlen(rows->name) == length && strncmp(rows->name, name, length) == 0)
            return rows;
    return NULL;
}

/* ---- what is accepted ---- */

static void append_time(GString *out, double ms)
{
    g_string_append_printf(out, "%g%s", ms < 1000 ? ms : ms / 1000, ms < 1000 ? "ms" : "s");
}

void option_append_range(GString *out, const struct option_row *row)
{
    const char *const *choices = row->type == OPTION_FLAG ? flag_texts : row->choices;
    double unit = row->type == OPTION_HALF ? 2 : 1;
    switch (row->type) {
    case OPTION_FLAG:
    case OPTION_CHOICE:
        for (int i = 0; choices[i]; i++)
            g_string_append_printf(out, "%s%s", i ? "|" : "", choices[i]);
        break;
    case OPTION_TIME:
        append_time(out, row->min);
        g_string_append(out, " to ");
        append_time(out, row->max);
        break;
    case OPTION_TEXT:
        g_string_append_printf(out, "less than %.0f bytes without control characters", row->max);
        break;
    case OPTION_STRING:
    case OPTION_STRINGS:
        g_string_append(out, "any");
        break;
    default:
        if (row->max >= (double)G_MAXINT64)
            g_string_append_printf(out, "%.10g or more", row->min / unit);
        else
            g_string_append_printf(out, "%.10g to %.10g%s", row->min / unit, row->max / unit,
                                   row->type == OPTION_HALF ? " in halves" : "");
    }
}

/* 'games takes a whole number, 1 to 9, not "x"'; value: NULL if none was given. */
static char *rejection(const struct option_row *row, const char *value)
{
    static const char *const nouns[] = {
        [OPTION_WHOLE] = "a whole number, ", [OPTION_INT] = "a whole number, ", [OPTION_HALF] = "a number, ",
        [OPTION_REAL] = "a number, ",        [OPTION_TIME] = "a time, ",        [OPTION_TEXT] = "a text, ",
        [OPTION_STRING] = "a text, ",        [OPTION_STRINGS] = "a text, "};
    GString *text = g_string_new(NULL);
    const char *noun = nouns[row->type];
    g_string_printf(text, "%s takes %s", row->name, noun ? noun : "");
    option_append_range(text, row);
    if (value)
        g_string_append_printf(text, ", not \"%.60s\"", value);
    else
        g_string_append(text, "; no value was given");
    return g_string_free(text, FALSE);
}

/* The Levenshtein distance; INT_MAX when b is too long to be compared. */
static int edit_distance(const char *a, const char *b)
{
    enum { MAX_LENGTH = 48 };
    int row[MAX_LENGTH], length = (int)strlen(b);
    if (length >= MAX_LENGTH)
        return INT_MAX;
    for (int j = 0; j <= length; j++)
        row[j] = j;
    for (int i = 0; a[i]; i++) {
        int diagonal = row[0];
        row[0] = i + 1;
        for (int j = 0; j < length; j++) {
            int changed = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = MIN(changed, 1 + MIN(row[j], row[j + 1]));
        }
    }
    return row[length];
}

static const char *nearest(const struct option_row *rows, const char *name, int hidden)
{
    int least = MIN(2, (int)strlen(name) / 2) + 1;
    const char *found = NULL;
    for (; rows->name; rows++) {
        int distance = rows->flags & hidden ? least : edit_distance(rows->name, name);
        if (distance < least) {
            least = distance;
            found = rows->name;
        }
    }
    return found;
}

char *option_unknown(const struct option_row *rows, const char *noun, const char *name, int hidden)
{
    GString *text = g_string_new(NULL);
    const char *near = nearest(rows, name, hidden);
    g_string_printf(text, "there is no %s \"%.60s\"; ", noun, name);
    if (near)
        g_string_append_printf(text, "did you mean \"%s\"? ", near);
    g_string_append(text, near ? "There are " : "there are ");
    const char *comma = "";
    for (; rows->name; rows++)
        if (!(rows->flags & hidden)) {
            g_string_append_printf(text, "%s%s", comma, rows->name);
            comma = ", ";
        }
    if (!*comma)
        g_string_append(text, "none");
    return g_string_free(text, FALSE);
}

/* ---- reading ---- */

/* Accepts only plain decimal numbers: strtod would also take hexadecimal, leading blanks and infinity. */
static bool parse_number(const char *text, double *number)
{
    char *end;
    if (!*text || strspn(text, "0123456789.+-eE") != strlen(text) || *text == '+')
        return false;
    *number = g_ascii_strtod(text, &end);
    return end != text && !*end && isfinite(*number);
}

double option_take_time(const char **at)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    char *end;
    double value = g_ascii_strtod(*at, &end);
    if (end == *at || strspn(*at, "0123456789.") != (size_t)(end - *at)) /* no sign, no exponent, no 0x */
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_str_has_prefix(end, units[i].unit)) {
            *at = end + strlen(units[i].unit);
            return rint(value * units[i].ms);
        }
    return -1;
}

static int find_choice(const char *const *choices, const char *text)
{
    for (int i = 0; choices[i]; i++)
        if (g_ascii_strcasecmp(choices[i], text) == 0)
            return i;
    return -1;
}

static int read_flag(const char *text)
{
    static const char *const on[] = {"yes", "true", "1", NULL}, *const off[] = {"no", "false", "0", NULL};
    return !text || find_choice(on, text) >= 0 ? 1 : find_choice(off, text) >= 0 ? 0 : -1;
}

bool option_set_number(const struct option_row *row, double number, void *values)
{
    void *member = (char *)values + row->offset;
    if (!(number >= row->min && number <= row->max) || fabs(number) >= (double)G_MAXINT64)
        return false;
    if (row->type == OPTION_REAL)
        *(double *)member = number;
    else if (number != rint(number))
        return false;
    else if (row->type == OPTION_WHOLE || row->type == OPTION_TIME)
        *(int64_t *)member = (int64_t)number;
    else
        *(int *)member = (int)number;
    return true;
}

/* Digits are parsed as an integer, because a double would round large seeds. Forms such as 1e6 are accepted, too. */
static bool read_whole(const struct option_row *row, const char *text, void *values)
{
    gint64 whole;
    double number;
    if (!g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &whole, NULL) || *text == '+')
        return parse_number(text, &number) && option_set_number(row, number, values);
    if ((double)whole < row->min || (double)whole > row->max)
        return false;
    void *member = (char *)values + row->offset;
    if (row->type == OPTION_WHOLE)
        *(int64_t *)member = whole;
    else
        *(int *)member = (int)whole;
    return true;
}

/* Such a text would end up in messages on a terminal. */
static bool has_control(const char *text)
{
    while (*text && !g_ascii_iscntrl(*text))
        text++;
    return *text;
}

static bool read_value(const struct option_row *row, const char *text, void *values)
{
    void *member = (char *)values + row->offset;
    const char *at = text;
    double number;
    int choice = row->type == OPTION_FLAG                     ? read_flag(text)
                 : row->type == OPTION_CHOICE && text != NULL ? find_choice(row->choices, text)
                                                              : -1;
    if (row->type == OPTION_FLAG || row->type == OPTION_CHOICE) {
        if (choice >= 0)
            *(int *)member = choice;
        return choice >= 0;
    }
    if (!text)
        return false;
    switch (row->type) {
    case OPTION_WHOLE:
    case OPTION_INT:
        return read_whole(row, text, values);
    case OPTION_HALF:
        return parse_number(text, &number) && option_set_number(row, 2 * number, values);
    case OPTION_REAL:
        return parse_number(text, &number) && option_set_number(row, number, values);
    case OPTION_TIME:
        number = option_take_time(&at);
        return number >= 0 && !*at && option_set_number(row, number, values);
    case OPTION_TEXT:
        if (strlen(text) >= (size_t)row->max || has_control(text))
            return false;
        g_strlcpy(member, text, (gsize)row->max);
        return true;
    case OPTION_STRING:
        g_free(*(char **)member);
        *(char **)member = g_strdup(text);
        return true;
    default:
        g_ptr_array_add(*(GPtrArray **)member, g_strdup(text));
        return true;
    }
}

bool option_read(const struct option_row *row, const char *text, void *values, char **why)
{
    if (read_value(row, text, values))
        return true;
    *why = rejection(row, text);
    return false;
}

static bool read_item(const struct option_row *rows, char *item, guint64 *seen, void *values, char **why)
{
    char *equals = strchr(item, '=');
    if (equals)
        *equals = '\0';
    const struct option_row *row = option_find(rows, item, strlen(item));
    if (!row) {
        *why = option_unknown(rows, "option", item, 0);
        return false;
    }
    guint64 bit = G_GUINT64_CONSTANT(1) << (row - rows);
    if (*seen & bit) {
        *why = g_strdup_printf("%s is given twice; leave one out", item);
        return false;
    }
    *seen |= bit;
    return option_read(row, equals ? equals + 1 : NULL, values, why);
}

bool option_read_list(const struct option_row *rows, const char *text, void *values, char **why)
{
    guint64 seen = 0;
    bool fine = true;
    char **items = g_strsplit(text, ",", -1);
    for (int i = 0; fine && items[i]; i++)
        fine = read_item(rows, items[i], &seen, values, why);
    g_strfreev(items);
    return fine;
}

/* ---- writing ---- */

static char *write_number(const struct option_row *row, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    if (row->type == OPTION_CHOICE)
        return g_strdup(row->choices[(int)number]);
    if (row->type == OPTION_FLAG)
        return g_strdup(flag_texts[number != 0]);
    if (row->type == OPTION_TIME)
        return g_strdup_printf("%.0fms", number);
    if (row->type == OPTION_HALF)
        return g_strdup(g_ascii_formatd(text, sizeof text, "%g", number / 2));
    return g_strdup(g_ascii_dtostr(text, sizeof text, number));
}

char *option_write(const struct option_row *row, const void *values)
{
    const void *member = (const char *)values + row->offset;
    switch (row->type) {
    case OPTION_TEXT:
        return g_strdup(member);
    case OPTION_STRING:
        return g_strdup(*(char *const *)member);
    case OPTION_WHOLE:
        return g_strdup_printf("%" G_GINT64_FORMAT, *(const int64_t *)member);
    case OPTION_TIME:
        return write_number(row, (double)*(const int64_t *)member);
    case OPTION_REAL:
        return write_number(row, *(const double *)member);
    default:
        return write_number(row, *(const int *)member);
    }
}

char *option_write_preset(const struct option_row *row)
{
    return write_number(row, row->preset);
}

void option_set_presets(const struct option_row *rows, void *values)
{
    for (; rows->name; rows++) {
        void *member = (char *)values + rows->offset;
        if (rows->type == OPTION_WHOLE || rows->type == OPTION_TIME)
            *(int64_t *)member = (int64_t)rows->preset;
        else if (rows->type == OPTION_REAL)
            *(double *)member = rows->preset;
        else if (rows->type == OPTION_INT || rows->type == OPTION_HALF || rows->type == OPTION_CHOICE ||
                 rows->type == OPTION_FLAG)
            *(int *)member = (int)rows->preset;
    }
}

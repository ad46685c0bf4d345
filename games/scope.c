#include "games/scope.h"

#include <string.h>

#include "games/game.h"

static const double RARE = 0.005, TAIL = 0.01;

struct game_scope {
    int64_t games;
    GHashTable *counts; /* "NAME:VALUE" to int64_t *; "size", and options other than at their presets */
};

struct game_scope *game_scope_new(void)
{
    struct game_scope *scope = g_new0(struct game_scope, 1);
    scope->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return scope;
}

void game_scope_free(struct game_scope *scope)
{
    if (scope)
        g_hash_table_destroy(scope->counts);
    g_free(scope);
}

int64_t game_scope_games(const struct game_scope *scope)
{
    return scope->games;
}

static void add(struct game_scope *scope, const char *name, const char *value, int64_t games)
{
    char *key = g_strconcat(name, ":", value, NULL);
    int64_t *count = g_hash_table_lookup(scope->counts, key);
    if (count) {
        *count += games;
        g_free(key);
        return;
    }
    g_hash_table_insert(scope->counts, key, g_memdup2(&games, sizeof games));
}

/* The parts of a spec: the size, then NAME=VALUE for each option that is not at its preset. Freed by g_strfreev. */
static char **parts_of(const struct game *game)
{
    char spec[GAME_SPEC_MAX];
    return g_strsplit(strchr(game_format(game, spec), ':') + 1, ",", -1);
}

void game_scope_add(struct game_scope *scope, const struct game *game, int64_t games)
{
    char **parts = parts_of(game);
    scope->games += games;
    add(scope, "size", parts[0], games);
    for (int i = 1; parts[i]; i++) {
        char *equals = strchr(parts[i], '=');
        *equals = '\0';
        add(scope, parts[i], equals + 1, games);
    }
    g_strfreev(parts);
}

/* ---- text ---- */

static bool read_count(const char *text, int64_t most, int64_t *count)
{
    guint64 number;
    bool good = text && g_ascii_string_to_unsigned(text, 10, 0, (guint64)most, &number, NULL);
    *count = good ? (int64_t)number : 0;
    return good;
}

/* Whether a word is one that specs have; others may not be printed. */
static bool is_plain(const char *word)
{
    return *word && strspn(word, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-") == strlen(word);
}

/* Adds an entry, which must be the first of its name and value. */
static bool read_entry(struct game_scope *to, const char *text, int64_t games)
{
    char **parts = g_strsplit_set(text, ":=", 3);
    int64_t count;
    bool good = g_strv_length(parts) == 3 && is_plain(parts[0]) && is_plain(parts[1]) &&
                read_count(parts[2], games, &count);
    const guint before = g_hash_table_size(to->counts);
    if (good)
        add(to, parts[0], parts[1], count);
    g_strfreev(parts);
    return good && g_hash_table_size(to->counts) > before;
}

static void merge(struct game_scope *to, const struct game_scope *from)
{
    GHashTableIter at;
    gpointer key, count;
    g_hash_table_iter_init(&at, from->counts);
    while (g_hash_table_iter_next(&at, &key, &count)) {
        char **parts = g_strsplit(key, ":", 2);
        add(to, parts[0], parts[1], *(const int64_t *)count);
        g_strfreev(parts);
    }
    to->games += from->games;
}

bool game_scope_read(struct game_scope *scope, const char *text)
{
    struct game_scope *read = game_scope_new();
    char **words = g_strsplit(text, " ", -1);
    bool good = read_count(words[0], (int64_t)1 << 53, &read->games);
    for (int i = 1; good && words[i]; i++)
        good = read_entry(read, words[i], read->games);
    if (good)
        merge(scope, read);
    game_scope_free(read);
    g_strfreev(words);
    return good;
}

static gint compare_keys(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

char *game_scope_write(const struct game_scope *scope)
{
    GString *text = g_string_new(NULL);
    GList *keys = g_list_sort(g_hash_table_get_keys(scope->counts), compare_keys);
    g_string_printf(text, "%" G_GINT64_FORMAT, scope->games);
    for (const GList *key = keys; key; key = key->next)
        g_string_append_printf(text, " %s=%" G_GINT64_FORMAT, (const char *)key->data,
                               *(const int64_t *)g_hash_table_lookup(scope->counts, key->data));
    g_list_free(keys);
    return g_string_free(text, FALSE);
}

/* ---- what lies outside ---- */

struct value {
    const char *text;
    double number;
    int64_t games;
};

static gint compare_numbers(gconstpointer a, gconstpointer b)
{
    const struct value *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static gint compare_games(gconstpointer a, gconstpointer b)
{
    const struct value *x = a, *y = b;
    return x->games != y->games ? (x->games < y->games) - (x->games > y->games) : strcmp(x->text, y->text);
}

/* The values of a name: struct value, those of all games that are not listed being `preset` (NULL: there are none). */
static GArray *values_of(const struct game_scope *scope, const char *name, const char *preset)
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(struct value));
    GHashTableIter at;
    gpointer key, count;
    int64_t rest = scope->games;
    const size_t length = strlen(name);
    g_hash_table_iter_init(&at, scope->counts);
    while (g_hash_table_iter_next(&at, &key, &count)) {
        const char *text = (const char *)key + length + 1;
        if (strncmp(key, name, length) != 0 || ((const char *)key)[length] != ':')
            continue;
        struct value value = {text, g_ascii_strtod(text, NULL), *(const int64_t *)count};
        g_array_append_val(values, value);
        rest -= value.games;
    }
    if (preset && rest > 0) {
        struct value value = {preset, g_ascii_strtod(preset, NULL), rest};
        g_array_append_val(values, value);
    }
    return values;
}

/* The number below which so many games lie; values are in ascending order. */
static double quantile(const GArray *values, double games)
{
    double below = 0;
    guint i = 0;
    for (; i + 1 < values->len; i++) {
        below += (double)g_array_index(values, struct value, i).games;
        if (below > games)
            break;
    }
    return g_array_index(values, struct value, i).number;
}

/* Whether a number lies within the values; appends their range to `within`. */
static bool judge_number(const struct game_scope *scope, GArray *values, const char *name, const char *text, GString *within)
{
    const double games = (double)scope->games, number = g_ascii_strtod(text, NULL);
    g_array_sort(values, compare_numbers);
    double low = quantile(values, TAIL * games), high = quantile(values, (1 - TAIL) * games);
    if (low < high)
        g_string_append_printf(within, "%s %g to %g", name, low, high);
    else
        g_string_append_printf(within, "%s %g", name, low);
    return number >= low && number <= high;
}

static bool judge_choice(const struct game_scope *scope, GArray *values, const char *name, const char *text, GString *within)
{
    const double least = MIN(RARE, 0.5 / MAX(values->len, 1)); /* half of the average where there are very many */
    bool inside = false;
    g_array_sort(values, compare_games);
    g_string_append(within, name);
    for (guint i = 0; i < values->len; i++) {
        const struct value *value = &g_array_index(values, struct value, i);
        double share = (double)value->games / (double)scope->games;
        if (share < least)
            continue;
        if (share < 0.01)
            g_string_append_printf(within, "%s%s (under 1 %%)", i ? ", " : " ", value->text);
        else
            g_string_append_printf(within, "%s%s (%.0f %%)", i ? ", " : " ", value->text, 100 * share);
        inside |= strcmp(value->text, text) == 0;
    }
    return inside;
}

/* A preset as specs spell it. buffer: GAME_SPEC_MAX. */
static const char *preset_text(const struct game_option *option, char *buffer)
{
    if (option->choices)
        return option->choices[option->preset];
    g_snprintf(buffer, GAME_SPEC_MAX, "%g", option->preset / (option->type == GAME_OPTION_HALF ? 2.0 : 1.0));
    return buffer;
}

/* The value of an option in the parts of a spec; NULL: its preset. */
static const char *value_in(char *const *parts, const char *name)
{
    const size_t length = strlen(name);
    for (int i = 1; parts[i]; i++)
        if (strncmp(parts[i], name, length) == 0 && parts[i][length] == '=')
            return parts[i] + length + 1;
    return NULL;
}

static void judge_option(const struct game_scope *scope, const struct game_option *option, const char *text,
                         GString *outside, GString *within)
{
    char buffer[GAME_SPEC_MAX];
    const char *preset = preset_text(option, buffer);
    GArray *values = values_of(scope, option->name, preset);
    text = text ? text : preset;
    GString *known = g_string_new(NULL);
    const bool inside = option->choices ? judge_choice(scope, values, option->name, text, known)
                                        : judge_number(scope, values, option->name, text, known);
    if (!inside)
        g_string_append_printf(outside, "%s%s=%s", outside->len ? " and " : "", option->name, text);
    if (!inside || option->label)
        g_string_append_printf(within, "; %s", known->str);
    g_string_free(known, TRUE);
    g_array_free(values, TRUE);
}

char *game_scope_outside(const struct game_scope *scope, const struct game *game)
{
    GString *outside = g_string_new(NULL), *within = g_string_new(NULL);
    char **parts = parts_of(game);
    if (scope->games > 0) {
        GArray *sizes = values_of(scope, "size", NULL);
        if (!judge_choice(scope, sizes, "size", parts[0], within))
            g_string_append_printf(outside, "size %s", parts[0]);
        g_array_free(sizes, TRUE);
        for (const struct game_option *option = game->ops->options; option->name; option++)
            if (!option->formal)
                judge_option(scope, option, value_in(parts, option->name), outside, within);
    }
    if (outside->len)
        g_string_append_printf(outside, " (its games: %s)", within->str);
    g_strfreev(parts);
    g_string_free(within, TRUE);
    return g_string_free(outside, outside->len == 0);
}

/* Game specs: "go:9,komi=6.5". One parser for all games, driven by their option tables. */
#include "games/game.h"

#include <errno.h>
#include <stdlib.h>

GQuark game_error_quark(void)
{
    return g_quark_from_static_string("tengen-game-error");
}

__attribute__((format(printf, 2, 3))) static bool fail(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_propagate_error(error, g_error_new_valist(GAME_ERROR, GAME_ERROR_SPEC, format, args));
    va_end(args);
    return false;
}

static const struct game_ops *find_ops(const char *name, size_t length)
{
    for (int i = 0; game_table[i]; i++)
        if (strlen(game_table[i]->name) == length && strncmp(game_table[i]->name, name, length) == 0)
            return game_table[i];
    return NULL;
}

static const char *bool_texts[] = {"no", "yes", NULL};

/* The values that an option accepts, for messages and help. */
static void append_range(GString *out, const struct game_option *option)
{
    if (option->type == GAME_OPTION_CHOICE || option->type == GAME_OPTION_BOOL) {
        const char *const *choices = option->type == GAME_OPTION_BOOL ? bool_texts : option->choices;
        for (int i = 0; choices[i]; i++)
            g_string_append_printf(out, "%s%s", i ? "|" : "", choices[i]);
    } else if (option->type == GAME_OPTION_HALF) {
        g_string_append_printf(out, "%g to %g in halves", option->min / 2.0, option->max / 2.0);
    } else {
        g_string_append_printf(out, "%d to %d", option->min, option->max);
    }
}

static bool read_value(const struct game_option *option, const char *text, int *value)
{
    if (option->type == GAME_OPTION_CHOICE || option->type == GAME_OPTION_BOOL) {
        const char *const *choices = option->type == GAME_OPTION_BOOL ? bool_texts : option->choices;
        for (int i = 0; choices[i]; i++)
            if (strcmp(choices[i], text) == 0) {
                *value = i;
                return true;
            }
        if (option->type == GAME_OPTION_BOOL && (text[0] == '0' || text[0] == '1') && !text[1]) {
            *value = text[0] - '0';
            return true;
        }
        return false;
    }
    char *end;
    errno = 0;
    double number = g_ascii_strtod(text, &end);
    if (end == text || *end || errno || !(number >= -1e6 && number <= 1e6))
        return false;
    if (option->type == GAME_OPTION_HALF)
        number *= 2.0;
    if (number != (int)number || number < option->min || number > option->max)
        return false;
    *value = (int)number;
    return true;
}

/* given: a bit for each option that the spec has named so far. */
static bool read_option(struct game *game, const char *spec, const char *item, unsigned *given, GError **error)
{
    const char *equals = strchr(item, '=');
    const struct game_option *options = game->ops->options;
    size_t length = equals ? (size_t)(equals - item) : strlen(item);
    for (int i = 0; options[i].name; i++) {
        if (strlen(options[i].name) != length || strncmp(options[i].name, item, length) != 0)
            continue;
        if (*given >> i & 1)
            return fail(error, "game \"%s\": %s is given twice; leave one out", spec, options[i].name);
        *given |= 1u << i;
        if (equals && read_value(&options[i], equals + 1, &game->option[i]))
            return true;
        GString *range = g_string_new(NULL);
        append_range(range, &options[i]);
        fail(error, "game \"%s\": %s takes %s, not \"%s\"", spec, options[i].name, range->str,
             equals ? equals + 1 : "");
        g_string_free(range, TRUE);
        return false;
    }
    GString *names = g_string_new(NULL);
    for (int i = 0; options[i].name; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "", options[i].name);
    fail(error, "game \"%s\": %s has no option \"%.*s\"; it has %s", spec, game->ops->name, (int)length, item,
         names->str);
    g_string_free(names, TRUE);
    return false;
}

static bool read_size(struct game *game, const char *spec, const char *text, GError **error)
{
    char *end;
    errno = 0;
    long size = strtol(text, &end, 10);
    if (!g_ascii_isdigit(text[0]) || *end || errno || size < game->ops->min_size || size > game->ops->max_size)
        return fail(error, "game \"%s\": the size of %s is %d to %d, not \"%s\"; for example %s:%d", spec,
                    game->ops->name, game->ops->min_size, game->ops->max_size, text, game->ops->name,
                    game->ops->max_size < 9 ? game->ops->max_size : 9);
    game->size = (uint16_t)size;
    game->points = (uint16_t)(size * size);
    int others = 0;
    while (game->ops->other_moves[others])
        others++;
    game->moves = (uint16_t)(game->points + others);
    return true;
}

/* Reads the options behind the size, if there are any, and configures the game. */
static bool complete(struct game *game, const char *spec, const char *items_text, bool any, GError **error)
{
    char **items = g_strsplit(items_text, ",", -1);
    bool ok = true;
    unsigned given = 0;
    for (int i = 0; ok && any && (items[i] || i == 0); i++)
        ok = read_option(game, spec, items[i] ? items[i] : "", &given, error);
    g_strfreev(items);
    if (!ok || !game->ops->configure(game, error))
        return false;
    g_assert(game->position_bytes >= sizeof(struct position) && game->position_bytes <= GAME_POSITION_MAX_BYTES);
    return true;
}

bool game_parse(struct game *game, const char *spec, GError **error)
{
    memset(game, 0, sizeof *game);
    const char *colon = strchr(spec, ':');
    struct game parsed = {.ops = find_ops(spec, colon ? (size_t)(colon - spec) : strlen(spec))};
    if (strlen(spec) >= GAME_SPEC_MAX)
        return fail(error, "game \"%.40s...\": a game spec has fewer than %d characters", spec, GAME_SPEC_MAX);
    if (!parsed.ops || !colon) {
        GString *names = g_string_new(NULL);
        for (int i = 0; game_table[i]; i++)
            g_string_append_printf(names, "%s%s:SIZE", i ? " or " : "", game_table[i]->name);
        fail(error, "game \"%s\": write %s, with options after commas, for example go:9,komi=7", spec, names->str);
        g_string_free(names, TRUE);
        return false;
    }
    for (int i = 0; parsed.ops->options[i].name; i++)
        parsed.option[i] = parsed.ops->options[i].preset;
    size_t length = strcspn(colon + 1, ",");
    char *size = g_strndup(colon + 1, length);
    bool ok = read_size(&parsed, spec, size, error) &&
              complete(&parsed, spec, colon + 1 + length + (colon[1 + length] == ','), colon[1 + length] == ',', error);
    g_free(size);
    if (ok)
        *game = parsed;
    return ok;
}

bool game_vary(struct game *game, const struct game *from, int size, const char *changes, GError **error)
{
    struct game varied = {.ops = from->ops};
    memcpy(varied.option, from->option, sizeof varied.option);
    char *spec = g_strdup_printf("%s:%d%s%s", from->ops->name, size, *changes ? "," : "", changes);
    char *digits = g_strdup_printf("%d", size);
    bool ok = read_size(&varied, spec, digits, error) && complete(&varied, spec, changes, *changes != '\0', error);
    g_free(digits);
    g_free(spec);
    if (ok)
        *game = varied;
    return ok;
}

static void append_value(GString *out, const struct game_option *option, int value)
{
    if (option->type == GAME_OPTION_CHOICE)
        g_string_append(out, option->choices[value]);
    else if (option->type == GAME_OPTION_BOOL)
        g_string_append(out, bool_texts[value]);
    else if (option->type == GAME_OPTION_HALF)
        g_string_append_printf(out, "%g", value / 2.0);
    else
        g_string_append_printf(out, "%d", value);
}

char *game_format(const struct game *game, char *buffer)
{
    GString *out = g_string_new(NULL);
    g_string_printf(out, "%s:%d", game->ops->name, game->size);
    const struct game_option *options = game->ops->options;
    for (int i = 0; options[i].name; i++) {
        if (game->option[i] == options[i].preset)
            continue;
        g_string_append_printf(out, ",%s=", options[i].name);
        append_value(out, &options[i], game->option[i]);
    }
    g_strlcpy(buffer, out->str, GAME_SPEC_MAX);
    g_string_free(out, TRUE);
    return buffer;
}

bool game_equal(const struct game *a, const struct game *b)
{
    return a->ops == b->ops && a->size == b->size && memcmp(a->option, b->option, sizeof a->option) == 0;
}

int game_option_value(const struct game *game, const char *name, int otherwise)
{
    for (int i = 0; game->ops->options[i].name; i++)
        if (strcmp(game->ops->options[i].name, name) == 0)
            return game->option[i];
    return otherwise;
}

int game_komi(const struct game *game)
{
    return game->ops->komi ? game->option[game->ops->komi->option] : 0;
}

void game_set_komi(struct game *game, int halves)
{
    const int index = game->ops->komi->option;
    const struct game_option *option = &game->ops->options[index];
    game->option[index] = CLAMP(halves, option->min, option->max);
    bool good = game->ops->configure(game, NULL);
    g_assert(good);
}

void game_describe_all(FILE *out)
{
    for (int g = 0; game_table[g]; g++) {
        const struct game_ops *ops = game_table[g];
        fprintf(out, "  %s:SIZE  %s; SIZE %d to %d\n", ops->name, ops->summary, ops->min_size, ops->max_size);
        for (int i = 0; ops->options[i].name; i++) {
            const struct game_option *option = &ops->options[i];
            GString *range = g_string_new(NULL), *preset = g_string_new(NULL);
            append_range(range, option);
            append_value(preset, option, option->preset);
            fprintf(out, "    %s=%s (%s)  %s\n", option->name, range->str, preset->str, option->help);
            g_string_free(range, TRUE);
            g_string_free(preset, TRUE);
        }
    }
}

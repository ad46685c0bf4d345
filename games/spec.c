/* Game specs: "go:9,komi=6.5". One parser for all games, driven by their option tables. */
#include "games/game.h"

#include <errno.h>
#include <stdlib.h>

#include "games/option.h"

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

/* Converts a game's options to an option table whose values are in game->option. */
static void make_rows(const struct game_ops *ops, struct option_row rows[GAME_MAX_OPTIONS + 1])
{
    static const enum option_type types[] = {[GAME_OPTION_INT] = OPTION_INT,
                                             [GAME_OPTION_HALF] = OPTION_HALF,
                                             [GAME_OPTION_CHOICE] = OPTION_CHOICE,
                                             [GAME_OPTION_BOOL] = OPTION_FLAG};
    int count = 0;
    for (const struct game_option *option = ops->options; option->name; option++, count++)
        rows[count] = (struct option_row){.name = option->name,
                                          .type = types[option->type],
                                          .offset = sizeof(int) * (size_t)count,
                                          .min = option->min,
                                          .max = option->max,
                                          .choices = option->choices,
                                          .help = option->help,
                                          .preset = option->preset};
    rows[count] = (struct option_row){.name = NULL};
}

/* given: one bit for each option that the spec has already set. */
static bool read_option(struct game *game, const char *spec, const char *item, unsigned *given, GError **error)
{
    struct option_row rows[GAME_MAX_OPTIONS + 1];
    const char *equals = strchr(item, '=');
    char *name = g_strndup(item, equals ? (size_t)(equals - item) : strlen(item)), *why = NULL;
    make_rows(game->ops, rows);
    const struct option_row *row = option_find(rows, name, strlen(name));
    unsigned bit = row ? 1u << (row - rows) : 0;
    if (!row)
        why = option_unknown(rows, "option", name, 0);
    else if (*given & bit)
        why = g_strdup_printf("%s is given twice; leave one out", name);
    else
        option_read(row, equals ? equals + 1 : NULL, game->option, &why);
    *given |= bit;
    if (why)
        fail(error, "game \"%s\": %s", spec, why);
    g_free(name);
    g_free(why);
    return !why;
}

char *game_shape_format(const struct game_shape *shape, char *buffer)
{
    if (shape->width == shape->height)
        g_snprintf(buffer, GAME_SHAPE_TEXT_MAX, "%d", shape->width);
    else
        g_snprintf(buffer, GAME_SHAPE_TEXT_MAX, "%dx%d", shape->width, shape->height);
    return buffer;
}

static struct game_shape shape_of(const struct game *game)
{
    return (struct game_shape){game->width, game->height};
}

/* Reads a width or height and returns the text after it; NULL if the game has no board of that size. */
static const char *read_side(const struct game_ops *ops, const char *text, uint16_t *side)
{
    char *end;
    errno = 0;
    long length = strtol(text, &end, 10);
    if (!g_ascii_isdigit(text[0]) || errno || length < ops->min_size || length > ops->max_size)
        return NULL;
    *side = (uint16_t)length;
    return end;
}

static bool set_shape(struct game *game, const char *spec, const char *text, GError **error)
{
    const struct game_ops *ops = game->ops;
    char shape[GAME_SHAPE_TEXT_MAX];
    const char *end = read_side(ops, text, &game->width);
    game->height = game->width;
    if (end && *end == 'x' && ops->rectangles)
        end = read_side(ops, end + 1, &game->height);
    if (!end || *end)
        return fail(error, "game \"%s\": the size of %s is %d to %d%s, not \"%s\"; for example %s:%s", spec, ops->name,
                    ops->min_size, ops->max_size, ops->rectangles ? ", or two of these, WIDTHxHEIGHT" : "", text,
                    ops->name, game_shape_format(&ops->traits.first_shape, shape));
    int others = 0;
    game->points = (uint16_t)(game->width * game->height);
    game->pass = GAME_NO_MOVE;
    for (; ops->other_moves[others].name; others++)
        if (strcmp(ops->other_moves[others].name, "pass") == 0)
            game->pass = (game_move)(game->points + others);
    game->moves = (uint16_t)(game->points + others);
    game->symmetries = game->width == game->height ? ops->symmetries : MIN(ops->symmetries, 4);
    game->symmetry_points = game_symmetry_tables(game->width, game->height);
    return true;
}

/* Reads the options after the size, if there are any, and configures the game. */
static bool finish(struct game *game, const char *spec, const char *items_text, bool any, GError **error)
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
    bool ok = set_shape(&parsed, spec, size, error) &&
              finish(&parsed, spec, colon + 1 + length + (colon[1 + length] == ','), colon[1 + length] == ',', error);
    g_free(size);
    if (ok)
        *game = parsed;
    return ok;
}

/* The game `from` on a board of this shape ("9", "7x6"), with the changes applied to its options. */
static bool vary(struct game *game, const struct game *from, const char *shape, const char *changes, GError **error)
{
    struct game varied = {.ops = from->ops};
    memcpy(varied.option, from->option, sizeof varied.option);
    char *spec = g_strdup_printf("%s:%s%s%s", from->ops->name, shape, *changes ? "," : "", changes);
    bool ok = set_shape(&varied, spec, shape, error) && finish(&varied, spec, changes, *changes != '\0', error);
    g_free(spec);
    if (ok)
        *game = varied;
    return ok;
}

bool game_vary(struct game *game, const struct game *from, const char *changes, GError **error)
{
    char shape[GAME_SHAPE_TEXT_MAX];
    const struct game_shape same = shape_of(from);
    return vary(game, from, game_shape_format(&same, shape), changes, error);
}

bool game_vary_board(struct game *game, const struct game *from, const char *shape, const char *changes, GError **error)
{
    struct game plain = *from;
    for (int i = 0; from->ops->options[i].name; i++)
        if (from->ops->options[i].of_board)
            plain.option[i] = from->ops->options[i].preset;
    return vary(game, &plain, shape, changes, error);
}

bool game_resize(struct game *game, const struct game *from, int width, int height, GError **error)
{
    char shape[GAME_SHAPE_TEXT_MAX];
    g_snprintf(shape, sizeof shape, width == height ? "%d" : "%dx%d", width, height);
    return game_vary_board(game, from, shape, "", error);
}

char *game_format(const struct game *game, char *buffer)
{
    char shape[GAME_SHAPE_TEXT_MAX];
    GString *out = g_string_new(NULL);
    const struct game_shape of_game = shape_of(game);
    g_string_printf(out, "%s:%s", game->ops->name, game_shape_format(&of_game, shape));
    struct option_row rows[GAME_MAX_OPTIONS + 1];
    make_rows(game->ops, rows);
    for (int i = 0; rows[i].name; i++) {
        if (game->option[i] == (int)rows[i].preset)
            continue;
        char *value = option_write(&rows[i], game->option);
        g_string_append_printf(out, ",%s=%s", rows[i].name, value);
        g_free(value);
    }
    g_strlcpy(buffer, out->str, GAME_SPEC_MAX);
    g_string_free(out, TRUE);
    return buffer;
}

bool game_equal(const struct game *a, const struct game *b)
{
    return a->ops == b->ops && a->width == b->width && a->height == b->height &&
           memcmp(a->option, b->option, sizeof a->option) == 0;
}

int game_option_value(const struct game *game, const char *name, int fallback)
{
    for (int i = 0; game->ops->options[i].name; i++)
        if (strcmp(game->ops->options[i].name, name) == 0)
            return game->option[i];
    return fallback;
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
    bool accepted = game->ops->configure(game, NULL);
    g_assert(accepted);
}

void game_describe_all(FILE *out)
{
    for (int g = 0; game_table[g]; g++) {
        const struct game_ops *ops = game_table[g];
        fprintf(out, "  %s:SIZE  %s; SIZE %d to %d%s\n", ops->name, ops->summary, ops->min_size, ops->max_size,
                ops->rectangles ? ", or WIDTHxHEIGHT" : "");
        struct option_row rows[GAME_MAX_OPTIONS + 1];
        make_rows(ops, rows);
        for (int i = 0; rows[i].name; i++) {
            GString *range = g_string_new(NULL);
            char *preset = option_write_preset(&rows[i]);
            option_append_range(range, &rows[i]);
            fprintf(out, "    %s=%s (%s)  %s\n", rows[i].name, range->str, preset, rows[i].help);
            g_string_free(range, TRUE);
            g_free(preset);
        }
    }
}

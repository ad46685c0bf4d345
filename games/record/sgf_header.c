/* Reads and writes the root node of a record: game, board, rules and komi. */
#include <math.h>

#include "games/game.h"
#include "games/go/go.h"
#include "games/record/rule_names.h"
#include "games/record/sgf.h"
#include "games/record/sgf_internal.h"

enum {
    GM_GO = 1, /* SGF's default for GM */
    SGF_SIZE_MAX = 52,
};

bool sgf_refuse(const struct sgf_node *node, GError **error, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *message = g_strdup_vprintf(format, list);
    va_end(list);
    if (node->line)
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "node at line %d, column %d: %s", node->line, node->column,
                    message);
    else
        g_set_error_literal(error, GAME_ERROR, GAME_ERROR_FILE, message);
    g_free(message);
    return false;
}

/* The board of a record without SZ. */
static const struct game_shape *default_shape(const struct game_ops *ops)
{
    return ops->traits.records.shape.width ? &ops->traits.records.shape : &ops->traits.first_shape;
}

/* A game of the default size with these options. */
static bool parse_options(const struct game_ops *ops, const char *options, struct game *game)
{
    char shape[GAME_SHAPE_TEXT_MAX];
    game_shape_format(default_shape(ops), shape);
    char *spec = g_strdup_printf("%s:%s%s%s", ops->name, shape, *options ? "," : "", options);
    bool fine = game_parse(game, spec, NULL);
    g_free(spec);
    return fine;
}

static bool refuse_kind(const struct sgf_node *root, const char *kind, GError **error)
{
    GString *known = g_string_new(NULL);
    for (int i = 0; game_table[i]; i++)
        if (game_table[i]->traits.records.sgf)
            g_string_append_printf(known, "%sGM[%d] is %s", known->len ? ", " : "", game_table[i]->traits.records.sgf,
                                   game_table[i]->traits.title);
    sgf_refuse(root, error, "GM[%.20s] is not a supported game; %s", kind, known->str);
    g_string_free(known, TRUE);
    return false;
}

/* A game without a number in SGF is identified by its spec. */
static bool read_kind(const struct sgf_node *root, const struct game_ops **ops, GError **error)
{
    char *kept = sgf_text(root, "TENGEN");
    struct game ours;
    bool own = kept && game_parse(&ours, kept, NULL) && !ours.ops->traits.records.sgf;
    g_free(kept);
    if (own) {
        *ops = ours.ops;
        return true;
    }
    const char *kind = sgf_get(root, "GM");
    char *end = NULL;
    gint64 number = kind ? g_ascii_strtoll(kind, &end, 10) : GM_GO;
    if (kind && end == kind) {
        sgf_note_at(root, "GM[%.20s] is not a number; the game is taken for Go", kind);
        number = GM_GO;
    }
    for (int i = 0; game_table[i]; i++)
        if (number > 0 && game_table[i]->traits.records.sgf == number) {
            *ops = game_table[i];
            return true;
        }
    return refuse_kind(root, kind, error);
}

/* Whether the main line has moves, and all of them are points of the game's default board. */
static bool fits_default(const struct sgf_node *root, const struct game_ops *ops)
{
    struct game game;
    int moves = 0;
    if (!parse_options(ops, "", &game))
        return false;
    for (const struct sgf_node *node = root; node; node = node->first_child) {
        const char *raw = sgf_get(node, "B") ? sgf_get(node, "B") : sgf_get(node, "W");
        if (raw && sgf_parse_point(&game, raw) == GAME_NO_MOVE)
            return false;
        moves += raw != NULL;
    }
    return moves > 0;
}

/* Parses a width, or a width and a height; returns what follows, NULL if it does not begin with a number. */
static const char *parse_size(const char *raw, guint64 *width, guint64 *height)
{
    char *end;
    *width = *height = g_ascii_strtoull(raw, &end, 10);
    if (end == raw)
        return NULL;
    const char *second = end + 1;
    if (*end == ':' || *end == 'x') {
        guint64 number = g_ascii_strtoull(second, &end, 10);
        if (end == second)
            return second - 1;
        *height = number;
    }
    while (g_ascii_isspace(*end))
        end++;
    return end;
}

static bool read_shape(const struct sgf_node *root, const struct game_ops *ops, struct game_shape *shape,
                       GError **error)
{
    const char *raw = sgf_get(root, "SZ");
    guint64 width, height;
    *shape = *default_shape(ops);
    if (!raw)
        return true;
    const char *rest = parse_size(raw, &width, &height), *square = ops->rectangles ? "" : "square ";
    const bool number = rest && !*rest, rectangle = rest && width != height && !ops->rectangles;
    const bool possible = rest && !rectangle && MIN(width, height) >= (guint64)ops->min_size &&
                          MAX(width, height) <= (guint64)ops->max_size;
    if (number && rectangle)
        return sgf_refuse(root, error, "SZ[%.20s] is not the size of a %sboard; write for example SZ[%d]", raw, square,
                          default_shape(ops)->width);
    /* A size that SGF does not have is damage; one that only this program does not have is refused. */
    if (number && !possible && !((width < 2 || width > SGF_SIZE_MAX) && fits_default(root, ops)))
        return sgf_refuse(root, error, "SZ[%.20s]: the size of %s is %d to %d", raw, ops->name, ops->min_size,
                          ops->max_size);
    if (possible)
        *shape = (struct game_shape){(uint16_t)width, (uint16_t)height};
    if (!number || !possible)
        sgf_note_at(root, "SZ[%.20s] is not the size of a %sboard; it is taken to be %dx%d", raw, square, shape->width,
                    shape->height);
    return true;
}

/* Komi in half points; unchanged if KM is missing or unreadable. Some servers write Chinese komi in stones (3.75), or in hundredths
 * of stones (375). */
static void read_komi(const struct sgf_node *root, const struct game_ops *ops, int *komi2)
{
    char *raw = sgf_text(root, "KM"), *end;
    if (!raw || !*g_strstrip(raw)) {
        g_free(raw);
        return;
    }
    g_strdelimit(raw, ",", '.');
    double komi = g_ascii_strtod(raw, &end);
    bool fine = end > raw && komi >= -1000 && komi <= 1000;
    if (fine && komi >= 200 && fmod(komi, 25) == 0)
        komi /= 100;
    if (fine && fmod(komi, 0.5) != 0 && fmod(komi, 0.25) == 0)
        komi *= 2;
    fine = fine && fmod(komi, 0.5) == 0 && ABS(komi) <= 1000;
    if (!fine)
        sgf_note_at(root, "KM[%.20s] is not a valid komi for %s and is ignored", raw, ops->name);
    else if (*end) /* a unit, as in 6.5目 */
        sgf_note_at(root, "the text after the number in KM[%.20s] is ignored", raw);
    if (fine)
        *komi2 = (int)(2 * komi);
    g_free(raw);
}

/* The game to which the other properties are applied: the spec in TENGEN (then returns true), or else the caller's
 * game, or else the presets. */
static bool read_base(const struct sgf_node *root, const struct game_ops *ops, const struct game *defaults,
                      struct game *base)
{
    char *kept = sgf_text(root, "TENGEN");
    bool ours = kept && game_parse(base, kept, NULL) && base->ops == ops;
    g_free(kept);
    if (ours)
        return true;
    if (defaults && defaults->ops == ops)
        *base = *defaults;
    else
        parse_options(ops, "", base);
    return false;
}

/* A game of the default size with the rules that RU names, and their komi if they specify one; false if there is no RU
 * or it is unknown. Rules that are supported only in part are taken for the closest ones. */
static bool read_rules(const struct sgf_node *root, const struct game_ops *ops, struct game *named, int *komi2)
{
    char *text = sgf_text(root, "RU");
    const struct rule_set *set = text ? rules_find(ops, text) : NULL;
    const char *lossy = set ? set->lossy : NULL;
    bool found = set ? parse_options(ops, set->options, named)
                     : text && ops == &go_ops && parse_options(ops, "", named) &&
                           rules_set_named(named, named, text, &lossy, NULL);
    if (found && rules_text_has_komi(text))
        *komi2 = game_option_value(named, "komi", 0);
    if (text && *g_strstrip(text) && !found)
        sgf_note_at(root, "RU[%.40s] are unknown rules; those in force are kept", text);
    else if (found && lossy)
        sgf_note_at(root, "RU[%.40s]: %s", text, lossy);
    g_free(text);
    return found;
}

/* Sets the rules that RU names. Options in TENGEN that deviate from a rule set are kept if RU names the same rule
 * set. */
static void apply_rules(const struct sgf_node *root, bool ours, struct game *base, int *komi2)
{
    struct game named;
    if (read_rules(root, base->ops, &named, komi2) &&
        !(ours && game_option_value(&named, "rules", 0) == game_option_value(base, "rules", 0)))
        *base = named;
}

static bool set_komi(struct game *game, int komi2, GError **error)
{
    char change[32];
    g_snprintf(change, sizeof change, "komi=%s%d%s", komi2 < 0 ? "-" : "", ABS(komi2) / 2, komi2 % 2 ? ".5" : "");
    return game_vary(game, game, change, error);
}

bool sgf_read_game(const struct sgf_node *root, const struct game *defaults, struct game *game, GError **error)
{
    const struct game_ops *ops;
    struct game base;
    struct game_shape shape;
    *game = (struct game){0};
    if (!read_kind(root, &ops, error) || !read_shape(root, ops, &shape, error))
        return false;
    bool ours = read_base(root, ops, defaults, &base), has_komi = ops->komi != NULL;
    int komi2 = game_komi(&base);
    apply_rules(root, ours, &base, &komi2);
    if (has_komi)
        read_komi(root, ops, &komi2);
    return game_resize(game, &base, shape.width, shape.height, error) && (!has_komi || set_komi(game, komi2, error));
}

static void write_shape(struct sgf_node *root, const struct game *game)
{
    char text[16];
    if (game->width == game->height)
        g_snprintf(text, sizeof text, "%d", game->width);
    else
        g_snprintf(text, sizeof text, "%d:%d", game->width, game->height);
    sgf_set(root, "SZ", text);
}

void sgf_write_game(struct sgf_node *root, const struct game *game)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE], spec[GAME_SPEC_MAX];
    union any_position start;
    struct game read, plain;
    const int number = game->ops->traits.records.sgf;
    sgf_set(root, "FF", "4");
    if (number) {
        g_snprintf(text, sizeof text, "%d", number);
        sgf_set(root, "GM", text);
    }
    sgf_set(root, "CA", "UTF-8");
    sgf_set(root, "AP", "Tengen:" TENGEN_VERSION);
    write_shape(root, game);
    if (game->ops->komi)
        sgf_set(root, "KM", g_ascii_formatd(text, sizeof text, "%g", game_option_value(game, "komi", 0) / 2.0));
    const struct rule_set *rules = rules_of(game);
    sgf_set_text(root, "RU", rules ? rules->title : NULL);
    game_resize(&plain, game, game->width, game->height, NULL);
    if (!number || !sgf_read_game(root, NULL, &read, NULL) || !game_equal(&read, &plain))
        sgf_set_text(root, "TENGEN", game_format(&plain, spec));
    game_init(game, &start.p);
    int stones = game->ops == &go_ops ? go_handicap_stones(&start.p) : 0;
    if (!stones)
        return;
    g_snprintf(text, sizeof text, "%d", stones);
    sgf_set(root, "HA", text);
    sgf_write_setup(root, game, &start.p);
    sgf_unset(root, "PL");
}

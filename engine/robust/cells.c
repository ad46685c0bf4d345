/* Cells from text: changes to the main game. */
#include "engine/robust/cells.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "engine/match/game.h"
#include "games/game.h"

void robust_cells_init(struct robust_cells *cells, const struct game *game, int openings)
{
    cells->count = 1;
    cells->cell[0] = (struct robust_cell){.name = "main", .game = *game, .openings = openings};
}

/* Prefixes the error, or sets it to `message`, and returns false. */
static bool refuse(const char *changes, const char *message, GError **error)
{
    if (message)
        g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "cell \"%.60s\": %s", changes, message);
    else
        g_prefix_error(error, "cell \"%.60s\": ", changes);
    return false;
}

/* A cell that is being read. */
struct reading {
    struct robust_cell cell;
    const char *changes; /* as given, for messages */
    char *shape;         /* of the board, as text; NULL: the main cell's */
    GString *options;    /* changes of the game's options, as game_vary takes them */
    unsigned own;        /* a bit for each own change that was read */
    bool handicap;       /* the handicap is among the options */
};

/* ---- changes that are no option of the game ---- */

static bool read_size(struct reading *r, const char *value, GError **error)
{
    (void)error;
    r->shape = g_strdup(value); /* checked together with the options: a small board may need others */
    return true;
}

static bool read_openings(struct reading *r, const char *value, GError **error)
{
    char *end;
    errno = 0;
    long plies = strtol(value, &end, 10);
    if (g_ascii_isdigit(*value) && !*end && !errno && plies <= MATCH_MAX_OPENING) {
        r->cell.openings = (int)plies;
        return true;
    }
    g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "opening takes 0 to %d random plies, not \"%.40s\"",
                MATCH_MAX_OPENING, value);
    return false;
}

/* A game may have an option of the same name, which takes words: numbers are ours, words the game's. */
static const struct own_change {
    const char *name;
    bool (*read)(struct reading *r, const char *value, GError **error);
} own_changes[] = {{"size", read_size}, {"opening", read_openings}};

static bool has_option(const struct game *game, const char *name)
{
    return game_option_value(game, name, INT_MAX) != INT_MAX;
}

static const struct own_change *find_own(const struct game *game, const char *name, const char *value)
{
    for (size_t i = 0; i < G_N_ELEMENTS(own_changes); i++)
        if (strcmp(own_changes[i].name, name) == 0 && (g_ascii_isdigit(*value) || !has_option(game, name)))
            return &own_changes[i];
    return NULL;
}

static bool read_own(struct reading *r, const struct own_change *own, const char *value, GError **error)
{
    unsigned bit = 1u << (own - own_changes);
    if (r->own & bit)
        return refuse(r->changes, "the same change is given twice; leave one out", error);
    r->own |= bit;
    return own->read(r, value, error) || refuse(r->changes, NULL, error);
}

/* ---- a cell ---- */

static bool unknown_change(const struct reading *r, const char *name, GError **error)
{
    const struct game_ops *ops = r->cell.game.ops;
    GString *message = g_string_new(NULL);
    g_string_printf(message, "there is no \"%.40s\" to change; a cell of %s changes size, opening", name, ops->name);
    for (const struct game_option *option = ops->options; option->name; option++)
        if (strcmp(option->name, "opening") != 0)
            g_string_append_printf(message, ", %s", option->name);
    refuse(r->changes, message->str, error);
    g_string_free(message, TRUE);
    return false;
}

static const char *handicap_name(const struct game_ops *ops)
{
    return ops->handicap ? ops->options[ops->handicap->option].name : NULL;
}

/* Reads NAME=VALUE. */
static bool read_change(struct reading *r, char *item, GError **error)
{
    const struct game *game = &r->cell.game;
    char *equals = strchr(item, '=');
    if (!equals)
        return refuse(r->changes, "write NAME=VALUE, for example komi=0.5 or size=13,rules=japanese", error);
    *equals = '\0';
    const char *name = g_strstrip(item), *value = g_strstrip(equals + 1);
    size_t length = strlen(r->cell.name);
    g_snprintf(r->cell.name + length, ROBUST_NAME_MAX - length, "%s%s=%s", length ? "," : "", name, value);
    const struct own_change *own = find_own(game, name, value);
    if (own)
        return read_own(r, own, value, error);
    if (!has_option(game, name))
        return unknown_change(r, name, error);
    g_string_append_printf(r->options, "%s%s=%s", r->options->len ? "," : "", name, value);
    r->handicap = r->handicap || g_strcmp0(name, handicap_name(game->ops)) == 0;
    return true;
}

/* A new board has no handicap stones: those of the main cell are kept, unless the cell says how many it has. */
static void keep_handicap(struct reading *r, const struct game *main)
{
    int stones = main->ops->handicap ? main->option[main->ops->handicap->option] : 0;
    if (stones && !r->handicap)
        g_string_append_printf(r->options, "%s%s=%d", r->options->len ? "," : "", handicap_name(main->ops), stones);
}

static bool read_changes(struct reading *r, const struct game *main, GError **error)
{
    char **items = g_strsplit(r->changes, ",", -1);
    bool ok = items[0] || refuse(r->changes, "it is empty; leave it out", error);
    for (int i = 0; ok && items[i]; i++)
        ok = read_change(r, items[i], error);
    g_strfreev(items);
    if (!ok)
        return false;
    keep_handicap(r, main);
    const char *options = r->options->str;
    return (r->shape ? game_vary_board(&r->cell.game, main, r->shape, options, error)
                     : game_vary(&r->cell.game, main, options, error)) ||
           refuse(r->changes, NULL, error);
}

static bool is_new(const struct robust_cells *cells, const struct robust_cell *cell, const char *changes,
                   GError **error)
{
    for (int i = 0; i < cells->count; i++) {
        const struct robust_cell *other = &cells->cell[i];
        if (other->openings != cell->openings || !game_equal(&other->game, &cell->game))
            continue;
        char *message = i == 0 ? g_strdup("it changes nothing in the main cell; leave it out")
                               : g_strdup_printf("it is the same as \"%.60s\"; leave one out", other->name);
        refuse(changes, message, error);
        g_free(message);
        return false;
    }
    return true;
}

bool robust_cells_add(struct robust_cells *cells, const char *changes, GError **error)
{
    if (strlen(changes) >= ROBUST_NAME_MAX)
        return refuse(changes, "it is too long; a cell has fewer than 200 characters", error);
    if (cells->count == ROBUST_MAX_CELLS)
        return refuse(changes, "it is one too many; there are at most 100 with the main one", error);
    struct reading r = {.cell = cells->cell[0], .changes = changes, .options = g_string_new(NULL)};
    r.cell.name[0] = '\0';
    bool ok = read_changes(&r, &cells->cell[0].game, error) && is_new(cells, &r.cell, changes, error);
    g_string_free(r.options, TRUE);
    g_free(r.shape);
    if (ok)
        cells->cell[cells->count++] = r.cell;
    return ok;
}

bool robust_cells_add_list(struct robust_cells *cells, const char *list, GError **error)
{
    char **items = g_strsplit(list, ";", -1);
    bool ok = true, any = false;
    for (int i = 0; ok && items[i]; i++)
        if (*g_strstrip(items[i])) { /* a semicolon may also end the list */
            ok = robust_cells_add(cells, items[i], error);
            any = true;
        }
    g_strfreev(items);
    if (!any)
        g_set_error_literal(error, GAME_ERROR, GAME_ERROR_SPEC,
                            "the list of cells is empty; write, for example, \"komi=0.5; size=13,rules=japanese\"");
    return ok && any;
}

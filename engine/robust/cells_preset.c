/* The preset cells, derived from a game's tables. */
#include <stdarg.h>

#include "engine/robust/cells.h"
#include "games/game.h"

/* Adds a cell unless the game does not allow it, it is there already, or there are enough. */
static void G_GNUC_PRINTF(2, 3) add(struct robust_cells *cells, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *changes = g_strdup_vprintf(format, list);
    va_end(list);
    if (cells->count < ROBUST_PRESET_CELLS)
        robust_cells_add(cells, changes, NULL);
    g_free(changes);
}

static bool even_komi(const struct game *game, int *halves)
{
    return game->ops->komi && game->ops->komi->even(game, halves);
}

/* From the main board down to half of it, and up; about equally far apart as a ratio. */
static void add_sizes(struct robust_cells *cells)
{
    static const int steps[] = {-10, -7, -4, -2, -1, 2, 4, 7, 10};
    const struct game *main = &cells->cell[0].game;
    int least = MIN(main->width, main->height) / 2;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        struct game sized;
        char shape[GAME_SHAPE_TEXT_MAX];
        const int width = main->width + steps[i], height = main->height + steps[i];
        int here, there;
        if (MIN(width, height) < least || !game_resize(&sized, main, width, height, NULL))
            continue;
        game_shape_format(&(struct game_shape){sized.width, sized.height}, shape);
        if (even_komi(main, &here) && even_komi(&sized, &there) && here != there)
            add(cells, "size=%s,%s=%g", shape, main->ops->options[main->ops->komi->option].name,
                (game_komi(main) + there - here) / 2.0);
        else
            add(cells, "size=%s", shape);
    }
}

static void add_komi(struct robust_cells *cells)
{
    static const int halves[] = {-40, -14, -3, 0, 3, 14, 40}; /* from the even komi: near it and far */
    const struct game *main = &cells->cell[0].game;
    int even = game_komi(main);
    if (!main->ops->komi)
        return;
    even_komi(main, &even);
    for (size_t i = 0; i < G_N_ELEMENTS(halves); i++)
        add(cells, "%s=%g", main->ops->options[main->ops->komi->option].name, (even + halves[i]) / 2.0);
}

static void add_choices(struct robust_cells *cells)
{
    static const char *const no_yes[] = {"no", "yes", NULL};
    for (const struct game_option *option = cells->cell[0].game.ops->options; option->name; option++) {
        const char *const *choices = option->type == GAME_OPTION_BOOL ? no_yes : option->choices;
        for (int i = 0; option->label && choices && choices[i]; i++)
            add(cells, "%s=%s", option->name, choices[i]);
    }
}

static void add_openings(struct robust_cells *cells)
{
    static const int plies[] = {0, 2, 8, 16};
    for (size_t i = 0; i < G_N_ELEMENTS(plies); i++)
        add(cells, "opening=%d", plies[i]);
}

static void add_handicaps(struct robust_cells *cells)
{
    const struct game *main = &cells->cell[0].game;
    const struct game_handicap *handicap = main->ops->handicap;
    for (int stones = 2; handicap && stones <= MIN(4, handicap->max(main)); stones++)
        add(cells, "%s=%d", main->ops->options[handicap->option].name, stones);
}

void robust_cells_add_preset(struct robust_cells *cells)
{
    add_sizes(cells);
    add_komi(cells);
    add_choices(cells);
    add_openings(cells);
    add_handicaps(cells);
}

/* Cells of a robustness measurement, as a list and as a YAML file: what is accepted is accepted again by its name, and is
 * the same game. */
#include <assert.h>
#include <stdlib.h>

#include "engine/robust/cells.h"
#include "games/game.h"

/* A bug for the build with planted bugs: triggered by a larger board with fewer opening moves. */
static void plant(const struct robust_cells *cells)
{
#ifdef FUZZ_PLANTED
    for (int i = 1; i < cells->count; i++)
        if (cells->cell[i].game.width > 9 && cells->cell[i].openings < 4)
            abort();
#else
    (void)cells;
#endif
}

static void check(const struct robust_cells *cells)
{
    static struct robust_cells again;
    robust_cells_init(&again, &cells->cell[0].game, cells->cell[0].openings);
    for (int i = 1; i < cells->count; i++) {
        bool ok = robust_cells_add(&again, cells->cell[i].name, NULL);
        assert(ok && again.cell[i].openings == cells->cell[i].openings);
        assert(game_equal(&again.cell[i].game, &cells->cell[i].game) && !strchr(again.cell[i].name, '/'));
    }
    plant(cells);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct robust_cells cells;
    struct game game;
    GError *error = NULL;
    bool go = size % 2 == 0;
    bool parsed = game_parse(&game, go ? "go:9,handicap=2" : "gomoku:15", NULL);
    assert(parsed);
    char *text = g_strndup((const char *)data, size);
    for (int yaml = 0; yaml < 2; yaml++) {
        robust_cells_init(&cells, &game, 4);
        bool fine = yaml ? robust_cells_add_yaml(&cells, (const char *)data, size, "input", &error)
                         : robust_cells_add_list(&cells, text, &error);
        assert(fine == !error);
        g_clear_error(&error);
        check(&cells);
    }
    g_free(text);
    return 0;
}

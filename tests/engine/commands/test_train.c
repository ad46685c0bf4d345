/* tengen train: the game of a new run. */
#include "tests/delete_folder.h"

#include <criterion/criterion.h>
#include <glib.h>

/* The first line that the command prints. The run ends as soon as it has started. */
static char *first_line(const char *folder, const char *arguments)
{
    char *line = g_strdup_printf("'%s' train %s --net conv:4 --threads 1 --minutes 0.0001", TENGEN_BINARY, arguments);
    char *argv[] = {"sh", "-c", line, NULL}, *out, *err;
    int status;
    cr_assert(g_spawn_sync(folder, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, NULL));
    cr_assert_eq(status, 0, "%s: %s", arguments, err);
    out[strcspn(out, "\n")] = '\0';
    g_free(line);
    g_free(err);
    return out;
}

/* By --game, else by the run's name, else Go 9x9; an existing run keeps its own. */
Test(train, the_game_of_a_run)
{
    static const struct {
        const char *arguments, *says;
    } cases[] = {
        {"connect4", "Run runs/connect4: connect4:7x6,"},
        {"connect45x4", "Run runs/connect45x4: connect4:5x4,"},
        {"./gomoku7", "Run ./gomoku7: gomoku:7,"},
        {"go7", "Run runs/go7: go:7,"},
        {"go99", "Run runs/go99: go:9,"},
        {"gomoku --game reversi:6", "Run runs/gomoku: reversi:6,"},
        {"gomoku", "Run runs/gomoku: reversi:6,"},
        {"first", "Run runs/first: go:9,"},
        {"--game connect4:7x6 --seed 3", "Run runs/connect47x6: connect4:7x6,"},
    };
    char *folder = g_dir_make_tmp("tengen-train-XXXXXX", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *line = first_line(folder, cases[i].arguments);
        cr_expect(g_str_has_prefix(line, cases[i].says), "train %s: %s", cases[i].arguments, line);
        g_free(line);
    }
    delete_folder(folder);
    g_free(folder);
}

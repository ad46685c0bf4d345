/* tengen robust: the main cell of a net, the folder, and traps. */
#include "tests/delete_folder.h"

#include <criterion/criterion.h>
#include <glib.h>

static char *folder;

static void set_up(void)
{
    folder = g_dir_make_tmp("tengen-robust-XXXXXX", NULL);
    g_setenv("TENGEN_DATA", TESTS_DIR "/../net/weights", TRUE);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
}

TestSuite(robust_command, .init = set_up, .fini = tear_down);

/* The lines that the command prints, freed by the caller; it must succeed. */
static char **lines(const char *arguments)
{
    char *line = g_strdup_printf("'%s' robust %s", TENGEN_BINARY, arguments);
    char *argv[] = {"sh", "-c", line, NULL}, *out, *err;
    int status;
    cr_assert(g_spawn_sync(folder, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, NULL));
    cr_assert_eq(status, 0, "%s: %s", arguments, err);
    char **split = g_strsplit(out, "\n", 0);
    g_free(line);
    g_free(out);
    g_free(err);
    return split;
}

/* The net's own game on its usual board, unless --game says otherwise; "default" is Go's. */
Test(robust_command, main_cell)
{
    static const struct {
        const char *arguments, *first;
    } cases[] = {
        {"default --list", "main            go:9, 4 random opening plies"},
        {"'" TESTS_DIR "/../net/weights/default-gomoku.safetensors' --list",
         "main              gomoku:15, 4 random opening plies"},
        {"default --game go:5,rules=japanese --cells komi=3 --list",
         "main    go:5,rules=japanese, 2 random opening plies"},
        {"default --openings 7 --cells opening=4 --list", "main       go:9, 7 random opening plies"},
        {"default --list --json", "{\"cell\":\"main\",\"game\":\"go:9\",\"openings\":4}"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char **printed = lines(cases[i].arguments);
        cr_expect_str_eq(printed[0], cases[i].first);
        g_strfreev(printed);
    }
}

Test(robust_command, folder_named_after_net_and_game)
{
    char **printed = lines("default --game go:4,komi=2 --games 2 --visits 1 --anchor random --cells komi=9 --json");
    char *report = g_build_filename(folder, "robust", "default-go4,komi=2", "report.txt", NULL);
    cr_expect_eq(g_strv_length(printed), 4); /* two cells, a summary, the end */
    cr_expect(g_str_has_prefix(printed[1], "{\"cell\":\"komi=9\",\"game\":\"go:4,komi=9\""), "%s", printed[1]);
    cr_expect(strstr(printed[2], "\"finished\":true"), "%s", printed[2]);
    cr_expect(g_file_test(report, G_FILE_TEST_IS_REGULAR));
    g_strfreev(printed);
    g_free(report);
}

/* The same seed gives the same answers; the last line sums the others up. */
Test(robust_command, traps)
{
    char **printed[2];
    for (int i = 0; i < 2; i++)
        printed[i] = lines("default --traps --game go:9 --visits 2 --seed 3 --json");
    const guint count = g_strv_length(printed[0]);
    cr_assert_eq(count, g_strv_length(printed[1]));
    cr_assert_gt(count, 10);
    for (guint i = 0; i + 2 < count; i++)
        cr_expect_str_eq(printed[0][i], printed[1][i]);
    cr_expect(
        g_str_has_prefix(printed[0][0], "{\"trap\":\"race\",\"size\":1,\"board\":9,\"positions\":32,\"outside\":0,"),
        "%s", printed[0][0]);
    cr_expect(strstr(printed[0][count - 2], "\"visits\":2,\"seed\":3,\"positions\":"), "%s", printed[0][count - 2]);
    cr_expect(strstr(printed[0][count - 2], "\"finished\":true"), "%s", printed[0][count - 2]);
    g_strfreev(printed[0]);
    g_strfreev(printed[1]);
}

/* tengen lab: what --check finds, and how the command ends if the report or the ledger cannot be written. */
#include "tests/delete_folder.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>

static char *folder, *out, *err;

static void set_up(void)
{
    folder = g_dir_make_tmp("tengen-lab-XXXXXX", NULL);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
    g_free(out);
    g_free(err);
}

TestSuite(lab_command, .init = set_up, .fini = tear_down);

#define SMALL                                                                                                          \
    "game: gomoku:3,line=3\nseeds: [1]\nbudget: {steps: 2}\n"                                                          \
    "settings: {net: 'conv:4', visits: 2, batch: 8, first_rows: 8}\narms: [{name: a}, {name: b}]\n"

/* Runs a lab on a file of this text, after the shell command `before`; returns the exit status. */
static int run(const char *before, const char *text, const char *arguments)
{
    char *path = g_build_filename(folder, "lab.yaml", NULL);
    char *line = g_strdup_printf("%s timeout 100 '%s' lab lab.yaml --threads 1 %s", before, TENGEN_BINARY, arguments);
    char *argv[] = {"sh", "-c", line, NULL};
    int status;
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    g_clear_pointer(&out, g_free);
    g_clear_pointer(&err, g_free);
    cr_assert(g_spawn_sync(folder, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, NULL));
    g_free(path);
    g_free(line);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(lab_command, check_finds_what_a_start_would)
{
    static const char *const cases[][2] = {
        {SMALL "compare: {games: 2, anchors: [nobody]}\n", "unknown agent"},
        {SMALL "compare: {games: 2, openings: absent}\n", "such file"},
        {SMALL "compare: {games: 2, game: 'go:5'}\n", "compare: game must be gomoku"},
        {"kind: same-data\ndata: x\ngame: go:5\nseeds: [1]\nbudget: {steps: 2}\narms: [{name: a}, {name: b}]\n",
         "line 2, column 7: no run in runs/x"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        cr_expect_eq(run("", cases[i][0], "--check"), 2);
        cr_expect(strstr(err, cases[i][1]), "%s: %s", cases[i][1], err);
        cr_expect_str_eq(out, "");
    }
    cr_expect_eq(run("mkdir x; touch x/run.db;", SMALL, "--check --out 'x,y'"), 2);
    cr_expect(strstr(err, "must not contain ','"), "%s", err);
}

Test(lab_command, check_prints_text_or_json)
{
    cr_assert_eq(run("", SMALL, "--check"), 0, "%s", err);
    cr_expect(strstr(out, "game: gomoku:3,line=3\n") && strstr(out, "budget: 2 steps\n"), "%s", out);
    cr_assert_eq(run("", SMALL, "--check --json"), 0, "%s", err);
    cJSON *object = cJSON_Parse(out);
    cr_assert(cJSON_IsObject(object), "%s", out);
    cr_expect_str_eq(cJSON_GetObjectItem(object, "game")->valuestring, "gomoku:3,line=3");
    cr_expect_str_eq(cJSON_GetObjectItem(object, "budget")->valuestring, "2 steps");
    cr_expect_str_eq(cJSON_GetObjectItem(object, "arms")->valuestring, "a, b");
    cJSON_Delete(object);
    char *runs = g_build_filename(folder, "runs", NULL);
    cr_expect_not(g_file_test(runs, G_FILE_TEST_EXISTS), "--check left a folder");
    g_free(runs);
}

/* A folder stands where the report should be. */
Test(lab_command, a_report_that_cannot_be_written_is_not_announced)
{
    cr_assert_eq(run("mkdir -p made/report.html;", SMALL "compare: {games: 2, visits: 1}\n", "--out made"), 3, "%s",
                 err);
    cr_expect(strstr(err, "report.html"), "%s", err);
    cr_expect_not(strstr(out, "Report:"), "%s", out);
    cr_expect_eq(run("rmdir made/report.html;", SMALL "compare: {games: 2, visits: 1}\n", "--out made"), 0, "%s", err);
    cr_expect(strstr(out, "Report: made/report.html"), "%s", out);
}

/* The ledger takes more than the 4 KiB (8 blocks of 512 bytes) to which files are limited here. */
Test(lab_command, a_ledger_that_cannot_be_written_is_the_machines_fault)
{
    cr_expect_eq(run("trap '' XFSZ; ulimit -f 8;", SMALL, "--out small"), 3, "%s", err);
    cr_expect(strstr(err, "lab.db: cannot"), "%s", err);
}

/* tengen report: the page's file, and what is refused. */
#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>

#include "tests/engine/report/made_run.h"

static struct made_run made;
static char *out, *err;

static void tear_down(void)
{
    made_run_remove(&made);
    g_free(out);
    g_free(err);
}

TestSuite(report_command, .fini = tear_down);

/* Runs the command where the run lies, as ./run, after the shell command `before`; returns the exit status. */
static int run(const char *before, const char *arguments)
{
    char *line = g_strdup_printf("[ -e run ] || ln -s a* run; %s timeout 100 '%s' report %s", before, TENGEN_BINARY, arguments);
    char *argv[] = {"sh", "-c", line, NULL};
    int status;
    g_clear_pointer(&out, g_free);
    g_clear_pointer(&err, g_free);
    cr_assert(g_spawn_sync(made.parent, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, NULL));
    g_free(line);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char *read_file(const char *name)
{
    char *path = g_build_filename(made.parent, name, NULL), *text = NULL;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL), "%s", name);
    g_free(path);
    return text;
}

Test(report_command, page)
{
    made_run_create(&made);
    cr_assert_eq(run("", "./run --html"), 0, "%s", err);
    cr_expect_str_eq(out, "Wrote ./run/report.html.\n");
    char *text = read_file("run/report.html");
    cr_expect(g_str_has_prefix(text, "<!DOCTYPE html>") && g_str_has_suffix(text, "</html>\n"));
    g_free(text);
    cr_assert_eq(run("", "./run --html=a.html"), 0, "%s", err);
    cr_assert_eq(run("", "./run --html b.html"), 0, "%s", err);
    char *a = read_file("a.html"), *b = read_file("b.html");
    cr_expect_str_eq(a, b);
    g_free(a);
    g_free(b);
}

/* A file that cannot be written leaves what was there. */
Test(report_command, file_that_cannot_be_written)
{
    made_run_create(&made);
    cr_expect_eq(run("", "./run --html absent/a.html"), 3);
    cr_expect(strstr(err, "absent/") && strstr(err, "No such file"), "%s", err);
    cr_expect_eq(run("mkdir -p kept/in;", "./run --html kept"), 3);
    cr_expect(strstr(err, "kept"), "%s", err);
    cr_expect_str_eq(out, "");
}

Test(report_command, refusals)
{
    made_run_create(&made);
    cr_expect_eq(run("", "./absent --html"), 2);
    cr_expect(strstr(err, "absent"), "%s", err);
    cr_expect_eq(run("", "./run --html --csv"), 2);
    cr_expect(strstr(err, "mutually exclusive"), "%s", err);
    cr_expect_eq(run("", "--html ./run"), 2);
    cr_expect(strstr(err, "put the run first"), "%s", err);
}

Test(report_command, formats)
{
    made_run_create(&made);
    cr_assert_eq(run("", "./run --json"), 0, "%s", err);
    cr_expect(out[0] == '{' && strchr(out, '\n') == out + strlen(out) - 1);
    cr_assert_eq(run("", "./run --csv"), 0, "%s", err);
    cr_expect(g_str_has_prefix(out, "part,row,name,value\n"));
    cr_assert_eq(run("", "./run"), 0, "%s", err);
    cr_expect(strstr(out, "Verdict: too early to tell"));
}

Test(report_command, a_run_without_games)
{
    made_run_create_empty(&made);
    static const char *const formats[] = {"--html", "--json", "--csv", ""};
    for (int i = 0; i < 4; i++) {
        char *arguments = g_strdup_printf("./run %s", formats[i]);
        cr_expect_eq(run("", arguments), 0, "%s: %s", formats[i], err);
        g_free(arguments);
    }
}

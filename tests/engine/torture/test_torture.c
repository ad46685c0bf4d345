/* A few faults, which lose nothing; programs and disks that do lose something, which is found out; and the checks one by one. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/torture/faults.h"
#include "engine/torture/session.h"
#include "engine/torture/torture.h"
#include "engine/torture/work.h"
#include "tests/delete_folder.h"

static char *folder, *preload;

static void set_up(void)
{
    char *beside = g_path_get_dirname(TENGEN_BINARY);
    folder = g_dir_make_tmp("tengen-test-torture-XXXXXX", NULL);
    preload = g_build_filename(beside, "tengen-faults.so", NULL);
    if (!g_file_test(preload, G_FILE_TEST_EXISTS)) /* a build with a sanitizer */
        g_clear_pointer(&preload, g_free);
    g_free(beside);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
    g_free(preload);
}

TestSuite(torture, .init = set_up, .fini = tear_down, .timeout = 300);

static void torture(struct torture_report *report, const char *program, const char *only, int faults, uint64_t seed)
{
    GError *error = NULL;
    const struct torture_options options = {.program = program,
                                            .preload = preload,
                                            .folder = folder,
                                            .faults = faults,
                                            .seed = seed,
                                            .kinds = fault_kinds_parse(only, NULL)};
    cr_assert(torture_run(&options, report, &error), "%s", error ? error->message : "");
}

/* 30 of all kinds; without the library those that need none. tests/acceptance/training/torture.sh has a thousand. */
Test(torture, nothing_is_lost)
{
    struct torture_report report;
    torture(&report, TENGEN_BINARY, preload ? NULL : "kill,terminate,hangup,suspend,damage", preload ? 30 : 10, 11);
    cr_assert_eq(report.failures, 0, "fault %" G_GINT64_FORMAT " (%s): %s; %s", report.first.fault, report.first.work,
                 report.first.what, report.first.said);
    cr_assert_eq(report.faults, preload ? 30 : 10);
    int64_t sum = 0;
    for (int i = 0; i < TORTURE_KINDS; i++)
        sum += report.by_kind[i];
    cr_assert_eq(sum, report.faults);
    torture_report_clear(&report);
}

/* ---- what has to be found ---- */

/* Commits that are announced before they are on the disk. */
Test(torture, a_disk_that_does_not_flush_is_found_out)
{
    struct torture_report report;
    if (!preload)
        return;
    torture(&report, TENGEN_BINARY, "power-lie", 100, 5);
    cr_assert_eq(report.failures, 1, "of %" G_GINT64_FORMAT " cuts none lost anything", report.faults);
    cr_assert(report.first.fault > 0 && strcmp(report.first.kind->name, "power-lie") == 0 && *report.first.what);
    torture_report_clear(&report);
}

/* A script that does something before, and goes on as the program; freed by the caller. */
static char *script(const char *text)
{
    char *path = g_build_filename(folder, "program.sh", NULL);
    char *whole = g_strdup_printf("#!/bin/sh\n%s\nexec \"%s\" \"$@\"\n", text, TENGEN_BINARY);
    cr_assert(g_file_set_contents(path, whole, -1, NULL));
    cr_assert_eq(chmod(path, 0700), 0);
    g_free(whole);
    return path;
}

static void expect_found(const char *text, const char *only, const char *what)
{
    struct torture_report report;
    char *program = script(text);
    torture(&report, program, only, 40, 5);
    cr_assert_eq(report.failures, 1, "%s: not found in %" G_GINT64_FORMAT " faults", text, report.faults);
    cr_assert(strstr(report.first.what, what), "%s", report.first.what);
    torture_report_clear(&report);
    g_free(program);
}

Test(torture, a_program_that_announces_too_early_is_found_out)
{
    expect_found("[ $1 = train ] && echo '{\"event\":\"committed\",\"games\":1000000}'", "kill", "1000000 games");
}

Test(torture, a_program_that_loses_a_file_is_found_out)
{
    expect_found("[ $1 = train ] && rm -f \"$2\"/nets/gen-000000.safetensors", "terminate", "gen-000000.safetensors");
}

Test(torture, a_program_that_does_not_resume_is_found_out)
{
    expect_found("[ $1 = train ] && [ -e \"$2\"/run.db ] && { echo no >&2; exit 2; }", "terminate", "ended");
}

Test(torture, a_program_that_crashes_is_found_out)
{
    expect_found("[ $1 = match ] && kill -SEGV $$", "kill", "ended");
}

/* ---- the checks ---- */

static const struct work_ops *const runs[] = {&work_run_ops, &work_match_ops};

/* A session without a fault; a tournament is played to its end. */
static struct work *make(const struct work_ops *ops)
{
    struct session_end end;
    GError *error = NULL;
    struct work *work = ops->open(TENGEN_BINARY, folder, 3);
    char **command = ops->command(work);
    const struct session_plan plan = {.command = command,
                                      .folder = work->folder,
                                      .scratch = folder,
                                      .to_end = !ops->has_checkpoints,
                                      .line = ops->line,
                                      .done = ops->done,
                                      .user = work};
    for (int i = 0; i < 3; i++) { /* enough for two checkpoints */
        cr_assert(session_run(&plan, &end, &error), "%s", error ? error->message : "");
        cr_assert(WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0 && !end.hung, "status %d: %s", end.status,
                  end.said);
        g_free(end.said);
    }
    g_strfreev(command);
    ops->check(work, true);
    cr_assert_eq(work->lost->len, 0, "%s", (char *)work->lost->pdata[0]);
    return work;
}

static void change(const struct work *work, const char *sql)
{
    sqlite3 *database;
    char *path = g_build_filename(work->folder, work->ops->has_checkpoints ? "run.db" : "match.db", NULL),
         *problem = NULL;
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    sqlite3_exec(database, sql, NULL, NULL, &problem);
    cr_assert_null(problem, "%s: %s", sql, problem);
    sqlite3_close(database);
    g_free(path);
}

static void expect_lost(const struct work_ops *ops, const char *sql, const char *what)
{
    struct work *work = make(ops);
    change(work, sql);
    ops->check(work, true);
    cr_assert_gt(work->lost->len, 0, "%s: not found", sql);
    cr_assert(strstr(work->lost->pdata[0], what), "%s: %s", sql, (char *)work->lost->pdata[0]);
    delete_folder(work->folder);
    ops->close(work);
}

Test(torture, what_a_run_lost_is_found)
{
    expect_lost(runs[0], "DELETE FROM games WHERE number = 3; UPDATE totals SET games = games - 1", "games");
    expect_lost(runs[0], "UPDATE games SET moves = moves + 1 WHERE number = 3", "the games up to number");
    expect_lost(runs[0], "UPDATE games SET data = x'00' WHERE number = 3", "bytes");
    expect_lost(runs[0], "UPDATE totals SET games = games + 1", "the total counts");
    expect_lost(runs[0], "DELETE FROM checkpoints WHERE generation = 0", "generation 0");
    expect_lost(runs[0], "UPDATE checkpoints SET steps = steps + 1 WHERE generation = 0", "generation 0");
}

Test(torture, what_a_tournament_lost_is_found)
{
    expect_lost(runs[1], "DELETE FROM games WHERE number = 3", "games were in the journal");
    expect_lost(runs[1], "UPDATE games SET outcome = outcome % 3 + 1 WHERE number = 3", "game 3 was");
}

/* The table as the program printed it, against the games. */
Test(torture, a_wrong_table_is_found)
{
    struct work *work = make(runs[1]);
    runs[1]->line(work,
                  "{\"agents\":[{\"name\":\"a\",\"games\":1,\"wins\":1,\"draws\":0,\"losses\":0}],\"finished\":true}");
    runs[1]->check(work, true);
    cr_assert(work->lost->len > 0 && strstr(work->lost->pdata[0], "the table gives player a 1 games"), "%s",
              work->lost->len ? (char *)work->lost->pdata[0] : "not found");
    runs[1]->close(work);
}

/* What may not go back, and what is no promise. */
Test(torture, announcements)
{
    struct work *work = work_run_ops.open(TENGEN_BINARY, folder, 3);
    work_run_ops.line(work, "{\"event\":\"committed\",\"games\":10}");
    work_run_ops.line(work, "{\"event\":\"checkpoint\",\"generation\":2,\"steps\":20}");
    work_run_ops.line(work, "{\"event\":\"checkpoint\",\"generation\":2,\"steps\":20}");
    work_run_ops.line(work, "{\"seconds\":3}");
    cr_assert(work->lost->len == 0 && work_run_ops.done(work) == 3);
    work_run_ops.line(work, "{\"event\":\"committed\",\"games\":9}");
    cr_assert_eq(work->lost->len, 1);
    work_run_ops.line(work, "{\"event\":\"checkpoint\",\"generation\":3,\"steps\":19}");
    cr_assert_eq(work->lost->len, 2);
    work_run_ops.line(work, "{\"event\":\"checkpoint\",\"generation\":1,\"steps\":21}");
    cr_assert_eq(work->lost->len, 3);
    work_run_ops.close(work);
}

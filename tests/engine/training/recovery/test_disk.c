/* A disk without room. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/store/database.h"
#include "engine/store/files/budget.h"
#include "engine/store/store.h"
#include "engine/training/recovery/disk.h"
#include "net/io/atomic_file.h"
#include "tests/delete_folder.h"

static bool never(void *asked)
{
    ++*(int *)asked;
    return false;
}

static bool at_the_third(void *asked)
{
    return ++*(int *)asked == 3;
}

Test(disk, waits_a_second_for_room)
{
    struct disk_pause pause = {0};
    const int codes[] = {DATABASE_ERROR_FULL, ATOMIC_FILE_ERROR_FULL};
    const GQuark domains[] = {DATABASE_ERROR, ATOMIC_FILE_ERROR};
    for (int i = 0; i < 2; i++) {
        GError *error = g_error_new_literal(domains[i], codes[i], "no room; do something");
        int asked = 0;
        const gint64 began = g_get_monotonic_time();
        cr_assert(disk_wait(&pause, &error, never, &asked) && !error);
        cr_assert(asked >= 5 && g_get_monotonic_time() - began >= G_USEC_PER_SEC * 9 / 10);
        cr_assert_eq(atomic_load(&pause.waiting), 0);
    }
}

Test(disk, other_errors_are_the_callers)
{
    struct disk_pause pause = {0};
    int asked = 0;
    GError *error = g_error_new_literal(DATABASE_ERROR, DATABASE_ERROR_MACHINE, "it fails");
    cr_assert(!disk_wait(&pause, &error, never, &asked) && error && asked == 0);
    g_clear_error(&error);
    error = g_error_new_literal(ATOMIC_FILE_ERROR, ATOMIC_FILE_ERROR_IO, "it fails");
    cr_assert(!disk_wait(&pause, &error, never, &asked) && error && asked == 0);
    g_clear_error(&error);
}

Test(disk, the_end_of_the_session_ends_the_waiting)
{
    struct disk_pause pause = {0};
    int asked = 0;
    GError *error = g_error_new_literal(DATABASE_ERROR, DATABASE_ERROR_FULL, "no room");
    cr_assert(!disk_wait(&pause, &error, at_the_third, &asked) && error && asked == 3);
    g_clear_error(&error);
}

/* It is recorded in the run, once for each time. */
Test(disk, a_pause_is_an_event)
{
    struct store *store;
    struct disk_pause pause = {0};
    int asked = 0;
    char *folder = g_dir_make_tmp("tengen-disk-XXXXXX", NULL);
    cr_assert_eq(store_open(&store, folder, STORE_CREATE, NULL), 0);
    disk_written(&pause, store);
    for (int i = 0; i < 2; i++) {
        GError *error = g_error_new_literal(DATABASE_ERROR, DATABASE_ERROR_FULL, "no room");
        cr_assert(disk_wait(&pause, &error, never, &asked));
    }
    disk_written(&pause, store);
    disk_written(&pause, store);
    GPtrArray *events = store_events(store);
    cr_assert(events->len == 1 && strstr(events->pdata[0], "the disk was full"));
    g_ptr_array_unref(events);
    store_close(store);
    store_remove(folder);
    g_free(folder);
}

/* ---- the program ---- */

/* Sessions whose disk is full for a while, at different moments: each goes on, and ends well with all that it announced; and of so many
 * some pause. deterministic: in rounds. */
static void expect_pauses(const char *folder, const char *preload, const char *deterministic)
{
    int pauses = 0;
    for (int i = 0; i < 6; i++) {
        char *run = g_strdup_printf("%s/run%d", folder, i), *said = NULL, *out = NULL;
        char *fault = g_strdup_printf("full:%d:5:1", 80 + 17 * i), *happened = g_strconcat(folder, "/happened", NULL);
        char **environment = g_environ_setenv(g_get_environ(), "LD_PRELOAD", preload, TRUE);
        environment = g_environ_setenv(environment, "TENGEN_FAULT", fault, TRUE);
        environment = g_environ_setenv(environment, "TENGEN_FAULT_FOLDER", run, TRUE);
        environment = g_environ_setenv(environment, "TENGEN_FAULT_REPORT", happened, TRUE);
        char *command[] = {TENGEN_BINARY,
                           "train",
                           run,
                           "--game",
                           "gomoku:3,line=3",
                           "--json",
                           "--net",
                           "conv:8 res:8",
                           "--set",
                           "generation_steps=10",
                           "--set",
                           "generation_seconds=0",
                           "--set",
                           "first_rows=100",
                           "--set",
                           "batch=32",
                           "--set",
                           "ladder_share=0",
                           "--generations=14",
                           (char *)deterministic,
                           "--games=16",
                           NULL};
        int status;
        GError *error = NULL;
        cr_assert(g_spawn_sync(NULL, command, environment, G_SPAWN_DEFAULT, NULL, NULL, &out, &said, &status, &error));
        cr_assert_eq(status, 0, "%s: status %d: %s", fault, status, said);
        cr_assert(strstr(out, "\"generation\":14"));
        const bool paused = strstr(said, "training pauses") != NULL;
        cr_assert_eq(paused, strstr(said, "training goes on") != NULL, "%s", said);
        pauses += paused;
        g_strfreev(environment);
        g_free(run);
        g_free(said);
        g_free(out);
        g_free(fault);
        g_free(happened);
    }
    cr_assert_gt(pauses, 0);
}

Test(disk, training_goes_on_when_there_is_room, .timeout = 200)
{
    char *beside = g_path_get_dirname(TENGEN_BINARY), *preload = g_build_filename(beside, "tengen-faults.so", NULL);
    char *folder = g_dir_make_tmp("tengen-disk-XXXXXX", NULL);
    if (g_file_test(preload, G_FILE_TEST_EXISTS)) { /* else a build with a sanitizer */
        expect_pauses(folder, preload, "--threads=2");
        delete_folder(folder);
        expect_pauses(folder, preload, "--deterministic");
    }
    delete_folder(folder);
    g_free(beside);
    g_free(preload);
    g_free(folder);
}

/* Bytes that a session of a few seconds leaves; its games take several times as much if none loses its training targets. */
static int64_t limited_session(const char *run)
{
    char *command[] = {TENGEN_BINARY,
                       "train",
                       (char *)run,
                       "--game",
                       "gomoku:3,line=3",
                       "--net",
                       "conv:8",
                       "--json",
                       "--threads=2",
                       "--minutes=0.1",
                       "--set",
                       "visits=2",
                       "--set",
                       "generation_seconds=1000",
                       "--set",
                       "first_rows=100",
                       "--set",
                       "samples_per_row=0.1",
                       "--set",
                       "samples_floor=0.1",
                       "--set",
                       "batch=32",
                       "--set",
                       "ladder_share=0",
                       "--set",
                       "window=1000",
                       "--set",
                       "window_beta=0",
                       "--set",
                       "max_disk=3",
                       NULL};
    int status;
    char *said = NULL;
    struct store *store;
    cr_assert(g_spawn_sync(NULL, command, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &said, &status, NULL));
    cr_assert_eq(status, 0, "%s", said);
    cr_assert_eq(store_open(&store, run, STORE_READ, NULL), 0);
    const int64_t used = budget_used(store);
    store_close(store);
    store_remove(run);
    g_free(said);
    return used;
}

/* max_disk holds between checkpoints, too: games lose their training targets as others are written. What was made in the last
 * second may be beyond it, and a disk that stalls makes that much more: one session of three is enough. */
Test(disk, the_budget_is_kept_without_checkpoints, .timeout = 120)
{
    char *folder = g_dir_make_tmp("tengen-disk-XXXXXX", NULL), *run = g_strconcat(folder, "/run", NULL);
    int64_t used = limited_session(run);
    for (int i = 1; i < 3 && used > 5000000; i++)
        used = limited_session(run);
    cr_assert_leq(used, 5000000, "%d bytes", (int)used);
    store_remove(folder);
    g_free(folder);
    g_free(run);
}

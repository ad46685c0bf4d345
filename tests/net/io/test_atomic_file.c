/* Files that are written whole or not at all. */
#include "net/io/atomic_file.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

static char *folder, *path;

static void set_up(void)
{
    folder = g_dir_make_tmp("tengen-atomic-XXXXXX", NULL);
    cr_assert(folder);
    path = g_build_filename(folder, "file", NULL);
}

static void tear_down(void)
{
    char *argv[] = {"rm", "-rf", folder, NULL};
    g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    g_free(folder);
    g_free(path);
}

TestSuite(atomic_file, .init = set_up, .fini = tear_down);

/* How many entries the folder has. */
static int entries(void)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    int count = 0;
    while (g_dir_read_name(dir))
        count++;
    g_dir_close(dir);
    return count;
}

static void expect_text(const char *wanted)
{
    char *text = NULL;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    cr_assert_str_eq(text, wanted);
    g_free(text);
}

/* The lowest descriptor that is free: the same before and after, unless one is lost. */
static int free_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(fd);
    return fd;
}

Test(atomic_file, the_old_content_stays_until_the_new_one_is_whole)
{
    struct atomic_file file;
    int descriptor = free_descriptor();
    cr_assert(g_file_set_contents(path, "old", -1, NULL));
    cr_assert(atomic_file_open(&file, path, NULL));
    cr_assert(atomic_file_write(&file, "new", 3, NULL) && atomic_file_write(&file, "er", 2, NULL));
    expect_text("old");
    cr_assert_eq(entries(), 2);
    cr_assert(atomic_file_commit(&file, NULL));
    expect_text("newer");
    cr_assert_eq(entries(), 1, "the temporary file is still there");
    cr_assert_eq(free_descriptor(), descriptor);
}

Test(atomic_file, aborting_leaves_nothing)
{
    struct atomic_file file;
    int descriptor = free_descriptor();
    cr_assert(atomic_file_open(&file, path, NULL) && atomic_file_write(&file, "new", 3, NULL));
    atomic_file_abort(&file);
    cr_assert_eq(entries(), 0);
    cr_assert_eq(free_descriptor(), descriptor);
    atomic_file_abort(&file); /* a second time is fine */
}

static void expect_failure(bool done, GError **error, const char *what)
{
    cr_assert_not(done);
    cr_assert(g_error_matches(*error, ATOMIC_FILE_ERROR, ATOMIC_FILE_ERROR_IO));
    cr_assert(strstr((*error)->message, what) && strstr((*error)->message, folder), "%s", (*error)->message);
    g_clear_error(error);
}

Test(atomic_file, failures_say_what_and_leave_nothing)
{
    struct atomic_file file;
    GError *error = NULL;
    int descriptor = free_descriptor();
    cr_assert_eq(g_mkdir(path, 0700), 0);
    cr_assert(atomic_file_open(&file, path, NULL) && atomic_file_write(&file, "new", 3, NULL));
    expect_failure(atomic_file_commit(&file, &error), &error, "cannot rename to");
    cr_assert_eq(entries(), 1, "the temporary file is still there");
    cr_assert(atomic_file_open(&file, path, NULL));
    close(file.fd);
    expect_failure(atomic_file_write(&file, "new", 3, &error), &error, "cannot write");
    cr_assert_eq(entries(), 1);
    cr_assert_eq(free_descriptor(), descriptor);
    g_free(path);
    path = g_build_filename(folder, "absent", "file", NULL);
    expect_failure(atomic_file_open(&file, path, &error), &error, "cannot create");
    expect_failure(atomic_file_sync_folder(path, &error), &error, "cannot flush the folder");
}

/* Files that are written completely or not at all. */
#include "net/io/atomic_file.h"
#include "tests/delete_folder.h"

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
    delete_folder(folder);
    g_free(folder);
    g_free(path);
}

TestSuite(atomic_file, .init = set_up, .fini = tear_down);

/* The number of entries in the folder. */
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

/* The lowest free file descriptor, which stays the same unless one leaks. */
static int free_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(fd);
    return fd;
}

Test(atomic_file, the_old_content_stays_until_the_new_one_is_complete)
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
    atomic_file_abort(&file); /* a second call is allowed */
}

static void expect_failure(bool done, GError **error, const char *what)
{
    cr_assert_not(done);
    cr_assert(g_error_matches(*error, ATOMIC_FILE_ERROR, ATOMIC_FILE_ERROR_IO));
    cr_assert(strstr((*error)->message, what) && strstr((*error)->message, folder), "%s", (*error)->message);
    g_clear_error(error);
}

/* The full messages; the one for a full disk says what to do. */
Test(atomic_file, messages)
{
    struct atomic_file file;
    GError *error = NULL;
    cr_assert(atomic_file_open(&file, path, NULL));
    close(file.fd);
    file.fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    cr_assert_geq(file.fd, 0);
    cr_assert_not(atomic_file_write(&file, "new", 3, &error));
    char *full = g_strdup_printf(
        "cannot write %s: No space left on device; free some disk space and rerun the command", path);
    cr_expect_str_eq(error->message, full);
    g_clear_error(&error);
    g_free(full);
    char *inside = g_build_filename(path, "file", NULL);
    cr_assert(g_file_set_contents(path, "a file", -1, NULL));
    cr_assert_not(atomic_file_open(&file, inside, &error));
    char *create = g_strdup_printf("cannot create %s: Not a directory", inside);
    cr_expect_str_eq(error->message, create);
    g_clear_error(&error);
    cr_assert_not(atomic_file_sync_folder(inside, &error));
    char *flush = g_strdup_printf("cannot flush the folder %s: Not a directory", path);
    cr_expect_str_eq(error->message, flush);
    g_clear_error(&error);
    g_free(create);
    g_free(flush);
    g_free(inside);
}

/* Two concurrent writers of one file have separate temporary files: the last commit wins, complete. */
Test(atomic_file, two_writers)
{
    struct atomic_file first, second;
    int descriptor = free_descriptor();
    cr_assert(atomic_file_open(&first, path, NULL) && atomic_file_open(&second, path, NULL));
    cr_assert_eq(entries(), 2);
    cr_expect(g_str_has_prefix(first.temporary, path) && strstr(first.temporary, ATOMIC_FILE_MARK));
    cr_assert(atomic_file_write(&first, "first", 5, NULL) && atomic_file_write(&second, "second", 6, NULL));
    cr_assert(atomic_file_write(&first, "", 0, NULL), "nothing is written before the commit");
    cr_assert(atomic_file_commit(&second, NULL) && atomic_file_commit(&first, NULL));
    expect_text("first");
    cr_assert_eq(entries(), 1);
    cr_assert(first.fd == -1 && !first.path && !first.temporary);
    cr_assert_eq(free_descriptor(), descriptor);
}

/* Longer than a single write accepts. */
Test(atomic_file, long_contents)
{
    struct atomic_file file;
    gsize size = 3 << 20, back;
    char *text = g_malloc(size), *read;
    for (gsize i = 0; i < size; i++)
        text[i] = (char)(i * 2654435761u >> 24);
    cr_assert(atomic_file_open(&file, path, NULL));
    cr_assert(atomic_file_write(&file, text, size, NULL) && atomic_file_commit(&file, NULL));
    cr_assert(g_file_get_contents(path, &read, &back, NULL));
    cr_assert(back == size && memcmp(read, text, size) == 0);
    g_free(text);
    g_free(read);
}

Test(atomic_file, failures_have_messages_and_leave_nothing)
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

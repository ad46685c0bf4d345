/* Files written by earlier versions (tests/fixtures/v0.1; described in its README.md), for tests that open them with
 * this version. Tests work on copies and never change the originals. */
#ifndef TENGEN_TESTS_OLD_FILES_H
#define TENGEN_TESTS_OLD_FILES_H

#include "tests/delete_folder.h"

#include <criterion/criterion.h>
#include <glib.h>
#include <stddef.h>
#include <unistd.h>

/* Copies them to a new folder, which becomes the working directory, and returns its path; old_files_remove frees it.
 * TENGEN_FIXTURES overrides the folder of the originals: with a damaged copy the tests must fail. */
static inline char *old_files_copy(void)
{
    const char *given = g_getenv("TENGEN_FIXTURES");
    char *folder = g_dir_make_tmp("tengen-old-files-XXXXXX", NULL);
    cr_assert_not_null(folder);
    char *from = g_build_filename(given ? given : TESTS_DIR "/fixtures/v0.1", ".", NULL);
    char *argv[] = {"cp", "-R", from, folder, NULL};
    int status = -1;
    cr_assert(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
    cr_assert_eq(status, 0, "%s cannot be copied", from);
    cr_assert_eq(chdir(folder), 0);
    g_free(from);
    return folder;
}

static inline void old_files_remove(char *folder)
{
    cr_assert_eq(chdir("/"), 0);
    delete_folder(folder);
    g_free(folder);
}

/* The text of a file in that folder; freed by the caller. */
static inline char *old_files_read(const char *name)
{
    char *text;
    cr_assert(g_file_get_contents(name, &text, NULL, NULL), "%s", name);
    return text;
}

/* Fails at the first line in which two texts differ. */
static inline void old_files_compare(const char *what, const char *expected, const char *found)
{
    char **want = g_strsplit(expected, "\n", -1), **have = g_strsplit(found, "\n", -1);
    for (int i = 0; want[i] || have[i]; i++) {
        cr_assert(want[i] && have[i], "%s: line %d is %s", what, i + 1, want[i] ? "missing" : have[i]);
        cr_assert_str_eq(have[i], want[i], "%s, line %d:\n%s\nand it was written as\n%s", what, i + 1, have[i],
                         want[i]);
    }
    g_strfreev(want);
    g_strfreev(have);
}

#endif

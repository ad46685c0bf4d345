/* A temporary folder for each test of a suite. */
#ifndef TENGEN_TESTS_ENGINE_EXCHANGE_FOLDER_H
#define TENGEN_TESTS_ENGINE_EXCHANGE_FOLDER_H

#include <criterion/criterion.h>
#include <glib.h>

static char *folder;

static inline void folder_make(void)
{
    folder = g_dir_make_tmp("tengen-exchange-XXXXXX", NULL);
    cr_assert(folder);
}

static inline void folder_remove(void)
{
    char *argv[] = {"rm", "-rf", folder, NULL};
    g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    g_free(folder);
}

/* The number of entries. */
static inline int folder_files(void)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    int count = 0;
    while (g_dir_read_name(dir))
        count++;
    g_dir_close(dir);
    return count;
}

#endif

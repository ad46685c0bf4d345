/* A temporary folder for each test of a suite. */
#ifndef TENGEN_TESTS_ENGINE_EXCHANGE_FOLDER_H
#define TENGEN_TESTS_ENGINE_EXCHANGE_FOLDER_H

#include "tests/delete_folder.h"

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
    delete_folder(folder);
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

/* Removal of the temporary folders of tests. */
#ifndef TENGEN_TESTS_DELETE_FOLDER_H
#define TENGEN_TESTS_DELETE_FOLDER_H

#include <glib.h>

/* Removes a folder with everything in it. */
static inline void delete_folder(const char *folder)
{
    char *argv[] = {"rm", "-rf", (char *)folder, NULL};
    g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

#endif

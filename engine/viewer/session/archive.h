/* The list of games: the files that session_keep_in saves. Each entry is a file; what it says of the game is read when
 * it is asked for, because there may be thousands. One thread. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_ARCHIVE_H
#define TENGEN_ENGINE_VIEWER_SESSION_ARCHIVE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct archive_entry {
    char *path;
    int64_t modified;                        /* microseconds since 1970 */
    bool read;                               /* whether the following members have been filled */
    char game[64], players[160], result[48]; /* displayed; result: "" if there is none */
    int moves;                               /* of the main line; -1: the file cannot be read */
};

/* The games in a folder, the last played first: struct archive_entry *, freed with the array. An absent folder is an
 * empty list. */
GPtrArray *archive_list(const char *folder);
/* Reads what the file says of the game, once. */
void archive_read(struct archive_entry *entry);
/* Deletes the game's file. Returns false with the error set. */
bool archive_delete(const struct archive_entry *entry, GError **error);
/* The path of the last game played if it has no result, or NULL. Freed by g_free. */
char *archive_unfinished(const char *folder);

#endif

/* Files that appear whole or not at all: written beside their place under a temporary name, flushed to the disk, then
 * renamed, then the folder flushed, so that neither a kill nor a power cut leaves half a file under the real name.
 * A temporary file left by a kill is called NAME.tmp-..., which whoever owns the folder may sweep. */
#ifndef TENGEN_NET_IO_ATOMIC_FILE_H
#define TENGEN_NET_IO_ATOMIC_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define ATOMIC_FILE_ERROR (atomic_file_error_quark())
GQuark atomic_file_error_quark(void);
enum atomic_file_error { ATOMIC_FILE_ERROR_IO };

/* What temporary names contain after the real one. */
#define ATOMIC_FILE_MARK ".tmp-"

struct atomic_file {
    int fd;
    char *path, *temporary;
};

/* Each returns false with an error that names the file and what the system said; after a failed write or commit the
 * temporary file is gone and the old file, if any, untouched. One thread a file; any number of files. */
bool atomic_file_open(struct atomic_file *file, const char *path, GError **error);
bool atomic_file_write(struct atomic_file *file, const void *data, size_t bytes, GError **error);
bool atomic_file_commit(struct atomic_file *file, GError **error);
/* Gives up; harmless after a commit or a failure. */
void atomic_file_abort(struct atomic_file *file);
/* Flushes the folder that holds path: makes a rename, link or unlink there durable. */
bool atomic_file_sync_folder(const char *path, GError **error);

#endif

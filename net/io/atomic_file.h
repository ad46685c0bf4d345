/* Atomic file writes: to a temporary file in the same folder, flushed to disk and renamed, after which the folder is
 * flushed, so that neither a kill nor a power failure leaves an incomplete file under the real name. A kill may leave a
 * temporary file NAME.tmp-..., which the owner of the folder may delete. */
#ifndef TENGEN_NET_IO_ATOMIC_FILE_H
#define TENGEN_NET_IO_ATOMIC_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define ATOMIC_FILE_ERROR (atomic_file_error_quark())
GQuark atomic_file_error_quark(void);
enum atomic_file_error { ATOMIC_FILE_ERROR_IO, ATOMIC_FILE_ERROR_FULL /* no room on the disk */ };

/* Follows the real name in temporary names. */
#define ATOMIC_FILE_MARK ".tmp-"

struct atomic_file {
    int fd;
    char *path, *temporary;
};

/* On failure each returns false and sets an error with the file and the system's message. A failed write or commit
 * removes the temporary file and leaves the old file, if any, unchanged. A struct belongs to one thread. */
bool atomic_file_open(struct atomic_file *file, const char *path, GError **error);
bool atomic_file_write(struct atomic_file *file, const void *data, size_t bytes, GError **error);
bool atomic_file_commit(struct atomic_file *file, GError **error);
/* Removes the temporary file; has no effect after a commit or a failure. */
void atomic_file_abort(struct atomic_file *file);
/* Flushes the folder that holds path: makes a rename, link or unlink there durable. */
bool atomic_file_sync_folder(const char *path, GError **error);

#endif

#include "net/io/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

GQuark atomic_file_error_quark(void)
{
    return g_quark_from_static_string("atomic-file-error-quark");
}

static bool fail(struct atomic_file *file, const char *what, GError **error)
{
    int code = errno;
    const char *cure = code == ENOSPC ? "; free some disk space and rerun the command" : "";
    g_set_error(error, ATOMIC_FILE_ERROR, code == ENOSPC ? ATOMIC_FILE_ERROR_FULL : ATOMIC_FILE_ERROR_IO,
                "cannot %s %s: %s%s", what, file->path, g_strerror(code), cure);
    atomic_file_abort(file);
    return false;
}

bool atomic_file_open(struct atomic_file *file, const char *path, GError **error)
{
    static atomic_uint serial;
    *file = (struct atomic_file){.fd = -1, .path = g_strdup(path)};
    file->temporary = g_strdup_printf("%s" ATOMIC_FILE_MARK "%d-%u", path, (int)getpid(), atomic_fetch_add(&serial, 1));
    file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return file->fd >= 0 || fail(file, "create", error);
}

bool atomic_file_write(struct atomic_file *file, const void *data, size_t bytes, GError **error)
{
    const char *at = data;
    while (bytes > 0) {
        ssize_t written = write(file->fd, at, bytes);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return fail(file, "write", error);
        at += written;
        bytes -= (size_t)written;
    }
    return true;
}

bool atomic_file_sync_folder(const char *path, GError **error)
{
    char *folder = g_path_get_dirname(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (!good)
        g_set_error(error, ATOMIC_FILE_ERROR, ATOMIC_FILE_ERROR_IO, "cannot flush the folder %s: %s", folder,
                    g_strerror(errno));
    if (fd >= 0)
        close(fd);
    g_free(folder);
    return good;
}

bool atomic_file_commit(struct atomic_file *file, GError **error)
{
    if (fsync(file->fd) != 0)
        return fail(file, "flush", error);
    int fd = file->fd;
    file->fd = -1;
    if (close(fd) != 0)
        return fail(file, "close", error);
    if (rename(file->temporary, file->path) != 0)
        return fail(file, "rename to", error);
    bool good = atomic_file_sync_folder(file->path, error);
    g_clear_pointer(&file->temporary, g_free);
    atomic_file_abort(file);
    return good;
}

void atomic_file_abort(struct atomic_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->temporary)
        unlink(file->temporary);
    g_clear_pointer(&file->temporary, g_free);
    g_clear_pointer(&file->path, g_free);
    file->fd = -1;
}

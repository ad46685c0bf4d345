/* The system's calls for files: see fault.h. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "engine/torture/preload/calls.h"
#include "engine/torture/preload/fault.h"
#include "engine/torture/preload/undo.h"

/* Held during each call of a process whose power will be cut: undo.h. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void die(void)
{
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;)
        pause();
}

static bool is_power(void)
{
    return fault_of_process() == FAULT_POWER || fault_of_process() == FAULT_POWER_LIE;
}

/* Before a call that changes files: a power cut comes instead of it. Returns whether the call fails, with errno set. */
static bool changes(void)
{
    if (!fault_is_due())
        return false;
    if (is_power()) {
        undo_cut(fault_random());
        die();
    }
    if (fault_of_process() == FAULT_EIO || fault_of_process() == FAULT_FULL) {
        errno = fault_of_process() == FAULT_FULL ? ENOSPC : EIO;
        return true;
    }
    return false;
}

/* ---- contents of files ---- */

static ssize_t write_at(int fd, const void *bytes, size_t count, off_t offset)
{
    return offset < 0 ? syscall(SYS_write, fd, bytes, count) : syscall(SYS_pwrite64, fd, bytes, count, offset);
}

static ssize_t write_torn(int fd, const void *bytes, size_t count, off_t offset)
{
    if (!fault_is_due())
        return write_at(fd, bytes, count, offset);
    const ssize_t written = write_at(fd, bytes, count > 1 ? count / 2 : count, offset);
    if (fault_of_process() == FAULT_TORN)
        die();
    return written;
}

static ssize_t write_undoable(int fd, const void *bytes, size_t count, off_t offset)
{
    pthread_mutex_lock(&lock);
    changes();
    undo_before_write(fd, count, offset);
    const ssize_t written = write_at(fd, bytes, count, offset);
    const int error = errno;
    if (written < 0)
        undo_failed();
    pthread_mutex_unlock(&lock);
    errno = error;
    return written;
}

static ssize_t write_faulty(int fd, const void *bytes, size_t count, off_t offset)
{
    if (!fault_concerns_file(fd))
        return write_at(fd, bytes, count, offset);
    if (is_power())
        return write_undoable(fd, bytes, count, offset);
    if (fault_of_process() == FAULT_SHORT || fault_of_process() == FAULT_TORN)
        return write_torn(fd, bytes, count, offset);
    return changes() ? -1 : write_at(fd, bytes, count, offset);
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    return write_faulty(fd, bytes, count, -1);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset)
{
    return write_faulty(fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
    return write_faulty(fd, bytes, count, offset);
}

static int truncate_faulty(int fd, off_t size)
{
    if (!fault_concerns_file(fd) || fault_of_process() == FAULT_SHORT || fault_of_process() == FAULT_TORN)
        return (int)syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&lock);
    int result = changes() ? -1 : 0;
    if (result == 0 && is_power())
        undo_before_truncate(fd, size);
    if (result == 0 && (result = (int)syscall(SYS_ftruncate, fd, size)) != 0 && is_power())
        undo_failed();
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int fd, off_t size)
{
    return truncate_faulty(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return truncate_faulty(fd, size);
}

static int sync_faulty(int fd, long call)
{
    if (!fault_concerns_file(fd) || fault_of_process() == FAULT_SHORT || fault_of_process() == FAULT_TORN ||
        fault_of_process() == FAULT_FULL)
        return (int)syscall(call, fd);
    pthread_mutex_lock(&lock);
    int result = changes() ? -1 : 0;
    if (result == 0 && fault_of_process() != FAULT_POWER_LIE)
        result = (int)syscall(call, fd);
    if (result == 0 && fault_of_process() == FAULT_POWER)
        undo_synced(fd);
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int fd)
{
    return sync_faulty(fd, SYS_fsync);
}

int fdatasync(int fd)
{
    return sync_faulty(fd, SYS_fdatasync);
}

/* ---- names of files ---- */

int rename(const char *from, const char *to)
{
    if (!fault_concerns_name(to) || fault_of_process() == FAULT_SHORT || fault_of_process() == FAULT_TORN)
        return call_rename(from, to);
    pthread_mutex_lock(&lock);
    int result = changes() ? -1 : 0;
    if (result == 0 && is_power())
        undo_before_rename(from, to);
    if (result == 0 && (result = call_rename(from, to)) != 0 && is_power())
        undo_failed();
    pthread_mutex_unlock(&lock);
    return result;
}

int link(const char *from, const char *to)
{
    if (!fault_concerns_name(to) || fault_of_process() == FAULT_SHORT || fault_of_process() == FAULT_TORN)
        return call_link(from, to);
    pthread_mutex_lock(&lock);
    int result = changes() ? -1 : call_link(from, to);
    if (result == 0 && is_power())
        undo_before_link(to);
    pthread_mutex_unlock(&lock);
    return result;
}

int unlink(const char *path)
{
    if (!fault_concerns_name(path) || !is_power())
        return call_unlink(path);
    pthread_mutex_lock(&lock);
    changes();
    undo_before_unlink(path);
    const int result = call_unlink(path), error = errno;
    if (result != 0)
        undo_failed();
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

static int open_faulty(const char *path, int flags, mode_t mode)
{
    const bool creates = flags & O_CREAT && fault_concerns_name(path) &&
                         (fault_of_process() == FAULT_EIO || fault_of_process() == FAULT_FULL);
    if (creates && changes())
        return -1;
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static mode_t mode_of(int flags, va_list rest)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const int fd = open_faulty(path, flags, mode_of(flags, rest));
    va_end(rest);
    return fd;
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const int fd = open_faulty(path, flags, mode_of(flags, rest));
    va_end(rest);
    return fd;
}

/* The system's calls for names of files, by number, since the preloaded library replaces the C library's functions. 64-bit ARM has
 * only those that are relative to a folder. 0, or -1 with errno set. */
#ifndef TENGEN_ENGINE_TORTURE_PRELOAD_CALLS_H
#define TENGEN_ENGINE_TORTURE_PRELOAD_CALLS_H

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int call_rename(const char *from, const char *to)
{
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static inline int call_link(const char *from, const char *to)
{
    return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static inline int call_unlink(const char *path)
{
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

#endif

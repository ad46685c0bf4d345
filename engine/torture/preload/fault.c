#include "engine/torture/preload/fault.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "engine/torture/preload/undo.h"

/* In the order of the enum. */
static const char *const names[] = {"none", "eio", "full", "short", "torn", "power", "power-lie", "memory", "clock"};

static struct {
    enum fault_of kind;
    long at, failures;
    uint64_t random;
    char folder[PATH_MAX], report[PATH_MAX];
    size_t folder_length;
} fault;

static atomic_long calls;

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("TENGEN_FAULT"), *folder = getenv("TENGEN_FAULT_FOLDER");
    const char *report = getenv("TENGEN_FAULT_REPORT"), *saved = getenv("TENGEN_FAULT_SAVED");
    char kind[16];
    long at, failures;
    unsigned long long random;
    if (!text || !folder || !report || sscanf(text, "%15[a-z-]:%ld:%ld:%llu", kind, &at, &failures, &random) != 4)
        return;
    fault.at = at;
    fault.failures = failures;
    fault.random = random;
    snprintf(fault.report, sizeof fault.report, "%s", report);
    if (!realpath(folder, fault.folder))
        snprintf(fault.folder, sizeof fault.folder, "%s", folder);
    fault.folder_length = strlen(fault.folder);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], kind) == 0)
            fault.kind = (enum fault_of)i;
    if (fault.kind == FAULT_POWER || fault.kind == FAULT_POWER_LIE)
        undo_begin(fault.folder, saved ? saved : "/tmp");
}

/* Says, once, that the fault has happened. */
static void tell(void)
{
    static atomic_bool told;
    if (!atomic_exchange(&told, true)) {
        const int fd = (int)syscall(SYS_openat, AT_FDCWD, fault.report, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        if (fd >= 0)
            close(fd);
    }
}

enum fault_of fault_of_process(void)
{
    return fault.kind;
}

uint64_t fault_random(void)
{
    return fault.random;
}

bool fault_has_begun(void)
{
    const bool begun = atomic_fetch_add(&calls, 1) + 1 >= fault.at;
    if (begun)
        tell();
    return begun;
}

bool fault_is_due(void)
{
    const long call = atomic_fetch_add(&calls, 1) + 1;
    if (call < fault.at || call >= fault.at + fault.failures)
        return false;
    tell();
    return true;
}

static bool is_below(const char *path)
{
    return strncmp(path, fault.folder, fault.folder_length) == 0 &&
           (path[fault.folder_length] == '/' || path[fault.folder_length] == '\0');
}

static bool ends_with(const char *path, size_t length, const char *end)
{
    return length >= strlen(end) && strcmp(path + length - strlen(end), end) == 0;
}

/* Memory that is shared through a file, which no disk keeps: the index of the write-ahead log, and a run's live view, which is
 * written at every move and would draw most of the faults to itself. */
static bool is_shared_memory(const char *path, size_t length)
{
    return ends_with(path, length, "-shm") || ends_with(path, length, "/live");
}

bool fault_concerns_file(int fd)
{
    char name[64], path[PATH_MAX];
    if (fault.kind < FAULT_EIO || fault.kind > FAULT_POWER_LIE || fd < 0)
        return false;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(name, path, sizeof path - 1);
    if (length <= 0)
        return false;
    path[length] = '\0';
    return is_below(path) && !is_shared_memory(path, (size_t)length);
}

bool fault_concerns_name(const char *path)
{
    char folder[PATH_MAX], whole[2 * PATH_MAX];
    if (fault.kind < FAULT_EIO || fault.kind > FAULT_POWER_LIE)
        return false;
    if (path[0] == '/')
        return is_below(path);
    if (!getcwd(folder, sizeof folder))
        return false;
    const int length = snprintf(whole, sizeof whole, "%s/%s", folder, path);
    return length > 0 && (size_t)length < sizeof whole && is_below(whole);
}

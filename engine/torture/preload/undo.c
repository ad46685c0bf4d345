#include "engine/torture/preload/undo.h"
#include "engine/torture/preload/calls.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* This library replaces the calls that are undone, so that it makes its own by number. */
#define SYSTEM(name, ...) syscall(SYS_##name, __VA_ARGS__)

enum kind { WRITTEN, TRUNCATED, RENAMED, UNLINKED, LINKED };

struct entry {
    enum kind kind;
    dev_t device;
    ino_t inode;        /* of the file whose contents changed, or of the folder whose names did */
    off_t offset, size; /* the file's size before */
    size_t bytes;       /* to be written */
    char *old;          /* what was there: old_bytes of it */
    size_t old_bytes;
    char *from, *to, *saved; /* saved: another name of the file that `to` was; NULL: there was none */
};

static struct {
    char *folder, *saved;
    struct entry *entries;
    size_t count, capacity;
    unsigned serial;
} undo;

void undo_begin(const char *folder, const char *saved)
{
    undo.folder = strdup(folder);
    undo.saved = strdup(saved);
}

static void release(struct entry *entry)
{
    if (entry->saved)
        call_unlink(entry->saved);
    free(entry->old);
    free(entry->from);
    free(entry->to);
    free(entry->saved);
}

static struct entry *append(enum kind kind)
{
    if (undo.count == undo.capacity) {
        undo.capacity = undo.capacity ? undo.capacity * 2 : 256;
        undo.entries = realloc(undo.entries, undo.capacity * sizeof *undo.entries);
        if (!undo.entries)
            abort();
    }
    undo.entries[undo.count] = (struct entry){.kind = kind};
    return &undo.entries[undo.count++];
}

void undo_failed(void)
{
    release(&undo.entries[--undo.count]);
}

/* ---- contents ---- */

static void keep(struct entry *entry, int fd, const struct stat *about, off_t offset, size_t bytes)
{
    entry->device = about->st_dev;
    entry->inode = about->st_ino;
    entry->offset = offset;
    entry->size = about->st_size;
    entry->bytes = bytes;
    const size_t there = offset < about->st_size ? (size_t)(about->st_size - offset) : 0;
    const size_t wanted = there < bytes ? there : bytes;
    entry->old = malloc(wanted + 1);
    const ssize_t got = entry->old ? pread(fd, entry->old, wanted, offset) : -1;
    entry->old_bytes = got > 0 ? (size_t)got : 0;
}

void undo_before_write(int fd, size_t bytes, off_t offset)
{
    struct stat about;
    struct entry *entry = append(WRITTEN);
    if (fstat(fd, &about) != 0)
        return;
    if (offset < 0) {
        const int flags = fcntl(fd, F_GETFL);
        offset = flags >= 0 && flags & O_APPEND ? about.st_size : lseek(fd, 0, SEEK_CUR);
    }
    /* A descriptor that is open for writing alone cannot be read: another one can. */
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    const bool readable = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR || about.st_size == 0;
    const int reading = readable ? fd : (int)SYSTEM(openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0);
    keep(entry, reading, &about, offset, bytes);
    if (!readable && reading >= 0)
        close(reading);
}

void undo_before_truncate(int fd, off_t size)
{
    struct stat about;
    struct entry *entry = append(TRUNCATED);
    if (fstat(fd, &about) == 0)
        keep(entry, fd, &about, size, about.st_size > size ? (size_t)(about.st_size - size) : 0);
}

/* ---- names ---- */

static void name_entry(struct entry *entry, const char *from, const char *to)
{
    struct stat about;
    char folder[PATH_MAX];
    const char *slash = strrchr(to, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - to) : 1, slash ? to : ".");
    if (stat(folder, &about) == 0) {
        entry->device = about.st_dev;
        entry->inode = about.st_ino;
    }
    entry->from = from ? strdup(from) : NULL;
    entry->to = strdup(to);
}

/* Keeps what a name stands for. */
static void save(struct entry *entry)
{
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s/%d-%u", undo.saved, (int)getpid(), undo.serial++);
    if (call_link(entry->to, name) == 0)
        entry->saved = strdup(name);
}

void undo_before_rename(const char *from, const char *to)
{
    struct entry *entry = append(RENAMED);
    name_entry(entry, from, to);
    save(entry);
}

void undo_before_unlink(const char *path)
{
    struct entry *entry = append(UNLINKED);
    name_entry(entry, NULL, path);
    save(entry);
}

void undo_before_link(const char *path)
{
    name_entry(append(LINKED), NULL, path);
}

/* ---- what is on the disk ---- */

void undo_synced(int fd)
{
    struct stat about;
    size_t kept = 0;
    if (fstat(fd, &about) != 0)
        return;
    for (size_t i = 0; i < undo.count; i++) {
        struct entry *entry = &undo.entries[i];
        if (entry->device == about.st_dev && entry->inode == about.st_ino)
            release(entry);
        else
            undo.entries[kept++] = *entry;
    }
    undo.count = kept;
}

/* Opens the file with an inode, by whatever name it has now; -1: it has none. Folders of a run are two deep. */
static int open_inode(const char *folder, const struct entry *entry, int depth)
{
    DIR *names = opendir(folder);
    int found = -1;
    for (struct dirent *one; names && found < 0 && (one = readdir(names));) {
        char path[PATH_MAX];
        struct stat about;
        if (strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0 ||
            snprintf(path, sizeof path, "%s/%s", folder, one->d_name) >= (int)sizeof path || lstat(path, &about) != 0)
            continue;
        if (S_ISDIR(about.st_mode) && depth > 0)
            found = open_inode(path, entry, depth - 1);
        else if (about.st_ino == entry->inode && about.st_dev == entry->device)
            found = (int)SYSTEM(openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    }
    if (names)
        closedir(names);
    return found;
}

/* from: how much of a write stays. */
static void take_back_contents(const struct entry *entry, size_t from)
{
    const int fd = open_inode(undo.folder, entry, 2);
    if (fd < 0)
        return;
    if (entry->old_bytes > from)
        SYSTEM(pwrite64, fd, entry->old + from, entry->old_bytes - from, entry->offset + (off_t)from);
    const off_t end = entry->offset + (off_t)from;
    SYSTEM(ftruncate, fd, from > 0 && end > entry->size ? end : entry->size);
    close(fd);
}

static void take_back(const struct entry *entry)
{
    if (entry->kind == WRITTEN || entry->kind == TRUNCATED)
        take_back_contents(entry, 0);
    else if (entry->kind == LINKED)
        call_unlink(entry->to);
    else if (entry->kind == RENAMED)
        call_rename(entry->to, entry->from);
    if (entry->saved)
        call_rename(entry->saved, entry->to);
}

void undo_cut(uint64_t random)
{
    const size_t stays = (size_t)(random % (undo.count + 1));
    for (size_t i = undo.count; i > stays; i--)
        take_back(&undo.entries[i - 1]);
    const struct entry *last = stays > 0 ? &undo.entries[stays - 1] : NULL;
    if (last && last->kind == WRITTEN && last->bytes > 1)
        take_back_contents(last, last->bytes / 2);
}

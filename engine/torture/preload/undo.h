/* A power cut, for files below one folder: what has been written since the last fsync of a file, and what has been renamed, linked
 * or removed since the last fsync of its folder, may be lost. While the program runs, the calls that a cut could undo are
 * remembered together with what they overwrote; the cut takes back all of them after a moment drawn at random, and half of
 * the write before it, and kills the process.
 *
 * This is what a journalling file system promises (data and names reach the disk in order, and no later than fsync says), not
 * the worst that a disk without barriers can do. The creation of a file is never taken back, only what is in it.
 *
 * The caller holds one lock for all of these functions. */
#ifndef TENGEN_ENGINE_TORTURE_PRELOAD_UNDO_H
#define TENGEN_ENGINE_TORTURE_PRELOAD_UNDO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* folder: only files below it are remembered; saved: a folder on the same file system, for names that were replaced. Both are
 * copied. */
void undo_begin(const char *folder, const char *saved);
/* Before bytes are written at an offset (-1: at the file's own position), or the file is truncated to `size`. */
void undo_before_write(int fd, size_t bytes, off_t offset);
void undo_before_truncate(int fd, off_t size);
/* Before a name is replaced, removed, or added; from: NULL but for rename. */
void undo_before_rename(const char *from, const char *to);
void undo_before_unlink(const char *path);
void undo_before_link(const char *path);
/* Afterwards, if the call failed: forgets the newest entry. */
void undo_failed(void);
/* After an fsync of a file or a folder: what it concerns is on the disk. */
void undo_synced(int fd);
/* Takes back what a power cut loses. random: decides how much. */
void undo_cut(uint64_t random);

#endif

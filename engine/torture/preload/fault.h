/* A library that `tengen torture` preloads (LD_PRELOAD) into the processes that it tortures. It stands in front of the system's calls
 * for files below one folder (files.c), of allocations and of the wall clock (machine.c), and makes one of them, or several in a
 * row, fail. This part reads what is to happen from the environment, and counts the calls.
 *
 *   TENGEN_FAULT         KIND:AT:FAILURES:RANDOM, e.g. eio:12:3:71 - calls 12 to 14 fail; RANDOM is for what the kind draws
 *   TENGEN_FAULT_FOLDER  the folder
 *   TENGEN_FAULT_SAVED   a folder for power cuts, see undo.h
 *   TENGEN_FAULT_REPORT  a file that is created when the fault happens
 *
 * Any thread may call these functions. */
#ifndef TENGEN_ENGINE_TORTURE_PRELOAD_FAULT_H
#define TENGEN_ENGINE_TORTURE_PRELOAD_FAULT_H

#include <stdbool.h>
#include <stdint.h>

/* FAULT_POWER_LIE: fsync returns at once, as if the program announced what is not on the disk; for the test that such a program is
 * found out. */
enum fault_of {
    FAULT_NONE,
    FAULT_EIO,
    FAULT_FULL,
    FAULT_SHORT,
    FAULT_TORN,
    FAULT_POWER,
    FAULT_POWER_LIE,
    FAULT_MEMORY,
    FAULT_CLOCK
};

enum fault_of fault_of_process(void);
uint64_t fault_random(void);
/* Counts a call; whether it is one of those that fail. */
bool fault_is_due(void);
/* Counts a call; whether the first of those that fail has come. */
bool fault_has_begun(void);
/* Whether a file is below the folder, and this process has a fault of files. */
bool fault_concerns_file(int fd);
bool fault_concerns_name(const char *path);

#endif

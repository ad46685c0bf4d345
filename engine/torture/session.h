/* A process of the program, with a fault. */
#ifndef TENGEN_ENGINE_TORTURE_SESSION_H
#define TENGEN_ENGINE_TORTURE_SESSION_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct fault;

struct session_plan {
    char **command;      /* NULL-terminated; the program is looked up in PATH if it has no slash */
    const char *folder;  /* of its files, which the preloaded library's faults concern */
    const char *scratch; /* for files of the session's own; on the same file system */
    const char *preload; /* the library's path, or NULL */
    const struct fault
        *fault; /* NULL: none; it is ended by SIGTERM once it has done something, unless it goes on to its end */
    bool to_end;
    void (*line)(void *user, const char *line); /* for each whole line on stdout */
    /* Called some 20 times a second; how much the process has done, as a number that grows. */
    int64_t (*done)(void *user);
    void *user;
};

struct session_end {
    int status;      /* as of waitpid */
    bool happened;   /* the fault has */
    bool told;       /* to end, by a signal, before it did */
    bool hung;       /* it did not end when it was told to, and was killed */
    bool stalled;    /* it did nothing after it had been suspended */
    bool unfinished; /* it ended before the signal could be sent */
    char *said;      /* on stderr; freed by the caller */
};
/* Runs it to its end. Returns false with the error set if it cannot be started. */
bool session_run(const struct session_plan *plan, struct session_end *end, GError **error);

#endif

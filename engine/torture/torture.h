/* Faults by the hundred: processes of this program, each training a run or playing a tournament on a scratch folder, are killed,
 * suspended, refused memory and disk space, and continued by the same command; what they had reported as committed must be there,
 * whole and unchanged, after each fault. */
#ifndef TENGEN_ENGINE_TORTURE_TORTURE_H
#define TENGEN_ENGINE_TORTURE_TORTURE_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct fault;
struct fault_kind;

enum { TORTURE_KINDS = 64 };

struct torture_options {
    const char *program; /* path of the program */
    const char *preload; /* path of the library with the faults of the system (preload/fault.h); NULL: there is none */
    const char *folder;  /* an empty folder for everything that is written */
    int64_t faults;
    uint64_t seed, kinds;    /* kinds: of fault_kinds_parse */
    const atomic_bool *stop; /* ends it after the fault in progress; may be NULL */
    /* After each fault; lost: NULL, or the first message about it. */
    void (*progress)(void *user, const struct fault *fault, const char *work, const char *lost);
    void *user;
};

struct torture_report {
    int64_t faults; /* that happened */
    int64_t missed; /* drawn, but the process ended, or its time was over, before they could happen */
    int64_t by_kind[TORTURE_KINDS], sessions;
    int64_t failures; /* faults after which something was wrong */
    struct {
        int64_t fault; /* its number; 0: there was no failure */
        const struct fault_kind *kind;
        char *work, *what; /* owned */
        char *said;        /* by the process, on stderr; owned */
    } first;
};
/* Ends at the first failure, since what follows it would be judged by a damaged run. Returns false with the error set if it could
 * not go on for another reason. The report is released by torture_report_clear in either case. */
bool torture_run(const struct torture_options *options, struct torture_report *report, GError **error);
void torture_report_clear(struct torture_report *report);

#endif

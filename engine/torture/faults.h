/* What `tengen torture` does to the processes that it starts. */
#ifndef TENGEN_ENGINE_TORTURE_FAULTS_H
#define TENGEN_ENGINE_TORTURE_FAULTS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* How a process may end after a fault. */
enum fault_end {
    FAULT_END_CLEAN = 1, /* it did its work, or stopped as it was told to */
    FAULT_END_ERROR = 2, /* with a message, and an exit status that says so */
    FAULT_END_KILLED = 4 /* by SIGKILL */
};

struct fault_kind {
    const char *name, *help;
    int signal;          /* sent to the process at a moment; 0: none */
    const char *preload; /* kind of the preloaded library's (preload/fault.h), which counts calls; NULL: none */
    double calls;        /* the first call that fails is drawn from 1 to this, with the same share for each factor */
    int failures;        /* 1 to this many calls in a row fail */
    bool between;        /* the newest checkpoint's file is damaged before the process starts */
    bool run_goes_on;    /* a training run that has begun survives it until it is told to end */
    bool hidden;         /* only by name: a fault that has to be found */
    unsigned ends;       /* allowed (enum fault_end) */
};
extern const struct fault_kind fault_kinds[]; /* ends with a name of NULL */

/* One fault, as drawn. */
struct fault {
    int64_t number; /* from 1 */
    const struct fault_kind *kind;
    double seconds; /* between the start of the process and the signal */
    int64_t call;   /* the first that fails */
    int failures;
    uint64_t random; /* for what the fault draws */
};

/* A set of kinds, one bit for each in the order of the table, from "kill,power"; NULL: all but the hidden ones. 0 with the error
 * set if one is unknown. */
uint64_t fault_kinds_parse(const char *list, GError **error);
/* Fault `number` of a seed. It depends on nothing else. */
void fault_draw(struct fault *fault, uint64_t seed, int64_t number, uint64_t kinds);

#endif

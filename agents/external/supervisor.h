/* The process between us and an external program: see process.h. Internal to process.c. */
#ifndef TENGEN_AGENTS_EXTERNAL_SUPERVISOR_H
#define TENGEN_AGENTS_EXTERNAL_SUPERVISOR_H

#include <stdint.h>

enum { SUPERVISOR_TAIL_BYTES = 2048 };

/* Written to the report pipe at the end, atomically (it is smaller than PIPE_BUF). */
struct supervisor_report {
    int32_t exec_errno;  /* nonzero: the program could not be started */
    int32_t wait_status; /* of the program, as waitpid gives it */
    int32_t killed;      /* we requested termination before it exited by itself */
    int32_t tail_bytes;
    char tail[SUPERVISOR_TAIL_BYTES]; /* end of its stderr */
};

struct supervisor_job {
    char **argv;
    int stdin_fd, stdout_fd;                  /* the program's ends */
    int control_fd;                           /* closed by us or by our exit: kill everything */
    int report_fd;                            /* receives the report */
    uint64_t memory_bytes, file_bytes, cpu_s; /* limits; 0: none */
    int cpus, first_cpu;                      /* CPUs to run on; 0: all */
};

/* Never returns. Called in a forked child of a multithreaded program, so it uses only async-signal-safe functions. */
_Noreturn void supervisor_run(const struct supervisor_job *job);

#endif

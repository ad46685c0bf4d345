/* The process between us and an external program: see process.h. For process.c alone. */
#ifndef TENGEN_AGENTS_EXTERNAL_SUPERVISOR_H
#define TENGEN_AGENTS_EXTERNAL_SUPERVISOR_H

#include <stdint.h>

enum { SUPERVISOR_TAIL_BYTES = 2048 };

/* What the supervisor writes to the report pipe when all is over, in one piece (it is smaller than PIPE_BUF). */
struct supervisor_report {
    int32_t exec_errno;  /* not 0: the program did not start */
    int32_t wait_status; /* of the program, as waitpid gives it */
    int32_t killed;      /* we asked for its end before it came by itself */
    int32_t tail_bytes;
    char tail[SUPERVISOR_TAIL_BYTES]; /* last of its stderr */
};

struct supervisor_job {
    char **argv;
    int stdin_fd, stdout_fd;                  /* the program's ends */
    int control_fd;                           /* closed by us, or by our death: kill everything */
    int report_fd;                            /* where the report goes */
    uint64_t memory_bytes, file_bytes, cpu_s; /* limits; 0: none */
    int cpus, first_cpu;                      /* processors to run on; 0: all */
};

/* Never returns. Called in a fresh child of a program with threads, so it makes system calls only. */
_Noreturn void supervisor_run(const struct supervisor_job *job);

#endif

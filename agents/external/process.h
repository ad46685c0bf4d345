/* External programs, isolated so that a misbehaving one affects at most one game and leaves no processes behind.
 *
 *   this program --stdin--> program --stdout--> this program       lines in both directions, with deadlines
 *        | control pipe       | stderr
 *        +--> supervisor <--------+    a small separate process: child subreaper, parent of the program
 *
 * The supervisor drains stderr (so that a verbose program never blocks) and keeps its tail. When the program ends, or
 * we close the control pipe or die, it kills the program's process group and all descendants, including those outside
 * the group, reaps them, reports and exits. A process must be used by one thread at a time, except for
 * process_interrupt. */
#ifndef TENGEN_AGENTS_EXTERNAL_PROCESS_H
#define TENGEN_AGENTS_EXTERNAL_PROCESS_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#include "agents/agent.h"

struct process_config {
    const char *command_line; /* split like in a shell, but run without one */
    size_t line_bytes;        /* maximum line length; 0: 64 KiB */
    size_t reply_bytes;       /* maximum output between two calls of process_send; 0: 1 MiB */
    struct agent_limits limits;
    uint64_t file_bytes; /* maximum size of a file it writes; 0: 1 GiB */
};

struct process;
/* Starts the program. Fails with AGENT_ERROR_SPEC (command line invalid or program not found) or AGENT_ERROR_DIED
 * (system error). Ignores SIGPIPE in this process from then on. */
int process_start(struct process **out, const struct process_config *config, GError **error);
/* Closes its stdin, waits up to grace_ms for it to exit, then kills it and all its descendants: none is left on return.
 * NULL is allowed. */
void process_close(struct process *process, int64_t grace_ms);
/* The same, but first sends `farewell`, waiting up to grace_ms for that, too. */
void process_dismiss(struct process *process, const char *farewell, int64_t grace_ms);

/* Deadlines are in g_get_monotonic_time, in microseconds. Both functions fail with AGENT_ERROR_DIED (the message says
 * how it ended, with the end of its stderr), AGENT_ERROR_TIMEOUT (also if interrupted) or AGENT_ERROR_PROTOCOL (too
 * much output). */
int process_send(struct process *process, const char *text, int64_t deadline, GError **error);
/* The next line without its terminator (LF or CR LF); valid until the next call. */
const char *process_read_line(struct process *process, int64_t deadline, GError **error);
/* Makes program output safe to print: replaces line ends and other control characters in place. Returns text. */
char *process_printable(char *text);
/* Makes a waiting call return soon with AGENT_ERROR_TIMEOUT. From any thread. */
void process_interrupt(struct process *process);

/* Sets an AGENT_ERROR; the message may quote program output and is made printable. Returns false. */
bool process_refuse(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);

#endif

/* External programs, run so that whatever they do ends at most one game and leaves nothing behind.
 *
 *   this program --stdin--> program --stdout--> this program       lines in both directions, with deadlines
 *        | control pipe       | stderr
 *        +--> supervisor <--------+    a small process of its own between us: child subreaper, parent of the program
 *
 * The supervisor reads stderr at once (so that a chatty program never blocks) and keeps its tail; when the program ends, or
 * we close the control pipe or die in any way, it kills the program's group and every descendant, also those that left
 * the group, reaps them all, reports, and ends. A process belongs to one thread at a time, but for process_interrupt.
 */
#ifndef TENGEN_AGENTS_EXTERNAL_PROCESS_H
#define TENGEN_AGENTS_EXTERNAL_PROCESS_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#include "agents/agent.h"

struct process_config {
    const char *command_line; /* split as a shell would, but run without one */
    size_t line_bytes;        /* longest line accepted; 0: 64 KiB */
    size_t reply_bytes;       /* most that may arrive between two calls of process_send; 0: 1 MiB */
    struct agent_limits limits;
    uint64_t file_bytes; /* largest file it may write; 0: 1 GiB */
};

struct process;
/* Starts the program. Errors (AGENT_ERROR_SPEC: a command line that cannot be split or found; AGENT_ERROR_DIED: the
 * system refused) say why. Ignores SIGPIPE in this program from then on. */
int process_start(struct process **out, const struct process_config *config, GError **error);
/* Closes its stdin, waits up to grace_ms for it to end by itself, then kills all of it. NULL is fine. When this
 * returns, none of its processes is left. */
void process_close(struct process *process, int64_t grace_ms);
/* The same for a program that is told first, in at most as long. */
void process_dismiss(struct process *process, const char *farewell, int64_t grace_ms);

/* A deadline is a time of g_get_monotonic_time, in microseconds. Each fails with AGENT_ERROR_DIED (how it ended and the
 * last of its stderr), AGENT_ERROR_TIMEOUT (also when interrupted) or AGENT_ERROR_PROTOCOL (a flood). */
int process_send(struct process *process, const char *text, int64_t deadline, GError **error);
/* The next line without its end (LF or CR LF); valid until the next call. */
const char *process_read_line(struct process *process, int64_t deadline, GError **error);
/* Makes text that may quote a program safe to print: no line ends, nothing that a terminal obeys. Returns it. */
char *process_printable(char *text);
/* Makes a call that waits return soon with AGENT_ERROR_TIMEOUT. Any thread. */
void process_interrupt(struct process *process);

/* Sets an agent_error whose message may quote what the program said: made printable. Returns false. */
bool process_refuse(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);

#endif

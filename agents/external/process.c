#include "agents/external/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents/external/supervisor.h"

struct process {
    char *name; /* argv[0], for messages */
    pid_t supervisor;
    int in, out, control, report, wake; /* our ends; -1: closed */
    size_t line_bytes, reply_bytes, replied;
    GString *buffer; /* input; the part before `taken` has been returned */
    size_t taken;
    GString *line;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int make_pipes(int fds[4][2], GError **error)
{
    for (int i = 0; i < 4; i++)
        if (pipe2(fds[i], O_CLOEXEC) < 0) {
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_DIED,
                        "cannot create a pipe for an external program: %s; close other programs", g_strerror(errno));
            while (i-- > 0) {
                close(fds[i][0]);
                close(fds[i][1]);
            }
            return -1;
        }
    return 0;
}

/* Pipes: 0 its stdin, 1 its stdout, 2 control, 3 report. */
static int fork_supervisor(struct process *process, const struct process_config *config, char **argv, GError **error)
{
    int fds[4][2];
    if (make_pipes(fds, error) < 0)
        return -1;
    const struct supervisor_job job = {.argv = argv,
                                   .stdin_fd = fds[0][0],
                                   .stdout_fd = fds[1][1],
                                   .control_fd = fds[2][0],
                                   .report_fd = fds[3][1],
                                   .memory_bytes = config->limits.memory_bytes,
                                   .cpu_s = config->limits.cpu_s,
                                   .cpus = config->limits.cpus,
                                   .first_cpu = config->limits.first_cpu,
                                   .file_bytes = config->file_bytes ? config->file_bytes : UINT64_C(1) << 30};
    process->supervisor = fork();
    if (process->supervisor == 0)
        supervisor_run(&job);
    int failed = errno;
    close(fds[0][0]);
    close(fds[1][1]);
    close(fds[2][0]);
    close(fds[3][1]);
    process->in = fds[0][1];
    process->out = fds[1][0];
    process->control = fds[2][1];
    process->report = fds[3][0];
    if (process->supervisor > 0)
        return 0;
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_DIED, "cannot start %s: %s", argv[0], g_strerror(failed));
    return -1;
}

/* Replaces argv[0] by the program's full path, so that a missing program is reported now, not at the first command.
 * Debian installs games (including GNU Go) where root's PATH does not look. */
static int find_program(char **argv, GError **error)
{
    static const char *const places[] = {"", "/usr/games/", "/usr/local/games/"};
    for (size_t i = 0; i < (strchr(argv[0], '/') ? 1 : G_N_ELEMENTS(places)); i++) {
        char *name = g_strconcat(places[i], argv[0], NULL);
        char *found = g_find_program_in_path(name);
        g_free(name);
        if (found) {
            g_free(argv[0]);
            argv[0] = found;
            return 0;
        }
    }
    if (g_file_test(argv[0], G_FILE_TEST_IS_REGULAR))
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                    "\"%s\" is not executable; chmod +x it, or put its "
                    "interpreter before it",
                    argv[0]);
    else
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "no program \"%s\" found; install it or give its full path",
                    argv[0]);
    return -1;
}

int process_start(struct process **out, const struct process_config *config, GError **error)
{
    *out = NULL;
    char **argv = NULL;
    GError *why = NULL;
    if (!g_shell_parse_argv(config->command_line, NULL, &argv, &why)) {
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "\"%s\" is not a command line: %s", config->command_line,
                    why->message);
        g_clear_error(&why);
        return -1;
    }
    signal(SIGPIPE, SIG_IGN);
    struct process *process = g_new0(struct process, 1);
    process->in = process->out = process->control = process->report = process->wake = -1;
    process->name = g_path_get_basename(argv[0]);
    process->line_bytes = config->line_bytes ? config->line_bytes : 64 << 10;
    process->reply_bytes = config->reply_bytes ? config->reply_bytes : 1 << 20;
    process->buffer = g_string_new(NULL);
    process->line = g_string_new(NULL);
    process->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int status = find_program(argv, error);
    if (status == 0)
        status = fork_supervisor(process, config, argv, error);
    g_strfreev(argv);
    if (status < 0) {
        process_close(process, 0);
        return -1;
    }
    fcntl(process->in, F_SETFL, O_NONBLOCK);
    fcntl(process->out, F_SETFL, O_NONBLOCK);
    *out = process;
    return 0;
}

/* Waits until the report is readable or the deadline has passed. */
static bool wait_report(const struct process *process, int64_t deadline)
{
    for (;;) {
        struct pollfd at = {.fd = process->report, .events = POLLIN};
        int64_t left = (deadline - g_get_monotonic_time() + 999) / 1000;
        int ready = poll(&at, 1, (int)CLAMP(left, 0, 60000));
        if (ready > 0)
            return true;
        if (ready == 0 && left <= 0)
            return false;
    }
}

/* Ends the remaining processes and reads the supervisor's report; false if there is none (the supervisor was
 * killed). */
static bool finish(struct process *process, struct supervisor_report *report)
{
    close_fd(&process->in);
    close_fd(&process->control);
    close_fd(&process->out); /* a program blocked on writing would otherwise not notice */
    ssize_t got = 0;
    if (process->report >= 0)
        do
            got = read(process->report, report, sizeof *report);
        while (got < 0 && errno == EINTR);
    close_fd(&process->report);
    if (process->supervisor > 0)
        while (waitpid(process->supervisor, NULL, 0) < 0 && errno == EINTR)
            ;
    process->supervisor = 0;
    return got == (ssize_t)sizeof *report;
}

void process_close(struct process *process, int64_t grace_ms)
{
    if (!process)
        return;
    close_fd(&process->in);
    if (process->supervisor > 0 && process->report >= 0 && grace_ms > 0)
        wait_report(process, g_get_monotonic_time() + grace_ms * 1000);
    struct supervisor_report report;
    finish(process, &report);
    close_fd(&process->wake);
    g_string_free(process->buffer, TRUE);
    g_string_free(process->line, TRUE);
    g_free(process->name);
    g_free(process);
}

/* The end of stderr, made printable. */
static char *tail_text(const struct supervisor_report *report)
{
    char *text = g_strndup(report->tail, (gsize)CLAMP(report->tail_bytes, 0, SUPERVISOR_TAIL_BYTES));
    for (char *at = text; *at; at++)
        if (!g_ascii_isprint(*at))
            *at = ' ';
    g_strstrip(text);
    size_t length = strlen(text);
    char *short_text = length > 200 ? g_strdup_printf("...%s", text + length - 200) : g_strdup(text);
    g_free(text);
    return short_text;
}

/* The program has ended: sets an error with how, and the end of its stderr. */
static void set_died(struct process *process, GError **error)
{
    struct supervisor_report report;
    /* Pipes close shortly before the process is reaped: without this wait it would seem that we had killed it. */
    wait_report(process, g_get_monotonic_time() + 200 * 1000);
    if (!finish(process, &report)) {
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_DIED, "%s was lost: its supervisor was killed", process->name);
        return;
    }
    char *tail = tail_text(&report), how[64];
    if (report.exec_errno)
        g_snprintf(how, sizeof how, "could not be run: %s", g_strerror(report.exec_errno));
    else if (report.killed && WIFSIGNALED(report.wait_status) && WTERMSIG(report.wait_status) == SIGKILL)
        g_snprintf(how, sizeof how, "closed its output");
    else if (WIFSIGNALED(report.wait_status))
        g_snprintf(how, sizeof how, "was killed by signal %d (%s)", WTERMSIG(report.wait_status),
                   g_strsignal(WTERMSIG(report.wait_status)));
    else
        g_snprintf(how, sizeof how, "exited with status %d", WEXITSTATUS(report.wait_status));
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_DIED, "%s %s%s%s", process->name, how, *tail ? "; stderr: " : "", tail);
    g_free(tail);
}

enum wait { WAIT_READY, WAIT_FAILED };

/* Waits until fd is ready; fails at the deadline or if interrupted. */
static enum wait wait_for(struct process *process, int fd, short events, int64_t deadline, GError **error)
{
    for (;;) {
        struct pollfd polls[] = {{.fd = fd, .events = events}, {.fd = process->wake, .events = POLLIN}};
        int64_t left = (deadline - g_get_monotonic_time() + 999) / 1000;
        int ready = poll(polls, 2, (int)CLAMP(left, 0, 60000));
        if (ready > 0 && polls[1].revents) {
            uint64_t count;
            if (read(process->wake, &count, sizeof count) < 0)
                continue;
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_TIMEOUT, "%s was interrupted", process->name);
            return WAIT_FAILED;
        }
        if (ready > 0)
            return WAIT_READY;
        if (ready == 0 && left <= 0) {
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_TIMEOUT, "%s did not answer in time", process->name);
            return WAIT_FAILED;
        }
    }
}

static int set_closed(struct process *process, GError **error)
{
    g_set_error(error, AGENT_ERROR, AGENT_ERROR_DIED, "%s has ended", process->name);
    return -1;
}

int process_send(struct process *process, const char *text, int64_t deadline, GError **error)
{
    size_t length = strlen(text);
    process->replied = 0;
    if (process->in < 0)
        return set_closed(process, error);
    while (length > 0) {
        ssize_t wrote = write(process->in, text, length);
        if (wrote > 0) {
            text += wrote;
            length -= (size_t)wrote;
        } else if (wrote < 0 && errno == EPIPE) {
            set_died(process, error);
            return -1;
        } else if (wrote < 0 && errno == EAGAIN) {
            if (wait_for(process, process->in, POLLOUT, deadline, error) == WAIT_FAILED)
                return -1;
        } else if (wrote < 0 && errno != EINTR) {
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_DIED, "cannot write to %s: %s", process->name,
                        g_strerror(errno));
            return -1;
        }
    }
    return 0;
}

/* Copies the next complete line of the buffer to process->line; false if there is none. The buffer is compacted once
 * per read rather than per line: many short lines would otherwise take quadratic time. */
static bool take_line(struct process *process)
{
    char *start = process->buffer->str + process->taken;
    char *end = memchr(start, '\n', process->buffer->len - process->taken);
    if (!end)
        return false;
    size_t length = (size_t)(end - start);
    g_string_truncate(process->line, 0);
    g_string_append_len(process->line, start, (gssize)length);
    process->taken += length + 1;
    if (process->line->len && process->line->str[process->line->len - 1] == '\r')
        g_string_truncate(process->line, process->line->len - 1);
    return true;
}

/* Reads once; returns 1 if there was input, 0 if there is none yet, -1 on error. */
static int read_more(struct process *process, GError **error)
{
    char bytes[4096];
    ssize_t got = read(process->out, bytes, sizeof bytes);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got <= 0) {
        set_died(process, error);
        return -1;
    }
    g_string_erase(process->buffer, 0, (gssize)process->taken);
    process->taken = 0;
    process->replied += (size_t)got;
    g_string_append_len(process->buffer, bytes, got);
    return 1;
}

static bool flooded(const struct process *process, GError **error)
{
    if (process->replied > process->reply_bytes)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_PROTOCOL,
                    "%s flooded its output: more than %zu bytes since the last command", process->name,
                    process->reply_bytes);
    else if (process->buffer->len - process->taken > process->line_bytes &&
             !memchr(process->buffer->str + process->taken, '\n', process->line_bytes))
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_PROTOCOL, "%s sent a line longer than %zu bytes", process->name,
                    process->line_bytes);
    else
        return false;
    return true;
}

const char *process_read_line(struct process *process, int64_t deadline, GError **error)
{
    while (!take_line(process)) {
        if (flooded(process, error))
            return NULL;
        if (process->out < 0) {
            set_closed(process, error);
            return NULL;
        }
        int got = read_more(process, error);
        if (got < 0 || (got == 0 && wait_for(process, process->out, POLLIN, deadline, error) == WAIT_FAILED))
            return NULL;
    }
    return flooded(process, error) ? NULL : process->line->str;
}

char *process_printable(char *text)
{
    for (char *at = text; *at; at++)
        if (g_ascii_iscntrl(*at))
            *at = ' ';
    return text;
}

void process_interrupt(struct process *process)
{
    uint64_t one = 1;
    if (write(process->wake, &one, sizeof one) < 0)
        return; /* the counter is at its maximum: an interruption is already pending */
}

void process_dismiss(struct process *process, const char *farewell, int64_t grace_ms)
{
    if (process)
        process_send(process, farewell, g_get_monotonic_time() + grace_ms * 1000, NULL);
    process_close(process, grace_ms);
}

bool process_refuse(GError **error, int code, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *message = g_strdup_vprintf(format, list);
    va_end(list);
    g_set_error_literal(error, AGENT_ERROR, code, process_printable(message));
    g_free(message);
    return false;
}

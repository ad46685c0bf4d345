#include "engine/torture/session.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/torture/faults.h"

/* Seconds: how long a process may take for its end, or to do something after it was suspended; how long it is left alone; how long it
 * goes on after a fault that it survived. The first is generous: the machine may be busy. */
static const double END_LIMIT = 300, GO_ON_LIMIT = 300, RUN_LIMIT = 4, AFTER_LIMIT = 20, TO_END_LIMIT = 600;

enum phase { RUNNING, SUSPENDED, AFTER, ENDING };

struct session {
    const struct session_plan *plan;
    struct session_end *end;
    pid_t child;
    int out;
    GString *text; /* of stdout, from the beginning of the line that is not whole yet */
    char *report, *errors;
    enum phase phase;
    double began, since; /* the process, the phase */
    int64_t done_before; /* by plan->done, when the phase began */
};

static double now(void)
{
    return 1e-6 * (double)g_get_monotonic_time();
}

/* ---- starting ---- */

static char **environment_of(const struct session *s)
{
    const struct fault *fault = s->plan->fault;
    char **environment = g_get_environ(), fault_text[96];
    if (!fault || !fault->kind->preload)
        return environment;
    g_snprintf(fault_text, sizeof fault_text, "%s:%" G_GINT64_FORMAT ":%d:%" G_GUINT64_FORMAT, fault->kind->preload,
               fault->call, fault->failures, fault->random);
    environment = g_environ_setenv(environment, "LD_PRELOAD", s->plan->preload, TRUE);
    environment = g_environ_setenv(environment, "TENGEN_FAULT", fault_text, TRUE);
    environment = g_environ_setenv(environment, "TENGEN_FAULT_FOLDER", s->plan->folder, TRUE);
    environment = g_environ_setenv(environment, "TENGEN_FAULT_SAVED", s->plan->scratch, TRUE);
    return g_environ_setenv(environment, "TENGEN_FAULT_REPORT", s->report, TRUE);
}

/* Only calls that are safe between fork and exec. A group of its own: Ctrl-C is for the torturer, who ends it. */
static void become(char **command, char **environment, int out, int errors, const sigset_t *signals)
{
    setpgid(0, 0);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    sigprocmask(SIG_SETMASK, signals, NULL);
    dup2(out, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    execvpe(command[0], command, environment);
    _exit(127);
}

static bool start(struct session *s, GError **error)
{
    int ends[2] = {-1, -1};
    const int errors = open(s->errors, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    char **environment = environment_of(s);
    /* One that arrives before the program has begun must not be lost to a handler of this process. */
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    if (errors >= 0 && pipe2(ends, O_CLOEXEC) == 0)
        s->child = fork();
    if (s->child == 0)
        become(s->plan->command, environment, ends[1], errors, &before);
    const int why = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    g_strfreev(environment);
    if (errors >= 0)
        close(errors);
    if (ends[1] >= 0)
        close(ends[1]);
    s->out = ends[0];
    if (s->child > 0)
        return true;
    g_set_error(error, G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED, "cannot start %s: %s", s->plan->command[0],
                g_strerror(why));
    return false;
}

/* ---- while it runs ---- */

static void enter(struct session *s, enum phase phase)
{
    s->phase = phase;
    s->since = now();
    s->done_before = s->plan->done(s->plan->user);
}

static void stop(struct session *s, int signal_number)
{
    kill(s->child, signal_number);
    s->end->told = true;
    enter(s, ENDING);
}

/* A signal's moment has come, or the library says that its fault has happened. */
static bool is_struck(const struct session *s)
{
    const struct fault *fault = s->plan->fault;
    if (!fault)
        return false;
    if (fault->kind->preload)
        return g_file_test(s->report, G_FILE_TEST_EXISTS);
    return now() - s->began >= fault->seconds;
}

static void strike(struct session *s)
{
    const struct fault *fault = s->plan->fault;
    s->end->happened = true;
    if (!fault->kind->signal) {
        enter(s, AFTER);
        return;
    }
    if (fault->kind->signal != SIGSTOP) {
        stop(s, fault->kind->signal);
        return;
    }
    kill(s->child, SIGSTOP);
    enter(s, SUSPENDED);
}

/* Whether a session that was not struck is over. */
static bool is_enough(const struct session *s, double passed, int64_t done)
{
    if (s->plan->fault)
        return passed >= RUN_LIMIT;
    return s->plan->to_end ? passed >= TO_END_LIMIT : done > s->done_before || passed >= GO_ON_LIMIT;
}

static void step(struct session *s)
{
    const double passed = now() - s->since;
    const int64_t done = s->plan->done(s->plan->user);
    const bool suspends = s->plan->fault && s->plan->fault->kind->signal == SIGSTOP;
    if (s->phase == RUNNING && is_struck(s)) {
        strike(s);
    } else if (s->phase == RUNNING && is_enough(s, passed, done)) {
        stop(s, SIGTERM);
    } else if (s->phase == SUSPENDED && passed >= 0.4) {
        kill(s->child, SIGCONT);
        enter(s, AFTER);
    } else if (s->phase == AFTER && (done > s->done_before || passed >= (suspends ? GO_ON_LIMIT : AFTER_LIMIT))) {
        s->end->stalled = suspends && done <= s->done_before;
        stop(s, SIGTERM);
    } else if (s->phase == ENDING && passed >= END_LIMIT) {
        s->end->hung = true;
        kill(s->child, SIGKILL);
    }
}

/* Passes whole lines on; one that is not whole was not said. */
static void take_lines(struct session *s)
{
    for (char *end; (end = memchr(s->text->str, '\n', s->text->len));) {
        *end = '\0';
        s->plan->line(s->plan->user, s->text->str);
        g_string_erase(s->text, 0, end - s->text->str + 1);
    }
}

/* Returns false at the end of the process's output. */
static bool read_output(struct session *s)
{
    char part[16384];
    struct pollfd ready = {.fd = s->out, .events = POLLIN};
    if (poll(&ready, 1, 50) <= 0)
        return true;
    const ssize_t got = read(s->out, part, sizeof part);
    if (got <= 0)
        return got < 0 && errno == EINTR;
    g_string_append_len(s->text, part, got);
    take_lines(s);
    return true;
}

bool session_run(const struct session_plan *plan, struct session_end *end, GError **error)
{
    *end = (struct session_end){0};
    struct session s = {.plan = plan, .end = end, .child = -1, .out = -1, .text = g_string_new(NULL), .began = now()};
    s.report = g_build_filename(plan->scratch, "happened", NULL);
    s.errors = g_build_filename(plan->scratch, "errors", NULL);
    g_unlink(s.report);
    enter(&s, RUNNING);
    const bool started = start(&s, error);
    while (started && read_output(&s))
        step(&s);
    if (started) {
        waitpid(s.child, &end->status, 0);
        end->unfinished = s.phase == RUNNING && !is_struck(&s);
        end->happened = end->happened || (plan->fault && plan->fault->kind->preload && is_struck(&s));
        g_file_get_contents(s.errors, &end->said, NULL, NULL);
    }
    if (s.out >= 0)
        close(s.out);
    g_string_free(s.text, TRUE);
    g_free(s.report);
    g_free(s.errors);
    return started;
}

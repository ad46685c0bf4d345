#include "agents/external/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h> /* IWYU pragma: keep */
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct supervisor {
    const struct supervisor_job *job;
    struct supervisor_report report;
    pid_t child;
    int stderr_fd, exit_fd; /* exit_fd: pidfd of the child, -1 if not supported */
    bool child_ended;
};

static void pause_ms(int ms)
{
    struct timespec time = {.tv_nsec = ms * 1000000L};
    nanosleep(&time, NULL);
}

static void default_signals(void)
{
    sigset_t none;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (int i = 1; i < NSIG; i++)
        sigaction(i, &action, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_range_of(int first, int last)
{
    if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
        return;
    for (int fd = first; fd <= last && fd < 65536; fd++) /* kernels before 5.9 */
        close(fd);
}

/* Closes all other descriptors, including those of other programs' pipes, which must see end of file. */
static void close_others(const int *keep, int count)
{
    int from = 0;
    for (;;) {
        int next = INT_MAX;
        for (int i = 0; i < count; i++)
            if (keep[i] >= from && keep[i] < next)
                next = keep[i];
        close_range_of(from, next == INT_MAX ? INT_MAX : next - 1);
        if (next == INT_MAX)
            return;
        from = next + 1;
    }
}

/* Beyond `max` the program gets the limit's signal (or a call fails); beyond max + grace it is killed. */
static void set_limit(int resource, uint64_t max, uint64_t grace)
{
    struct rlimit limit = {.rlim_cur = max, .rlim_max = max + grace};
    setrlimit(resource, &limit);
}

/* Restricts the program to `count` of the CPUs available to us, starting at `first` and wrapping around. */
static void set_cpus(int count, int first)
{
    cpu_set_t allowed, chosen;
    if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
        return;
    int all = CPU_COUNT(&allowed), index = 0;
    CPU_ZERO(&chosen);
    for (int cpu = 0; cpu < CPU_SETSIZE && all > 0; cpu++)
        if (CPU_ISSET(cpu, &allowed)) {
            if ((index - first % all + all) % all < count)
                CPU_SET(cpu, &chosen);
            index++;
        }
    sched_setaffinity(0, sizeof chosen, &chosen);
}

/* Takes out of the environment, in place, what tells a process that it is one rank of an MPI job: the program is none, even if
 * it could be. */
static void forget_job(void)
{
    static const char *const prefixes[] = {"OMPI_COMM_WORLD_", "PMIX_", "PMI_", "MPI_LOCAL"};
    char **to = environ;
    for (char **from = environ; from && *from; from++) {
        bool of_job = false;
        for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
            of_job = of_job || strncmp(*from, prefixes[i], strlen(prefixes[i])) == 0;
        if (!of_job)
            *to++ = *from;
    }
    if (to)
        *to = NULL;
}

/* In the child that becomes the program. */
static _Noreturn void become_program(const struct supervisor_job *job, int stderr_fd, int errno_fd)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* in case the supervisor itself is killed */
    set_limit(RLIMIT_CORE, 0, 0);
    if (job->memory_bytes)
        set_limit(RLIMIT_AS, job->memory_bytes, 0);
    if (job->file_bytes)
        set_limit(RLIMIT_FSIZE, job->file_bytes, 0);
    if (job->cpu_s)
        set_limit(RLIMIT_CPU, job->cpu_s, 1);
    if (job->cpus)
        set_cpus(job->cpus, job->first_cpu);
    /* Move them above 2 first, since any of them may be 0, 1 or 2. */
    int fds[3] = {fcntl(job->stdin_fd, F_DUPFD_CLOEXEC, 3), fcntl(job->stdout_fd, F_DUPFD_CLOEXEC, 3),
                  fcntl(stderr_fd, F_DUPFD_CLOEXEC, 3)};
    errno_fd = fcntl(errno_fd, F_DUPFD_CLOEXEC, 3);
    for (int i = 0; i < 3; i++)
        dup2(fds[i], i);
    forget_job();
    execvp(job->argv[0], job->argv);
    int32_t error = errno;
    while (write(errno_fd, &error, sizeof error) < 0 && errno == EINTR)
        ;
    _exit(127);
}

/* Starts the program; a close-on-exec pipe reports errno if exec fails. */
static void start_program(struct supervisor *supervisor)
{
    int errors[2], exec_errno[2];
    if (pipe2(errors, O_CLOEXEC) < 0 || pipe2(exec_errno, O_CLOEXEC) < 0) {
        supervisor->report.exec_errno = errno;
        return;
    }
    supervisor->child = fork();
    if (supervisor->child == 0)
        become_program(supervisor->job, errors[1], exec_errno[1]);
    int32_t error = supervisor->child < 0 ? errno : 0;
    close(errors[1]);
    close(exec_errno[1]);
    close(supervisor->job->stdin_fd);
    close(supervisor->job->stdout_fd);
    if (supervisor->child > 0) {
        setpgid(supervisor->child, supervisor->child); /* here too, since either process may run first */
        while (read(exec_errno[0], &error, sizeof error) < 0 && errno == EINTR)
            ;
    }
    close(exec_errno[0]);
    supervisor->report.exec_errno = error;
    supervisor->stderr_fd = errors[0];
    fcntl(errors[0], F_SETFL, O_NONBLOCK);
    supervisor->exit_fd = supervisor->child > 0 ? (int)syscall(SYS_pidfd_open, supervisor->child, 0) : -1;
}

/* Reads the available stderr; false at end of file. */
static bool drain_stderr(struct supervisor *supervisor)
{
    struct supervisor_report *report = &supervisor->report;
    char bytes[SUPERVISOR_TAIL_BYTES];
    for (int round = 0; round < 64; round++) { /* bounded, so that continuous output does not starve the other pipes */
        ssize_t got = read(supervisor->stderr_fd, bytes, sizeof bytes);
        if (got < 0)
            return errno == EAGAIN || errno == EINTR;
        if (got == 0)
            return false;
        int excess = report->tail_bytes + (int)got - SUPERVISOR_TAIL_BYTES;
        if (excess > 0) {
            memmove(report->tail, report->tail + excess,
                    (size_t)(report->tail_bytes - excess > 0 ? report->tail_bytes - excess : 0));
            report->tail_bytes = report->tail_bytes > excess ? report->tail_bytes - excess : 0;
        }
        memcpy(report->tail + report->tail_bytes, bytes, (size_t)got);
        report->tail_bytes += (int32_t)got;
    }
    return true;
}

/* Reaps all terminated children; false if there are no children left. */
static bool reap(struct supervisor *supervisor)
{
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid < 0 && errno != EINTR)
            return false;
        if (pid == 0)
            return true;
        if (pid == supervisor->child) {
            supervisor->child_ended = true;
            supervisor->report.wait_status = status;
        }
    }
}

/* Waits until the program ends or the control pipe closes. */
static void watch(struct supervisor *supervisor)
{
    struct pollfd polls[] = {{.fd = supervisor->job->control_fd, .events = POLLIN},
                             {.fd = supervisor->stderr_fd, .events = POLLIN},
                             {.fd = supervisor->exit_fd, .events = POLLIN}};
    while (!supervisor->child_ended) {
        /* With a timeout, to reap orphans that were reparented to us. */
        poll(polls, 3, supervisor->exit_fd < 0 ? 20 : 1000);
        if (polls[1].revents && !drain_stderr(supervisor))
            polls[1].fd = -1;
        reap(supervisor);
        if (polls[0].revents && !supervisor->child_ended) {
            supervisor->report.killed = 1;
            return;
        }
    }
}

/* Kills our children as listed by the kernel; false if the list is not available. */
static bool kill_listed(void)
{
    char bytes[4096];
    int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, bytes, sizeof bytes - 1);
    close(fd);
    if (got <= 0)
        return got == 0;
    bytes[got] = '\0';
    for (char *at = bytes; *at;) {
        pid_t pid = 0;
        while (*at >= '0' && *at <= '9')
            pid = pid * 10 + (*at++ - '0');
        if (pid > 1 && *at == ' ') /* a number truncated by the buffer is left for the next round */
            kill(pid, SIGKILL);
        while (*at && (*at < '0' || *at > '9'))
            at++;
    }
    return true;
}

/* As a subreaper we inherit all orphaned descendants, so killing our children until none is left kills all of them.
 * Gives up on an unkillable process (hung in the kernel) after a few seconds. */
static void kill_all(struct supervisor *supervisor)
{
    for (int round = 0; round < 3000; round++) {
        if (!supervisor->child_ended || round == 0)
            kill(-supervisor->child, SIGKILL);
        kill_listed();
        if (!reap(supervisor))
            return;
        drain_stderr(supervisor);
        pause_ms(1);
    }
}

_Noreturn void supervisor_run(const struct supervisor_job *job)
{
    static struct supervisor supervisor; /* one per process */
    memset(&supervisor, 0, sizeof supervisor);
    supervisor.job = job;
    supervisor.stderr_fd = supervisor.exit_fd = -1;
    default_signals();
    setsid(); /* Ctrl-C at the terminal is for our parent, which then closes the control pipe */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int keep[] = {job->stdin_fd, job->stdout_fd, job->control_fd, job->report_fd};
    close_others(keep, 4);
    start_program(&supervisor);
    if (supervisor.child > 0) {
        if (!supervisor.report.exec_errno)
            watch(&supervisor);
        kill_all(&supervisor);
        if (supervisor.stderr_fd >= 0)
            drain_stderr(&supervisor);
    }
    ssize_t wrote;
    do
        wrote = write(job->report_fd, &supervisor.report, sizeof supervisor.report);
    while (wrote < 0 && errno == EINTR);
    _exit(0);
}

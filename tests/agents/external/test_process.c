/* External programs that crash, hang, flood their output or fork: each gives one specific error and leaves no process
 * behind. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents/agent.h"
#include "agents/external/process.h"
#include "games/game.h"

/* The number of processes with this text on their command line. */
static int count_marked(const char *mark)
{
    GDir *dir = g_dir_open("/proc", 0, NULL);
    const char *name;
    int found = 0;
    while ((name = g_dir_read_name(dir))) {
        char *path = g_strdup_printf("/proc/%s/cmdline", name), *text = NULL;
        gsize length = 0;
        if (isdigit((unsigned char)name[0]) && g_file_get_contents(path, &text, &length, NULL))
            found += memmem(text, length, mark, strlen(mark)) != NULL;
        g_free(text);
        g_free(path);
    }
    g_dir_close(dir);
    return found;
}

static void assert_nothing_left(const char *mark)
{
    int left = count_marked(mark);
    cr_assert(left == 0, "%d processes are left", left);
    cr_assert(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "a child was not reaped");
}

static void make_mark(char *mark, const char *mode)
{
    sprintf(mark, "mark-%d-%s", (int)getpid(), mode);
}

static struct agent *open_fault(const char *mode, const struct game *game, const char *mark)
{
    char *spec = g_strdup_printf("gtp:sh '%s/agents/external/fault.sh' %s %s", TESTS_DIR, mode, mark);
    const struct agent_config config = {.seed = 1, .threads = 1, .reply_ms = 1500};
    struct agent *agent;
    GError *error = NULL;
    cr_assert(agent_open(&agent, spec, game, &config, &error) == 0, "%s", error ? error->message : "");
    cr_assert(agent_new_game(agent, 1, &error), "%s", error ? error->message : "");
    g_free(spec);
    return agent;
}

/* Requests a move from a faulty engine: it must fail with this code and message. */
static void expect_fault(const char *mode, int code, const char *says)
{
    struct game game;
    char mark[64];
    struct agent_choice choice;
    GError *error = NULL;
    cr_assert(game_parse(&game, "go:9", NULL));
    make_mark(mark, mode);
    struct agent *agent = open_fault(mode, &game, mark);
    cr_assert(count_marked(mark) == 1, "the engine itself should be found by its mark");
    cr_assert(!agent_choose(agent, NULL, &choice, &error), "%s should fail", mode);
    cr_assert(error->code == code, "%s: error %d, \"%s\"", mode, error->code, error->message);
    cr_assert(strstr(error->message, says), "%s: \"%s\" does not say \"%s\"", mode, error->message, says);
    g_clear_error(&error);
    agent_close(agent);
    assert_nothing_left(mark);
}

Test(process, a_crash_is_reported_with_status_and_last_output)
{
    expect_fault("exit", AGENT_ERROR_DIED, "exited with status 7; stderr: last words");
}
Test(process, signal_is_named)
{
    expect_fault("signal", AGENT_ERROR_DIED, "signal 11");
}
Test(process, hang_ends_at_the_deadline)
{
    expect_fault("hang", AGENT_ERROR_TIMEOUT, "did not answer in time");
}
Test(process, flood_of_lines)
{
    expect_fault("flood", AGENT_ERROR_PROTOCOL, "");
}
Test(process, flood_without_a_line_end)
{
    expect_fault("long", AGENT_ERROR_PROTOCOL, "a line longer than 65536");
}
Test(process, half_a_line)
{
    expect_fault("half", AGENT_ERROR_DIED, "exited with status 0");
}
Test(process, closed_output)
{
    expect_fault("closed", AGENT_ERROR_DIED, "closed its output");
}
Test(process, garbage)
{
    expect_fault("garbage", AGENT_ERROR_PROTOCOL, "\"D4, I think\" is not a GTP reply");
}
Test(process, reply_to_another_command)
{
    expect_fault("other", AGENT_ERROR_PROTOCOL, "is not a GTP reply");
}
Test(process, no_such_vertex)
{
    expect_fault("nonsense", AGENT_ERROR_PROTOCOL, "\"Z99\" is not a move");
}
Test(process, refusal)
{
    expect_fault("refuse", AGENT_ERROR_PROTOCOL, "refused \"genmove black\": cannot");
}
Test(process, replies_are_quoted_on_one_line)
{
    expect_fault("lines", AGENT_ERROR_PROTOCOL, "refused \"genmove black\": cannot and will  not");
}
Test(process, forked_processes_end_with_it)
{
    expect_fault("forks", AGENT_ERROR_DIED, "exited with status 3");
}

/* Three megabytes on stderr, far more than a pipe holds, must not block it. */
Test(process, stderr_never_blocks)
{
    struct game game;
    char mark[64];
    struct agent_choice choice;
    GError *error = NULL;
    cr_assert(game_parse(&game, "go:9", NULL));
    make_mark(mark, "stderr");
    struct agent *agent = open_fault("stderr", &game, mark);
    cr_assert(agent_choose(agent, NULL, &choice, &error), "%s", error ? error->message : "");
    cr_assert(choice.move == game.points, "it should pass");
    agent_close(agent);
    assert_nothing_left(mark);
}

Test(process, resigns)
{
    struct game game;
    char mark[64];
    struct agent_choice choice;
    cr_assert(game_parse(&game, "go:9", NULL));
    make_mark(mark, "resign");
    struct agent *agent = open_fault("resign", &game, mark);
    cr_assert(agent_choose(agent, NULL, &choice, NULL));
    cr_assert(choice.action == AGENT_RESIGNS);
    agent_close(agent);
    assert_nothing_left(mark);
}

/* Programs that can report an evaluation with their move are asked for it, as CGOS and the clients of Leela Zero do. */
Test(process, evaluations)
{
    struct game game;
    char mark[64];
    struct agent_choice choice;
    GError *error = NULL;
    cr_assert(game_parse(&game, "go:9", NULL));
    make_mark(mark, "lz");
    struct agent *agent = open_fault("lz", &game, mark);
    cr_assert(agent_choose(agent, NULL, &choice, &error), "%s", error ? error->message : "");
    cr_assert(choice.move == game_move_parse(&game, "D4") && fabsf(choice.value - 0.6f) < 1e-6f && choice.visits == 100,
              "%d %g", (int)choice.move, (double)choice.value);
    agent_close(agent);
    agent = open_fault("cgos", &game, mark);
    cr_assert(agent_choose(agent, NULL, &choice, &error), "%s", error ? error->message : "");
    cr_assert(choice.action == AGENT_RESIGNS && choice.value == -0.5f && choice.visits == 77);
    agent_close(agent);
    assert_nothing_left(mark);
}

/* An engine that ignores the end of its input is killed after the grace period. */
Test(process, close_does_not_wait_for_ever)
{
    char mark[64], *line;
    make_mark(mark, "deaf");
    line = g_strdup_printf("sh -c 'trap \"\" TERM HUP INT; while :; do sleep 1000; done' %s", mark);
    const struct process_config config = {.command_line = line};
    struct process *process;
    cr_assert(process_start(&process, &config, NULL) == 0);
    int64_t start = g_get_monotonic_time();
    process_close(process, 100);
    cr_assert(g_get_monotonic_time() - start < 5 * G_USEC_PER_SEC, "closing took too long");
    g_free(line);
    assert_nothing_left(mark);
}

/* When its parent dies, even by SIGKILL, the program is killed. */
Test(process, dies_with_its_parent)
{
    char mark[64], *line;
    make_mark(mark, "orphan");
    line = g_strdup_printf("sh -c 'while :; do sleep 1000; done' %s", mark);
    pid_t parent = fork();
    if (parent == 0) {
        const struct process_config config = {.command_line = line};
        struct process *process;
        if (process_start(&process, &config, NULL) < 0)
            _exit(1);
        for (int i = 0; i < 300 && count_marked(mark) < 1; i++)
            g_usleep(10000);
        kill(getpid(), SIGKILL);
    }
    int status;
    cr_assert(waitpid(parent, &status, 0) == parent && WIFSIGNALED(status));
    for (int i = 0; i < 500 && count_marked(mark); i++)
        g_usleep(10000);
    g_free(line);
    assert_nothing_left(mark);
}

/* Sending to a program that does not read fails at the deadline instead of hanging. */
Test(process, send_has_a_deadline)
{
    const struct process_config config = {.command_line = "sleep 1000"};
    struct process *process;
    GError *error = NULL;
    char *much = g_strnfill(1 << 20, 'x');
    cr_assert(process_start(&process, &config, NULL) == 0);
    cr_assert(process_send(process, much, g_get_monotonic_time() + 200000, &error) < 0);
    cr_assert(error->code == AGENT_ERROR_TIMEOUT);
    g_clear_error(&error);
    g_free(much);
    process_close(process, 0);
}

Test(process, lines_with_either_end)
{
    const struct process_config config = {.command_line = "printf 'one\\r\\n\\ntwo\\n'"};
    struct process *process;
    int64_t deadline = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
    cr_assert(process_start(&process, &config, NULL) == 0);
    cr_assert_str_eq(process_read_line(process, deadline, NULL), "one");
    cr_assert_str_eq(process_read_line(process, deadline, NULL), "");
    cr_assert_str_eq(process_read_line(process, deadline, NULL), "two");
    GError *error = NULL;
    cr_assert_null(process_read_line(process, deadline, &error));
    cr_assert(error->code == AGENT_ERROR_DIED && strstr(error->message, "exited with status 0"), "%s", error->message);
    g_clear_error(&error);
    process_close(process, 0);
}

Test(process, memory_limit_holds)
{
    const struct process_config config = {.command_line = "sh -c 'ulimit -v'", .limits.memory_bytes = 512 << 20};
    struct process *process;
    cr_assert(process_start(&process, &config, NULL) == 0);
    cr_assert_str_eq(process_read_line(process, g_get_monotonic_time() + 5 * G_USEC_PER_SEC, NULL), "524288");
    process_close(process, 0);
}

static char *first_line(const struct process_config *config)
{
    struct process *process;
    cr_assert(process_start(&process, config, NULL) == 0);
    char *line = g_strdup(process_read_line(process, g_get_monotonic_time() + 20 * G_USEC_PER_SEC, NULL));
    process_close(process, 0);
    return line;
}

/* One CPU, whichever is requested first; two if there are two. */
Test(process, processors_are_allotted)
{
    char *all = first_line(&(const struct process_config){.command_line = "nproc"});
    for (int first = 0; first < 5; first++) {
        const struct process_config config = {.command_line = "nproc", .limits = {.cpus = 1, .first_cpu = first}};
        char *one = first_line(&config);
        cr_assert_str_eq(one, "1");
        g_free(one);
    }
    const struct process_config many = {.command_line = "nproc", .limits = {.cpus = 1000, .first_cpu = 3}};
    char *most = first_line(&many);
    cr_assert_str_eq(most, all);
    g_free(most);
    g_free(all);
}

Test(process, processor_time_is_limited)
{
    const struct process_config config = {.command_line = "sh -c 'while :; do :; done'", .limits.cpu_s = 1};
    struct process *process;
    GError *error = NULL;
    cr_assert(process_start(&process, &config, NULL) == 0);
    cr_assert_null(process_read_line(process, g_get_monotonic_time() + 60 * G_USEC_PER_SEC, &error));
    cr_assert(error->code == AGENT_ERROR_DIED && strstr(error->message, "CPU time limit exceeded"), "%s",
              error->message);
    g_clear_error(&error);
    process_close(process, 0);
}

Test(process, command_lines_that_cannot_start)
{
    struct process *process;
    GError *error = NULL;
    struct process_config config = {.command_line = "no-such-program-anywhere --mode gtp"};
    cr_assert(process_start(&process, &config, &error) < 0);
    cr_assert_null(process);
    cr_assert(error->code == AGENT_ERROR_SPEC && strstr(error->message, "no-such-program-anywhere"));
    g_clear_error(&error);
    config.command_line = "echo 'unclosed";
    cr_assert(process_start(&process, &config, &error) < 0);
    cr_assert(error->code == AGENT_ERROR_SPEC && strstr(error->message, "not a command line"));
    g_clear_error(&error);
    cr_assert(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

/* Started by a rank of an MPI job, a program must not take itself for one. */
Test(process, programs_do_not_inherit_the_job)
{
    static const char *const job[] = {
        "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "PMI_SIZE", "PMI_RANK", "PMIX_RANK", "MPI_LOCALNRANKS"};
    char *seen = NULL, *file, *spec;
    struct game game;
    struct agent *agent;
    const int fd = g_file_open_tmp("tengen-environment-XXXXXX", &file, NULL);
    close(fd);
    for (size_t i = 0; i < G_N_ELEMENTS(job); i++)
        g_setenv(job[i], "4", TRUE);
    g_setenv("TENGEN_KEPT", "4", TRUE);
    cr_assert(game_parse(&game, "go:9", NULL));
    spec = g_strdup_printf("gtp:sh -c 'env >%s; exit 1'", file);
    cr_assert_neq(agent_open(&agent, spec, &game, &(struct agent_config){.threads = 1, .reply_ms = 1500}, NULL), 0);
    cr_assert(g_file_get_contents(file, &seen, NULL, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(job); i++)
        cr_assert(!strstr(seen, job[i]), "%s is inherited", job[i]);
    cr_assert(strstr(seen, "TENGEN_KEPT=4") && strstr(seen, "PATH="), "%s", seen);
    unlink(file);
    g_free(seen);
    g_free(spec);
    g_free(file);
}

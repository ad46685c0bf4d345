/* Ctrl-C in a command that trains and goes on afterwards, such as lab: training waits for signals itself. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/commands/interrupt.h"
#include "engine/training/training_internal.h"

enum { NOT_SEEN = 3, NOT_TOLD = 4, SURVIVED = 5 };

/* The first while training waits, the second a good second later, after training has ended. */
static void press_twice(void)
{
    interrupt_catch();
    struct training_signals *signals = training_signals_take(NULL);
    kill(getpid(), SIGINT);
    if (!training_signals_wait(signals, 1))
        _exit(NOT_SEEN);
    if (!atomic_load(&interrupt_received))
        _exit(NOT_TOLD);
    training_signals_give_back(signals);
    usleep(1100000);
    kill(getpid(), SIGINT);
    usleep(100000);
    _exit(SURVIVED);
}

Test(interrupt, the_second_one_kills_although_training_took_the_first)
{
    int status;
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0)
        press_twice();
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "status %d, exit %d", status, WEXITSTATUS(status));
}

/* Without a handler the second has its default action, as before. */
Test(interrupt, training_without_a_handler)
{
    int status;
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        signal(SIGTERM, SIG_DFL);
        struct training_signals *signals = training_signals_take(NULL);
        kill(getpid(), SIGTERM);
        if (!training_signals_wait(signals, 1))
            _exit(NOT_SEEN);
        kill(getpid(), SIGTERM);
        _exit(SURVIVED);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "status %d, exit %d", status, WEXITSTATUS(status));
}

/* ---- the terminal is closed ---- */

enum { CLEAN = 6 };

static void hang_up_a_command(void)
{
    interrupt_catch();
    kill(getpid(), SIGHUP);
    _exit(atomic_load(&interrupt_received) ? CLEAN : SURVIVED);
}

static void hang_up_training(void)
{
    struct training_signals *signals = training_signals_take(NULL);
    kill(getpid(), SIGHUP);
    _exit(training_signals_wait(signals, 0.2) ? CLEAN : SURVIVED);
}

static int status_of(void (*run)(void), void (*hangup)(int))
{
    int status;
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        signal(SIGHUP, hangup);
        run();
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

Test(interrupt, a_closed_terminal_ends_it_cleanly)
{
    cr_assert_eq(status_of(hang_up_a_command, SIG_DFL), CLEAN);
    cr_assert_eq(status_of(hang_up_training, SIG_DFL), CLEAN);
}

/* As nohup(1) starts it. */
Test(interrupt, a_closed_terminal_is_ignored_under_nohup)
{
    cr_assert_eq(status_of(hang_up_a_command, SIG_IGN), SURVIVED);
    cr_assert_eq(status_of(hang_up_training, SIG_IGN), SURVIVED);
}

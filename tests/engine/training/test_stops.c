/* Time in which the process stands still, and clocks that jump. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/training/training.h"
#include "engine/training/training_internal.h"

enum { COUNTED = 3, NOT_COUNTED = 4 };

/* For three seconds of the parent's. Returns what the clock of training says they were. */
static double across(void (*pause_for)(void), bool until)
{
    const struct training_options options = {.until = until};
    training_watch_stops();
    const double before = training_limited_clock(&options);
    pause_for();
    training_notice_stops();
    return training_limited_clock(&options) - before;
}

static void stand_still(void)
{
    raise(SIGSTOP);
}

static void compute(void)
{
    const double began = training_processor_clock();
    while (training_processor_clock() - began < 0.3)
        ;
    usleep(2700000);
}

/* Idle between two sessions of one process, which is none of the second's time. */
static void begin_anew(void)
{
    usleep(2700000);
    training_watch_stops();
}

static void wait_briefly(void)
{
    usleep(1000000);
}

static int in_child(void (*pause_for)(void), bool until)
{
    int status;
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0)
        _exit(across(pause_for, until) > 0.7 ? COUNTED : NOT_COUNTED);
    cr_assert_eq(waitpid(child, &status, WUNTRACED), child);
    if (WIFSTOPPED(status)) {
        usleep(3000000);
        kill(child, SIGCONT);
        cr_assert_eq(waitpid(child, &status, 0), child);
    }
    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

Test(stops, a_stop_is_no_work)
{
    cr_assert_eq(in_child(stand_still, false), NOT_COUNTED);
}

/* Nor does it make a time of day come later. */
Test(stops, a_time_of_day_does_not_wait)
{
    cr_assert_eq(in_child(stand_still, true), COUNTED);
}

/* A slow step, or a short wait for games, is work. */
Test(stops, work_counts)
{
    cr_assert_eq(in_child(compute, false), COUNTED);
    cr_assert_eq(in_child(wait_briefly, false), COUNTED);
}

Test(stops, idling_between_two_sessions_is_no_stop)
{
    cr_assert_eq(in_child(begin_anew, false), COUNTED);
}

/* By the clock that goes on while the machine sleeps, and that nobody sets. */
Test(stops, the_clock_of_a_time_of_day)
{
    struct timespec now;
    cr_assert_eq(clock_gettime(CLOCK_BOOTTIME, &now), 0);
    cr_assert_float_eq(training_limited_clock(&(struct training_options){.until = true}),
                       (double)now.tv_sec + 1e-9 * (double)now.tv_nsec, 0.5);
}

/* With checkpoints goes the time that was worked, whichever clock sets the limit. */
Test(stops, worked)
{
    const struct training_options until = {.until = true}, processor = {.processor_time = true};
    const double started = training_clock() - 7;
    cr_assert_float_eq(training_worked(&until, started, training_limited_clock(&until) - 9), 7, 0.5);
    cr_assert_float_eq(training_worked(&processor, started, training_limited_clock(&processor) - 9), 9, 0.5);
}

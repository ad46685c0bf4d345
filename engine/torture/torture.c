#include "engine/torture/torture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "engine/torture/faults.h"
#include "engine/torture/session.h"
#include "engine/torture/work.h"
#include "games/rng.h"

/* Each is begun anew after so many faults: its beginning is tortured, too, and its database stays small. */
enum { FAULTS_EACH = 40 };
/* Drawn, but not happened, beyond 20 for each: something is wrong. */
enum { MISSED_MAX = 200 };

static const struct work_ops *const works[] = {&work_run_ops, &work_match_ops, &work_rounds_ops, &work_go_ops};
enum { WORKS = G_N_ELEMENTS(works) };

struct torture {
    const struct torture_options *options;
    struct torture_report *report;
    char *scratch;
    struct work *work[WORKS];
    int faults[WORKS]; /* since it was begun */
    uint64_t begun;    /* works so far */
};

static void remove_folder(const char *folder)
{
    char *words[] = {"rm", "-rf", "--", (char *)folder, NULL};
    g_spawn_sync(NULL, words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

static void begin_work(struct torture *t, int index)
{
    const uint64_t seed = rng_mix(t->options->seed ^ rng_mix(++t->begun)) >> 12;
    t->work[index] = works[index]->open(t->options->program, t->options->folder, seed);
    t->faults[index] = 0;
}

static void end_work(struct torture *t, int index)
{
    char *unbroken = g_strconcat(t->work[index]->folder, "-unbroken", NULL);
    remove_folder(t->work[index]->folder);
    remove_folder(unbroken);
    g_free(unbroken);
    works[index]->close(t->work[index]);
    t->work[index] = NULL;
}

/* ---- one session ---- */

/* A signal that arrives before the program has begun to wait for it ends the process at once, and loses nothing. */
static bool is_early(const struct session_end *end, int64_t done)
{
    return WIFSIGNALED(end->status) && done == 0 &&
           (WTERMSIG(end->status) == SIGTERM || WTERMSIG(end->status) == SIGHUP || WTERMSIG(end->status) == SIGINT);
}

/* Exit status 1 of a tournament: it was stopped before its end. */
static bool ends_well(const struct work *work, const struct session_end *end)
{
    return WIFEXITED(end->status) &&
           (WEXITSTATUS(end->status) == 0 || (!work->ops->has_checkpoints && WEXITSTATUS(end->status) == 1));
}

static unsigned how_it_ended(const struct work *work, const struct session_end *end, int64_t done)
{
    if (ends_well(work, end) || is_early(end, done))
        return FAULT_END_CLEAN;
    if (WIFSIGNALED(end->status) && WTERMSIG(end->status) == SIGKILL && !end->hung)
        return FAULT_END_KILLED;
    if (WIFSIGNALED(end->status) && WTERMSIG(end->status) == SIGTERM)
        return FAULT_END_ERROR; /* the fault had made it end already, and it was told to in the middle of that */
    const bool says = end->said && *end->said;
    if (says && WIFEXITED(end->status) && (WEXITSTATUS(end->status) == 2 || WEXITSTATUS(end->status) == 3))
        return FAULT_END_ERROR;
    /* GLib has blocks of memory without which it says so, and aborts. */
    return says && WIFSIGNALED(end->status) && WTERMSIG(end->status) == SIGABRT && strstr(end->said, "MEMORY-ERROR")
               ? FAULT_END_ERROR
               : 0;
}

static void judge_end(struct work *work, const struct fault *fault, const struct session_end *end, int64_t done)
{
    /* A fault that did not happen must change nothing, and a process that was not struck ends well. */
    /* Unless it is told to end meanwhile: then it cannot wait any longer. */
    const bool goes_on = fault && fault->kind->run_goes_on && work->ops->has_checkpoints && done > 1 && !end->told;
    const unsigned allowed = fault && end->happened && !goes_on ? fault->kind->ends : FAULT_END_CLEAN;
    const unsigned ended = how_it_ended(work, end, done);
    if (end->hung)
        work_lost(work, "the process did not end when it was told to");
    else if (end->stalled)
        work_lost(work, "the process did nothing after it had been suspended");
    else if (end->unfinished && !work->ops->is_finished(work))
        work_lost(work, "the process ended by itself, with %s %d", WIFEXITED(end->status) ? "status" : "signal",
                  WIFEXITED(end->status) ? WEXITSTATUS(end->status) : WTERMSIG(end->status));
    else if (!(ended & allowed) && !(allowed == FAULT_END_KILLED && work->ops->is_finished(work)))
        work_lost(work, "the process ended with %s %d", WIFEXITED(end->status) ? "status" : "signal",
                  WIFEXITED(end->status) ? WEXITSTATUS(end->status) : WTERMSIG(end->status));
}

static bool run_session(struct torture *t, struct work *work, const struct fault *fault, bool to_end,
                        struct session_end *end, GError **error)
{
    char **command = work->ops->command(work);
    const struct session_plan plan = {.command = command,
                                      .folder = work->folder,
                                      .scratch = t->scratch,
                                      .preload = t->options->preload,
                                      .fault = fault,
                                      .to_end = to_end,
                                      .line = work->ops->line,
                                      .done = work->ops->done,
                                      .user = work};
    const int64_t before = work->ops->done(work);
    const bool good = session_run(&plan, end, error);
    t->report->sessions++;
    if (good)
        judge_end(work, fault, end, work->ops->done(work) - before);
    g_strfreev(command);
    return good;
}

static void keep_first(struct torture *t, const struct fault *fault, const struct work *work, const char *said)
{
    t->report->failures++;
    t->report->first.fault = fault->number;
    t->report->first.kind = fault->kind;
    t->report->first.work = g_strdup(work->ops->name);
    t->report->first.what = g_strdup(work->lost->pdata[0]);
    t->report->first.said = g_strdup(said ? said : "");
}

/* Without a fault: what has been begun goes on, or is finished, and then everything is examined. */
static bool finish_work(struct torture *t, const struct fault *fault, struct work *work, GError **error)
{
    struct session_end end = {0};
    const bool good = run_session(t, work, NULL, !work->ops->has_checkpoints, &end, error);
    if (good && work->lost->len == 0)
        work->ops->check(work, true);
    if (good && work->lost->len > 0)
        keep_first(t, fault, work, end.said);
    g_free(end.said);
    return good;
}

/* ---- faults ---- */

static const char *damage(struct work *work, const struct fault *fault)
{
    return work->ops->damage ? work->ops->damage(work, fault->random) : NULL;
}

/* *happened: whether the fault has. */
static bool suffer(struct torture *t, const struct fault *fault, struct work *work, bool *happened, GError **error)
{
    struct session_end end;
    const char *damaged = fault->kind->between ? damage(work, fault) : NULL;
    if (fault->kind->between && !damaged) {
        *happened = false;
        return true;
    }
    if (!run_session(t, work, damaged ? NULL : fault, false, &end, error))
        return false;
    *happened = damaged || end.happened;
    if (damaged && work->lost->len == 0 && !(end.said && strstr(end.said, damaged)))
        work_lost(work, "the process did not say that %s is damaged", damaged);
    if (work->lost->len == 0)
        work->ops->check(work, false);
    if (work->lost->len > 0)
        keep_first(t, fault, work, end.said);
    g_free(end.said);
    return true;
}

static bool torture_once(struct torture *t, const struct fault *fault, GError **error)
{
    const int index = (int)(fault->random % WORKS);
    bool happened = false;
    if (!t->work[index])
        begin_work(t, index);
    struct work *work = t->work[index];
    bool good = suffer(t, fault, work, &happened, error);
    if (good && happened) {
        t->report->faults++;
        t->faults[index]++;
        for (int i = 0; fault_kinds[i].name; i++)
            t->report->by_kind[i] += &fault_kinds[i] == fault->kind;
    } else if (good) {
        t->report->missed++;
    }
    const bool is_over = t->faults[index] >= FAULTS_EACH || work->ops->is_finished(work);
    if (good && work->lost->len == 0 && is_over)
        good = finish_work(t, fault, work, error);
    if (good && t->options->progress && (happened || work->lost->len > 0))
        t->options->progress(t->options->user, fault, work->ops->name, work->lost->len ? work->lost->pdata[0] : NULL);
    if (good && work->lost->len == 0 && is_over)
        end_work(t, index);
    return good;
}

static bool finish_all(struct torture *t, const struct fault *last, GError **error)
{
    for (int i = 0; i < WORKS && t->report->failures == 0; i++) {
        if (!t->work[i])
            continue;
        if (!finish_work(t, last, t->work[i], error))
            return false;
        if (t->report->failures > 0 && t->options->progress)
            t->options->progress(t->options->user, last, t->work[i]->ops->name, t->report->first.what);
        else if (t->report->failures == 0)
            end_work(t, i);
    }
    return true;
}

static bool is_stopped(const struct torture_options *options)
{
    return options->stop && atomic_load(options->stop);
}

bool torture_run(const struct torture_options *options, struct torture_report *report, GError **error)
{
    struct torture t = {
        .options = options, .report = report, .scratch = g_build_filename(options->folder, "scratch", NULL)};
    struct fault fault = {0};
    *report = (struct torture_report){0};
    bool good = g_mkdir_with_parents(t.scratch, 0777) == 0;
    if (!good)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot create %s", t.scratch);
    for (int64_t i = 1; good && report->faults < options->faults && report->failures == 0 && !is_stopped(options);
         i++) {
        fault_draw(&fault, options->seed, i, options->kinds);
        good = torture_once(&t, &fault, error);
        if (good && report->missed > MISSED_MAX + 20 * options->faults) {
            g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                                "the faults do not happen; give other kinds with --only");
            good = false;
        }
    }
    good = good && finish_all(&t, &fault, error);
    for (int i = 0; i < WORKS; i++)
        if (t.work[i])
            works[i]->close(t.work[i]);
    g_free(t.scratch);
    return good;
}

void torture_report_clear(struct torture_report *report)
{
    g_free(report->first.work);
    g_free(report->first.what);
    g_free(report->first.said);
    *report = (struct torture_report){0};
}

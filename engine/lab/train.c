/* The training of a lab's arms, slice by slice. */
#include <time.h>

#include "engine/lab/lab.h"
#include "engine/lab/ledger.h"
#include "engine/lab/plan.h"
#include "engine/lab/ranks/ranks.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/progress.h"
#include "engine/training/training.h"
#include "net/net.h"

void lab_order(const struct lab_plan *plan, int64_t step, int64_t *slice, int *seed, int *arm)
{
    *arm = (int)(step % plan->arm_count);
    *seed = (int)(step / plan->arm_count % plan->seed_count);
    *slice = step / plan->arm_count / plan->seed_count;
}

/* An arm's run while one slice of it is trained. */
struct slice {
    struct lab *lab;
    int arm, seed;
    int64_t number;
    struct settings settings;
    struct store *store;
    struct store_checkpoint at; /* all zero without one */
    struct ledger_progress progress;
};

static double processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool read_checkpoint(struct slice *s, GError **error)
{
    bool found;
    s->at = (struct store_checkpoint){0};
    return store_last_checkpoint(s->store, &s->at, &found, error);
}

static bool open_slice(struct slice *s, GError **error)
{
    char *folder = lab_run_folder(s->lab, s->arm, s->seed);
    bool good = store_open(&s->store, folder, STORE_CREATE, error) == 0 &&
                store_save_settings(s->store, &s->settings, error) && read_checkpoint(s, error);
    g_free(folder);
    return good;
}

/* Processor seconds so far. After a kill the ledger lacks those of the last slice, but the run's newest checkpoint has them as far as
 * its training was saved. */
static double seconds_of(const struct slice *s)
{
    return s->progress.seconds + MAX(s->at.seconds - s->progress.seconds_at_stored, 0);
}

static double share_done(const struct slice *s)
{
    return (double)(s->number + 1) / (double)s->lab->plan->keys.slices;
}

static int64_t steps_of_slice(const struct slice *s)
{
    return s->lab->plan->budget.steps * (s->number + 1) / s->lab->plan->keys.slices;
}

/* The limit of this slice, and what of the learning rate's schedule it covers. Returns false if it is reached already. */
static bool set_limit(const struct slice *s, struct training_options *options)
{
    const struct lab_plan *plan = s->lab->plan;
    double used = seconds_of(s);
    options->schedule_to = share_done(s);
    if (plan->budget.steps) {
        options->steps = steps_of_slice(s);
        return s->at.steps < options->steps;
    }
    options->seconds = plan->seconds * share_done(s) - used;
    options->schedule_from = used / plan->seconds;
    return options->seconds > 0;
}

static void announce(const struct slice *s)
{
    const struct lab_plan *plan = s->lab->plan;
    FILE *out = s->lab->log;
    fprintf(out, "Arm %s, seed %" G_GINT64_FORMAT, plan->arms[s->arm].name, plan->seeds[s->seed]);
    if (plan->keys.slices > 1)
        fprintf(out, ", slice %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, s->number + 1, plan->keys.slices);
    if (plan->budget.steps)
        fprintf(out, ": from step %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, s->at.steps, steps_of_slice(s));
    else
        fprintf(out, ": from %.1f to %.1f s of processor time", seconds_of(s), plan->seconds * share_done(s));
    fputc('\n', out);
    fflush(out);
}

/* Counts what the session spent. Reading the stored games does not count: their learner's clock begins after that. */
static bool count_progress(struct slice *s, double before, double spent, bool complete, GError **error)
{
    bool stored = s->lab->plan->keys.kind == LAB_SAME_DATA;
    if (!read_checkpoint(s, error))
        return false;
    s->progress = (struct ledger_progress){.slices = s->number + complete,
                                           .seconds = stored ? s->at.seconds : before + spent,
                                           .seconds_at_stored = s->at.seconds};
    return true;
}

static enum lab_end train_slice(struct slice *s, FILE *out, GError **error)
{
    struct lab *lab = s->lab;
    const struct lab_arm *arm = &lab->plan->arms[s->arm];
    struct training_options options = {.store = s->store,
                                       .settings = &s->settings,
                                       .games = arm->games,
                                       .game_count = arm->game_count,
                                       .threads = s->settings.deterministic ? 1 : lab->threads,
                                       .processor_time = true,
                                       .data = lab->plan->keys.kind == LAB_SAME_DATA ? &lab->data : NULL,
                                       .backend = NET_BACKEND_FAST,
                                       .dtype = NET_AUTO,
                                       .style = PROGRESS_PLAIN,
                                       .report_seconds = 60,
                                       .out = out,
                                       .command = "tengen lab",
                                       .stop = lab->stop_training};
    double before = seconds_of(s), began = processor_time();
    enum training_end end = TRAINING_TIME;
    if (set_limit(s, &options)) {
        if (lab->log)
            announce(s);
        end = training_run(&options, error);
    }
    if (end == TRAINING_FAILED) {
        g_prefix_error(error, "arm %s: ", arm->name);
        return LAB_FAILED;
    }
    bool stopped = end == TRAINING_INTERRUPTED;
    if (!count_progress(s, before, processor_time() - began, !stopped, error))
        return LAB_FAILED;
    return stopped ? LAB_STOPPED : LAB_FINISHED;
}

enum lab_end lab_train_slice(struct lab *lab, int arm, int seed, int64_t slice, struct ledger_progress *progress,
                             FILE *out, GError **error)
{
    struct slice s = {.lab = lab,
                      .arm = arm,
                      .seed = seed,
                      .number = slice,
                      .settings = lab_plan_settings(lab->plan, arm, seed),
                      .progress = *progress};
    enum lab_end end = open_slice(&s, error) ? train_slice(&s, out, error) : LAB_FAILED;
    store_close(s.store);
    *progress = s.progress;
    return end;
}

/* One step of lab_order; nothing if it is done. */
static enum lab_end do_step(struct lab *lab, int64_t step, FILE *out, GError **error)
{
    const struct lab_plan *plan = lab->plan;
    struct ledger_progress progress;
    int64_t slice;
    int seed, arm;
    lab_order(plan, step, &slice, &seed, &arm);
    const char *name = plan->arms[arm].name;
    if (!ledger_progress(lab->ledger, name, plan->seeds[seed], &progress, error))
        return LAB_FAILED;
    if (progress.slices > slice)
        return LAB_FINISHED;
    enum lab_end end = lab_train_slice(lab, arm, seed, slice, &progress, out, error);
    if (end != LAB_FAILED && !ledger_keep_progress(lab->ledger, name, plan->seeds[seed], &progress, error))
        end = LAB_FAILED;
    return end;
}

static enum lab_end do_steps(struct lab *lab, FILE *out, GError **error)
{
    const struct lab_plan *plan = lab->plan;
    int64_t steps = plan->keys.slices * plan->seed_count * plan->arm_count;
    enum lab_end end = LAB_FINISHED;
    for (int64_t step = 0; step < steps && end == LAB_FINISHED; step++)
        end = lab->stop && atomic_load(lab->stop) ? LAB_STOPPED : do_step(lab, step, out, error);
    return end;
}

enum lab_end lab_train(struct lab *lab, GError **error)
{
    FILE *out = lab->log ? lab->log : fopen("/dev/null", "w");
    if (!out) {
        g_set_error_literal(error, LAB_ERROR, LAB_ERROR_PLACE, "cannot open /dev/null");
        return LAB_FAILED;
    }
    enum lab_end end = lab->cluster ? lab_train_on_ranks(lab, out, error) : do_steps(lab, out, error);
    if (out != lab->log)
        fclose(out);
    return end;
}

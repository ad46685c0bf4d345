#include "engine/training/reporter.h"

#include <math.h>

#include "engine/settings/settings.h"
#include "engine/store/files/budget.h"
#include "engine/store/store.h"
#include "engine/training/learner.h"
#include "engine/training/recovery/memory.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"
#include "net/train.h"

/* ---- accumulators ---- */

void loss_sums_add(struct loss_sums *sums, const struct net_losses *losses)
{
    if (!losses->finite)
        return;
    sums->total += losses->total;
    for (int t = 0; t < NET_TARGETS; t++)
        if (!isnan(losses->target[t])) {
            sums->target[t] += losses->target[t];
            sums->target_count[t]++;
        }
    sums->grad_norm += losses->grad_norm;
    sums->count++;
}

/* Computes the means and resets the sums. Returns false if there were no steps. */
static bool loss_sums_take(struct loss_sums *sums, struct net_losses *means)
{
    if (sums->count == 0)
        return false;
    float n = (float)sums->count;
    *means = (struct net_losses){.total = sums->total / n, .grad_norm = sums->grad_norm / n, .finite = true};
    for (int t = 0; t < NET_TARGETS; t++)
        means->target[t] = sums->target_count[t] ? sums->target[t] / (float)sums->target_count[t] : NAN;
    *sums = (struct loss_sums){0};
    return true;
}

void training_tally_learner(struct training_tally *tally, const struct learner *learner)
{
    tally->now.rows = learner_made(learner);
    tally->now.window_rows = learner_window_rows(learner);
    tally->now.steps = learner_steps(learner);
    tally->now.samples = learner_samples(learner);
    tally->now.roll_backs = learner_roll_backs(learner);
}

struct progress_report training_tally_take(struct training_tally *tally)
{
    struct progress_report report = tally->now;
    report.plies_per_game = progress_games_plies(&tally->recent);
    report.diversity = progress_games_diversity(&tally->recent);
    report.has_losses = loss_sums_take(&tally->losses, &report.losses);
    report.has_unseen = loss_sums_take(&tally->unseen, &report.unseen);
    return report;
}

/* ---- reports ---- */

void training_reporter_begin(struct training_reporter *reporter, const struct training_options *options, double started,
                             const struct progress_report *began)
{
    *reporter = (struct training_reporter){.options = options,
                                           .started = started,
                                           .last = started,
                                           .limited = training_limited_clock(options),
                                           .processor = training_processor_clock(),
                                           .began = *began,
                                           .games = began->games};
}

bool training_report_due(const struct training_reporter *reporter)
{
    const struct training_options *options = reporter->options;
    double now = training_clock();
    double interval = options->style == PROGRESS_LIVE   ? 2
                      : options->report_seconds > 0     ? options->report_seconds
                      : now - reporter->started < 120.0 ? 10
                                                        : 60;
    return now - reporter->last >= interval;
}

static void store_metric(const struct training_options *options, const struct progress_report *r)
{
    struct store_metric metric = {.seconds = r->seconds,
                                  .games = r->games,
                                  .positions = r->positions,
                                  .steps = r->steps,
                                  .samples = r->samples,
                                  .generation = r->generation,
                                  .loss = r->losses.total,
                                  .policy_loss = r->losses.target[NET_TARGET_POLICY],
                                  .value_loss = r->losses.target[NET_TARGET_VALUE],
                                  .unseen_policy_loss = r->has_unseen ? r->unseen.target[NET_TARGET_POLICY] : NAN,
                                  .unseen_value_loss = r->has_unseen ? r->unseen.target[NET_TARGET_VALUE] : NAN,
                                  .games_per_s = r->games_per_s,
                                  .evals_per_s = r->evals_per_s,
                                  .plies_per_game = r->plies_per_game,
                                  .diversity = r->diversity,
                                  .visits = r->visits,
                                  .memory = r->memory,
                                  .disk = r->disk};
    GError *error = NULL;
    if (!store_add_metric(options->store, &metric, &error))
        g_clear_error(&error); /* not fatal: if the disk is full, the next game or checkpoint fails with that error */
}

/* Since the previous report. */
static void store_processor_seconds(struct training_reporter *reporter)
{
    double now = training_processor_clock();
    GError *error = NULL;
    if (store_add_processor_time(reporter->options->store, now - reporter->processor, &error))
        reporter->processor = now;
    else
        g_clear_error(&error); /* likewise; the next report adds it */
}

/* Prints the estimate once, after the first minute. */
static void estimate(struct training_reporter *reporter, const struct progress_report *report)
{
    const struct training_options *options = reporter->options;
    if (report->seconds < 60 || reporter->estimated)
        return;
    reporter->estimated = true;
    if (options->style == PROGRESS_LIVE)
        fputc('\n', options->out);
    if (options->style != PROGRESS_JSON)
        progress_estimate(options->out, &reporter->began, report);
}

void training_report(struct training_reporter *reporter, struct progress_report report, uint64_t evaluations)
{
    const struct training_options *options = reporter->options;
    double now = training_clock(), passed = fmax(now - reporter->last, 1e-3);
    report.seconds = now - reporter->started;
    report.first_rows = options->settings->first_rows;
    report.seconds_left =
        options->seconds > 0
            ? options->seconds - (options->until ? training_limited_clock(options) - reporter->limited : report.seconds)
            : -1;
    report.games_per_s = (double)(report.games - reporter->games) / passed;
    report.evals_per_s = (double)(evaluations - reporter->evaluations) / passed;
    report.memory = (double)memory_resident();
    report.disk = (double)budget_used(options->store);
    progress_print(options->out, options->style, &report);
    store_metric(options, &report);
    store_processor_seconds(reporter);
    reporter->last = now;
    reporter->games = report.games;
    reporter->evaluations = evaluations;
    estimate(reporter, &report);
}

void training_reporter_end(const struct training_reporter *reporter)
{
    if (reporter->options->style == PROGRESS_LIVE)
        fputc('\n', reporter->options->out);
}

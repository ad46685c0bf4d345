#include "engine/training/reporter.h"

#include <math.h>

#include "engine/cluster/host.h"
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

/* Processor time of the other ranks. */
static double spent_elsewhere(const struct training_options *options)
{
    return options->cluster ? cluster_host_processor_time(options->cluster) : 0;
}

/* Processor time of this process and of the other ranks. */
static double spent(const struct training_options *options)
{
    return training_processor_clock() + spent_elsewhere(options);
}

void training_reporter_begin(struct training_reporter *reporter, const struct training_options *options, double started,
                             const struct progress_report *began)
{
    *reporter = (struct training_reporter){.options = options,
                                           .started = started,
                                           .last = started,
                                           .limited = training_limited_clock(options),
                                           .processor = spent(options),
                                           .self_play = spent_elsewhere(options),
                                           .began = *began,
                                           .games = began->games,
                                           .summary = {.since = started, .games = began->games}};
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
static void store_processor_seconds(struct training_reporter *reporter, double self_play_here)
{
    const double now = spent(reporter->options), self_play = self_play_here + spent_elsewhere(reporter->options);
    struct store_spent more = {.seconds = now - reporter->processor};
    if (reporter->options->trainers < 2) { /* otherwise the other ranks train, too, and how much is not known here */
        more.divided = more.seconds;
        more.self_play = self_play - reporter->self_play;
    }
    GError *error = NULL;
    if (store_add_spent(reporter->options->store, &more, &error)) {
        reporter->processor = now;
        reporter->self_play = self_play;
    } else {
        g_clear_error(&error); /* likewise; the next report adds it */
    }
}

/* ---- summaries on a terminal ---- */

static const double summary_seconds = 300;

static float *summary_figure(struct progress_report *report, int i)
{
    float *const figures[REPORTER_FIGURES] = {
        &report->losses.total, &report->losses.target[NET_TARGET_POLICY], &report->losses.target[NET_TARGET_VALUE],
        &report->unseen.target[NET_TARGET_POLICY], &report->unseen.target[NET_TARGET_VALUE]};
    return figures[i];
}

static void summarise(struct training_reporter *reporter, struct progress_report report, uint64_t evaluations,
                      double now)
{
    struct training_summary *summary = &reporter->summary;
    for (int i = 0; i < REPORTER_FIGURES; i++)
        if ((i < 3 ? report.has_losses : report.has_unseen) && isfinite(*summary_figure(&report, i))) {
            summary->sums[i] += *summary_figure(&report, i);
            summary->counts[i]++;
        }
    double passed = now - summary->since;
    if (passed < summary_seconds)
        return;
    report.has_losses = summary->counts[0] > 0;
    report.has_unseen = summary->counts[REPORTER_FIGURES - 1] > 0;
    for (int i = 0; i < REPORTER_FIGURES; i++)
        *summary_figure(&report, i) = (float)(summary->sums[i] / MAX(summary->counts[i], 1));
    report.games_per_s = (double)(report.games - summary->games) / passed;
    report.evals_per_s = (double)(evaluations - summary->evaluations) / passed;
    fputs("\r\033[K", reporter->options->out);
    progress_print(reporter->options->out, PROGRESS_PLAIN, &report);
    *summary = (struct training_summary){.since = now, .games = report.games, .evaluations = evaluations};
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
    const double used = options->until ? training_limited_clock(options) - reporter->limited : report.seconds;
    report.seconds_left = options->seconds > 0 ? fmax(options->seconds - used, 0) : -1;
    report.games_per_s = (double)(report.games - reporter->games) / passed;
    report.evals_per_s = (double)(evaluations - reporter->evaluations) / passed;
    report.memory = (double)memory_resident();
    report.disk = (double)budget_used(options->store);
    if (options->style == PROGRESS_LIVE)
        summarise(reporter, report, evaluations, now);
    progress_print(options->out, options->style, &report);
    store_metric(options, &report);
    store_processor_seconds(reporter, report.self_play);
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

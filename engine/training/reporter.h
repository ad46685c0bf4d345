/* Progress reports of a training run, for the training loops: statistics are accumulated as events occur and
 * periodically written out as a progress line and a row of metrics in the store. A reporter is not locked: only the thread in which
 * training_run was called uses it. */
#ifndef TENGEN_ENGINE_TRAINING_REPORTER_H
#define TENGEN_ENGINE_TRAINING_REPORTER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/training/progress.h"
#include "net/targets.h"

struct learner;
struct net_losses;
struct training_options;

/* Sums of losses since the previous report. */
struct loss_sums {
    float total, target[NET_TARGETS], grad_norm;
    int64_t count, target_count[NET_TARGETS]; /* of batches; target_count: those with rows that have the target */
};
void loss_sums_add(struct loss_sums *sums, const struct net_losses *losses);

/* Statistics so far. Not locked: callers that share it between threads must. */
struct training_tally {
    struct progress_report now; /* counters; training_report fills the other fields */
    uint64_t evaluations;       /* of this session */
    struct progress_games recent;
    struct loss_sums losses, unseen; /* of batches; on rows of new games, before anything was learned from them */
};
/* Copies the learner's counters. */
void training_tally_learner(struct training_tally *tally, const struct learner *learner);
/* A snapshot for a report, with means since the previous one; resets the sums of losses. */
struct progress_report training_tally_take(struct training_tally *tally);

/* What a terminal is shown as a plain line every few minutes, beside the live line: means since the previous one. */
enum { REPORTER_FIGURES = 5 };
struct training_summary {
    double since; /* by training_clock */
    int64_t games;
    uint64_t evaluations;
    double sums[REPORTER_FIGURES]; /* losses of the reports: total, policy, value, and policy and value of new games */
    int counts[REPORTER_FIGURES];
};

struct training_reporter {
    const struct training_options *options;
    double started, last;         /* by training_clock */
    double limited;               /* by training_limited_clock, at the start */
    double processor, self_play;  /* processor time of all ranks, and in self-play, seconds, at the previous report */
    struct progress_report began; /* counters at the start of the session */
    int64_t games;                /* at the previous report, like `evaluations` */
    uint64_t evaluations;
    bool estimated;
    struct training_summary summary;
};
/* began: the store's counts. started: start of the session, by training_clock. */
void training_reporter_begin(struct training_reporter *reporter, const struct training_options *options, double started,
                             const struct progress_report *began);
/* Whether the next report is due: by default every 10 s for the first two minutes, then once a minute; every 2 s on a
 * terminal. */
bool training_report_due(const struct training_reporter *reporter);
/* Completes the report (times, rates), prints it and stores it as a metric; on a terminal, also prints a plain line every five minutes
 * with the means since the previous such line. Errors of the store are not reported: the metric is then lost, and the processor time
 * is added with the next report. A full disk shows when the next games or checkpoint are written. */
void training_report(struct training_reporter *reporter, struct progress_report report, uint64_t evaluations);
/* Ends the live line. */
void training_reporter_end(const struct training_reporter *reporter);

#endif

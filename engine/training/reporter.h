/* Reports of a training run, for both training loops: figures are gathered as things happen, and now and then become a
 * line of progress and a row of metrics in the store. */
#ifndef TENGEN_ENGINE_TRAINING_REPORTER_H
#define TENGEN_ENGINE_TRAINING_REPORTER_H

#include "engine/training/learner.h"
#include "engine/training/training.h"

/* Sums of losses between two reports. */
struct loss_sums {
    float total, target[NET_TARGETS], grad_norm;
    int64_t count;
};
void loss_sums_add(struct loss_sums *sums, const struct net_losses *losses);

/* What happened so far. Whoever shares it between threads locks it. */
struct training_tally {
    struct progress_report now; /* counts; the other fields are made by a report */
    uint64_t evaluations;       /* of this session */
    struct progress_games recent;
    struct loss_sums losses;
};
/* Takes over what the learner has counted. */
void training_tally_learner(struct training_tally *tally, const struct learner *learner);
/* A copy for a report, with the means of what came in since the last one; empties the sums of losses. */
struct progress_report training_tally_take(struct training_tally *tally);

struct training_reporter {
    const struct training_options *options;
    double started, last;         /* by training_clock */
    struct progress_report began; /* what there was when the session began */
    int64_t games;                /* at the report before, as `evaluations` */
    uint64_t evaluations;
    bool estimated;
};
/* began: counts of the store. started: when the session began, by training_clock. */
void training_reporter_begin(struct training_reporter *reporter, const struct training_options *options, double started,
                             const struct progress_report *began);
/* Whether it is time for the next report: every 10 s in the first minutes, then once a minute; on a terminal every two
 * seconds. */
bool training_report_due(const struct training_reporter *reporter);
/* Completes the report (times, rates), prints it and keeps it in the store. */
void training_report(struct training_reporter *reporter, struct progress_report report, uint64_t evaluations);
/* Ends the live line. */
void training_reporter_end(const struct training_reporter *reporter);

#endif

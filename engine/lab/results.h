/* The results of a lab, and what is computed from them: means over the seeds, and each arm's difference to the baseline. */
#ifndef TENGEN_ENGINE_LAB_RESULTS_H
#define TENGEN_ENGINE_LAB_RESULTS_H

#include <stdbool.h>

#include "engine/lab/plan.h"

enum lab_metric {
    LAB_PARAMETERS,
    LAB_ACTIVE,      /* parameters that one position uses */
    LAB_EVALUATIONS, /* a second of processor time, one position at a time, as a search asks for them */
    LAB_STEPS,
    LAB_SAMPLES,
    LAB_GAMES, /* generated; for same-data, those that the arms were trained on and the others */
    LAB_ROWS,
    LAB_SECONDS, /* of processor time, of training */
    /* Of the final net on rows that it was trained on, and on rows of held-out games. */
    LAB_LOSS,
    LAB_POLICY_LOSS,
    LAB_VALUE_LOSS,
    LAB_HELD_LOSS,
    LAB_HELD_POLICY_LOSS,
    LAB_HELD_VALUE_LOSS,
    LAB_MEASURES, /* those before are kept in the ledger */
    LAB_ELO_VISITS = LAB_MEASURES,
    LAB_ELO_TIME,
    LAB_METRICS
};

struct lab_metric_info {
    const char *key, *title; /* for scripts and for people */
    int decimals;
    bool compared; /* with the baseline */
};
extern const struct lab_metric_info lab_metrics[LAB_METRICS];

struct lab_value {
    double value, low, high; /* 95 % interval, for Elo; NAN: unknown */
};

/* A player of the pools that is no arm: the common start, an anchor, or an arm with the options of another effort (efforts.h). */
struct lab_other {
    char *name;
    struct lab_value elo[2]; /* at equal visits, at equal time */
};

struct lab_results {
    const struct lab_plan *plan;
    struct lab_value (*values)[LAB_MAX_SEEDS][LAB_METRICS]; /* [arms] */
    GArray *others;                                         /* struct lab_other */
    bool finished;                                          /* false: an unfinished lab */
};
/* All values unknown. */
void lab_results_init(struct lab_results *results, const struct lab_plan *plan);
void lab_results_clear(struct lab_results *results);
/* Whether any arm has a value. */
bool lab_results_has(const struct lab_results *results, enum lab_metric metric);

/* Whether a metric is compared with the baseline and has values. Games are not compared where all arms learn from the
 * same ones, nor losses where each arm's are on its own games: stronger play has other positions, which may be harder to predict. */
bool lab_is_compared(const struct lab_results *results, enum lab_metric metric);

struct lab_summary {
    double mean;                  /* over the seeds that have a value; NAN without any */
    double difference, low, high; /* arm minus baseline, over the seeds that both have; NAN: unknown */
    bool differs;                 /* the interval excludes 0 */
};
/* The baseline's own difference is unknown. */
struct lab_summary lab_summarise(const struct lab_results *results, int arm, enum lab_metric metric);

#endif

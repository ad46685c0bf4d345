/* Running a lab: training of every arm from every seed, measures, comparison. Everything lies in one folder:
 *
 *   FOLDER/lab.db                the ledger: what is done
 *   FOLDER/runs/ARM-SEED/        a training run each, as tengen train makes them
 *   FOLDER/visits/, time/        the matches of the final nets, as tengen match makes them
 *   FOLDER/report.txt, .csv, .json, .html
 *
 * The arms train one after the other in this process, through engine/training, rather than as other processes: the
 * learner's clock can then be the processor time of this process, which is all spent on one arm at a time, and a stop
 * reaches it between two moves. Each phase begins where the last one was stopped, at whatever moment that was. In a job of
 * several ranks (ranks/ranks.h) each of them does so, with arms of its own. */
#ifndef TENGEN_ENGINE_LAB_LAB_H
#define TENGEN_ENGINE_LAB_LAB_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/training/stored.h"

struct cluster_host;
struct lab_plan;
struct lab_results;

struct lab {
    const struct lab_plan *plan; /* settled */
    char *folder;
    struct ledger *ledger;
    struct stored_games data; /* same-data: what the arms are trained on; its store is open for reading */
    int threads;              /* that compute at once, in self-play and matches */
    FILE *log;                /* progress; NULL: none */
    const atomic_bool *stop;  /* ends the work between two moves; NULL: never */
    const atomic_bool *stop_training; /* the same, for training, which takes signals itself; NULL: never */
    struct cluster_host *cluster;     /* the other ranks of this job; NULL: there are none */
};

/* Checks, without changing the file system, what lab_open checks, except what the folder holds of an earlier lab. */
bool lab_check(const struct lab_plan *plan, const char *folder, GError **error);
/* Opens or creates the folder, and compares what it holds with the plan. plan: settled, outlives the lab. Sets `threads` to 1, and the
 * members after it to NULL, for the caller to change. On failure returns false with the error set, and there is nothing to close. */
bool lab_open(struct lab *lab, const struct lab_plan *plan, const char *folder, GError **error);
/* On another rank than 0, which has the ledger: what lab_train_slice needs. before: lab->data.before of rank 0. */
bool lab_join(struct lab *lab, const struct lab_plan *plan, const char *folder, int64_t before, GError **error);
void lab_close(struct lab *lab);

enum lab_end { LAB_FINISHED, LAB_STOPPED, LAB_FAILED };
/* Does what is not done yet: training, measures, comparison. Fills results, to be initialised before, with everything that
 * is known when it ends. From the main thread, with no others running. LAB_FAILED sets the error. */
enum lab_end lab_run(struct lab *lab, struct lab_results *results, GError **error);

/* The folder of an arm's run with a seed of the plan; freed by the caller. */
char *lab_run_folder(const struct lab *lab, int arm, int seed);

/* ---- the phases (train.c, measure.c, compare.c): LAB_FAILED sets the error; LAB_STOPPED, without an error, if told to stop ---- */

/* The order of the slices of training: the arms in turn for each seed, so that a machine that gets slower or faster meets
 * them alike. step: from 0 to slices * seeds * arms - 1. */
void lab_order(const struct lab_plan *plan, int64_t step, int64_t *slice, int *seed, int *arm);
/* The slices that the ledger does not count as trained. */
enum lab_end lab_train(struct lab *lab, GError **error);
/* Trains one slice of an arm from `progress`, which it updates; the caller stores it. out: for the output of training. */
struct ledger_progress;
enum lab_end lab_train_slice(struct lab *lab, int arm, int seed, int64_t slice, struct ledger_progress *progress,
                             FILE *out, GError **error);
/* Measures of the final nets that are not in the ledger yet. */
enum lab_end lab_measure(struct lab *lab, GError **error);
/* Checks the game, the openings and the anchors of the comparison, before anything is trained. False with the error set. */
bool lab_check_comparison(const struct lab *lab, GError **error);
/* Plays what is missing of the matches. results: to be initialised before; gets the Elo of all games so far, also if stopped. */
enum lab_end lab_compare(struct lab *lab, struct lab_results *results, GError **error);

#endif

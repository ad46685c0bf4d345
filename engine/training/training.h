/* The training loop: self-play workers and the learner run concurrently or, in deterministic mode, alternate.
 *
 *   workers --records--> writer (store)          main thread: signals, clock, progress
 *          \--records--> trainer thread --net--> workers, between moves
 *
 * At most `threads` of the computing threads run at once, the trainer with priority. The trainer waits on a condition
 * variable for rows to train on, the workers while the trainer is too far behind. */
#ifndef TENGEN_ENGINE_TRAINING_TRAINING_H
#define TENGEN_ENGINE_TRAINING_TRAINING_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/training/progress.h"
#include "net/net.h"

struct cluster_host;
struct cluster_terms;
struct cluster_worker;
struct stored_games;

struct training_options {
    struct store *store; /* open for writing; settings saved */
    const struct settings *settings;
    const struct game *games;
    int game_count;
    int threads;         /* at least 1 */
    double seconds;      /* time limit; 0: none */
    bool processor_time; /* `seconds`, and the time stored with checkpoints, is processor time of all threads of this
                            process rather than time by the clock */
    bool until; /* `seconds` end at a time of day: they pass even while the process or the machine is suspended */
    int64_t generations; /* stops at this generation; 0: no limit */
    int64_t steps;       /* stops after this many steps of the run; 0: no limit */
    /* How much of the learning rate's schedule is over when this session begins, and when it reaches its limit of seconds: 0..1. Both
     * 0 stand for 0 and 1. With a limit of steps, those of the whole run count, so that the schedule begins with the run. */
    double schedule_from, schedule_to;
    bool ladder; /* measure strength, as the settings say; never with data, nor with settings->deterministic */
    const struct stored_games *data; /* trains on these games, without self-play; NULL: self-play */
    enum net_backend backend;
    enum net_dtype dtype;
    enum progress_style style;
    double report_seconds; /* between two plain or JSON reports; 0: default, see training_report_due */
    FILE *out;
    const char *command; /* recorded in the notes of the nets */
    const atomic_bool *stop;      /* ends the run as a signal does, when another thread sets it; NULL: never */
    struct cluster_host *cluster; /* the other ranks of this job, which play too; NULL: there are none */
    int trainers;                 /* how many ranks train (0 to trainers - 1), this one included; 0: only this one */
};

/* Why a run ended; the store is consistent in every case. */
enum training_end { TRAINING_TIME, TRAINING_GENERATIONS, TRAINING_STEPS, TRAINING_INTERRUPTED, TRAINING_FAILED };
/* Runs until a limit is reached, a signal arrives or an error occurs. The first SIGINT, SIGTERM or SIGHUP ends the run cleanly,
 * a second kills the process; but if the program has set a handler, both reach it, and the second does not kill. Call
 * from the main thread, with no other threads running. TRAINING_FAILED sets the error. */
enum training_end training_run(const struct training_options *options, GError **error);

/* On another rank of the job: trains with rank 0 until the job ends, informing it of failures. In a thread of its own. */
void training_run_mate(struct cluster_worker *worker, const struct cluster_terms *terms);

#endif

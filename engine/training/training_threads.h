/* The threads of a training that is not deterministic: training.c (the main one, which reports), worker.c
 * (self-play, several), trainer.c (one). At most `limit` of workers and trainer compute at a time. */
#ifndef TENGEN_ENGINE_TRAINING_TRAINING_THREADS_H
#define TENGEN_ENGINE_TRAINING_TRAINING_THREADS_H

#include <pthread.h>

#include "engine/store/live.h"
#include "engine/training/reporter.h"
#include "engine/training/training_internal.h"

struct training {
    const struct training_options *options;
    struct training_signals *signals;
    struct writer *writer;
    struct live *live; /* NULL: nobody can watch */
    double started;
    struct training_reporter reporter; /* the main thread's */

    pthread_mutex_t lock;
    pthread_cond_t changed; /* broadcast whenever anything below changes that a thread may wait for */
    /* All below guarded by lock. */
    bool stopping, ready; /* ready: the learner has its first net */
    GError *failure;      /* the first one */
    struct net *net;      /* what workers play with; a reference */
    uint32_t generation;
    GPtrArray *inbox; /* records for the trainer */
    uint64_t next_number;
    double credit; /* samples that the trainer may still draw for the rows that it knows */
    double behind; /* samples that it lacks to samples_floor on the rows since the start, its first credit included */
    double owed_inbox;   /* and on those still in the inbox */
    int64_t made_before; /* rows at the start; -1 until known */
    int running, limit;  /* computing threads */
    bool trainer_wants;  /* to run: goes before the workers */
    struct training_tally tally;
};

struct worker {
    struct training *training;
    int index;
    bool running; /* has room to compute: a game is in play */
};

/* Ends the training; takes the error, and the lock. */
void training_fail(struct training *t, GError *error);
/* Waits for room to compute, and takes it, or gives it back; with the lock held. A trainer goes before the workers. */
void training_start_running(struct training *t, bool trainer);
void training_stop_running(struct training *t);
/* Between floor and ceiling the trainer draws what it can: neither waits for the other. */
double training_floor_samples(const struct settings *settings);
/* Samples that the trainer may fall behind the floor before the workers wait for it. */
double training_slack(const struct training *t);

/* Thread functions: of a struct worker, and of the struct training. */
void *training_run_worker(void *worker);
void *training_run_trainer(void *training);

#endif

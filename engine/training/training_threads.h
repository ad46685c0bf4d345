/* The threads of non-deterministic training: training.c (the main thread, which reports), worker.c (several,
 * self-play), trainer.c (one), measure.c (at most one). At most `limit` of all but the first compute at a time. */
#ifndef TENGEN_ENGINE_TRAINING_TRAINING_THREADS_H
#define TENGEN_ENGINE_TRAINING_TRAINING_THREADS_H

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/training/recovery/disk.h"
#include "engine/training/reporter.h"

struct settings;

struct training {
    const struct training_options *options;
    struct training_signals *signals;
    struct writer *writer;
    struct live *live; /* NULL: no live view */
    double started, began;             /* by training_clock, and by training_limited_clock */
    struct training_reporter reporter; /* main thread only */
    struct disk_pause pause;

    pthread_mutex_t lock;
    pthread_cond_t changed; /* broadcast on any change below that a thread may wait for */
    /* Everything below is guarded by lock. */
    bool stopping, ready; /* ready: the learner has published its first net */
    GError *failure;      /* the first one */
    struct net *net;      /* used by the workers; own reference */
    uint32_t generation;
    GPtrArray *inbox; /* records for the trainer */
    struct start_archive *starts; /* NULL: every game begins at the start of a game */
    struct memories *memories;    /* NULL: none begins at one */
    uint64_t next_number;
    double credit;       /* samples that the trainer may still train on for the rows it has received */
    double behind;       /* samples short of samples_floor for the rows since the start, initial credit included */
    double owed_inbox;   /* the same, for rows still in the inbox */
    int64_t made_before; /* rows at the start; -1 until known */
    int running, limit;  /* computing threads */
    int waiting;         /* threads that wait for a slot with priority over the workers: trainer, measuring */
    struct training_tally tally;
};

struct worker {
    struct training *training;
    int index;
    bool running; /* holds a slot to compute: a game is in progress */
};

/* Stops training; takes ownership of the error, acquires the lock. */
void training_fail(struct training *t, GError *error);
/* Whether it is stopping; for disk_wait. */
bool training_is_stopping(void *training);
/* Waits for and takes a slot to compute, or returns it; the lock must be held. first: with priority over those without. */
void training_start_running(struct training *t, bool first);
void training_stop_running(struct training *t);
/* Samples per row below which self-play waits for the trainer: samples_floor, at most samples_per_row. Between the two,
 * neither waits for the other. */
double training_floor_samples(const struct settings *settings);
/* The number of samples by which the trainer may fall behind the floor before the workers wait. */
double training_slack(const struct training *t);

/* Starts measuring the run's strength in a thread of its own (measure.c). NULL if it is not to be measured, or, with a message on
 * stderr, cannot be. Without the lock, as training_stop_measuring, which accepts NULL and is to be called once the run is stopping. */
struct measuring;
struct measuring *training_start_measuring(struct training *t);
void training_stop_measuring(struct measuring *measuring);

/* Thread functions; their arguments are a struct worker and the struct training. */
void *training_run_worker(void *worker);
void *training_run_trainer(void *training);

#endif

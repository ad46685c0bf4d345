/* The threads of non-deterministic training: training.c (the main thread, which reports), worker.c (several,
 * self-play), trainer.c (one), measure.c (at most one). At most `limit` of all but the first compute at a time. */
#ifndef TENGEN_ENGINE_TRAINING_TRAINING_THREADS_H
#define TENGEN_ENGINE_TRAINING_TRAINING_THREADS_H

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/selfplay/against.h"
#include "engine/training/recovery/disk.h"
#include "engine/training/reporter.h"

struct record;
struct settings;

struct training {
    const struct training_options *options;
    struct training_signals *signals;
    struct writer *writer;
    struct live *live;                 /* NULL: no live view */
    double started, began;             /* by training_clock, and by training_limited_clock */
    struct training_reporter reporter; /* main thread only */
    struct disk_pause pause;

    pthread_mutex_t lock;
    pthread_cond_t changed; /* broadcast on any change below that a thread may wait for */
    /* Everything below is guarded by lock. */
    bool stopping, ready; /* ready: the learner has published its first net */
    bool told_to_stop;    /* another rank of the job has received a signal */
    GError *failure;      /* the first one */
    struct net *net;      /* used by the workers; own reference */
    uint32_t generation;
    GPtrArray *inbox;             /* records for the trainer */
    size_t inbox_bytes;           /* that these take */
    struct start_archive *starts; /* NULL: every game begins at the start of a game */
    struct memories *memories;    /* NULL: none begins at one */
    struct net *opponent;         /* of settings->against; NULL: none. Constant */
    struct against against;       /* how the run fares against it */
    int64_t stored_visits;        /* of the opponent, in the stored settings; main thread only */
    uint64_t next_number;
    double credit;       /* samples that the trainer may still train on for the rows it has received */
    double behind;       /* samples short of samples_floor for the rows since the start, initial credit included */
    double owed_inbox;   /* the same, for rows still in the inbox */
    int64_t made_before; /* rows at the start; -1 until known */
    double judge_at;     /* by training_clock: from then on the next game is judged; the trainer's own */
    int running, limit;  /* computing threads */
    int waiting;         /* threads that wait for a slot with priority over the workers: trainer, measuring */
    struct training_tally tally;
};

struct worker {
    struct training *training;
    int index;
    bool running;     /* holds a slot to compute: a game is in progress */
    double processor; /* of its thread, at the end of its last game, seconds */
};

/* Stops training; takes ownership of the error, acquires the lock. */
void training_fail(struct training *t, GError *error);
/* Whether it is stopping; for disk_wait. */
bool training_is_stopping(void *training);
/* Waits for a slot to compute and takes it. first: with priority over threads that pass false. The lock must be held, here and in
 * the next two. */
void training_start_running(struct training *t, bool first);
/* Also takes all slots that are free at this moment; returns how many. */
int training_take_free(struct training *t);
/* Gives slots back. */
void training_stop_running(struct training *t, int slots);
/* The number of samples by which the trainer may fall behind the floor before the workers wait. */
double training_slack(const struct training *t);

/* Whether self-play is to wait for the trainer or the store. The lock must be held, here and in the next. */
bool training_is_behind(const struct training *t);
/* Fills in the next game of the run. */
struct selfplay_assignment;
void training_assign(struct training *t, struct selfplay_assignment *next);
/* Passes a finished game to the store and the trainer; takes ownership. Returns its place in the order of commits: the number of
 * games in the store once it is committed. Without the lock. */
int64_t training_take_game(struct training *t, struct record *record, uint64_t evaluations);

/* Serves the other ranks of the job, if there are any (ranks.c). Once a net has been published. */
void training_serve_ranks(struct training *t);

/* Starts measuring the run's strength in a thread of its own (measure.c). NULL if it is not to be measured, or if it cannot be, which
 * is reported on stderr. training_stop_measuring accepts NULL; call it once the run is stopping. The lock must not be held in either. */
struct measuring;
struct measuring *training_start_measuring(struct training *t);
void training_stop_measuring(struct measuring *measuring);

/* Thread functions; their arguments are a struct worker and the struct training. */
void *training_run_worker(void *worker);
void *training_run_trainer(void *training);

#endif

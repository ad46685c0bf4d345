/* The training loop: self-play workers and the learner at the same time, or, deterministically, in turns.
 *
 *   workers --records--> writer (store)          main thread: signals, clock, progress
 *          \--records--> trainer thread --net--> workers, between moves
 *
 * At most `threads` of the computing threads run at once, the trainer before the workers; the trainer waits until there
 * are rows to train on, the workers while it is far behind, all on condition variables. */
#ifndef TENGEN_ENGINE_TRAINING_TRAINING_H
#define TENGEN_ENGINE_TRAINING_TRAINING_H

#include "engine/training/progress.h"
#include "engine/store/store.h"

struct training_options {
    struct store *store; /* open for writing; settings saved */
    const struct settings *settings;
    const struct game *games;
    int game_count;
    int threads;         /* 1 and up */
    double seconds;      /* 0: without end */
    int64_t generations; /* stop once there are so many; 0: no such end */
    enum net_backend backend;
    enum net_dtype dtype;
    enum progress_style style;
    double report_seconds; /* between two plain or JSON reports; 0: the preset, rare in the long run */
    FILE *out;
    const char *command; /* for notes in the nets */
};

/* How a run ended; the store is whole in every case. */
enum training_end { TRAINING_TIME, TRAINING_GENERATIONS, TRAINING_INTERRUPTED, TRAINING_FAILED };
/* Runs until an end. SIGINT or SIGTERM once ends it cleanly, a second SIGINT at once. Call from the main thread, with
 * no other threads about. TRAINING_FAILED comes with an error. */
enum training_end training_run(const struct training_options *options, GError **error);

#endif

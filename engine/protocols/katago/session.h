/* What the files of the analysis protocol share. For engine/protocols/katago/ alone. */
#ifndef TENGEN_ENGINE_PROTOCOLS_KATAGO_SESSION_H
#define TENGEN_ENGINE_PROTOCOLS_KATAGO_SESSION_H

#include <cjson/cJSON.h>
#include <pthread.h>

#include "agents/agent.h"
#include "engine/protocols/katago/analysis.h"

struct analysis_move {
    uint8_t colour;
    game_move move;
};

/* What a query asks; constant once it is queued, owned by its tasks together. */
struct analysis_query {
    int users; /* tasks, and the reader while it adds them; guarded by the queue's lock */
    char *id;
    struct game game;
    uint8_t stones[GAME_MAX_POINTS]; /* at the start, an enum game_colour for each point */
    int stone_count;
    uint8_t start_colour; /* to move first; GAME_EMPTY when it is not said */
    GArray *moves;        /* struct analysis_move */
    int64_t visits, time_ms, interval_ms;
    enum analysis_view view;
    bool ownership, policy, line_visits;
    bool restricted[2]; /* black's, white's first move, to `allowed` */
    uint8_t allowed[2][GAME_MAX_MOVES];
};

/* One position to be analysed. */
struct analysis_task {
    struct analysis_query *query;
    int turn;
    int64_t priority;
    uint64_t number; /* in the order of arrival */
    atomic_bool stop;
};

struct analysis_worker {
    struct analysis *analysis;
    pthread_t thread;
    struct agent *agent; /* NULL until it is opened for `game` */
    struct game game;
    unsigned caches;            /* analysis->caches when the agent was opened */
    struct analysis_task *task; /* under way; guarded by the queue's lock */
};

struct analysis {
    struct analysis_config config;
    char *agent_spec;
    struct game game; /* of the config */
    /* output: one line at a time */
    pthread_mutex_t write_lock;
    int out;
    atomic_bool broken; /* nobody reads any more */
    GHashTable *warned; /* settings that were warned about; the reading thread's */
    /* the queue */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    GSequence *tasks; /* struct analysis_task *, the next one first; owned */
    uint64_t arrivals;
    unsigned caches; /* how often they were cleared */
    bool ended;      /* no task will come any more */
    struct analysis_worker workers[ANALYSIS_MAX_WORKERS];
};

/* ---- analysis.c: output; any thread ---- */

/* Writes the object as a line, and frees it. */
void analysis_send(struct analysis *analysis, cJSON *object);
/* {"error":...} with the field and id where they are not NULL. */
void analysis_send_error(struct analysis *analysis, const char *id, const char *field, const char *message);
void analysis_send_warning(struct analysis *analysis, const char *id, const char *field, const char *message);

/* ---- query.c ---- */

/* Reads a query, warns of what it asks in vain, and queues its tasks; or sends an error. */
void analysis_take_query(struct analysis *analysis, const char *id, const cJSON *json);
void analysis_query_free(struct analysis_query *query);

/* ---- settings.c: search settings of a query ---- */

/* Takes one of KataGo's settings into the query; false with a warning in *why (to be freed) for what has no equal here
 * or no sense. */
bool analysis_set(struct analysis_query *query, const char *name, const cJSON *value, char **why);

/* ---- position.c ---- */

/* The position before the move number `turn` (0 is the first) with its history, with the colour to move that the query
 * means. False, with the error set, when it cannot be reached: an illegal move, impossible stones. */
bool analysis_position(const struct analysis_query *query, int turn, struct position *position, struct history *history,
                       GError **error);

/* ---- answer.c ---- */

/* The answer to a task from an agent's report of a position. priors: [game->moves], NAN where a move is not legal; used
 * when the policy is wanted. during: more will follow. */
cJSON *analysis_answer(const struct analysis_task *task, const struct position *position,
                       const struct agent_report *report, const float *priors, bool during);
/* The answer for a task that was ended before anything was found. */
cJSON *analysis_no_answer(const struct analysis_task *task);

/* ---- queue.c; the lock is taken inside ---- */

/* The reader needs the query no more. */
void analysis_queue_release(struct analysis *analysis, struct analysis_query *query);
void analysis_queue_add(struct analysis *analysis, struct analysis_query *query, int turn, int64_t priority);
/* Ends the tasks of this id (NULL: all) whose turn is among those given (NULL: any), each with its answer. */
void analysis_queue_stop(struct analysis *analysis, const char *id, const GArray *turns);
/* Starts and ends the workers; ending waits for what is queued, unless in a hurry. */
void analysis_queue_start(struct analysis *analysis);
void analysis_queue_end(struct analysis *analysis, bool hurry);

/* ---- search.c: one task, in a worker's thread ---- */

void analysis_run_task(struct analysis_worker *worker, struct analysis_task *task);

#endif

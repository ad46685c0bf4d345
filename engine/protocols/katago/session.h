/* Internal to engine/protocols/katago/: the session, its queries, tasks and workers. */
#ifndef TENGEN_ENGINE_PROTOCOLS_KATAGO_SESSION_H
#define TENGEN_ENGINE_PROTOCOLS_KATAGO_SESSION_H

#include <cjson/cJSON.h>
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/protocols/katago/analysis.h"
#include "games/game.h"

struct agent;
struct agent_report;

/* A query. Constant once queued, shared by its tasks. */
struct analysis_query {
    int references; /* of its tasks, and of the reader until all are queued; guarded by the queue's lock */
    char *id;
    struct game game;
    uint8_t stones[GAME_MAX_POINTS]; /* initial stones: an enum game_colour per point */
    int stone_count;
    uint8_t start_colour; /* initialPlayer; GAME_EMPTY: not specified */
    GArray *moves;        /* struct protocol_move */
    int64_t visits, time_ms, interval_ms;
    enum analysis_view view;
    bool ownership, policy, line_visits;
    bool restricted[2]; /* black, white: whether root moves are restricted to `allowed` */
    uint8_t allowed[2][GAME_MAX_MOVES];
};

/* A position to be analysed. */
struct analysis_task {
    struct analysis_query *query;
    int turn;
    int64_t priority;
    uint64_t number; /* in order of arrival */
    atomic_bool stop;
};

struct analysis_worker {
    struct analysis *analysis;
    pthread_t thread;
    struct agent *agent; /* NULL until opened for `game` */
    struct game game;
    unsigned cache_generation;  /* analysis->cache_generation at the last task */
    struct analysis_task *task; /* running; guarded by the queue's lock */
};

struct analysis {
    struct analysis_config config;
    char *agent_spec;
    struct game game; /* from the config */
    /* output */
    pthread_mutex_t write_lock;
    int out;
    atomic_bool broken; /* output closed by the client */
    GHashTable *cautions; /* those printed so far: see agent_caution_once; guarded by write_lock */
    GHashTable *warned; /* "field/subject" of warnings already sent; used by the reader thread only */
    /* the queue */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    GSequence *tasks; /* struct analysis_task *, the next one first; owned */
    uint64_t arrivals;
    unsigned cache_generation; /* number of clear_cache actions */
    bool ended;                /* no more tasks will be added */
    struct analysis_worker workers[ANALYSIS_MAX_WORKERS];
};

/* ---- analysis.c: output; from any thread ---- */

/* Writes the object as a line and frees it. */
void analysis_send(struct analysis *analysis, cJSON *object);
/* Send {"error":...} or {"warning":...}, with field and id unless NULL. */
void analysis_send_error(struct analysis *analysis, const char *id, const char *field, const char *message);
void analysis_send_warning(struct analysis *analysis, const char *id, const char *field, const char *message);
/* Prints the agent's caution on stderr, unless it was printed before. Not a warning to the client, which may take the next
 * line for the answer to its query. */
void analysis_print_caution(struct analysis *analysis, const struct agent *agent);

/* ---- query.c ---- */

/* Reads a query, warns about unsupported fields and queues its tasks, or sends an error. */
void analysis_take_query(struct analysis *analysis, const char *id, const cJSON *json);
void analysis_query_free(struct analysis_query *query);

/* ---- settings.c: search settings of a query ---- */

/* Applies one of KataGo's search settings to the query. Returns false, with a warning in *why (freed by g_free), if it
 * is not supported or invalid. */
bool analysis_set(struct analysis_query *query, const char *name, const cJSON *value, char **why);

/* ---- position.c ---- */

/* Fills position and history after the first `turn` moves of the query, with the player to move implied by the query.
 * Returns false, with the error set, if a move is illegal or the initial stones are not a valid position. */
bool analysis_position(const struct analysis_query *query, int turn, struct position *position, struct history *history,
                       GError **error);

/* ---- answer.c ---- */

/* The response to a task, from an agent's report on its position; freed by the caller. priors: [game->moves], NAN for
 * illegal moves; used if the policy was requested. during: an intermediate report. */
cJSON *analysis_answer(const struct analysis_task *task, const struct position *position,
                       const struct agent_report *report, const float *priors, bool during);
/* The response to a task that was stopped before it had any result; freed by the caller. */
cJSON *analysis_no_results(const struct analysis_task *task);

/* ---- queue.c: from any thread; these functions take the lock ---- */

/* Releases the reader's reference to the query. */
void analysis_queue_release(struct analysis *analysis, struct analysis_query *query);
/* Queues a task, which holds a reference to the query. Higher priorities run first. */
void analysis_queue_add(struct analysis *analysis, struct analysis_query *query, int turn, int64_t priority);
/* Stops the tasks with this id (NULL: any) and one of these turns (NULL: any). Each still sends a response. */
void analysis_queue_stop(struct analysis *analysis, const char *id, const GArray *turns);
/* Removes queued tasks and stops running ones; removed ones send no response. */
void analysis_queue_cancel(struct analysis *analysis);
/* Start the workers; stop them after all queued tasks, or, if `cancel`, cancel these. */
void analysis_queue_start(struct analysis *analysis);
void analysis_queue_end(struct analysis *analysis, bool cancel);

/* ---- search.c ---- */

/* Runs a task and sends its response or error. Called in the worker's thread. */

void analysis_run_task(struct analysis_worker *worker, struct analysis_task *task);

#endif

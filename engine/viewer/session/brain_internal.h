/* Internal to the brain: brain.c (the thread and its queues), brain_seat.c (agents and their positions) and
 * brain_think.c (choosing and analysing). */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_BRAIN_INTERNAL_H
#define TENGEN_ENGINE_VIEWER_SESSION_BRAIN_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "agents/clock.h"
#include "engine/viewer/session/brain.h"
#include "games/game.h"

enum job_kind { JOB_NONE, JOB_CHOOSE, JOB_ANALYSE, JOB_PONDER, JOB_STUDY };
struct job {
    enum job_kind kind;
    uint32_t ticket;
    struct brain_line line; /* moves: owned */
    char spec[BRAIN_SPEC_MAX];
    struct agent_clock clock;
    uint64_t seed;
    int64_t visits;
    bool listens; /* JOB_CHOOSE: report the search as well */
    enum game_outcome outcome;   /* JOB_STUDY */
    char memory[BRAIN_PATH_MAX]; /* see brain_set_memory */
};

struct seat {
    struct agent *agent; /* NULL: none */
    struct game game;    /* of the agent, which borrows it */
};

struct brain {
    struct brain_config config;
    pthread_t thread;
    atomic_bool stop; /* asks the current job to end */

    pthread_mutex_t lock; /* guards the following members */
    pthread_cond_t changed;
    struct job waiting;
    struct job cut; /* a study that another job replaced before it began: it still notes what the game showed */
    uint32_t tickets, current; /* current: events of other jobs are dropped */
    bool ending;
    char memory[BRAIN_PATH_MAX];
    struct agent *choosing; /* the agent to call agent_stop for; NULL: none */
    GQueue events;          /* struct brain_event */
    bool has_found;
    struct analysis found;
    char caution[400]; /* to be polled, whatever becomes of the job; "": none */

    /* Used by the brain's thread only. */
    struct seat seats[2];
    struct seat analyst;
    GHashTable *cautions;    /* those published so far: see agent_caution_once */
    struct analysis scratch; /* written by on_report, in any thread of the search, while the brain's thread waits */
    int points;
};

/* ---- brain.c: from any thread ---- */

/* Queues an event, which is copied; ignored if its job is no longer the current one. */
void brain_publish(struct brain *brain, const struct brain_event *event);
/* Makes BRAIN_CAUTIONS the next event. */
void brain_publish_caution(struct brain *brain, const char *caution);
/* Queues BRAIN_FAILED. Frees the error, which may be NULL. */
void brain_publish_failure(struct brain *brain, uint32_t ticket, GError *error);
/* Publishes brain->scratch as BRAIN_FOUND. */
void brain_publish_found(struct brain *brain);

/* ---- brain_seat.c: lines; from any thread ---- */

void brain_line_copy(struct brain_line *to, const struct brain_line *from);
void brain_line_clear(struct brain_line *line);
/* Plays the moves of a line. history is initialised here and cleared by the caller. Returns false if the game is over
 * in that position. */
bool brain_replay(const struct brain_line *line, struct position *position, struct history *history);

/* ---- brain_seat.c: agents; in the brain's thread ---- */

void brain_close_seat(struct seat *seat);
/* Finds a seat for the job's spec: one whose agent has it, otherwise a free one, otherwise the one whose agent tracks
 * fewer moves, which is closed. */
struct seat *brain_find_seat(struct brain *brain, const struct job *job);
/* Opens the seat's agent if necessary, with this file of memories ("": none), and sets it to the job's position. Returns
 * false with the error set. */
bool brain_ready_agent(struct brain *brain, struct seat *seat, const struct job *job, const char *spec,
                       const char *memory, GError **error);
/* Prepares brain->analyst for the job's position. net: as in net:NET. Returns false with the error set. */
bool brain_ready_analyst(struct brain *brain, const struct job *job, const char *net, GError **error);

/* ---- brain_think.c: run a job; in the brain's thread ---- */

void brain_do_choose(struct brain *brain, const struct job *job);
void brain_do_analyse(struct brain *brain, const struct job *job);
void brain_do_ponder(struct brain *brain, const struct job *job);
void brain_do_study(struct brain *brain, const struct job *job);

#endif

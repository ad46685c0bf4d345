/* What brain.c (the thread and its mailbox), brain_seat.c (agents and what they were told) and brain_think.c (choosing
 * and analysing) share. */
#ifndef TENGEN_ENGINE_VIEWER_SESSION_BRAIN_INTERNAL_H
#define TENGEN_ENGINE_VIEWER_SESSION_BRAIN_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/viewer/session/brain.h"

enum job_kind { JOB_NONE, JOB_CHOOSE, JOB_ANALYSE, JOB_PONDER };
struct job {
    enum job_kind kind;
    uint32_t ticket;
    struct brain_line line; /* moves: owned */
    char spec[BRAIN_SPEC_MAX];
    struct agent_clock clock;
    uint64_t seed;
    int64_t visits;
    bool listens; /* to what the agent thinks while it chooses */
};

struct seat {
    struct agent *agent; /* NULL: none */
    struct game game;    /* the agent's */
};

struct brain {
    struct brain_config config;
    pthread_t thread;
    atomic_bool stop; /* the job under way should end */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    struct job waiting;
    uint32_t tickets, current; /* current: the job whose news count */
    bool ending;
    struct agent *choosing; /* the agent that agent_stop may be called for */
    GQueue news;            /* struct brain_news */
    bool has_found;
    struct analysis found;

    /* The brain's thread alone. */
    struct seat seats[2];
    struct seat analyst;
    struct analysis scratch; /* written by on_report while the thread waits for its search */
    int points;
};

/* ---- brain.c: any thread ---- */

/* Dropped where the news is of a job that no longer counts. */
void brain_publish(struct brain *brain, const struct brain_news *news);
/* Takes the error, which may be NULL. */
void brain_publish_failure(struct brain *brain, uint32_t ticket, GError *error);
/* brain->scratch. */
void brain_publish_found(struct brain *brain);

/* ---- brain_seat.c: lines, any thread ---- */

void brain_line_copy(struct brain_line *to, const struct brain_line *from);
void brain_line_clear(struct brain_line *line);
/* The position that a line leads to; false when the game is over there. history: initialised here. */
bool brain_replay(const struct brain_line *line, struct position *position, struct history *history);

/* ---- brain_seat.c: the brain's thread alone ---- */

void brain_close_seat(struct seat *seat);
/* The player's seat whose agent has this spec, or a free one, or the one that was told of less. */
struct seat *brain_find_seat(struct brain *brain, const struct job *job);
/* Opens the seat's agent where it has none, and brings it to the job's position. */
bool brain_ready_agent(struct brain *brain, struct seat *seat, const struct job *job, const char *spec, GError **error);
/* The analyst's seat, in the job's position. net: as in net:NET. */
bool brain_ready_analyst(struct brain *brain, const struct job *job, const char *net, GError **error);

/* ---- brain_think.c: the brain's thread alone ---- */

void brain_do_choose(struct brain *brain, const struct job *job);
void brain_do_analyse(struct brain *brain, const struct job *job);
void brain_do_ponder(struct brain *brain, const struct job *job);

#endif

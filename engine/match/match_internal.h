/* Shared by match.c, whose threads play, and ranks/host.c, which has games played by other processes. */
#ifndef TENGEN_ENGINE_MATCH_MATCH_INTERNAL_H
#define TENGEN_ENGINE_MATCH_MATCH_INTERNAL_H

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/match/game.h"

struct match_config;
struct match_report;
struct schedule_ops;

struct match {
    const struct match_config *config;
    const struct schedule_ops *schedule;
    struct match_report *report;
    atomic_bool
        stop; /* games end: config->stop, or the journal cannot be written; set before a search is interrupted */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a game, a round or a worker finished */
    /* guarded by lock, like the report */
    int next;
    int settled;          /* all games before this one are done or void */
    int playing, running; /* active games, on all ranks, and workers of this process */
    int round;            /* the next one to schedule */
    int faults[MATCH_MAX_PLAYERS];
    int half_pair;     /* the SPRT's incomplete pair: points2 of its first game; -1: none */
    bool over;         /* no games left to play */
    bool told_to_stop; /* by another rank */
    GError *error;     /* first error of the journal or of another rank */
    double earlier;    /* duration of earlier sessions, s */
    int64_t start;
};

/* The number of a game to play now, which counts as active until match_record_game. MATCH_NONE_NOW: the next round depends
 * on games in progress, each of which wakes all that wait for `changed` when it ends; MATCH_NONE_LEFT: the match is over or
 * stopped. The lock is held. */
enum { MATCH_NONE_LEFT = -1, MATCH_NONE_NOW = -2 };
int match_find_game(struct match *match);
/* Its opening; NULL: the empty board. */
const struct match_opening *match_opening_of(const struct match_config *config, const struct match_record *record);
/* A game has ended: adds it to the records, unless it was stopped or is void, and queues it for the journal, which the caller
 * then has to write. */
void match_record_game(struct match *match, int number, struct match_game *game);
/* The system refuses a thread; freed by the caller. */
GError *match_thread_error(void);
/* The match ends; keeps the first error. Takes ownership; NULL: none has happened. */
void match_fail(struct match *match, GError *error);

#endif

/* Shared by worker.c (the link's side, and work of any kind) and player.c (self-play). */
#ifndef TENGEN_ENGINE_CLUSTER_WORKER_INTERNAL_H
#define TENGEN_ENGINE_CLUSTER_WORKER_INTERNAL_H

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct net;

struct cluster_worker {
    struct transport *transport;
    struct link *link;
    double repeat_s;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Guarded by lock. */
    GBytes *welcome; /* that no thread has read; NULL: none */
    GBytes *terms;   /* the one that was read last */
    GQueue *games;   /* GBytes: MESSAGE_ASSIGN, to be played */
    GQueue *tasks;   /* GBytes: messages for a trainer */
    bool paused;     /* the first thread does not play */
    int waiting;     /* threads that wait for a game */
    uint64_t wanted, given; /* games since the start */
    struct net *net; /* NULL: none yet; own reference */
    uint32_t generation;
    GQueue *kept; /* struct kept, in sequence: finished, and not known to be committed */
    uint64_t sequence, arrived;
    double waited_s;
    bool finishing; /* no more games */
    bool ended, lost;
    double told; /* when rank 0 was last told the figures */
    int status;  /* once ended */
};

#endif

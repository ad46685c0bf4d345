/* Shared by host.c (what other threads call) and host_link.c (what the link's thread does). */
#ifndef TENGEN_ENGINE_CLUSTER_HOST_INTERNAL_H
#define TENGEN_ENGINE_CLUSTER_HOST_INTERNAL_H

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/cluster/host.h"

/* A game that has arrived but is not known to be committed. */
struct pending {
    uint64_t sequence;
    int64_t place; /* in the order of commits */
};

/* Another rank. Only the link's thread uses it, but for what is marked. */
struct member {
    char *name;                     /* its machine; NULL before its hello; guarded */
    bool left;                      /* it has said BYE, or had joined and is lost; guarded */
    struct cluster_figures figures; /* guarded */
    bool welcomed, finishing;
    uint64_t wanted, given; /* games */
    GHashTable *playing;    /* numbers of games that it has been given and not handed in */
    uint64_t arrived, committed, told_arrived, told_committed; /* sequence numbers */
    GQueue *pending;
    int64_t generation; /* of the net that it has been sent; -1: none */
};

struct cluster_host {
    struct transport *transport;
    struct link *link;
    char *arguments;
    double finish_s;
    struct member *members;  /* [room]; that of rank 0 is unused */
    int turn;                /* the rank that is served first */
    pthread_mutex_t calling; /* held by the link's thread while it may use ops; taken before lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Guarded by lock. */
    const struct cluster_work_ops *ops; /* NULL: not serving yet */
    void *user;
    struct host_games { /* in self-play: what `ops` calls (host_games.c) */
        const struct cluster_host_ops *ops;
        void *user;
    } games;
    GBytes *welcome;
    GBytes *net; /* the message; NULL: none yet */
    int ranks;   /* of which members are in use: the link's thread adds those that join */
    int64_t generation, committed;
    bool finishing;
    bool told_to_stop;   /* before there was a table */
    atomic_bool summing; /* several ranks train */
    GError *failure;     /* the first one, if it came before ops */
};

void cluster_member_init(struct member *member);

extern const struct link_ops cluster_host_link_ops;

#endif

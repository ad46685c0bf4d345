/* The thread of a rank that alone uses its transport: it sends what other threads hand it, passes on what arrives, keeps
 * other ranks informed that this one is alive, and notices when one of them falls silent (MPI by itself may notice a cut
 * network only after minutes). Between messages it sleeps: see LINK_IDLE_US. */
#ifndef TENGEN_ENGINE_CLUSTER_LINK_H
#define TENGEN_ENGINE_CLUSTER_LINK_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct transport;

/* How long it sleeps before it looks again, microseconds: while a sum is under way; after messages, from LINK_BUSY_US on, a
 * twentieth of the time since the last one; at most LINK_IDLE_US. */
enum { LINK_SUM_US = 50, LINK_BUSY_US = 500, LINK_IDLE_US = 10000 };
#define LINK_ALIVE_S 2.0    /* between two signs of life */
#define LINK_SILENCE_S 20.0 /* after which a rank counts as lost */
#define LINK_LAST_S 8.0     /* left to save what there is once a rank is lost; then the process ends */

/* Called in the link's thread, which holds no lock. Ranks that nobody can join need neither joined nor gone. */
struct link_ops {
    void (*received)(void *user, int from, const void *data, size_t size);
    /* As often as it looks for messages. */
    void (*tick)(void *user);
    /* A rank has joined the job. */
    void (*joined)(void *user, int rank);
    /* One that had joined has not been heard from, and counts no more. */
    void (*gone)(void *user, int rank, const char *why);
    /* Once, when another rank (-1: the transport itself) has failed; why: in words. LINK_LAST_S later the link ends the job. */
    void (*lost)(void *user, int rank, const char *why);
};

struct link_config {
    const struct link_ops *ops;
    void *user;
    double silence_s; /* 0: LINK_SILENCE_S */
};

struct link_counts {
    uint64_t sent, received; /* messages, without signs of life */
    uint64_t sent_bytes, received_bytes;
};

struct link;
/* transport: borrowed, and not to be used by others until link_stop. Rank 0 watches all others, which watch rank 0. *out is
 * set before any function of the table is called. False with the error set if the system refuses a thread. */
bool link_start(struct link **out, struct transport *transport, const struct link_config *config, GError **error);
/* Queues a message; takes ownership. Any thread. */
void link_send(struct link *link, int to, GBytes *message);
/* Replaces values by their sums over the ranks that sum, all of which call it; waits for it. meanwhile (NULL: nothing): called once,
 * while the sum is under way. False if the job has failed. Any thread, one at a time. */
bool link_sum(struct link *link, float *values, size_t count, void (*meanwhile)(void *user), void *user);
/* The job cannot go on: sums that wait, or are still to come, fail. */
void link_fail(struct link *link);
/* A rank that ends: its silence is no fault. */
void link_forget(struct link *link, int rank);
/* A rank that has joined leaves, once what is queued for it has been sent. The link's thread. */
void link_release(struct link *link, int rank);
/* Whether a rank is lost. */
bool link_has_failed(struct link *link);
struct link_counts link_count(struct link *link);
/* Sends what is queued, for at most `seconds`, and ends the thread. NULL is fine. */
void link_stop(struct link *link, double seconds);

#endif

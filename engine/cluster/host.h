/* Rank 0's side of a job: it hands out games to the other ranks, takes in what they play, and tells them what is committed.
 *
 *   others    HELLO ... WANT          GAME 1  GAME 2                          (games are kept until they are committed)
 *   rank 0          WELCOME NET  ASSIGN ASSIGN     ACK 2 arrived, 1 committed ... NET ... FINISH ... END
 *
 * A game counts once, however often it arrives: those of a rank are numbered, and taken in order without gaps. The host's
 * link does all this in its own thread; what drives it is a table of functions, behind which stands training. */
#ifndef TENGEN_ENGINE_CLUSTER_HOST_H
#define TENGEN_ENGINE_CLUSTER_HOST_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cluster_terms;
struct net;
struct record;
struct selfplay_assignment;
struct transport;

/* Called in the link's thread; none may wait for long. */
struct cluster_host_ops {
    /* Fills in the next game for another rank, which is zeroed, with a reference to `start`, if any. False: none now; it is
     * called again. */
    bool (*next_game)(void *user, struct selfplay_assignment *next);
    /* Takes ownership of a finished game. Returns its place in the order of commits, which never decreases: see
     * cluster_host_committed. */
    int64_t (*hand_in)(void *user, struct record *record, uint64_t evaluations);
    /* A rank has received a signal to stop. */
    void (*stop)(void *user);
    /* A rank has failed: the job ends. Takes ownership of the error. */
    void (*failed)(void *user, GError *error);
};

struct cluster_host_config {
    const char *arguments; /* cluster_arguments; copied */
    double silence_s;      /* after which a rank counts as lost; 0: LINK_SILENCE_S */
    double finish_s;       /* how long cluster_host_finish waits; 0: CLUSTER_FINISH_S */
};
#define CLUSTER_FINISH_S 10.0

struct cluster_host;
/* transport: borrowed until cluster_host_close. NULL with the error set if the system refuses a thread. */
struct cluster_host *cluster_host_open(struct transport *transport, const struct cluster_host_config *config,
                                       GError **error);
/* Waits until all ranks have reported. False with the error set if one of them runs another program, was given other
 * arguments, or is lost. */
bool cluster_host_gather(struct cluster_host *host, GError **error);
/* From now on the ranks play, as soon as there is a net. ops: borrowed. */
void cluster_host_serve(struct cluster_host *host, const struct cluster_terms *terms,
                        const struct cluster_host_ops *ops, void *user);
/* The net that the ranks are to use from their next move on. */
void cluster_host_set_net(struct cluster_host *host, const struct net *net, uint32_t generation);
/* For trainers: sends a message, and adds values up (link_sum). Any thread, sums one at a time. */
void cluster_host_send(struct cluster_host *host, int to, GBytes *message);
bool cluster_host_sum(struct cluster_host *host, float *values, size_t count, void (*meanwhile)(void *user),
                      void *user);
/* All games up to this place in the order are committed. */
void cluster_host_committed(struct cluster_host *host, int64_t place);
/* The ranks play no more; waits until each has handed in what it had finished, or the time is over. Afterwards the table of
 * cluster_host_serve is no longer used. Not from one of its functions. */
void cluster_host_finish(struct cluster_host *host);
/* Ends the other ranks with this exit status, and frees the host. NULL is fine. */
void cluster_host_close(struct cluster_host *host, int status);
/* Whether a rank is lost, so that the job cannot end in order. */
bool cluster_host_has_failed(struct cluster_host *host);

/* What one of the other ranks has done since the start. */
struct cluster_figures {
    int64_t games;
    uint64_t evaluations;
    double waited_s;    /* by its threads, for a game */
    double processor_s; /* of all its threads */
};
int cluster_host_ranks(const struct cluster_host *host); /* with rank 0 */
struct cluster_figures cluster_host_figures(struct cluster_host *host, int rank);
/* Messages and bytes in both directions. */
void cluster_host_traffic(struct cluster_host *host, uint64_t *messages, uint64_t *bytes);

#endif

/* Rank 0's side of a job: it hands out work to the other ranks, takes in what they have done, and tells them what is
 * committed. A piece of work is a game of self-play (cluster_host_serve), or whatever else a command divides into pieces that
 * are independent of each other (cluster_host_serve_work); here, both are called games.
 *
 *   others    HELLO ... WANT          GAME 1  GAME 2                          (games are kept until they are committed)
 *   rank 0          WELCOME NET  ASSIGN ASSIGN     ACK 2 arrived, 1 committed ... NET ... FINISH ... END
 *
 * A game counts once, however often it arrives: those of a rank are numbered, and taken in order without gaps. The host's
 * link does all this in its own thread; what drives it is a table of functions, behind which stands training, or a match. */
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
struct cluster_work_ops {
    /* Appends what a rank needs to know of the next piece of work, and sets its number, which no other one has. False: none
     * now; it is called again. */
    bool (*next)(void *user, uint64_t *number, GByteArray *message);
    /* Takes what rank `from` has made of a piece that it was given, with how many evaluations; the data is the caller's. Returns its place in the order
     * of commits, which never decreases: see cluster_host_committed. Negative, with the error set, if the data is damaged. */
    int64_t (*take)(void *user, int from, uint64_t number, uint64_t evaluations, const void *data, size_t size,
                    GError **error);
    /* A rank has received a signal to stop. */
    void (*stop)(void *user);
    /* A rank has failed: the job ends. Takes ownership of the error. */
    void (*failed)(void *user, GError *error);
};

/* The same for games of self-play. */
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
/* From now on the ranks work. welcome: the message that they wait for; takes ownership. ops: borrowed. Once all ranks have ended
 * that (cluster_host_end_work), other work can be served: what was taken before then counts as committed. */
void cluster_host_serve_work(struct cluster_host *host, GBytes *welcome, const struct cluster_work_ops *ops,
                             void *user);
/* The same for self-play, with a net that has been set (cluster_host_set_net). */
void cluster_host_serve(struct cluster_host *host, const struct cluster_terms *terms,
                        const struct cluster_host_ops *ops, void *user);
/* The net that the ranks are to use from their next move on. Those that serve work of another kind need none. */
void cluster_host_set_net(struct cluster_host *host, const struct net *net, uint32_t generation);
/* For trainers: sends a message, and adds values up (link_sum). Any thread, sums one at a time. */
void cluster_host_send(struct cluster_host *host, int to, GBytes *message);
bool cluster_host_sum(struct cluster_host *host, float *values, size_t count, void (*meanwhile)(void *user),
                      void *user);
/* All games up to this place in the order are committed. */
void cluster_host_committed(struct cluster_host *host, int64_t place);
/* The ranks play no more; waits until each has handed in what it had finished, or the time is over. Afterwards the table of
 * functions is no longer used. Not from one of its functions. */
void cluster_host_finish(struct cluster_host *host);
/* The same, but waits for as long as it takes, unless the job fails: it goes on with other work. */
void cluster_host_end_work(struct cluster_host *host);
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
int cluster_host_ranks(struct cluster_host *host); /* with rank 0, and with those that have joined and may have left */
/* Of all other ranks together, as they have said about once a second; seconds. Any thread. */
double cluster_host_processor_time(struct cluster_host *host);
struct cluster_figures cluster_host_figures(struct cluster_host *host, int rank);
/* Messages and bytes in both directions. */
void cluster_host_traffic(struct cluster_host *host, uint64_t *messages, uint64_t *bytes);

#endif

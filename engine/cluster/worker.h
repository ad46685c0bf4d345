/* Every rank but 0: does the work that rank 0 hands out, with threads of its own, and keeps each finished piece until rank
 * 0 has answered that it is committed. The protocol is in host.h; here, too, any work is called a game. */
#ifndef TENGEN_ENGINE_CLUSTER_WORKER_H
#define TENGEN_ENGINE_CLUSTER_WORKER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cluster_terms;
struct message_reader;
struct transport;

struct cluster_worker_config {
    const char *arguments; /* cluster_arguments; copied */
    double silence_s;      /* after which rank 0 counts as lost; 0: LINK_SILENCE_S */
    double
        repeat_s; /* after which a game is sent again unless rank 0 answers that it has arrived; 0: CLUSTER_REPEAT_S */
};
#define CLUSTER_REPEAT_S 10.0

struct cluster_worker;
/* Reports to rank 0. transport: borrowed until cluster_worker_close. NULL with the error set if the system refuses a thread. */
struct cluster_worker *cluster_worker_open(struct transport *transport, const struct cluster_worker_config *config,
                                           GError **error);
/* Waits for rank 0 to serve work: the fields of its message, which stay in place until the next call. False if the job ends
 * instead. One thread; again once that work has ended (cluster_worker_finish), for what is served next. */
bool cluster_worker_welcome(struct cluster_worker *worker, struct message_reader *fields);

/* ---- work of any kind ---- */

/* Asks for this many pieces of work ahead of need. */
void cluster_worker_ask(struct cluster_worker *worker, int spare);
/* Asks for one more, and waits for the next one, whose fields follow its number in the message that is returned, for the
 * caller to release. NULL: there is no more, or it is no longer wanted. Any thread. */
GBytes *cluster_worker_next(struct cluster_worker *worker, uint64_t *number, struct message_reader *fields);
/* Hands in what has become of it. Takes ownership of the bytes. Any thread. */
void cluster_worker_hand_in(struct cluster_worker *worker, uint64_t number, uint64_t evaluations, GBytes *data);
/* Waits, at most this long, until no more is wanted, and returns whether it is so. Any thread. */
bool cluster_worker_is_finishing(struct cluster_worker *worker, double seconds);
/* No thread hands in more: returns once rank 0 has everything, or the job has ended. */
void cluster_worker_finish(struct cluster_worker *worker);

/* ---- self-play ---- */

/* Waits for the terms of the run. False if the job ends instead. */
bool cluster_worker_wait(struct cluster_worker *worker, struct cluster_terms *terms);
/* Plays in this many threads until rank 0 ends the games, or it fails itself, of which it informs rank 0. Returns once rank 0 has
 * all finished games, or the job has ended. */
void cluster_worker_play(struct cluster_worker *worker, const struct cluster_terms *terms, int threads);

/* ---- training, and the end ---- */

/* For ranks that train: the next message of the kinds for trainers, which the caller releases; waits for it. NULL: the job
 * ends. One thread. */
GBytes *cluster_worker_next_task(struct cluster_worker *worker);
/* Adds values up (link_sum); false if the job has failed. */
bool cluster_worker_sum(struct cluster_worker *worker, float *values, size_t count);
/* While a rank trains, one of its threads does not play. Returns how many do not, those that wait for a game included: at least 1. */
int cluster_worker_pause(struct cluster_worker *worker, bool pause);
/* Informs rank 0 of a failure. Takes ownership of the error. */
void cluster_worker_fail(struct cluster_worker *worker, GError *error);
/* Asks rank 0 to end the run: this rank was told to stop. Any thread. */
void cluster_worker_stop(struct cluster_worker *worker);
/* Waits for the end of the job, and frees the worker. Returns the exit status for this process. *lost: rank 0 cannot be
 * reached, which stderr has been told. */
int cluster_worker_close(struct cluster_worker *worker, bool *lost);

#endif

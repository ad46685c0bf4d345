/* A job for the tests of work that is served to ranks: rank 0 is a host, each of the others a worker in a thread of its own, which
 * does what it is welcomed to until the job ends. */
#ifndef TENGEN_TESTS_ENGINE_CLUSTER_RANK_CREW_H
#define TENGEN_TESTS_ENGINE_CLUSTER_RANK_CREW_H

#include <pthread.h>
#include <stdint.h>

enum { CREW_RANKS = 3 };

struct cluster_host;
struct cluster_host_config;
struct cluster_worker;
struct local_job;
struct message_reader;

/* Does the work of that name, about which the other fields say more. */
typedef void rank_crew_work(struct cluster_worker *worker, const char *name, struct message_reader *fields);

struct rank_crew {
    struct local_job *job;
    struct cluster_host *host;
    struct cluster_worker *workers[CREW_RANKS]; /* the first is NULL */
    pthread_t threads[CREW_RANKS];
};

/* Begins a job; returns once all ranks have reported. The workers' arguments are the host's. */
void rank_crew_begin(struct rank_crew *crew, const struct cluster_host_config *config, rank_crew_work *work);
/* Ends the job with this status, waits for the workers' threads but for that of the rank `without` (0: for all), which is not going
 * to end, and, if it waits for all, releases the job. */
void rank_crew_end(struct rank_crew *crew, int status, int without);
/* Games that the ranks but the first have played. */
int64_t rank_crew_games(const struct rank_crew *crew);

/* A worker's thread: does the work that comes until the job ends. rank_crew_begin starts one for each; a test that plays the host by
 * hand starts its own. */
struct rank_crew_member {
    struct cluster_worker *worker;
    rank_crew_work *work;
};
/* member: struct rank_crew_member, allocated with GLib, which it frees. */
void *rank_crew_run_member(void *member);

#endif

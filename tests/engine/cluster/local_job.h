/* A job whose ranks are threads of this process: a transport of queues in memory that can lose messages, deliver them twice,
 * and cut a rank off. Its first two ranks sum. */
#ifndef TENGEN_TESTS_ENGINE_CLUSTER_LOCAL_JOB_H
#define TENGEN_TESTS_ENGINE_CLUSTER_LOCAL_JOB_H

#include "engine/cluster/message.h"
#include "engine/cluster/transport.h"

struct local_job;
struct local_job *local_job_new(int size);
void local_job_free(struct local_job *job);
/* Another rank joins, up to 8 in all. Not twice before rank 0 has seen the first one. */
void local_job_join(struct local_job *job);
/* Whether it has left in order. */
bool local_job_has_left(struct local_job *job, int rank);
struct transport *local_job_rank(struct local_job *job, int rank);
/* The next `count` messages of this kind between the ranks are lost, or delivered twice. */
void local_job_lose(struct local_job *job, int from, int to, enum message_kind kind, int count);
void local_job_repeat(struct local_job *job, int from, int to, enum message_kind kind, int count);
/* From now on nothing reaches the rank or leaves it. */
void local_job_cut(struct local_job *job, int rank);
/* Whether a rank has called abort. */
bool local_job_is_aborted(struct local_job *job);

#endif

#include "tests/engine/cluster/local_job.h"
#include "engine/cluster/transport.h"

#include <glib.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RANKS = 8 };

struct letter {
    int from;
    size_t size;
    void *data;
};

struct local_rank {
    struct transport base;
    struct local_job *job;
    GQueue *inbox; /* struct letter */
    bool cut;
    bool left;
    float *sum; /* NULL: none under way */
};

struct local_job {
    pthread_mutex_t lock;
    struct local_rank ranks[MAX_RANKS];
    int lose[MAX_RANKS][MAX_RANKS][MESSAGE_KINDS], repeat[MAX_RANKS][MAX_RANKS][MESSAGE_KINDS];
    bool aborted, joining;
};

static struct local_rank *of(struct transport *transport)
{
    return (struct local_rank *)transport;
}

static void deliver(struct local_rank *from, struct local_rank *to, const void *data, size_t size)
{
    struct letter *letter = g_new(struct letter, 1);
    *letter = (struct letter){from->base.rank, size, malloc(size)};
    memcpy(letter->data, data, size);
    g_queue_push_tail(to->inbox, letter);
}

static bool local_send(struct transport *transport, int to, const void *data, size_t size)
{
    struct local_rank *own = of(transport);
    struct local_job *job = own->job;
    const int from = transport->rank, kind = *(const unsigned char *)data;
    pthread_mutex_lock(&job->lock);
    const bool lost = own->cut || job->ranks[to].cut || job->lose[from][to][kind] > 0;
    job->lose[from][to][kind] -= job->lose[from][to][kind] > 0;
    if (!lost)
        deliver(own, &job->ranks[to], data, size);
    if (!lost && job->repeat[from][to][kind] > 0) {
        job->repeat[from][to][kind]--;
        deliver(own, &job->ranks[to], data, size);
    }
    pthread_mutex_unlock(&job->lock);
    return true;
}

static bool local_receive(struct transport *transport, int *from, void **data, size_t *size)
{
    struct local_rank *own = of(transport);
    pthread_mutex_lock(&own->job->lock);
    struct letter *letter = g_queue_pop_head(own->inbox);
    pthread_mutex_unlock(&own->job->lock);
    if (!letter)
        return false;
    *from = letter->from;
    *data = letter->data;
    *size = letter->size;
    g_free(letter);
    return true;
}

static bool local_is_sending(struct transport *transport)
{
    (void)transport;
    return false;
}

/* The rank that comes last adds, in the order of ranks. */
static bool local_sum(struct transport *transport, float *values, size_t count)
{
    enum { ranks = 2 }; /* those that sum */
    struct local_rank *own = of(transport);
    struct local_job *job = own->job;
    pthread_mutex_lock(&job->lock);
    own->sum = values;
    bool all = true;
    for (int i = 0; i < ranks; i++)
        all = all && job->ranks[i].sum && !job->ranks[i].cut;
    for (size_t i = 0; all && i < count; i++) {
        float sum = 0;
        for (int r = 0; r < ranks; r++)
            sum += job->ranks[r].sum[i];
        for (int r = 0; r < ranks; r++)
            job->ranks[r].sum[i] = sum;
    }
    for (int r = 0; all && r < ranks; r++)
        job->ranks[r].sum = NULL;
    pthread_mutex_unlock(&job->lock);
    return true;
}

static bool local_sum_is_done(struct transport *transport)
{
    struct local_rank *own = of(transport);
    pthread_mutex_lock(&own->job->lock);
    const bool done = !own->sum;
    pthread_mutex_unlock(&own->job->lock);
    return done;
}

static const char *local_problem(struct transport *transport)
{
    (void)transport;
    return NULL;
}

static bool local_arrive(struct transport *transport)
{
    struct local_job *job = of(transport)->job;
    pthread_mutex_lock(&job->lock);
    const bool any = job->joining;
    job->joining = false;
    transport->size += any;
    pthread_mutex_unlock(&job->lock);
    return any;
}

static void local_leave(struct transport *transport, int rank, bool in_order)
{
    struct local_job *job = of(transport)->job;
    pthread_mutex_lock(&job->lock);
    job->ranks[rank].left = in_order;
    job->ranks[rank].cut = true;
    pthread_mutex_unlock(&job->lock);
}

static void local_abort(struct transport *transport, int status)
{
    (void)status;
    pthread_mutex_lock(&of(transport)->job->lock);
    of(transport)->job->aborted = true;
    pthread_mutex_unlock(&of(transport)->job->lock);
}

static void local_close(struct transport *transport)
{
    (void)transport;
}

static const struct transport_ops local_ops = {
    .send = local_send,
    .receive = local_receive,
    .is_sending = local_is_sending,
    .sum = local_sum,
    .sum_is_done = local_sum_is_done,
    .problem = local_problem,
    .arrive = local_arrive,
    .leave = local_leave,
    .abort = local_abort,
    .close = local_close,
};

static void free_letter(void *data)
{
    struct letter *letter = data;
    free(letter->data);
    g_free(letter);
}

struct local_job *local_job_new(int size)
{
    struct local_job *job = g_new0(struct local_job, 1);
    g_assert(size <= MAX_RANKS);
    pthread_mutex_init(&job->lock, NULL);
    for (int i = 0; i < MAX_RANKS; i++)
        job->ranks[i] = (struct local_rank){
            .base = {&local_ops, i, size, i < size ? size : MAX_RANKS, MAX_RANKS}, .job = job, .inbox = g_queue_new()};
    return job;
}

void local_job_free(struct local_job *job)
{
    for (int i = 0; i < MAX_RANKS; i++)
        g_queue_free_full(job->ranks[i].inbox, free_letter);
    pthread_mutex_destroy(&job->lock);
    g_free(job);
}

void local_job_join(struct local_job *job)
{
    pthread_mutex_lock(&job->lock);
    g_assert(!job->joining && job->ranks[0].base.size < MAX_RANKS);
    job->joining = true;
    pthread_mutex_unlock(&job->lock);
}

bool local_job_has_left(struct local_job *job, int rank)
{
    pthread_mutex_lock(&job->lock);
    const bool left = job->ranks[rank].left;
    pthread_mutex_unlock(&job->lock);
    return left;
}

struct transport *local_job_rank(struct local_job *job, int rank)
{
    return &job->ranks[rank].base;
}

void local_job_lose(struct local_job *job, int from, int to, enum message_kind kind, int count)
{
    pthread_mutex_lock(&job->lock);
    job->lose[from][to][kind] = count;
    pthread_mutex_unlock(&job->lock);
}

void local_job_repeat(struct local_job *job, int from, int to, enum message_kind kind, int count)
{
    pthread_mutex_lock(&job->lock);
    job->repeat[from][to][kind] = count;
    pthread_mutex_unlock(&job->lock);
}

void local_job_cut(struct local_job *job, int rank)
{
    pthread_mutex_lock(&job->lock);
    job->ranks[rank].cut = true;
    pthread_mutex_unlock(&job->lock);
}

bool local_job_is_aborted(struct local_job *job)
{
    pthread_mutex_lock(&job->lock);
    const bool aborted = job->aborted;
    pthread_mutex_unlock(&job->lock);
    return aborted;
}

#include "engine/cluster/link.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/transport.h"

enum { LOST_STATUS = 3 };

struct outgoing {
    int to;
    GBytes *message; /* NULL: the rank leaves */
};

enum sum_state { SUM_NONE, SUM_ASKED, SUM_UNDER_WAY };

struct link {
    struct transport *transport;
    struct link_config config;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake, summed; /* wake: the thread has something to do */
    /* Guarded by lock. */
    GQueue *queue; /* struct outgoing */
    struct link_counts counts;
    bool stopping, failed;
    double stop_by; /* by now() */
    enum sum_state sum;
    float *sum_values;
    size_t sum_count;
    bool *watched; /* [room] */
    /* The thread's own. */
    double *heard;                /* [room], by now() */
    double looked, spoke, active; /* when it last looked for messages, gave a sign of life, had anything to do */
    double lost_at;               /* 0: no rank is lost */
};

static double now(void)
{
    return 1e-6 * (double)g_get_monotonic_time();
}

static void free_outgoing(void *data)
{
    struct outgoing *outgoing = data;
    g_bytes_unref(outgoing->message); /* NULL is fine */
    g_free(outgoing);
}

/* ---- failures ---- */

void link_fail(struct link *link)
{
    pthread_mutex_lock(&link->lock);
    link->failed = true;
    link->sum = SUM_NONE;
    pthread_cond_broadcast(&link->summed);
    pthread_mutex_unlock(&link->lock);
}

static void lose(struct link *link, int rank, const char *why)
{
    if (link->lost_at > 0)
        return;
    link->lost_at = now();
    link_fail(link);
    link->config.ops->lost(link->config.user, rank, why);
}

/* One that has joined: the job goes on without it. */
static void drop(struct link *link, int rank, const char *why)
{
    link_forget(link, rank);
    link->transport->ops->leave(link->transport, rank, false);
    link->config.ops->gone(link->config.user, rank, why);
}

/* The rest of the program has had its time: a checkpoint that takes longer is not worth a job that hangs. */
static void end_if_late(struct link *link)
{
    if (link->lost_at == 0 || now() - link->lost_at < LINK_LAST_S)
        return;
    alarm(2); /* MPI_Abort itself may wait for a network that is gone */
    link->transport->ops->abort(link->transport, LOST_STATUS);
    _exit(LOST_STATUS);
}

static bool is_watched(struct link *link, int rank)
{
    pthread_mutex_lock(&link->lock);
    const bool watched = link->watched[rank];
    pthread_mutex_unlock(&link->lock);
    return watched;
}

static void check_silence(struct link *link)
{
    const double limit = link->config.silence_s > 0 ? link->config.silence_s : LINK_SILENCE_S, time = now();
    for (int i = 0; i < link->transport->size; i++) {
        if (!is_watched(link, i) || time - link->heard[i] < limit)
            continue;
        char *why = g_strdup_printf("has not been heard from for %.0f seconds", limit);
        if (i < link->transport->started)
            lose(link, i, why);
        else
            drop(link, i, why);
        g_free(why);
        return;
    }
}

static void watch_arrivals(struct link *link)
{
    struct transport *transport = link->transport;
    while (transport->room > transport->started && transport->ops->arrive(transport)) {
        const int rank = transport->size - 1;
        link->heard[rank] = now();
        pthread_mutex_lock(&link->lock);
        link->watched[rank] = true;
        pthread_mutex_unlock(&link->lock);
        link->config.ops->joined(link->config.user, rank);
    }
}

/* ---- the thread ---- */

static void send_signs_of_life(struct link *link)
{
    struct transport *transport = link->transport;
    const guint8 alive = MESSAGE_ALIVE;
    const bool first = transport->rank == 0;
    if (now() - link->spoke < LINK_ALIVE_S &&
        (link->config.silence_s == 0 || now() - link->spoke < link->config.silence_s / 10))
        return;
    link->spoke = now();
    for (int i = first ? 1 : 0; i < (first ? transport->size : 1); i++)
        if (i < transport->started || is_watched(link, i))
            transport->ops->send(transport, i, &alive, 1);
}

static bool send_queued(struct link *link)
{
    pthread_mutex_lock(&link->lock);
    GQueue *queue = link->queue;
    link->queue = g_queue_new();
    pthread_mutex_unlock(&link->lock);
    const bool any = queue->length > 0;
    for (struct outgoing *next; (next = g_queue_pop_head(queue));) {
        if (!next->message) {
            link->transport->ops->leave(link->transport, next->to, true);
            free_outgoing(next);
            continue;
        }
        gsize size;
        const void *data = g_bytes_get_data(next->message, &size);
        link->transport->ops->send(link->transport, next->to, data, size);
        pthread_mutex_lock(&link->lock);
        link->counts.sent++;
        link->counts.sent_bytes += size;
        pthread_mutex_unlock(&link->lock);
        free_outgoing(next);
    }
    g_queue_free(queue);
    return any;
}

static bool receive_all(struct link *link)
{
    int from;
    void *data;
    size_t size;
    bool any = false;
    while (link->transport->ops->receive(link->transport, &from, &data, &size)) {
        struct message_reader reader;
        link->heard[from] = now();
        if (message_read(&reader, data, size) != MESSAGE_ALIVE) {
            any = true;
            pthread_mutex_lock(&link->lock);
            link->counts.received++;
            link->counts.received_bytes += size;
            pthread_mutex_unlock(&link->lock);
            link->config.ops->received(link->config.user, from, data, size);
        }
        free(data);
    }
    return any;
}

/* Returns whether a sum is under way. */
static bool advance_sum(struct link *link)
{
    struct transport *transport = link->transport;
    pthread_mutex_lock(&link->lock);
    enum sum_state state = link->sum;
    pthread_mutex_unlock(&link->lock);
    if (state == SUM_ASKED) /* the values are the link's until the sum is done */
        transport->ops->sum(transport, link->sum_values, link->sum_count);
    const bool done = state != SUM_NONE && transport->ops->sum_is_done(transport);
    pthread_mutex_lock(&link->lock);
    if (state != SUM_NONE && link->sum != SUM_NONE)
        link->sum = done ? SUM_NONE : SUM_UNDER_WAY;
    if (done)
        pthread_cond_broadcast(&link->summed);
    state = link->sum;
    pthread_mutex_unlock(&link->lock);
    return state != SUM_NONE;
}

/* A process that was stopped itself, or a machine that slept, must not blame the others. */
static void forgive_own_pause(struct link *link)
{
    const double time = now(), pause = time - link->looked;
    for (int i = 0; pause > 1 && i < link->transport->size; i++)
        link->heard[i] += pause;
    link->looked = time;
}

static void sleep_a_while(struct link *link, bool summing)
{
    const double time = now();
    const long microseconds =
        summing ? LINK_SUM_US
                : (long)(1e6 * CLAMP((time - link->active) / 20, 1e-6 * LINK_BUSY_US, 1e-6 * LINK_IDLE_US));
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += microseconds * 1000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&link->lock);
    const bool stopping = link->stopping;
    if (link->queue->length == 0 && link->sum != SUM_ASKED && !stopping)
        pthread_cond_timedwait(&link->wake, &link->lock, &until);
    pthread_mutex_unlock(&link->lock);
    if (stopping)
        g_usleep(LINK_BUSY_US);
}

static bool is_over(struct link *link)
{
    pthread_mutex_lock(&link->lock);
    const bool stopping = link->stopping, empty = link->queue->length == 0, late = now() >= link->stop_by;
    pthread_mutex_unlock(&link->lock);
    return stopping && (late || (empty && !link->transport->ops->is_sending(link->transport)));
}

static void *run(void *user)
{
    struct link *link = user;
    pthread_setname_np(pthread_self(), "messages"); /* as top -H and tests/acceptance/cluster/simulate.py show it */
    while (!is_over(link)) {
        forgive_own_pause(link);
        bool any = send_queued(link);
        any = receive_all(link) || any;
        watch_arrivals(link);
        const bool summing = advance_sum(link);
        if (any)
            link->active = now();
        send_signs_of_life(link);
        const char *problem = link->transport->ops->problem(link->transport);
        if (problem)
            lose(link, -1, problem);
        check_silence(link);
        end_if_late(link);
        link->config.ops->tick(link->config.user);
        sleep_a_while(link, summing);
    }
    return NULL;
}

/* ---- for other threads ---- */

static void free_link(struct link *link)
{
    pthread_mutex_destroy(&link->lock);
    pthread_cond_destroy(&link->wake);
    pthread_cond_destroy(&link->summed);
    g_queue_free_full(link->queue, free_outgoing);
    g_free(link->watched);
    g_free(link->heard);
    g_free(link);
}

bool link_start(struct link **out, struct transport *transport, const struct link_config *config, GError **error)
{
    struct link *link = *out = g_new0(struct link, 1);
    link->transport = transport;
    link->config = *config;
    link->queue = g_queue_new();
    link->watched = g_new0(bool, transport->room);
    link->heard = g_new0(double, transport->room);
    link->looked = now();
    for (int i = 0; i < transport->size; i++) {
        link->watched[i] = i != transport->rank && (transport->rank == 0 || i == 0);
        link->heard[i] = link->looked;
    }
    pthread_mutex_init(&link->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&link->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_cond_init(&link->summed, NULL);
    sigset_t all, before; /* signals are for the main thread */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const bool started = pthread_create(&link->thread, NULL, run, link) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started)
        return true;
    free_link(link);
    *out = NULL;
    g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST,
                        "the system refuses another thread; free memory or raise its limit of processes");
    return false;
}

void link_send(struct link *link, int to, GBytes *message)
{
    struct outgoing *outgoing = g_new(struct outgoing, 1);
    *outgoing = (struct outgoing){to, message};
    pthread_mutex_lock(&link->lock);
    g_queue_push_tail(link->queue, outgoing);
    pthread_cond_signal(&link->wake);
    pthread_mutex_unlock(&link->lock);
}

bool link_sum(struct link *link, float *values, size_t count, void (*meanwhile)(void *user), void *user)
{
    pthread_mutex_lock(&link->lock);
    if (!link->failed) {
        link->sum_values = values;
        link->sum_count = count;
        link->sum = SUM_ASKED;
        pthread_cond_signal(&link->wake);
    }
    if (meanwhile) {
        pthread_mutex_unlock(&link->lock);
        meanwhile(user);
        pthread_mutex_lock(&link->lock);
    }
    while (!link->failed && link->sum != SUM_NONE)
        pthread_cond_wait(&link->summed, &link->lock);
    const bool good = !link->failed;
    pthread_mutex_unlock(&link->lock);
    return good;
}

void link_forget(struct link *link, int rank)
{
    pthread_mutex_lock(&link->lock);
    link->watched[rank] = false;
    pthread_mutex_unlock(&link->lock);
}

void link_release(struct link *link, int rank)
{
    link_forget(link, rank);
    link_send(link, rank, NULL);
}

bool link_has_failed(struct link *link)
{
    pthread_mutex_lock(&link->lock);
    const bool failed = link->failed;
    pthread_mutex_unlock(&link->lock);
    return failed;
}

struct link_counts link_count(struct link *link)
{
    pthread_mutex_lock(&link->lock);
    const struct link_counts counts = link->counts;
    pthread_mutex_unlock(&link->lock);
    return counts;
}

void link_stop(struct link *link, double seconds)
{
    if (!link)
        return;
    pthread_mutex_lock(&link->lock);
    link->stopping = true;
    link->stop_by = now() + seconds;
    pthread_cond_signal(&link->wake);
    pthread_mutex_unlock(&link->lock);
    pthread_join(link->thread, NULL);
    free_link(link);
}

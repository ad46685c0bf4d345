#include "engine/cluster/worker.h"

#include <stdio.h>
#include <time.h>

#include "engine/cluster/link.h"
#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/net_bytes.h"
#include "engine/cluster/terms.h"
#include "engine/cluster/transport.h"
#include "engine/cluster/worker_internal.h"
#include "net/net.h"

#define STATUS_S 1.0 /* between two reports to rank 0 */
enum { LOST_STATUS = 3 };

struct kept {
    uint64_t sequence;
    double sent; /* by now() */
    GBytes *message;
};

static double now(void)
{
    return 1e-6 * (double)g_get_monotonic_time();
}

static void free_kept(void *data)
{
    struct kept *kept = data;
    g_bytes_unref(kept->message);
    g_free(kept);
}

void cluster_worker_fail(struct cluster_worker *worker, GError *error)
{
    GByteArray *message = message_new(MESSAGE_FAILED);
    message_put_text(message, error->message);
    g_error_free(error);
    link_send(worker->link, 0, message_finish(message));
    pthread_mutex_lock(&worker->lock);
    worker->finishing = true;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

/* ---- what arrives ---- */

static void take_net(struct cluster_worker *worker, struct message_reader *reader)
{
    const uint32_t generation = (uint32_t)message_take_u64(reader);
    size_t size;
    const void *data = message_take_bytes(reader, &size);
    struct net *net;
    GError *error = NULL;
    if (!cluster_unpack_net(&net, data, size, &error)) {
        cluster_worker_fail(worker, error);
        return;
    }
    pthread_mutex_lock(&worker->lock);
    net_unref(worker->net);
    worker->net = net;
    worker->generation = generation;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

static void take_ack(struct cluster_worker *worker, struct message_reader *reader)
{
    const uint64_t arrived = message_take_u64(reader), committed = message_take_u64(reader);
    pthread_mutex_lock(&worker->lock);
    worker->arrived = MAX(worker->arrived, arrived);
    for (struct kept *first; (first = g_queue_peek_head(worker->kept)) && first->sequence <= committed;)
        free_kept(g_queue_pop_head(worker->kept));
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

static void take_end(struct cluster_worker *worker, struct message_reader *reader)
{
    const int status = (int)message_take_u64(reader);
    char *text = message_take_text(reader);
    if (*text)
        fprintf(stderr, "tengen: %s\n", text);
    g_free(text);
    link_forget(worker->link, 0);
    pthread_mutex_lock(&worker->lock);
    worker->status = status;
    worker->ended = worker->finishing = true;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

static void take_welcome(struct cluster_worker *worker, const void *data, size_t size)
{
    pthread_mutex_lock(&worker->lock);
    g_bytes_unref(worker->welcome);
    worker->welcome = g_bytes_new(data, size);
    worker->finishing = worker->ended;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

static void take_finish(struct cluster_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    worker->finishing = true;
    worker->wanted = worker->given; /* the others will not come */
    for (GBytes *game; (game = g_queue_pop_head(worker->games));)
        g_bytes_unref(game);
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

/* A game or a task. */
static void take_work(struct cluster_worker *worker, GQueue *queue, const void *data, size_t size)
{
    pthread_mutex_lock(&worker->lock);
    worker->given += queue == worker->games;
    g_queue_push_tail(queue, g_bytes_new(data, size));
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

static void received(void *user, int from, const void *data, size_t size)
{
    (void)from;
    struct cluster_worker *worker = user;
    struct message_reader reader;
    const enum message_kind kind = message_read(&reader, data, size);
    if (kind == MESSAGE_WELCOME)
        take_welcome(worker, data, size);
    else if (kind == MESSAGE_ASSIGN)
        take_work(worker, worker->games, data, size);
    else if (kind == MESSAGE_NET)
        take_net(worker, &reader);
    else if (kind == MESSAGE_ACK)
        take_ack(worker, &reader);
    else if (kind == MESSAGE_STATE || kind == MESSAGE_STEP || kind == MESSAGE_CHECK)
        take_work(worker, worker->tasks, data, size);
    else if (kind == MESSAGE_FINISH)
        take_finish(worker);
    else if (kind == MESSAGE_END)
        take_end(worker, &reader);
}

static void lost(void *user, int rank, const char *why)
{
    struct cluster_worker *worker = user;
    fprintf(stderr, "tengen: rank %d leaves the job: %s%s\n", worker->transport->rank,
            rank < 0 ? "the connection to the other ranks has failed: " : "rank 0 ", why);
    pthread_mutex_lock(&worker->lock);
    worker->status = LOST_STATUS;
    worker->ended = worker->finishing = worker->lost = true;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

/* ---- what is sent ---- */

/* Games that should have been answered by now are sent once more, with all after them: rank 0 takes them in order. */
static void repeat_games(struct cluster_worker *worker)
{
    const double time = now();
    bool overdue = false;
    pthread_mutex_lock(&worker->lock);
    for (GList *at = worker->kept->head; at; at = at->next) {
        struct kept *kept = at->data;
        if (kept->sequence <= worker->arrived)
            continue;
        overdue = overdue || time - kept->sent >= worker->repeat_s;
        if (!overdue)
            break;
        kept->sent = time;
        link_send(worker->link, 0, g_bytes_ref(kept->message));
    }
    pthread_mutex_unlock(&worker->lock);
}

static double processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void tell_figures(struct cluster_worker *worker)
{
    GByteArray *message = message_new(MESSAGE_STATUS);
    pthread_mutex_lock(&worker->lock);
    message_put_f64(message, worker->waited_s);
    pthread_mutex_unlock(&worker->lock);
    message_put_f64(message, processor_time());
    link_send(worker->link, 0, message_finish(message));
}

static void tick(void *user)
{
    struct cluster_worker *worker = user;
    repeat_games(worker);
    pthread_mutex_lock(&worker->lock);
    const bool due = (worker->welcome || worker->terms) && now() - worker->told >= STATUS_S;
    if (due)
        worker->told = now();
    pthread_mutex_unlock(&worker->lock);
    if (due)
        tell_figures(worker);
}

static const struct link_ops worker_link_ops = {.received = received, .tick = tick, .lost = lost};

/* ---- the worker ---- */

static void free_worker(struct cluster_worker *worker)
{
    g_bytes_unref(worker->welcome);
    g_bytes_unref(worker->terms);
    g_queue_free_full(worker->games, (GDestroyNotify)g_bytes_unref);
    g_queue_free_full(worker->tasks, (GDestroyNotify)g_bytes_unref);
    g_queue_free_full(worker->kept, free_kept);
    net_unref(worker->net);
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    g_free(worker);
}

struct cluster_worker *cluster_worker_open(struct transport *transport, const struct cluster_worker_config *config,
                                           GError **error)
{
    struct cluster_worker *worker = g_new0(struct cluster_worker, 1);
    worker->transport = transport;
    worker->repeat_s = config->repeat_s > 0 ? config->repeat_s : CLUSTER_REPEAT_S;
    worker->games = g_queue_new();
    worker->tasks = g_queue_new();
    worker->kept = g_queue_new();
    pthread_mutex_init(&worker->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&worker->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    const struct link_config link = {.ops = &worker_link_ops, .user = worker, .silence_s = config->silence_s};
    if (!link_start(&worker->link, transport, &link, error)) {
        free_worker(worker);
        return NULL;
    }
    link_send(worker->link, 0, cluster_hello(config->arguments));
    return worker;
}

bool cluster_worker_welcome(struct cluster_worker *worker, struct message_reader *fields)
{
    pthread_mutex_lock(&worker->lock);
    while (!worker->welcome && !worker->ended)
        pthread_cond_wait(&worker->changed, &worker->lock);
    const bool ended = worker->ended;
    g_bytes_unref(worker->terms);
    worker->terms = g_steal_pointer(&worker->welcome);
    pthread_mutex_unlock(&worker->lock);
    if (ended)
        return false;
    gsize size;
    const void *data = g_bytes_get_data(worker->terms, &size);
    message_read(fields, data, size);
    return true;
}

/* ---- work ---- */

/* The lock is held. */
static void want(struct cluster_worker *worker, uint64_t more)
{
    GByteArray *message = message_new(MESSAGE_WANT);
    worker->wanted += more;
    message_put_u64(message, worker->wanted);
    link_send(worker->link, 0, message_finish(message));
}

void cluster_worker_ask(struct cluster_worker *worker, int spare)
{
    pthread_mutex_lock(&worker->lock);
    want(worker, (uint64_t)spare);
    pthread_mutex_unlock(&worker->lock);
}

GBytes *cluster_worker_next(struct cluster_worker *worker, uint64_t *number, struct message_reader *fields)
{
    const double from = now();
    pthread_mutex_lock(&worker->lock);
    if (!worker->finishing)
        want(worker, 1); /* to play it, or in place of a spare one that is played */
    worker->waiting++;
    while (!worker->finishing && worker->games->length == 0)
        pthread_cond_wait(&worker->changed, &worker->lock);
    worker->waiting--;
    worker->waited_s += now() - from;
    GBytes *game = worker->finishing ? NULL : g_queue_pop_head(worker->games);
    pthread_mutex_unlock(&worker->lock);
    if (!game)
        return NULL;
    gsize size;
    const void *data = g_bytes_get_data(game, &size);
    message_read(fields, data, size);
    *number = message_take_u64(fields);
    return game;
}

void cluster_worker_hand_in(struct cluster_worker *worker, uint64_t number, uint64_t evaluations, GBytes *data)
{
    gsize size;
    const void *bytes = g_bytes_get_data(data, &size);
    GByteArray *message = message_new(MESSAGE_GAME);
    struct kept *kept = g_new(struct kept, 1);
    pthread_mutex_lock(&worker->lock);
    *kept = (struct kept){.sequence = ++worker->sequence, .sent = now()};
    message_put_u64(message, kept->sequence);
    message_put_u64(message, number);
    message_put_u64(message, evaluations);
    message_put_bytes(message, bytes, size);
    kept->message = message_finish(message);
    g_queue_push_tail(worker->kept, kept);
    link_send(worker->link, 0, g_bytes_ref(kept->message)); /* under the lock: in sequence */
    pthread_mutex_unlock(&worker->lock);
    g_bytes_unref(data);
}

bool cluster_worker_is_finishing(struct cluster_worker *worker, double seconds)
{
    const int64_t until_us = g_get_monotonic_time() + (int64_t)(seconds * 1e6);
    const struct timespec until = {until_us / G_USEC_PER_SEC, until_us % G_USEC_PER_SEC * 1000};
    pthread_mutex_lock(&worker->lock);
    while (!worker->finishing && pthread_cond_timedwait(&worker->changed, &worker->lock, &until) == 0)
        ;
    const bool finishing = worker->finishing;
    pthread_mutex_unlock(&worker->lock);
    return finishing;
}

void cluster_worker_finish(struct cluster_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    while (!worker->ended && worker->arrived < worker->sequence)
        pthread_cond_wait(&worker->changed, &worker->lock);
    pthread_mutex_unlock(&worker->lock);
    tell_figures(worker); /* for the last time */
    link_send(worker->link, 0, message_of(MESSAGE_BYE));
}

GBytes *cluster_worker_next_task(struct cluster_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    while (!worker->ended && worker->tasks->length == 0)
        pthread_cond_wait(&worker->changed, &worker->lock);
    GBytes *task = worker->ended ? NULL : g_queue_pop_head(worker->tasks);
    pthread_mutex_unlock(&worker->lock);
    return task;
}

bool cluster_worker_sum(struct cluster_worker *worker, float *values, size_t count)
{
    return link_sum(worker->link, values, count, NULL, NULL);
}

int cluster_worker_pause(struct cluster_worker *worker, bool pause)
{
    pthread_mutex_lock(&worker->lock);
    worker->paused = pause;
    const int idle = MAX(worker->waiting, 1);
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    return idle;
}

void cluster_worker_stop(struct cluster_worker *worker)
{
    link_send(worker->link, 0, message_of(MESSAGE_SIGNAL));
}

int cluster_worker_close(struct cluster_worker *worker, bool *lost)
{
    pthread_mutex_lock(&worker->lock);
    while (!worker->ended)
        pthread_cond_wait(&worker->changed, &worker->lock);
    const int status = worker->status;
    *lost = worker->lost;
    pthread_mutex_unlock(&worker->lock);
    link_stop(worker->link, 0);
    free_worker(worker);
    return status;
}

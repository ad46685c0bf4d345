#include "engine/cluster/host.h"

#include <time.h>

#include "engine/cluster/host_internal.h"
#include "engine/cluster/link.h"
#include "engine/cluster/message.h"
#include "engine/cluster/net_bytes.h"
#include "engine/cluster/transport.h"

/* For messages on their way out when a rank is lost, which may not take them any more. */
#define LOST_FINISH_S 1.0

void cluster_member_init(struct member *member)
{
    *member = (struct member){.playing = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
                              .pending = g_queue_new(),
                              .generation = -1};
}

struct cluster_host *cluster_host_open(struct transport *transport, const struct cluster_host_config *config,
                                       GError **error)
{
    struct cluster_host *host = g_new0(struct cluster_host, 1);
    host->transport = transport;
    host->arguments = g_strdup(config->arguments);
    host->finish_s = config->finish_s > 0 ? config->finish_s : CLUSTER_FINISH_S;
    host->generation = -1;
    host->ranks = transport->size;
    host->members = g_new0(struct member, transport->room);
    for (int i = 0; i < host->ranks; i++)
        cluster_member_init(&host->members[i]);
    pthread_mutex_init(&host->calling, NULL);
    pthread_mutex_init(&host->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&host->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    const struct link_config link = {.ops = &cluster_host_link_ops, .user = host, .silence_s = config->silence_s};
    if (link_start(&host->link, transport, &link, error))
        return host;
    cluster_host_close(host, 0);
    return NULL;
}

static bool all_have(const struct cluster_host *host, bool left)
{
    for (int i = 1; i < host->ranks; i++)
        if (left ? !host->members[i].left : !host->members[i].name)
            return false;
    return true;
}

bool cluster_host_gather(struct cluster_host *host, GError **error)
{
    pthread_mutex_lock(&host->lock);
    while (!host->failure && !all_have(host, false))
        pthread_cond_wait(&host->changed, &host->lock);
    if (host->failure)
        g_propagate_error(error, g_error_copy(host->failure));
    const bool good = !host->failure;
    pthread_mutex_unlock(&host->lock);
    return good;
}

/* A rank that has ended the work that was served before, if any. */
static void begin_anew(struct member *member)
{
    member->left = member->welcomed = member->finishing = false;
    member->committed = member->arrived;
    g_hash_table_remove_all(member->playing);
    for (struct pending *pending; (pending = g_queue_pop_head(member->pending));)
        g_free(pending);
}

void cluster_host_serve_work(struct cluster_host *host, GBytes *welcome, const struct cluster_work_ops *ops, void *user)
{
    pthread_mutex_lock(&host->calling);
    pthread_mutex_lock(&host->lock);
    for (int i = 1; i < host->transport->started; i++) /* one that has joined, and may have left, stays as it is */
        begin_anew(&host->members[i]);
    g_bytes_unref(host->welcome);
    host->welcome = welcome;
    host->finishing = false;
    host->committed = 0;
    host->user = user;
    host->ops = ops;
    GError *failure = host->failure ? g_error_copy(host->failure) : NULL;
    const bool told_to_stop = host->told_to_stop;
    pthread_mutex_unlock(&host->lock);
    pthread_mutex_unlock(&host->calling);
    if (failure)
        ops->failed(user, failure);
    if (told_to_stop)
        ops->stop(user);
}

void cluster_host_set_net(struct cluster_host *host, const struct net *net, uint32_t generation)
{
    GByteArray *message = message_new(MESSAGE_NET);
    message_put_u64(message, generation);
    GBytes *packed = cluster_pack_net(net);
    gsize size;
    const void *data = g_bytes_get_data(packed, &size);
    message_put_bytes(message, data, size);
    g_bytes_unref(packed);
    pthread_mutex_lock(&host->lock);
    g_bytes_unref(host->net);
    host->net = message_finish(message);
    host->generation = generation;
    pthread_mutex_unlock(&host->lock);
}

void cluster_host_send(struct cluster_host *host, int to, GBytes *message)
{
    link_send(host->link, to, message);
}

bool cluster_host_sum(struct cluster_host *host, float *values, size_t count, void (*meanwhile)(void *user),
                      void *user)
{
    host->summing = true;
    return link_sum(host->link, values, count, meanwhile, user);
}

void cluster_host_committed(struct cluster_host *host, int64_t place)
{
    pthread_mutex_lock(&host->lock);
    host->committed = place;
    pthread_mutex_unlock(&host->lock);
}

/* patient: without a limit, as long as nothing has failed. */
static void finish(struct cluster_host *host, bool patient)
{
    const int64_t limit_us = (int64_t)(host->finish_s * 1e6);
    int64_t until_us = g_get_monotonic_time() + limit_us;
    pthread_mutex_lock(&host->lock);
    host->finishing = true;
    for (;;) {
        const int64_t now_us = g_get_monotonic_time();
        if (patient && !host->failure)
            until_us = now_us + limit_us;
        if (link_has_failed(host->link) || all_have(host, true) || now_us >= until_us)
            break;
        const struct timespec until = {until_us / G_USEC_PER_SEC, until_us % G_USEC_PER_SEC * 1000};
        pthread_cond_timedwait(&host->changed, &host->lock, &until);
    }
    pthread_mutex_unlock(&host->lock);
    pthread_mutex_lock(&host->calling);
    pthread_mutex_lock(&host->lock);
    host->ops = NULL;
    pthread_mutex_unlock(&host->lock);
    pthread_mutex_unlock(&host->calling);
}

void cluster_host_finish(struct cluster_host *host)
{
    finish(host, false);
}

void cluster_host_end_work(struct cluster_host *host)
{
    finish(host, true);
}

static void free_host(struct cluster_host *host)
{
    for (int i = 0; i < host->ranks; i++) {
        g_free(host->members[i].name);
        g_hash_table_destroy(host->members[i].playing);
        g_queue_free_full(host->members[i].pending, g_free);
    }
    g_free(host->members);
    g_free(host->arguments);
    g_clear_error(&host->failure);
    g_bytes_unref(host->welcome);
    g_bytes_unref(host->net);
    pthread_cond_destroy(&host->changed);
    pthread_mutex_destroy(&host->lock);
    pthread_mutex_destroy(&host->calling);
    g_free(host);
}

void cluster_host_close(struct cluster_host *host, int status)
{
    if (!host)
        return;
    const int ranks = cluster_host_ranks(host);
    for (int i = 1; host->link && i < ranks; i++) {
        link_send(host->link, i, message_end(status, NULL));
        link_forget(host->link, i);
    }
    link_stop(host->link, host->link && link_has_failed(host->link) ? LOST_FINISH_S : CLUSTER_FINISH_S);
    free_host(host);
}

bool cluster_host_has_failed(struct cluster_host *host)
{
    return link_has_failed(host->link);
}

int cluster_host_ranks(struct cluster_host *host)
{
    pthread_mutex_lock(&host->lock);
    const int ranks = host->ranks;
    pthread_mutex_unlock(&host->lock);
    return ranks;
}

double cluster_host_processor_time(struct cluster_host *host)
{
    double seconds = 0;
    pthread_mutex_lock(&host->lock);
    for (int i = 1; i < host->ranks; i++)
        seconds += host->members[i].figures.processor_s;
    pthread_mutex_unlock(&host->lock);
    return seconds;
}

struct cluster_figures cluster_host_figures(struct cluster_host *host, int rank)
{
    pthread_mutex_lock(&host->lock);
    const struct cluster_figures figures = host->members[rank].figures;
    pthread_mutex_unlock(&host->lock);
    return figures;
}

void cluster_host_traffic(struct cluster_host *host, uint64_t *messages, uint64_t *bytes)
{
    const struct link_counts counts = link_count(host->link);
    *messages = counts.sent + counts.received;
    *bytes = counts.sent_bytes + counts.received_bytes;
}

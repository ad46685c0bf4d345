#include "engine/cluster/host.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "engine/cluster/link.h"
#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/net_bytes.h"
#include "engine/cluster/terms.h"
#include "engine/cluster/transport.h"
#include "engine/selfplay/selfplay.h"
#include "engine/store/record.h"

/* For messages on their way out when a rank is lost, which may not take them any more. */
#define LOST_FINISH_S 1.0

/* A game that has arrived but is not known to be committed. */
struct pending {
    uint64_t sequence;
    int64_t place; /* in the order of commits */
};

/* Another rank. Only the link's thread uses it, but for what is marked. */
struct member {
    char *name;     /* its machine; NULL before its hello; guarded */
    bool left;      /* it has said BYE; guarded */
    struct cluster_figures figures; /* guarded */
    bool welcomed, finishing;
    uint64_t wanted, given; /* games */
    GHashTable *playing;    /* numbers of games that it has been given and not handed in */
    uint64_t arrived, committed, told_arrived, told_committed; /* sequence numbers */
    GQueue *pending;
    int64_t generation; /* of the net that it has been sent; -1: none */
};

struct cluster_host {
    struct transport *transport;
    struct link *link;
    char *arguments;
    double finish_s;
    struct member *members; /* [size]; that of rank 0 is unused */
    int turn;               /* the rank that is served first */
    pthread_mutex_t calling; /* held by the link's thread while it may use ops; taken before lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Guarded by lock. */
    const struct cluster_host_ops *ops; /* NULL: not serving yet */
    void *user;
    GBytes *welcome;
    GBytes *net; /* the message; NULL: none yet */
    int64_t generation, committed;
    bool finishing;
    atomic_bool summing; /* several ranks train */
    GError *failure; /* the first one, if it came before ops */
};

/* ---- failures ---- */

static void fail(struct cluster_host *host, enum cluster_error code, char *message)
{
    GError *error = g_error_new_literal(CLUSTER_ERROR, (gint)code, message);
    g_free(message);
    if (host->link && host->summing) /* the rank that failed will not add its part */
        link_fail(host->link);
    pthread_mutex_lock(&host->lock);
    const struct cluster_host_ops *ops = host->ops;
    if (!host->failure)
        host->failure = g_error_copy(error);
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->lock);
    if (ops)
        ops->failed(host->user, error);
    else
        g_error_free(error);
}

static void lost(void *user, int rank, const char *why)
{
    struct cluster_host *host = user;
    pthread_mutex_lock(&host->calling);
    const char *name = rank > 0 ? host->members[rank].name : NULL;
    if (rank < 0)
        fail(host, CLUSTER_ERROR_LOST, g_strdup_printf("the connection to the other ranks has failed: %s", why));
    else
        fail(host, CLUSTER_ERROR_LOST,
             g_strdup_printf("rank %d%s%s %s; the job ends. All committed games are kept: rerun the command to resume", rank,
                             name ? " on " : "", name ? name : "", why));
    pthread_mutex_unlock(&host->calling);
}

/* ---- what arrives ---- */

static void take_hello(struct cluster_host *host, int from, struct message_reader *reader)
{
    char *name, *problem = cluster_check_hello(reader, from, host->arguments, &name);
    pthread_mutex_lock(&host->lock);
    g_free(host->members[from].name);
    host->members[from].name = name;
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->lock);
    if (problem)
        fail(host, CLUSTER_ERROR_INPUT, problem);
}

static void take_record(struct cluster_host *host, int from, struct record *record, uint64_t sequence,
                        uint64_t evaluations)
{
    struct member *member = &host->members[from];
    if (!g_hash_table_remove(member->playing, &record->number)) {
        fail(host, CLUSTER_ERROR_LOST,
             g_strdup_printf("rank %d handed in game %" G_GUINT64_FORMAT ", which it had not been given", from,
                             record->number));
        record_unref(record);
        return;
    }
    struct pending *pending = g_new(struct pending, 1);
    member->arrived = sequence;
    *pending = (struct pending){sequence, host->ops->hand_in(host->user, record, evaluations)};
    g_queue_push_tail(member->pending, pending);
    pthread_mutex_lock(&host->lock);
    member->figures.games++;
    member->figures.evaluations += evaluations;
    pthread_mutex_unlock(&host->lock);
}

/* Games come in order; one out of turn is a repetition, or follows one that was lost and will be repeated. */
static void take_game(struct cluster_host *host, int from, struct message_reader *reader)
{
    struct member *member = &host->members[from];
    const uint64_t sequence = message_take_u64(reader), evaluations = message_take_u64(reader);
    size_t size;
    const void *data = message_take_bytes(reader, &size);
    struct record *record;
    GError *error = NULL;
    member->told_arrived = 0; /* the rank is told again, in case that it missed what it was told */
    if (!reader->good || sequence != member->arrived + 1)
        return;
    if (record_unpack(&record, NULL, data, size, &error) == 0) {
        take_record(host, from, record, sequence, evaluations);
        return;
    }
    fail(host, CLUSTER_ERROR_LOST, g_strdup_printf("a game of rank %d is damaged: %s", from, error->message));
    g_error_free(error);
}

static void take_status(struct cluster_host *host, int from, struct message_reader *reader)
{
    const double waited = message_take_f64(reader), processor = message_take_f64(reader);
    pthread_mutex_lock(&host->lock);
    host->members[from].figures.waited_s = waited;
    host->members[from].figures.processor_s = processor;
    pthread_mutex_unlock(&host->lock);
}

static void take_failure(struct cluster_host *host, int from, struct message_reader *reader)
{
    char *text = message_take_text(reader);
    fail(host, CLUSTER_ERROR_INPUT, g_strdup_printf("rank %d on %s: %s", from, host->members[from].name, text));
    g_free(text);
}

static void take_bye(struct cluster_host *host, int from)
{
    pthread_mutex_lock(&host->lock);
    host->members[from].left = true;
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->lock);
}

static void take(struct cluster_host *host, int from, const void *data, size_t size)
{
    struct message_reader reader;
    const enum message_kind kind = message_read(&reader, data, size);
    pthread_mutex_lock(&host->lock);
    const bool serving = host->ops != NULL;
    pthread_mutex_unlock(&host->lock);
    if (kind == MESSAGE_HELLO)
        take_hello(host, from, &reader);
    else if (kind == MESSAGE_FAILED)
        take_failure(host, from, &reader);
    else if (kind == MESSAGE_BYE)
        take_bye(host, from);
    else if (kind == MESSAGE_WANT)
        host->members[from].wanted = message_take_u64(&reader);
    else if (kind == MESSAGE_GAME && serving)
        take_game(host, from, &reader);
    else if (kind == MESSAGE_STATUS)
        take_status(host, from, &reader);
    else if (kind == MESSAGE_SIGNAL && serving)
        host->ops->stop(host->user);
}

static void received(void *user, int from, const void *data, size_t size)
{
    struct cluster_host *host = user;
    pthread_mutex_lock(&host->calling);
    take(host, from, data, size);
    pthread_mutex_unlock(&host->calling);
}

/* ---- what is sent, about every few milliseconds ---- */

/* The newest net, unless the rank has it. */
static void send_net(struct cluster_host *host, int to)
{
    struct member *member = &host->members[to];
    pthread_mutex_lock(&host->lock);
    GBytes *net = host->net && member->generation != host->generation ? g_bytes_ref(host->net) : NULL;
    member->generation = host->generation;
    pthread_mutex_unlock(&host->lock);
    if (net)
        link_send(host->link, to, net);
}

static void send_assignment(struct cluster_host *host, int to, const struct selfplay_assignment *next)
{
    struct member *member = &host->members[to];
    GByteArray *message = message_new(MESSAGE_ASSIGN);
    message_put_u64(message, next->number);
    message_put_u64(message, next->seed);
    message_put_f64(message, next->progress);
    message_put_u64(message, (uint64_t)next->start_plies);
    GBytes *start = next->start ? record_pack(next->start) : g_bytes_new(NULL, 0);
    gsize size;
    const void *data = g_bytes_get_data(start, &size);
    message_put_bytes(message, data, size);
    g_bytes_unref(start);
    link_send(host->link, to, message_finish(message));
    g_hash_table_add(member->playing, g_memdup2(&next->number, sizeof next->number));
    member->given++;
}

/* In turns, one game for each, so that the games of a shortage are spread over all ranks. */
static void give_games(struct cluster_host *host)
{
    const int others = host->transport->size - 1;
    for (int refused = 0; refused < others;) {
        const int rank = 1 + host->turn;
        struct member *member = &host->members[rank];
        host->turn = (host->turn + 1) % others;
        if (member->given >= member->wanted) {
            refused++;
            continue;
        }
        struct selfplay_assignment next = {0};
        if (!host->ops->next_game(host->user, &next)) {
            host->turn = rank - 1; /* its turn stays */
            return;
        }
        send_net(host, rank); /* the game may be the first of those that are to be played with it */
        send_assignment(host, rank, &next);
        record_unref(next.start);
        refused = 0;
    }
}

static void acknowledge(struct cluster_host *host, int to, int64_t committed)
{
    struct member *member = &host->members[to];
    for (struct pending *first; (first = g_queue_peek_head(member->pending)) && first->place <= committed;) {
        member->committed = first->sequence;
        g_free(g_queue_pop_head(member->pending));
    }
    if (member->told_arrived == member->arrived && member->told_committed == member->committed)
        return;
    GByteArray *message = message_new(MESSAGE_ACK);
    message_put_u64(message, member->arrived);
    message_put_u64(message, member->committed);
    link_send(host->link, to, message_finish(message));
    member->told_arrived = member->arrived;
    member->told_committed = member->committed;
}

static void tell(struct cluster_host *host, int to, bool finishing)
{
    struct member *member = &host->members[to];
    if (!member->welcomed)
        link_send(host->link, to, g_bytes_ref(host->welcome)); /* constant since the host serves */
    member->welcomed = true;
    if (finishing && !member->finishing)
        link_send(host->link, to, message_of(MESSAGE_FINISH));
    member->finishing = finishing;
}

static void tick(void *user)
{
    struct cluster_host *host = user;
    pthread_mutex_lock(&host->calling);
    pthread_mutex_lock(&host->lock);
    const bool serving = host->ops != NULL, finishing = host->finishing, ready = host->net != NULL;
    const int64_t committed = host->committed;
    pthread_mutex_unlock(&host->lock);
    for (int i = 1; serving && i < host->transport->size; i++) {
        tell(host, i, finishing);
        send_net(host, i);
        acknowledge(host, i, committed);
    }
    if (serving && !finishing && ready)
        give_games(host);
    pthread_mutex_unlock(&host->calling);
}

static const struct link_ops host_link_ops = {.received = received, .tick = tick, .lost = lost};

/* ---- for other threads ---- */

struct cluster_host *cluster_host_open(struct transport *transport, const struct cluster_host_config *config, GError **error)
{
    struct cluster_host *host = g_new0(struct cluster_host, 1);
    host->transport = transport;
    host->arguments = g_strdup(config->arguments);
    host->finish_s = config->finish_s > 0 ? config->finish_s : CLUSTER_FINISH_S;
    host->generation = -1;
    host->members = g_new0(struct member, transport->size);
    for (int i = 0; i < transport->size; i++) {
        host->members[i].playing = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
        host->members[i].pending = g_queue_new();
        host->members[i].generation = -1;
    }
    pthread_mutex_init(&host->calling, NULL);
    pthread_mutex_init(&host->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&host->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    const struct link_config link = {.ops = &host_link_ops, .user = host, .silence_s = config->silence_s};
    if (link_start(&host->link, transport, &link, error))
        return host;
    cluster_host_close(host, 0);
    return NULL;
}

static bool all_have(const struct cluster_host *host, bool left)
{
    for (int i = 1; i < host->transport->size; i++)
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

void cluster_host_serve(struct cluster_host *host, const struct cluster_terms *terms, const struct cluster_host_ops *ops,
                        void *user)
{
    pthread_mutex_lock(&host->lock);
    host->welcome = cluster_terms_pack(terms);
    host->user = user;
    host->ops = ops;
    GError *failure = host->failure ? g_error_copy(host->failure) : NULL;
    pthread_mutex_unlock(&host->lock);
    if (failure)
        ops->failed(user, failure);
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

bool cluster_host_sum(struct cluster_host *host, float *values, size_t count)
{
    host->summing = true;
    return link_sum(host->link, values, count);
}

void cluster_host_committed(struct cluster_host *host, int64_t place)
{
    pthread_mutex_lock(&host->lock);
    host->committed = place;
    pthread_mutex_unlock(&host->lock);
}

void cluster_host_finish(struct cluster_host *host)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)host->finish_s;
    pthread_mutex_lock(&host->lock);
    host->finishing = true;
    while (!link_has_failed(host->link) && !all_have(host, true) &&
           pthread_cond_timedwait(&host->changed, &host->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&host->lock);
    pthread_mutex_lock(&host->calling);
    pthread_mutex_lock(&host->lock);
    host->ops = NULL;
    pthread_mutex_unlock(&host->lock);
    pthread_mutex_unlock(&host->calling);
}

static void free_host(struct cluster_host *host)
{
    for (int i = 0; i < host->transport->size; i++) {
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
    for (int i = 1; host->link && i < host->transport->size; i++) {
        GByteArray *message = message_new(MESSAGE_END);
        message_put_u64(message, (uint64_t)status);
        link_send(host->link, i, message_finish(message));
        link_forget(host->link, i);
    }
    link_stop(host->link, host->link && link_has_failed(host->link) ? LOST_FINISH_S : CLUSTER_FINISH_S);
    free_host(host);
}

bool cluster_host_has_failed(struct cluster_host *host)
{
    return link_has_failed(host->link);
}

int cluster_host_ranks(const struct cluster_host *host)
{
    return host->transport->size;
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

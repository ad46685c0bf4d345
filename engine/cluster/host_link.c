/* The link's thread of rank 0: what arrives from other ranks, and what they are sent. */
#include <stdio.h>

#include "engine/cluster/host.h"
#include "engine/cluster/host_internal.h"
#include "engine/cluster/link.h"
#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/terms.h"
#include "engine/cluster/transport.h"

enum { USAGE_STATUS = 2, FAILED_STATUS = 3 }; /* of a rank that may not stay */

/* ---- failures ---- */

static void fail(struct cluster_host *host, enum cluster_error code, char *message)
{
    GError *error = g_error_new_literal(CLUSTER_ERROR, (gint)code, message);
    g_free(message);
    if (host->link && host->summing) /* the rank that failed will not add its part */
        link_fail(host->link);
    pthread_mutex_lock(&host->lock);
    const struct cluster_work_ops *ops = host->ops;
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
             g_strdup_printf("rank %d%s%s %s; the job ends. All committed games are kept: rerun the command to resume",
                             rank, name ? " on " : "", name ? name : "", why));
    pthread_mutex_unlock(&host->calling);
}

/* ---- ranks that have joined: what is wrong with them is no failure of the job ---- */

static bool has_joined(const struct cluster_host *host, int rank)
{
    return rank >= host->transport->started;
}

static void say(const struct cluster_host *host, int rank, const char *what)
{
    const char *name = host->members[rank].name;
    fprintf(stderr, "tengen: rank %d%s%s, which joined the job, %s\n", rank, name ? " on " : "", name ? name : "",
            what);
}

static void joined(void *user, int rank)
{
    struct cluster_host *host = user;
    pthread_mutex_lock(&host->lock);
    cluster_member_init(&host->members[rank]);
    host->ranks = rank + 1;
    pthread_mutex_unlock(&host->lock);
}

static void mark_as_left(struct cluster_host *host, int rank)
{
    pthread_mutex_lock(&host->lock);
    host->members[rank].left = true;
    host->members[rank].wanted = host->members[rank].given;
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->lock);
}

/* The games that it was playing are lost; nobody else waits for them. */
static void gone(void *user, int rank, const char *why)
{
    struct cluster_host *host = user;
    say(host, rank, why);
    mark_as_left(host, rank);
}

/* text: NULL, or why it may not stay. */
static void let_go(struct cluster_host *host, int rank, int status, const char *text)
{
    if (host->members[rank].left)
        return;
    say(host, rank, text ? text : "leaves");
    mark_as_left(host, rank);
    link_send(host->link, rank, message_end(status, text));
    link_release(host->link, rank);
}

/* ---- what arrives ---- */

static void take_hello(struct cluster_host *host, int from, struct message_reader *reader)
{
    const bool late = has_joined(host, from);
    char *name, *problem = cluster_check_hello(reader, from, late ? NULL : host->arguments, &name);
    if (problem && !late) /* before the rank counts as present */
        fail(host, CLUSTER_ERROR_INPUT, problem);
    pthread_mutex_lock(&host->lock);
    g_free(host->members[from].name);
    host->members[from].name = name;
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->lock);
    if (!late)
        return;
    if (problem)
        let_go(host, from, USAGE_STATUS, problem);
    else
        say(host, from, "plays from now on");
    g_free(problem);
}

/* The rank was given the game, and it is the next one in its sequence. */
static void take_next_game(struct cluster_host *host, int from, uint64_t sequence, uint64_t number,
                           struct message_reader *reader)
{
    struct member *member = &host->members[from];
    const uint64_t evaluations = message_take_u64(reader);
    size_t size;
    const void *data = message_take_bytes(reader, &size);
    GError *error = NULL;
    const int64_t place = host->ops->take(host->user, from, number, evaluations, data, size, &error);
    if (place < 0) {
        fail(host, CLUSTER_ERROR_LOST, g_strdup_printf("a game of rank %d is damaged: %s", from, error->message));
        g_error_free(error);
        return;
    }
    struct pending *pending = g_new(struct pending, 1);
    member->arrived = sequence;
    *pending = (struct pending){sequence, place};
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
    const uint64_t sequence = message_take_u64(reader), number = message_take_u64(reader);
    member->told_arrived = 0; /* the rank is told again, in case that it missed what it was told */
    if (!reader->good || sequence != member->arrived + 1)
        return;
    if (g_hash_table_remove(member->playing, &number))
        take_next_game(host, from, sequence, number, reader);
    else
        fail(
            host, CLUSTER_ERROR_LOST,
            g_strdup_printf("rank %d handed in game %" G_GUINT64_FORMAT ", which it had not been given", from, number));
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
    if (has_joined(host, from))
        let_go(host, from, FAILED_STATUS, text);
    else
        fail(host, CLUSTER_ERROR_INPUT, g_strdup_printf("rank %d on %s: %s", from, host->members[from].name, text));
    g_free(text);
}

static void take_bye(struct cluster_host *host, int from)
{
    if (has_joined(host, from))
        let_go(host, from, 0, NULL);
    else
        mark_as_left(host, from);
}

/* The first thing that a rank hears, and that it is to end. */
static void tell(struct cluster_host *host, int to, bool finishing)
{
    struct member *member = &host->members[to];
    if (!member->welcomed)
        link_send(host->link, to, g_bytes_ref(host->welcome)); /* constant since the host serves */
    member->welcomed = true;
    if (finishing && !member->finishing)
        link_send(host->link, to, message_of(MESSAGE_FINISH));
    member->finishing = member->finishing || finishing;
}

static void take_signal(struct cluster_host *host, int from, bool serving)
{
    if (has_joined(host, from)) {
        tell(host, from, true);
        return;
    }
    pthread_mutex_lock(&host->lock);
    host->told_to_stop = true;
    pthread_mutex_unlock(&host->lock);
    if (serving)
        host->ops->stop(host->user);
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
    else if (kind == MESSAGE_SIGNAL)
        take_signal(host, from, serving);
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

static bool give_game(struct cluster_host *host, int to)
{
    struct member *member = &host->members[to];
    GByteArray *fields = g_byte_array_new();
    uint64_t number = 0;
    const bool any = host->ops->next(host->user, &number, fields);
    if (any) {
        GByteArray *message = message_new(MESSAGE_ASSIGN);
        message_put_u64(message, number);
        g_byte_array_append(message, fields->data, fields->len);
        send_net(host, to); /* the game may be the first of those that are to be played with it */
        link_send(host->link, to, message_finish(message));
        g_hash_table_add(member->playing, g_memdup2(&number, sizeof number));
        member->given++;
    }
    g_byte_array_unref(fields);
    return any;
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
        if (!give_game(host, rank)) {
            host->turn = rank - 1; /* its turn stays */
            return;
        }
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

static void tick(void *user)
{
    struct cluster_host *host = user;
    pthread_mutex_lock(&host->calling);
    pthread_mutex_lock(&host->lock);
    const bool serving = host->ops != NULL, finishing = host->finishing;
    const int64_t committed = host->committed;
    pthread_mutex_unlock(&host->lock);
    for (int i = 1; serving && i < host->transport->size; i++) {
        if (has_joined(host, i) && host->members[i].left)
            continue;
        tell(host, i, finishing);
        send_net(host, i);
        acknowledge(host, i, committed);
    }
    if (serving && !finishing)
        give_games(host);
    pthread_mutex_unlock(&host->calling);
}

const struct link_ops cluster_host_link_ops = {
    .received = received,
    .tick = tick,
    .joined = joined,
    .gone = gone,
    .lost = lost,
};

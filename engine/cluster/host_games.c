/* The games of self-play as work of a host: assignments and records as bytes. player.c is the other side. */
#include "engine/cluster/host.h"
#include "engine/cluster/host_internal.h"
#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/terms.h"
#include "engine/selfplay/selfplay.h"
#include "engine/store/record.h"

static bool next(void *user, uint64_t *number, GByteArray *message)
{
    const struct host_games *games = user;
    struct selfplay_assignment next = {0};
    if (!games->ops->next_game(games->user, &next))
        return false;
    *number = next.number;
    message_put_u64(message, next.seed);
    message_put_f64(message, next.progress);
    message_put_u64(message, (uint64_t)next.opponent_visits);
    message_put_u64(message, (uint64_t)next.start_plies);
    GBytes *start = next.start ? record_pack(next.start) : g_bytes_new(NULL, 0);
    gsize size;
    const void *data = g_bytes_get_data(start, &size);
    message_put_bytes(message, data, size);
    g_bytes_unref(start);
    record_unref(next.start);
    return true;
}

static int64_t take(void *user, int from, uint64_t number, uint64_t evaluations, const void *data, size_t size,
                    GError **error)
{
    (void)from;
    const struct host_games *games = user;
    struct record *record;
    if (record_unpack(&record, NULL, data, size, error) != 0)
        return -1;
    if (record->number == number)
        return games->ops->hand_in(games->user, record, evaluations);
    g_set_error(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST,
                "game %" G_GUINT64_FORMAT " is recorded as %" G_GUINT64_FORMAT, number, record->number);
    record_unref(record);
    return -1;
}

static void stop(void *user)
{
    const struct host_games *games = user;
    games->ops->stop(games->user);
}

static void failed(void *user, GError *error)
{
    const struct host_games *games = user;
    games->ops->failed(games->user, error);
}

static const struct cluster_work_ops games_ops = {.next = next, .take = take, .stop = stop, .failed = failed};

void cluster_host_serve(struct cluster_host *host, const struct cluster_terms *terms,
                        const struct cluster_host_ops *ops, void *user)
{
    host->games = (struct host_games){ops, user};
    cluster_host_serve_work(host, cluster_terms_pack(terms), &games_ops, &host->games);
}

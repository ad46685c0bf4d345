/* The threads of a rank that plays: self-play workers (engine/selfplay/worker.h) whose games come from rank 0 and go there. */
#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/terms.h"
#include "engine/cluster/worker.h"
#include "engine/cluster/worker_internal.h"
#include "engine/selfplay/selfplay.h"
#include "engine/selfplay/worker.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "net/net.h"

struct player {
    struct cluster_worker *worker;
    const struct selfplay_config *config;
    pthread_t thread;
    bool first; /* makes way for the trainer */
};

static bool read_assignment(struct selfplay_assignment *next, struct message_reader *fields, GError **error)
{
    size_t size;
    next->seed = message_take_u64(fields);
    next->progress = message_take_f64(fields);
    next->opponent_visits = (int64_t)message_take_u64(fields);
    next->start_plies = (int)message_take_u64(fields);
    const void *start = message_take_bytes(fields, &size);
    if (!fields->good)
        g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST, "a damaged message from rank 0");
    return fields->good && (size == 0 || record_unpack(&next->start, NULL, start, size, error) == 0);
}

static bool next_game(void *user, struct selfplay_assignment *next, GError **error)
{
    const struct player *player = user;
    struct message_reader fields;
    GBytes *game = cluster_worker_next(player->worker, &next->number, &fields);
    const bool good = game && read_assignment(next, &fields, error);
    g_bytes_unref(game);
    return good;
}

/* Only at the start there may be none yet. */
static bool take_net(void *user, const struct selfplay_net *in_use, struct selfplay_net *newest, GError **error)
{
    const struct player *player = user;
    struct cluster_worker *worker = player->worker;
    pthread_mutex_lock(&worker->lock);
    while (!worker->finishing && !worker->net)
        pthread_cond_wait(&worker->changed, &worker->lock);
    const bool proceed = worker->net != NULL;
    if (proceed && (!in_use->net || in_use->generation != worker->generation))
        *newest = (struct selfplay_net){.net = net_ref(worker->net), .generation = worker->generation};
    pthread_mutex_unlock(&worker->lock);
    if (!proceed)
        g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST, "the job ended before there was a net");
    return proceed;
}

static void hand_in(void *user, struct record *record, uint64_t evaluations)
{
    const struct player *player = user;
    const uint64_t number = record->number;
    GBytes *packed = record_pack(record);
    record_unref(record);
    cluster_worker_hand_in(player->worker, number, evaluations, packed);
}

static bool before_move(void *user)
{
    const struct player *player = user;
    pthread_mutex_lock(&player->worker->lock);
    while (player->first && player->worker->paused && !player->worker->finishing)
        pthread_cond_wait(&player->worker->changed, &player->worker->lock);
    const bool proceed = !player->worker->finishing;
    pthread_mutex_unlock(&player->worker->lock);
    return proceed;
}

static const struct selfplay_worker_ops player_ops = {
    .next_game = next_game,
    .take_net = take_net,
    .hand_in = hand_in,
    .before_move = before_move,
};

static void *run(void *user)
{
    struct player *player = user;
    GError *error = NULL;
    if (selfplay_worker_run(&player_ops, player, player->config, &error) == 0)
        return NULL;
    pthread_mutex_lock(&player->worker->lock);
    const bool finishing = player->worker->finishing;
    pthread_mutex_unlock(&player->worker->lock);
    if (finishing)
        g_error_free(error);
    else
        cluster_worker_fail(player->worker, error);
    return NULL;
}

/* The threads play until the worker is finishing. Returns when all have ended. */
static void run_players(struct cluster_worker *worker, const struct cluster_terms *terms, int threads)
{
    struct game games[SETTINGS_MAX_GAMES];
    GError *error = NULL;
    const int count = settings_games(&terms->settings, games, &error);
    if (!count) {
        cluster_worker_fail(worker, error);
        return;
    }
    const struct selfplay_config config = {.games = games,
                                           .game_count = count,
                                           .settings = &terms->settings,
                                           .backend = terms->backend,
                                           .dtype = terms->dtype,
                                           .cache_bytes = terms->cache_bytes,
                                           .opponent = terms->opponent};
    struct player *players = g_new0(struct player, threads);
    int running = 0;
    for (bool good = true; good && running < threads; running += good) {
        players[running] = (struct player){.worker = worker, .config = &config, .first = running == 0};
        good = pthread_create(&players[running].thread, NULL, run, &players[running]) == 0;
    }
    if (running == 0)
        cluster_worker_fail(worker, g_error_new_literal(CLUSTER_ERROR, CLUSTER_ERROR_LOST,
                                                        "the system refuses another thread; free memory or raise its "
                                                        "limit of processes"));
    for (int i = 0; i < running; i++)
        pthread_join(players[i].thread, NULL);
    g_free(players);
}

bool cluster_worker_wait(struct cluster_worker *worker, struct cluster_terms *terms)
{
    struct message_reader fields;
    GError *error = NULL;
    if (!cluster_worker_welcome(worker, &fields))
        return false;
    if (cluster_terms_unpack(terms, &fields, &error))
        return true;
    cluster_worker_fail(worker, error);
    return false;
}

void cluster_worker_play(struct cluster_worker *worker, const struct cluster_terms *terms, int threads)
{
    cluster_worker_ask(worker, threads * terms->spare);
    run_players(worker, terms, threads);
    cluster_worker_finish(worker);
}

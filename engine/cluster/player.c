/* The threads of a rank that plays: self-play workers (engine/selfplay/worker.h) whose games come from rank 0 and go there. */
#include "engine/cluster/load.h"
#include "engine/cluster/terms.h"
#include "engine/cluster/worker.h"
#include "engine/cluster/worker_internal.h"
#include "engine/selfplay/selfplay.h"
#include "engine/selfplay/worker.h"
#include "engine/settings/settings.h"
#include "games/game.h"
#include "net/net.h"

struct player {
    struct cluster_worker *worker;
    const struct selfplay_config *config;
    pthread_t thread;
    bool first; /* makes way for the trainer */
};

static double now(void)
{
    return 1e-6 * (double)g_get_monotonic_time();
}

static bool next_game(void *user, struct selfplay_assignment *next, GError **error)
{
    (void)error;
    const struct player *player = user;
    struct cluster_worker *worker = player->worker;
    const double from = now();
    pthread_mutex_lock(&worker->lock);
    if (!worker->finishing)
        cluster_worker_want(worker, 1); /* to play it, or in place of a spare one that is played */
    while (!worker->finishing && worker->games->length == 0)
        pthread_cond_wait(&worker->changed, &worker->lock);
    worker->waited_s += now() - from;
    const bool proceed = !worker->finishing;
    if (proceed) {
        struct selfplay_assignment *first = g_queue_pop_head(worker->games);
        *next = *first;
        g_free(first);
    }
    pthread_mutex_unlock(&worker->lock);
    return proceed;
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
    cluster_worker_hand_in(player->worker, record, evaluations);
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

void cluster_players_run(struct cluster_worker *worker, const struct cluster_terms *terms, int threads)
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

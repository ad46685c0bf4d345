/* Rank 0: games for the other ranks, and what comes back. The link's thread, which must not wait, takes the games; another
 * one stores them. */
#include <pthread.h>
#include <stdint.h>

#include "engine/cluster/host.h"
#include "engine/cluster/message.h"
#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "engine/match/match_internal.h"
#include "engine/match/ranks/bytes.h"
#include "engine/match/ranks/nets.h"
#include "engine/match/ranks/ranks.h"
#include "engine/match/settings.h"
#include "engine/match/setup.h"
#include "games/game.h"

struct arrived {
    int number;
    struct match_game game;
};

struct match_ranks {
    struct match *match;
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Guarded by lock. */
    GQueue *arrived; /* struct arrived */
    int64_t place;   /* games that have arrived */
    bool closing;
};

/* ---- the welcome ---- */

static bool put_players(GByteArray *message, const struct match_setup *setup, GError **error)
{
    const struct match_config *config = &setup->config;
    const char *specs[MATCH_MAX_PLAYERS + 1];
    int count = 0;
    message_put_u64(message, (uint64_t)config->player_count);
    for (int i = 0; i < config->player_count; i++) {
        message_put_text(message, config->players[i].name);
        message_put_text(message, config->players[i].spec);
        specs[count++] = config->players[i].spec;
    }
    if (config->referee)
        specs[count++] = config->referee;
    return match_put_nets(message, specs, count, config->game->ops->name, error);
}

bool match_setup_ranks(struct match_setup *setup, const struct match_settings *settings, GError **error)
{
    GByteArray *message = message_new(MESSAGE_WELCOME);
    const bool in_file = settings->source[match_option_find("threads")] == MATCH_FROM_FILE;
    message_put_text(message, MATCH_WORK);
    message_put_u64(message, in_file ? (uint64_t)settings->threads : 0);
    match_put_settings(message, settings);
    const bool good = put_players(message, setup, error);
    setup->config.welcome = message_finish(message);
    return good;
}

/* ---- the link's thread ---- */

static bool next_game(void *user, uint64_t *number, GByteArray *message)
{
    struct match_ranks *ranks = user;
    struct match *match = ranks->match;
    pthread_mutex_lock(&match->lock);
    const int found = match_find_game(match);
    if (found >= 0) {
        const struct match_record *record = &match->report->records[found];
        match_put_pairing(message, record->side, match_opening_of(match->config, record));
    }
    pthread_mutex_unlock(&match->lock);
    *number = (uint64_t)MAX(found, 0);
    return found >= 0;
}

static int64_t take_game(void *user, int from, uint64_t number, uint64_t evaluations, const void *data, size_t size,
                         GError **error)
{
    (void)from, (void)evaluations;
    struct match_ranks *ranks = user;
    struct arrived *arrived = g_new(struct arrived, 1);
    arrived->number = (int)number;
    if (!match_unpack_game(&arrived->game, ranks->match->config->game, data, size, error)) {
        g_free(arrived);
        return -1;
    }
    pthread_mutex_lock(&ranks->lock);
    g_queue_push_tail(ranks->arrived, arrived);
    const int64_t place = ++ranks->place;
    pthread_cond_signal(&ranks->changed);
    pthread_mutex_unlock(&ranks->lock);
    return place;
}

static void stop(void *user)
{
    const struct match_ranks *ranks = user;
    pthread_mutex_lock(&ranks->match->lock);
    ranks->match->told_to_stop = true;
    pthread_cond_broadcast(&ranks->match->changed);
    pthread_mutex_unlock(&ranks->match->lock);
}

static void failed(void *user, GError *error)
{
    const struct match_ranks *ranks = user;
    match_fail(ranks->match, error);
}

static const struct cluster_work_ops match_ops = {
    .next = next_game,
    .take = take_game,
    .stop = stop,
    .failed = failed,
};

/* ---- the thread that stores ---- */

static void store(struct match_ranks *ranks, GQueue *games, int64_t place)
{
    struct match *match = ranks->match;
    GError *error = NULL;
    for (struct arrived *next; (next = g_queue_pop_head(games));) {
        match_record_game(match, next->number, &next->game);
        match_game_clear(&next->game);
        g_free(next);
    }
    if (match->config->journal && !journal_flush(match->config->journal, &error))
        match_fail(match, error);
    else
        cluster_host_committed(match->config->cluster, place);
}

static void *run(void *user)
{
    struct match_ranks *ranks = user;
    pthread_mutex_lock(&ranks->lock);
    while (!ranks->closing || ranks->arrived->length > 0) {
        if (ranks->arrived->length == 0) {
            pthread_cond_wait(&ranks->changed, &ranks->lock);
            continue;
        }
        GQueue *games = ranks->arrived;
        const int64_t place = ranks->place;
        ranks->arrived = g_queue_new();
        pthread_mutex_unlock(&ranks->lock);
        store(ranks, games, place);
        g_queue_free(games);
        pthread_mutex_lock(&ranks->lock);
    }
    pthread_mutex_unlock(&ranks->lock);
    return NULL;
}

/* ---- start and end ---- */

struct match_ranks *match_ranks_start(struct match *match)
{
    struct match_ranks *ranks = g_new0(struct match_ranks, 1);
    ranks->match = match;
    ranks->arrived = g_queue_new();
    pthread_mutex_init(&ranks->lock, NULL);
    pthread_cond_init(&ranks->changed, NULL);
    ranks->running = pthread_create(&ranks->thread, NULL, run, ranks) == 0;
    if (ranks->running)
        cluster_host_serve_work(match->config->cluster, g_bytes_ref(match->config->welcome), &match_ops, ranks);
    else
        match_fail(match, match_thread_error());
    return ranks;
}

void match_ranks_stop(struct match_ranks *ranks)
{
    if (!ranks)
        return;
    const struct match *match = ranks->match;
    if (ranks->running) {
        (match->over ? cluster_host_end_work : cluster_host_finish)(match->config->cluster);
        pthread_mutex_lock(&ranks->lock);
        ranks->closing = true;
        pthread_cond_signal(&ranks->changed);
        pthread_mutex_unlock(&ranks->lock);
        pthread_join(ranks->thread, NULL);
    }
    g_queue_free(ranks->arrived);
    pthread_mutex_destroy(&ranks->lock);
    pthread_cond_destroy(&ranks->changed);
    g_free(ranks);
}

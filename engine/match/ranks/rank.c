/* The other ranks: threads that play what rank 0 hands out. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/cluster/worker.h"
#include "engine/match/game.h"
#include "engine/match/match.h"
#include "engine/match/match_internal.h"
#include "engine/match/ranks/bytes.h"
#include "engine/match/ranks/nets.h"
#include "engine/match/ranks/ranks.h"
#include "engine/match/settings.h"
#include "engine/match/setup.h"
#include "engine/match/worker.h"
#include "games/game.h"

#define LOOK_S 0.1 /* how often threads that have not stopped yet are told again */

struct rank {
    struct cluster_worker *worker;
    struct match_settings settings;
    struct match_setup setup;
    GPtrArray *names; /* char *: of the players */
    struct match_nets *nets;
    int threads; /* 0: not said */
    atomic_bool stop;
    atomic_int running;
};

/* ---- what rank 0 says ---- */

static bool add_agent(struct rank *rank, const char *spec, GError **error)
{
    char *placed = match_nets_place(rank->nets, spec);
    const bool good = match_settings_set(&rank->settings, match_option_find("agent"), placed, 0, error);
    g_free(placed);
    return good;
}

/* The nets come after the players that name them. */
static bool take_players(struct rank *rank, struct message_reader *fields, GError **error)
{
    const uint64_t count = message_take_u64(fields);
    GPtrArray *specs = g_ptr_array_new_with_free_func(g_free);
    for (uint64_t i = 0; i < count && fields->good; i++) {
        g_ptr_array_add(rank->names, message_take_text(fields));
        g_ptr_array_add(specs, message_take_text(fields));
    }
    rank->nets = match_take_nets(fields, error);
    bool good = rank->nets != NULL;
    for (guint i = 0; good && i < specs->len; i++)
        good = add_agent(rank, specs->pdata[i], error);
    g_ptr_array_unref(specs);
    return good;
}

static void place_referee(struct rank *rank)
{
    char *spec = rank->settings.referee;
    if (!spec)
        return;
    rank->settings.referee = match_nets_place(rank->nets, spec);
    g_free(spec);
}

/* Openings and journal are rank 0's. */
static bool prepare(struct rank *rank, struct message_reader *fields, GError **error)
{
    int at;
    rank->threads = (int)message_take_u64(fields);
    if (!match_take_settings(fields, &rank->settings, error) || !take_players(rank, fields, error))
        return false;
    place_referee(rank);
    rank->settings.opening_plies = 0;
    if (!match_setup_make(&rank->setup, &rank->settings, error))
        return false;
    for (int i = 0; i < rank->setup.config.player_count; i++)
        rank->setup.players[i].name = rank->names->pdata[i];
    return match_check_players(&rank->setup.config, 0, &at, error);
}

/* ---- playing ---- */

struct player {
    struct rank *rank;
    pthread_t thread;
    struct match_worker *own;
};

/* False, after rank 0 has been told, if the message is damaged. */
static bool play_one(struct player *player, uint64_t number, struct message_reader *fields)
{
    const struct match_config *config = &player->rank->setup.config;
    struct match_opening opening;
    struct match_game game;
    int side[2];
    if (!match_take_pairing(fields, config->game, config->player_count, side, &opening)) {
        cluster_worker_fail(player->rank->worker,
                            g_error_new_literal(CLUSTER_ERROR, CLUSTER_ERROR_LOST, "a damaged message from rank 0"));
        return false;
    }
    match_worker_play(player->own, (int)number, side, opening.count ? &opening : NULL, &game);
    if (game.end != MATCH_STOPPED)
        cluster_worker_hand_in(player->rank->worker, number, 0, match_pack_game(&game));
    match_game_clear(&game);
    return true;
}

static void *play(void *user)
{
    struct player *player = user;
    struct message_reader fields;
    uint64_t number;
    bool good = true;
    for (GBytes *next; good && (next = cluster_worker_next(player->rank->worker, &number, &fields));) {
        good = play_one(player, number, &fields);
        g_bytes_unref(next);
    }
    match_worker_close(player->own);
    atomic_fetch_sub(&player->rank->running, 1);
    return NULL;
}

/* Returns how many run. */
static int start_players(struct rank *rank, struct player *players, int count)
{
    const int first = cluster_local_rank() * count;
    for (int i = 0; i < count; i++) {
        players[i] =
            (struct player){.rank = rank, .own = match_worker_new(&rank->setup.config, first + i, &rank->stop)};
        atomic_fetch_add(&rank->running, 1);
        if (pthread_create(&players[i].thread, NULL, play, &players[i]) != 0) {
            atomic_fetch_sub(&rank->running, 1);
            g_clear_pointer(&players[i].own, match_worker_free);
            return i;
        }
    }
    return count;
}

static void play_all(struct rank *rank, int count)
{
    struct player *players = g_new0(struct player, count);
    const int started = start_players(rank, players, count);
    if (started == 0)
        cluster_worker_fail(rank->worker, match_thread_error());
    while (atomic_load(&rank->running) > 0)
        if (cluster_worker_is_finishing(rank->worker, LOOK_S)) {
            atomic_store(&rank->stop, true);
            for (int i = 0; i < started; i++)
                match_worker_stop(players[i].own);
            g_usleep((gulong)(LOOK_S * G_USEC_PER_SEC));
        }
    for (int i = 0; i < started; i++) {
        pthread_join(players[i].thread, NULL);
        match_worker_free(players[i].own);
    }
    g_free(players);
}

void match_rank_play(struct cluster_worker *worker, struct message_reader *fields, int threads)
{
    struct rank rank = {.worker = worker, .names = g_ptr_array_new_with_free_func(g_free)};
    GError *error = NULL;
    match_settings_init(&rank.settings);
    match_prepare_threads();
    if (prepare(&rank, fields, &error))
        play_all(&rank, threads > 0        ? threads
                        : rank.threads > 0 ? rank.threads
                                           : cluster_threads((int)g_get_num_processors()));
    else
        cluster_worker_fail(worker, error);
    cluster_worker_finish(worker);
    match_setup_clear(&rank.setup);
    match_settings_clear(&rank.settings);
    match_nets_free(rank.nets);
    g_ptr_array_unref(rank.names);
}

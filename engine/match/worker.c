#include "engine/match/worker.h"

#include <glib.h>
#include <pthread.h>

#include "agents/agent.h"
#include "engine/match/game.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "games/game.h"
#include "mcts/search.h"
#include "net/net.h"

enum { SEATS = 3 }; /* two players and the referee */

struct match_worker {
    const struct match_config *config;
    int index;
    const atomic_bool *stop;
    struct agent **agents; /* [player_count + 1], the referee last; the playing thread only */
    pthread_mutex_t lock;
    struct agent *playing[SEATS]; /* guarded */
};

struct match_worker *match_worker_new(const struct match_config *config, int index, const atomic_bool *stop)
{
    struct match_worker *worker = g_new0(struct match_worker, 1);
    worker->config = config;
    worker->index = index;
    worker->stop = stop;
    worker->agents = g_new0(struct agent *, config->player_count + 1);
    pthread_mutex_init(&worker->lock, NULL);
    return worker;
}

/* The agent of a player (index player_count: the referee), opened on first use. */
static struct agent *get_agent(struct match_worker *worker, int player, GError **error)
{
    const struct match_config *config = worker->config;
    if (!worker->agents[player]) {
        struct agent_config agent = config->agent;
        bool referee = player == config->player_count;
        agent.seed = rng_mix(config->seed + (uint64_t)player);
        agent.limits.first_cpu = worker->index * agent.limits.cpus;
        agent_open(&worker->agents[player], referee ? config->referee : config->players[player].spec, config->game,
                   &agent, error);
    }
    return worker->agents[player];
}

static void drop_agent(struct match_worker *worker, int player)
{
    agent_close(worker->agents[player]);
    worker->agents[player] = NULL;
}

static void set_playing(struct match_worker *worker, struct agent *a, struct agent *b, struct agent *referee)
{
    pthread_mutex_lock(&worker->lock);
    worker->playing[0] = a;
    worker->playing[1] = b;
    worker->playing[2] = referee;
    pthread_mutex_unlock(&worker->lock);
}

static uint64_t game_seed(const struct match_config *config, int number)
{
    return rng_mix(config->seed ^ rng_mix((uint64_t)number + 1));
}

void match_worker_play(struct match_worker *worker, int number, const int side[2], const struct match_opening *opening,
                       struct match_game *game)
{
    const struct match_config *config = worker->config;
    struct agent *agents[2], *referee = NULL;
    GError *error = NULL;
    for (int i = 0; i < 2; i++) {
        agents[i] = get_agent(worker, side[i], &error);
        if (!agents[i]) {
            g_assert(error); /* agent_open always says why it failed */
            *game = (struct match_game){.end = MATCH_FORFEIT, .loser = i, .outcome = i ? GAME_WON_0 : GAME_WON_1};
            g_snprintf(game->reason, sizeof game->reason, "failed to start: %s", error->message);
            g_clear_error(&error);
            return;
        }
    }
    if (config->referee)
        referee = get_agent(worker, config->player_count, NULL);
    set_playing(worker, agents[0], agents[1], referee);
    match_play_game(config->game, agents, referee, opening, &config->terms, worker->stop, game_seed(config, number),
                    game);
    set_playing(worker, NULL, NULL, NULL);
    for (int i = 0; i < 2; i++)
        if (game->broken[i])
            drop_agent(worker, side[i]);
    if (game->referee_broken)
        drop_agent(worker, config->player_count);
}

void match_worker_stop(struct match_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    for (int i = 0; i < SEATS; i++)
        if (worker->playing[i])
            agent_stop(worker->playing[i]);
    pthread_mutex_unlock(&worker->lock);
}

void match_worker_close(struct match_worker *worker)
{
    for (int i = 0; i <= worker->config->player_count; i++)
        drop_agent(worker, i);
}

void match_worker_free(struct match_worker *worker)
{
    if (!worker)
        return;
    pthread_mutex_destroy(&worker->lock);
    g_free(worker->agents);
    g_free(worker);
}

void match_prepare_threads(void)
{
    agent_error_quark(), game_error_quark(), net_error_quark(), mcts_error_quark(), journal_error_quark();
}

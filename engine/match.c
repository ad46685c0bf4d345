/* A match of many games: schedule, worker threads with agents of their own, and the count of what happened. */
#include "engine/match.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "mcts/search.h"
#include "net/net.h"

struct worker {
    struct match *match;
    pthread_t thread;
    struct agent **agents;    /* one a player, opened when first needed; touched by the worker only */
    struct agent *playing[2]; /* guarded by match->lock: for agent_stop */
};

struct match {
    const struct match_config *config;
    struct match_report *report;
    atomic_int next; /* number of the next game to start */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a game or a worker ended */
    int done, running;      /* guarded by lock */
};

static uint64_t game_seed(const struct match_config *config, int number)
{
    return rng_mix(config->seed ^ rng_mix((uint64_t)number + 1));
}

/* Game number -> who plays and which opening. Pairs in turn, so that a match that is stopped has been fair to all:
 * round 0 of every pair, then round 1 ... with two rounds (colours swapped) to an opening. */
static int schedule(const struct match_config *config, int number, int side[2])
{
    int n = config->player_count, pairs = n * (n - 1) / 2, pair = number % pairs, round = number / pairs, a = 0;
    while (pair >= n - 1 - a)
        pair -= n - 1 - a++;
    side[round & 1] = a;
    side[1 - (round & 1)] = a + 1 + pair;
    return round / 2;
}

static bool stopped(const struct match_config *config)
{
    return config->stop && atomic_load(config->stop);
}

/* The worker's agent for a player, opened if need be. */
static struct agent *get_agent(struct worker *worker, int player, GError **error)
{
    const struct match_config *config = worker->match->config;
    if (!worker->agents[player]) {
        struct agent_config agent = config->agent;
        agent.seed = rng_mix(config->seed + (uint64_t)player);
        agent_open(&worker->agents[player], config->players[player].spec, config->game, &agent, error);
    }
    return worker->agents[player];
}

static void set_playing(struct worker *worker, struct agent *a, struct agent *b)
{
    pthread_mutex_lock(&worker->match->lock);
    worker->playing[0] = a;
    worker->playing[1] = b;
    pthread_mutex_unlock(&worker->match->lock);
}

static void play_scheduled(struct worker *worker, int number, const int side[2], int opening, struct match_game *game)
{
    const struct match_config *config = worker->match->config;
    struct agent *agents[2];
    for (int i = 0; i < 2; i++) {
        GError *error = NULL;
        agents[i] = get_agent(worker, side[i], &error);
        if (!agents[i]) {
            *game = (struct match_game){.end = MATCH_FORFEIT, .loser = i, .outcome = i ? GAME_WON_0 : GAME_WON_1};
            g_snprintf(game->reason, sizeof game->reason, "did not start: %s", error->message);
            g_clear_error(&error);
            return;
        }
    }
    const struct match_opening *start =
        config->opening_count ? &config->openings[opening % config->opening_count] : NULL;
    set_playing(worker, agents[0], agents[1]);
    match_play_game(config->game, agents, start, &config->clock, config->stop, game_seed(config, number), game);
    set_playing(worker, NULL, NULL);
    for (int i = 0; i < 2; i++)
        if (game->broken[i]) {
            agent_close(agents[i]);
            worker->agents[side[i]] = NULL;
        }
}

static void record(struct match *match, int number, const int side[2], struct match_game *game)
{
    const struct match_config *config = match->config;
    struct match_record *record = &match->report->records[number];
    pthread_mutex_lock(&match->lock);
    if (game->end != MATCH_STOPPED) {
        *record = (struct match_record){.side = {side[0], side[1]},
                                        .done = true,
                                        .end = game->end,
                                        .outcome = game->outcome,
                                        .loser = game->loser,
                                        .plies = game->plies,
                                        .hash = match_game_hash(config->game, game),
                                        .symmetric = match_game_hash_symmetric(config->game, game),
                                        .reason = game->end == MATCH_FORFEIT ? g_strdup(game->reason) : NULL};
        match->done++;
        if (config->played)
            config->played(number, side, game, config->data);
    }
    pthread_cond_signal(&match->changed);
    pthread_mutex_unlock(&match->lock);
}

static void *work(void *data)
{
    struct worker *worker = data;
    struct match *match = worker->match;
    int number;
    while (!stopped(match->config) && (number = atomic_fetch_add(&match->next, 1)) < match->report->count) {
        struct match_game game;
        int side[2], opening = schedule(match->config, number, side);
        play_scheduled(worker, number, side, opening, &game);
        record(match, number, side, &game);
        match_game_clear(&game);
    }
    /* Here and not in match_run: what an agent made in this thread is also released in it. */
    for (int i = 0; i < match->config->player_count; i++)
        agent_close(worker->agents[i]);
    pthread_mutex_lock(&match->lock);
    match->running--;
    pthread_cond_signal(&match->changed);
    pthread_mutex_unlock(&match->lock);
    return NULL;
}

/* Waits for the workers, telling of progress, and passes a stop on. A stop that comes just before an agent starts to
 * choose is lost on it, so it is repeated until all have ended. */
static void supervise(struct match *match, struct worker *workers, int count, int64_t start)
{
    const struct match_config *config = match->config;
    pthread_mutex_lock(&match->lock);
    for (bool going = true; going;) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 200 * 1000000;
        if (until.tv_nsec >= 1000000000)
            until.tv_sec++, until.tv_nsec -= 1000000000;
        int wait = 0;
        while (match->running > 0 && wait != ETIMEDOUT)
            wait = pthread_cond_timedwait(&match->changed, &match->lock, &until);
        for (int i = 0; i < count && stopped(config); i++)
            for (int j = 0; j < 2; j++)
                if (workers[i].playing[j])
                    agent_stop(workers[i].playing[j]);
        going = match->running > 0;
        int done = match->done;
        if (config->progress) {
            pthread_mutex_unlock(&match->lock);
            config->progress(done, match->report->count, (double)(g_get_monotonic_time() - start) / 1e6, config->data);
            pthread_mutex_lock(&match->lock);
        }
    }
    pthread_mutex_unlock(&match->lock);
}

bool match_check_players(const struct match_config *config, GError **error)
{
    for (int i = 0; i < config->player_count; i++) {
        struct agent *agent;
        bool fine = agent_open(&agent, config->players[i].spec, config->game, &config->agent, error) == 0 &&
                    agent_new_game(agent, 0, error);
        agent_close(agent);
        if (!fine) {
            g_prefix_error(error, "agent \"%s\": ", config->players[i].name);
            return false;
        }
    }
    return true;
}

static void start_workers(struct match *match, struct worker *workers, int count)
{
    for (int i = 0; i < count; i++) {
        workers[i] = (struct worker){.match = match, .agents = g_new0(struct agent *, match->config->player_count)};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            g_error("match: a thread could not be started"); /* the machine is out of memory or threads */
    }
}

void match_run(const struct match_config *config, struct match_report *report)
{
    int pairs = config->player_count * (config->player_count - 1) / 2;
    *report = (struct match_report){.count = config->games * pairs};
    /* Quarks are made at their first use without a lock: here, before there are threads. */
    agent_error_quark(), game_error_quark(), net_error_quark(), mcts_error_quark();
    report->records = g_new0(struct match_record, MAX(report->count, 1));
    int threads = CLAMP(config->threads, 1, MAX(report->count, 1));
    struct match match = {.config = config, .report = report, .running = threads};
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&match.changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&match.lock, NULL);
    int64_t start = g_get_monotonic_time();

    struct worker *workers = g_new0(struct worker, threads);
    start_workers(&match, workers, threads);
    supervise(&match, workers, threads, start);
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        g_free(workers[i].agents);
    }
    g_free(workers);
    pthread_mutex_destroy(&match.lock);
    pthread_cond_destroy(&match.changed);
    report->done = match.done;
    report->finished = match.done == report->count;
    report->seconds = (double)(g_get_monotonic_time() - start) / 1e6;
}

void match_report_clear(struct match_report *report)
{
    for (int i = 0; i < report->count; i++)
        g_free(report->records[i].reason);
    g_free(report->records);
    *report = (struct match_report){0};
}

struct match_score match_report_score(const struct match_report *report, int player, int opponent)
{
    struct match_score score = {0};
    for (int i = 0; i < report->count; i++) {
        const struct match_record *r = &report->records[i];
        int me = r->side[1] == player;
        if (!r->done || r->side[me] != player || (opponent >= 0 && r->side[1 - me] != opponent))
            continue;
        int sign = r->outcome == GAME_DRAWN ? 0 : (r->outcome == GAME_WON_1) == me ? 1 : -1;
        score.games++;
        score.wins += sign > 0;
        score.draws += sign == 0;
        score.losses += sign < 0;
        score.forfeits += r->end == MATCH_FORFEIT && r->loser == me;
        score.first_games += me == 0;
        score.first_points2 += me == 0 ? sign + 1 : 0;
    }
    return score;
}

int match_report_distinct(const struct match_report *report, bool symmetric)
{
    GHashTable *seen = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (int i = 0; i < report->count; i++) {
        struct match_record *r = &report->records[i];
        if (r->done)
            g_hash_table_add(seen, symmetric ? &r->symmetric : &r->hash);
    }
    int distinct = (int)g_hash_table_size(seen);
    g_hash_table_destroy(seen);
    return distinct;
}

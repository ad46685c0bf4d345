/* A match of many games: the schedule, worker threads with their own agents, and the records. */
#include "engine/match/match.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "engine/match/count.h"
#include "engine/match/journal.h"
#include "engine/match/schedule/schedule.h"
#include "engine/match/statistics/sprt.h"
#include "games/game.h"
#include "mcts/search.h"
#include "net/net.h"

enum { REPORT_US = 200000 /* between two calls of config->progress */ };

struct worker {
    struct match *match;
    int index;
    pthread_t thread;
    struct agent **agents;    /* one per player plus the referee, opened on first use; worker thread only */
    struct agent *playing[3]; /* guarded by match->lock, for agent_stop */
};

struct match {
    const struct match_config *config;
    const struct schedule_ops *schedule;
    struct match_report *report;
    atomic_bool
        stop; /* games end: config->stop, or the journal cannot be written; set before a search is interrupted */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a game, a round or a worker finished */
    /* guarded by lock, like the report */
    int next;
    int settled;          /* all games before this one are done or void */
    int playing, running; /* active games and workers */
    int round;            /* the next one to schedule */
    int faults[MATCH_MAX_PLAYERS];
    int half_pair;  /* the SPRT's incomplete pair: points2 of its first game; -1: none */
    bool over;      /* no games left to play */
    GError *error;  /* first journal error */
    double earlier; /* duration of earlier sessions, s */
    int64_t start;
};

static uint64_t game_seed(const struct match_config *config, int number)
{
    return rng_mix(config->seed ^ rng_mix((uint64_t)number + 1));
}

static bool stopped(const struct match *match)
{
    return (match->config->stop && atomic_load(match->config->stop)) || match->error;
}

static double seconds_of(const struct match *match)
{
    return match->earlier + (double)(g_get_monotonic_time() - match->start) / 1e6;
}

/* ---- which games count; all under the lock ---- */

static void make_void(struct match *match, struct match_record *record)
{
    if (record->done)
        match->report->done--;
    g_free(record->reason);
    record->reason = NULL;
    record->done = false;
    record->void_game = true;
    match->report->void_games++;
}

static bool is_void_now(const struct match *match, const struct match_record *record)
{
    const struct match_report *report = match->report;
    return report->withdrawn[record->side[0]] || report->withdrawn[record->side[1]] ||
           report->sprt.decision != SPRT_OPEN;
}

/* With two players, the two games of a pair have consecutive numbers. */
static void count_for_test(struct match *match, const struct match_record *record)
{
    int points2 = record->outcome == GAME_DRAWN ? 1 : (record->outcome == GAME_WON_1) == (record->side[1] == 0) ? 2 : 0;
    if (match->half_pair < 0) {
        match->half_pair = points2;
    } else {
        sprt_add(match->config->sprt, &match->report->sprt, match->half_pair + points2);
        match->half_pair = -1;
    }
}

/* Processes finished games in the order of their numbers, up to the first unfinished one, counting faults and the
 * test's pairs. A game numbered after a withdrawal or the decision is void even if it finished earlier. */
static void settle(struct match *match)
{
    struct match_report *report = match->report;
    for (; match->settled < report->count; match->settled++) {
        struct match_record *record = &report->records[match->settled];
        if (!record->void_game && is_void_now(match, record))
            make_void(match, record);
        if (record->void_game)
            continue;
        if (!record->done)
            return;
        if (match_is_fault(record->end)) {
            int loser = record->side[record->loser];
            if (++match->faults[loser] == match->config->withdraw)
                report->withdrawn[loser] = true;
        }
        if (match->config->sprt)
            count_for_test(match, record);
    }
}

/* Adds the games of the next round, filling in those that the journal has; false if there are none. */
static bool make_round(struct match *match)
{
    const struct match_config *config = match->config;
    struct match_report *report = match->report;
    const struct schedule_view view = {config->player_count, config->games, config->rounds,
                                       report->records,      report->count, report->withdrawn};
    if (report->sprt.decision != SPRT_OPEN)
        return false;
    GArray *games = g_array_new(FALSE, FALSE, sizeof(struct schedule_game));
    match->schedule->make(&view, match->round, games);
    report->records = g_renew(struct match_record, report->records, report->count + (int)games->len);
    for (guint i = 0; i < games->len; i++) {
        const struct schedule_game *g = &g_array_index(games, struct schedule_game, i);
        struct match_record *record = &report->records[report->count];
        *record = (struct match_record){
            .side = {g->side[0], g->side[1]}, .round = match->round, .pair = g->pair, .opening = g->opening};
        if (config->journal &&
            journal_lookup(config->journal, report->count, record, match->error ? NULL : &match->error))
            report->done++;
        report->count++;
    }
    bool any = games->len > 0;
    g_array_free(games, TRUE);
    match->round++;
    settle(match);
    return any;
}

/* The number of a game to play, or -1 if the match is over or stopped. Waits while the next round depends on games in
 * progress, each of which wakes all that wait when it ends. */
static int next_game(struct match *match)
{
    struct match_report *report = match->report;
    while (!match->over && !stopped(match)) {
        for (; match->next < report->count; match->next++) {
            struct match_record *record = &report->records[match->next];
            if (!record->done && !record->void_game && !is_void_now(match, record)) {
                match->playing++;
                return match->next++;
            }
        }
        settle(match);
        if (match->settled < report->count && match->playing > 0)
            pthread_cond_wait(&match->changed, &match->lock);
        else if (match->settled < report->count || !make_round(match))
            match->over = true;
    }
    return -1;
}

/* ---- a worker ---- */

/* The worker's agent for a player (index player_count: the referee), opened on first use. */
static struct agent *get_agent(struct worker *worker, int player, GError **error)
{
    const struct match_config *config = worker->match->config;
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

static void set_playing(struct worker *worker, struct agent *a, struct agent *b, struct agent *referee)
{
    pthread_mutex_lock(&worker->match->lock);
    worker->playing[0] = a;
    worker->playing[1] = b;
    worker->playing[2] = referee;
    pthread_mutex_unlock(&worker->match->lock);
}

static void drop_agent(struct worker *worker, int player)
{
    agent_close(worker->agents[player]);
    worker->agents[player] = NULL;
}

static void play_scheduled(struct worker *worker, int number, const int side[2], int opening, struct match_game *game)
{
    const struct match_config *config = worker->match->config;
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
    const struct match_opening *start =
        config->opening_count ? &config->openings[opening % config->opening_count] : NULL;
    set_playing(worker, agents[0], agents[1], referee);
    match_play_game(config->game, agents, referee, start, &config->terms, &worker->match->stop,
                    game_seed(config, number), game);
    set_playing(worker, NULL, NULL, NULL);
    for (int i = 0; i < 2; i++)
        if (game->broken[i])
            drop_agent(worker, side[i]);
    if (game->referee_broken)
        drop_agent(worker, config->player_count);
}

/* Adds the game to the records. The journal writes outside the lock, batching games from several threads. */
static void record(struct match *match, int number, struct match_game *game)
{
    const struct match_config *config = match->config;
    pthread_mutex_lock(&match->lock);
    struct match_record *record = &match->report->records[number];
    bool good = game->end != MATCH_STOPPED && !record->void_game; /* may have become void meanwhile */
    if (good) {
        record->done = true;
        record->end = game->end;
        record->outcome = game->outcome;
        record->loser = game->loser;
        record->plies = game->plies;
        record->margin = game->margin;
        record->seconds = game->seconds;
        record->hash = match_game_hash(config->game, game);
        record->symmetric = match_game_hash_symmetric(config->game, game);
        record->reason = *game->reason ? g_strdup(game->reason) : NULL;
        match->report->done++;
        if (config->played)
            config->played(number, record->side, game, config->data);
    }
    struct match_record copy = *record; /* the array may be reallocated and the reason freed while the journal writes */
    copy.reason = game->reason;
    double seconds = seconds_of(match);
    settle(match);
    match->playing--;
    pthread_cond_broadcast(&match->changed);
    pthread_mutex_unlock(&match->lock);
    GError *error = NULL;
    if (good && config->journal && !journal_add(config->journal, number, &copy, game, seconds, &error)) {
        pthread_mutex_lock(&match->lock);
        if (match->error)
            g_clear_error(&error);
        else
            match->error = error;
        pthread_mutex_unlock(&match->lock);
    }
}

static void *work(void *data)
{
    struct worker *worker = data;
    struct match *match = worker->match;
    for (;;) {
        struct match_game game;
        struct match_record scheduled;
        pthread_mutex_lock(&match->lock);
        int number = next_game(match);
        if (number >= 0)
            scheduled = match->report->records[number];
        pthread_mutex_unlock(&match->lock);
        if (number < 0)
            break;
        play_scheduled(worker, number, scheduled.side, scheduled.opening, &game);
        record(match, number, &game);
        match_game_clear(&game);
    }
    /* Not in match_run: an agent's resources are released in the thread that created them. */
    for (int i = 0; i <= match->config->player_count; i++)
        agent_close(worker->agents[i]);
    pthread_mutex_lock(&match->lock);
    match->running--;
    pthread_cond_broadcast(&match->changed);
    pthread_mutex_unlock(&match->lock);
    return NULL;
}

/* Waits for the workers, reporting progress and forwarding a stop. An agent that is about to start its search can miss
 * a stop, so it is repeated until all workers have finished. */
static void supervise(struct match *match, struct worker *workers, int count)
{
    const struct match_config *config = match->config;
    pthread_mutex_lock(&match->lock);
    while (match->running > 0) {
        int64_t until_us = g_get_monotonic_time() + REPORT_US;
        const struct timespec until = {until_us / G_USEC_PER_SEC, until_us % G_USEC_PER_SEC * 1000};
        int wait = 0;
        while (match->running > 0 && wait != ETIMEDOUT)
            wait = pthread_cond_timedwait(&match->changed, &match->lock, &until);
        if (stopped(match))
            atomic_store(&match->stop, true);
        for (int i = 0; i < count && stopped(match); i++)
            for (int j = 0; j < 3; j++)
                if (workers[i].playing[j])
                    agent_stop(workers[i].playing[j]);
        match->report->seconds = seconds_of(match);
        if (config->progress)
            config->progress(match->report, config->data);
        if (config->flush_progress) {
            pthread_mutex_unlock(&match->lock);
            config->flush_progress(config->data);
            pthread_mutex_lock(&match->lock);
        }
    }
    pthread_mutex_unlock(&match->lock);
}

/* ---- running a match ---- */

/* Returns how many run, at most `count`: fewer if the system refuses more, 0 with the match's error set. */
static int start_workers(struct match *match, struct worker *workers, int count)
{
    int started = 0;
    for (; started < count; started++) {
        struct worker *worker = &workers[started];
        *worker = (struct worker){
            .match = match, .index = started, .agents = g_new0(struct agent *, match->config->player_count + 1)};
        if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
            g_clear_pointer(&worker->agents, g_free);
            break;
        }
    }
    pthread_mutex_lock(&match->lock);
    match->running -= count - started;
    if (started == 0)
        match->error = g_error_new_literal(G_THREAD_ERROR, G_THREAD_ERROR_AGAIN,
                                           "the system refuses a thread; free memory or raise its limit of processes");
    pthread_mutex_unlock(&match->lock);
    return started;
}

bool match_run(const struct match_config *config, struct match_report *report, GError **error)
{
    *report = (struct match_report){.player_count = config->player_count};
    /* Quarks are created at first use without a lock: force that before there are threads. */
    agent_error_quark(), game_error_quark(), net_error_quark(), mcts_error_quark(), journal_error_quark();
    struct match match = {.config = config,
                          .schedule = config->schedule ? config->schedule : schedule_table[0],
                          .report = report,
                          .half_pair = -1,
                          .earlier = config->journal ? journal_seconds(config->journal) : 0,
                          .start = g_get_monotonic_time()};
    if (config->sprt)
        sprt_begin(config->sprt, &report->sprt);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&match.changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&match.lock, NULL);
    make_round(&match);

    int threads = match.running = CLAMP(config->threads, 1, MAX(report->count, 1));
    struct worker *workers = g_new0(struct worker, threads);
    threads = start_workers(&match, workers, threads);
    supervise(&match, workers, threads);
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        g_free(workers[i].agents);
    }
    g_free(workers);
    pthread_mutex_destroy(&match.lock);
    pthread_cond_destroy(&match.changed);
    report->finished = match.over && match.settled == report->count;
    report->seconds = seconds_of(&match);
    if (match.error)
        g_propagate_error(error, match.error);
    return !match.error;
}

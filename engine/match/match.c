/* A match of many games: the schedule, worker threads with their own agents, and the records. */
#include "engine/match/match.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "engine/match/count.h"
#include "engine/match/journal.h"
#include "engine/match/match_internal.h"
#include "engine/match/ranks/ranks.h"
#include "engine/match/schedule/schedule.h"
#include "engine/match/statistics/sprt.h"
#include "engine/match/worker.h"
#include "games/game.h"

enum { REPORT_US = 200000 /* between two calls of config->progress */ };

struct worker {
    struct match *match;
    pthread_t thread;
    struct match_worker *own;
};

static bool stopped(const struct match *match)
{
    return (match->config->stop && atomic_load(match->config->stop)) || match->told_to_stop || match->error;
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

int match_find_game(struct match *match)
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
            return MATCH_NONE_NOW;
        if (match->settled < report->count || !make_round(match))
            match->over = true;
    }
    return MATCH_NONE_LEFT;
}

const struct match_opening *match_opening_of(const struct match_config *config, const struct match_record *record)
{
    return config->opening_count ? &config->openings[record->opening % config->opening_count] : NULL;
}

/* ---- finished games ---- */

static void fill_record(const struct match_config *config, const struct match_game *game, struct match_record *record)
{
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
}

void match_record_game(struct match *match, int number, struct match_game *game)
{
    const struct match_config *config = match->config;
    pthread_mutex_lock(&match->lock);
    struct match_record *record = &match->report->records[number];
    bool good = game->end != MATCH_STOPPED && !record->void_game; /* may have become void meanwhile */
    g_assert(!record->done);                                      /* a game is given to one worker only */
    if (good) {
        fill_record(config, game, record);
        match->report->done++;
        if (config->played)
            config->played(number, record->side, game, config->data);
        if (config->journal)
            journal_queue(config->journal, number, record, game, seconds_of(match));
    }
    settle(match);
    match->playing--;
    pthread_cond_broadcast(&match->changed);
    pthread_mutex_unlock(&match->lock);
}

GError *match_thread_error(void)
{
    return g_error_new_literal(G_THREAD_ERROR, G_THREAD_ERROR_AGAIN,
                               "the system refuses a thread; free memory or raise its limit of processes");
}

void match_fail(struct match *match, GError *error)
{
    pthread_mutex_lock(&match->lock);
    if (match->error)
        g_clear_error(&error);
    else
        match->error = error;
    pthread_cond_broadcast(&match->changed);
    pthread_mutex_unlock(&match->lock);
}

/* ---- a worker ---- */

/* The number of the next game, or MATCH_NONE_LEFT; waits for it. The lock is held. */
static int next_game(struct match *match)
{
    int number;
    while ((number = match_find_game(match)) == MATCH_NONE_NOW)
        pthread_cond_wait(&match->changed, &match->lock);
    return number;
}

static void *work(void *data)
{
    struct worker *worker = data;
    struct match *match = worker->match;
    const struct match_config *config = match->config;
    for (;;) {
        struct match_game game;
        struct match_record scheduled;
        GError *error = NULL;
        pthread_mutex_lock(&match->lock);
        int number = next_game(match);
        if (number >= 0)
            scheduled = match->report->records[number];
        pthread_mutex_unlock(&match->lock);
        if (number < 0)
            break;
        match_worker_play(worker->own, number, scheduled.side, match_opening_of(config, &scheduled), &game);
        match_record_game(match, number, &game);
        match_game_clear(&game);
        if (config->journal && !journal_write(config->journal, &error)) /* without the lock: games of several threads */
            match_fail(match, error);
    }
    match_worker_close(worker->own); /* not in match_run: in the thread that created the agents */
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
        if (stopped(match)) {
            atomic_store(&match->stop, true);
            pthread_cond_broadcast(&match->changed); /* workers that wait for games of other ranks */
        }
        for (int i = 0; i < count && stopped(match); i++)
            match_worker_stop(workers[i].own);
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
        *worker = (struct worker){.match = match, .own = match_worker_new(match->config, started, &match->stop)};
        if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
            g_clear_pointer(&worker->own, match_worker_free);
            break;
        }
    }
    pthread_mutex_lock(&match->lock);
    match->running -= count - started;
    if (started == 0 && !match->error)
        match->error = match_thread_error();
    pthread_mutex_unlock(&match->lock);
    return started;
}

bool match_run(const struct match_config *config, struct match_report *report, GError **error)
{
    *report = (struct match_report){.player_count = config->player_count};
    match_prepare_threads();
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
    struct match_ranks *ranks = config->cluster ? match_ranks_start(&match) : NULL;

    int threads = match.running = CLAMP(config->threads, 1, MAX(report->count, 1));
    struct worker *workers = g_new0(struct worker, threads);
    threads = start_workers(&match, workers, threads);
    supervise(&match, workers, threads);
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        match_worker_free(workers[i].own);
    }
    g_free(workers);
    match_ranks_stop(ranks);
    pthread_mutex_destroy(&match.lock);
    pthread_cond_destroy(&match.changed);
    report->finished = match.over && match.settled == report->count;
    report->seconds = seconds_of(&match);
    if (match.error)
        g_propagate_error(error, match.error);
    return !match.error;
}

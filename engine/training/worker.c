/* Self-play in threads alongside the trainer: worker ops that share struct training under its lock. */
#include "engine/selfplay/worker.h"
#include "engine/selfplay/against.h"
#include "engine/selfplay/selfplay.h"
#include "engine/selfplay/start.h"
#include "engine/settings/settings.h"
#include "engine/store/live.h"
#include "engine/store/record.h"
#include "engine/store/writer.h"
#include "engine/training/progress.h"
#include "engine/training/recovery/disk.h"
#include "engine/training/reporter.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"
#include "engine/training/training_threads.h"
#include "games/game.h"
#include "net/net.h"

enum { MAX_INBOX = 8 * 1000 * 1000 }; /* bytes */

bool training_is_behind(const struct training *t)
{
    return t->behind + t->owed_inbox > training_slack(t) || t->inbox_bytes > MAX_INBOX || writer_is_behind(t->writer);
}

void training_assign(struct training *t, struct selfplay_assignment *next)
{
    next->number = t->next_number++;
    next->seed = training_game_seed(t->options->settings, next->number);
    training_draw_start(t->memories, t->starts, next);
    next->progress = training_visits_schedule(t->options, training_limited_clock(t->options) - t->began,
                                              t->tally.now.steps, t->tally.now.rows);
    next->opponent_visits = t->against.visits;
    t->tally.now.visits = settings_visits(t->options->settings, next->progress);
}

int64_t training_take_game(struct training *t, struct record *record, uint64_t evaluations)
{
    const int64_t place = writer_add(t->writer, record);
    pthread_mutex_lock(&t->lock);
    if (t->starts)
        start_archive_add(t->starts, record);
    t->owed_inbox += record->rows * settings_floor_samples(t->options->settings);
    t->tally.now.games++;
    t->tally.now.positions += record->ply_count;
    progress_games_add(&t->tally.recent, record);
    against_note(&t->against, record);
    t->tally.evaluations += evaluations;
    t->inbox_bytes += record_memory(record);
    g_ptr_array_add(t->inbox, record);   /* transfers the reference */
    pthread_cond_broadcast(&t->changed); /* wakes the trainer */
    pthread_mutex_unlock(&t->lock);
    return place;
}

/* Waits for a change, but a second at most: a thread that stops waiting for disk space does not signal it. The lock must be held. */
static void wait_changed(struct training *t)
{
    const gint64 until = g_get_monotonic_time() + G_USEC_PER_SEC;
    const struct timespec at = {until / G_USEC_PER_SEC, until % G_USEC_PER_SEC * 1000};
    pthread_cond_timedwait(&t->changed, &t->lock, &at);
}

/* Waits until another game is needed; returns false when the run is stopping. */
static bool next_game(void *user, struct selfplay_assignment *next, GError **error)
{
    (void)error;
    struct worker *worker = user;
    struct training *t = worker->training;
    pthread_mutex_lock(&t->lock);
    while (!t->stopping && (training_is_behind(t) || atomic_load(&t->pause.waiting) > 0))
        wait_changed(t);
    bool proceed = !t->stopping;
    if (proceed) {
        training_assign(t, next);
        training_start_running(t, false);
        worker->running = true;
    }
    pthread_mutex_unlock(&t->lock);
    return proceed;
}

static bool take_net(void *user, const struct selfplay_net *in_use, struct selfplay_net *newest, GError **error)
{
    (void)error;
    const struct worker *worker = user;
    struct training *t = worker->training;
    pthread_mutex_lock(&t->lock);
    if (!in_use->net || in_use->generation != t->generation)
        *newest = (struct selfplay_net){.net = net_ref(t->net), .generation = t->generation};
    pthread_mutex_unlock(&t->lock);
    return true;
}

/* The lock must be held. */
static void count_processor_time(struct worker *worker)
{
    const double now = training_thread_clock();
    worker->training->tally.now.self_play += now - worker->processor;
    worker->processor = now;
}

static void hand_in(void *user, struct record *record, uint64_t evaluations)
{
    struct worker *worker = user;
    struct training *t = worker->training;
    training_take_game(t, record, evaluations);
    pthread_mutex_lock(&t->lock);
    count_processor_time(worker);
    worker->running = false;
    training_stop_running(t, 1);
    pthread_mutex_unlock(&t->lock);
}

/* Yields to whoever waits with priority; returns false when the run is stopping. */
static bool before_move(void *user)
{
    const struct worker *worker = user;
    struct training *t = worker->training;
    pthread_mutex_lock(&t->lock);
    if (!t->stopping && t->waiting > 0) {
        training_stop_running(t, 1);
        training_start_running(t, false);
    }
    bool proceed = !t->stopping;
    pthread_mutex_unlock(&t->lock);
    return proceed;
}

static void began(void *user, const struct game *game, uint64_t number, uint32_t generation)
{
    const struct worker *worker = user;
    live_begin(worker->training->live, worker->index, game, number, generation);
}

static void moved(void *user, game_move move, float value_player_0)
{
    const struct worker *worker = user;
    live_move(worker->training->live, worker->index, move, value_player_0);
}

static const struct selfplay_worker_ops thread_ops = {
    .next_game = next_game,
    .take_net = take_net,
    .hand_in = hand_in,
    .before_move = before_move,
    .began = began,
    .moved = moved,
};

void *training_run_worker(void *user)
{
    struct worker *worker = user;
    struct training *t = worker->training;
    struct selfplay_config config = training_selfplay_config(t->options);
    config.cache_bytes = TRAINING_CACHE_BYTES;
    config.opponent = t->opponent;
    GError *error = NULL;
    bool good = selfplay_worker_run(&thread_ops, worker, &config, &error) == 0;
    pthread_mutex_lock(&t->lock);
    count_processor_time(worker);
    if (worker->running) /* the last game was abandoned */
        training_stop_running(t, 1);
    pthread_mutex_unlock(&t->lock);
    if (!good)
        training_fail(t, error);
    return NULL;
}

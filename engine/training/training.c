#include "engine/training/training_threads.h"

#include <math.h>

#include "engine/cluster/host.h"
#include "engine/selfplay/against.h"
#include "engine/selfplay/memories.h"
#include "engine/selfplay/start.h"
#include "engine/settings/settings.h"
#include "engine/store/live.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/store/writer.h"
#include "engine/training/first_net.h"
#include "engine/training/progress.h"
#include "engine/training/recovery/disk.h"
#include "engine/training/reporter.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"
#include "games/game.h"
#include "net/net.h"

/* ---- shared by all threads ---- */

void training_fail(struct training *t, GError *error)
{
    pthread_mutex_lock(&t->lock);
    if (!t->failure)
        t->failure = error;
    else
        g_error_free(error);
    t->stopping = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

void training_start_running(struct training *t, bool first)
{
    t->waiting += first;
    while (t->running >= t->limit || (!first && t->waiting > 0 && !t->stopping))
        pthread_cond_wait(&t->changed, &t->lock);
    t->waiting -= first;
    t->running++;
    if (first) /* a worker may have made way for this thread while another slot was free */
        pthread_cond_broadcast(&t->changed);
}

int training_take_free(struct training *t)
{
    const int free = MAX(t->limit - t->running, 0);
    t->running += free;
    return free;
}

void training_stop_running(struct training *t, int slots)
{
    t->running -= slots;
    pthread_cond_broadcast(&t->changed);
}

double training_slack(const struct training *t)
{
    const struct settings *settings = t->options->settings;
    return (double)settings->first_rows * settings->samples_per_row + 30.0 * (double)settings->batch;
}

/* ---- the main thread ---- */

bool training_is_stopping(void *training)
{
    struct training *t = training;
    pthread_mutex_lock(&t->lock);
    const bool stopping = t->stopping;
    pthread_mutex_unlock(&t->lock);
    return stopping;
}

static bool on_again(void *user, GError **error)
{
    struct training *t = user;
    return disk_wait(&t->pause, error, training_is_stopping, t);
}

static void on_committed(void *user, int64_t games)
{
    struct training *t = user;
    pthread_mutex_lock(&t->lock);
    const int64_t made = t->tally.now.rows;
    pthread_mutex_unlock(&t->lock);
    disk_written(&t->pause, t->options->store);
    disk_keep_budget(&t->pause, t->options->store, t->options->settings, made, training_is_stopping, t);
    training_announce_games(t->options, games);
    if (t->options->cluster)
        cluster_host_committed(t->options->cluster, games);
    pthread_mutex_lock(&t->lock);
    pthread_cond_broadcast(&t->changed); /* wakes workers that wait for the store */
    pthread_mutex_unlock(&t->lock);
}

static void on_failed(void *user, GError *error)
{
    training_fail(user, error);
}

/* The opponent's visits are stored as a setting, so that a resumed run goes on with them. */
static void store_opponent_visits(struct training *t, int64_t visits)
{
    struct settings settings = *t->options->settings;
    GError *error = NULL;
    settings.against_visits = visits;
    if (visits != t->stored_visits && store_save_settings(t->options->store, &settings, &error))
        t->stored_visits = visits;
    g_clear_error(&error); /* the next report tries again */
}

static void report(struct training *t)
{
    pthread_mutex_lock(&t->lock);
    struct progress_report now = training_tally_take(&t->tally);
    const struct against against = t->against;
    uint64_t evaluations = t->tally.evaluations;
    pthread_mutex_unlock(&t->lock);
    if (t->opponent) {
        now.opponent_visits = against.visits;
        now.opponent_score = against.score;
        store_opponent_visits(t, against.visits);
    }
    training_report(&t->reporter, now, evaluations);
    training_report_ranks(t->options, t->started);
}

static enum training_end watch(struct training *t)
{
    enum training_end end = t->options->steps ? TRAINING_STEPS : TRAINING_GENERATIONS;
    bool stopping = false;
    while (!stopping) {
        training_notice_stops();
        double used = training_limited_clock(t->options) - t->began, limit = t->options->seconds;
        /* Processor time passes faster than the clock where several threads compute. */
        double left = (limit - used) / (t->options->processor_time ? t->options->threads : 1);
        double wait = fmin(0.25, limit > 0 ? left : 0.25);
        if (training_signals_wait(t->signals, wait)) {
            end = TRAINING_INTERRUPTED;
            break;
        }
        training_notice_stops();
        used = training_limited_clock(t->options) - t->began;
        if (limit > 0 && used >= limit) {
            end = TRAINING_TIME;
            break;
        }
        if (training_report_due(&t->reporter))
            report(t);
        pthread_mutex_lock(&t->lock);
        stopping = t->stopping;
        end = t->told_to_stop ? TRAINING_INTERRUPTED : end;
        pthread_mutex_unlock(&t->lock);
    }
    report(t);
    training_reporter_end(&t->reporter);
    return end;
}

/* On failure sets the training's error. */
static bool start_thread(struct training *t, pthread_t *thread, void *(*run)(void *), void *user)
{
    if (pthread_create(thread, NULL, run, user) == 0)
        return true;
    training_fail(
        t, g_error_new_literal(G_THREAD_ERROR, G_THREAD_ERROR_AGAIN,
                               "the system cannot create another thread; free memory or raise the limit on processes (ulimit -u)"));
    return false;
}

/* Returns how many run: fewer than asked for if the system refuses more, 0 with the training's error set. */
static int start_workers(struct training *t, struct worker *workers, pthread_t *threads)
{
    for (int i = 0; i < t->options->threads; i++) {
        workers[i].training = t;
        workers[i].index = i;
        if (pthread_create(&threads[i], NULL, training_run_worker, &workers[i]) == 0)
            continue;
        if (i == 0)
            return start_thread(t, &threads[0], training_run_worker, &workers[0]);
        fprintf(stderr,
                "tengen train: the system refuses more than %d self-play threads; training continues with them\n", i);
        return i;
    }
    return t->options->threads;
}

static bool wait_ready(struct training *t)
{
    pthread_mutex_lock(&t->lock);
    while (!t->ready && !t->failure)
        pthread_cond_wait(&t->changed, &t->lock);
    bool ready = t->ready;
    pthread_mutex_unlock(&t->lock);
    return ready;
}

static enum training_end run_threads(struct training *t)
{
    int count = t->options->threads;
    struct worker *workers = g_new0(struct worker, count);
    pthread_t trainer, *threads = g_new0(pthread_t, count);
    enum training_end end = TRAINING_FAILED;
    bool started = start_thread(t, &trainer, training_run_trainer, t);
    bool ready = started && wait_ready(t);
    int running = ready ? start_workers(t, workers, threads) : 0;
    if (running > 0)
        training_serve_ranks(t);
    struct measuring *measuring = running > 0 ? training_start_measuring(t) : NULL;
    if (running > 0)
        end = watch(t);
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    training_stop_measuring(measuring);
    if (t->options->cluster)
        cluster_host_finish(t->options->cluster);
    for (int i = 0; i < running; i++)
        pthread_join(threads[i], NULL);
    if (started)
        pthread_join(trainer, NULL);
    g_free(workers);
    g_free(threads);
    return end;
}

static bool open_training(struct training *t, GError **error)
{
    struct store_counts counts;
    if (!store_count(t->options->store, &counts, error))
        return false;
    t->next_number = counts.next_number;
    t->tally.now.games = counts.games;
    t->tally.now.positions = counts.plies;
    training_reporter_begin(&t->reporter, t->options, t->started, &t->tally.now);
    /* Optional: if it fails, training runs without a live view. */
    t->live = live_create(store_folder(t->options->store), t->options->threads, NULL);
    against_init(&t->against, t->options->settings);
    t->stored_visits = t->against.visits;
    if (first_net_opponent(&t->opponent, store_folder(t->options->store), t->options->settings, &t->options->games[0],
                           t->options->backend, t->options->dtype, error) != 0 ||
        !training_open_starts(t->options, &t->starts, error) ||
        !memories_open(&t->memories, t->options->settings, t->options->games, t->options->game_count, error))
        return false;
    t->writer = writer_start(&(struct writer_config){.store = t->options->store,
                                                     .games = counts.games,
                                                     .committed = on_committed,
                                                     .failed = on_failed,
                                                     .again = on_again,
                                                     .user = t});
    if (!t->writer)
        g_set_error_literal(error, G_THREAD_ERROR, G_THREAD_ERROR_AGAIN,
                            "the system cannot create another thread; free memory or raise the limit on processes (ulimit -u)");
    return t->writer != NULL;
}

enum training_end training_run(const struct training_options *options, GError **error)
{
    training_watch_stops();
    if (options->data)
        return training_run_stored(options, error);
    if (options->settings->deterministic)
        return training_run_rounds(options, error);
    struct training t = {.options = options,
                         .limit = options->threads,
                         .started = training_clock(),
                         .began = training_limited_clock(options),
                         .made_before = -1};
    t.signals = training_signals_take(options->stop);
    if (options->cluster)
        training_signals_keep(t.signals);
    t.inbox = g_ptr_array_new_with_free_func((GDestroyNotify)record_unref);
    pthread_mutex_init(&t.lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&t.changed, &attributes);
    pthread_condattr_destroy(&attributes);
    enum training_end end = TRAINING_FAILED;
    GError *failure = NULL;
    if (open_training(&t, &failure)) {
        end = run_threads(&t);
        writer_stop(t.writer);
        failure = t.failure;
    }
    if (failure) {
        end = TRAINING_FAILED;
        g_propagate_error(error, failure);
    }
    live_close(t.live);
    start_archive_free(t.starts);
    memories_close(t.memories);
    net_unref(t.net);
    net_unref(t.opponent);
    g_ptr_array_unref(t.inbox);
    pthread_cond_destroy(&t.changed);
    pthread_mutex_destroy(&t.lock);
    training_signals_give_back(t.signals);
    return end;
}

/* Code shared by the training loops: clock, configurations, events, signals. */
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "engine/selfplay/memories.h"
#include "engine/selfplay/selfplay.h"
#include "engine/selfplay/start.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/learner.h"
#include "engine/training/progress.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"
#include "games/rng.h"
#include "net/net.h"
#include "net/train.h"

/* Microseconds for which the process was stopped. */
static atomic_llong stopped;

double training_clock(void)
{
    return 1e-6 * (double)(g_get_monotonic_time() - atomic_load(&stopped));
}

/* When a stop was last looked for, and the processor time until then. */
static double looked, processor;

void training_watch_stops(void)
{
    looked = 1e-6 * (double)g_get_monotonic_time();
    processor = training_processor_clock();
}

void training_notice_stops(void)
{
    static const double LONGEST = 2, COMPUTING = 0.02;
    const double gap = 1e-6 * (double)g_get_monotonic_time() - looked, computed = training_processor_clock() - processor;
    if (gap > LONGEST && computed < COMPUTING * gap)
        atomic_fetch_add(&stopped, (long long)(1e6 * gap));
    training_watch_stops();
}

static double seconds_of(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

double training_processor_clock(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

double training_thread_clock(void)
{
    return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

double training_limited_clock(const struct training_options *options)
{
    struct timespec now;
    if (options->processor_time)
        return training_processor_clock();
    if (!options->until || clock_gettime(CLOCK_BOOTTIME, &now) != 0)
        return training_clock();
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double training_worked(const struct training_options *options, double started, double began)
{
    return options->processor_time ? training_limited_clock(options) - began : training_clock() - started;
}

void learner_trainer_config(const struct settings *settings, enum net_backend backend, enum net_dtype dtype,
                            struct net_trainer_config *config)
{
    *config = net_trainer_defaults();
    config->backend = backend;
    config->dtype = dtype == NET_INT8 ? NET_AUTO : dtype;
    config->seed = (uint64_t)settings->seed;
    config->batch = (int)settings->batch;
    config->average_decay = (float)settings->average_decay;
    config->trained = *settings->from != 0;
    net_trainer_choose(config, (enum net_optimiser)settings->optimiser);
    config->weight_decay = (float)settings->weight_decay;
}

double learner_rate(const struct settings *settings, int64_t steps, double fraction)
{
    double rate = settings->rate;
    if (steps < settings->warmup)
        rate *= (double)(steps + 1) / (double)settings->warmup;
    if (fraction <= 0.5)
        return rate;
    double decay = (1 + cos(G_PI * (fmin(fraction, 1) - 0.5) / 0.5)) / 2;
    return rate * (settings->rate_end + (1 - settings->rate_end) * decay);
}

double training_schedule(const struct training_options *options, double used, int64_t steps)
{
    double from = options->schedule_from, to = options->schedule_to > 0 ? options->schedule_to : 1;
    if (options->steps > 0)
        return to * (double)steps / (double)options->steps;
    return options->seconds > 0 ? from + (to - from) * (used / options->seconds) : 0;
}

double training_visits_schedule(const struct training_options *options, double used, int64_t steps, int64_t rows)
{
    const int64_t all = options->settings->visits_rows;
    return all > 0 ? (double)rows / (double)all : training_schedule(options, used, steps);
}

double training_checkpoint_interval(const struct settings *settings, const struct learner *learner)
{
    return fmax(settings->generation_seconds, fmin(60, learner_at(learner)->seconds / 600));
}

bool training_is_adversary(const struct settings *settings)
{
    return settings->against[0] && settings->against_share > 0.5;
}

uint64_t training_game_seed(const struct settings *settings, uint64_t number)
{
    return rng_mix(rng_mix((uint64_t)settings->seed ^ 0x67616d6573u /* "games" */) + number);
}

/* Of a self-play thread, tree and cache; and of the thread that measures strength. */
static int64_t reserve_of(const struct training_options *options)
{
    enum { THREAD = 24 << 20 };
    return options->data
               ? 0
               : (int64_t)THREAD * (options->threads + (options->ladder && options->settings->ladder_share > 0));
}

struct learner_config training_learner_config(const struct training_options *options, double max_credit)
{
    return (struct learner_config){.store = options->store,
                                   .settings = options->settings,
                                   .games = options->games,
                                   .game_count = options->game_count,
                                   .backend = options->backend,
                                   .dtype = options->dtype,
                                   .data = options->data,
                                   .cluster = options->cluster,
                                   .trainers = options->trainers,
                                   .command = options->command,
                                   .max_credit = max_credit,
                                   .reserve = reserve_of(options)};
}

struct selfplay_config training_selfplay_config(const struct training_options *options)
{
    return (struct selfplay_config){.games = options->games,
                                    .game_count = options->game_count,
                                    .settings = options->settings,
                                    .backend = options->backend,
                                    .dtype = options->dtype};
}

bool training_open_starts(const struct training_options *options, struct start_archive **out, GError **error)
{
    GPtrArray *records;
    *out = NULL;
    if (options->settings->start_share <= 0)
        return true;
    if (!store_load_games(options->store, options->games, options->game_count, START_ARCHIVE_ROWS, &records, error))
        return false;
    *out = start_archive_new(options->settings);
    for (guint i = 0; i < records->len; i++)
        start_archive_add(*out, records->pdata[i]);
    g_ptr_array_unref(records);
    return true;
}

void training_judge_memories(const struct training_options *options, struct memories *memories, struct net *net)
{
    GError *error = NULL;
    if (!memories)
        return;
    const int forgotten = memories_judge(memories, net, options->backend, &error), left = memories_count(memories);
    if (forgotten < 0)
        fprintf(stderr, "tengen train: %s; training goes on\n", error->message);
    else if (forgotten > 0 && options->style == PROGRESS_JSON)
        fprintf(options->out, "{\"event\":\"memories\",\"forgotten\":%d,\"left\":%d}\n", forgotten, left);
    else if (forgotten > 0)
        fprintf(stderr, "tengen train: the net has learned %d of the memories, which are now forgotten; %d are left\n",
                forgotten, left);
    fflush(options->out);
    g_clear_error(&error);
}

void training_draw_start(struct memories *memories, const struct start_archive *starts,
                         struct selfplay_assignment *next)
{
    const bool remembered = memories && memories_draw(memories, next->seed, &next->start, &next->start_plies);
    if (starts && !remembered)
        start_archive_draw(starts, next->seed, &next->start, &next->start_plies);
}

void training_announce_games(const struct training_options *options, int64_t games)
{
    if (options->style != PROGRESS_JSON)
        return;
    fprintf(options->out, "{\"event\":\"committed\",\"games\":%" G_GINT64_FORMAT "}\n", games);
    fflush(options->out);
}

void training_announce_checkpoint(const struct training_options *options, const struct store_checkpoint *checkpoint)
{
    if (options->style != PROGRESS_JSON)
        return;
    fprintf(options->out, "{\"event\":\"checkpoint\",\"generation\":%u,\"steps\":%" G_GINT64_FORMAT "}\n",
            checkpoint->generation, checkpoint->steps);
    fflush(options->out);
}

/* ---- signals ---- */

struct training_signals {
    sigset_t taken, before;
    const atomic_bool *stop;
    bool keep;
};

struct training_signals *training_signals_take(const atomic_bool *stop)
{
    struct training_signals *signals = g_new0(struct training_signals, 1);
    signals->stop = stop;
    struct sigaction hangup;
    sigemptyset(&signals->taken);
    sigaddset(&signals->taken, SIGINT);
    sigaddset(&signals->taken, SIGTERM);
    /* Sent when the terminal is closed. sigtimedwait takes even ignored signals, but nohup(1) ignores this one on purpose. */
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaddset(&signals->taken, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals->taken, &signals->before);
    return signals;
}

/* Passes the signal on to the program's handler, if it has set one, so that the handler counts the next signal as its second. */
static void tell_handler(int signal_number)
{
    struct sigaction action;
    if (sigaction(signal_number, NULL, &action) == 0 && action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN)
        raise(signal_number); /* handled as soon as it is unblocked */
}

bool training_signals_wait(struct training_signals *signals, double seconds)
{
    seconds = fmax(seconds, 0);
    struct timespec timeout = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
    int taken = sigtimedwait(&signals->taken, NULL, &timeout);
    if (taken < 0)
        return signals->stop && atomic_load(signals->stop);
    /* A second signal gets its default action, or goes to the handler. */
    tell_handler(taken);
    if (!signals->keep)
        pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
    return true;
}

void training_signals_keep(struct training_signals *signals)
{
    signals->keep = true;
}

void training_signals_give_back(struct training_signals *signals)
{
    if (!signals->keep)
        pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
    g_free(signals);
}

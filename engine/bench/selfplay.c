/* Self-play as in training, with the game's presets and without an evaluation cache, in one and several threads. */
#include <pthread.h>

#include "engine/bench/bench.h"
#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/rng.h"
#include "net/net.h"

struct worker {
    const struct bench_selfplay_run *run;
    pthread_t thread;
    bool started;
    uint64_t seed;
    double end; /* bench_now() when to stop */
    uint64_t moves, evaluations;
    GError *error;
};

static bool before_move(void *user, struct selfplay *selfplay)
{
    struct worker *worker = user;
    (void)selfplay;
    worker->moves++;
    return bench_now() < worker->end;
}

static void *work(void *data)
{
    struct worker *worker = data;
    const struct bench_selfplay_run *run = worker->run;
    struct selfplay_config config = {.games = run->games,
                                     .game_count = run->game_count,
                                     .settings = run->settings,
                                     .net = run->net,
                                     .backend = NET_BACKEND_FAST,
                                     .dtype = run->dtype,
                                     .before_move = before_move,
                                     .user = worker};
    struct selfplay *selfplay = NULL;
    if (selfplay_create(&selfplay, &config, &worker->error) != 0)
        return NULL;
    for (uint64_t number = 0; bench_now() < worker->end; number++)
        record_unref(selfplay_play(selfplay, number, rng_mix(worker->seed + number)));
    worker->evaluations = selfplay_evaluations(selfplay);
    selfplay_close(selfplay);
    return NULL;
}

/* Adds the worker's counts, and moves its error, if any, to `error` unless that is set. */
static void finish(struct worker *worker, struct bench_selfplay_rates *rates, GError **error)
{
    if (worker->started)
        pthread_join(worker->thread, NULL);
    rates->moves += (double)worker->moves;
    rates->evaluations += (double)worker->evaluations;
    if (worker->error && *error)
        g_error_free(worker->error);
    else if (worker->error)
        *error = worker->error;
}

bool bench_selfplay_measure(const struct bench_selfplay_run *run, double seconds, struct bench_selfplay_rates *rates,
                            GError **error)
{
    struct worker *workers = g_new0(struct worker, run->threads);
    GError *failure = NULL;
    double begin = bench_now();
    *rates = (struct bench_selfplay_rates){0};
    for (int i = 0; i < run->threads; i++) {
        workers[i] = (struct worker){.run = run, .seed = rng_mix(run->seed + (uint64_t)i), .end = begin + seconds};
        workers[i].started = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
        if (!workers[i].started)
            workers[i].error =
                g_error_new_literal(G_THREAD_ERROR, G_THREAD_ERROR_AGAIN,
                                    "the system refuses a thread; free memory or raise its limit of processes");
    }
    for (int i = 0; i < run->threads; i++)
        finish(&workers[i], rates, &failure);
    g_free(workers);
    double elapsed = bench_now() - begin;
    rates->moves /= elapsed;
    rates->evaluations /= elapsed;
    if (failure)
        g_propagate_error(error, failure);
    return !failure;
}

static double measure_one(void *data, double seconds, bool evaluations)
{
    struct bench_selfplay_rates rates;
    GError *error = NULL;
    if (!bench_selfplay_measure(data, seconds, &rates, &error))
        g_error("%s", error->message);
    return evaluations ? rates.evaluations : rates.moves;
}

static double measure_moves(void *data, double seconds)
{
    return measure_one(data, seconds, false);
}

static double measure_evaluations(void *data, double seconds)
{
    return measure_one(data, seconds, true);
}

bool bench_selfplay(struct bench *bench, GError **error)
{
    struct settings settings;
    settings_presets(&settings, &bench->game);
    char visits[24];
    g_snprintf(visits, sizeof visits, "%d", bench->visits);
    if (bench->visits && !settings_set(&settings, "visits", visits, error))
        return false;
    char names[2][48];
    g_snprintf(names[0], sizeof names[0], "moves at %d visits", (int)settings.visits);
    g_snprintf(names[1], sizeof names[1], "evaluations at %d visits", (int)settings.visits);
    for (int threads = 1; threads <= bench->threads;
         threads = threads < bench->threads ? bench->threads : threads + 1) {
        struct bench_selfplay_run run = {.games = &bench->game,
                                         .game_count = 1,
                                         .settings = &settings,
                                         .net = bench->net,
                                         .dtype = bench->dtype,
                                         .threads = threads,
                                         .seed = bench->seed};
        for (int i = 0; i < 2; i++) {
            struct bench_figure figure = {.part = "selfplay",
                                          .name = names[i],
                                          .net = bench->net_name,
                                          .dtype = net_dtype_name(bench->dtype),
                                          .threads = threads,
                                          .unit = i ? "evaluations/s" : "moves/s",
                                          .value = bench_median(bench, i ? measure_evaluations : measure_moves, &run)};
            bench_report(bench, &figure);
        }
    }
    return true;
}

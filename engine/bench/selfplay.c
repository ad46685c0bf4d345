/* Self-play as in training, with the game's presets and without an evaluation cache, in one and several threads. */
#include <pthread.h>

#include "engine/bench/bench.h"
#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/rng.h"
#include "net/net.h"

struct selfplay_run {
    const struct bench *bench;
    const struct settings *settings;
    int threads;
    double seconds, evaluations_per_second;
};

struct worker {
    const struct selfplay_run *run;
    pthread_t thread;
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
    const struct selfplay_run *run = worker->run;
    struct selfplay_config config = {.games = &run->bench->game,
                                     .game_count = 1,
                                     .settings = run->settings,
                                     .net = run->bench->net,
                                     .backend = NET_BACKEND_FAST,
                                     .dtype = run->bench->dtype,
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

static double measure(void *data, double seconds)
{
    struct selfplay_run *run = data;
    struct worker *workers = g_new0(struct worker, run->threads);
    double begin = bench_now();
    for (int i = 0; i < run->threads; i++) {
        workers[i] =
            (struct worker){.run = run, .seed = rng_mix(run->bench->seed + (uint64_t)i), .end = begin + seconds};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            g_error("the system refuses a thread; free memory or raise its limit of processes");
    }
    uint64_t moves = 0, evaluations = 0;
    for (int i = 0; i < run->threads; i++) {
        pthread_join(workers[i].thread, NULL);
        moves += workers[i].moves;
        evaluations += workers[i].evaluations;
        if (workers[i].error)
            g_error("%s", workers[i].error->message);
    }
    g_free(workers);
    double elapsed = bench_now() - begin;
    run->evaluations_per_second = (double)evaluations / elapsed;
    return (double)moves / elapsed;
}

static double measure_evaluations(void *data, double seconds)
{
    measure(data, seconds);
    return ((struct selfplay_run *)data)->evaluations_per_second;
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
        struct selfplay_run run = {.bench = bench, .settings = &settings, .threads = threads};
        for (int i = 0; i < 2; i++) {
            struct bench_figure figure = {.part = "selfplay",
                                          .name = names[i],
                                          .net = bench->net_name,
                                          .dtype = net_dtype_name(bench->dtype),
                                          .threads = threads,
                                          .unit = i ? "evaluations/s" : "moves/s",
                                          .value = bench_median(bench, i ? measure_evaluations : measure, &run)};
            bench_report(bench, &figure);
        }
    }
    return true;
}

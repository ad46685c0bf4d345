/* Self-play in several threads for a given time, for benchmarks. The time that a thread spent waiting for a core used
 * by another program is measured, so that it can be subtracted. */
#ifndef TENGEN_TESTS_ACCEPTANCE_PLAYERS_H
#define TENGEN_TESTS_ACCEPTANCE_PLAYERS_H

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/selfplay/selfplay.h"
#include "engine/store/record.h"
#include "games/rng.h"
#include "mcts/evaluator.h"
#include "net/net.h"

enum { PLAYERS_MAX = 64 };

struct player {
    const struct selfplay_config *config; /* without before_move */
    pthread_t thread;
    uint64_t seed, moves, evaluations;
    double seconds, spent; /* requested; in which a core was available */
};

static _Thread_local double player_end;
static _Thread_local uint64_t player_moves;

static inline double player_now(void)
{
    return 1e-6 * (double)g_get_monotonic_time();
}

/* Seconds that a thread (NULL: the calling one) was runnable but not running. */
static inline double player_queued(const char *task)
{
    char path[300];
    unsigned long long run, wait = 0;
    g_snprintf(path, sizeof path, task ? "/proc/self/task/%s/schedstat" : "/proc/thread-self/schedstat", task);
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%llu %llu", &run, &wait) != 2)
        wait = 0;
    if (file)
        fclose(file);
    return 1e-9 * (double)wait;
}

/* Seconds that the threads of this program together were runnable but not running. */
static inline double players_queued(void)
{
    double sum = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *task; tasks && (task = readdir(tasks));)
        if (task->d_name[0] != '.')
            sum += player_queued(task->d_name);
    if (tasks)
        closedir(tasks);
    return sum;
}

static inline bool player_before_move(void *user, struct selfplay *selfplay)
{
    (void)user;
    (void)selfplay;
    player_moves++;
    return player_now() < player_end;
}

static inline void *player_run(void *data)
{
    struct player *player = data;
    struct selfplay_config config = *player->config;
    struct selfplay *selfplay;
    GError *error = NULL;
    config.before_move = player_before_move;
    if (selfplay_create(&selfplay, &config, &error) != 0)
        g_error("%s", error->message);
    player_end = player_now() + player->seconds / 10;
    record_unref(selfplay_play(selfplay, 0, player->seed)); /* creates the primitives */
    player_moves = 0;
    uint64_t before = selfplay_evaluations(selfplay);
    double begin = player_now(), waited = player_queued(NULL);
    player_end = begin + player->seconds;
    for (uint64_t number = 1; player_now() < player_end; number++)
        record_unref(selfplay_play(selfplay, number, rng_mix(player->seed + number)));
    player->spent = player_now() - begin - (player_queued(NULL) - waited);
    player->evaluations = selfplay_evaluations(selfplay) - before;
    player->moves = player_moves;
    selfplay_close(selfplay);
    return NULL;
}

/* Moves and evaluations per second of all threads together. */
static inline void players_measure(const struct selfplay_config *config, int threads, double seconds, double *moves,
                                   double *evaluations)
{
    struct player players[PLAYERS_MAX];
    *moves = *evaluations = 0;
    for (int i = 0; i < threads; i++) {
        players[i] = (struct player){.config = config, .seed = rng_mix((uint64_t)i + 7), .seconds = seconds};
        if (pthread_create(&players[i].thread, NULL, player_run, &players[i]) != 0)
            g_error("no thread could be started");
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(players[i].thread, NULL);
        *moves += (double)players[i].moves / players[i].spent;
        *evaluations += (double)players[i].evaluations / players[i].spent;
    }
}

/* A random net of a shape for a game, calibrated if the number type needs it; NET_AUTO becomes the fastest type. Exits
 * with a message on failure. */
static inline struct net *player_net(const struct game *game, const char *shape, enum net_dtype *dtype)
{
    struct net *net;
    GError *error = NULL;
    if (*dtype == NET_AUTO)
        *dtype = net_has_int8() ? NET_INT8 : net_dtype_best(NET_BACKEND_FAST);
    if (evaluator_net_fresh(&net, game, shape, 1, &error) == 0 &&
        (*dtype != NET_INT8 || evaluator_net_calibrate(net, game, 1, &error) == 0))
        return net;
    fprintf(stderr, "%s\n", error->message);
    exit(2);
}

static inline int player_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts the values and returns the median. */
static inline double player_median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, player_compare);
    return values[n / 2];
}

#endif

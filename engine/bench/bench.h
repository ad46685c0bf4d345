/* Measurements behind `tengen bench`, one function a part. Each runs in the calling thread (or starts the threads it
 * says), reports figures through bench_report, and returns false with an error when it cannot measure. */
#ifndef TENGEN_ENGINE_BENCH_BENCH_H
#define TENGEN_ENGINE_BENCH_BENCH_H

#include <time.h>

#include "games/game.h"
#include "net/net.h"

struct bench_against;

struct bench {
    struct game game;
    char game_spec[GAME_SPEC_MAX];
    struct net *net;
    char net_name[64]; /* as shown: the shape or the file's base name */
    int batch, threads, repeats;
    int visits;     /* of a self-play move; 0: the game's preset */
    double seconds; /* of one measurement */
    uint64_t seed;
    enum net_dtype dtype; /* never NET_AUTO once the net is open */
    bool json;
    struct bench_against *against; /* an earlier run; NULL: none */
    double fail_slower;            /* percent by which a figure may fall behind it; 0: any */
};

struct bench_figure {
    const char *part, *name, *unit;
    const char *net, *dtype; /* NULL where no network is involved */
    int batch, threads;
    double value;
    double peak; /* the limit for the same work, measured in this run; 0: none */
    double flop; /* of one unit, as direct convolutions count; 0: none */
    double cost; /* growth: time of a unit over that of the table's first case; 0: none */
};
void bench_report(const struct bench *bench, const struct bench_figure *figure);

/* Seconds on a clock that only goes forward. */
static inline double bench_now(void)
{
    return 1e-6 * (double)g_get_monotonic_time();
}

/* Seconds that this thread ran: what other programs do beside it counts less. */
static inline double bench_cpu_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The median of bench->repeats calls after a short one to warm up. measure returns a rate. */
double bench_median(const struct bench *bench, double (*measure)(void *data, double seconds), void *data);

/* The start, then so many uniformly random moves, fewer where the game ends. */
void bench_random_position(const struct game *game, int plies, struct rng *rng, struct position *position);

/* Sets bench->net from "5x64", a block list or a weights file, which must be of bench->game. */
bool bench_open_net(struct bench *bench, const char *shape_or_file, GError **error);

/* Evaluations a second, of its processor time, in the calling thread, at a batch: planes and heads in, no cache. */
bool bench_evaluations(struct bench *bench, int batch, double *rate, GError **error);

bool bench_board(struct bench *bench, GError **error);
bool bench_net(struct bench *bench, GError **error);
bool bench_search(struct bench *bench, GError **error);
bool bench_selfplay(struct bench *bench, GError **error);
bool bench_train(struct bench *bench, GError **error);
bool bench_growth(struct bench *bench, GError **error);

/* A hash over searches of both games with nets made from a seed, one thread, plain f32 kernels. */
bool bench_signature(uint64_t *signature, GError **error);

#endif

/* The measurements of `tengen bench`, one function per part. Each runs in the calling thread (or starts the configured
 * number of threads), reports figures through bench_report, and returns false with an error if it cannot measure. */
#ifndef TENGEN_ENGINE_BENCH_BENCH_H
#define TENGEN_ENGINE_BENCH_BENCH_H

#include <time.h>

#include "games/game.h"
#include "net/net.h"
#include "net/train.h"

struct bench_against;
struct settings;

struct bench {
    struct game game;
    char game_spec[GAME_SPEC_MAX];
    struct net *net;
    char net_name[64]; /* for display: the shape or the file's base name */
    int batch, threads, repeats;
    int visits;     /* per self-play move; 0: the game's preset */
    enum net_optimiser optimiser; /* of the training step */
    double seconds; /* per measurement */
    uint64_t seed;
    enum net_dtype dtype; /* never NET_AUTO once the net is open */
    bool json;
    struct bench_against *against; /* baseline; NULL: none */
    double fail_slower;            /* tolerated slowdown in percent; 0: any */
};

struct bench_figure {
    const char *part, *name, *unit;
    const char *net, *dtype; /* NULL without a network */
    int batch, threads;
    double value;
    double peak; /* the limit for the same work, measured in this run; 0: none */
    double flop; /* per unit, counted as direct convolutions; 0: none */
    double cost; /* growth: time per unit relative to the table's first case; 0: none */
};
void bench_report(const struct bench *bench, const struct bench_figure *figure);

/* Seconds on a monotonic clock. */
static inline double bench_now(void)
{
    return 1e-6 * (double)g_get_monotonic_time();
}

/* CPU seconds of this thread, which are less sensitive to other load. */
static inline double bench_cpu_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The median of bench->repeats calls, after a short warm-up call. measure returns a rate. */
double bench_median(const struct bench *bench, double (*measure)(void *data, double seconds), void *data);

/* The starting position followed by uniformly random moves, fewer if the game ends. */
void bench_random_position(const struct game *game, int plies, struct rng *rng, struct position *position);

/* Sets bench->net from "5x64", a block list or a weights file, which must match bench->game. */
bool bench_open_net(struct bench *bench, const char *shape_or_file, GError **error);

/* Evaluations per second of CPU time in the calling thread, including encoding and heads, without a cache. */
bool bench_evaluations(struct bench *bench, int batch, double *rate, GError **error);

/* Training rows a second of processor time, in steps of bench->net with the preset batch in the calling thread. */
bool bench_training_rate(const struct bench *bench, double seconds, double *samples, GError **error);

/* Self-play as in training, without an evaluation cache. */
struct bench_selfplay_run {
    const struct game *games; /* [game_count] */
    int game_count;
    const struct settings *settings;
    struct net *net;
    enum net_dtype dtype; /* prepared for the net */
    int threads;
    uint64_t seed;
};
struct bench_selfplay_rates {
    double moves, evaluations; /* searches and network evaluations a second of the clock, all threads together */
};
/* Plays for `seconds` and the rest of a search in each thread. */
bool bench_selfplay_measure(const struct bench_selfplay_run *run, double seconds, struct bench_selfplay_rates *rates,
                            GError **error);

bool bench_board(struct bench *bench, GError **error);
bool bench_net(struct bench *bench, GError **error);
bool bench_search(struct bench *bench, GError **error);
bool bench_selfplay(struct bench *bench, GError **error);
bool bench_train(struct bench *bench, GError **error);
bool bench_growth(struct bench *bench, GError **error);

/* A hash over searches of both games with seeded random nets, one thread, plain f32 kernels. */
bool bench_signature(uint64_t *signature, GError **error);

#endif

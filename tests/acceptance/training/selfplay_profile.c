/* The distribution of time in self-play as training runs it: the network, and everything else by part. The functions at
 * the borders of the parts are wrapped by the linker (see tests/CMakeLists.txt), so that the shipped code is measured.
 *
 *   network   net_runner_infer_with     tree      mcts_run without what it calls: selection, halving, backing up
 *   planes    game_encode               board     game_play
 *   leaf      search_expand without the evaluator: legal moves, pruning, priors, edges; and the evaluator's own steps
 *   cache     keys, lookups, copies     records   the rest of selfplay_play: roots, sampling, the record
 *
 * Stretches of time that another program interrupted would distort the result: those longer than LONGEST_NS (no part
 * but the network needs a tenth of that at a time), and those of the network longer than three times the shortest,
 * count as the mean of the others; their number is printed. The cost of reading the clock is subtracted.
 *
 * Targets: at most 5 % of the time outside the network, 15 % where its convolutions run on tiles (AMX); both cores at least 97 % busy, not counting the time that a
 * thread waited for a core used by another program. Prints figures and targets; exits with 1 if one is missed.
 *
 * Usage: selfplay_profile [GAME [NET [SECONDS [THREADS [DTYPE]]]]]   (default go:9 5x64 10 2 auto) */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/kernels/tiles.h"
#include "net/net.h"
#include "tests/acceptance/lib/players.h"

struct mcts;
struct mcts_limits;
struct worker;

enum part { RECORDS, TREE, LEAF, CACHE, PLANES, BOARD, NETWORK, PARTS };
static const char *const part_names[PARTS] = {"records, roots, sampling", "tree",          "leaf",   "cache",
                                              "feature planes",           "playing moves", "network"};
static const enum part part_order[PARTS] = {NETWORK, PLANES, LEAF, CACHE, TREE, BOARD, RECORDS};
enum { CACHE_BYTES = 8 << 20 }; /* as in training */

enum { LONGEST_NS = 150000 };

/* A thread's time by part; each nanosecond counts for the innermost part that was running. */
struct profile {
    int64_t spent[PARTS], since, shortest; /* shortest: stretch of the network */
    uint64_t calls[PARTS], stretches[PARTS], interrupted[PARTS];
    enum part now;
};
static _Thread_local struct profile profile;

static int64_t clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The processor's cycle counter where programs may read it, which costs half as much as the system's clock. */
static inline int64_t ticks(void)
{
#ifdef __x86_64__
    return (int64_t)__builtin_ia32_rdtsc();
#else
    return clock_ns();
#endif
}

/* The cost of reading the clock, which each stretch does once, and the clock's rate. */
static int64_t clock_cost;
static double ticks_a_ns = 1;

static void measure_clock(void)
{
    clock_cost = INT64_MAX;
    for (int i = 0; i < 100000; i++) {
        int64_t begin = ticks(), cost = ticks() - begin;
        clock_cost = cost < clock_cost ? cost : clock_cost;
    }
    int64_t from = clock_ns(), begin = ticks();
    while (clock_ns() - from < 50000000)
        ;
    ticks_a_ns = (double)(ticks() - begin) / (double)(clock_ns() - from);
}

static void count_stretch(int64_t now)
{
    int64_t stretch = now - profile.since;
    enum part part = profile.now;
    bool interrupted = (double)stretch > LONGEST_NS * ticks_a_ns;
    if (part == NETWORK) {
        profile.shortest = !profile.shortest || stretch < profile.shortest ? stretch : profile.shortest;
        interrupted = stretch > 3 * profile.shortest;
    }
    profile.since = now;
    if (interrupted) {
        profile.interrupted[part]++;
        return;
    }
    profile.spent[part] += stretch - clock_cost;
    profile.stretches[part]++;
}

static enum part enter(enum part part)
{
    enum part outer = profile.now;
    count_stretch(ticks());
    profile.now = part;
    profile.calls[part]++;
    return outer;
}

static void leave(enum part outer)
{
    count_stretch(ticks());
    profile.now = outer;
}

/* ---- the wrapped functions: __real_x is x, and calls of x reach __wrap_x ---- */

#define WRAP(where, name, parameters, arguments)                                                                       \
    void __real_##name parameters;                                                                                     \
    void __wrap_##name parameters;                                                                                     \
    void __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        enum part outer = enter(where);                                                                                \
        __real_##name arguments;                                                                                       \
        leave(outer);                                                                                                  \
    }

WRAP(NETWORK, net_runner_infer_with,
     (struct net_runner * runner, int width, int height, int n, const float *planes, const float *globals,
      const float *states, const struct net_outputs *outputs),
     (runner, width, height, n, planes, globals, states, outputs))
WRAP(PLANES, game_encode,
     (const struct game *game, const struct game_features *features, const struct position *position,
      const struct history *history, int symmetry, float *planes, float *globals),
     (game, features, position, history, symmetry, planes, globals))
WRAP(TREE, mcts_run, (struct mcts * search, const struct mcts_limits *limits), (search, limits))
WRAP(LEAF, search_expand, (struct worker * worker, uint32_t index), (worker, index))
WRAP(BOARD, game_play, (const struct game *game, struct position *position, struct history *history, game_move move),
     (game, position, history, move))

/* An evaluator in front of another, to time the cache separately from the evaluator behind it. */
struct timed {
    struct evaluator base;
    struct evaluator *inner;
    enum part part;
};

static void timed_evaluate(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    struct timed *timed = (struct timed *)self;
    enum part outer = enter(timed->part);
    evaluator_evaluate(timed->inner, n, queries, evals);
    leave(outer);
}

static struct evaluator *timed_inner(const struct evaluator *self)
{
    return ((const struct timed *)self)->inner;
}

static void timed_free(struct evaluator *self)
{
    evaluator_free(((struct timed *)self)->inner);
    g_free(self);
}

static struct evaluator *timed_create(struct evaluator *inner, enum part part)
{
    static const struct evaluator_ops ops = {
        .name = "timed", .evaluate = timed_evaluate, .inner = timed_inner, .free = timed_free};
    struct timed *timed = g_new0(struct timed, 1);
    *timed = (struct timed){.base = {.ops = &ops, .game = inner->game}, .inner = inner, .part = part};
    return &timed->base;
}

struct evaluator *__real_evaluator_cache_create(struct evaluator *inner, size_t bytes);
struct evaluator *__wrap_evaluator_cache_create(struct evaluator *inner, size_t bytes);
struct evaluator *__wrap_evaluator_cache_create(struct evaluator *inner, size_t bytes)
{
    return timed_create(__real_evaluator_cache_create(timed_create(inner, LEAF), bytes), CACHE);
}

/* ---- self-play ---- */

struct profiled {
    const struct selfplay_config *config;
    pthread_t thread;
    uint64_t seed;
    double seconds;
    struct profile profile;
    uint64_t moves, evaluations;
    double wall, ran, queued; /* seconds */
};

static _Thread_local struct {
    int64_t end;
    uint64_t moves;
} span;

static bool before_move(void *user, struct selfplay *selfplay)
{
    (void)user;
    (void)selfplay;
    span.moves++;
    return clock_ns() < span.end;
}

/* Seconds that this thread ran, and that it was runnable while another program used the core. */
static void read_scheduler(double *ran, double *queued)
{
    unsigned long long run = 0, wait = 0;
    FILE *file = fopen("/proc/thread-self/schedstat", "r");
    if (file) {
        if (fscanf(file, "%llu %llu", &run, &wait) != 2)
            run = wait = 0;
        fclose(file);
    }
    *ran = 1e-9 * (double)run;
    *queued = 1e-9 * (double)wait;
}

static void play(struct profiled *profiled, struct selfplay *selfplay, double seconds)
{
    double ran, queued;
    uint64_t before = selfplay_evaluations(selfplay);
    int64_t begin = clock_ns();
    read_scheduler(&ran, &queued);
    span.end = begin + (int64_t)(1e9 * seconds);
    span.moves = 0;
    profile = (struct profile){.since = ticks()};
    for (uint64_t number = 0; clock_ns() < span.end; number++)
        record_unref(selfplay_play(selfplay, number, rng_mix(profiled->seed++)));
    leave(RECORDS);
    profiled->profile = profile;
    read_scheduler(&profiled->ran, &profiled->queued);
    profiled->ran -= ran;
    profiled->queued -= queued;
    profiled->wall = 1e-9 * (double)(clock_ns() - begin);
    profiled->moves = span.moves;
    profiled->evaluations = selfplay_evaluations(selfplay) - before;
}

static void *run_profiled(void *data)
{
    struct profiled *profiled = data;
    struct selfplay *selfplay;
    GError *error = NULL;
    if (selfplay_create(&selfplay, profiled->config, &error) != 0)
        g_error("%s", error->message);
    play(profiled, selfplay, profiled->seconds / 10); /* creates the primitives, fills the caches */
    play(profiled, selfplay, profiled->seconds);
    selfplay_close(selfplay);
    return NULL;
}

/* ---- figures ---- */

static bool judge(const char *what, double figure, const char *relation, double target)
{
    bool met = relation[0] == '<' ? figure <= target : figure >= target;
    printf("%-52s %6.2f %%   target %s %g %%%s\n", what, 100 * figure, relation, 100 * target, met ? "" : "   MISSED");
    return met;
}

static bool report(const struct profiled *players, int threads)
{
    double spent[PARTS] = {0}, all = 0;
    uint64_t interrupted = 0, moves = 0, evaluations = 0, leaves = 0, lookups = 0;
    double wall = 0, ran = 0, queued = 0;
    for (int i = 0; i < threads; i++) {
        moves += players[i].moves;
        evaluations += players[i].evaluations;
        leaves += players[i].profile.calls[NETWORK];
        lookups += players[i].profile.calls[CACHE];
        wall += players[i].wall;
        ran += players[i].ran;
        queued += players[i].queued;
        for (int part = 0; part < PARTS; part++) {
            const struct profile *p = &players[i].profile;
            double share = p->stretches[part] ? 1 + (double)p->interrupted[part] / (double)p->stretches[part] : 1;
            spent[part] += (double)p->spent[part] * share;
            all += (double)p->spent[part] * share;
            interrupted += p->interrupted[part];
        }
    }
    double seconds = wall / threads;
    printf("%.1f moves and %.0f evaluations a second in %d threads; cache hits %.1f %%\n", (double)moves / seconds,
           (double)evaluations / seconds, threads, lookups ? 100 - 100.0 * (double)leaves / (double)lookups : 0.0);
    for (int i = 0; i < PARTS; i++)
        printf("  %-24s %8.3f us an evaluation %6.2f %%\n", part_names[part_order[i]],
               1e-3 / ticks_a_ns * spent[part_order[i]] / (double)evaluations, 100.0 * spent[part_order[i]] / all);
    printf("cores: busy %.1f %% of the time, waiting for other programs %.1f %%, %d stretches interrupted\n",
           100 * ran / wall, 100 * queued / wall, (int)interrupted);
    if (leaves == 0) {
        fprintf(stderr, "selfplay_profile: the network was never called by the function that is wrapped here\n");
        return false;
    }
    bool good = judge("outside the network", 1 - spent[NETWORK] / all, "<=", net_tiles_available() ? 0.15 : 0.05);
    return judge("busy, of the time that a core was available", ran / (wall - queued), ">=", 0.97) && good;
}

static bool good(bool ok, GError *error)
{
    if (!ok)
        fprintf(stderr, "selfplay_profile: %s\n", error->message);
    return ok;
}

int main(int argc, char **argv)
{
    const char *spec = argc > 1 ? argv[1] : "go:9", *shape = argc > 2 ? argv[2] : "5x64";
    double seconds = argc > 3 ? atof(argv[3]) : 10;
    int threads = argc > 4 ? atoi(argv[4]) : 2;
    struct game game;
    struct net *net;
    enum net_dtype dtype = NET_AUTO;
    GError *error = NULL;
    if (seconds < 0.1 || threads < 1 || threads > 1024) {
        fputs("usage: selfplay_profile [GAME [NET [SECONDS [THREADS [DTYPE]]]]]\n", stderr);
        return 2;
    }
    if (!good(game_parse(&game, spec, &error), error) ||
        !good(argc <= 5 || net_dtype_parse(&dtype, argv[5], &error), error))
        return 2;
    net = player_net(&game, shape, &dtype);
    struct settings settings;
    measure_clock();
    settings_presets(&settings, &game);
    const struct selfplay_config config = {.games = &game,
                                           .game_count = 1,
                                           .settings = &settings,
                                           .net = net,
                                           .backend = NET_BACKEND_FAST,
                                           .dtype = dtype,
                                           .cache_bytes = CACHE_BYTES,
                                           .before_move = before_move};
    printf("%s, %s in %s, %d visits: ", spec, shape, net_dtype_name(dtype), (int)settings.visits);
    struct profiled *players = g_new0(struct profiled, threads);
    for (int i = 0; i < threads; i++) {
        players[i] = (struct profiled){.config = &config, .seed = rng_mix((uint64_t)i + 1), .seconds = seconds};
        if (pthread_create(&players[i].thread, NULL, run_profiled, &players[i]) != 0)
            g_error("no thread could be started");
    }
    for (int i = 0; i < threads; i++)
        pthread_join(players[i].thread, NULL);
    bool met = report(players, threads);
    g_free(players);
    net_unref(net);
    return met ? 0 : 1;
}

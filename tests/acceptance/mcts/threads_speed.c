/* Measures the speed-up by a second thread: evaluations per second with two threads relative to one, in self-play and
 * in one tree, where only evaluations of distinct positions count. The two alternate; medians of five. Time that a
 * thread spent waiting for a core used by another program is subtracted, so that the result shows only how much threads
 * wait for one another. Prints figures and targets; exits with 1 if one is missed. Takes two minutes.
 *
 * Usage: threads_speed [GAME [NET [SECONDS [DTYPE]]]]   (default go:9 5x64 3 auto) */
#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "net/net.h"
#include "tests/acceptance/lib/players.h"

enum { ROUNDS = 5, THREADS = 2, MAX_KEYS = 1 << 20 };

static struct game game;
static struct net *net;
static enum net_dtype dtype;

static void must(bool ok, GError *error)
{
    if (ok)
        return;
    fprintf(stderr, "threads_speed: %s\n", error ? error->message : "failed");
    exit(2);
}

static struct evaluator *open_net(void)
{
    struct evaluator *evaluator;
    GError *error = NULL;
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = net,
                                            .backend = NET_BACKEND_FAST,
                                            .dtype = dtype,
                                            .symmetry = EVALUATOR_SYMMETRY_RANDOM};
    must(evaluator_create(&evaluator, &game, &config, &error) == 0, error);
    return evaluator;
}

/* ---- an evaluator that records the positions evaluated ---- */

struct noting {
    struct evaluator base;
    struct evaluator *inner;
    uint64_t *keys;
    int count;
};

static void note(struct evaluator *self, int n, const struct eval_query *queries, struct eval *evals)
{
    struct noting *noting = (struct noting *)self;
    for (int i = 0; i < n && noting->count < MAX_KEYS; i++)
        noting->keys[noting->count++] = queries[i].position->hash;
    evaluator_evaluate(noting->inner, n, queries, evals);
}

static struct evaluator *noting_inner(const struct evaluator *self)
{
    return ((const struct noting *)self)->inner;
}

static const struct evaluator_ops noting_ops = {.name = "noting", .evaluate = note, .inner = noting_inner};

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int count_distinct(const struct noting *noting, int threads, int *all)
{
    uint64_t *keys = g_new(uint64_t, (size_t)MAX_KEYS * threads);
    int distinct = 0;
    *all = 0;
    for (int i = 0; i < threads; i++) {
        memcpy(keys + *all, noting[i].keys, sizeof *keys * (size_t)noting[i].count);
        *all += noting[i].count;
    }
    qsort(keys, (size_t)*all, sizeof *keys, compare_keys);
    for (int i = 0; i < *all; i++)
        distinct += i == 0 || keys[i] != keys[i - 1];
    g_free(keys);
    return distinct;
}

/* Distinct evaluations per second in one search from the initial position. */
static double search_rate(int threads, double seconds, double *share_distinct)
{
    struct noting noting[THREADS];
    struct evaluator *evaluators[THREADS];
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    struct mcts *search;
    GError *error = NULL;
    int all;
    config.threads = threads;
    for (int i = 0; i < threads; i++) {
        noting[i] = (struct noting){.base = {.ops = &noting_ops, .game = &game}, .inner = open_net()};
        noting[i].keys = g_new(uint64_t, MAX_KEYS);
        evaluators[i] = &noting[i].base;
    }
    must(mcts_create(&search, &game, &config, evaluators, &error) == 0, error);
    mcts_run(search, &(struct mcts_limits){.visits = 200}); /* starts the threads and creates the primitives */
    mcts_forget(search);
    for (int i = 0; i < threads; i++)
        noting[i].count = 0;
    double begin = player_now(), waited = players_queued();
    mcts_run(search, &(struct mcts_limits){.time_ms = (int64_t)(1e3 * seconds)});
    double spent = player_now() - begin - (players_queued() - waited) / threads;
    int distinct = count_distinct(noting, threads, &all);
    *share_distinct = (double)distinct / all;
    mcts_close(search);
    for (int i = 0; i < threads; i++) {
        evaluator_free(noting[i].inner);
        g_free(noting[i].keys);
    }
    return distinct / spent;
}

static double selfplay_rate(int threads, double seconds)
{
    struct settings settings;
    double moves, evaluations;
    settings_presets(&settings, &game);
    const struct selfplay_config config = {.games = &game,
                                           .game_count = 1,
                                           .settings = &settings,
                                           .net = net,
                                           .backend = NET_BACKEND_FAST,
                                           .dtype = dtype};
    players_measure(&config, threads, seconds, &moves, &evaluations);
    return evaluations;
}

/* ---- figures ---- */

static bool report(const char *what, double *one, double *two, double *ratio)
{
    qsort(one, ROUNDS, sizeof *one, player_compare);
    qsort(two, ROUNDS, sizeof *two, player_compare);
    qsort(ratio, ROUNDS, sizeof *ratio, player_compare);
    bool met = ratio[ROUNDS / 2] >= 1.9;
    printf(
        "%-10s %8.0f evaluations a second with one thread, %8.0f with two: %.3f times (%.3f to %.3f), target 1.9%s\n",
        what, one[ROUNDS / 2], two[ROUNDS / 2], ratio[ROUNDS / 2], ratio[0], ratio[ROUNDS - 1], met ? "" : "   MISSED");
    return met;
}

int main(int argc, char **argv)
{
    const char *spec = argc > 1 ? argv[1] : "go:9", *shape = argc > 2 ? argv[2] : "5x64";
    double seconds = argc > 3 ? atof(argv[3]) : 3, one[ROUNDS], two[ROUNDS], ratio[ROUNDS], distinct[ROUNDS], all;
    GError *error = NULL;
    must(seconds >= 0.1 && game_parse(&game, spec, &error) &&
             net_dtype_parse(&dtype, argc > 4 ? argv[4] : "auto", &error),
         error);
    net = player_net(&game, shape, &dtype);
    printf("%s, %s in %s, medians of %d alternating rounds\n", spec, shape, net_dtype_name(dtype), ROUNDS);
    for (int i = 0; i < ROUNDS; i++) {
        one[i] = selfplay_rate(1, seconds);
        two[i] = selfplay_rate(THREADS, seconds);
        ratio[i] = two[i] / one[i];
    }
    bool met = report("self-play:", one, two, ratio);
    for (int i = 0; i < ROUNDS; i++) {
        one[i] = search_rate(1, seconds, &all);
        two[i] = search_rate(THREADS, seconds, &distinct[i]);
        ratio[i] = two[i] / one[i];
    }
    met &= report("one tree:", one, two, ratio);
    qsort(distinct, ROUNDS, sizeof *distinct, player_compare);
    printf("           with two threads %.2f %% of the evaluations were of a position not evaluated before\n",
           100 * distinct[ROUNDS / 2]);
    net_unref(net);
    puts(met ? "all targets met" : "a target was missed");
    return met ? 0 : 1;
}

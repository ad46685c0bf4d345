/* The speed of networks and of self-play compared with their targets, in one run:
 *
 *   evaluation through the interface that the search uses, including planes and heads, relative to the bare tower of the
 *     same type, shape and batch: at least 0.85 at a batch of one, and a batch of one at least 0.9 of the best batch; for
 *     5x64 and 6x96 on 9x9, 6x96 on 19x19, and 5x64 on Gomoku 15x15
 *   self-play at 64 visits, 9x9, 6x96, two threads, no cache, full searches only: at least 45 moves a second
 *
 * Medians of five, in processor time; compared measurements alternate. Prints figures and targets; exits with 1 if one is
 * missed. Takes three minutes.
 *
 * Usage: speed_targets [DTYPE [SECONDS]]   (default auto 0.3; SECONDS: of one measurement) */
#include <time.h>

#include "engine/selfplay/selfplay.h"
#include "engine/settings/settings.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/bench.h"
#include "net/net.h"
#include "tests/acceptance/lib/players.h"

enum { ROUNDS = 5, BATCHES = 4, MAX_BATCH = 64 };
static const int batches[BATCHES] = {1, 4, 16, 64};

static bool missed;

static void report(const char *what, double figure, double target)
{
    printf("  %-52s %8.3f   target %g%s\n", what, figure, target, figure >= target ? "" : "   MISSED");
    missed |= figure < target;
}

static void must(bool ok, GError *error)
{
    if (ok)
        return;
    fprintf(stderr, "speed_targets: %s\n", error ? error->message : "failed");
    exit(2);
}

static double cpu_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Positions of random games, so that planes are realistic. */
struct asked {
    struct evaluator *evaluator;
    union any_position positions[MAX_BATCH];
    struct eval_query queries[MAX_BATCH];
    struct eval evals[MAX_BATCH];
};

static void fill(struct asked *asked, const struct game *game)
{
    struct rng rng;
    rng_seed(&rng, 3);
    for (int i = 0; i < MAX_BATCH; i++) {
        struct position *p = &asked->positions[i].p;
        game_move legal[GAME_MAX_MOVES];
        game_init(game, p);
        for (int ply = 0; ply < i * game->points / MAX_BATCH && !game_over(p); ply++)
            game_play(game, p, NULL, legal[rng_below(&rng, (uint32_t)game->ops->legal_moves(game, p, NULL, legal))]);
        asked->queries[i] = (struct eval_query){.position = p, .want = EVAL_POLICY | EVAL_VALUE | EVAL_SCORE};
    }
}

static double evaluations(struct asked *asked, int batch, double seconds)
{
    evaluator_evaluate(asked->evaluator, batch, asked->queries, asked->evals);
    long count = 0;
    int at = 0;
    double begin = cpu_now(), spent;
    do {
        evaluator_evaluate(asked->evaluator, batch, asked->queries + at, asked->evals);
        at = (at + batch) % (MAX_BATCH - batch + 1);
        count += batch;
    } while ((spent = cpu_now() - begin) < seconds);
    return (double)count / spent;
}

static void inference(const char *spec, int blocks, int channels, enum net_dtype dtype, double seconds)
{
    struct game game;
    struct net *net;
    GError *error = NULL;
    struct asked *asked = g_new0(struct asked, 1);
    char shape[20];
    double rate[BATCHES][ROUNDS], tower[BATCHES][ROUNDS], fraction[BATCHES][ROUNDS], single[ROUNDS];
    g_snprintf(shape, sizeof shape, "%dx%d", blocks, channels);
    must(game_parse(&game, spec, &error), error);
    net = player_net(&game, shape, &dtype);
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = net,
                                            .backend = NET_BACKEND_FAST,
                                            .dtype = dtype,
                                            .max_batch = MAX_BATCH,
                                            .symmetry = EVALUATOR_SYMMETRY_RANDOM};
    must(evaluator_create(&asked->evaluator, &game, &config, &error) == 0, error);
    fill(asked, &game);
    for (int round = 0; round < ROUNDS; round++) {
        double best = 0;
        for (int b = 0; b < BATCHES; b++) {
            rate[b][round] = evaluations(asked, batches[b], seconds);
            tower[b][round] = net_bench_tower(blocks, channels, game.width, game.height, batches[b], dtype, seconds);
            fraction[b][round] = rate[b][round] / tower[b][round];
            best = MAX(best, rate[b][round]);
        }
        single[round] = rate[0][round] / best;
    }
    printf("%s on %s in %s, one core\n", shape, spec, net_dtype_name(dtype));
    for (int b = 0; b < BATCHES; b++) {
        double evaluated = player_median(rate[b], ROUNDS), bare = player_median(tower[b], ROUNDS);
        printf("  batch %2d: %8.0f evaluations a second, bare tower %8.0f: %.3f of it, %.0f GFLOP/s\n", batches[b],
               evaluated, bare, player_median(fraction[b], ROUNDS),
               1e-9 * evaluated * net_flops(net, game.width, game.height));
    }
    report("evaluation over the bare tower, batch of one", fraction[0][ROUNDS / 2], 0.85);
    report("batch of one over the best batch", player_median(single, ROUNDS), 0.9);
    evaluator_free(asked->evaluator);
    net_unref(net);
    g_free(asked);
}

static void selfplay(enum net_dtype dtype, double seconds)
{
    struct game game;
    struct net *net;
    struct settings settings;
    GError *error = NULL;
    double moves[ROUNDS], all[ROUNDS];
    must(game_parse(&game, "go:9", &error), error);
    net = player_net(&game, "6x96", &dtype);
    settings_presets(&settings, &game);
    settings.visits = 64;
    const struct selfplay_config config = {.games = &game,
                                           .game_count = 1,
                                           .settings = &settings,
                                           .net = net,
                                           .backend = NET_BACKEND_FAST,
                                           .dtype = dtype};
    for (int round = 0; round < ROUNDS; round++)
        players_measure(&config, 2, seconds, &moves[round], &all[round]);
    printf("self-play, 6x96 on go:9 in %s, 64 visits, two threads: %.0f evaluations a second\n", net_dtype_name(dtype),
           player_median(all, ROUNDS));
    report("moves a second", player_median(moves, ROUNDS), 45);
    net_unref(net);
}

int main(int argc, char **argv)
{
    enum net_dtype dtype;
    GError *error = NULL;
    double seconds = argc > 2 ? atof(argv[2]) : 0.3;
    must(net_dtype_parse(&dtype, argc > 1 ? argv[1] : "auto", &error) && seconds > 0, error);
    dtype = dtype != NET_AUTO ? dtype : net_has_int8() ? NET_INT8 : net_dtype_best(NET_BACKEND_FAST);
    inference("go:9", 5, 64, dtype, seconds);
    inference("go:9", 6, 96, dtype, seconds);
    inference("go:19", 6, 96, dtype, seconds);
    inference("gomoku:15", 5, 64, dtype, seconds);
    selfplay(dtype, 10 * seconds);
    puts(missed ? "a target was missed" : "all targets met");
    return missed;
}

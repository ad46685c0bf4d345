/* Search: overhead with a trivial evaluator, and visits per second with a network, in one and several threads. */
#include <stdlib.h>

#include "engine/bench/bench.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"
#include "net/net.h"

struct search_run {
    const struct game *game;
    struct mcts *search;
};

/* Searches of 800 visits from the starting position, each with an empty tree. */
static double measure_visits(void *data, double seconds)
{
    struct search_run *run = data;
    union any_position position;
    game_init(run->game, &position.p);
    struct mcts_limits limits = {.visits = 800};
    uint64_t visits = 0;
    double begin = bench_now(), end;
    do {
        mcts_set_root(run->search, &position.p, NULL);
        mcts_forget(run->search);
        mcts_run(run->search, &limits);
        visits += 800;
        end = bench_now();
    } while (end - begin < seconds);
    return (double)visits / (end - begin);
}

static bool bench_threads(struct bench *bench, const char *name, struct evaluator *first, int threads, bool network,
                          GError **error)
{
    struct mcts_config config = mcts_defaults(MCTS_PUCT);
    config.threads = threads;
    config.seed = bench->seed;
    struct evaluator **evaluators = g_new(struct evaluator *, threads);
    evaluators[0] = first;
    for (int i = 1; i < threads; i++)
        evaluators[i] = evaluator_clone(first);
    struct search_run run = {.game = &bench->game};
    bool ok = mcts_create(&run.search, &bench->game, &config, evaluators, error) == 0;
    if (ok) {
        struct bench_figure figure = {.part = "search",
                                      .name = name,
                                      .unit = "visits/s",
                                      .threads = threads,
                                      .net = network ? bench->net_name : NULL,
                                      .dtype = network ? net_dtype_name(bench->dtype) : NULL,
                                      .value = bench_median(bench, measure_visits, &run)};
        bench_report(bench, &figure);
    }
    mcts_close(run.search);
    for (int i = 1; i < threads; i++)
        evaluator_free(evaluators[i]);
    g_free(evaluators);
    return ok;
}

static bool bench_evaluator(struct bench *bench, const char *name, const struct evaluator_config *config,
                            GError **error)
{
    struct evaluator *evaluator;
    if (evaluator_create(&evaluator, &bench->game, config, error) != 0)
        return false;
    bool network = config->kind == EVALUATOR_NET;
    bool ok = bench_threads(bench, name, evaluator, 1, network, error);
    if (ok && bench->threads > 1)
        ok = bench_threads(bench, name, evaluator, bench->threads, network, error);
    evaluator_free(evaluator);
    return ok;
}

bool bench_search(struct bench *bench, GError **error)
{
    const struct evaluator_config uniform = {.kind = EVALUATOR_UNIFORM};
    const struct evaluator_config rollout = {.kind = EVALUATOR_ROLLOUT, .playouts = 1, .seed = bench->seed};
    const struct evaluator_config network = {.kind = EVALUATOR_NET,
                                             .net = bench->net,
                                             .backend = NET_BACKEND_FAST,
                                             .dtype = bench->dtype,
                                             .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                             .seed = bench->seed};
    return bench_evaluator(bench, "PUCT, uniform evaluator", &uniform, error) &&
           bench_evaluator(bench, "PUCT, one rollout a visit", &rollout, error) &&
           bench_evaluator(bench, "PUCT, network", &network, error);
}

static void mix_search(uint64_t *hash, const struct mcts *search)
{
    struct mcts_move moves[GAME_MAX_MOVES];
    int count = mcts_moves(search, moves, GAME_MAX_MOVES);
    for (int i = 0; i < count; i++) {
        *hash = rng_mix(*hash ^ ((uint64_t)moves[i].move << 32) ^ (uint64_t)moves[i].visits);
        union {
            float value;
            uint32_t bits;
        } value = {.value = moves[i].value};
        *hash = rng_mix(*hash ^ value.bits);
    }
}

static bool sign_game(uint64_t *hash, const char *spec, enum mcts_selection selection, GError **error)
{
    struct bench bench = {.seed = 7};
    struct evaluator *evaluator = NULL;
    struct mcts *search = NULL;
    struct mcts_config config = mcts_defaults(selection);
    config.seed = 7;
    struct evaluator_config plain = {
        .kind = EVALUATOR_NET, .backend = NET_BACKEND_PLAIN, .symmetry = EVALUATOR_SYMMETRY_RANDOM, .seed = 7};
    bool ok = game_parse(&bench.game, spec, error) && bench_open_net(&bench, "2x16", error);
    plain.net = bench.net;
    ok = ok && evaluator_create(&evaluator, &bench.game, &plain, error) == 0 &&
         mcts_create(&search, &bench.game, &config, &evaluator, error) == 0;
    if (ok) {
        union any_position position;
        game_init(&bench.game, &position.p);
        mcts_set_root(search, &position.p, NULL);
        mcts_run(search, &(struct mcts_limits){.visits = 200});
        mix_search(hash, search);
    }
    mcts_close(search);
    evaluator_free(evaluator);
    net_unref(bench.net);
    return ok;
}

bool bench_signature(uint64_t *signature, GError **error)
{
    *signature = 0;
    return sign_game(signature, "go:7", MCTS_PUCT, error) && sign_game(signature, "go:9", MCTS_GUMBEL, error) &&
           sign_game(signature, "gomoku:9", MCTS_PUCT, error) && sign_game(signature, "gomoku:15", MCTS_GUMBEL, error);
}

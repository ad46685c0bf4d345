/* Calibration of a net for int8 on self-play games sampled from its raw policy. */
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

enum { POSITIONS = 384 };

/* Fills planes and globals with POSITIONS consecutive positions, each under a random symmetry. */
static void encode_games(struct evaluator *evaluator, const struct game_features *features, uint64_t seed,
                         float *planes, float *globals)
{
    const struct game *game = evaluator->game;
    const size_t planes_each = (size_t)features->planes * game->points;
    struct eval *eval = g_new(struct eval, 1);
    union any_position position;
    struct history history;
    struct rng rng;
    rng_seed(&rng, seed);
    history_init(&history, game->max_plies + 1);
    game_init(game, &position.p);
    for (int i = 0; i < POSITIONS; i++) {
        if (game_over(&position.p)) {
            game_init(game, &position.p);
            history_truncate(&history, 0);
        }
        game_encode(game, features, &position.p, &history, (int)rng_below(&rng, game->symmetries),
                    planes + (size_t)i * planes_each, globals + (size_t)i * features->globals);
        const struct eval_query query = {.position = &position.p, .history = &history, .want = EVAL_POLICY};
        evaluator_evaluate(evaluator, 1, &query, eval);
        game_play(game, &position.p, &history, evaluator_sample_move(game, &position.p, &history, eval, &rng));
    }
    history_clear(&history);
    g_free(eval);
}

int evaluator_net_calibrate(struct net *net, const struct game *game, uint64_t seed, GError **error)
{
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = net,
                                            .backend = NET_BACKEND_FAST,
                                            .dtype = net_dtype_best(NET_BACKEND_FAST),
                                            .seed = seed};
    struct evaluator *evaluator;
    if (evaluator_create(&evaluator, game, &config, error) != 0)
        return -1;
    const struct game_features *features = game_features_find(game, net_info(net)->features);
    float *planes = g_new(float, (size_t)POSITIONS * features->planes * game->points);
    float *globals = g_new(float, POSITIONS * features->globals);
    encode_games(evaluator, features, seed, planes, globals);
    int status = net_calibrate(net, game->width, game->height, POSITIONS, planes, globals, error);
    evaluator_free(evaluator);
    g_free(planes);
    g_free(globals);
    return status;
}

int evaluator_net_prepare(struct net *net, const struct game *game, enum net_backend backend, enum net_dtype dtype,
                          uint64_t seed, GError **error)
{
    bool wanted = (dtype == NET_AUTO || dtype == NET_INT8) && net_dtype_fastest(net, backend) == NET_INT8;
    return wanted && !net_is_calibrated(net) ? evaluator_net_calibrate(net, game, seed, error) : 0;
}

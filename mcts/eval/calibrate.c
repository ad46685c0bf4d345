/* Calibration of a net for int8 on games that it plays against itself by its policy alone. */
#include "mcts/evaluator.h"

enum { POSITIONS = 384 };

int evaluator_net_calibrate(struct net *net, const struct game *game, uint64_t seed, GError **error)
{
    const struct evaluator_net_config config = {
        .dtype = net_dtype_best(NET_BACKEND_FAST), .backend = NET_BACKEND_FAST, .max_batch = 1, .seed = seed};
    struct evaluator *evaluator;
    if (evaluator_net_create(&evaluator, game, net, &config, error) != 0)
        return -1;
    const struct game_features *features = game_features_find(game, net_info(net)->features);
    size_t planes_each = (size_t)features->planes * game->points;
    float *planes = g_new(float, POSITIONS *planes_each), *globals = g_new(float, POSITIONS * features->globals);
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
        game_encode(game, features, &position.p, &history, (int)rng_below(&rng, GAME_SYMMETRIES),
                    planes + (size_t)i * planes_each, globals + (size_t)i * features->globals);
        const struct eval_query query = {.position = &position.p, .history = &history, .want = EVAL_POLICY};
        evaluator_evaluate(evaluator, 1, &query, eval);
        game_play(game, &position.p, &history, evaluator_sample_move(game, &position.p, &history, eval, &rng));
    }
    int status = net_calibrate(net, game->size, POSITIONS, planes, globals, error);
    history_clear(&history);
    evaluator_free(evaluator);
    g_free(eval);
    g_free(planes);
    g_free(globals);
    return status;
}

int evaluator_net_prepare(struct net *net, const struct game *game, enum net_backend backend, enum net_dtype dtype,
                          uint64_t seed, GError **error)
{
    bool wanted = backend == NET_BACKEND_FAST && (dtype == NET_AUTO || dtype == NET_INT8) && net_has_int8();
    return wanted && !net_is_calibrated(net) ? evaluator_net_calibrate(net, game, seed, error) : 0;
}

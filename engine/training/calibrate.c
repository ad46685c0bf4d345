#include "engine/training/calibrate.h"

#include "engine/settings/settings.h"
#include "engine/training/replay/replay_window.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/train.h"

static bool calibrate_on_own_games(struct net *net, const struct calibration *c, GError **error)
{
    const bool wanted =
        c->dtype == NET_INT8 || (c->dtype == NET_AUTO && net_dtype_fastest(net, c->backend) == NET_INT8);
    bool good = true;
    for (int i = 0; wanted && good && i < c->game_count; i++)
        good = evaluator_net_calibrate(net, &c->games[i], (uint64_t)c->settings->seed, error) == 0;
    return good;
}

static bool calibrate_on_batch(struct net *net, const struct window *window, const struct calibration *c,
                               struct game_shape shape, struct rng *rng, GError **error)
{
    const int rows = (int)c->settings->batch;
    struct net_samples *samples = net_samples_new(net_info(net), shape.width, shape.height, rows);
    window_fill(window, c->features, rng, samples);
    const bool good =
        net_calibrate(net, shape.width, shape.height, rows, samples->planes, samples->globals, error) == 0;
    net_samples_free(samples);
    return good;
}

bool calibrate(struct net *net, const struct window *window, const struct calibration *c, GError **error)
{
    const int batches = c->game_count * (1 + 2 / c->game_count);
    struct rng rng;
    bool good = true;
    if (c->backend != NET_BACKEND_FAST || !net_supports(net, NET_INT8))
        return true;
    if (window_rows(window) == 0)
        return calibrate_on_own_games(net, c, error);
    rng_seed(&rng, rng_mix((uint64_t)c->settings->seed ^ 0x72616e676573u /* "ranges" */) + (uint64_t)c->steps);
    for (int i = 0; good && i < batches; i++) {
        const struct game *game = &c->games[i % c->game_count];
        const struct game_shape shape = {game->width, game->height};
        if (window_shape_rows(window, shape) > 0)
            good = calibrate_on_batch(net, window, c, shape, &rng, error);
    }
    return good;
}

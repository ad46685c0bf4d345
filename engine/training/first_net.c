#include "engine/training/first_net.h"

#include "agents/net_path.h"
#include "mcts/evaluator.h"

/* A run trains on the newest features, and a net of older ones would see other planes than it learned. */
static bool can_train(const struct net *net, const struct game *game, GError **error)
{
    const struct game_features *newest = game_features_newest(game), *has = evaluator_net_features(net, game, error);
    if (has && has != newest)
        g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH,
                    "this net wants the features \"%s\"; a run trains on \"%s\", the newest: give a net of those",
                    has->name, newest->name);
    return has == newest;
}

int first_net_open(struct net **out, const struct settings *settings, const struct game *game, GError **error)
{
    *out = NULL;
    if (!settings->from[0])
        return evaluator_net_fresh(out, game, settings->net, (uint64_t)settings->seed, error);
    struct net *net = NULL;
    bool good = net_path_load(&net, settings->from, game, error) == 0 && can_train(net, game, error);
    if (!good) {
        g_prefix_error(error, "from=%s: ", settings->from);
        net_unref(net);
        return -1;
    }
    *out = net;
    return 0;
}

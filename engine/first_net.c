#include "engine/first_net.h"

#include "agents/net_path.h"
#include "mcts/evaluator.h"

/* A run trains on the newest features, and a net of older ones would see other planes than it learned. */
static bool has_newest_features(const struct net *net, const struct game *game, GError **error)
{
    const char *newest = game_features_newest(game)->name, *has = net_info(net)->features;
    if (strcmp(has, newest) == 0)
        return true;
    g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH,
                "this net wants the features \"%s\"; a run trains on \"%s\", the newest: give a net of those", has,
                newest);
    return false;
}

int first_net_open(struct net **out, const struct settings *settings, const struct game *game, GError **error)
{
    *out = NULL;
    if (!settings->from[0])
        return evaluator_net_fresh(out, game, settings->net, (uint64_t)settings->seed, error);
    char *path = net_path_find(settings->from, game->ops->name, error);
    struct net *net = NULL;
    bool good = path && net_load(&net, path, error) == 0 && evaluator_net_fits(net, game, error) &&
                has_newest_features(net, game, error);
    g_free(path);
    if (!good) {
        g_prefix_error(error, "from=%s: ", settings->from);
        net_unref(net);
        return -1;
    }
    *out = net;
    return 0;
}

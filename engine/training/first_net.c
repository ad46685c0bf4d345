#include "engine/training/first_net.h"

#include "agents/net_path.h"
#include "engine/store/settings.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

/* Training rows are encoded with the newest features; a net trained on older ones would misread the input planes. */
static bool can_train(const struct net *net, const struct game *game, GError **error)
{
    const struct game_features *newest = game_features_newest(game), *has = evaluator_net_features(net, game, error);
    if (has && has != newest)
        g_set_error(
            error, NET_ERROR, NET_ERROR_MISMATCH,
            "this net uses the features \"%s\", but a run trains with the newest, \"%s\"; give a net that uses those",
            has->name, newest->name);
    return has == newest;
}

int first_net_open(struct net **out, const struct settings *settings, const struct game *game, GError **error)
{
    *out = NULL;
    if (!settings->from[0])
        return evaluator_net_fresh(out, game, settings->net, (uint64_t)settings->seed, error);
    struct net *net = NULL;
    bool ok = net_path_load(&net, settings->from, game, error) == 0 && can_train(net, game, error);
    if (!ok) {
        g_prefix_error(error, "from=%s: ", settings->from);
        net_unref(net);
        return -1;
    }
    *out = net;
    return 0;
}

bool first_net_check(const struct settings *settings, const struct game *game, enum net_backend backend,
                     enum net_dtype dtype, GError **error)
{
    struct net *net;
    if (evaluator_net_fresh(&net, game, settings->net, (uint64_t)settings->seed, error) != 0)
        return false;
    bool good = net_check_dtype(net, backend, dtype, false, error) &&
                net_check_dtype(net, backend, dtype == NET_INT8 ? NET_AUTO : dtype, true, error);
    net_unref(net);
    return good;
}

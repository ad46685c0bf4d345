/* Nets for a game: new ones, their inputs, and whether a net fits. */
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

static bool describe_net(struct net_info *info, const struct game *game, const struct game_features *features,
                         const char *shape, GError **error)
{
    *info = (struct net_info){
        .planes = features->planes, .globals = features->globals, .other_moves = game->moves - game->points};
    g_strlcpy(info->game, game->ops->name, sizeof info->game);
    g_strlcpy(info->features, features->name, sizeof info->features);
    return net_expand_shape(shape, info->trunk, error);
}

int evaluator_net_fresh_for(struct net **out, const struct game *game, const struct game_features *features,
                            const char *shape, uint64_t seed, GError **error)
{
    struct net_info info;
    *out = NULL;
    return describe_net(&info, game, features, shape, error) ? net_create(out, &info, seed, error) : -1;
}

int evaluator_net_fresh(struct net **out, const struct game *game, const char *shape, uint64_t seed, GError **error)
{
    return evaluator_net_fresh_for(out, game, game_features_newest(game), shape, seed, error);
}

bool evaluator_net_parameters(const struct game *game, const struct game_features *features, const char *shape,
                              size_t *count, GError **error)
{
    struct net_info info;
    return describe_net(&info, game, features, shape, error) && net_count_parameters(&info, count, error);
}

int evaluator_net_extend(struct net **out, const struct net *net, const struct game *game,
                         const struct game_features *features, GError **error)
{
    *out = NULL;
    g_assert(features);
    const struct game_features *has = evaluator_net_features(net, game, error);
    if (!has)
        return -1;
    for (const struct game_features *older = features; older; older = older->extends)
        if (older == has)
            return net_add_inputs(out, net, features->name, features->planes, features->globals, error);
    g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH, "this net uses the feature set \"%s\", which \"%s\" does not extend",
                has->name, features->name);
    return -1;
}

const struct game_features *evaluator_net_features(const struct net *net, const struct game *game, GError **error)
{
    const struct net_info *info = net_info(net);
    if (strcmp(info->game, game->ops->name) != 0) {
        g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH, "this net plays %s, not %s; use one trained for that game",
                    info->game, game->ops->name);
        return NULL;
    }
    const struct game_features *features = game_features_find(game, info->features);
    if (!features) {
        g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH,
                    "this net requires the features \"%s\", which %s does not support; the newest is \"%s\"",
                    info->features, game->ops->name, game_features_newest(game)->name);
        return NULL;
    }
    if (features->planes == info->planes && features->globals == info->globals &&
        game->points + info->other_moves == game->moves)
        return features;
    g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH,
                "this net takes %d planes and %d globals and has %d moves besides the points; %s has %d, %d and %d",
                info->planes, info->globals, info->other_moves, features->name, features->planes, features->globals,
                game->moves - game->points);
    return NULL;
}

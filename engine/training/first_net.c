#include "engine/training/first_net.h"

#include <string.h>

#include "agents/net_path.h"
#include "engine/settings/settings.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

/* Replaces the net by one for the run's features. */
static bool convert(struct net **net, const struct game_features *features, const struct game *game, GError **error)
{
    const struct game_features *has = evaluator_net_features(*net, game, error);
    if (has == features)
        return true;
    struct net *extended;
    if (!has || evaluator_net_extend(&extended, *net, game, features, error) != 0) {
        if (has)
            g_prefix_error(error, "add --set features=%s: ", has->name);
        return false;
    }
    net_unref(*net);
    *net = extended;
    return true;
}

int first_net_fresh(struct net **out, const struct settings *settings, const struct game *game, GError **error)
{
    struct net *net = NULL;
    const struct game_features *features = settings_features(settings, game, error);
    *out = NULL;
    if (!features || evaluator_net_fresh_for(&net, game, features, settings->net, (uint64_t)settings->seed, error) != 0)
        return -1;
    if (settings_set_outputs(settings, features, &net, error)) {
        *out = net;
        return 0;
    }
    net_unref(net);
    return -1;
}

/* Replaces the net by one of this shape, if it has another. */
static bool reshape(struct net **net, const char *shape, uint64_t seed, GError **error)
{
    char trunk[NET_TRUNK_MAX];
    struct net *other;
    if (!net_expand_shape(shape, trunk, error))
        return false;
    if (strcmp(trunk, net_info(*net)->trunk) == 0)
        return true;
    if (net_reshape(&other, *net, trunk, seed, error) != 0)
        return false;
    net_unref(*net);
    *net = other;
    return true;
}

/* shape: of the net; NULL: that of the net that it starts from. */
static int open_with(struct net **out, const struct settings *settings, const struct game *game, const char *shape,
                     GError **error)
{
    *out = NULL;
    const struct game_features *features = settings_features(settings, game, error);
    if (!features)
        return -1;
    if (!settings->from[0])
        return first_net_fresh(out, settings, game, error);
    struct net *net = NULL;
    bool ok = net_path_load(&net, settings->from, game, error) == 0 && convert(&net, features, game, error) &&
              (!shape || reshape(&net, shape, (uint64_t)settings->seed, error)) &&
              settings_set_outputs(settings, features, &net, error);
    if (!ok) {
        g_prefix_error(error, "from=%s: ", settings->from);
        net_unref(net);
        return -1;
    }
    *out = net;
    return 0;
}

int first_net_open(struct net **out, const struct settings *settings, const struct game *game, GError **error)
{
    return open_with(out, settings, game, settings->net, error);
}

bool first_net_settle(struct settings *settings, const struct game *game, const char *preset, GError **error)
{
    char trunk[NET_TRUNK_MAX];
    struct net *first;
    if (!net_expand_shape(settings->net, trunk, error))
        return false;
    if (!settings->from[0])
        return true;
    bool given = strcmp(settings->net, preset) != 0;
    if (open_with(&first, settings, game, given ? trunk : NULL, error) != 0)
        return false;
    const bool kept = settings->tally_given && settings->tally < net_info(first)->tally;
    const int asked = (int)settings->tally;
    g_strlcpy(settings->net, net_info(first)->trunk, sizeof settings->net);
    settings->tally = net_info(first)->tally;
    settings->value_error = net_info(first)->value_error;
    settings->head_experts = net_info(first)->head_experts;
    net_unref(first);
    return !kept ||
           settings_fail(error, "tally=%d: the net that from=%s names has a tally of %d and keeps it; remove tally=%d",
                         asked, settings->from, (int)settings->tally, asked);
}

/* The opponent that the run keeps in its folder, or else the one that settings->against names. */
static int load_opponent(struct net **out, const char *kept, const struct settings *settings, const struct game *game,
                         enum net_backend backend, enum net_dtype dtype, GError **error)
{
    struct net *net = NULL;
    *out = NULL;
    const bool exists = kept && g_file_test(kept, G_FILE_TEST_EXISTS);
    if ((exists ? net_load(&net, kept, error) : net_path_load(&net, settings->against, game, error)) == 0 &&
        evaluator_net_features(net, game, error) && evaluator_net_prepare(net, game, backend, dtype, 1, error) == 0) {
        *out = net;
        return 0;
    }
    g_prefix_error(error, "against=%s: ", settings->against);
    net_unref(net);
    return -1;
}

static char *kept_opponent(const char *folder)
{
    return folder ? g_build_filename(folder, "opponent.safetensors", NULL) : NULL;
}

int first_net_opponent(struct net **out, const char *folder, const struct settings *settings, const struct game *game,
                       enum net_backend backend, enum net_dtype dtype, GError **error)
{
    *out = NULL;
    if (!settings->against[0])
        return 0;
    char *kept = kept_opponent(folder);
    int status = load_opponent(out, kept, settings, game, backend, dtype, error);
    if (status == 0 && !g_file_test(kept, G_FILE_TEST_EXISTS) && net_save(*out, kept, net_note(*out), error) != 0) {
        net_unref(*out);
        *out = NULL;
        status = -1;
    }
    g_free(kept);
    return status;
}

static bool check_opponent(const char *folder, const struct settings *settings, const struct game *game,
                           enum net_backend backend, enum net_dtype dtype, GError **error)
{
    if (!settings->against[0])
        return true;
    struct net *net;
    char *kept = kept_opponent(folder);
    bool good = load_opponent(&net, kept, settings, game, backend, dtype, error) == 0;
    if (good)
        net_unref(net);
    g_free(kept);
    return good;
}

bool first_net_check(const char *folder, const struct settings *settings, const struct game *game,
                     enum net_backend backend, enum net_dtype dtype, GError **error)
{
    struct net *net;
    if (first_net_fresh(&net, settings, game, error) != 0)
        return false;
    bool good = check_opponent(folder, settings, game, backend, dtype, error) &&
                net_check_dtype(net, backend, dtype, false, error) &&
                net_check_dtype(net, backend, dtype == NET_INT8 ? NET_AUTO : dtype, true, error);
    net_unref(net);
    return good;
}

/* Settings of a net's outputs and heads: the further horizons of its short-term value, its value error, its tally, its experts. */
#include "engine/settings/settings.h"

#include "games/game.h"
#include "net/net.h"
#include "net/targets.h"

int settings_horizons(const struct settings *settings, double horizons[NET_HORIZONS], GError **error)
{
    const char *at = settings->horizons;
    for (int count = 0; count < NET_HORIZONS && *at; at++) {
        char *end;
        horizons[count] = g_ascii_strtod(at, &end);
        if (end == at || !(horizons[count] > 1 && horizons[count] <= 1000) || (*end && *end != ','))
            break;
        count++;
        at = end;
        if (!*at)
            return count;
    }
    if (!settings->horizons[0])
        return 0;
    settings_fail(error, "horizons=%s: takes up to %d numbers above 1 and up to 1000, such as 6,16,50",
                  settings->horizons, NET_HORIZONS);
    return -1;
}

bool settings_set_outputs(const struct settings *settings, const struct game_features *features, struct net **net,
                          GError **error)
{
    double horizons[NET_HORIZONS];
    struct net *changed = NULL;
    const int count = settings_horizons(settings, horizons, error);
    if (count < 0)
        return false;
    const int value_error = MAX((int)settings->value_error, net_info(*net)->value_error);
    if (net_info(*net)->horizons != count || net_info(*net)->value_error != value_error) {
        if (net_set_outputs(&changed, *net, count, value_error, error) != 0)
            return false;
        net_unref(*net);
        *net = changed;
    }
    if (settings->tally > net_info(*net)->tally) {
        if (net_add_tally(&changed, *net, (int)settings->tally, features->margin, error) != 0)
            return false;
        net_unref(*net);
        *net = changed;
    }
    if (settings->head_experts > net_info(*net)->head_experts) {
        if (net_add_head_experts(&changed, *net, (int)settings->head_experts, settings->seed, error) != 0)
            return false;
        net_unref(*net);
        *net = changed;
    }
    return true;
}

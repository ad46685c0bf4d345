#include "net/targets.h"

#include <glib.h>
#include <string.h>

#define NET_TARGET_ENTRY(id, ...) [NET_TARGET_##id] = {__VA_ARGS__},
const struct net_target net_targets[NET_TARGETS] = {NET_TARGET_TABLE(NET_TARGET_ENTRY)};
#undef NET_TARGET_ENTRY
G_STATIC_ASSERT((int)NET_TARGETS <= (int)NET_TARGETS_MAX);

int net_target_count(const struct net_target *target, int points, int moves)
{
    switch (target->shape) {
    case NET_SHAPE_MOVES:
        return moves;
    case NET_SHAPE_POINTS:
        return points;
    case NET_SHAPE_OUTCOME:
        return NET_OUTCOMES;
    case NET_SHAPE_NUMBER:
        break;
    }
    return 1;
}

enum net_target_id net_target_rows(enum net_target_id target)
{
    for (int t = 0; net_targets[target].rows && t < NET_TARGETS; t++)
        if (strcmp(net_targets[t].name, net_targets[target].rows) == 0)
            return (enum net_target_id)t;
    return target;
}

struct net_places net_places_of(const struct net_target *table, int count, int horizons, bool value_error)
{
    struct net_places places = {0};
    g_assert(count <= NET_TARGETS_MAX);
    for (int t = 0; t < count; t++) {
        places.at[t] = places.group[t] = -1;
        if (table[t].horizon > horizons || (table[t].error && !value_error))
            continue;
        bool spatial = table[t].shape == NET_SHAPE_MOVES || table[t].shape == NET_SHAPE_POINTS;
        places.at[t] = spatial ? places.points++ : places.values;
        places.values += spatial ? 0 : net_target_count(&table[t], 0, 0);
        places.group[t] = table[t].shape == NET_SHAPE_MOVES ? places.groups++ : -1;
    }
    return places;
}

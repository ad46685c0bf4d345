/* Extends a net without changing what it computes, or drops outputs that only training uses. */
#include "net/graph/graph.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/targets.h"

#include <string.h>

/* Copies an array into the leading part of a larger one of the same rank. */
static void copy_leading(const struct net_param *from, const float *old, const struct net_param *to, float *new)
{
    int at[4] = {0};
    for (size_t i = 0; i < from->count; i++) {
        size_t place = 0;
        for (int d = 0; d < to->rank; d++)
            place = place * (size_t)to->shape[d] + (size_t)at[d];
        new[place] = old[i];
        for (int d = from->rank - 1; d >= 0 && ++at[d] == from->shape[d]; d--)
            at[d] = 0;
    }
}

/* With the parameters of a graph that has the same inner tensors. */
static struct net *wrap(const struct net *net, struct net_graph *graph, float *params)
{
    struct net *out = net_wrap(graph, params, net->note, net->scope);
    if (net->ranges)
        out->ranges = g_memdup2(net->ranges, sizeof *net->ranges * 2 * (size_t)graph->ranges);
    out->calibrations = net->calibrations;
    return out;
}

int net_add_inputs(struct net **out, const struct net *net, const char *features, int planes, int globals,
                   GError **error)
{
    *out = NULL;
    struct net_info info = net->graph->info;
    if (planes < info.planes || globals < info.globals) {
        g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH,
                    "a net of %d planes and %d globals cannot be extended to %d and %d, which are fewer", info.planes,
                    info.globals, planes, globals);
        return -1;
    }
    info.planes = planes;
    info.globals = globals;
    g_strlcpy(info.features, features, sizeof info.features);
    struct net_graph *graph;
    if (net_graph_create(&graph, &info, error) != 0)
        return -1;
    float *params = g_new0(float, graph->parameters);
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *from = &net->graph->param[i], *to = &graph->param[i];
        copy_leading(from, net->params + from->offset, to, params + to->offset);
    }
    *out = wrap(net, graph, params);
    return 0;
}

/* Copies the values that both nets have, each to its own place. Values are the last dimension of weights and biases. */
static void copy_values(const struct net *net, const struct net_param *from, const struct net_graph *graph,
                        const struct net_param *to, float *new)
{
    const struct net_places *had = &net->graph->places, *has = &graph->places;
    const size_t rows = from->count / (size_t)had->values;
    for (int t = 0; t < NET_TARGETS; t++) {
        const enum net_shape shape = net_targets[t].shape;
        if (had->at[t] < 0 || has->at[t] < 0 || shape == NET_SHAPE_MOVES || shape == NET_SHAPE_POINTS)
            continue;
        for (size_t row = 0; row < rows; row++)
            memcpy(&new[to->offset + row * (size_t)has->values + (size_t)has->at[t]],
                   &net->params[from->offset + row * (size_t)had->values + (size_t)had->at[t]],
                   (size_t)net_target_count(&net_targets[t], 0, 0) * sizeof *new);
    }
}

int net_set_horizons(struct net **out, const struct net *net, int horizons, GError **error)
{
    *out = NULL;
    struct net_info info = net->graph->info;
    struct net_graph *graph;
    info.horizons = horizons;
    if (net_graph_create(&graph, &info, error) != 0)
        return -1;
    float *params = g_new0(float, graph->parameters);
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *from = &net->graph->param[i], *to = &graph->param[i];
        if (to->makes == NET_OUTPUT_VALUES)
            copy_values(net, from, graph, to, params);
        else
            memcpy(params + to->offset, net->params + from->offset, to->count * sizeof *params);
    }
    *out = wrap(net, graph, params);
    return 0;
}

/* Extends a net without changing what it computes. */
#include "net/graph/graph.h"
#include "net/net.h"
#include "net/net_internal.h"

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
    *out = net_wrap(graph, params, net->note, net->scope);
    if (net->ranges)
        (*out)->ranges = g_memdup2(net->ranges, sizeof *net->ranges * 2 * (size_t)graph->ranges);
    (*out)->calibrations = net->calibrations;
    return 0;
}

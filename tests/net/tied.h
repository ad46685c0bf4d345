/* Tied weights: their gradient is the sum of the gradients of separate weights. */
#ifndef TENGEN_TESTS_NET_TIED_H
#define TENGEN_TESTS_NET_TIED_H

#include "net/graph/graph.h"
#include "net/real.h"
#include "tests/net/graphs.h"

/* The largest distance of the tied gradient from that sum, relative to its largest element. */
static double graph_tied_distance(const struct net_arithmetic *arithmetic)
{
    struct graph_run tied = graph_open(graph_build(tied_conv), arithmetic, 5, 4, 3, 4);
    struct graph_run untied = graph_open(graph_build(untied_conv), arithmetic, 5, 4, 3, 4);
    size_t in = tied.graph->param[2].offset, each = tied.graph->parameters - in;
    memcpy(untied.params, tied.params, tied.graph->parameters * sizeof(net_real));
    memcpy(untied.params + in + each, tied.params + in, each * sizeof(net_real));
    memcpy(untied.factors, tied.factors, tied.outputs * sizeof(net_real));
    net_real *sum = graph_gradients(&tied), *parts = graph_gradients(&untied);
    double off = 0, most = 0;
    for (size_t i = 0; i < each; i++) {
        double wanted = (double)parts[in + i] + (double)parts[in + each + i], had = (double)sum[in + i];
        off = MAX(off, MAX(wanted - had, had - wanted));
        most = MAX(most, MAX(wanted, -wanted));
    }
    g_free(sum);
    g_free(parts);
    graph_close(&tied);
    graph_close(&untied);
    return off / most;
}

#endif

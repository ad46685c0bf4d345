#include "net/graph/blocks/blocks.h"
#include "net/graph/graph.h"

/* The first block reads the planes; after its convolution the globals are added as a bias for each channel. */
static void emit(struct net_builder *builder, int channels)
{
    struct net_graph *graph = builder->graph;
    if (builder->x != graph->planes) {
        int x = net_builder_conv(builder, "conv", builder->x, channels, true, NET_NO_TENSOR, 1);
        builder->x = net_builder_drop(builder, x);
        return;
    }
    int raw = net_builder_conv(builder, "conv", builder->x, channels, false, NET_NO_TENSOR, 1);
    int bias = net_builder_dense(builder, "globals", graph->globals, channels, false, 0.5);
    builder->x = net_builder_drop(builder, net_graph_bias_relu(graph, raw, bias, 0, channels));
}

const struct net_block net_block_conv = {
    .name = "conv",
    .help = "3x3 convolution and ReLU; the first block of every trunk",
    .takes = NET_TAKES_DROP,
    .emit = emit,
};

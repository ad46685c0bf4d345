#include "net/graph/blocks/blocks.h"
#include "net/graph/graph.h"

/* The first quarter of the inner channels is pooled over the whole board; from that, a dense layer computes a bias for
 * the others (global pooling as in Wu 2019, "Accelerating self-play learning in Go", section 3.3). */
static void emit(struct net_builder *builder, int channels)
{
    struct net_graph *graph = builder->graph;
    int pooled = MAX(1, channels / 4);
    int raw = net_builder_conv(builder, "conv1", builder->x, channels, false, NET_NO_TENSOR, 1);
    int pool = net_graph_pool(graph, raw, 0, pooled);
    int bias = net_builder_dense(builder, "pool", pool, channels - pooled, false, 0.5);
    int h = net_graph_bias_relu(graph, raw, bias, pooled, channels - pooled);
    net_builder_add_conv(builder, net_builder_conv, "conv2", net_builder_drop(builder, h), channels,
                         net_builder_last_gain(builder));
}

const struct net_block net_block_gpool = {
    .name = "gpool",
    .help = "residual block with global pooling: a quarter of its inner channels is pooled to a bias for the rest",
    .residual = true,
    .last = "conv2",
    .takes = NET_TAKES_DROP | NET_TAKES_BRANCH,
    .emit = emit,
};

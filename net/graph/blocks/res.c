#include "net/graph/blocks/blocks.h"
#include "net/graph/graph.h"

static void emit(struct net_builder *builder, int channels)
{
    int h = net_builder_conv(builder, "conv1", builder->x, channels, true, NET_NO_TENSOR, 1);
    net_builder_add_conv(builder, net_builder_conv, "conv2", net_builder_drop(builder, h), channels,
                         net_builder_last_gain(builder));
}

const struct net_block net_block_res = {
    .name = "res",
    .help = "residual block of two 3x3 convolutions",
    .residual = true,
    .last = "conv2",
    .takes = NET_TAKES_DROP | NET_TAKES_BRANCH,
    .emit = emit,
};

#include "net/graph/blocks/blocks.h"
#include "net/graph/graph.h"

static void emit(struct net_builder *builder, int channels)
{
    int h = net_builder_conv(builder, "conv1", builder->x, channels, true, NET_NO_TENSOR, 1);
    builder->x = net_builder_conv(builder, "conv2", h, channels, true, builder->x, net_builder_last_gain(builder));
}

const struct net_block net_block_res = {
    .name = "res",
    .help = "residual block of two 3x3 convolutions",
    .residual = true,
    .emit = emit,
};

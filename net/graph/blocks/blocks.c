#include "net/graph/blocks/blocks.h"

#include <math.h>

#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/net.h"

#define NET_BLOCK_ENTRY(name) &net_block_##name,
const struct net_block *const net_blocks[] = {NET_BLOCKS(NET_BLOCK_ENTRY) NULL};

bool net_block_at(int i, const char **name, const char **help)
{
    if (i < 0 || i >= (int)G_N_ELEMENTS(net_blocks) - 1)
        return false;
    *name = net_blocks[i]->name;
    *help = net_blocks[i]->help;
    return true;
}

static const char *param_name(const struct net_builder *builder, const char *part, char *out, size_t size)
{
    g_snprintf(out, (gulong)size, "%s.%s", builder->name, part);
    return out;
}

struct net_weights net_builder_conv_weights(struct net_builder *builder, const char *part, int in, int channels,
                                            int kernel, double gain)
{
    char name[48];
    return net_graph_conv_weights(builder->graph, param_name(builder, part, name, sizeof name), in, channels, kernel,
                                  gain);
}

static int conv(struct net_builder *builder, const char *part, int in, int channels, int kernel, bool relu, int add,
                double gain)
{
    struct net_graph *graph = builder->graph;
    struct net_weights weights =
        net_builder_conv_weights(builder, part, graph->tensor[in].channels, channels, kernel, gain);
    return net_graph_conv(graph, weights, in, relu, add);
}

int net_builder_conv(struct net_builder *builder, const char *part, int in, int channels, bool relu, int add,
                     double gain)
{
    return conv(builder, part, in, channels, 3, relu, add, gain);
}

int net_builder_conv1(struct net_builder *builder, const char *part, int in, int channels, bool relu, int add,
                      double gain)
{
    return conv(builder, part, in, channels, 1, relu, add, gain);
}

int net_builder_dense(struct net_builder *builder, const char *part, int in, int channels, bool relu, double gain)
{
    struct net_graph *graph = builder->graph;
    char name[48];
    struct net_weights weights = net_graph_dense_weights(graph, param_name(builder, part, name, sizeof name),
                                                         graph->tensor[in].channels, channels, gain);
    return net_graph_dense(graph, weights, in, relu);
}

static int drop(struct net_builder *builder, int x, enum net_drop what)
{
    double rate = builder->modifiers.drop[what];
    return builder->graph->training && rate > 0 ? net_graph_drop(builder->graph, x, what, rate) : x;
}

int net_builder_drop(struct net_builder *builder, int x)
{
    return drop(builder, drop(builder, x, NET_DROP_VALUES), NET_DROP_CHANNELS);
}

int net_builder_drop_branch(struct net_builder *builder, int branch)
{
    return drop(builder, branch, NET_DROP_BRANCH);
}

void net_builder_add_conv(struct net_builder *builder, net_builder_convolution *convolution, const char *part, int h,
                          int channels, double gain)
{
    bool apart = builder->graph->training && builder->modifiers.drop[NET_DROP_BRANCH] > 0;
    int sum = convolution(builder, part, h, channels, !apart, apart ? NET_NO_TENSOR : builder->x, gain);
    builder->x = apart ? net_graph_sum(builder->graph, net_builder_drop_branch(builder, sum), builder->x) : sum;
}

double net_builder_last_gain(const struct net_builder *builder)
{
    return 0.7 / sqrt(MAX(1, builder->residuals));
}

#define NET_OP_ENTRY(name) &net_op_##name,
static const struct net_op_kind *const common[] = {NET_OPS(NET_OP_ENTRY)};

const struct net_op_kind *net_op_kind_at(int index)
{
    int at = (int)G_N_ELEMENTS(common);
    if (index < at)
        return common[index];
    for (int b = 0; net_blocks[b]; b++)
        for (int i = 0; net_blocks[b]->ops && net_blocks[b]->ops[i]; i++)
            if (at++ == index)
                return net_blocks[b]->ops[i];
    return NULL;
}

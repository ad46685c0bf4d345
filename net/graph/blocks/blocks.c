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

int net_builder_conv(struct net_builder *builder, const char *part, int in, int channels, bool relu, int add,
                     double gain)
{
    struct net_graph *graph = builder->graph;
    char name[48];
    struct net_weights weights = net_graph_conv_weights(graph, param_name(builder, part, name, sizeof name),
                                                        graph->tensor[in].channels, channels, 3, gain);
    return net_graph_conv(graph, weights, in, relu, add);
}

int net_builder_dense(struct net_builder *builder, const char *part, int in, int channels, bool relu, double gain)
{
    struct net_graph *graph = builder->graph;
    char name[48];
    struct net_weights weights = net_graph_dense_weights(graph, param_name(builder, part, name, sizeof name),
                                                         graph->tensor[in].channels, channels, gain);
    return net_graph_dense(graph, weights, in, relu);
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

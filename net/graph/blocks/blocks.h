/* Blocks: what a trunk is made of. Each has a file here, NAME.c, which defines `net_block_NAME`, and a line in the
 * table NET_BLOCKS; parser, help, initialisation, files, inference, training and tests follow from those.
 *
 * A block's file emits operations (graph/op.h): those that there are, or one of its own, which it defines beside itself
 * and lists in `ops`. */
#ifndef TENGEN_NET_GRAPH_BLOCKS_BLOCKS_H
#define TENGEN_NET_GRAPH_BLOCKS_BLOCKS_H

#include "net/graph/graph.h"

/* The first is the one that a trunk begins with. */
#define NET_BLOCKS(BLOCK)                                                                                              \
    BLOCK(conv)                                                                                                        \
    BLOCK(res)                                                                                                         \
    BLOCK(gpool)                                                                                                       \
    BLOCK(se)

struct net_builder {
    struct net_graph *graph;
    int x;         /* the trunk so far; a block leaves its result there */
    int residuals; /* blocks of the trunk that add to it */
    char name[24]; /* "3.res", of the block at hand: prefix of its parameters' names */
};

struct net_block {
    const char *name, *help;
    bool residual; /* keeps the trunk's channels and adds to it */
    void (*emit)(struct net_builder *builder, int channels);
    const struct net_op_kind *const *ops; /* kinds that only this block uses, NULL at the end; NULL: none */
};

#define NET_BLOCK_DECLARE(name) extern const struct net_block net_block_##name;
NET_BLOCKS(NET_BLOCK_DECLARE)
#undef NET_BLOCK_DECLARE

extern const struct net_block *const net_blocks[]; /* NULL at the end */

/* A 3x3 convolution, a dense layer, with weights of their own under the block's name and `part`. */
int net_builder_conv(struct net_builder *builder, const char *part, int in, int channels, bool relu, int add,
                     double gain);
int net_builder_dense(struct net_builder *builder, const char *part, int in, int channels, bool relu, double gain);
/* For the last layer of a residual block: without normalisation, a sum of many blocks keeps its scale if each adds
 * little. */
double net_builder_last_gain(const struct net_builder *builder);

#endif

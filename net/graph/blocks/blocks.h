/* The blocks of a trunk. A block is a file in this folder, NAME.c, which defines `net_block_NAME`, and a line in the
 * table NET_BLOCKS; parser, help, initialisation, files, inference, training and tests follow from these.
 *
 * A block emits operations (graph/op.h): common ones, or kinds of its own, which its file defines and lists in
 * `ops`. */
#ifndef TENGEN_NET_GRAPH_BLOCKS_BLOCKS_H
#define TENGEN_NET_GRAPH_BLOCKS_BLOCKS_H

#include <stdbool.h>

#include "net/graph/blocks/modifiers.h"

struct net_weights;

/* A trunk begins with the first kind of block. */
#define NET_BLOCKS(BLOCK)                                                                                              \
    BLOCK(conv)                                                                                                        \
    BLOCK(res)                                                                                                         \
    BLOCK(gpool)                                                                                                       \
    BLOCK(se)                                                                                                          \
    BLOCK(moe)                                                                                                         \
    BLOCK(attn)                                                                                                        \
    BLOCK(tokens)                                                                                                      \
    BLOCK(lstm)                                                                                                        \
    BLOCK(loop)

struct net_builder {
    struct net_graph *graph;
    int x;         /* the last tensor of the trunk so far; a block replaces it by its result */
    int residuals; /* number of residual blocks in the trunk */
    char name[24]; /* of the present block, "3.res"; prefix of its parameters' names */
    struct net_modifiers modifiers; /* of the present block */
};

struct net_block {
    const char *name, *help;
    bool residual; /* keeps the number of channels and adds to the trunk */
    /* How the block can be added to a trained net without changing what the net computes. grows: it adds nothing with its initial
     * weights. last: it adds nothing while the weights of this part are 0, which they are not initially; NULL: there is no such part. */
    bool grows;
    const char *last;
    /* continues: the kind of block that can be replaced by this one without changing what the net computes; NULL: none. continued_part: for
     * a part of this block, the part of the replaced one whose weights it takes over ("expert2": "conv1"); NULL: the part is new. */
    const char *continues;
    const char *(*continued_part)(const char *part);
    bool ends;      /* no block may follow it */
    bool once;      /* a trunk has at most one */
    unsigned takes; /* modifiers: NET_TAKES_DROP and so on */
    void (*emit)(struct net_builder *builder, int channels);
    const struct net_op_kind *const *ops; /* kinds that only this block uses, NULL-terminated; NULL: none */
};

#define NET_BLOCK_DECLARE(name) extern const struct net_block net_block_##name;
NET_BLOCKS(NET_BLOCK_DECLARE)
#undef NET_BLOCK_DECLARE

extern const struct net_block *const net_blocks[]; /* NULL-terminated */

/* New weights of a convolution, named after the block and `part`. */
struct net_weights net_builder_conv_weights(struct net_builder *builder, const char *part, int in, int channels,
                                            int kernel, double gain);
/* Emit a 3x3 or 1x1 convolution, or a dense layer, with new weights named after the block and `part`. */
int net_builder_conv(struct net_builder *builder, const char *part, int in, int channels, bool relu, int add,
                     double gain);
int net_builder_conv1(struct net_builder *builder, const char *part, int in, int channels, bool relu, int add,
                     double gain);
int net_builder_dense(struct net_builder *builder, const char *part, int in, int channels, bool relu, double gain);
/* The inner activations x of a block, with the dropout of its modifiers; x itself without, and in graphs for inference. */
int net_builder_drop(struct net_builder *builder, int x);
/* What a residual block adds, before it is added: the same for the dropout of the whole branch. */
int net_builder_drop_branch(struct net_builder *builder, int branch);
/* The end of a residual block: relu(convolution of h + trunk), with the dropout of the whole branch; it becomes the last
 * tensor of the trunk. conv: net_builder_conv or net_builder_conv1. */
typedef int net_builder_convolution(struct net_builder *builder, const char *part, int in, int channels, bool relu,
                                    int add, double gain);
void net_builder_add_conv(struct net_builder *builder, net_builder_convolution *conv, const char *part, int h,
                          int channels, double gain);
/* Initialisation gain for the last layer of a residual block: without normalisation, the sum of many blocks keeps its
 * scale only if each block adds little. */
double net_builder_last_gain(const struct net_builder *builder);

#endif

/* A network as a list of operations on tensors, built from its trunk's text; no weights, no memory, no arithmetic.
 *
 *   planes --conv--> raw --bias_relu--> x --conv--> h --conv(+x, relu)--> x' ... --conv--> points
 *   globals --dense--> bias --^                                        \--pool--dense--dense--> values
 *
 * A spatial tensor is [n][channels][points], a flat one [n][channels]. Blocks (blocks/, trunk.c) and heads (heads.c)
 * emit operations; exec/ runs them forward and backward on whatever arithmetic there is a table for. */
#ifndef TENGEN_NET_GRAPH_GRAPH_H
#define TENGEN_NET_GRAPH_GRAPH_H

#include "net/graph/op.h"
#include "net/targets.h"

struct net_tensor {
    int channels;
    bool spatial;
    bool output; /* read from outside; its gradient is put there before backward begins */
    bool real;   /* stored in net_real whatever the arithmetic packs */
    /* Found by net_graph_finish. */
    int memory;   /* the tensor whose memory this one shares; itself, unless made in place */
    int gradient; /* the tensor whose gradient's memory this one's gradient shares; likewise */
    /* For int8 (quantise.c). A tensor is quantised if it is never negative and only convolutions read it; one of a
     * residual stream, or that the heads' 1x1 convolution reads, is kept in 16 bits as well. */
    bool quantised, u16;
    int stream; /* the tensor that the first sum of its residual stream was added to; itself in none */
    int range;  /* of its channels among all quantised tensors' channels; -1: it is not quantised */
};

enum net_output { NET_OUTPUT_NONE, NET_OUTPUT_POINTS, NET_OUTPUT_OTHERS, NET_OUTPUT_VALUES };

struct net_param {
    char name[56];
    int rank, shape[4]; /* conv [out][in][k][k], dense [in][out], bias [out] */
    size_t offset, count;
    bool decay;       /* weight decay applies: weights, not biases */
    double deviation; /* standard deviation of a fresh one */
    enum net_output makes; /* it is of the last layer before this output: its size follows the table of targets */
};

enum {
    NET_MAX_OPS = 512,
    NET_MAX_BLOCK_OPS = 64, /* of one block, or of the heads */
    NET_MAX_CHANNELS = 1024,
};

struct net_graph {
    struct net_info info;
    int ops, tensors, params, blocks;
    int block; /* being emitted; -1: the heads */
    struct net_op op[NET_MAX_OPS];
    struct net_tensor tensor[2 * NET_MAX_OPS];
    struct net_param param[2 * NET_MAX_OPS];
    size_t parameters;          /* total count */
    int ranges;                 /* of the quantised tensors' channels, total count */
    int planes, globals;        /* input tensors */
    int points, others, values; /* output tensors; others: -1 without other moves */
    struct net_places places;   /* of the targets in them */
};

/* Builds and checks; the caller frees with g_free. */
int net_graph_create(struct net_graph **out, const struct net_info *info, GError **error);
/* FLOP of one evaluation. */
double net_graph_flops(const struct net_graph *graph, size_t points);
/* What a quantised tensor's range is called in a file: as the weights that make it, without ".weight", and "#2" and so
 * on for later uses of the same weights. Returns out. */
const char *net_graph_range_name(const struct net_graph *graph, int tensor, char *out, size_t size);
/* Whether two nets run on the same operations, so that only weights need changing. */
bool net_graph_same(const struct net_graph *a, const struct net_graph *b);
/* The first operation that does not compute in this number type; -1: all do. */
int net_graph_unsupported(const struct net_graph *graph, enum net_dtype dtype, enum net_flavour flavour);
/* Where an operation stands, for messages: `block 3, "res:64"`. Freed with g_free. */
char *net_graph_where(const struct net_graph *graph, int op);

/* ---- for blocks and heads: nothing here can fail; each returns the tensor that it makes ---- */

int net_graph_tensor(struct net_graph *graph, int channels, bool spatial);
/* A new parameter; deviation: 0 for a bias. The name, "NAME.WHAT", is unique in the graph. */
int net_graph_param(struct net_graph *graph, const char *name, const char *what, int rank, const int *shape,
                    double deviation);
/* Any operation: what the caller has set of kind, inputs, parameters and settings. */
int net_graph_add(struct net_graph *graph, const struct net_op *op, int channels, bool spatial);

/* Weights and bias of a convolution or dense layer, which any number of operations may use. `gain` scales the
 * fixed-variance initialisation. */
struct net_weights {
    int weight, bias; /* parameters */
};
struct net_weights net_graph_conv_weights(struct net_graph *graph, const char *name, int in, int channels, int kernel,
                                          double gain);
struct net_weights net_graph_dense_weights(struct net_graph *graph, const char *name, int in, int channels,
                                           double gain);
enum { NET_NO_TENSOR = -1 };
/* add: the tensor that is added, or NET_NO_TENSOR. */
int net_graph_conv(struct net_graph *graph, struct net_weights weights, int in, bool relu, int add);
int net_graph_dense(struct net_graph *graph, struct net_weights weights, int in, bool relu);
int net_graph_pool(struct net_graph *graph, int in, int first, int count);
int net_graph_bias_relu(struct net_graph *graph, int in, int bias, int first, int count);

/* After the last operation: what backward needs to know (finish.c), and int8 (quantise.c). */
void net_graph_finish(struct net_graph *graph);
void net_graph_quantise(struct net_graph *graph);

/* ---- trunk.c, heads.c ---- */

extern const char net_trunk_separators[]; /* between the blocks of a trunk's text */
/* Emits the trunk, whose last tensor goes to *x. */
bool net_trunk_emit(struct net_graph *graph, int *x, GError **error);
void net_heads_emit(struct net_graph *graph, int x);

#endif

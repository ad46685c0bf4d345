/* A network as a list of operations on tensors, built from its trunk's text; no weights, no memory, no arithmetic.
 *
 *   planes --conv--> raw --shift(relu)--> x --conv--> h --conv(+x, relu)--> x' ... --conv--> points (4 channels)
 *   globals --dense--> bias --^                                        \--pool--dense--dense--> values
 *
 * A spatial tensor is [n][channels][points], a flat one [n][channels]. Blocks and heads (trunk.c) emit operations;
 * exec.c runs them forward and backward on whatever arithmetic an ops table offers. */
#ifndef TENGEN_NET_GRAPH_GRAPH_H
#define TENGEN_NET_GRAPH_GRAPH_H

#include "net/net.h"

enum net_op_kind {
    NET_OP_CONV,  /* out = act(conv(in) + bias [+ tensor `other`]), kernel 1 or 3, zero padding */
    NET_OP_POOL,  /* out = mean, mean * width scale, maximum of relu(in) over the points, channels [first, first+count)
                   */
    NET_OP_DENSE, /* out = act(in * weight + bias), flat tensors */
    NET_OP_SHIFT, /* out = relu(in + flat tensor `other` on channels [first, first+count)), in place */
};

struct net_tensor {
    int channels;
    bool spatial;
    int memory;   /* the tensor whose memory this one shares (itself, unless made in place) */
    int gradient; /* the tensor whose gradient memory this one shares: a residual sum hands its gradient on as it is */
    /* Found by net_graph_finish. A narrow tensor is one that only convolutions read, and that is never negative: what
     * int8 keeps in a byte. The sums of one residual stream share the steps of what is finer. */
    bool narrow;
    bool
        wide; /* ... and is kept finer as well: it is of a residual stream, or the heads' convolution of 1x1 reads it */
    int stream; /* the tensor that the first sum of its residual stream was added to; itself in none */
    int range;  /* of its channels among all narrow tensors' channels; -1: it is not narrow */
};

struct net_op {
    enum net_op_kind kind;
    int in, out, other; /* tensors; other: -1 for none */
    int kernel, first, count;
    bool relu;
    int weight, bias; /* parameters, -1 for none */
    /* Backward, found by net_graph_finish. */
    bool want_in; /* the gradient of `in` is wanted */
    bool add_in;  /* ... and is added to what later operations left there */
    bool mask_in; /* ... and then masked where `in` is 0: this is the first reader of a fused conv's relu */
};

struct net_param {
    char name[56];
    int rank, shape[4]; /* conv [out][in][k][k], dense [in][out], bias [out] */
    size_t offset, count;
    bool decay;    /* weight decay applies: weights, not biases */
    double spread; /* standard deviation of a fresh one */
};

enum {
    NET_MAX_OPS = 512,
    NET_MAX_CHANNELS = 1024,
    NET_VALUE_OUTPUTS = 7,    /* wdl logits, soon logits, score */
    NET_MAP_SCORE_SCALE = 20, /* points a unit of the score output */
};
/* Channels of the output over the points; the first three have other_moves further logits each in `others`. */
enum net_point_output { NET_POINTS_POLICY, NET_POINTS_REPLY, NET_POINTS_SOFT, NET_POINTS_MAP, NET_POINT_OUTPUTS };

struct net_graph {
    struct net_info info;
    int ops, tensors, params, blocks;
    struct net_op op[NET_MAX_OPS];
    struct net_tensor tensor[2 * NET_MAX_OPS];
    struct net_param param[2 * NET_MAX_OPS];
    size_t parameters;          /* total count */
    int ranges;                 /* of the narrow tensors' channels, total count */
    int planes, globals;        /* input tensors */
    int points, others, values; /* output tensors; others: -1 without other moves */
};

/* Builds and checks; the caller frees with g_free. */
int net_graph_create(struct net_graph **out, const struct net_info *info, GError **error);
/* FLOP of one evaluation. */
double net_graph_flops(const struct net_graph *graph, int size);
/* What a range is called in a file: as the weights that make its tensor, without ".weight". Returns out. */
const char *net_graph_range_name(const struct net_graph *graph, int tensor, char *out, size_t size);
/* Whether two nets run on the same operations, so that only weights need changing. */
bool net_graph_same(const struct net_graph *a, const struct net_graph *b);

/* ---- for blocks and heads ---- */

int net_graph_tensor(struct net_graph *graph, int channels, bool spatial);
/* Each returns the tensor it makes. `gain` scales the fixed-variance initialisation. */
int net_graph_conv(struct net_graph *graph, const char *name, int in, int channels, int kernel, bool relu, int add,
                   double gain);
int net_graph_pool(struct net_graph *graph, int in, int first, int count);
int net_graph_dense(struct net_graph *graph, const char *name, int in, int channels, bool relu, double gain);
int net_graph_shift(struct net_graph *graph, int in, int bias, int first, int count);
/* After the last operation: what backward and int8 need to know. */
void net_graph_finish(struct net_graph *graph);

/* ---- trunk.c ---- */

/* Emits the trunk and the heads. */
bool net_trunk_emit(struct net_graph *graph, GError **error);
/* Name and meaning of every block, in one line. */
char *net_trunk_help(void);

#endif

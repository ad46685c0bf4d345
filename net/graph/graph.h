/* A network as a list of operations on tensors, built from the text of its trunk, without weights, memory or
 * arithmetic.
 *
 *   planes --conv--> raw --bias_relu--> x --conv--> h --conv(+x, relu)--> x' ... --conv--> points
 *   globals --dense--> bias --^                                        \--pool--dense--dense--> values
 *
 * A spatial tensor is [n][channels][points], a flat one [n][channels]. Blocks (blocks/, trunk.c) and heads (heads.c)
 * emit operations; exec/ runs their forward and backward passes on any arithmetic (kernels/arithmetic.h). */
#ifndef TENGEN_NET_GRAPH_GRAPH_H
#define TENGEN_NET_GRAPH_GRAPH_H

#include "net/graph/blocks/modifiers.h"
#include "net/graph/op.h"
#include "net/net.h"
#include "net/targets.h"

struct net_tensor {
    int channels;
    bool spatial;
    bool output; /* an output of the net; its gradient is set before the backward pass */
    bool real;   /* stored in net_real, whatever the arithmetic's element type */
    /* Set by net_graph_finish. */
    int memory;   /* the tensor whose memory this one shares; itself, unless made in place */
    int gradient; /* the tensor with whose gradient this one's gradient shares memory; itself if none */
    /* For int8 (quantise.c). A tensor is quantised if it is never negative and only convolutions, and operations that
     * declare it, read it. Tensors of a residual stream, and the one that the heads' 1x1 convolution reads, are also
     * stored in 16 bits. */
    bool quantised, u16;
    int stream; /* its residual stream, identified by the tensor to which the first sum was added; itself if none */
    int range;  /* index of its first channel among those of all quantised tensors; -1: not quantised */
};

enum net_output { NET_OUTPUT_NONE, NET_OUTPUT_POINTS, NET_OUTPUT_OTHERS, NET_OUTPUT_VALUES };

struct net_param {
    char name[56];
    int rank, shape[4]; /* conv [out][in][k][k], dense [in][out], bias [out] */
    size_t offset, count;
    bool decay;       /* weight decay applies: weights, not biases */
    double deviation; /* standard deviation at initialisation */
    double rate;      /* factor of the learning rate: below 1 for what is used many times */
    bool by_rule;     /* its operation supplies an update rule in place of the gradient of the loss (exec/ops/route.c) */
    enum net_output makes; /* it belongs to the last layer of this output, so its size follows the table of targets */
};

/* The repeated part of a net with a loop (blocks/loop.c). In a graph for inference its operations occur once and are
 * repeated: `out` is stored where `in` was, and is the next step's `in`. Otherwise they are unrolled. */
struct net_loop {
    struct net_steps steps; /* 0: the net has none */
    double early;           /* weight of the loss of the answer after half of the steps */
    int unrolled;           /* steps that the graph has one after the other; 0: it repeats them */
    int from, to, in, out;  /* repeated: its operations [from, to), and their tensors */
    int half;               /* unrolled, in training: the tensor that the early answer reads; else NET_NO_TENSOR */
};
/* The state that a net carries along the moves of a game (blocks/lstm.c). */
struct net_carry {
    int moves;   /* how many; 0: the net carries none, and the rest is meaningless */
    int in, out; /* tensors: the state that a position is seen with, an input of the graph, and the one after it */
    int op;      /* the operation that computes `out` */
};
enum { NET_UNROLLED_MOST = -1 /* before the trunk is read: as many steps as it has in play */ };

/* What the heads make of a tensor. */
struct net_answer {
    int points, others, values; /* output tensors; others: -1 without other moves */
    int pooled;                 /* flat: what the head of outcomes reads of the trunk */
};

enum {
    NET_MAX_OPS = 512,
    NET_MAX_BLOCK_OPS = 64, /* in one block, or in the heads */
    NET_MAX_CHANNELS = 1024,
};

struct net_graph {
    struct net_info info;
    bool training; /* has the operations that only act in training: dropout */
    int ops, tensors, params, blocks;
    int block; /* the block that is being emitted; -1: the heads */
    struct net_op op[NET_MAX_OPS];
    struct net_tensor tensor[2 * NET_MAX_OPS];
    struct net_param param[2 * NET_MAX_OPS];
    size_t parameters;          /* total count */
    int ranges;                 /* of the quantised tensors' channels, total count */
    int planes, globals;        /* input tensors */
    int points, others, values; /* output tensors; others: -1 without other moves */
    int pooled;                 /* see struct net_answer */
    struct net_answer early;    /* the same, after half of a loop's steps; -1: none */
    struct net_places places;   /* of the targets in them */
    struct net_loop loop;
    struct net_carry carry;
};

static inline bool net_graph_is_input(const struct net_graph *graph, int tensor)
{
    return tensor == graph->planes || tensor == graph->globals || (graph->carry.moves > 0 && tensor == graph->carry.in);
}

/* Builds the graph of a net and checks its info; the caller frees it with g_free. Returns 0, or -1 with the error set. The graph
 * for training has the same parameters, but also the operations that act only in training (dropout), and unrolls a loop; a net
 * with neither has the same graph for both. */
int net_graph_create(struct net_graph **out, const struct net_info *info, GError **error);
int net_graph_create_training(struct net_graph **out, const struct net_info *info, GError **error);
/* The same with the loop unrolled into `steps` steps, 1 to NET_STEPS_MAX; 0: as many as in play, or a net without a loop. In training,
 * the heads also answer after half of the steps. */
int net_graph_create_unrolled(struct net_graph **out, const struct net_info *info, int steps, bool training,
                              GError **error);
/* Whether operations are repeated, and whether this one is. */
bool net_graph_repeats(const struct net_graph *graph);
bool net_graph_repeats_op(const struct net_graph *graph, int op);
/* Whether a tensor is quantised and has a range of its own: the result of a repeated loop shares that of the loop's input. */
bool net_graph_owns_range(const struct net_graph *graph, int tensor);
/* Parameters that one position uses: of experts, those of one. */
size_t net_graph_active_parameters(const struct net_graph *graph);
/* Floating-point operations of one evaluation, with as many steps of a loop as in play; with another number, which may be a
 * mean. */
double net_graph_flops(const struct net_graph *graph, size_t points);
double net_graph_flops_at(const struct net_graph *graph, size_t points, double steps);
/* The name of a quantised tensor's range in a file: that of the weights that produce it, without ".weight", followed by
 * "#2" and so on for further uses of the same weights. Returns out. */
const char *net_graph_range_name(const struct net_graph *graph, int tensor, char *out, size_t size);
/* Whether two nets have the same operations, so that changing from one to the other only changes weights. */
bool net_graph_same(const struct net_graph *a, const struct net_graph *b);
/* The first operation that does not support this number type; -1: all do. */
int net_graph_unsupported(const struct net_graph *graph, enum net_dtype dtype, enum net_flavour flavour);
/* The place of an operation, for messages: `block 3, "res:64"`. Freed with g_free. */
char *net_graph_where(const struct net_graph *graph, int op);

/* ---- for blocks and heads: none of these can fail; those that add an operation return its output tensor ---- */

int net_graph_tensor(struct net_graph *graph, int channels, bool spatial);
/* Adds a parameter and returns its index; deviation: 0 for a bias. Its name, "NAME.WHAT", must be unique in the
 * graph. */
int net_graph_param(struct net_graph *graph, const char *name, const char *what, int rank, const int *shape,
                    double deviation);
/* Adds an operation, in which the caller has set kind, inputs, parameters and settings. */
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
/* Those of this name, if the graph has them already. */
bool net_graph_find_weights(const struct net_graph *graph, const char *name, struct net_weights *weights);
enum { NET_NO_TENSOR = -1 };
/* add: the tensor that is added, or NET_NO_TENSOR. */
int net_graph_conv(struct net_graph *graph, struct net_weights weights, int in, bool relu, int add);
int net_graph_dense(struct net_graph *graph, struct net_weights weights, int in, bool relu);
/* A layer of several experts, of which a row uses that of number `choice`, a tensor. */
int net_graph_dense_experts(struct net_graph *graph, int experts, const struct net_weights *weights, int in, int choice,
                            bool relu);
/* Chooses experts by the channels [first, first+count) of a tensor. Uses the parameters NAME.centroids and NAME.bias, and creates them
 * if the graph does not have them yet. */
int net_graph_route(struct net_graph *graph, const char *name, int in, int first, int count, int experts);
int net_graph_pool(struct net_graph *graph, int in, int first, int count);
int net_graph_bias_relu(struct net_graph *graph, int in, int bias, int first, int count);
int net_graph_sum(struct net_graph *graph, int in, int add);
/* drop: enum net_drop; 0 < rate < 1. */
int net_graph_drop(struct net_graph *graph, int in, int drop, double rate);
int net_graph_tally(struct net_graph *graph, int in, int channel, double scale);
int net_graph_spread(struct net_graph *graph, int in, int channel, double scale);
/* weights: the parameter. */
int net_graph_odds(struct net_graph *graph, int margin, int deviation, int globals, int weights);
int net_graph_join(struct net_graph *graph, int count, const int *in);

/* Call after the last operation: analyses the graph for the backward pass (finish.c) and for int8 (quantise.c). */
void net_graph_finish(struct net_graph *graph);
void net_graph_quantise(struct net_graph *graph);

/* ---- trunk.c, heads.c ---- */

extern const char net_trunk_separators[]; /* between the blocks of a trunk's text */
/* Sets match[i], for each block i of the trunk `to`, to the block of the trunk `from` that it continues, of the same kind or of one that
 * it can replace, or to -1 for a new block, which can be made to add nothing at first. match: NET_TRUNK_MAX / 2 entries. Returns the
 * number of blocks of `to`, or -1 if the trunks are not related in this way. Both texts must be valid. */
int net_trunk_match(const char *from, const char *to, int *match);
/* How many moves a valid trunk carries a state along; 0: none. */
int net_trunk_moves(const char *trunk);
/* Emits the trunk; *x becomes its last tensor. */
bool net_trunk_emit(struct net_graph *graph, int *x, GError **error);
#define NET_ODDS_MARGIN "heads.odds.margin" /* the parameter of the heads' odds */
/* Emits the heads on a tensor; a second time with the same weights. */
struct net_answer net_heads_emit(struct net_graph *graph, int x);

#endif

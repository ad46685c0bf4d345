/* Operations of a graph, and the table of kinds of operations.
 *
 *   struct net_op        one operation of a graph: its kind, input and output tensors, parameters
 *   struct net_op_kind   an entry of the table: forward and backward pass, memory, FLOP, number types
 *   struct net_run       the arguments of a pass: tensors, parameters, memory, flavour, random numbers
 *
 * An operation reads up to NET_OP_INPUTS tensors and writes one; several results are channel ranges of that one.
 * Parameters belong to the graph: several operations may use the same one (tied or repeatedly applied weights), and
 * each adds to its gradient. What the backward pass needs from the forward pass, apart from inputs and output, an
 * operation stores in memory of its own (`keep`).
 *
 * A graph runs in one of two flavours. In training all tensors are kept, and operations may draw random numbers; in
 * inference they must not. Random numbers are functions of (seed, step, operation, row of the batch, position), not of
 * the order in which they are drawn, so a step can be repeated and a run resumed bit for bit.
 *
 * Number types: spatial tensors are stored in the element type of the arithmetic (f32, bf16; in int8 bytes where only
 * convolutions read them, and operations that declare `reads_quantised`), flat ones always in f32 (net_real). A whole net
 * computes in one number type: NET_AUTO selects the fastest that all its operations support, and an explicit one that an
 * operation does not support is an error that names the block (net_arithmetic_for). An operation that works row by row
 * through net_run_read and net_run_write supports f32 and bf16 without further effort.
 *
 * Kinds that several blocks use are listed in NET_OPS below, with a file each in exec/ops/; a kind that only one block
 * uses is in the block's file (graph/blocks/). */
#ifndef TENGEN_NET_GRAPH_OP_H
#define TENGEN_NET_GRAPH_OP_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/real.h"

struct net_graph;
struct net_op_kind;

enum { NET_OP_INPUTS = 4, NET_OP_PARAMS = 2 * NET_EXPERTS_MAX };

struct net_op {
    const struct net_op_kind *kind;
    int ins, in[NET_OP_INPUTS], out; /* tensors */
    int params, param[NET_OP_PARAMS];
    /* Settings; see each kind for those that it uses. */
    int kernel;       /* of a convolution: 1 or 3 */
    int first, count; /* channels [first, first+count) of the first input */
    bool relu;        /* apply a ReLU to the result */
    int heads;        /* of attention */
    int experts;      /* of which a position uses one; 0: none */
    int drop;         /* enum net_drop: what is dropped together */
    double rate;      /* the share that is dropped */
    double scale;     /* of a tally or spread */
    int block;        /* position in the trunk; -1: the heads */
    /* Set by net_graph_finish. */
    bool in_place;              /* the output shares the first input's memory */
    bool want[NET_OP_INPUTS];   /* backward must compute the gradient of this input, */
    bool add[NET_OP_INPUTS];    /* adding it to the terms of other readers; */
    bool shared[NET_OP_INPUTS]; /* that gradient shares the memory of the output's gradient */
    bool mask_in;               /* convolutions: afterwards zero the first input's gradient where the input is 0 */
    bool mask_out;              /* convolutions: first zero the output's gradient where the output is 0 */
};

/* A tensor, as passed to an operation. */
struct net_operand {
    bool spatial; /* packed as `layout`; otherwise flat: net_real [n][channels] */
    bool real;    /* spatial, but stored in net_real instead of the arithmetic's element type; the gradient is packed */
    struct net_layout layout;
    size_t width, gradient_width; /* bytes per point and row; of a flat tensor, per row */
    void *data;
    void *gradient;                  /* NULL in inference, and if it is not needed */
    const struct net_scales *scales; /* of a quantised tensor, to whose format `width` applies; else NULL */
};

enum net_flavour { NET_INFERENCE, NET_TRAINING };

/* What the heads of all attention in a graph attend to from one point, noted during a pass over one position. */
struct net_watch {
    int point;
    int heads;         /* noted so far, in the order of the graph; 0 at first */
    int most;          /* room in weights */
    net_real *weights; /* [most][points] */
};

/* The settings of one pass over the graph. */
struct net_pass {
    enum net_flavour flavour;
    uint64_t seed, step; /* of the random numbers */
    int first_row;       /* index in the whole batch of the first row of this pass */
    int steps;           /* of a loop whose operations are repeated; 0: as many as in play */
    /* [n] For a net that carries a state: each row continues the state that results from the row this many rows before it, a whole
     * number; 0: the state that was loaded. NULL: 0 for all. */
    const float *back;
    struct net_watch *watch; /* filled by attention; NULL: nothing is noted */
    int rows;                /* of the whole batch, of which this pass has a part; 0: all of them */
};
/* Where the next head notes its weights [points], or NULL if nothing is to be noted. */
static inline net_real *net_watch_next(const struct net_pass *pass, size_t points)
{
    struct net_watch *watch = pass->watch;
    return watch && watch->heads < watch->most ? watch->weights + (size_t)watch->heads++ * points : NULL;
}

struct net_run {
    const struct net_graph *graph;
    const struct net_op *op;
    const struct net_arithmetic *arithmetic;
    const struct net_pass *pass;
    bool training; /* the exec supports backward passes, after forward passes of either flavour */
    struct net_extent extent;
    const struct net_operand *in[NET_OP_INPUTS], *out;
    const net_real *param[NET_OP_PARAMS];
    net_real *param_gradient[NET_OP_PARAMS]; /* accumulators; NULL in inference */
    void *keep;                              /* kept from forward to backward, `keep` bytes; NULL in inference */
    void *scratch;                           /* `scratch` bytes, shared by all operations */
    void *spare;        /* in training: as large as the largest packed tensor; shared by all operations */
    void *layer, *plan; /* for kinds with a `layer` */
};

/* For kinds that convert their weights to a format of their own. Each function may be called repeatedly. */
struct net_op_layer {
    bool (*create)(struct net_run *run, GError **error); /* sets run->layer */
    void (*free)(struct net_run *run);
    void (*set)(const struct net_run *run); /* parameters have changed */
    void (*zero_gradient)(const struct net_run *run);
    void (*gradient)(const struct net_run *run); /* adds the accumulated gradient to run->param_gradient */
    void (*move_gradient)(const struct net_run *from, const struct net_run *to); /* adds it there and zeroes it */
    bool (*plan)(struct net_run *run, GError **error);                           /* sets run->plan, for run->extent */
    void (*plan_free)(struct net_run *run);
    char *(*describe)(const struct net_run *run); /* names the implementation; freed with g_free */
};

struct net_op_kind {
    const char *name;
    unsigned inference, training; /* supported number types: NET_DTYPE_BIT of each */
    int through; /* input whose gradient equals the output's, after the ReLU, so that both may share memory; -1: none */
    bool in_place;    /* may overwrite its first input with a result of the same format; only with through 0 */
    bool accumulates; /* in inference, may write to the memory of input `through`, if that has no later reader */
    unsigned
        reads_quantised; /* bits of the inputs that it can read where int8 stores them in bytes; convolutions: all */
    /* Those of its parameters that have four dimensions are weights of convolutions, which make its output. */
    bool convolves;
    bool rectifies; /* reads relu(input), so its backward pass is correct even if the input has been rectified since */
    double (*flops)(const struct net_graph *graph, const struct net_op *op, size_t points); /* NULL: negligible */
    size_t (*keep)(const struct net_run *run), (*scratch)(const struct net_run *run);       /* bytes; NULL: none */
    void (*forward)(const struct net_run *run);
    /* Adds to the gradients of the parameters, and computes those of all inputs with op->want, in the order of the
     * inputs. It may overwrite the output's gradient, which is not used afterwards. */
    void (*backward)(const struct net_run *run);
    const struct net_op_layer *layer; /* NULL: uses the parameters directly */
};

#define NET_DTYPE_BIT(dtype) (1u << (dtype))
enum {
    NET_DTYPES_REAL = NET_DTYPE_BIT(NET_F32) | NET_DTYPE_BIT(NET_BF16),
    NET_DTYPES_ALL = NET_DTYPES_REAL | NET_DTYPE_BIT(NET_INT8),
};

/* The kinds of operations that several blocks use. out =
 *   conv        act(conv(in) + bias [+ second input]); kernel, relu; parameters weight [out][in][k][k], bias [out]
 *   dense       act(in * weight + bias), flat; relu; parameters weight [in][out], bias [out]; with experts as many of each in turn, of which
 *               a row uses those whose number the second input has
 *   pool        mean, mean * edge scale, maximum of relu(in) over the points, flat; first, count
 *   bias_relu   relu(in + second input, flat, on the channels first, count)
 *   sum         relu(in + second input)
 *   drop        in * random mask / (1 - rate) in training, in itself in inference; drop, rate
 *   spread      scale * sqrt(1/4 + sum over the points of 1 - tanh(in)^2), for one channel, flat; first, scale
 *   odds        4 tanh(z / 4), z = (in + weights * third input) / second input, flat; parameter weights [channels of the third]
 *   tally       scale * sum over the points of tanh(in), for one channel, flat; first, scale
 *   join        the inputs one after the other, flat
 *   route       which of several experts a row uses (exec/ops/route.c), flat; experts, first, count; parameters centroids [experts][count],
 *               bias [experts] */
#define NET_OPS(OP)                                                                                                    \
    OP(conv)                                                                                                           \
    OP(dense)                                                                                                          \
    OP(pool)                                                                                                           \
    OP(bias_relu)                                                                                                      \
    OP(sum)                                                                                                            \
    OP(drop)                                                                                                           \
    OP(tally)                                                                                                          \
    OP(spread)                                                                                                         \
    OP(odds)                                                                                                           \
    OP(join)                                                                                                           \
    OP(route)

#define NET_OP_DECLARE(name) extern const struct net_op_kind net_op_##name;
NET_OPS(NET_OP_DECLARE)
#undef NET_OP_DECLARE

/* Enumerates these kinds, then those of the blocks; NULL past the end. */
const struct net_op_kind *net_op_kind_at(int index);

/* ---- for forward and backward ---- */

/* Copies a row of a spatial operand to or from [points][channels]; quantised ones, too. */
void net_run_read(const struct net_run *run, const struct net_operand *operand, int row, net_real *values);
void net_run_write(const struct net_run *run, const struct net_operand *operand, int row, const net_real *values);
/* Copies a row of the output's gradient; writes a row of the gradient of input k, or adds to it if other readers have
 * contributed already. */
void net_run_read_gradient(const struct net_run *run, int row, net_real *values);
void net_run_give_gradient(const struct net_run *run, int k, int row, const net_real *values);
/* The gradient of input k, for adding to; zeroed first if there are no other contributions yet. */
void *net_run_gradient(const struct net_run *run, int k);
/* The key of the random numbers for one row of this operation in this pass, and the number at a position, uniform in
 * [0, 1). Only in the training flavour. */
uint64_t net_run_key(const struct net_run *run, int row);
double net_run_uniform(uint64_t key, uint64_t position);

static inline size_t net_run_points(const struct net_run *run)
{
    return net_extent_points(run->extent);
}

/* The expert that a row uses, if the second input says which. */
static inline int net_run_expert(const struct net_run *run, int row)
{
    return (int)((const net_real *)run->in[1]->data)[row];
}

/* Number of points in all rows, or of rows in a flat tensor. Multiply by `width` for bytes, by layout.padded for
 * elements. */
static inline size_t net_run_places(const struct net_run *run, const struct net_operand *operand)
{
    return (operand->spatial ? net_run_points(run) : 1) * (size_t)run->extent.n;
}

#endif

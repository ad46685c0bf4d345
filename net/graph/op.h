/* Operations: what a graph consists of, and the table entry that computes each.
 *
 *   struct net_op        one operation of a graph: its kind, the tensors that it reads and makes, its parameters
 *   struct net_op_kind   an entry of the table: forward, backward, memory, work, number types
 *   struct net_run       all that an entry sees when it is called: tensors, parameters, memory, flavour, random numbers
 *
 * An operation reads up to NET_OP_INPUTS tensors and makes one; one that has several results puts them side by side as
 * channels of it, as readers can take a range. Parameters belong to the graph: several operations may use the same one
 * (tied weights, weights that are applied several times), and each adds to its gradient. What backward needs of
 * forward, beside inputs and output, an operation keeps in memory of its own (`keep`).
 *
 * A graph runs in one of two flavours. In training it keeps all tensors, and operations may draw random numbers; in
 * inference they must not. Random numbers are functions of (seed, step, operation, row of the batch, position), not of
 * the order in which they are asked for: a step can be repeated, and a run resumed, bit for bit.
 *
 * Number types: tensors over the points are stored as the arithmetic has it (f32, bf16; in int8 those that only
 * convolutions read), flat ones always in f32 (net_real). A whole net computes in one number type: `auto` takes the
 * fastest that every operation of the net supports, and an explicit one that some operation does not support is an
 * error that names the block (net_arithmetic_for). An operation that works row by row through net_run_read and
 * net_run_write supports f32 and bf16 without further effort.
 *
 * The kinds that several blocks use are in NET_OPS below, one file each in exec/ops/; one that a single block uses lies
 * in the block's file (graph/blocks/). */
#ifndef TENGEN_NET_GRAPH_OP_H
#define TENGEN_NET_GRAPH_OP_H

#include "net/kernels/arithmetic.h"
#include "net/net.h"

struct net_graph;
struct net_op_kind;

enum { NET_OP_INPUTS = 4, NET_OP_PARAMS = 4 };

struct net_op {
    const struct net_op_kind *kind;
    int ins, in[NET_OP_INPUTS], out; /* tensors */
    int params, param[NET_OP_PARAMS];
    /* Settings; each kind says which it has. */
    int kernel;       /* of a convolution: 1 or 3 */
    int first, count; /* channels [first, first+count) of the first input */
    bool relu;        /* the result goes through a ReLU */
    int block;        /* position in the trunk; -1: the heads */
    /* Found by net_graph_finish. */
    bool in_place;              /* the output shares the first input's memory */
    bool want[NET_OP_INPUTS];   /* backward is to give the gradient of this input ... */
    bool add[NET_OP_INPUTS];    /* ... and to add it to what is there, which other readers left */
    bool shared[NET_OP_INPUTS]; /* ... and it lies in the memory of the output's gradient */
    bool mask_in;               /* convolutions: the first input's gradient is then masked where the input is 0 */
    bool mask_out;              /* convolutions: the output's gradient is to be masked first where the output is 0 */
};

/* A tensor as an operation sees it. */
struct net_operand {
    bool spatial; /* over the points, packed as `layout`; else flat: net_real [n][channels] */
    bool real;    /* over the points, but stored in net_real whatever the arithmetic packs; the gradient is packed */
    struct net_layout layout;
    size_t width, gradient_width; /* bytes of one point of one row; of one row of a flat tensor */
    void *data;
    void *gradient;                  /* NULL in inference, and where it is not wanted */
    const struct net_scales *scales; /* of a quantised tensor, which `width` is for; else NULL */
};

enum net_flavour { NET_INFERENCE, NET_TRAINING };

/* What holds for one pass over the graph. */
struct net_pass {
    enum net_flavour flavour;
    uint64_t seed, step; /* of the random numbers */
    int first_row;       /* where the rows at hand stand in the whole batch */
};

struct net_run {
    const struct net_graph *graph;
    const struct net_op *op;
    const struct net_arithmetic *arithmetic;
    const struct net_pass *pass;
    bool training;            /* backward may be asked for, in passes of either flavour */
    struct net_extent extent;
    const struct net_operand *in[NET_OP_INPUTS], *out;
    const net_real *param[NET_OP_PARAMS];
    net_real *param_gradient[NET_OP_PARAMS]; /* to add to; NULL in inference */
    void *keep;                              /* from forward to backward, `keep` bytes; NULL in inference */
    void *scratch;                           /* `scratch` bytes, shared by all operations */
    void *spare;                             /* in training: as large as the largest packed tensor, likewise shared */
    void *layer, *plan;                      /* of kinds with a `layer` */
};

/* For kinds that hold their weights in forms of their own. Each may be called again when its input changes. */
struct net_op_layer {
    bool (*create)(struct net_run *run, GError **error); /* sets run->layer */
    void (*free)(struct net_run *run);
    void (*set)(const struct net_run *run); /* parameters have changed */
    void (*zero_gradient)(const struct net_run *run);
    void (*gradient)(const struct net_run *run);       /* adds what backward has summed to run->param_gradient */
    bool (*plan)(struct net_run *run, GError **error); /* sets run->plan, for run->extent */
    void (*plan_free)(struct net_run *run);
    char *(*describe)(const struct net_run *run); /* the implementation; freed with g_free */
};

struct net_op_kind {
    const char *name;
    unsigned inference, training; /* number types that it supports: NET_DTYPE_BIT of each */
    int through; /* input whose gradient is the output's own, after the ReLU, so that both may share memory; -1: none */
    bool in_place;    /* may overwrite its first input with a result that is packed alike; only with through 0 */
    bool accumulates; /* in inference, may compute into the memory of input `through`, if that ends here */
    bool rectifies; /* reads relu(input), so that its backward is the same when that has been applied in the meantime */
    double (*flops)(const struct net_graph *graph, const struct net_op *op, size_t points); /* NULL: too few to count */
    size_t (*keep)(const struct net_run *run), (*scratch)(const struct net_run *run);  /* bytes; NULL: none */
    void (*forward)(const struct net_run *run);
    /* Gradients of the parameters, which it adds, and of every input with op->want, in the order of the inputs. It may
     * change the output's gradient, which nobody reads any more. */
    void (*backward)(const struct net_run *run);
    const struct net_op_layer *layer; /* NULL: works on the parameters as they are */
};

#define NET_DTYPE_BIT(dtype) (1u << (dtype))
enum {
    NET_DTYPES_REAL = NET_DTYPE_BIT(NET_F32) | NET_DTYPE_BIT(NET_BF16),
    NET_DTYPES_ALL = NET_DTYPES_REAL | NET_DTYPE_BIT(NET_INT8),
};

/* The kinds of operations that several blocks use: out = ...
 *   conv        act(conv(in) + bias [+ second input]); kernel, relu; parameters weight [out][in][k][k], bias [out]
 *   dense       act(in * weight + bias), flat; relu; parameters weight [in][out], bias [out]
 *   pool        mean, mean * edge scale, maximum of relu(in) over the points, flat; first, count
 *   bias_relu   relu(in + second input, flat, on the channels first, count) */
#define NET_OPS(OP)                                                                                                    \
    OP(conv)                                                                                                           \
    OP(dense)                                                                                                          \
    OP(pool)                                                                                                           \
    OP(bias_relu)

#define NET_OP_DECLARE(name) extern const struct net_op_kind net_op_##name;
NET_OPS(NET_OP_DECLARE)
#undef NET_OP_DECLARE

/* Those, and then those of the blocks; NULL past the end. */
const struct net_op_kind *net_op_kind_at(int index);

/* ---- for forward and backward ---- */

/* Row `row` of an operand over the points as [points][channels]. */
void net_run_read(const struct net_run *run, const struct net_operand *operand, int row, net_real *values);
void net_run_write(const struct net_run *run, const struct net_operand *operand, int row, const net_real *values);
/* The same of the gradient of the output, and of input k, to which values are added if other readers have been there.
 */
void net_run_read_gradient(const struct net_run *run, int row, net_real *values);
void net_run_give_gradient(const struct net_run *run, int k, int row, const net_real *values);
/* The gradient of input k, to be added to: zeroed here if nobody has been there. */
void *net_run_gradient(const struct net_run *run, int k);
/* Key of the random numbers of one row of this operation in this pass, and the number at a position: uniform in [0, 1).
 * Only in the training flavour. */
uint64_t net_run_key(const struct net_run *run, int row);
double net_run_uniform(uint64_t key, uint64_t position);

static inline size_t net_run_points(const struct net_run *run)
{
    return net_extent_points(run->extent);
}

/* Points of all rows; rows of a flat tensor. Times `width`: bytes. Times layout.padded: elements. */
static inline size_t net_run_places(const struct net_run *run, const struct net_operand *operand)
{
    return (operand->spatial ? net_run_points(run) : 1) * (size_t)run->extent.n;
}

#endif

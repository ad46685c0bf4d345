/* Arithmetics for graphs: a table for each way of storing tensors and computing convolutions.
 *
 *   net_arithmetic_plain                      plain C in net_real, the reference (plain.c)
 *   net_arithmetic_dnnl, net_arithmetic_dnnl_bf16    oneDNN in f32, and in bf16 with f32 sums (dnnl/)
 *   net_arithmetic_int8                       our own kernels (int8/): the trunk's convolutions in int8, attention in bf16
 *                                             where the processor has it, everything else in f32
 *
 * Other spatial operations work on packed activations (packed.h); dense layers are always in net_real (dense.c). */
#ifndef TENGEN_NET_KERNELS_ARITHMETIC_H
#define TENGEN_NET_KERNELS_ARITHMETIC_H

#include "net/kernels/attention.h"
#include "net/kernels/packed.h"
#include "net/real.h"
#include <glib.h>
#include <stdbool.h>

struct net_conv_spec {
    int in, out, kernel; /* channels; 1 or 3 */
    bool relu;
    bool add;      /* dst holds the residual, which is added before the relu */
    bool real_out; /* dst is an output of the net, in net_real; its gradient is packed */
    bool quantised_in, quantised_out; /* src, dst is quantised (int8/int8.h); only if the table has such tensors */
    bool u16_in, u16_out;             /* src, dst also has 16-bit values; those of src are read instead of the bytes */
    bool training;                    /* there will be backward passes */
    bool want_data;                   /* the gradient of the data is needed as well as that of the weights */
};

/* The scales of a quantised tensor: real value = stored value * scale. */
struct net_scales {
    const float *u8;    /* [channels] of the bytes */
    const float *u16;   /* [channels] of the 16-bit values; NULL: it has none */
    const float *mean;  /* [channels] mean value */
    const int *residue; /* [residues]: input planes copied for the rounding residue of the weights (int8/int8.h) */
    int residues;       /* 0 except for the input planes */
};

/* c [m][n] = alpha * a [m][k] * b + beta * c, all dense. c overlaps neither a nor b. */
struct net_matmul {
    int m, n, k;
    bool transposed; /* b is [n][k] rather than [k][n] */
    net_real alpha, beta;
};

struct net_conv;      /* a convolution: its weights and their gradient, in the formats of its table */
struct net_conv_plan; /* a convolution for one board and batch size */

/* Quantised tensors; pure functions. */
struct net_quantisation {
    float plane_scale;
    size_t (*width)(int padded, bool u16); /* bytes of one point of one row */
    /* As net_int8_residue, net_int8_load, and bias_relu of the fastest kernel (int8/int8.h). */
    int (*residue)(struct net_layout l, const float *mean, int *planes);
    void (*load)(struct net_extent e, struct net_layout l, const int *residue, int residues, const float *planes,
                 uint8_t *x);
    void (*bias_relu)(struct net_extent e, struct net_layout l, const float *x, int first, int count, const float *bias,
                      const struct net_scales *scales, void *out);
    /* As read_row and write_row of struct net_packed; the 16-bit values are read where there are any. */
    void (*read_row)(struct net_extent e, struct net_layout l, const struct net_scales *scales, const void *x, int row,
                     net_real *out);
    void (*write_row)(struct net_extent e, struct net_layout l, const struct net_scales *scales, void *x, int row,
                      const net_real *in);
};

/* Objects belong to one thread. All memory passed in is aligned to 64 bytes, except where a plan for one row is given a row in the middle
 * of a batch whose padded channels are an odd multiple of 16 (blocks/moe.c). */
struct net_arithmetic {
    const char *name;
    const struct net_packed *packed;             /* storage of spatial tensors */
    const struct net_quantisation *quantisation; /* storage of quantised ones; NULL: the table has none. A table that
                                                    has them does not support training */
    void (*enter)(void); /* called in the same thread before a sequence of other calls; NULL: not needed */
    struct net_layout (*layout)(int channels);
    struct net_conv *(*conv_create)(const struct net_conv_spec *spec, GError **error);
    void (*conv_free)(struct net_conv *conv);
    /* weight [out][in][k][k], bias [out]; in, out: scales of src and dst, NULL where they are not quantised */
    void (*conv_set)(struct net_conv *conv, const net_real *weight, const net_real *bias, const struct net_scales *in,
                     const struct net_scales *out);
    void (*conv_zero_gradient)(struct net_conv *conv);
    /* Adds the accumulated gradient to weight and bias, to which other convolutions may add, too. */
    void (*conv_gradient)(const struct net_conv *conv, net_real *weight, net_real *bias);
    /* Adds it to that of another convolution of the same spec, and zeroes it; faster, since both have the same format. */
    void (*conv_move_gradient)(struct net_conv *from, struct net_conv *to);
    struct net_conv_plan *(*plan_create)(struct net_conv *conv, struct net_extent e, GError **error);
    void (*plan_free)(struct net_conv_plan *plan);
    size_t (*plan_scratch)(const struct net_conv_plan *plan); /* bytes */
    void (*forward)(struct net_conv_plan *plan, const void *src, void *dst, void *scratch);
    /* diff_dst is the gradient of the sum before the ReLU; diff_src is overwritten. */
    void (*backward_data)(struct net_conv_plan *plan, const void *diff_dst, void *diff_src, void *scratch);
    /* Adds to the convolution's accumulated gradient. */
    void (*backward_weights)(struct net_conv_plan *plan, const void *src, const void *diff_dst, void *scratch);
    char *(*describe)(const struct net_conv_plan *plan); /* names of the implementations, freed with g_free */
    net_attention_function
        *attention; /* in about the precision of the table; its backward pass is always in net_real */
    /* For optimisers; NULL in tables that do not support training. The same arguments give the same bits. */
    void (*matmul)(const struct net_matmul *shape, const net_real *a, const net_real *b, net_real *c);
};

extern const struct net_arithmetic net_arithmetic_plain;
#ifndef NET_REAL_DOUBLE
extern const struct net_arithmetic net_arithmetic_dnnl, net_arithmetic_dnnl_bf16, net_arithmetic_int8;
/* Makes the library use a single thread when called from this thread; cheap; call before using the library. */
void net_dnnl_enter(void);
/* Whether the library has bf16 instructions on this processor; ONEDNN_MAX_CPU_ISA in the environment can disable
 * them. */
bool net_dnnl_has_bf16(void);
#endif

/* ---- the library's int8, for benchmarks ---- */

/* A stem of `planes` and `blocks` residual pairs of 3x3 convolutions; NULL if the library does not support it. */
struct net_dnnl_tower;
struct net_dnnl_tower *net_dnnl_tower_create(int blocks, int planes, int channels, struct net_extent e);
void net_dnnl_tower_free(struct net_dnnl_tower *tower);
void net_dnnl_tower_run(struct net_dnnl_tower *tower);

/* x = tanh x, within 3e-7 of it; the same bits on every machine (tanh.c) */
void net_tanh(size_t count, net_real *x);

/* to += from; from = 0 */
void net_move_sum(size_t count, net_real *from, net_real *to);

/* ---- matrix products and dense layers: flat tensors (dense.c) ---- */

void net_matmul_plain(const struct net_matmul *shape, const net_real *a, const net_real *b, net_real *c);

/* out [n][outs] = act(in [n][ins] * weight [ins][outs] + bias) */
void net_dense_forward(int n, int ins, int outs, bool relu, const net_real *in, const net_real *weight,
                       const net_real *bias, net_real *out);
/* With relu, masks dout by out first. Adds to dweight and dbias. din (NULL: not needed) is overwritten or added to. */
void net_dense_backward(int n, int ins, int outs, bool relu, const net_real *in, const net_real *weight,
                        const net_real *out, net_real *dout, net_real *dweight, net_real *dbias, net_real *din,
                        bool add);

#endif

/* The arithmetic behind a graph: convolutions behind a table with two implementations, a plain one (ops_plain.c) and
 * oneDNN (ops_dnnl.c), and the small steps between them (ops_steps.c), which work on either's memory layout.
 *
 * Layout of a spatial tensor: channels padded to a multiple of `block`, and `block` of them kept together:
 *   element (row, c, p) at ((row * padded/block + c/block) * points + p) * block + c%block
 * block == padded is "channels last"; block 16 is what AVX-512 likes. Padding channels are always zero. */
#ifndef TENGEN_NET_OPS_H
#define TENGEN_NET_OPS_H

#include "net/real.h"
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct net_layout {
    int channels, padded, block;
};

struct net_conv_spec {
    int in, out, kernel; /* channels; 1 or 3 */
    bool relu;
    bool add;       /* dst holds the residual, which is added before the relu */
    bool training;  /* backward will be asked for */
    bool want_data; /* ... of the data as well as of the weights */
};

struct net_conv;      /* one convolution: its weights and their gradient, as the implementation likes them */
struct net_conv_plan; /* the same for one board size and batch */

/* Objects serve one thread. Memory passed in is aligned to 64 bytes. */
struct net_ops {
    const char *name;
    struct net_layout (*layout)(int channels);
    struct net_conv *(*conv_create)(const struct net_conv_spec *spec, GError **error);
    void (*conv_free)(struct net_conv *conv);
    /* weight [out][in][k][k], bias [out] */
    void (*conv_set)(struct net_conv *conv, const net_real *weight, const net_real *bias);
    void (*conv_zero_gradient)(struct net_conv *conv);
    void (*conv_gradient)(const struct net_conv *conv, net_real *weight, net_real *bias);
    struct net_conv_plan *(*plan_create)(struct net_conv *conv, int size, int n, GError **error);
    void (*plan_free)(struct net_conv_plan *plan);
    size_t (*plan_scratch)(const struct net_conv_plan *plan); /* bytes */
    void (*forward)(struct net_conv_plan *plan, const net_real *src, net_real *dst, void *scratch);
    /* diff_dst is of the sum before the relu; diff_src is overwritten. */
    void (*backward_data)(struct net_conv_plan *plan, const net_real *diff_dst, net_real *diff_src, void *scratch);
    /* Adds to the convolution's gradient. */
    void (*backward_weights)(struct net_conv_plan *plan, const net_real *src, const net_real *diff_dst, void *scratch);
    char *(*describe)(const struct net_conv_plan *plan); /* the implementations, freed with g_free */
};

extern const struct net_ops net_ops_plain;
#ifndef NET_REAL_DOUBLE
extern const struct net_ops net_ops_dnnl;
/* Has the calling thread use one thread for the library's work; cheap, called before any of it. */
void net_ops_dnnl_enter(void);
#endif

/* ---- steps ---- */

struct net_extent {
    int size, n; /* board edge, rows */
};

/* [n][channels][points] floats into a tensor, and one channel out of or into one ([n] rows, `stride` apart). */
void net_step_load(struct net_extent e, struct net_layout l, const float *planes, net_real *x);
void net_step_read(struct net_extent e, struct net_layout l, const net_real *x, int channel, net_real *out,
                   size_t stride);
void net_step_write(struct net_extent e, struct net_layout l, net_real *x, int channel, const net_real *in,
                    size_t stride);

/* gradient = where y is 0: 0, else gradient [+ more]; y NULL: no mask, more NULL: nothing to add. */
void net_step_mask(size_t count, net_real *gradient, const net_real *more, const net_real *y);
void net_step_add(size_t count, net_real *gradient, const net_real *more);

/* out [n][3*count]: mean, mean * (size-10)/10, maximum of relu(x) for channels [first, first+count). */
void net_step_pool(struct net_extent e, struct net_layout l, const net_real *x, int first, int count, net_real *out);
/* Adds to dx; x as it was or after its relu. The maximum's gradient goes to the first point that has it. */
void net_step_pool_backward(struct net_extent e, struct net_layout l, const net_real *x, int first, int count,
                            const net_real *dout, net_real *dx);

/* x = relu(x + bias [n][count] on channels [first, first+count)) */
void net_step_shift(struct net_extent e, struct net_layout l, net_real *x, int first, int count, const net_real *bias);
/* Masks dx by the result x, and sums it over the points into dbias. */
void net_step_shift_backward(struct net_extent e, struct net_layout l, const net_real *x, net_real *dx, int first,
                             int count, net_real *dbias);

/* out [n][outs] = act(in [n][ins] * weight [ins][outs] + bias) */
void net_step_dense(int n, int ins, int outs, bool relu, const net_real *in, const net_real *weight,
                    const net_real *bias, net_real *out);
/* Masks dout by out when relu; adds to dweight and dbias; din NULL: not wanted, else overwritten or added to. */
void net_step_dense_backward(int n, int ins, int outs, bool relu, const net_real *in, const net_real *weight,
                             const net_real *out, net_real *dout, net_real *dweight, net_real *dbias, net_real *din,
                             bool add);

#endif

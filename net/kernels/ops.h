/* The arithmetic behind a graph: convolutions behind a table of implementations, plain C (ops_plain.c), oneDNN in f32
 * and bf16 (ops_dnnl.c) and our own in int8 (ops_int8.c), with the steps between them that fit their tensors (cells.h,
 * int8.h), and dense layers (dense.c). */
#ifndef TENGEN_NET_KERNELS_OPS_H
#define TENGEN_NET_KERNELS_OPS_H

#include "net/kernels/cells.h"
#include <glib.h>
#include <stdbool.h>

struct net_conv_spec {
    int in, out, kernel; /* channels; 1 or 3 */
    bool relu;
    bool add;      /* dst holds the residual, which is added before the relu */
    bool real_out; /* dst is in net_real whatever the table's tensors are: an output of the net; its gradient is not */
    bool narrow_in, narrow_out; /* what is read, what is written is narrow (int8.h); in tables that have such */
    bool wide_in, wide_out;     /* ... and wide; what is read is then its wide part */
    bool training;              /* backward will be asked for */
    bool want_data;             /* ... of the data as well as of the weights */
};

/* Of narrow tensors; a member is NULL where the tensor is another. */
struct net_steps {
    const float *in, *out, *wide_in, *wide_out; /* [channels]: value of one unit */
    const float *mean;                          /* [in]: mean value of what is read */
    const int *fine;                            /* [fines]: of the planes, those with a second byte (net_int8_fine) */
    int fines;                                  /* 0 where what is read is not the planes */
};

struct net_conv;      /* one convolution: its weights and their gradient, as the implementation likes them */
struct net_conv_plan; /* the same for one board size and batch */

/* Objects serve one thread. Memory passed in is aligned to 64 bytes. */
struct net_ops {
    const char *name;
    const struct net_cells *cells; /* what tensors are stored in */
    bool narrow;                   /* but those that the graph calls narrow are so, and there is no training */
    struct net_layout (*layout)(int channels);
    struct net_conv *(*conv_create)(const struct net_conv_spec *spec, GError **error);
    void (*conv_free)(struct net_conv *conv);
    /* weight [out][in][k][k], bias [out]; steps: for tables with narrow tensors */
    void (*conv_set)(struct net_conv *conv, const net_real *weight, const net_real *bias,
                     const struct net_steps *steps);
    void (*conv_zero_gradient)(struct net_conv *conv);
    void (*conv_gradient)(const struct net_conv *conv, net_real *weight, net_real *bias);
    struct net_conv_plan *(*plan_create)(struct net_conv *conv, int size, int n, GError **error);
    void (*plan_free)(struct net_conv_plan *plan);
    size_t (*plan_scratch)(const struct net_conv_plan *plan); /* bytes */
    void (*forward)(struct net_conv_plan *plan, const void *src, void *dst, void *scratch);
    /* diff_dst is of the sum before the relu; diff_src is overwritten. */
    void (*backward_data)(struct net_conv_plan *plan, const void *diff_dst, void *diff_src, void *scratch);
    /* Adds to the convolution's gradient. */
    void (*backward_weights)(struct net_conv_plan *plan, const void *src, const void *diff_dst, void *scratch);
    char *(*describe)(const struct net_conv_plan *plan); /* the implementations, freed with g_free */
};

extern const struct net_ops net_ops_plain;
#ifndef NET_REAL_DOUBLE
extern const struct net_ops net_ops_dnnl, net_ops_dnnl_bf16, net_ops_int8;
/* Has the calling thread use one thread for the library's work; cheap, called before any of it. */
void net_ops_dnnl_enter(void);
/* Whether the library computes in bf16 by instructions for it; ONEDNN_MAX_CPU_ISA in the environment can forbid them.
 */
bool net_ops_dnnl_has_bf16(void);
#endif

/* ---- the library's int8, to measure against ---- */

/* A stem of `planes` and `blocks` residual pairs of 3x3 convolutions on n rows; NULL where the library has none. */
struct net_dnnl_tower;
struct net_dnnl_tower *net_dnnl_tower_create(int blocks, int planes, int channels, int size, int n);
void net_dnnl_tower_free(struct net_dnnl_tower *tower);
void net_dnnl_tower_run(struct net_dnnl_tower *tower);

/* ---- dense layers: flat tensors ---- */

/* out [n][outs] = act(in [n][ins] * weight [ins][outs] + bias) */
void net_dense_forward(int n, int ins, int outs, bool relu, const net_real *in, const net_real *weight,
                       const net_real *bias, net_real *out);
/* Masks dout by out when relu; adds to dweight and dbias; din NULL: not wanted, else overwritten or added to. */
void net_dense_backward(int n, int ins, int outs, bool relu, const net_real *in, const net_real *weight,
                        const net_real *out, net_real *dout, net_real *dweight, net_real *dbias, net_real *din,
                        bool add);

#endif

/* Packed activations: the storage of spatial tensors, and operations on them other than convolutions. There is a table
 * for each element type.
 *
 * Layout: channels are padded to a multiple of `block`, and `block` of them are adjacent:
 *   element (row, c, p) at ((row * padded/block + c/block) * points + p) * block + c%block
 * block == padded is "channels last"; a block of 16 fits an AVX-512 register. Padding channels are always zero. */
#ifndef TENGEN_NET_KERNELS_PACKED_H
#define TENGEN_NET_KERNELS_PACKED_H

#include "net/real.h"
#include <stdbool.h>
#include <stddef.h>

struct net_layout {
    int channels, padded, block;
};

struct net_extent {
    int width, height, n; /* of the board; rows of the batch */
};

static inline size_t net_extent_points(struct net_extent e)
{
    return (size_t)e.width * (size_t)e.height;
}

/* Pure functions, any thread. Tensors and their gradients are void here: `bytes` an element. */
struct net_packed {
    size_t bytes;
    /* Converts [n][channels][points] floats to a tensor; copies one channel from or to a tensor ([n] rows, `stride`
     * apart). */
    void (*load)(struct net_extent e, struct net_layout l, const float *planes, void *x);
    void (*read)(struct net_extent e, struct net_layout l, const void *x, int channel, net_real *out, size_t stride);
    void (*write)(struct net_extent e, struct net_layout l, void *x, int channel, const net_real *in, size_t stride);
    /* Copies one row to or from [points][channels]; with `add`, adds it to the tensor. For operations without kernels
     * for each layout and element type. */
    void (*read_row)(struct net_extent e, struct net_layout l, const void *x, int row, net_real *out);
    void (*write_row)(struct net_extent e, struct net_layout l, void *x, int row, const net_real *in, bool add);
    /* gradient = y > 0 ? gradient [+ more] : 0; more NULL: nothing to add. */
    void (*mask)(size_t count, void *gradient, const void *more, const void *y);
    void (*add)(size_t count, void *gradient, const void *more);
    /* out [n][3*count]: mean, mean * (edge-10)/10, maximum of relu(x) for channels [first, first+count);
     * edge: the mean of width and height. */
    void (*pool)(struct net_extent e, struct net_layout l, const void *x, int first, int count, net_real *out);
    /* Adds to dx; x may be given before or after the ReLU. The maximum's gradient goes to the first point that attains
     * it. */
    void (*pool_backward)(struct net_extent e, struct net_layout l, const void *x, int first, int count,
                          const net_real *dout, void *dx);
    /* x = relu(x + bias [n][count] on channels [first, first+count)) */
    void (*bias_relu)(struct net_extent e, struct net_layout l, void *x, int first, int count, const net_real *bias);
    /* Masks dx by the result x and sums it over the points to dbias, which is overwritten. */
    void (*bias_relu_backward)(struct net_extent e, struct net_layout l, const void *x, void *dx, int first, int count,
                               net_real *dbias);
};

extern const struct net_packed net_packed_real;
#ifndef NET_REAL_DOUBLE
extern const struct net_packed net_packed_bf16;
#endif

#endif

/* Packed activations: tensors over the points as the arithmetic stores them, and what happens to them between
 * convolutions. One table for each element type; an operation works on any of them through its table.
 *
 * Layout: channels padded to a multiple of `block`, and `block` of them kept together:
 *   element (row, c, p) at ((row * padded/block + c/block) * points + p) * block + c%block
 * block == padded is "channels last"; block 16 is what AVX-512 likes. Padding channels are always zero. */
#ifndef TENGEN_NET_KERNELS_PACKED_H
#define TENGEN_NET_KERNELS_PACKED_H

#include "net/real.h"
#include <stdbool.h>
#include <stddef.h>

struct net_layout {
    int channels, padded, block;
};

struct net_extent {
    int size, n; /* board edge, rows */
};

/* Pure functions, any thread. Tensors and their gradients are void here: `bytes` an element. */
struct net_packed {
    size_t bytes;
    /* [n][channels][points] floats into a tensor, and one channel out of or into one ([n] rows, `stride` apart). */
    void (*load)(struct net_extent e, struct net_layout l, const float *planes, void *x);
    void (*read)(struct net_extent e, struct net_layout l, const void *x, int channel, net_real *out, size_t stride);
    void (*write)(struct net_extent e, struct net_layout l, void *x, int channel, const net_real *in, size_t stride);
    /* One row as [points][channels], out of a tensor and into one; `add`: added to what is there. What an operation
     * that has no kernel of its own for every layout and element type works on. */
    void (*read_row)(struct net_extent e, struct net_layout l, const void *x, int row, net_real *out);
    void (*write_row)(struct net_extent e, struct net_layout l, void *x, int row, const net_real *in, bool add);
    /* gradient = where y is 0: 0, else gradient [+ more]; more NULL: nothing to add. */
    void (*mask)(size_t count, void *gradient, const void *more, const void *y);
    void (*add)(size_t count, void *gradient, const void *more);
    /* out [n][3*count]: mean, mean * (size-10)/10, maximum of relu(x) for channels [first, first+count). */
    void (*pool)(struct net_extent e, struct net_layout l, const void *x, int first, int count, net_real *out);
    /* Adds to dx; x as it was or after its relu. The maximum's gradient goes to the first point that has it. */
    void (*pool_backward)(struct net_extent e, struct net_layout l, const void *x, int first, int count,
                          const net_real *dout, void *dx);
    /* x = relu(x + bias [n][count] on channels [first, first+count)) */
    void (*bias_relu)(struct net_extent e, struct net_layout l, void *x, int first, int count, const net_real *bias);
    /* Masks dx by the result x, and sums it over the points into dbias, which is overwritten. */
    void (*bias_relu_backward)(struct net_extent e, struct net_layout l, const void *x, void *dx, int first, int count,
                               net_real *dbias);
};

extern const struct net_packed net_packed_real;
#ifndef NET_REAL_DOUBLE
extern const struct net_packed net_packed_bf16;
#endif

#endif

/* Our own kernels for the gradient of a 3x3 convolution's weights, bf16 in, f32 out, which are faster than the library's. Used only on
 * processors with their instructions; tests/net/kernels/test_library.c compares each with sums by hand on random shapes. Pure functions, any
 * thread.
 *
 * Two rows of the batch are summed at a time: the pairs of the dot products are the same point of two rows, so that
 * shifting the board never breaks a pair. */
#ifndef TENGEN_NET_KERNELS_DNNL_WEIGHTS_GRADIENT_H
#define TENGEN_NET_KERNELS_DNNL_WEIGHTS_GRADIENT_H

#include <stdbool.h>
#include <stddef.h>

struct net_extent;
struct net_layout;

struct net_weights_kernel {
    const char *name;
    bool (*fits)(struct net_layout in, struct net_layout out);
    /* Bytes of scratch memory. Like `add`, NULL where the kernel is not compiled; `fits` then returns false. */
    size_t (*scratch)(struct net_extent e, struct net_layout in, struct net_layout out);
    /* Adds to weight [3][3][in.padded][out.padded] and bias [out.padded]. scratch is aligned to 64 bytes. */
    void (*add)(struct net_extent e, struct net_layout in, struct net_layout out, const void *src, const void *diff_dst,
                float *weight, float *bias, void *scratch);
};

/* With AVX-512 BF16; taps off the board are skipped instead of multiplied by zero, which on 9x9 saves a seventh of the nominal operations.
 * With tiles (AMX): ten times as fast. */
extern const struct net_weights_kernel net_weights_vectors, net_weights_tiles;
/* Fastest first; NULL-terminated. */
extern const struct net_weights_kernel *const net_weights_kernels[];
/* NULL: none fits, so the library has to do it. */
const struct net_weights_kernel *net_weights_kernel_best(struct net_layout in, struct net_layout out);

#endif

/* Our own kernel for weight gradients, which is faster than the library's. Used only on processors with its
 * instructions; tests/net/kernels/test_ops.c compares it with the plain reference on random shapes. Pure functions, any
 * thread. */
#ifndef TENGEN_NET_KERNELS_KERNELS_H
#define TENGEN_NET_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

struct net_extent;
struct net_layout;

/* The gradient of a 3x3 convolution's weights, bf16 in, f32 out (AVX-512 BF16).
 *
 * Two rows of the batch are summed at a time: the pairs of the dot products are the same point of two rows, so that
 * shifting the board never breaks a pair. Taps off the board are skipped instead of multiplied by zero, which on 9x9
 * saves a seventh of the nominal operations. */
bool net_weights_kernel_fits(struct net_layout in, struct net_layout out);
size_t net_weights_kernel_scratch(struct net_extent e, struct net_layout in, struct net_layout out); /* bytes */
/* Adds to weight [3][3][in.padded][out.padded] and bias [out.padded]. scratch is aligned to 64 bytes. */
void net_weights_kernel(struct net_extent e, struct net_layout in, struct net_layout out, const void *src,
                        const void *diff_dst, float *weight, float *bias, void *scratch);

#endif

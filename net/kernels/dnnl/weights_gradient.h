/* Kernels of our own, where they beat the library by enough. Each is held against the plain reference on random shapes
 * (tests/net/kernels/test_ops.c), and used only on a processor that has its instructions. Pure functions, any thread. */
#ifndef TENGEN_NET_KERNELS_KERNELS_H
#define TENGEN_NET_KERNELS_KERNELS_H

#include "net/kernels/packed.h"
#include <stdbool.h>

/* The gradient of a 3x3 convolution's weights, bf16 in, f32 out (AVX-512 BF16).
 *
 * The sum over the batch is taken two rows at a time: dot products of pairs multiply the same point of two rows, so no
 * shift of the board ever breaks a pair, and taps that lie off the board are left out instead of multiplied by zero,
 * which on 9x9 saves a seventh of the work that is counted for it. */
bool net_weights_kernel_fits(struct net_layout in, struct net_layout out);
size_t net_weights_kernel_scratch(struct net_layout in, struct net_layout out, int size); /* bytes */
/* Adds to weight [3][3][in.padded][out.padded] and bias [out.padded]. scratch is aligned to 64 bytes. */
void net_weights_kernel(struct net_extent e, struct net_layout in, struct net_layout out, const void *src,
                        const void *diff_dst, float *weight, float *bias, void *scratch);

#endif

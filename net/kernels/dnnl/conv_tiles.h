/* 3x3 convolutions in bf16 on tiles (AMX), forward and the gradient of the data; faster than the library's, and without its CPUID instruction per
 * call, which takes 20 µs or more in a virtual machine. Only for activations whose channels are all adjacent, [n][points][padded], and
 * a multiple of 32. tests/net/kernels/test_conv_tiles.c compares with sums by hand. Pure functions, any thread. */
#ifndef TENGEN_NET_KERNELS_DNNL_CONV_TILES_H
#define TENGEN_NET_KERNELS_DNNL_CONV_TILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net_extent;
struct net_layout;

/* Whether the processor has tiles, and these layouts are as above. */
bool net_conv_tiles_fits(struct net_layout in, struct net_layout out);

/* Weights as tiles want them, of so many padded channels. */
size_t net_conv_tiles_weights_bytes(int in, int out);
/* From plain weights [outs][ins][3][3], rounded to bf16. transposed: those of the convolution that computes the gradient of the data, from
 * `outs` channels to `ins`. to: aligned to 64 bytes. */
void net_conv_tiles_pack(const float *plain, int ins, int outs, bool transposed, void *to);

struct net_conv_tiles {
    int in, out;         /* padded channels */
    const void *weights; /* packed */
    const float *bias;   /* [out]; NULL: 0 */
    bool add;            /* adds what dst holds */
    bool relu;           /* afterwards */
};
size_t net_conv_tiles_scratch_bytes(struct net_extent e, int in);
/* dst = act(conv(src) + bias [+ dst]); sums in f32, rounded to nearest. scratch: aligned to 64 bytes. src and dst do not overlap. */
void net_conv_tiles(const struct net_conv_tiles *conv, struct net_extent e, const uint16_t *src, uint16_t *dst,
                    void *scratch);

#endif

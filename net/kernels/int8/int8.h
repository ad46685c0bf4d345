/* Tensors and convolutions in int8.
 *
 * A quantised tensor holds values from 0 up as bytes, in units of its channel's scale; channels lie in blocks of 16
 * (see packed.h). A tensor that a residual sum is added to, or that the heads read, keeps the same values a second time
 * in 16 bits, behind the bytes, in units of scale16 / 256, so that rounding errors do not accumulate from block to
 * block. All tensors of a residual stream share their scale16, so a sum needs no change of units; the scales of the
 * bytes are each tensor's own, as values grow from block to block.
 *
 *   quantised [n][padded/16][points][16] uint8_t, then as many uint16_t where the tensor has them
 *
 * Weights are signed bytes with one scale for each output channel; the scales of the input's channels are folded into
 * them. The first convolution's rounding residue has input channels of its own (net_int8_residue). Sums are exact in
 * int32_t, and every kernel rounds alike, so all give the same bits. Pure functions, any thread. */
#ifndef TENGEN_NET_KERNELS_INT8_INT8_H
#define TENGEN_NET_KERNELS_INT8_INT8_H

#include "net/kernels/packed.h"
#include <stdbool.h>

enum {
    NET_INT8_BLOCK = 16,
    NET_INT8_QUAD = 4,        /* input channels that are multiplied at once */
    NET_INT8_U16_UNITS = 256, /* of the 16-bit values in one scale16 */
};
/* Scales of the planes, which are 0 to 1, and of their copies for the weights' residue. */
#define NET_INT8_PLANE_SCALE (1.0f / 240)
#define NET_INT8_RESIDUE_SCALE (1.0f / 2)

enum net_int8_form { NET_INT8_F32, NET_INT8_U8, NET_INT8_U8_U16 };

struct net_int8_conv {
    int in, out; /* channels, padded to blocks */
    int kernel;  /* 1 or 3 */
    bool relu;
    bool add;                /* dst has 16-bit values, which are added before the relu */
    enum net_int8_form form; /* of dst; F32: in the same blocks, and in units of 1 */
    bool u16;                /* real() reads the 16-bit values of a quantised tensor; else floats */
    int8_t *weight;          /* [out/16][k][k][in/4][16][4], aligned to 64 bytes */
    float *real;             /* [out/16][k][k][in][16], of real() instead */
    float *scale, *bias;     /* [out]: unit of the sum, and the bias, in units of dst (scale16 where it has 16 bits) */
    float *ratio;            /* [out]: scale16 over scale of dst */
};

struct net_int8_kernel {
    const char *name;
    bool (*fits)(void); /* on this processor */
    void (*conv)(const struct net_int8_conv *conv, struct net_extent e, const uint8_t *src, void *dst);
    /* The same in f32, from blocks of 16 floats or 16-bit values; nothing is added to dst. */
    void (*real)(const struct net_int8_conv *conv, struct net_extent e, const void *src, void *dst);
    /* relu(x + bias [n][count] on channels [first, first+count)), x in blocks of 16 floats, into a quantised tensor
     * with these scales; scales16: NULL where it has no 16-bit values. */
    void (*bias_relu)(struct net_extent e, struct net_layout l, const float *x, int first, int count, const float *bias,
                      const float *scales, const float *scales16, void *out);
};
/* Fastest first, the plain one last; NULL at the end. */
extern const struct net_int8_kernel *const net_int8_kernels[];
/* The fastest that fits; NULL unless a kernel with instructions for it does: the plain one is slower than f32. */
const struct net_int8_kernel *net_int8_kernel_best(void);

/* Bytes of one point of one row of a quantised tensor. */
size_t net_int8_width(int padded, bool u16);
/* What rounding leaves of the first convolution's weights is multiplied by copies of the planes, which lie in the
 * channels that padding leaves free, in units of NET_INT8_RESIDUE_SCALE. There is room for a few: the planes with the
 * highest mean have one, as their weights' rounding matters most. residue [at most NET_INT8_BLOCK]: the planes; the
 * i-th has channel l.channels + i. Returns how many there are. */
int net_int8_residue(struct net_layout l, const float *mean, int *residue);
/* Planes [n][channels][points] of 0 to 1. */
void net_int8_load(struct net_extent e, struct net_layout l, const int *residue, int residues, const float *planes,
                   uint8_t *x);
/* For the kernels: what is added to the channels of a block, and one over their scales. */
struct net_int8_lanes {
    float add[NET_INT8_BLOCK], u8[NET_INT8_BLOCK], u16[NET_INT8_BLOCK];
};
struct net_int8_lanes net_int8_bias_lanes(struct net_layout l, int block, int first, int count, const float *bias,
                                          const float *scales, const float *scales16);

extern const struct net_int8_kernel net_int8_plain, net_int8_avx, net_int8_avx512;

#endif

/* Tensors and convolutions in int8.
 *
 * A quantised tensor stores non-negative values as bytes, in units of the channel's scale, in blocks of 16 channels
 * (see packed.h). A tensor to which a residual sum is added, or which the heads read, also stores the same values in 16
 * bits, after the bytes, in units of scale16 / 256, so that rounding errors do not accumulate from block to block. All
 * tensors of a residual stream share one scale16, so that they can be added without rescaling; the scales of the bytes
 * differ, because values grow from block to block.
 *
 *   quantised [n][padded/16][points][16] uint8_t, followed by as many uint16_t if the tensor has them
 *
 * Weights are signed bytes with a scale per output channel; the scales of the input channels are folded into them. The
 * rounding residue of the first convolution's weights has input channels of its own (net_int8_residue). Sums are exact
 * in int32_t, and all kernels round alike, so their results are identical. Pure functions, any thread. */
#ifndef TENGEN_NET_KERNELS_INT8_INT8_H
#define TENGEN_NET_KERNELS_INT8_INT8_H

#include "net/kernels/packed.h"
#include <stdbool.h>

enum {
    NET_INT8_BLOCK = 16,
    NET_INT8_QUAD = 4,        /* input channels per dot-product instruction */
    NET_INT8_U16_UNITS = 256, /* units of the 16-bit values per scale16 */
};
/* Scales of the input planes, whose values are 0 to 1, and of their copies for the weights' residue. */
#define NET_INT8_PLANE_SCALE (1.0f / 240)
#define NET_INT8_RESIDUE_SCALE (1.0f / 2)

enum net_int8_form { NET_INT8_F32, NET_INT8_U8, NET_INT8_U8_U16 };

struct net_int8_conv {
    int in, out; /* channels, padded to blocks */
    int kernel;  /* 1 or 3 */
    bool relu;
    bool add;                /* adds the 16-bit values of dst before the ReLU */
    enum net_int8_form form; /* format of dst; F32: floats in the same blocks */
    bool u16;                /* real() reads the 16-bit values of a quantised tensor; otherwise floats */
    int8_t *weight;          /* [out/16][k][k][in/4][16][4], aligned to 64 bytes; NULL: real() computes it */
    void *transformed;       /* what `transform` of the kernel made of them; NULL: nothing */
    float *real;             /* [out/16][k][k][in][16], the weights for real() */
    float *scale, *bias;     /* [out]: one unit of the sum, and the bias, in units of dst (scale16 if it has 16 bits) */
    float *ratio;            /* [out]: scale16 / scale of dst */
};

struct net_int8_kernel {
    const char *name;
    bool (*fits)(void); /* whether this processor has the instructions */
    bool (*pays)(void); /* whether, with them, it is faster than f32 there */
    void (*conv)(const struct net_int8_conv *conv, struct net_extent e, const uint8_t *src, void *dst);
    /* A convolution in f32, from blocks of 16 floats or 16-bit values; without a residual sum. */
    void (*real)(const struct net_int8_conv *conv, struct net_extent e, const void *src, void *dst);
    /* out = relu(x + bias [n][count] on channels [first, first+count)), from blocks of 16 floats to a quantised tensor
     * with these scales; scales16: NULL if it has no 16-bit values. */
    void (*bias_relu)(struct net_extent e, struct net_layout l, const float *x, int first, int count, const float *bias,
                      const float *scales, const float *scales16, void *out);
    /* For a kernel that computes faster from another form of the weights: its bytes, 0 if it has none for this convolution, and the weights
     * in it. NULL: it has none. */
    size_t (*transformed_bytes)(const struct net_int8_conv *conv);
    void (*transform)(const struct net_int8_conv *conv, void *to); /* aligned to 64 bytes */
};
/* Fastest first, plain C last; NULL-terminated. */
extern const struct net_int8_kernel *const net_int8_kernels[];
/* The fastest kernel for this processor; NULL if f32 is faster than every kernel that fits, as it always is than plain C. */
const struct net_int8_kernel *net_int8_kernel_best(void);

/* Bytes per point and row of a quantised tensor. */
size_t net_int8_width(int padded, bool u16);
/* The rounding errors of the first convolution's weights are used as additional weights, for copies of the input planes
 * in the padding channels, in units of NET_INT8_RESIDUE_SCALE. There are only a few such channels: they go to the
 * planes with the highest means, for which rounding matters most. residue [up to NET_INT8_BLOCK]: the planes; the copy
 * of the i-th is channel l.channels + i. Returns their number. */
int net_int8_residue(struct net_layout l, const float *mean, int *residue);
/* Quantises planes [n][channels][points] with values of 0 to 1. */
void net_int8_load(struct net_extent e, struct net_layout l, const int *residue, int residues, const float *planes,
                   uint8_t *x);
/* Copies one row to or from [points][channels] floats. scales16: NULL if the tensor has no 16-bit values. If it has, they are
 * read in place of the bytes, and written in addition to them. */
void net_int8_read_row(struct net_extent e, struct net_layout l, const float *scales, const float *scales16,
                       const void *x, int row, float *out);
void net_int8_write_row(struct net_extent e, struct net_layout l, const float *scales, const float *scales16, void *x,
                        int row, const float *in);
/* For the kernels: the bias of the channels of a block, and the reciprocals of their scales. */
struct net_int8_lanes {
    float add[NET_INT8_BLOCK], u8[NET_INT8_BLOCK], u16[NET_INT8_BLOCK];
};
struct net_int8_lanes net_int8_bias_lanes(struct net_layout l, int block, int first, int count, const float *bias,
                                          const float *scales, const float *scales16);

/* Winograd's transform for the kernel on AVX2 (winograd.c). */
size_t net_int8_winograd_bytes(const struct net_int8_conv *conv);
void net_int8_winograd_weights(const struct net_int8_conv *conv, void *transformed);
/* `conv` of the kernel, for a convolution with transformed weights. */
void net_int8_winograd(const struct net_int8_conv *conv, struct net_extent e, const uint8_t *src, void *dst);

/* 1x1 convolutions of 16-bit values to floats for the kernel on tiles (amx_words.c): its transformed weights, and `real` with them. */
size_t net_int8_amx_words_bytes(const struct net_int8_conv *conv);
void net_int8_amx_words_weights(const struct net_int8_conv *conv, void *transformed);
void net_int8_amx_words(const struct net_int8_conv *conv, struct net_extent e, const uint16_t *src, float *dst);

extern const struct net_int8_kernel net_int8_plain, net_int8_avx2, net_int8_avx, net_int8_avx512, net_int8_amx,
    net_int8_neon;

#endif

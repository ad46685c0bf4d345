/* Tensors and convolutions in int8.
 *
 * A narrow tensor holds values from 0 up, a byte each, in units of a step of its channel; in blocks of 16 channels (see
 * cells.h). One that a residual sum is added to, or that the heads read, carries the same values once more, finer:
 * behind the bytes, as `wide` numbers of 16 bits in units of a wide step / 256, so that what is rounded for the
 * convolutions does not add up from block to block. Wide steps are those of the whole residual stream, so that sums
 * need no change of units; the bytes' steps are each tensor's own, as values grow from block to block.
 *
 *   narrow [n][padded/16][points][16] uint8_t, then, in a wide one, as many uint16_t
 *
 * Weights are signed bytes with a scale for each output channel; the steps of the input's channels are in them. What
 * rounding leaves of the first convolution's weights has bytes of its own (net_int8_fine). Sums are exact in int32_t,
 * and every kernel rounds alike: it gives the same bits. Pure functions, any thread. */
#ifndef TENGEN_NET_KERNELS_INT8_H
#define TENGEN_NET_KERNELS_INT8_H

#include "net/kernels/cells.h"
#include <stdbool.h>

enum {
    NET_INT8_BLOCK = 16,
    NET_INT8_QUAD = 4, /* input channels that are multiplied at once */
    NET_INT8_FINER = 256,
};
/* Of the planes, which are 0 to 1, and of their second, fine bytes. */
#define NET_INT8_PLANE_STEP (1.0f / 240)
#define NET_INT8_FINE_STEP (1.0f / 2)

enum net_int8_form { NET_INT8_REAL, NET_INT8_NARROW, NET_INT8_WIDE };

struct net_int8_conv {
    int in, out; /* channels, padded to blocks */
    int kernel;  /* 1 or 3 */
    bool relu;
    bool add;                /* dst is wide and holds what is added, before the relu */
    enum net_int8_form form; /* of dst; REAL: float, in the same blocks, and in units of 1 */
    bool words;              /* what real() reads is the wide part of a tensor instead of floats */
    int8_t *weight;          /* [out/16][k][k][in/4][16][4], aligned to 64 bytes */
    float *real;             /* [out/16][k][k][in][16], of real() instead */
    float *scale, *bias; /* [out]: a unit of the sum, and the bias, in units of dst (wide ones, where it has such) */
    float *ratio;        /* [out], of a wide dst: its wide step over its narrow one */
};

struct net_int8_kernel {
    const char *name;
    bool (*fits)(void); /* on this processor */
    void (*conv)(const struct net_int8_conv *conv, struct net_extent e, const uint8_t *src, void *dst);
    /* The same in f32, from blocks of 16 floats or words; nothing is added to dst. */
    void (*real)(const struct net_int8_conv *conv, struct net_extent e, const void *src, void *dst);
    /* relu(x + bias [n][count] on channels [first, first+count)), x in blocks of 16 floats, into a narrow tensor of
     * these steps; wide_steps: of a wide one, else NULL. */
    void (*shift)(struct net_extent e, struct net_layout l, const float *x, int first, int count, const float *bias,
                  const float *steps, const float *wide_steps, void *out);
};
/* Fastest first, the plain one last; NULL at the end. */
extern const struct net_int8_kernel *const net_int8_kernels[];
/* The fastest that fits; NULL unless a kernel with instructions for it does: the plain one is slower than f32. */
const struct net_int8_kernel *net_int8_kernel_best(void);

/* Bytes of a point of a row. */
size_t net_int8_width(int padded, bool wide);
/* The planes that have a second byte, in units of NET_INT8_FINE_STEP, in one of the channels that padding leaves free:
 * those with the highest mean, as their weights' rounding matters most. fine [at most NET_INT8_BLOCK]; returns how
 * many there are; fine[i] has channel l.channels + i. */
int net_int8_fine(struct net_layout l, const float *mean, int *fine);
/* Planes [n][channels][points] of 0 to 1. */
void net_int8_load(struct net_extent e, struct net_layout l, const int *fine, int fines, const float *planes,
                   uint8_t *x);
/* For the kernels: what shift adds to the channels of a block, and one over their steps, narrow and wide. */
struct net_int8_lanes {
    float add[NET_INT8_BLOCK], narrow[NET_INT8_BLOCK], wide[NET_INT8_BLOCK];
};
struct net_int8_lanes net_int8_shift_lanes(struct net_layout l, int block, int first, int count, const float *bias,
                                           const float *steps, const float *wide_steps);

extern const struct net_int8_kernel net_int8_plain, net_int8_avx, net_int8_avx512;

#endif

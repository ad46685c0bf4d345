/* Tensors and convolutions in int8.
 *
 * A narrow tensor holds values from 0 up, a byte each, in units of a step of its channel; in blocks of 16 channels (see
 * cells.h). One that a residual sum is added to carries the same values once more, finer: behind the bytes, as
 * `wide` numbers of 16 bits in units of a step / 256, so that what is rounded for the convolutions does not add up
 * from block to block.
 *
 *   narrow [n][padded/16][points][16] uint8_t, then, in a wide one, as many uint16_t
 *
 * Weights are signed bytes with a scale for each output channel; the steps of the input's channels are in them. Sums
 * are exact in int32_t, and every kernel rounds alike: it gives the same bits. Pure functions, any thread. */
#ifndef TENGEN_NET_INT8_H
#define TENGEN_NET_INT8_H

#include "net/cells.h"
#include <stdbool.h>

enum {
    NET_INT8_BLOCK = 16,
    NET_INT8_QUAD = 4, /* input channels that are multiplied at once */
    NET_INT8_FINER = 256,
};
#define NET_INT8_PLANE_STEP (1.0f / 240) /* of the planes, which are 0 to 1 */

enum net_int8_form { NET_INT8_REAL, NET_INT8_NARROW, NET_INT8_WIDE };

struct net_int8_conv {
    int in, out; /* channels, padded to blocks */
    int kernel;  /* 1 or 3 */
    bool relu;
    bool add;                /* dst is wide and holds what is added, before the relu */
    enum net_int8_form form; /* of dst; REAL: float, in the same blocks, and in units of 1 */
    int8_t *weight;          /* [out/16][k][k][in/4][16][4], aligned to 64 bytes */
    float *real;             /* [out/16][k][k][in][16], where what is read is real instead */
    float *scale, *bias;     /* [out]: a unit of the sum, and the bias, in units of dst */
};

struct net_int8_kernel {
    const char *name;
    bool (*fits)(void); /* on this processor */
    void (*conv)(const struct net_int8_conv *conv, struct net_extent e, const uint8_t *src, void *dst);
    /* The same with real input, in blocks of 16 floats; nothing is added to dst. */
    void (*real)(const struct net_int8_conv *conv, struct net_extent e, const float *src, void *dst);
    /* relu(x + bias [n][count] on channels [first, first+count)), x in blocks of 16 floats, into a narrow or wide
     * tensor of these steps. */
    void (*shift)(struct net_extent e, struct net_layout l, const float *x, int first, int count, const float *bias,
                  const float *steps, bool wide, void *out);
};
/* Fastest first, the plain one last; NULL at the end. */
extern const struct net_int8_kernel *const net_int8_kernels[];
/* The fastest that fits; NULL unless a kernel with instructions for it does: the plain one is slower than f32. */
const struct net_int8_kernel *net_int8_kernel_best(void);

/* Bytes of a point of a row. */
size_t net_int8_width(int padded, bool wide);
/* Planes [n][channels][points] of 0 to 1. */
void net_int8_load(struct net_extent e, struct net_layout l, const float *planes, uint8_t *x);
/* For the kernels: what shift adds to the channels of a block, and one over their steps. */
void net_int8_shift_lanes(struct net_layout l, int block, int first, int count, const float *bias, const float *steps,
                          float add[NET_INT8_BLOCK], float inverse[NET_INT8_BLOCK]);

extern const struct net_int8_kernel net_int8_plain, net_int8_avx, net_int8_avx512;

#endif

/* What the int8 kernels do with the sums of a convolution: scale, bias, residual sum, ReLU, and rounding into the format of the
 * result. Compiled into each of them with its own vectors. */
#ifndef TENGEN_NET_KERNELS_INT8_FINISH_H
#define TENGEN_NET_KERNELS_INT8_FINISH_H

#include "net/kernels/int8/int8.h"
#include "net/kernels/int8/vectors.h"

/* Store a block of values in units of scale, or of scale16, rounded like the kernel in plain C. */
INLINE void store_u8(reals v, uint8_t *low)
{
    store_bytes(low, reals_add(reals_min(v, reals_set(255)), reals_set(0.5f)));
}

INLINE void store_u16(reals v, uint16_t *high)
{
    v = reals_min(reals_mul(v, reals_set(NET_INT8_U16_UNITS)), reals_set(65535));
    store_words(high, reals_add(v, reals_set(0.5f)));
}

/* A point of bias_relu(); high: NULL if the tensor has no 16-bit values. */
INLINE void bias_point(const float *x, reals add, reals to_u8, reals to_u16, uint8_t *low, uint16_t *high)
{
    const reals v = reals_max(reals_add(reals_load(x), add), reals_set(0));
    store_u8(reals_mul(v, to_u8), low);
    if (high)
        store_u16(reals_mul(v, to_u16), high);
}

/* Finishes sums [count][16] of adjacent points from element `at`; bytes: size of dst before its 16-bit values. */
INLINE void finish(const struct net_int8_conv *conv, int block, const reals *sums, int count, size_t at, size_t bytes,
                   void *dst)
{
    const reals scale = reals_load(conv->scale + block * NET_INT8_BLOCK);
    const reals bias = reals_load(conv->bias + block * NET_INT8_BLOCK);
    uint8_t *low = (uint8_t *)dst + at;
    uint16_t *high = (uint16_t *)((uint8_t *)dst + bytes) + at;
    for (int p = 0; p < count; p++, low += NET_INT8_BLOCK, high += NET_INT8_BLOCK) {
        reals v = reals_add(reals_mul(sums[p], scale), bias);
        if (conv->add)
            v = reals_add(v, reals_mul(reals_of_words(high), reals_set(1.0f / NET_INT8_U16_UNITS)));
        if (conv->relu)
            v = reals_max(v, reals_set(0));
        if (conv->form == NET_INT8_F32)
            reals_store((float *)dst + at + (size_t)p * NET_INT8_BLOCK, v);
        else if (conv->form == NET_INT8_U8)
            store_u8(v, low);
        else {
            store_u8(reals_mul(v, reals_load(conv->ratio + block * NET_INT8_BLOCK)), low);
            store_u16(v, high);
        }
    }
}

#endif

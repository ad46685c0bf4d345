/* Exponential, logistic sigmoid and hyperbolic tangent for loops that the compiler is to vectorise, which calls of libm would prevent; the
 * same bits on every machine. Relative errors are below 3e-7; that of the exponential grows to 20 times as much for large arguments. */
#ifndef TENGEN_NET_KERNELS_SIGMOIDS_H
#define TENGEN_NET_KERNELS_SIGMOIDS_H

#include <stdint.h>
#include <string.h>

#include "net/real.h"

#define SIGMOIDS_INLINE static inline __attribute__((always_inline))

#ifdef NET_REAL_DOUBLE
SIGMOIDS_INLINE net_real exponential(net_real x)
{
    return net_real_exp(x);
}

SIGMOIDS_INLINE net_real hyperbolic(net_real x)
{
    return net_real_tanh(x);
}
#else
/* 2^t = *scale (1 + *rest): 2^n 2^f with f in [-1/2, 1/2], and 2^f by its Taylor series. For |t| <= 125. */
SIGMOIDS_INLINE void power_of_two(float t, float *scale, float *rest)
{
    const float rounder = 12582912.0f; /* 1.5 * 2^23 */
    const float shifted = t + rounder, y = (t - (shifted - rounder)) * 0.69314718f;
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (int32_t)((uint32_t)(bits - 0x4b400000 + 127) << 23); /* those of the rounder */
    memcpy(scale, &bits, sizeof bits);
    *rest =
        y * (1 + y * (0.5f + y * (0.16666667f + y * (0.041666667f +
                                                     y * (0.0083333333f + y * (0.0013888889f + y * 0.00019841270f))))));
}

/* For |x| < 86; beyond that as at the bound. */
SIGMOIDS_INLINE float exponential(float x)
{
    float t = x * 1.44269504f, scale, rest;
    t = t < -125.0f ? -125.0f : t;
    t = t > 125.0f ? 125.0f : t;
    power_of_two(t, &scale, &rest);
    return scale * rest + scale;
}

/* (exp(2 |x|) - 1) / (exp(2 |x|) + 1) with the sign of x; 1 from 10 on. */
SIGMOIDS_INLINE float hyperbolic(float x)
{
    float size = fabsf(x), scale, rest;
    size = size > 10 ? 10 : size;
    power_of_two(size * (2 * 1.44269504f), &scale, &rest);
    const float less_one = scale * rest + (scale - 1);
    return copysignf(less_one / (less_one + 2), x);
}
#endif

SIGMOIDS_INLINE net_real sigmoid(net_real x)
{
    return 1 / (1 + exponential(-x));
}

#endif

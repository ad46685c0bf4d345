/* The vectors of vectors.h on 64-bit ARM: four NEON registers each, with the dot product of signed bytes that came with ARMv8.2.
 * Included by vectors.h. */
#ifndef TENGEN_NET_KERNELS_INT8_VECTORS_NEON_H
#define TENGEN_NET_KERNELS_INT8_VECTORS_NEON_H
#ifdef __aarch64__

#include <arm_neon.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/auxv.h>

#define TARGET __attribute__((target("arch=armv8.2-a+dotprod")))
enum { LONGEST = 6, LONGEST_OF_3 = 0, BLOCKS = 1, WIDE = 1, SIGNED = 1 };

typedef int32x4x4_t ints;
typedef float32x4x4_t reals;
typedef int8x16_t quad;

static inline bool fits(void)
{
    return getauxval(AT_HWCAP) & HWCAP_ASIMDDP;
}

INLINE ints ints_zero(void)
{
    return (ints){{vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)}};
}

INLINE ints ints_load(const int8_t *from)
{
    ints v;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        v.val[i] = vreinterpretq_s32_s8(vld1q_s8(from + 16 * i));
    return v;
}

INLINE ints ints_add(ints a, ints b)
{
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        a.val[i] = vaddq_s32(a.val[i], b.val[i]);
    return a;
}

INLINE quad quad_set(int bytes)
{
    return vreinterpretq_s8_s32(vdupq_n_s32(bytes));
}

INLINE ints ints_dot(ints sum, quad in, ints weights)
{
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        sum.val[i] = vdotq_s32(sum.val[i], vreinterpretq_s8_s32(weights.val[i]), in);
    return sum;
}

INLINE reals reals_of(ints v)
{
    reals out;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        out.val[i] = vcvtq_f32_s32(v.val[i]);
    return out;
}

INLINE reals reals_set(float v)
{
    return (reals){{vdupq_n_f32(v), vdupq_n_f32(v), vdupq_n_f32(v), vdupq_n_f32(v)}};
}

INLINE reals reals_load(const float *from)
{
    return (reals){{vld1q_f32(from), vld1q_f32(from + 4), vld1q_f32(from + 8), vld1q_f32(from + 12)}};
}

INLINE void reals_store(float *to, reals v)
{
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        vst1q_f32(to + 4 * i, v.val[i]);
}

INLINE reals reals_of_words(const uint16_t *from)
{
    const uint16x8_t low = vld1q_u16(from), high = vld1q_u16(from + 8);
    return (reals){{vcvtq_f32_u32(vmovl_u16(vget_low_u16(low))), vcvtq_f32_u32(vmovl_high_u16(low)),
                    vcvtq_f32_u32(vmovl_u16(vget_low_u16(high))), vcvtq_f32_u32(vmovl_high_u16(high))}};
}

/* a of each register, in turn, by a function of two registers. */
#define REALS(name, function)                                                                                          \
    INLINE reals name(reals a, reals b)                                                                                \
    {                                                                                                                  \
        return (reals){{function(a.val[0], b.val[0]), function(a.val[1], b.val[1]), function(a.val[2], b.val[2]),      \
                        function(a.val[3], b.val[3])}};                                                                \
    }
REALS(reals_add, vaddq_f32)
REALS(reals_mul, vmulq_f32)
REALS(reals_min, vminq_f32)
REALS(reals_max, vmaxq_f32)

INLINE reals reals_add_product(reals sum, reals a, reals b)
{
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        sum.val[i] = vfmaq_f32(sum.val[i], a.val[i], b.val[i]);
    return sum;
}

/* Eight values, rounded towards zero; they are in range. */
INLINE uint16x8_t words(float32x4_t low, float32x4_t high)
{
    return vmovn_high_u32(vmovn_u32(vcvtq_u32_f32(low)), vcvtq_u32_f32(high));
}

INLINE void store_bytes(uint8_t *to, reals v)
{
    vst1q_u8(to, vmovn_high_u16(vmovn_u16(words(v.val[0], v.val[1])), words(v.val[2], v.val[3])));
}

INLINE void store_words(uint16_t *to, reals v)
{
    vst1q_u16(to, words(v.val[0], v.val[1]));
    vst1q_u16(to + 8, words(v.val[2], v.val[3]));
}

#endif
#endif

/* Vectors of 16 numbers for the int8 kernels (vnni.c): one AVX-512 register each, or a pair of AVX2 registers where
 * NET_INT8_AVX or NET_INT8_AVX2 is defined, with the dot product of AVX-VNNI or without it; on ARM four NEON registers
 * (vectors_neon.h).
 *
 *   ints, reals   16 sums as int32, as float
 *   quad          four bytes of input, repeated to fill a register
 *
 * SIGNED: the dot product takes signed bytes only, so inputs are shifted by -128, for which vnni.c compensates the sums.
 *
 * Without a dot product of bytes, WIDE is 2: inputs and weights are widened to 16 bits beforehand and multiplied in pairs (vpmaddwd), one
 * pair per 32-bit lane. The sums are exact. The instruction for pairs of bytes (vpmaddubsw) does twice as much, but saturates at 16
 * bits. Winograd's transform (winograd.c) reduces the number of products of 3x3 convolutions. */
#ifndef TENGEN_NET_KERNELS_INT8_VECTORS_H
#define TENGEN_NET_KERNELS_INT8_VECTORS_H

#include <stdbool.h>
#include <stdint.h>

#define INLINE TARGET static inline __attribute__((always_inline))

#if defined(__aarch64__)
#include "net/kernels/int8/vectors_neon.h" /* IWYU pragma: export */
#else
#include <cpuid.h> /* IWYU pragma: keep */
#include <immintrin.h>

enum { SIGNED = 0 };

/* LONGEST: maximum number of points of a stretch; LONGEST_OF_3: with three blocks of output channels. The registers
 * hold the sums, the weights of each block, and a quad. */
#if defined(NET_INT8_AVX) || defined(NET_INT8_AVX2)

#ifdef NET_INT8_AVX
#define TARGET __attribute__((target("avx2,fma,avxvnni")))
enum { LONGEST = 6, LONGEST_OF_3 = 0, BLOCKS = 1, WIDE = 1 };
#else
#define TARGET __attribute__((target("avx2,fma")))
enum { LONGEST = 6, LONGEST_OF_3 = 0, BLOCKS = 1, WIDE = 2 };
#endif

typedef struct {
    __m256i low, high;
} ints;
typedef struct {
    __m256 low, high;
} reals;
typedef __m256i quad;

static inline bool fits(void)
{
    __builtin_cpu_init();
    bool found = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#ifdef NET_INT8_AVX
    unsigned a, b, c, d;
    found = found && __get_cpuid_count(7, 1, &a, &b, &c, &d) && a >> 4 & 1;
#endif
    return found;
}

#ifdef NET_INT8_AVX2
/* With registers of twice the width f32 is a tenth to a fifth faster. */
static inline bool pays(void)
{
    return !__builtin_cpu_supports("avx512f");
}
#endif

INLINE ints ints_zero(void)
{
    return (ints){_mm256_setzero_si256(), _mm256_setzero_si256()};
}

INLINE ints ints_load(const int8_t *from)
{
    return (ints){_mm256_load_si256((const __m256i *)from), _mm256_load_si256((const __m256i *)from + 1)};
}

INLINE ints ints_add(ints a, ints b)
{
    return (ints){_mm256_add_epi32(a.low, b.low), _mm256_add_epi32(a.high, b.high)};
}

INLINE quad quad_set(int bytes)
{
    return _mm256_set1_epi32(bytes);
}

INLINE __m256i dot(__m256i sum, quad in, __m256i weights)
{
#ifdef NET_INT8_AVX
    return _mm256_dpbusd_avx_epi32(sum, in, weights);
#else
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(in, weights));
    __asm__("" : "+x"(sum)); /* GCC would add the products of several inputs first, and keep all of them in memory */
    return sum;
#endif
}

INLINE ints ints_dot(ints sum, quad in, ints weights)
{
    return (ints){dot(sum.low, in, weights.low), dot(sum.high, in, weights.high)};
}

INLINE reals reals_of(ints v)
{
    return (reals){_mm256_cvtepi32_ps(v.low), _mm256_cvtepi32_ps(v.high)};
}

INLINE reals reals_set(float v)
{
    return (reals){_mm256_set1_ps(v), _mm256_set1_ps(v)};
}

INLINE reals reals_load(const float *from)
{
    return (reals){_mm256_loadu_ps(from), _mm256_loadu_ps(from + 8)};
}

INLINE void reals_store(float *to, reals v)
{
    _mm256_storeu_ps(to, v.low);
    _mm256_storeu_ps(to + 8, v.high);
}

INLINE reals reals_of_words(const uint16_t *from)
{
    return (reals){_mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)from))),
                   _mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)from + 1)))};
}

INLINE reals reals_add(reals a, reals b)
{
    return (reals){_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
}

INLINE reals reals_mul(reals a, reals b)
{
    return (reals){_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
}

INLINE reals reals_add_product(reals sum, reals a, reals b)
{
    return (reals){_mm256_fmadd_ps(a.low, b.low, sum.low), _mm256_fmadd_ps(a.high, b.high, sum.high)};
}

INLINE reals reals_min(reals a, reals b)
{
    return (reals){_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high)};
}

INLINE reals reals_max(reals a, reals b)
{
    return (reals){_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)};
}

/* Rounds towards zero; v is in range. */
INLINE __m256i words(reals v)
{
    __m256i packed = _mm256_packus_epi32(_mm256_cvttps_epi32(v.low), _mm256_cvttps_epi32(v.high));
    return _mm256_permute4x64_epi64(packed, 0xd8);
}

INLINE void store_bytes(uint8_t *to, reals v)
{
    __m256i w = words(v);
    _mm_storeu_si128((__m128i *)to, _mm_packus_epi16(_mm256_castsi256_si128(w), _mm256_extracti128_si256(w, 1)));
}

INLINE void store_words(uint16_t *to, reals v)
{
    _mm256_storeu_si256((__m256i *)to, words(v));
}

#else

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
enum { LONGEST = 10, LONGEST_OF_3 = 9, BLOCKS = 3, WIDE = 1 };

typedef __m512i ints;
typedef __m512 reals;
typedef __m512i quad;

static inline bool fits(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

#define ints_zero _mm512_setzero_si512
#define ints_load _mm512_load_si512
#define ints_add _mm512_add_epi32
#define ints_dot _mm512_dpbusd_epi32
#define quad_set _mm512_set1_epi32
#define reals_of _mm512_cvtepi32_ps
#define reals_set _mm512_set1_ps
#define reals_load _mm512_loadu_ps
#define reals_store _mm512_storeu_ps
#define reals_add _mm512_add_ps
#define reals_mul _mm512_mul_ps
#define reals_add_product(sum, a, b) _mm512_fmadd_ps(a, b, sum)
#define reals_min _mm512_min_ps
#define reals_max _mm512_max_ps

INLINE reals reals_of_words(const uint16_t *from)
{
    return _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)from)));
}

/* Rounds towards zero; v is in range. */
INLINE void store_bytes(uint8_t *to, reals v)
{
    _mm_storeu_si128((__m128i *)to, _mm512_cvtepi32_epi8(_mm512_cvttps_epi32(v)));
}

INLINE void store_words(uint16_t *to, reals v)
{
    _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi32_epi16(_mm512_cvttps_epi32(v)));
}

#endif
#endif

#endif

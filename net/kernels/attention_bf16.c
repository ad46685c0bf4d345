/* Attention for AVX-512 BF16: products and means by instructions that multiply pairs of bf16 numbers and add to f32 sums,
 * exponentials to 1e-4, which is less than bf16 rounds by. */
#include "net/kernels/attention.h"

#include <glib.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))
#define INLINE TARGET static inline __attribute__((always_inline))

enum { LANES = 16, SUMS = 8 };

static bool fits(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

/* Pairs of adjacent channels, or keys, as one number. */
struct work {
    int pairs;        /* of channels */
    uint32_t *key;    /* [keys][pairs] */
    uint32_t *value;  /* [pairs of keys][width] */
    uint32_t *query;  /* lanes [pairs] */
    float *weights;   /* lanes [keys], with room for SUMS more */
    uint32_t *packed; /* lanes [pairs of keys] */
    float *out;       /* lanes [width] */
};

static struct work work_divide(const struct net_attention *a, float *workspace)
{
    struct work w = {.pairs = (a->depth + 1) / 2};
    int key_pairs = (a->keys + 1) / 2;
    w.weights = workspace;
    w.out = w.weights + (a->keys + SUMS) * LANES;
    w.query = (uint32_t *)(w.out + a->width * LANES);
    w.packed = w.query + w.pairs * LANES;
    w.key = w.packed + key_pairs * LANES;
    w.value = w.key + a->keys * w.pairs;
    g_assert((size_t)((float *)w.value - workspace) + (size_t)(key_pairs * a->width) <= net_attention_workspace(a));
    return w;
}

/* Two numbers as a pair of bf16, rounded to nearest. */
INLINE uint32_t pair_of(float low, float high)
{
    uint32_t l, h;
    memcpy(&l, &low, sizeof l);
    memcpy(&h, &high, sizeof h);
    return (l + 0x8000) >> 16 | ((h + 0x8000) & 0xffff0000);
}

/* Pairs of adjacent channels of rows; an odd one is paired with 0. */
INLINE void pack_channels(const float *rows, size_t stride, int count, int channels, uint32_t *to)
{
    for (int i = 0; i < count; i++, rows += stride) {
        for (int c = 0; c + 2 <= channels; c += 2)
            *to++ = pair_of(rows[c], rows[c + 1]);
        if (channels % 2)
            *to++ = pair_of(rows[channels - 1], 0);
    }
}

/* Pairs of adjacent rows. */
INLINE void pack_rows(const float *rows, size_t stride, int count, int channels, uint32_t *to)
{
    for (int i = 0; i < count; i += 2, rows += 2 * stride)
        for (int c = 0; c < channels; c++)
            *to++ = pair_of(rows[c], i + 1 < count ? rows[stride + (size_t)c] : 0);
}

/* Lanes [pairs] of up to 16 queries. */
INLINE void pack_queries(const float *rows, size_t stride, int count, int channels, uint32_t *lanes)
{
    for (int c = 0; c < channels; c += 2, lanes += LANES)
        for (int i = 0; i < LANES; i++) {
            const float *row = rows + (size_t)i * stride + (size_t)c;
            lanes[i] = i < count ? pair_of(row[0], c + 1 < channels ? row[1] : 0) : 0;
        }
}

INLINE __m512 dot(__m512 sum, __m512i lanes, uint32_t pair)
{
    return _mm512_dpbf16_ps(sum, (__m512bh)lanes, (__m512bh)_mm512_set1_epi32((int)pair));
}

/* Adds to the scores of `count` adjacent keys; returns the highest of each lane. */
INLINE __m512 score(int count, const struct work *w, int j, __m512 highest)
{
    __m512 sums[SUMS];
    const uint32_t *key = w->key + (size_t)j * (size_t)w->pairs;
    float *to = w->weights + j * LANES;
#pragma GCC unroll 8
    for (int k = 0; k < count; k++)
        sums[k] = _mm512_load_ps(to + k * LANES);
    for (int c = 0; c < w->pairs; c++) {
        const __m512i query = _mm512_load_si512(w->query + c * LANES);
#pragma GCC unroll 8
        for (int k = 0; k < count; k++)
            sums[k] = dot(sums[k], query, key[k * w->pairs + c]);
    }
#pragma GCC unroll 8
    for (int k = 0; k < count; k++) {
        _mm512_store_ps(to + k * LANES, sums[k]);
        highest = _mm512_max_ps(highest, sums[k]);
    }
    return highest;
}

/* exp(x - highest), as 2^n 2^f with f in [-1/2, 1/2]. */
INLINE __m512 exponential(__m512 x, __m512 highest)
{
    const __m512 t = _mm512_mul_ps(_mm512_sub_ps(x, highest), _mm512_set1_ps(1.44269504f));
    const __m512 n = _mm512_roundscale_ps(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC), f = _mm512_sub_ps(t, n);
    static const float factors[] = {0.00961813f, 0.0555041f, 0.240227f, 0.693147f, 1}; /* Taylor's */
    __m512 power = _mm512_set1_ps(factors[0]);
#pragma GCC unroll 4
    for (int i = 1; i < 5; i++)
        power = _mm512_fmadd_ps(power, f, _mm512_set1_ps(factors[i]));
    return _mm512_scalef_ps(power, n);
}

/* Packs the weights, and returns the reciprocals of their sums. */
INLINE __m512 softmax(const struct work *w, int keys, __m512 highest)
{
    __m512 sum = _mm512_setzero_ps();
    const __m512i half = _mm512_set1_epi32(0x8000), upper = _mm512_set1_epi32((int)0xffff0000);
    for (int j = 0; j < keys; j += 2) {
        const float *x = w->weights + j * LANES;
        const __m512 a = exponential(_mm512_load_ps(x), highest);
        const __m512 b = j + 1 < keys ? exponential(_mm512_load_ps(x + LANES), highest) : _mm512_setzero_ps();
        const __m512i low = _mm512_srli_epi32(_mm512_add_epi32(_mm512_castps_si512(a), half), 16);
        const __m512i high = _mm512_and_si512(_mm512_add_epi32(_mm512_castps_si512(b), half), upper);
        sum = _mm512_add_ps(sum, _mm512_add_ps(a, b));
        _mm512_store_si512(w->packed + j / 2 * LANES, _mm512_or_si512(low, high));
    }
    return _mm512_div_ps(_mm512_set1_ps(1), sum);
}

/* Means of `count` adjacent channels. */
INLINE void mean(int count, const struct work *w, int keys, int width, int c, __m512 share)
{
    __m512 sums[SUMS];
    const uint32_t *value = w->value + c;
#pragma GCC unroll 8
    for (int k = 0; k < count; k++)
        sums[k] = _mm512_setzero_ps();
    for (int j = 0; j < (keys + 1) / 2; j++, value += width) {
        const __m512i weights = _mm512_load_si512(w->packed + j * LANES);
#pragma GCC unroll 8
        for (int k = 0; k < count; k++)
            sums[k] = dot(sums[k], weights, value[k]);
    }
#pragma GCC unroll 8
    for (int k = 0; k < count; k++)
        _mm512_store_ps(w->out + (c + k) * LANES, _mm512_mul_ps(sums[k], share));
}

/* Up to 16 queries. */
INLINE void forward_block(const struct net_attention *a, const struct work *w)
{
    __m512 highest = _mm512_set1_ps(-INFINITY);
    int j = 0, c = 0;
    for (; j + SUMS <= a->keys; j += SUMS)
        highest = score(SUMS, w, j, highest);
    for (; j < a->keys; j++)
        highest = score(1, w, j, highest);
    const __m512 share = softmax(w, a->keys, highest);
    for (; c + SUMS <= a->width; c += SUMS)
        mean(SUMS, w, a->keys, a->width, c, share);
    for (; c < a->width; c++)
        mean(1, w, a->keys, a->width, c, share);
}

TARGET static void forward(const struct net_attention *a, const float *query, const float *key, const float *value,
                           float *out, float *workspace)
{
    const struct work w = work_divide(a, workspace);
    pack_channels(key, a->key_stride, a->keys, a->depth, w.key);
    pack_rows(value, a->value_stride, a->keys, a->width, w.value);
    for (int first = 0; first < a->queries; first += LANES) {
        int count = MIN(LANES, a->queries - first);
        pack_queries(query + (size_t)first * a->query_stride, a->query_stride, count, a->depth, w.query);
        net_attention_biases(a, first, w.weights);
        forward_block(a, &w);
        for (int i = 0; i < count; i++)
            for (int c = 0; c < a->width; c++)
                out[(size_t)(first + i) * a->out_stride + (size_t)c] = w.out[c * LANES + i];
    }
}

#else

static bool fits(void)
{
    return false;
}

static void forward(const struct net_attention *a, const float *query, const float *key, const float *value, float *out,
                    float *workspace)
{
    net_attention_forward(a, query, key, value, out, workspace);
}

#endif

bool net_attention_has_bf16(void)
{
    static atomic_int known; /* 1: no, 2: yes; CPUID takes microseconds on a virtual machine */
    int is = atomic_load_explicit(&known, memory_order_relaxed);
    if (is == 0) {
        is = fits() ? 2 : 1;
        atomic_store_explicit(&known, is, memory_order_relaxed);
    }
    return is == 2;
}

void net_attention_forward_bf16(const struct net_attention *a, const float *query, const float *key, const float *value,
                                float *out, float *workspace)
{
    if (net_attention_has_bf16())
        forward(a, query, key, value, out, workspace);
    else
        net_attention_forward(a, query, key, value, out, workspace);
}

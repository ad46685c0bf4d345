/* int8 convolutions on AVX-512 VNNI: the sums of a stretch of a line of points, for two or three blocks of output
 * channels, stay in registers over all taps and input channels; taps off the board are left out.
 *
 * Against oneDNN 2.6 with scales that may change (a multiplication by channel behind the sum), one row, 9x9, in one
 * run: 1.25 times at 64 channels, 1.36 at 48; and no primitives to make for every board size. */
#include "net/int8.h"

#include <glib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define INLINE TARGET static inline __attribute__((always_inline))

/* Points of a stretch at most, with that many blocks of output channels: 32 registers hold the sums, a register of
 * weights for each block, and an input. */
enum { LONGEST = 10, LONGEST_OF_3 = 9, BLOCKS = 3 };

static bool fits(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

/* What a stretch needs to know; constants of one convolution. */
struct stretch {
    int size, in_blocks;
    size_t plane;        /* bytes from one block of input channels to the next */
    size_t weight_block; /* ... of output channels' weights */
};

/* One tap: adds to the sums of points [lo, hi) of the stretch; s is where the tap of point 0 lies. */
INLINE void tap(__m512i sums[LONGEST][BLOCKS], int blocks, int lo, int hi, const struct stretch *t, const uint8_t *s,
                const int8_t *weight)
{
    for (int c = 0; c < t->in_blocks; c++, s += t->plane)
#pragma GCC unroll 4
        for (int q = 0; q < NET_INT8_BLOCK / NET_INT8_QUAD; q++, weight += sizeof(__m512i)) {
            __m512i w[BLOCKS];
#pragma GCC unroll 3
            for (int b = 0; b < blocks; b++)
                w[b] = _mm512_load_si512(weight + (size_t)b * t->weight_block);
#pragma GCC unroll 10
            for (int p = lo; p < hi; p++) {
                int quad;
                memcpy(&quad, s + p * NET_INT8_BLOCK + q * NET_INT8_QUAD, sizeof quad);
                __m512i in = _mm512_set1_epi32(quad);
#pragma GCC unroll 3
                for (int b = 0; b < blocks; b++)
                    sums[p][b] = _mm512_dpbusd_epi32(sums[p][b], in, w[b]);
            }
        }
}

/* `length` points from (x, y) on; left, right: whether the line's ends are among them. out [blocks][length], in f32. */
INLINE void run(int length, int blocks, bool left, bool right, int kernel, const struct stretch *t, const uint8_t *src,
                const int8_t *weight, int y, int x, __m512 *out)
{
    __m512i sums[LONGEST][BLOCKS];
    size_t bytes = (size_t)t->in_blocks * NET_INT8_BLOCK * NET_INT8_BLOCK; /* of a tap's weights */
    const uint8_t *s = src + (y * t->size + x) * NET_INT8_BLOCK;
#pragma GCC unroll 10
    for (int p = 0; p < length; p++)
#pragma GCC unroll 3
        for (int b = 0; b < blocks; b++)
            sums[p][b] = _mm512_setzero_si512();
    if (kernel == 1)
        tap(sums, blocks, 0, length, t, s, weight);
    else
        for (int dy = -1; dy <= 1; dy++, weight += 3 * bytes) {
            const uint8_t *line = s + dy * t->size * NET_INT8_BLOCK;
            if (y + dy < 0 || y + dy >= t->size)
                continue;
            tap(sums, blocks, left ? 1 : 0, length, t, line - NET_INT8_BLOCK, weight);
            tap(sums, blocks, 0, length, t, line, weight + bytes);
            tap(sums, blocks, 0, right ? length - 1 : length, t, line + NET_INT8_BLOCK, weight + 2 * bytes);
        }
#pragma GCC unroll 10
    for (int p = 0; p < length; p++)
#pragma GCC unroll 3
        for (int b = 0; b < blocks; b++)
            out[b * length + p] = _mm512_cvtepi32_ps(sums[p][b]);
}

typedef void run_function(const struct stretch *t, const uint8_t *src, const int8_t *weight, int y, int x, __m512 *out);

/* Each is compiled for its length, so that sums are registers. */
#define RUN(kind, length, blocks, left, right, kernel)                                                                 \
    TARGET static __attribute__((noinline)) void run_##kind##_##length##_##blocks(                                     \
        const struct stretch *t, const uint8_t *src, const int8_t *weight, int y, int x, __m512 *out)                  \
    {                                                                                                                  \
        run(length, blocks, left, right, kernel, t, src, weight, y, x, out);                                           \
    }
#define LENGTHS(make, kind, blocks, ...)                                                                               \
    make(kind, 1, blocks, __VA_ARGS__) make(kind, 2, blocks, __VA_ARGS__) make(kind, 3, blocks, __VA_ARGS__)           \
        make(kind, 4, blocks, __VA_ARGS__) make(kind, 5, blocks, __VA_ARGS__) make(kind, 6, blocks, __VA_ARGS__)       \
            make(kind, 7, blocks, __VA_ARGS__) make(kind, 8, blocks, __VA_ARGS__) make(kind, 9, blocks, __VA_ARGS__)
#define BLOCK_COUNTS(kind, ...)                                                                                        \
    LENGTHS(RUN, kind, 1, __VA_ARGS__)                                                                                 \
    LENGTHS(RUN, kind, 2, __VA_ARGS__)                                                                                 \
    LENGTHS(RUN, kind, 3, __VA_ARGS__) RUN(kind, 10, 1, __VA_ARGS__) RUN(kind, 10, 2, __VA_ARGS__)
BLOCK_COUNTS(whole, true, true, 3)
BLOCK_COUNTS(left, true, false, 3)
BLOCK_COUNTS(right, false, true, 3)
BLOCK_COUNTS(points, false, false, 1)

#define NAME(kind, length, blocks, unused) run_##kind##_##length##_##blocks,
#define TABLE(kind)                                                                                                    \
    {                                                                                                                  \
        {LENGTHS(NAME, kind, 1, ) run_##kind##_10_1}, {LENGTHS(NAME, kind, 2, ) run_##kind##_10_2},                    \
            {LENGTHS(NAME, kind, 3, ) NULL},                                                                           \
    }
enum kind { WHOLE, LEFT, RIGHT, POINTS }; /* of a line, or of all points where there is one tap */
static run_function *const runs[][BLOCKS][LONGEST] = {TABLE(whole), TABLE(left), TABLE(right), TABLE(points)};

/* How many of the blocks left are worked at once: twos, and a three where the count is odd and the stretch allows it.
 */
static int blocks_at_once(int left, int longest)
{
    return left == 1 ? 1 : left % 2 == 1 && longest <= LONGEST_OF_3 ? 3 : 2;
}

/* A line, or all points in a row, in stretches of nearly even length. */
struct parts {
    int count, longest;
};

static struct parts parts_of(int length)
{
    int count = (length + LONGEST - 1) / LONGEST;
    return (struct parts){count, (length + count - 1) / count};
}

/* A block of values in units of the tensor, as the plain kernel rounds them. */
INLINE void store(__m512 v, uint8_t *narrow, uint16_t *wide)
{
    const __m512 half = _mm512_set1_ps(0.5f);
    __m512i whole = _mm512_cvttps_epi32(_mm512_add_ps(_mm512_min_ps(v, _mm512_set1_ps(255)), half));
    _mm_storeu_si128((__m128i *)narrow, _mm512_cvtepi32_epi8(whole));
    if (!wide)
        return;
    __m512 fine = _mm512_min_ps(_mm512_mul_ps(v, _mm512_set1_ps(NET_INT8_FINER)), _mm512_set1_ps(65535));
    __m512i fines = _mm512_cvttps_epi32(_mm512_add_ps(fine, half));
    _mm256_storeu_si256((__m256i *)wide, _mm512_cvtepi32_epi16(fines));
}

/* sums [count][16] of `count` points in a row from element `at` on; bytes: of the narrow part of dst. */
INLINE void finish(const struct net_int8_conv *conv, int block, const __m512 *sums, int count, size_t at, size_t bytes,
                   void *dst)
{
    const __m512 scale = _mm512_loadu_ps(conv->scale + block * NET_INT8_BLOCK);
    const __m512 bias = _mm512_loadu_ps(conv->bias + block * NET_INT8_BLOCK), zero = _mm512_setzero_ps();
    uint8_t *narrow = (uint8_t *)dst + at;
    uint16_t *wide = (uint16_t *)((uint8_t *)dst + bytes) + at;
    for (int p = 0; p < count; p++, narrow += NET_INT8_BLOCK, wide += NET_INT8_BLOCK) {
        __m512 v = _mm512_add_ps(_mm512_mul_ps(sums[p], scale), bias);
        if (conv->add) {
            __m512 old = _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)wide)));
            v = _mm512_add_ps(v, _mm512_mul_ps(old, _mm512_set1_ps(1.0f / NET_INT8_FINER)));
        }
        if (conv->relu)
            v = _mm512_max_ps(v, zero);
        if (conv->form == NET_INT8_REAL)
            _mm512_storeu_ps((float *)dst + at + (size_t)p * NET_INT8_BLOCK, v);
        else
            store(v, narrow, conv->form == NET_INT8_WIDE ? wide : NULL);
    }
}

TARGET static void one_row(const struct net_int8_conv *conv, int size, const uint8_t *src, size_t at, size_t bytes,
                           void *dst)
{
    size_t points = (size_t)(size * size), taps = (size_t)(conv->kernel * conv->kernel);
    const struct stretch t = {size, conv->in / NET_INT8_BLOCK, points * NET_INT8_BLOCK,
                              taps * (size_t)conv->in * NET_INT8_BLOCK};
    /* With one tap there are no lines: everything is one of size * size points. */
    int lines = conv->kernel == 1 ? 1 : size, length = conv->kernel == 1 ? size * size : size;
    struct parts parts = parts_of(length);
    for (int b = 0, count; b < conv->out / NET_INT8_BLOCK; b += count) {
        const int8_t *weight = conv->weight + (size_t)b * t.weight_block;
        count = blocks_at_once(conv->out / NET_INT8_BLOCK - b, parts.longest);
        for (int y = 0; y < lines; y++)
            for (int part = 0, x = 0, next; part < parts.count; part++, x = next) {
                __m512 sums[BLOCKS * LONGEST];
                next = (part + 1) * length / parts.count;
                enum kind kind = conv->kernel == 1 ? POINTS : parts.count == 1 ? WHOLE : part == 0 ? LEFT : RIGHT;
                runs[kind][count - 1][next - x - 1](&t, src, weight, y, x, sums);
                for (int i = 0; i < count; i++)
                    finish(conv, b + i, sums + i * (next - x), next - x,
                           at + ((size_t)(b + i) * points + (size_t)(y * size + x)) * NET_INT8_BLOCK, bytes, dst);
            }
    }
}

TARGET static void conv(const struct net_int8_conv *c, struct net_extent e, const uint8_t *src, void *dst)
{
    size_t points = (size_t)(e.size * e.size), bytes = (size_t)e.n * points * (size_t)c->out;
    if (e.size > 2 * LONGEST) { /* no game has such boards */
        net_int8_plain.conv(c, e, src, dst);
        return;
    }
    for (int row = 0; row < e.n; row++)
        one_row(c, e.size, src + (size_t)row * points * (size_t)c->in, (size_t)row * points * (size_t)c->out, bytes,
                dst);
}

/* One tap and block of output channels, eight points at once. */
TARGET static void real(const struct net_int8_conv *c, struct net_extent e, const float *src, void *dst)
{
    size_t points = (size_t)(e.size * e.size), bytes = (size_t)e.n * points * (size_t)c->out, at = 0;
    if (c->kernel != 1) { /* no block of the table needs it */
        net_int8_plain.real(c, e, src, dst);
        return;
    }
    for (int row = 0; row < e.n; row++, src += points * (size_t)c->in)
        for (int b = 0; b < c->out / NET_INT8_BLOCK; b++)
            for (size_t p = 0, count; p < points; p += count, at += count * NET_INT8_BLOCK) {
                __m512 sums[8];
                count = MIN(8, points - p);
                for (int i = 0; i < 8; i++)
                    sums[i] = _mm512_setzero_ps();
                for (int i = 0; i < c->in; i++) {
                    const __m512 w = _mm512_loadu_ps(c->real + (b * c->in + i) * NET_INT8_BLOCK);
                    const float *s =
                        src + ((size_t)(i / NET_INT8_BLOCK) * points + p) * NET_INT8_BLOCK + i % NET_INT8_BLOCK;
                    if (count == 8)
#pragma GCC unroll 8
                        for (int k = 0; k < 8; k++)
                            sums[k] = _mm512_fmadd_ps(_mm512_set1_ps(s[k * NET_INT8_BLOCK]), w, sums[k]);
                    else
                        for (size_t k = 0; k < count; k++)
                            sums[k] = _mm512_fmadd_ps(_mm512_set1_ps(s[k * NET_INT8_BLOCK]), w, sums[k]);
                }
                finish(c, b, sums, (int)count, at, bytes, dst);
            }
}

TARGET static void shift(struct net_extent e, struct net_layout l, const float *x, int first, int count,
                         const float *bias, const float *steps, bool wide, void *out)
{
    size_t points = (size_t)(e.size * e.size), bytes = (size_t)e.n * points * (size_t)l.padded, at = 0;
    for (int row = 0; row < e.n; row++, bias += count)
        for (int b = 0; b < l.padded / NET_INT8_BLOCK; b++) {
            float lanes[2][NET_INT8_BLOCK];
            net_int8_shift_lanes(l, b, first, count, bias, steps, lanes[0], lanes[1]);
            const __m512 add = _mm512_loadu_ps(lanes[0]), inverse = _mm512_loadu_ps(lanes[1]);
            for (size_t p = 0; p < points; p++, at += NET_INT8_BLOCK) {
                __m512 v = _mm512_mul_ps(_mm512_add_ps(_mm512_loadu_ps(x + at), add), inverse);
                store(_mm512_max_ps(v, _mm512_setzero_ps()), (uint8_t *)out + at,
                      wide ? (uint16_t *)((uint8_t *)out + bytes) + at : NULL);
            }
        }
}

const struct net_int8_kernel net_int8_avx512 = {"own:avx512_vnni", fits, conv, real, shift};

#else

static bool fits(void)
{
    return false;
}

const struct net_int8_kernel net_int8_avx512 = {"own:avx512_vnni", fits, NULL, NULL, NULL};

#endif

/* int8 convolutions for AVX-512 VNNI, and for ARM's dot product; for AVX-VNNI in vnni_avx.c, and for AVX2 without it in avx2.c,
 * which include this file with NET_INT8_AVX and NET_INT8_AVX2 defined. The sums of a stretch (some adjacent points of a line), for up to three blocks
 * of output channels, stay in registers over all taps and input channels; taps off the board are skipped.
 *
 * Speed relative to oneDNN 2.6 with variable scales (a multiplication per channel after the sum), one row, 9x9,
 * AVX-512, measured in one run: 1.25 with 64 channels, 1.36 with 48. Besides, there are no primitives to create per
 * board. */
#include "net/kernels/int8/int8.h"
#include "net/kernels/packed.h"

#include <string.h>

#if defined(__GNUC__) &&                                                                                               \
    (defined(__x86_64__) || defined(__aarch64__) && !defined(NET_INT8_AVX) && !defined(NET_INT8_AVX2))
#include "net/kernels/int8/finish.h"
#include "net/kernels/int8/floats.h"
#include "net/kernels/int8/vectors.h"

enum { POINT = WIDE * NET_INT8_BLOCK }; /* bytes of a point's block of input channels */

/* Constants of a convolution that the stretches need. */
struct stretch {
    int width, height, in_blocks;
    size_t plane;             /* bytes from one block of input channels to the next */
    size_t weight_block;      /* bytes of weights from one block of output channels to the next */
    const ints *compensation; /* SIGNED: of the sums of each tap */
};

/* One tap: adds to the sums of points [lo, hi) of the stretch; s: the input of point 0 for this tap. */
INLINE void tap(ints sums[LONGEST][BLOCKS], int blocks, int lo, int hi, const struct stretch *t, int number,
                const uint8_t *s, const int8_t *weight)
{
    if (SIGNED)
#pragma GCC unroll 10
        for (int p = lo; p < hi; p++)
            sums[p][0] = ints_add(sums[p][0], t->compensation[number]);
    for (int c = 0; c < t->in_blocks; c++, s += t->plane)
#pragma GCC unroll 8
        for (int q = 0; q < WIDE * NET_INT8_BLOCK / NET_INT8_QUAD; q++, weight += NET_INT8_BLOCK * NET_INT8_QUAD) {
            ints w[BLOCKS];
#pragma GCC unroll 3
            for (int b = 0; b < blocks; b++)
                w[b] = ints_load(weight + (size_t)b * t->weight_block);
#pragma GCC unroll 10
            for (int p = lo; p < hi; p++) {
                int bytes;
                memcpy(&bytes, s + p * POINT + q * NET_INT8_QUAD, sizeof bytes);
                quad in = quad_set(bytes);
#pragma GCC unroll 3
                for (int b = 0; b < blocks; b++)
                    sums[p][b] = ints_dot(sums[p][b], in, w[b]);
            }
        }
}

/* `length` points from (x, y); left, right: whether they include the ends of the line. out: [blocks][length], as
 * f32. */
INLINE void run(int length, int blocks, bool left, bool right, int kernel, const struct stretch *t, const uint8_t *src,
                const int8_t *weight, int y, int x, reals *out)
{
    ints sums[LONGEST][BLOCKS];
    size_t bytes = (size_t)t->in_blocks * POINT * NET_INT8_BLOCK; /* of weights per tap */
    const uint8_t *s = src + (y * t->width + x) * POINT;
#pragma GCC unroll 10
    for (int p = 0; p < length; p++)
#pragma GCC unroll 3
        for (int b = 0; b < blocks; b++)
            sums[p][b] = ints_zero();
    if (kernel == 1)
        tap(sums, blocks, 0, length, t, 0, s, weight);
    else
        for (int dy = -1, first = 0; dy <= 1; dy++, first += 3, weight += 3 * bytes) {
            const uint8_t *line = s + dy * t->width * POINT;
            if (y + dy < 0 || y + dy >= t->height)
                continue;
            tap(sums, blocks, left ? 1 : 0, length, t, first, line - POINT, weight);
            tap(sums, blocks, 0, length, t, first + 1, line, weight + bytes);
            tap(sums, blocks, 0, right ? length - 1 : length, t, first + 2, line + POINT, weight + 2 * bytes);
        }
#pragma GCC unroll 10
    for (int p = 0; p < length; p++)
#pragma GCC unroll 3
        for (int b = 0; b < blocks; b++)
            out[b * length + p] = reals_of(sums[p][b]);
}

typedef void run_function(const struct stretch *t, const uint8_t *src, const int8_t *weight, int y, int x, reals *out);

/* Compiled separately for each length, so that the sums are registers. */
#define RUN(kind, length, blocks, left, right, kernel)                                                                 \
    TARGET static __attribute__((noinline)) void run_##kind##_##length##_##blocks(                                     \
        const struct stretch *t, const uint8_t *src, const int8_t *weight, int y, int x, reals *out)                   \
    {                                                                                                                  \
        run(length, blocks, left, right, kernel, t, src, weight, y, x, out);                                           \
    }
#define LENGTHS(make, kind, blocks, ...)                                                                               \
    make(kind, 1, blocks, __VA_ARGS__) make(kind, 2, blocks, __VA_ARGS__) make(kind, 3, blocks, __VA_ARGS__)           \
        make(kind, 4, blocks, __VA_ARGS__) make(kind, 5, blocks, __VA_ARGS__) make(kind, 6, blocks, __VA_ARGS__)
#define LONGER(make, kind, blocks, ...)                                                                                \
    make(kind, 7, blocks, __VA_ARGS__) make(kind, 8, blocks, __VA_ARGS__) make(kind, 9, blocks, __VA_ARGS__)
#define NAME(kind, length, blocks, unused) run_##kind##_##length##_##blocks,
#if defined(NET_INT8_AVX) || defined(NET_INT8_AVX2) || defined(__aarch64__)
#define RUNS(kind, ...) LENGTHS(RUN, kind, 1, __VA_ARGS__)
#define TABLE(kind)                                                                                                    \
    {                                                                                                                  \
        {LENGTHS(NAME, kind, 1, )},                                                                                    \
    }
#else
#define RUNS(kind, ...)                                                                                                \
    LENGTHS(RUN, kind, 1, __VA_ARGS__)                                                                                 \
    LENGTHS(RUN, kind, 2, __VA_ARGS__)                                                                                 \
    LENGTHS(RUN, kind, 3, __VA_ARGS__)                                                                                 \
    LONGER(RUN, kind, 1, __VA_ARGS__)                                                                                  \
    LONGER(RUN, kind, 2, __VA_ARGS__)                                                                                  \
    LONGER(RUN, kind, 3, __VA_ARGS__) RUN(kind, 10, 1, __VA_ARGS__) RUN(kind, 10, 2, __VA_ARGS__)
#define TABLE(kind)                                                                                                    \
    {                                                                                                                  \
        {LENGTHS(NAME, kind, 1, ) LONGER(NAME, kind, 1, ) run_##kind##_10_1},                                          \
            {LENGTHS(NAME, kind, 2, ) LONGER(NAME, kind, 2, ) run_##kind##_10_2},                                      \
            {LENGTHS(NAME, kind, 3, ) LONGER(NAME, kind, 3, ) NULL},                                                   \
    }
#endif
enum kind { WHOLE, LEFT, MIDDLE, RIGHT, POINTS }; /* part of a line; POINTS: of all points, for a single tap */
RUNS(whole, true, true, 3)
RUNS(left, true, false, 3)
RUNS(middle, false, false, 3)
RUNS(right, false, true, 3)
RUNS(points, false, false, 1)
static run_function *const runs[][BLOCKS][LONGEST] = {TABLE(whole), TABLE(left), TABLE(middle), TABLE(right),
                                                      TABLE(points)};

/* The number of blocks to process together: two, or three if the number left is odd and the stretch is short enough. */
static int blocks_at_once(int left, int longest)
{
    return left == 1 || BLOCKS == 1 ? 1 : left % 2 == 1 && longest <= LONGEST_OF_3 ? 3 : 2;
}

/* The division of a line (or of all points) into stretches of nearly equal length. */
struct parts {
    int count, longest;
};

static struct parts parts_of(int length)
{
    int count = (length + LONGEST - 1) / LONGEST;
    return (struct parts){count, (length + count - 1) / count};
}

/* Widens bytes: of each four the first and third to one pair, the others to the next one. */
TARGET static void widen_input(const uint8_t *from, size_t bytes, uint32_t *to)
{
    for (size_t i = 0; i < bytes / 4; i++) {
        uint32_t four;
        memcpy(&four, from + 4 * i, sizeof four);
        to[2 * i] = four & 0x00ff00ff;
        to[2 * i + 1] = four >> 8 & 0x00ff00ff;
    }
}

/* Likewise for the weights of 16 channels, [16][4] at a time. */
TARGET static void widen_weights(const int8_t *from, size_t bytes, int16_t *to)
{
    enum { QUADS = NET_INT8_BLOCK * NET_INT8_QUAD };
    for (size_t i = 0; i < bytes; i += QUADS, from += QUADS, to += QUADS)
        for (int k = 0; k < NET_INT8_BLOCK; k++)
            for (int j = 0; j < 2; j++) { /* NOLINTBEGIN(bugprone-signed-char-misuse): numbers with a sign */
                to[2 * k + j] = from[4 * k + 2 * j];
                to[2 * NET_INT8_BLOCK + 2 * k + j] = from[4 * k + 2 * j + 1];
            } /* NOLINTEND(bugprone-signed-char-misuse) */
}

/* Shifts bytes by -128, to signed ones. */
TARGET static void sign_input(const uint8_t *from, size_t bytes, uint8_t *to)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = from[i] ^ 0x80;
}

/* What is to be added to each tap's sums because its inputs are shifted by -128: 128 times the sum of its weights, by two products
 * with 64. */
TARGET static void compensations(const int8_t *weight, int taps, int in, ints *out)
{
    const quad half = quad_set(0x40404040);
    for (int i = 0; i < taps; i++) {
        out[i] = ints_zero();
        for (int q = 0; q < in / NET_INT8_QUAD; q++, weight += NET_INT8_BLOCK * NET_INT8_QUAD)
            out[i] = ints_dot(ints_dot(out[i], half, ints_load(weight)), half, ints_load(weight));
    }
}

TARGET static void one_row(const struct net_int8_conv *conv, struct net_extent e, const uint8_t *src, size_t at,
                           size_t bytes, void *dst)
{
    size_t points = net_extent_points(e), taps = (size_t)(conv->kernel * conv->kernel);
    const size_t block_bytes = taps * (size_t)conv->in * NET_INT8_BLOCK;
    uint32_t input[WIDE > 1 ? points * (size_t)conv->in / 2 : SIGNED ? points * (size_t)conv->in / 4 : 1];
    _Alignas(64) int16_t wide_weights[WIDE == 1 ? 1 : block_bytes];
    ints compensation[SIGNED ? taps : 1];
    const struct stretch t = {e.width, e.height, conv->in / NET_INT8_BLOCK, points * POINT, block_bytes, compensation};
    if (WIDE > 1)
        widen_input(src, points * (size_t)conv->in, input);
    else if (SIGNED)
        sign_input(src, points * (size_t)conv->in, (uint8_t *)input);
    if (WIDE > 1 || SIGNED)
        src = (const uint8_t *)input;
    /* With a single tap, lines need not be distinguished: the board is one line of all points. */
    int lines = conv->kernel == 1 ? 1 : e.height, length = conv->kernel == 1 ? (int)points : e.width;
    struct parts parts = parts_of(length);
    for (int b = 0, count; b < conv->out / NET_INT8_BLOCK; b += count) {
        const int8_t *weight = conv->weight + (size_t)b * block_bytes;
        if (SIGNED)
            compensations(weight, (int)taps, conv->in, compensation);
        if (WIDE > 1) {
            widen_weights(weight, block_bytes, wide_weights);
            weight = (const int8_t *)wide_weights;
        }
        count = blocks_at_once(conv->out / NET_INT8_BLOCK - b, parts.longest);
        for (int y = 0; y < lines; y++)
            for (int part = 0, x = 0, next; part < parts.count; part++, x = next) {
                reals sums[BLOCKS * LONGEST];
                next = (part + 1) * length / parts.count;
                enum kind kind = conv->kernel == 1  ? POINTS
                                 : parts.count == 1 ? WHOLE
                                 : part == 0        ? LEFT
                                 : next == length   ? RIGHT
                                                    : MIDDLE;
                runs[kind][count - 1][next - x - 1](&t, src, weight, y, x, sums);
                for (int i = 0; i < count; i++)
                    finish(conv, b + i, sums + i * (next - x), next - x,
                           at + ((size_t)(b + i) * points + (size_t)(y * e.width + x)) * NET_INT8_BLOCK, bytes, dst);
            }
    }
}

TARGET static void conv(const struct net_int8_conv *c, struct net_extent e, const uint8_t *src, void *dst)
{
    size_t points = net_extent_points(e), bytes = (size_t)e.n * points * (size_t)c->out;
#ifdef NET_INT8_AVX2
    if (c->transformed) {
        net_int8_winograd(c, e, src, dst);
        return;
    }
#endif
    for (int row = 0; row < e.n; row++)
        one_row(c, e, src + (size_t)row * points * (size_t)c->in, (size_t)row * points * (size_t)c->out, bytes, dst);
}

TARGET static void bias_relu(struct net_extent e, struct net_layout l, const float *x, int first, int count,
                             const float *bias, const float *scales, const float *scales16, void *out)
{
    size_t points = net_extent_points(e), at = 0;
    uint8_t *low = out;
    uint16_t *high = (uint16_t *)(low + (size_t)e.n * points * (size_t)l.padded);
    for (int row = 0; row < e.n; row++, bias += count)
        for (int b = 0; b < l.padded / NET_INT8_BLOCK; b++) {
            const struct net_int8_lanes lanes = net_int8_bias_lanes(l, b, first, count, bias, scales, scales16);
            const reals add = reals_load(lanes.add), to_u8 = reals_load(lanes.u8), to_u16 = reals_load(lanes.u16);
            for (size_t p = 0; p < points; p++, at += NET_INT8_BLOCK)
                bias_point(x + at, add, to_u8, to_u16, low + at, scales16 ? high + at : NULL);
        }
}

#define FUNCTIONS .conv = conv, .real = real, .bias_relu = bias_relu

#else

static bool fits(void)
{
    return false;
}
#ifdef NET_INT8_AVX2
#define pays fits
#endif
#define FUNCTIONS .conv = NULL /* nobody calls a kernel that does not fit */

#endif

#if defined(NET_INT8_AVX2)
const struct net_int8_kernel net_int8_avx2 = {.name = "own:avx2",
                                              .fits = fits,
                                              .pays = pays,
                                              FUNCTIONS,
                                              .transformed_bytes = net_int8_winograd_bytes,
                                              .transform = net_int8_winograd_weights};
#elif defined(NET_INT8_AVX)
const struct net_int8_kernel net_int8_avx = {.name = "own:avx_vnni", .fits = fits, .pays = fits, FUNCTIONS};
#elif defined(__aarch64__)
const struct net_int8_kernel net_int8_neon = {.name = "own:neon_dotprod", .fits = fits, .pays = fits, FUNCTIONS};
#else
const struct net_int8_kernel net_int8_avx512 = {.name = "own:avx512_vnni", .fits = fits, .pays = fits, FUNCTIONS};
#endif

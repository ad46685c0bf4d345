/* 3x3 convolutions in int8 on AVX2 by Winograd's transform F(2x2, 3x3) (Lavin and Gray 2016, "Fast algorithms for convolutional neural
 * networks", section 4.1): 16 products for each tile of four points instead of 36. The transforms of inputs and results only add; that of the
 * weights halves twice, so that they are stored times four, and the sums are divided by four in the end, which leaves no remainder. All of
 * it fits in 16 and 32 bits, so that the results have the same bits as those of the other kernels:
 *   - inputs, 0 to 255: sums of four with signs, within 1,020
 *   - weights, -127 to 127: four times the transformed ones are at most the sum of nine, 1,143
 *   - sums over the channels: within 1,020 * 1,143 * MAX_CHANNELS < 2^29; those over places of a tile may wrap around, but the final ones are
 *     within 4 * 9 * 127 * 255 * MAX_CHANNELS < 2^31
 *
 * Numbers are multiplied in pairs of 16 bits, as vnni.c does on AVX2 anyway, so their larger range costs nothing. On processors with a
 * dot product of bytes, 16-bit products would run at half the rate, which is more than the transform saves. */
#define NET_INT8_AVX2
#include "net/kernels/int8/int8.h"
#include "net/kernels/packed.h"

#include <glib.h>
#include <string.h>

#if defined(__GNUC__) && defined(__x86_64__)
#include "net/kernels/int8/finish.h"
#include "net/kernels/int8/vectors.h"

enum {
    STEP = 2,               /* points of a tile in each direction */
    REACH = STEP + 2,       /* points that it reads */
    PLACES = REACH * REACH, /* of a transformed tile */
    AT_ONCE = 6,            /* tiles whose sums are in registers */
    STRIPE = 32,            /* tiles, in whole lines, that are transformed together; at least one line */
    MAX_CHANNELS = 256,     /* the transformed stripe is on the stack */
    TIMES_FOUR = 2,         /* bits: the transformed weights are four times as large, and so are the sums */
};

/* ---- weights: [out/16][PLACES][in/2][16][2] ---- */

/* Twice the transform, two rows of which have halves. */
static void transform_three(const int *from, size_t stride, int to[REACH])
{
    const int a = from[0], b = from[stride], c = from[2 * stride];
    to[0] = 2 * a;
    to[1] = a + b + c;
    to[2] = a - b + c;
    to[3] = 2 * c;
}

static void transform_kernel(const int weight[9], int to[PLACES])
{
    int columns[3][REACH];
    for (int x = 0; x < 3; x++)
        transform_three(weight + x, 3, columns[x]);
    for (int u = 0; u < REACH; u++) {
        const int row[3] = {columns[0][u], columns[1][u], columns[2][u]};
        transform_three(row, 1, to + u * REACH);
    }
}

size_t net_int8_winograd_bytes(const struct net_int8_conv *conv)
{
    if (!conv->weight || conv->kernel != 3 || conv->in > MAX_CHANNELS)
        return 0;
    return (size_t)PLACES * (size_t)conv->in * (size_t)conv->out * sizeof(int16_t);
}

void net_int8_winograd_weights(const struct net_int8_conv *conv, void *transformed)
{
    int16_t *to = transformed;
    const size_t in = (size_t)conv->in, quads = in / NET_INT8_QUAD, tap = quads * NET_INT8_BLOCK * NET_INT8_QUAD;
    for (size_t b = 0; b < (size_t)conv->out / NET_INT8_BLOCK; b++, to += PLACES * in * NET_INT8_BLOCK)
        for (size_t i = 0; i < in; i++)
            for (size_t lane = 0; lane < NET_INT8_BLOCK; lane++) {
                const int8_t *from = conv->weight + 9 * b * tap + i / NET_INT8_QUAD * NET_INT8_BLOCK * NET_INT8_QUAD +
                                     lane * NET_INT8_QUAD + i % NET_INT8_QUAD;
                int weight[9], places[PLACES];
                for (size_t t = 0; t < 9; t++)
                    weight[t] = from[t * tap]; /* NOLINT(bugprone-signed-char-misuse): a number with a sign */
                transform_kernel(weight, places);
                for (size_t p = 0; p < PLACES; p++)
                    to[((p * (in / 2) + i / 2) * NET_INT8_BLOCK + lane) * 2 + i % 2] = (int16_t)places[p];
            }
}

/* ---- a stripe: some lines of tiles ---- */

struct stripe {
    int width, height;               /* of the board */
    int across;                      /* tiles of a line */
    int from, to;                    /* lines of tiles */
    size_t tiles, in;                /* of the stripe; channels */
    int16_t *input;                  /* [PLACES][tiles][in] */
    int32_t (*sums)[NET_INT8_BLOCK]; /* [PLACES][tiles], of one block of output channels */
};

/* 16 channels of a point, 0 off the board. */
INLINE __m256i point_of(const struct stripe *s, const uint8_t *block, int x, int y)
{
    if (x < 0 || y < 0 || x >= s->width || y >= s->height)
        return _mm256_setzero_si256();
    return _mm256_cvtepu8_epi16(
        _mm_loadu_si128((const __m128i *)(block + (size_t)(y * s->width + x) * NET_INT8_BLOCK)));
}

INLINE void transform_four(const __m256i from[REACH], __m256i to[REACH])
{
    to[0] = _mm256_sub_epi16(from[0], from[2]);
    to[1] = _mm256_add_epi16(from[1], from[2]);
    to[2] = _mm256_sub_epi16(from[2], from[1]);
    to[3] = _mm256_sub_epi16(from[1], from[3]);
}

/* The tile whose first point is (x, y), of one block of channels. */
INLINE void transform_tile(const struct stripe *s, const uint8_t *block, int x, int y, int16_t *to)
{
    __m256i lines[REACH][REACH];
#pragma GCC unroll 4
    for (int v = 0; v < REACH; v++) {
        __m256i points[REACH];
#pragma GCC unroll 4
        for (int u = 0; u < REACH; u++)
            points[u] = point_of(s, block, x - 1 + u, y - 1 + v);
        transform_four(points, lines[v]);
    }
#pragma GCC unroll 4
    for (int u = 0; u < REACH; u++) {
        const __m256i column[REACH] = {lines[0][u], lines[1][u], lines[2][u], lines[3][u]};
        __m256i out[REACH];
        transform_four(column, out);
#pragma GCC unroll 4
        for (int v = 0; v < REACH; v++)
            _mm256_storeu_si256((__m256i *)(to + (size_t)(v * REACH + u) * s->tiles * s->in), out[v]);
    }
}

TARGET static void transform_input(const struct stripe *s, const uint8_t *src)
{
    const size_t plane = (size_t)(s->width * s->height) * NET_INT8_BLOCK;
    for (size_t c = 0; c < s->in / NET_INT8_BLOCK; c++, src += plane) {
        int16_t *to = s->input + c * NET_INT8_BLOCK;
        for (int line = s->from; line < s->to; line++)
            for (int tile = 0; tile < s->across; tile++, to += s->in)
                transform_tile(s, src, STEP * tile, STEP * line, to);
    }
}

/* Sums over the channels for adjacent tiles at one place. */
INLINE void multiply(int count, size_t in, const int16_t *input, const int16_t *weight, int32_t (*to)[NET_INT8_BLOCK])
{
    ints sums[AT_ONCE];
#pragma GCC unroll 6
    for (int i = 0; i < count; i++)
        sums[i] = ints_zero();
    for (size_t c = 0; c < in; c += 8)
#pragma GCC unroll 4
        for (size_t k = 0; k < 8; k += 2, weight += 2 * NET_INT8_BLOCK) {
            const ints w = ints_load((const int8_t *)weight);
#pragma GCC unroll 6
            for (int i = 0; i < count; i++) {
                int pair;
                memcpy(&pair, input + (size_t)i * in + c + k, sizeof pair);
                sums[i] = ints_dot(sums[i], quad_set(pair), w);
            }
        }
#pragma GCC unroll 6
    for (int i = 0; i < count; i++) {
        _mm256_storeu_si256((__m256i *)to[i], sums[i].low);
        _mm256_storeu_si256((__m256i *)to[i] + 1, sums[i].high);
    }
}

typedef void multiply_function(size_t in, const int16_t *input, const int16_t *weight, int32_t (*to)[NET_INT8_BLOCK]);
#define MULTIPLY(count)                                                                                                \
    TARGET static __attribute__((noinline)) void multiply_##count(size_t in, const int16_t *input,                     \
                                                                  const int16_t *weight, int32_t(*to)[NET_INT8_BLOCK]) \
    {                                                                                                                  \
        multiply(count, in, input, weight, to);                                                                        \
    }
MULTIPLY(1)
MULTIPLY(2)
MULTIPLY(3)
MULTIPLY(4)
MULTIPLY(5)
MULTIPLY(6)
static multiply_function *const multiplications[AT_ONCE] = {multiply_1, multiply_2, multiply_3,
                                                            multiply_4, multiply_5, multiply_6};

/* weight: of one block of output channels. */
static void multiply_all(const struct stripe *s, const int16_t *weight)
{
    const size_t groups = (s->tiles + AT_ONCE - 1) / AT_ONCE;
    for (size_t place = 0; place < PLACES; place++, weight += s->in * NET_INT8_BLOCK)
        for (size_t group = 0, tile = 0, next; group < groups; group++, tile = next) {
            next = (group + 1) * s->tiles / groups;
            multiplications[next - tile - 1](s->in, s->input + (place * s->tiles + tile) * s->in, weight,
                                             s->sums + place * s->tiles + tile);
        }
}

INLINE void transform_back(const __m256i from[REACH], __m256i to[STEP])
{
    to[0] = _mm256_add_epi32(_mm256_add_epi32(from[0], from[1]), from[2]);
    to[1] = _mm256_sub_epi32(_mm256_sub_epi32(from[1], from[2]), from[3]);
}

/* Half of the lanes of a tile: results [line][point], times four. */
INLINE void transform_sums(const struct stripe *s, size_t tile, int half, __m256i to[STEP][STEP])
{
    __m256i lines[STEP][REACH];
#pragma GCC unroll 4
    for (int u = 0; u < REACH; u++) {
        __m256i column[REACH], back[STEP];
#pragma GCC unroll 4
        for (int v = 0; v < REACH; v++)
            column[v] = _mm256_loadu_si256((const __m256i *)s->sums[(size_t)(v * REACH + u) * s->tiles + tile] + half);
        transform_back(column, back);
        lines[0][u] = back[0];
        lines[1][u] = back[1];
    }
#pragma GCC unroll 2
    for (int v = 0; v < STEP; v++)
        transform_back(lines[v], to[v]);
}

/* at: the element of dst at which the block's points begin; bytes: size of dst before its 16-bit values. */
TARGET static void finish_block(const struct stripe *s, const struct net_int8_conv *conv, int block, size_t at,
                                size_t bytes, void *dst)
{
    size_t tile = 0;
    for (int line = s->from; line < s->to; line++)
        for (int column = 0; column < s->across; column++, tile++) {
            __m256i low[STEP][STEP], high[STEP][STEP];
            const int x = STEP * column, y = STEP * line, count = MIN(STEP, s->width - x);
            transform_sums(s, tile, 0, low);
            transform_sums(s, tile, 1, high);
            for (int v = 0; v < MIN(STEP, s->height - y); v++) {
                reals sums[STEP];
                for (int u = 0; u < STEP; u++)
                    sums[u] = reals_of(
                        (ints){_mm256_srai_epi32(low[v][u], TIMES_FOUR), _mm256_srai_epi32(high[v][u], TIMES_FOUR)});
                finish(conv, block, sums, count, at + (size_t)((y + v) * s->width + x) * NET_INT8_BLOCK, bytes, dst);
            }
        }
}

/* Lines of tiles of a stripe. */
static int lines_of(int across, int lines)
{
    return CLAMP(STRIPE / across, 1, lines);
}

static void one_row(const struct net_int8_conv *conv, struct net_extent e, const uint8_t *src, size_t at, size_t bytes,
                    void *dst)
{
    const size_t points = net_extent_points(e), in = (size_t)conv->in;
    const int across = (e.width + 1) / STEP, lines = (e.height + 1) / STEP, most = lines_of(across, lines);
    _Alignas(64) int16_t input[PLACES * (size_t)(most * across) * in];
    _Alignas(64) int32_t sums[PLACES * (size_t)(most * across)][NET_INT8_BLOCK];
    for (int from = 0; from < lines; from += most) {
        const int to = MIN(from + most, lines);
        const struct stripe s = {e.width, e.height, across, from, to, (size_t)((to - from) * across), in, input, sums};
        transform_input(&s, src);
        for (int block = 0; block < conv->out / NET_INT8_BLOCK; block++) {
            multiply_all(&s, (const int16_t *)conv->transformed + (size_t)block * PLACES * in * NET_INT8_BLOCK);
            finish_block(&s, conv, block, at + (size_t)block * points * NET_INT8_BLOCK, bytes, dst);
        }
    }
}

void net_int8_winograd(const struct net_int8_conv *conv, struct net_extent e, const uint8_t *src, void *dst)
{
    const size_t points = net_extent_points(e), bytes = (size_t)e.n * points * (size_t)conv->out;
    for (size_t row = 0; row < (size_t)e.n; row++)
        one_row(conv, e, src + row * points * (size_t)conv->in, row * points * (size_t)conv->out, bytes, dst);
}

#else

size_t net_int8_winograd_bytes(const struct net_int8_conv *conv)
{
    (void)conv;
    return 0;
}

void net_int8_winograd_weights(const struct net_int8_conv *conv, void *transformed)
{
    (void)conv;
    (void)transformed;
}

void net_int8_winograd(const struct net_int8_conv *conv, struct net_extent e, const uint8_t *src, void *dst)
{
    net_int8_plain.conv(conv, e, src, dst);
}
#endif

/* 1x1 convolutions of 16-bit values on tiles (AMX), for the heads. Values are split into two bytes and weights into three, so that products are
 * of bytes and their sums exact; together they are as precise as sums in f32, without the products of the last bytes, too:
 *
 *   value = 256 high + low, weight = unit (65536 a + 256 b + c)   with -128 <= a, b, c <= 127
 *   sum = 256 unit (65536 high a + 256 (low a + high b) + low b + high c)
 *
 *   weights [out] units as float, then [out/16][depth][a, b, c][16][16][4], where depth counts tiles of 64 channels */
#include "net/kernels/int8/int8.h"
#include "net/kernels/packed.h"

#include <glib.h>

#if defined(__GNUC__) && defined(__x86_64__)
#include "net/kernels/int8/amx_copy.h"
#include "net/kernels/int8/vectors.h"
#include "net/kernels/tiles.h"

#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { DIGITS = 3, SUMS = 3 };

/* Of the units, in whole tiles, so that those of the digits are aligned. */
static size_t unit_bytes(const struct net_int8_conv *conv)
{
    return ((size_t)conv->out * sizeof(float) + BYTES - 1) / BYTES * BYTES;
}

size_t net_int8_amx_words_bytes(const struct net_int8_conv *conv)
{
    if (conv->kernel != 1 || !conv->u16 || conv->form != NET_INT8_F32)
        return 0;
    return unit_bytes(conv) + (size_t)(conv->out / NET_INT8_BLOCK * depth_of(conv)) * DIGITS * TILE;
}

/* The last digit of a number, from -128 to 127, which is taken off. */
static int8_t next_digit(long *number)
{
    const long digit = ((*number + 128) & 255) - 128;
    *number = (*number - digit) / 256;
    return (int8_t)digit;
}

void net_int8_amx_words_weights(const struct net_int8_conv *conv, void *transformed)
{
    const float most_units = 8.3e6f; /* three digits go a little further */
    float *units = transformed;
    int8_t *digits = (int8_t *)transformed + unit_bytes(conv);
    const int depth = depth_of(conv);
    memset(digits, 0, (size_t)(conv->out / NET_INT8_BLOCK * depth) * DIGITS * TILE);
    for (int o = 0; o < conv->out; o++) {
        const float *weight =
            conv->real + (size_t)(o / NET_INT8_BLOCK * conv->in) * NET_INT8_BLOCK + o % NET_INT8_BLOCK;
        float most = 0;
        for (int i = 0; i < conv->in; i++)
            most = fmaxf(most, fabsf(weight[i * NET_INT8_BLOCK]));
        units[o] = most > 0 ? most / most_units : 1;
        for (int i = 0; i < conv->in; i++) {
            int8_t *to = digits + (size_t)(o / NET_INT8_BLOCK * depth + i / BYTES) * DIGITS * TILE +
                         i % BYTES / NET_INT8_QUAD * BYTES + o % NET_INT8_BLOCK * NET_INT8_QUAD + i % NET_INT8_QUAD;
            long number = lrintf(weight[i * NET_INT8_BLOCK] / units[o]);
            for (int d = DIGITS - 1; d >= 0; d--)
                to[d * TILE] = next_digit(&number);
        }
    }
}

/* Splits the values of a row to [points][depth * 64] bytes. */
TILES static void split(const uint16_t *src, int points, int in, size_t width, uint8_t *high, uint8_t *low)
{
    const size_t plane = (size_t)points * NET_INT8_BLOCK;
    int b = 0;
    for (; b + 2 <= in / NET_INT8_BLOCK; b += 2, src += 2 * plane)
        for (int p = 0; p < points; p++) {
            const uint16_t *from = src + (size_t)p * NET_INT8_BLOCK;
            const size_t at = (size_t)p * width + (size_t)(b * NET_INT8_BLOCK);
            const __m512i v = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)from)),
                                                 _mm256_loadu_si256((const __m256i *)(from + plane)), 1);
            _mm256_storeu_si256((__m256i *)(high + at), _mm512_cvtepi16_epi8(_mm512_srli_epi16(v, 8)));
            _mm256_storeu_si256((__m256i *)(low + at), _mm512_cvtepi16_epi8(v));
        }
    for (int p = 0; b < in / NET_INT8_BLOCK && p < points; p++, src += NET_INT8_BLOCK) { /* the last of an odd number */
        const __m256i v = _mm256_loadu_si256((const __m256i *)src);
        const size_t at = (size_t)p * width + (size_t)(b * NET_INT8_BLOCK);
        _mm_storeu_si128((__m128i *)(high + at), _mm256_cvtepi16_epi8(_mm256_srli_epi16(v, 8)));
        _mm_storeu_si128((__m128i *)(low + at), _mm256_cvtepi16_epi8(v));
    }
}

/* The sums of a tile of points and a block of output channels; of[t] is multiplied by unit * 256^(t + 1) (see above). */
struct words_sums {
    _Alignas(BYTES) int32_t of[SUMS][ROWS][NET_INT8_BLOCK];
};

/* Stores the sums of power t that are in the tile registers, and begins new ones there. */
INLINE_TILES void exchange(int t, struct words_sums *before)
{
    if (before)
        net_tile_store(t, before->of[t], BYTES);
    if (t == 0)
        _tile_zero(0);
    else if (t == 1)
        _tile_zero(1);
    else
        _tile_zero(2);
}

/* Computes the sums of a tile, which stay in the tile registers; those before them are stored to `before` (NULL: there are none) when their registers
 * are needed. loaded: the digits are in registers 6, 7 and 3 already, which is possible where there are 64 channels at most. */
INLINE_TILES void multiply(const uint8_t *high, const uint8_t *low, size_t width, int depth, bool loaded,
                           const int8_t *digits, struct words_sums *before)
{
    for (int k = 0; k < depth; k++, high += BYTES, low += BYTES, digits += DIGITS * TILE) {
        _tile_loadd(4, high, width);
        _tile_loadd(5, low, width);
        if (!loaded) {
            _tile_loadd(6, digits, BYTES);
            _tile_loadd(7, digits + TILE, BYTES);
            _tile_loadd(3, digits + 2 * TILE, BYTES);
        }
        if (k == 0)
            exchange(2, before);
        _tile_dpbusd(2, 4, 6);
        if (k == 0)
            exchange(1, before);
        _tile_dpbusd(1, 5, 6);
        if (k == 0)
            exchange(0, before);
        _tile_dpbusd(0, 5, 7);
        _tile_dpbusd(1, 4, 7);
        _tile_dpbusd(0, 4, 3);
    }
    NET_TILES_FENCE;
}

/* Stores `count` points of block b to `to`. */
INLINE_TILES void finish_words(const struct net_int8_conv *conv, int b, const struct words_sums *sums, int count,
                               float *to)
{
    const reals unit = reals_mul(reals_load((const float *)conv->transformed + b * NET_INT8_BLOCK),
                                 reals_mul(reals_load(conv->scale + b * NET_INT8_BLOCK), reals_set(256)));
    const reals bias = reals_load(conv->bias + b * NET_INT8_BLOCK), base = reals_set(256);
    const reals least = reals_set(conv->relu ? 0 : -INFINITY);
    for (int p = 0; p < count; p++, to += NET_INT8_BLOCK) {
        reals v = reals_of(_mm512_load_si512(sums->of[2][p]));
        for (int d = 1; d >= 0; d--)
            v = reals_add_product(reals_of(_mm512_load_si512(sums->of[d][p])), v, base);
        reals_store(to, reals_max(reals_add(reals_mul(v, unit), bias), least));
    }
}

/* A tile of points of a block of channels, whose sums are in the tile registers, or stored. */
struct part {
    int block, count;
    float *to;
};

TILES void net_int8_amx_words(const struct net_int8_conv *conv, struct net_extent e, const uint16_t *src, float *dst)
{
    const int points = e.width * e.height, depth = depth_of(conv), blocks = conv->out / NET_INT8_BLOCK;
    const int tiles = (points + ROWS - 1) / ROWS;
    const size_t width = (size_t)(depth * BYTES), bytes = (size_t)(tiles * ROWS) * width;
    _Alignas(BYTES) uint8_t high[bytes], low[bytes];
    struct words_sums sums;
    struct part held = {.count = 0};
    net_tiles_configure();
    for (int row = 0; row < e.n; row++, src += (size_t)(points * conv->in)) {
        const int8_t *digits = (const int8_t *)conv->transformed + unit_bytes(conv);
        split(src, points, conv->in, width, high, low);
        NET_TILES_FENCE;
        for (int b = 0; b < blocks; b++, digits += depth * DIGITS * TILE, dst += (size_t)points * NET_INT8_BLOCK)
            for (int t = 0; t < tiles; t++) {
                const size_t at = (size_t)(t * ROWS) * width;
                struct words_sums *before = held.count > 0 ? &sums : NULL;
                if (depth == 1 && t > 0)
                    multiply(high + at, low + at, width, 1, true, digits, before);
                else
                    multiply(high + at, low + at, width, depth, false, digits, before);
                finish_words(conv, held.block, &sums, held.count, held.to);
                held = (struct part){b, MIN(ROWS, points - t * ROWS), dst + t * ROWS * NET_INT8_BLOCK};
            }
    }
    for (int t = 0; t < SUMS && held.count > 0; t++)
        net_tile_store(t, sums.of[t], BYTES);
    NET_TILES_FENCE;
    finish_words(conv, held.block, &sums, held.count, held.to);
}

#endif

/* The weights' gradient on tiles: for each tap, input channels by output channels, summed over the points of two rows of the batch at a
 * time, 16 of them and both rows in each product. The rows' values of a channel at a point are adjacent, as a pair.
 *
 * Points are in lines with a place of zeros between them, and lines of zeros above and below:
 *   input [channels][places] pairs, aligned; gradient [blocks of 16 channels][places][16] pairs
 * so a tap moves the gradient by whole rows of a tile, and all tiles are aligned. */
#include "net/kernels/dnnl/weights_gradient.h"
#include "net/kernels/packed.h"
#include "net/kernels/tiles.h"

#include <assert.h>
#include <glib.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include "net/kernels/dnnl/weights_pairs.h"

#include <immintrin.h>

#define TILES NET_TILES_TARGET

/* After STRIP products the sums are stored, so that what several taps and channels read stays in the L1 cache. */
enum { WIDTH = NET_TILE_WIDTH, STRIP = 8, AT_ONCE = 2 };

struct places {
    int width, height;
    int line;      /* places from one line to the next */
    size_t input;  /* of a channel, whole tiles */
    size_t border; /* places of zeros before the gradient's first one */
    size_t all;    /* of the gradient */
};

static struct places places_of(struct net_extent e)
{
    struct places p = {.width = e.width, .height = e.height, .line = e.width + 1};
    p.input = (size_t)(p.line * e.height + LANES - 1) / LANES * LANES;
    p.border = (size_t)p.line + 1;
    p.all = p.input + 2 * p.border;
    return p;
}

static bool fits(struct net_layout in, struct net_layout out)
{
    return net_tiles_available() && in.block % LANES == 0 && out.block % LANES == 0;
}

static size_t scratch_bytes(struct net_extent e, struct net_layout in, struct net_layout out)
{
    const struct places p = places_of(e);
    return ((size_t)in.padded * p.input + (size_t)out.padded * p.all) * sizeof(uint32_t);
}

/* A block of 16 channels of two rows. */
struct rows {
    const uint16_t *one, *two; /* two: NULL: there is none, it counts as zeros */
    size_t step;               /* from one point to the next */
};

static struct rows rows_at(struct net_layout l, const uint16_t *x, int row, int n, int block, size_t points)
{
    struct rows r = {.two = NULL};
    assert(x);
    r.one = lanes_at(l, x, row, block, points, &r.step);
    if (row + 1 < n)
        r.two = lanes_at(l, x, row + 1, block, points, &r.step);
    return r;
}

TILES static inline __m512i pair_at(const struct rows *r, size_t point)
{
    return pair(r->one + point * r->step, r->two ? r->two + point * r->step : NULL);
}

/* Stores the transpose of 16 by 16 numbers in lines `stride` apart. */
TILES static void transpose(const __m512i from[LANES], uint32_t *to, size_t stride)
{
    __m512i a[LANES], b[LANES];
    for (int i = 0; i < LANES; i += 2) { /* within quarters: pairs of lines, then fours */
        a[i] = _mm512_unpacklo_epi32(from[i], from[i + 1]);
        a[i + 1] = _mm512_unpackhi_epi32(from[i], from[i + 1]);
    }
    for (int i = 0; i < LANES; i += 4) {
        b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
        b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
        b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
        b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
    }
    for (int i = 0; i < 4; i++) { /* b[4 * g + i]: column 4 * quarter + i of lines 4 * g to 4 * g + 3 */
        const __m512i low = _mm512_shuffle_i32x4(b[i], b[4 + i], 0x44),
                      high = _mm512_shuffle_i32x4(b[8 + i], b[12 + i], 0x44);
        const __m512i low2 = _mm512_shuffle_i32x4(b[i], b[4 + i], 0xee),
                      high2 = _mm512_shuffle_i32x4(b[8 + i], b[12 + i], 0xee);
        _mm512_storeu_si512(to + (size_t)i * stride, _mm512_shuffle_i32x4(low, high, 0x88));
        _mm512_storeu_si512(to + (size_t)(4 + i) * stride, _mm512_shuffle_i32x4(low, high, 0xdd));
        _mm512_storeu_si512(to + (size_t)(8 + i) * stride, _mm512_shuffle_i32x4(low2, high2, 0x88));
        _mm512_storeu_si512(to + (size_t)(12 + i) * stride, _mm512_shuffle_i32x4(low2, high2, 0xdd));
    }
}

TILES static void lay_input(const struct places *p, const struct rows *r, uint32_t *to)
{
    size_t point = 0;
    int x = 0;
    for (size_t place = 0; place < p->input; place += LANES) {
        __m512i v[LANES];
        for (int i = 0; i < LANES; i++) {
            const bool there = x < p->width && point < (size_t)(p->width * p->height);
            v[i] = there ? pair_at(r, point) : _mm512_setzero_si512();
            point += there;
            x = x == p->width ? 0 : x + 1;
        }
        transpose(v, to + place, p->input);
    }
}

/* sum: receives the sums over the points. */
TILES static void lay_gradient(const struct places *p, const struct rows *r, __m512i *to, float *sum)
{
    const __m512bh ones = (__m512bh)_mm512_set1_epi16(0x3f80);
    __m512 total = _mm512_setzero_ps();
    size_t point = 0;
    __m512i *const end = to + p->all;
    for (size_t i = 0; i < p->border; i++)
        *to++ = _mm512_setzero_si512();
    for (int y = 0; y < p->height; y++) {
        for (int x = 0; x < p->width; x++, point++) {
            const __m512i v = pair_at(r, point);
            *to++ = v;
            total = _mm512_dpbf16_ps(total, (__m512bh)v, ones);
        }
        *to++ = _mm512_setzero_si512();
    }
    while (to < end)
        *to++ = _mm512_setzero_si512();
    _mm512_storeu_ps(sum, _mm512_add_ps(_mm512_loadu_ps(sum), total));
}

/* The tiles that add_products multiplies; all distances in bytes. */
struct operands {
    const uint8_t *in, *out; /* of the first product */
    size_t input;            /* from one block of input channels to the next */
    size_t line;             /* from one input channel to the next */
    size_t gradient;         /* from one block of output channels to the next */
    size_t stride;           /* from one line of the sums to the next */
    int count;               /* products for each pair of blocks */
};

/* A tap's sums for up to two blocks of input channels by two of output channels, in the tile registers 2 * input block + output block. */
struct sums {
    uint8_t *at; /* NULL: none are in the registers */
    size_t stride;
    int ins, outs;
};

static inline __attribute__((always_inline)) uint8_t *block_of(const struct sums *s, int t)
{
    return s->at + (size_t)(t / 2 * LANES) * s->stride + (size_t)(t % 2 * WIDTH);
}

static inline __attribute__((always_inline)) bool holds(const struct sums *s, int t)
{
    return s->at && t / 2 < s->ins && t % 2 < s->outs;
}

/* Stores tile register t, of `old`, and loads that of `new`, which may have none. */
TILES static inline __attribute__((always_inline)) void exchange(const struct sums *old, const struct sums *new, int t)
{
    if (holds(old, t))
        net_tile_store(t, block_of(old, t), old->stride);
    if (holds(new, t))
        net_tile_load(t, block_of(new, t), new->stride);
}

/* Adds the products of `ins` blocks of input channels and `outs` of output channels to a tap's sums, which then stay in the registers. The
 * sums held there before, `held`, are exchanged for the new ones tile by tile, each just before its first product, so that the tile
 * unit need not wait for all four. */
TILES static inline __attribute__((always_inline)) void add_products(int ins, int outs, const struct operands *o,
                                                                     float *weight, struct sums *held)
{
    const struct sums new = {(uint8_t *)weight, o->stride, ins, outs}, old = *held;
    const size_t line = o->line;
    const uint8_t *in = o->in, *out = o->out;
    for (int i = 0; i < o->count; i++, in += WIDTH, out += NET_TILE_BYTES) {
        _tile_loadd(4, in, line);
        _tile_loadd(6, out, WIDTH);
        if (i == 0)
            exchange(&old, &new, 0);
        _tile_dpbf16ps(0, 4, 6);
        if (outs > 1)
            _tile_loadd(7, out + o->gradient, WIDTH);
        if (i == 0)
            exchange(&old, &new, 1);
        if (outs > 1)
            _tile_dpbf16ps(1, 4, 7);
        if (ins > 1)
            _tile_loadd(5, in + o->input, line);
        if (i == 0)
            exchange(&old, &new, 2);
        if (ins > 1)
            _tile_dpbf16ps(2, 5, 6);
        if (i == 0)
            exchange(&old, &new, 3);
        if (ins > 1 && outs > 1)
            _tile_dpbf16ps(3, 5, 7);
    }
    *held = new;
}

TILES static void store_held(struct sums *held)
{
    const struct sums none = {.at = NULL};
    for (int t = 0; t < 4; t++)
        exchange(held, &none, t);
    *held = none;
}

TILES static void add_blocks(int ins, int outs, const struct operands *o, float *weight, struct sums *held)
{
    if (ins > 1 && outs > 1)
        add_products(2, 2, o, weight, held);
    else if (ins > 1)
        add_products(2, 1, o, weight, held);
    else if (outs > 1)
        add_products(1, 2, o, weight, held);
    else
        add_products(1, 1, o, weight, held);
}

/* Places [first, first + 16 * count) of the input, with the gradient at those that each tap moves there. */
TILES static void strip(const struct places *p, int ins, int outs, const uint32_t *input, const __m512i *gradient,
                        size_t first, int count, float *weight, struct sums *held)
{
    const size_t in = (size_t)(ins * LANES), out = (size_t)(outs * LANES);
    for (int i = 0; i < ins; i += AT_ONCE)
        for (int o = 0; o < outs; o += AT_ONCE)
            for (int tap = 0; tap < 9; tap++) {
                const int shift = (tap / 3 - 1) * p->line + tap % 3 - 1;
                const struct operands operands = {
                    .in = (const uint8_t *)(input + (size_t)(i * LANES) * p->input + first),
                    .out = (const uint8_t *)(gradient + (size_t)o * p->all + p->border + first) - shift * WIDTH,
                    .input = LANES * p->input * sizeof *input,
                    .line = p->input * sizeof *input,
                    .gradient = p->all * WIDTH,
                    .stride = out * sizeof *weight,
                    .count = count};
                add_blocks(MIN(AT_ONCE, ins - i), MIN(AT_ONCE, outs - o), &operands,
                           weight + ((size_t)tap * in + (size_t)(i * LANES)) * out + (size_t)(o * LANES), held);
            }
}

TILES static void add(struct net_extent e, struct net_layout in, struct net_layout out, const void *src,
                      const void *diff_dst, float *weight, float *bias, void *scratch)
{
    const struct places p = places_of(e);
    const int ins = in.padded / LANES, outs = out.padded / LANES, tiles = (int)(p.input / LANES);
    const size_t points = net_extent_points(e);
    __m512i *gradient = scratch;
    uint32_t *input = (uint32_t *)(gradient + (size_t)outs * p.all);
    struct sums held = {.at = NULL};
    net_tiles_configure();
    for (int row = 0; row < e.n; row += 2) {
        for (int i = 0; i < ins; i++) {
            const struct rows rows = rows_at(in, src, row, e.n, i, points);
            lay_input(&p, &rows, input + (size_t)(i * LANES) * p.input);
        }
        for (int o = 0; o < outs; o++) {
            const struct rows rows = rows_at(out, diff_dst, row, e.n, o, points);
            lay_gradient(&p, &rows, gradient + (size_t)o * p.all, bias + o * LANES);
        }
        NET_TILES_FENCE;
        for (int t = 0; t < tiles; t += STRIP)
            strip(&p, ins, outs, input, gradient, (size_t)(t * LANES), MIN(STRIP, tiles - t), weight, &held);
        NET_TILES_FENCE;
    }
    store_held(&held);
    NET_TILES_FENCE;
}

const struct net_weights_kernel net_weights_tiles = {
    .name = "own:amx_bf16", .fits = fits, .scratch = scratch_bytes, .add = add};

#else

static bool fits(struct net_layout in, struct net_layout out)
{
    (void)in;
    (void)out;
    return false;
}

const struct net_weights_kernel net_weights_tiles = {.name = "own:amx_bf16", .fits = fits};

#endif

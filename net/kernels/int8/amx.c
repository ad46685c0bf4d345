/* int8 convolutions on Intel's tiles (AMX): products of a matrix of 16 points by 64 bytes of input with one of 64 by 16 output channels, whose
 * sums are exact, so that the results have the same bits as those of the other kernels.
 *
 * The input is copied with zero padding: the channels of a point side by side, the board's lines one after the other with one point of
 * zeros between them, and a line of zeros above and below. In the copy, the inputs of the three taps of a kernel line are adjacent, too:
 * `3 * in` bytes, which begin `in` bytes later for the next point, so a tile of 16 points is loaded with that stride. Tiles are
 * therefore full for any number of channels, except the last one of each line of taps, whose surplus bytes are multiplied by zero
 * weights. The results at the points between two lines are not used.
 *
 *   weights [groups of two blocks of output channels][lines of taps][depth][blocks][16][16][4]
 *
 * Sums of two tiles of points by two blocks of channels stay in registers over all taps; while they are computed, the sums before them are
 * stored, then scaled and rounded by the vector units (amx_finish.h), which have nothing else to do. */
#include "net/kernels/int8/int8.h"
#include "net/kernels/packed.h"
#include "net/kernels/tiles.h"

#include <glib.h>
#include <string.h>

#if defined(__GNUC__) && defined(__x86_64__)
#include "net/kernels/int8/amx_copy.h"
#include "net/kernels/int8/amx_finish.h"
#include "net/kernels/int8/finish.h"
#include "net/kernels/int8/vectors.h"

#include <math.h>
#include <stdlib.h>

/* ---- weights ---- */

struct header {
    _Alignas(BYTES) bool bounded; /* see is_bounded */
};

static size_t transformed_bytes(const struct net_int8_conv *conv)
{
    if (!conv->weight)
        return net_int8_amx_words_bytes(conv);
    return sizeof(struct header) +
           (size_t)(conv->out / NET_INT8_BLOCK) * (size_t)(conv->kernel * depth_of(conv)) * TILE;
}

/* Whether every result fits in 32 bits when it is converted to an integer, whatever the input. Then the saturation of the packing instructions
 * does what minimum and maximum would do. It holds for the weights of trained nets by a wide margin. */
static bool is_bounded(const struct net_int8_conv *conv)
{
    const size_t taps = (size_t)(conv->kernel * conv->kernel), in = (size_t)conv->in;
    bool bounded = true;
    for (size_t o = 0; o < (size_t)conv->out && bounded; o++) {
        const int8_t *weight =
            conv->weight + o / NET_INT8_BLOCK * taps * in * NET_INT8_BLOCK + o % NET_INT8_BLOCK * NET_INT8_QUAD;
        double sum = 0;
        for (size_t q = 0; q < taps * in / NET_INT8_QUAD; q++, weight += NET_INT8_BLOCK * NET_INT8_QUAD)
            for (int i = 0; i < NET_INT8_QUAD; i++)
                sum += abs(weight[i]);
        const double most =
            255 * sum * fabs((double)conv->scale[o]) + fabs((double)conv->bias[o]) + 65536.0 / NET_INT8_U16_UNITS;
        bounded = most * fmax(NET_INT8_U16_UNITS, fabs((double)conv->ratio[o])) < 0x1p30;
    }
    return bounded;
}

static void transform(const struct net_int8_conv *conv, void *transformed)
{
    if (!conv->weight) {
        net_int8_amx_words_weights(conv, transformed);
        return;
    }
    struct header *header = transformed;
    int8_t *to = (int8_t *)(header + 1);
    header->bounded = is_bounded(conv);
    const int blocks = conv->out / NET_INT8_BLOCK, lines = conv->kernel, depth = depth_of(conv);
    const size_t line = (size_t)(conv->kernel * conv->in) * NET_INT8_BLOCK; /* bytes of a block's weights */
    for (int first = 0; first < blocks; first += AT_ONCE)
        for (int y = 0; y < lines; y++)
            for (int k = 0; k < depth; k++)
                for (int b = first; b < MIN(first + AT_ONCE, blocks); b++, to += TILE) {
                    const int8_t *from = conv->weight + (size_t)(b * lines + y) * line + (size_t)k * TILE;
                    const size_t count = MIN(TILE, line - (size_t)k * TILE);
                    memcpy(to, from, count);
                    memset(to + count, 0, TILE - count);
                }
}

/* ---- sums ---- */

/* FINISH_KINDS: none of them, so that the AVX-512 kernel has to do it. */
static enum finish_kind kind_of(const struct net_int8_conv *conv)
{
    const struct header *header = conv->transformed;
    if (conv->form == NET_INT8_F32)
        return conv->add ? FINISH_KINDS : TO_FLOATS;
    if (!conv->relu || !header->bounded)
        return FINISH_KINDS;
    if (conv->form == NET_INT8_U8)
        return conv->add ? FINISH_KINDS : TO_BYTES;
    return conv->add ? ADDED : TO_BOTH;
}

struct product {
    const struct copy *copy;
    int lines, depth;
    const uint8_t *input;
    const int8_t *weight;
};

/* Moves the sums of tile t of points by block b from their tile register, which is then free, to `g`. */
INLINE_TILES void store_sums(struct group *g, int t, int b)
{
    if (t < g->tiles)
        net_tile_store(2 * t + b, g->sums[b][t * ROWS], BYTES);
}

/* The products with the first tiles of weights, each in place of the sums of the group before, which are stored. So the tiles are never without
 * products to compute: storing a group by itself took as long as a tenth of its products. */
INLINE_TILES void begin_products(int tiles, int blocks, const struct product *p, struct group *before)
{
    const size_t in = p->copy->in;
    _tile_loadd(4, p->input, in);
    _tile_loadd(6, p->weight, BYTES);
    store_sums(before, 0, 0);
    _tile_zero(0);
    _tile_dpbusd(0, 4, 6);
    if (blocks > 1) {
        _tile_loadd(7, p->weight + TILE, BYTES);
        store_sums(before, 0, 1);
        _tile_zero(1);
        _tile_dpbusd(1, 4, 7);
    }
    if (tiles > 1)
        _tile_loadd(5, p->input + ROWS * in, in);
    store_sums(before, 1, 0);
    if (tiles > 1) {
        _tile_zero(2);
        _tile_dpbusd(2, 5, 6);
    }
    if (blocks > 1)
        store_sums(before, 1, 1);
    if (tiles > 1 && blocks > 1) {
        _tile_zero(3);
        _tile_dpbusd(3, 5, 7);
    }
    NET_TILES_FENCE;
}

/* Computes the sums of `tiles` tiles of points by `blocks` blocks of channels, which stay in the tile registers; between the products, finishes
 * the group `before`, whose sums were there. Compiled separately for each case. */
INLINE_TILES void multiply(int tiles, int blocks, enum finish_kind kind, const struct product *p, struct group *before,
                           const struct job *job)
{
    const size_t in = p->copy->in, line = (size_t)p->copy->line * in;
    const int count = p->lines * p->depth, depth = p->depth;
    const uint8_t *input = p->input;
    const int8_t *weight = p->weight + blocks * TILE;
    begin_products(tiles, blocks, p, before);
    struct finishing f = begin(before, job, blocks, kind);
    for (int i = 1, k = 1; i < count; i++, k++, weight += blocks * TILE) {
        if (k == depth) {
            k = 0;
            input += line;
        }
        _tile_loadd(4, input + k * BYTES, in);
        _tile_loadd(6, weight, BYTES);
        _tile_dpbusd(0, 4, 6);
        if (blocks > 1) {
            _tile_loadd(7, weight + TILE, BYTES);
            _tile_dpbusd(1, 4, 7);
        }
        finish_some(&f, 0, kind);
        if (tiles > 1) {
            _tile_loadd(5, input + ROWS * in + k * BYTES, in);
            _tile_dpbusd(2, 5, 6);
            if (blocks > 1)
                _tile_dpbusd(3, 5, 7);
        }
        if (blocks > 1)
            finish_some(&f, 1, kind);
        f.next += TOGETHER;
    }
    finish_rest(&f, blocks, kind);
    NET_TILES_FENCE;
}

/* Finishes a group after which there are no products, or products of another number of blocks. */
INLINE_TILES void finish_group(int blocks, enum finish_kind kind, struct group *g, const struct job *job)
{
    for (int t = 0; t < 2; t++) {
        store_sums(g, t, 0);
        if (blocks > 1)
            store_sums(g, t, 1);
    }
    NET_TILES_FENCE;
    struct finishing f = begin(g, job, blocks, kind);
    finish_rest(&f, blocks, kind);
    g->tiles = 0;
    g->first = g->end = 0;
}

struct functions {
    void (*multiply[AT_ONCE])(const struct product *p, struct group *before, const struct job *job); /* by tiles */
    void (*finish)(struct group *g, const struct job *job);
};

#define FUNCTIONS(blocks, kind)                                                                                        \
    TILES static __attribute__((noinline)) void multiply_1_##blocks##_##kind(                                          \
        const struct product *p, struct group *before, const struct job *job)                                          \
    {                                                                                                                  \
        multiply(1, blocks, kind, p, before, job);                                                                     \
    }                                                                                                                  \
    TILES static __attribute__((noinline)) void multiply_2_##blocks##_##kind(                                          \
        const struct product *p, struct group *before, const struct job *job)                                          \
    {                                                                                                                  \
        multiply(2, blocks, kind, p, before, job);                                                                     \
    }                                                                                                                  \
    TILES static __attribute__((noinline)) void finish_##blocks##_##kind(struct group *g, const struct job *job)       \
    {                                                                                                                  \
        finish_group(blocks, kind, g, job);                                                                            \
    }
#define NAMES(blocks, kind)                                                                                            \
    [kind] = {{multiply_1_##blocks##_##kind, multiply_2_##blocks##_##kind}, finish_##blocks##_##kind},
#define KINDS(make, blocks) make(blocks, TO_FLOATS) make(blocks, TO_BYTES) make(blocks, TO_BOTH) make(blocks, ADDED)
KINDS(FUNCTIONS, 1)
KINDS(FUNCTIONS, 2)
static const struct functions functions[AT_ONCE][FINISH_KINDS] = {{KINDS(NAMES, 1)}, {KINDS(NAMES, 2)}};

TILES static void one_row(const struct job *job, const uint8_t *src)
{
    const struct net_int8_conv *conv = job->conv;
    const struct copy *c = job->copy;
    const int blocks = conv->out / NET_INT8_BLOCK;
    _Alignas(BYTES) uint8_t input[copy_bytes(c)];
    struct product p = {c, conv->kernel, depth_of(conv), input,
                        (const int8_t *)conv->transformed + sizeof(struct header)};
    struct group group;
    group.tiles = group.block = group.place = group.first = group.end = 0;
    copy_input(c, src, input);
    NET_TILES_FENCE;
    for (int b = 0, count; b < blocks; b += count, p.weight += p.lines * p.depth * count * TILE) {
        count = MIN(AT_ONCE, blocks - b);
        const struct functions *f = &functions[count - 1][job->kind];
        for (int i = 0; i < c->groups; i++) {
            const int place = i * GROUP, tiles = c->end - place > ROWS ? 2 : 1;
            p.input = input + (size_t)place * c->in;
            f->multiply[tiles - 1](&p, &group, job);
            group.tiles = tiles;
            group.block = b;
            group.place = place;
            group.first = c->points_before[i];
            group.end = c->points_before[i + 1];
        }
        if (b + count == blocks || blocks - b - count == 1) /* nothing follows, or fewer blocks */
            f->finish(&group, job);
    }
}

TILES static void conv(const struct net_int8_conv *conv, struct net_extent e, const uint8_t *src, void *dst)
{
    struct copy c = copy_of(conv, e);
    int32_t offset[c.points + 2 * ROWS];
    int points_before[c.groups + 1];
    struct job job = {.conv = conv,
                      .copy = &c,
                      .kind = conv->transformed ? kind_of(conv) : FINISH_KINDS,
                      .bytes = (size_t)e.n * (size_t)c.points * (size_t)conv->out,
                      .dst = dst};
    if (job.kind == FINISH_KINDS) {
        net_int8_avx512.conv(conv, e, src, dst);
        return;
    }
    find_offsets(&c, offset);
    find_points(&c, points_before);
    c.offset = offset;
    c.points_before = points_before;
    net_tiles_configure();
    for (int row = 0; row < e.n; row++, src += (size_t)c.points * c.in, job.at += (size_t)c.points * (size_t)conv->out)
        one_row(&job, src);
}

/* Four points at a time, the last ones alone. */
TILES static void bias_relu(struct net_extent e, struct net_layout l, const float *x, int first, int count,
                            const float *bias, const float *scales, const float *scales16, void *out)
{
    const size_t points = net_extent_points(e);
    uint8_t *low = out;
    uint16_t *high = (uint16_t *)(low + (size_t)e.n * points * (size_t)l.padded);
    for (int row = 0; row < e.n; row++, bias += count)
        for (int b = 0; b < l.padded / NET_INT8_BLOCK; b++) {
            const struct net_int8_lanes lanes = net_int8_bias_lanes(l, b, first, count, bias, scales, scales16);
            const reals add = reals_load(lanes.add), to_u8 = reals_load(lanes.u8), to_u16 = reals_load(lanes.u16);
            size_t p = 0;
            for (; p + TOGETHER <= points; p += TOGETHER) {
                reals v[TOGETHER], low_units[TOGETHER], high_units[TOGETHER];
                const size_t each = NET_INT8_BLOCK;
#pragma GCC unroll 4
                for (size_t k = 0; k < TOGETHER; k++) {
                    v[k] = reals_max(reals_add(reals_load(x + k * each), add), reals_set(0));
                    low_units[k] = reals_min(reals_mul(v[k], to_u8), reals_set(255));
                    high_units[k] = reals_min(reals_mul(v[k], to_u16), reals_set(65535.0f / NET_INT8_U16_UNITS));
                }
                _mm512_storeu_si512(low, bytes_of(low_units));
                if (scales16) {
                    _mm512_storeu_si512(high, words_of(high_units));
                    _mm512_storeu_si512(high + 2 * each, words_of(high_units + 2));
                }
                x += TOGETHER * each;
                low += TOGETHER * each;
                high += TOGETHER * each;
            }
            for (; p < points; p++, x += NET_INT8_BLOCK, low += NET_INT8_BLOCK, high += NET_INT8_BLOCK)
                bias_point(x, add, to_u8, to_u16, low, scales16 ? high : NULL);
        }
}

static void real(const struct net_int8_conv *conv, struct net_extent e, const void *src, void *dst)
{
    if (conv->transformed)
        net_int8_amx_words(conv, e, src, dst);
    else
        net_int8_avx512.real(conv, e, src, dst);
}

const struct net_int8_kernel net_int8_amx = {.name = "own:amx",
                                             .fits = net_tiles_available,
                                             .pays = net_tiles_available,
                                             .conv = conv,
                                             .real = real,
                                             .bias_relu = bias_relu,
                                             .transformed_bytes = transformed_bytes,
                                             .transform = transform};

#else /* nobody calls a kernel that does not fit */

const struct net_int8_kernel net_int8_amx = {
    .name = "own:amx", .fits = net_tiles_available, .pays = net_tiles_available};

#endif

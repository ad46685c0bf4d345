/* The input of each row of the batch is copied with zero padding: the board's lines one after the other, with one place of zeros between
 * them and a line of zeros above and below (a place holds the channels of a point, or zeros). In the copy, the inputs of the three taps
 * of a kernel line are adjacent: 3 * in values, which begin `in` values later for the next place, so a tile of 16 places is loaded with
 * that stride. Results at the places between two lines are not used. The sums of two tiles of places by two blocks of 16 channels stay in
 * registers over all taps; each tile is stored just before the first product of the next group takes its register, and the vector units
 * finish the sums (bias, residual, ReLU, rounding) between that group's products. int8/amx.c works in the same way.
 *
 *   weights [pairs of blocks of output channels][3 lines of taps][depth][2 blocks][16][16][2] */
#include "net/kernels/dnnl/conv_tiles.h"

#include "net/kernels/packed.h"
#include "net/kernels/tiles.h"

#include <glib.h>
#include <string.h>

enum {
    BLOCK = 16,          /* output channels of a tile */
    CHANNELS = 2 * BLOCK /* of both blocks, and values in a row of a tile */
};

bool net_conv_tiles_fits(struct net_layout in, struct net_layout out)
{
    return net_tiles_available() && in.block == in.padded && out.block == out.padded && in.padded % CHANNELS == 0 &&
           out.padded % CHANNELS == 0;
}

size_t net_conv_tiles_weights_bytes(int in, int out)
{
    return (size_t)(9 * in) * (size_t)out * sizeof(uint16_t);
}

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>

#define TILES NET_TILES_TARGET
#define INLINE TILES static inline __attribute__((always_inline))

enum {
    ROWS = NET_TILE_ROWS,
    WIDTH = NET_TILE_WIDTH,
    TILE = NET_TILE_BYTES,
    GROUP = 2 * ROWS, /* places whose sums are computed together */
    TOGETHER = 4,     /* points that are finished together */
};

/* Tiles of values for each line of taps. */
static int depth_of(int in)
{
    return 3 * in / CHANNELS;
}

/* ---- weights ---- */

/* Values k and k + 1 of 16 adjacent output channels, as pairs; step, next: from one channel and from one value to the next. */
INLINE __m512i pairs_of(const float *from, int step, int next)
{
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i at = _mm512_mullo_epi32(lanes, _mm512_set1_epi32(step));
    const __m512 low = _mm512_i32gather_ps(at, from, sizeof *from),
                 high = _mm512_i32gather_ps(at, from + next, sizeof *from);
    const __m512i low16 = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(low)),
                  high16 = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(high));
    return _mm512_or_si512(low16, _mm512_slli_epi32(high16, 16));
}

TILES void net_conv_tiles_pack(const float *plain, int ins, int outs, bool transposed, void *to)
{
    const int of_out = 9 * ins, of_in = 9; /* values from one channel to the next */
    const int in = transposed ? outs : ins, out = transposed ? ins : outs;
    const int step = transposed ? of_in : of_out, next = transposed ? of_out : of_in;
    uint8_t *tile = to;
    for (int pair = 0; pair < out; pair += CHANNELS)
        for (int y = 0; y < 3; y++)
            for (int k = 0; k < depth_of(in); k++)
                for (int o = pair; o < pair + CHANNELS; o += BLOCK)
                    for (int row = 0; row < ROWS; row++, tile += WIDTH) {
                        const int value = k * CHANNELS + 2 * row, x = value / in, i = value % in;
                        const int tap = transposed ? 8 - (3 * y + x) : 3 * y + x;
                        _mm512_store_si512(
                            tile,
                            pairs_of(plain + (size_t)o * (size_t)step + (size_t)i * (size_t)next + tap, step, next));
                    }
}

/* ---- the copy of the input ---- */

struct copy {
    int width, height;
    int line;      /* places from one line to the next */
    int first;     /* the place of point 0 */
    int end;       /* places of results, those between lines included */
    size_t in;     /* bytes of a place */
    size_t places; /* that are read: also beyond those that have results */
};

static struct copy copy_of(struct net_extent e, int in)
{
    struct copy c = {.width = e.width, .height = e.height, .line = e.width + 1, .in = (size_t)in * sizeof(uint16_t)};
    c.first = c.line + 1;
    c.end = c.line * (e.height - 1) + e.width;
    c.places = (size_t)(c.end + 2 * c.line + 2 + GROUP);
    return c;
}

size_t net_conv_tiles_scratch_bytes(struct net_extent e, int in)
{
    const struct copy c = copy_of(e, in);
    return c.places * c.in;
}

/* What lies beyond the last line of zeros is only read for results that are not used. */
static void copy_input(const struct copy *c, const uint16_t *src, uint8_t *to)
{
    const size_t line = (size_t)c->width * c->in;
    const uint8_t *from = (const uint8_t *)src;
    memset(to, 0, (size_t)c->first * c->in);
    to += (size_t)c->first * c->in;
    for (int y = 0; y < c->height; y++, from += line, to += line + c->in) {
        memcpy(to, from, line);
        memset(to + line, 0, c->in);
    }
    memset(to, 0, (size_t)c->line * c->in);
}

/* ---- sums ---- */

/* The sums of up to two tiles of places by two blocks of channels, and what of them is to be finished. */
struct group {
    _Alignas(WIDTH) float sums[2][GROUP][BLOCK]; /* of each block */
    int tiles;      /* of places: their sums are in the tile registers and not yet in `sums`; 0: there is no group */
    int x;          /* of place 0 in its line; from `width` on it is between lines */
    int place, end; /* to be finished: place 0 to before end */
    uint16_t *dst;  /* of the point at place 0, or the first one after it; of the first channel */
    const float *bias;
};

struct job {
    const struct net_conv_tiles *conv;
    struct copy copy;
};

/* Two blocks of a place; its point's channels are stored. */
INLINE void finish_point(const float *one, const float *two, __m512 bias1, __m512 bias2, bool add, bool relu,
                         uint16_t *to)
{
    __m512 v1 = _mm512_add_ps(_mm512_load_ps(one), bias1), v2 = _mm512_add_ps(_mm512_load_ps(two), bias2);
    if (add) {
        const __m512i had = _mm512_loadu_si512(to);
        v1 = _mm512_add_ps(
            v1, _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(had)), 16)));
        v2 = _mm512_add_ps(
            v2, _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(had, 1)), 16)));
    }
    if (relu) {
        v1 = _mm512_max_ps(v1, _mm512_setzero_ps());
        v2 = _mm512_max_ps(v2, _mm512_setzero_ps());
    }
    _mm512_storeu_si512(to, (__m512i)_mm512_cvtne2ps_pbh(v2, v1));
}

/* A group on its way to be finished. */
struct finishing {
    struct group *group;
    __m512 bias1, bias2;
    size_t out; /* values from one point to the next */
    int width;
};

INLINE struct finishing begin(struct group *g, const struct job *job)
{
    struct finishing f = {.group = g, .out = (size_t)job->conv->out, .width = job->copy.width};
    f.bias1 = g->bias ? _mm512_loadu_ps(g->bias) : _mm512_setzero_ps();
    f.bias2 = g->bias ? _mm512_loadu_ps(g->bias + BLOCK) : _mm512_setzero_ps();
    return f;
}

/* The next places of the group. */
INLINE void finish_some(const struct finishing *f, bool add, bool relu)
{
    struct group *g = f->group;
    for (int i = 0; i < TOGETHER && g->place < g->end; i++, g->place++) {
        if (g->x++ == f->width) {
            g->x = 0;
            continue;
        }
        finish_point(g->sums[0][g->place], g->sums[1][g->place], f->bias1, f->bias2, add, relu, g->dst);
        g->dst += f->out;
    }
}

INLINE void store_sums(struct group *g, int t, int b)
{
    if (t < g->tiles)
        net_tile_store(2 * t + b, g->sums[b][t * ROWS], WIDTH);
}

/* The products with the first tiles of weights, each in place of the sums of the group before, which are stored. */
INLINE void begin_products(int tiles, size_t in, const uint8_t *input, const uint8_t *weight, struct group *before)
{
    _tile_loadd(4, input, in);
    _tile_loadd(6, weight, WIDTH);
    store_sums(before, 0, 0);
    _tile_zero(0);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, weight + TILE, WIDTH);
    store_sums(before, 0, 1);
    _tile_zero(1);
    _tile_dpbf16ps(1, 4, 7);
    if (tiles > 1)
        _tile_loadd(5, input + ROWS * in, in);
    store_sums(before, 1, 0);
    if (tiles > 1) {
        _tile_zero(2);
        _tile_dpbf16ps(2, 5, 6);
    }
    store_sums(before, 1, 1);
    if (tiles > 1) {
        _tile_zero(3);
        _tile_dpbf16ps(3, 5, 7);
    }
    NET_TILES_FENCE;
}

/* Computes the sums of `tiles` tiles of places, which stay in the tile registers; between the products, finishes the group `before`, whose
 * sums were there. Compiled separately for each case. */
INLINE void multiply(int tiles, bool add, bool relu, const struct job *job, const uint8_t *input, const uint8_t *weight,
                     struct group *before)
{
    const size_t in = job->copy.in, line = (size_t)job->copy.line * in;
    const int depth = depth_of(job->conv->in), count = 3 * depth;
    begin_products(tiles, in, input, weight, before);
    const struct finishing f = begin(before, job);
    weight += 2 * TILE;
    for (int i = 1, k = 1; i < count; i++, k++, weight += 2 * TILE) {
        if (k == depth) {
            k = 0;
            input += line;
        }
        _tile_loadd(4, input + k * WIDTH, in);
        _tile_loadd(6, weight, WIDTH);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, weight + TILE, WIDTH);
        _tile_dpbf16ps(1, 4, 7);
        finish_some(&f, add, relu);
        if (tiles > 1) {
            _tile_loadd(5, input + ROWS * in + k * WIDTH, in);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
        }
    }
    while (before->place < before->end)
        finish_some(&f, add, relu);
    NET_TILES_FENCE;
}

/* Finishes a group after which there are no products. */
INLINE void finish_group(bool add, bool relu, const struct job *job, struct group *g)
{
    for (int t = 0; t < 2; t++)
        for (int b = 0; b < 2; b++)
            store_sums(g, t, b);
    NET_TILES_FENCE;
    const struct finishing f = begin(g, job);
    while (g->place < g->end)
        finish_some(&f, add, relu);
}

typedef void multiply_function(const struct job *job, const uint8_t *input, const uint8_t *weight,
                               struct group *before);
typedef void finish_function(const struct job *job, struct group *g);

#define FUNCTIONS(name, add, relu)                                                                                     \
    TILES static __attribute__((noinline)) void multiply_1_##name(const struct job *job, const uint8_t *input,         \
                                                                  const uint8_t *weight, struct group *before)         \
    {                                                                                                                  \
        multiply(1, add, relu, job, input, weight, before);                                                            \
    }                                                                                                                  \
    TILES static __attribute__((noinline)) void multiply_2_##name(const struct job *job, const uint8_t *input,         \
                                                                  const uint8_t *weight, struct group *before)         \
    {                                                                                                                  \
        multiply(2, add, relu, job, input, weight, before);                                                            \
    }                                                                                                                  \
    TILES static void finish_##name(const struct job *job, struct group *g)                                            \
    {                                                                                                                  \
        finish_group(add, relu, job, g);                                                                               \
    }
FUNCTIONS(plain, false, false)
FUNCTIONS(relu, false, true)
FUNCTIONS(add, true, false)
FUNCTIONS(both, true, true)
static const struct {
    multiply_function *multiply[2]; /* by tiles */
    finish_function *finish;
} functions[2][2] = {
    {{{multiply_1_plain, multiply_2_plain}, finish_plain}, {{multiply_1_relu, multiply_2_relu}, finish_relu}},
    {{{multiply_1_add, multiply_2_add}, finish_add}, {{multiply_1_both, multiply_2_both}, finish_both}}};

/* The number of points before a place. */
static size_t points_before(const struct copy *c, int place)
{
    return (size_t)(place / c->line * c->width + MIN(place % c->line, c->width));
}

TILES void net_conv_tiles(const struct net_conv_tiles *conv, struct net_extent e, const uint16_t *src, uint16_t *dst,
                          void *scratch)
{
    const struct job job = {conv, copy_of(e, conv->in)};
    const struct copy *c = &job.copy;
    const size_t points = net_extent_points(e);
    const size_t pair = (size_t)(3 * depth_of(conv->in)) * 2 * TILE; /* bytes of weights */
    struct group group;
    group.tiles = group.place = group.end = 0;
    group.bias = NULL;
    net_tiles_configure();
    for (int row = 0; row < e.n; row++, src += points * (size_t)conv->in, dst += points * (size_t)conv->out) {
        copy_input(c, src, scratch);
        NET_TILES_FENCE;
        for (int o = 0; o < conv->out; o += CHANNELS)
            for (int place = 0; place < c->end; place += GROUP) {
                const int tiles = c->end - place > ROWS ? 2 : 1;
                functions[conv->add][conv->relu].multiply[tiles - 1](
                    &job, (const uint8_t *)scratch + (size_t)place * c->in,
                    (const uint8_t *)conv->weights + (size_t)(o / CHANNELS) * pair, &group);
                group.tiles = tiles;
                group.x = place % c->line;
                group.place = 0;
                group.end = MIN(GROUP, c->end - place);
                group.dst = dst + points_before(c, place) * (size_t)conv->out + o;
                group.bias = conv->bias ? conv->bias + o : NULL;
            }
    }
    functions[conv->add][conv->relu].finish(&job, &group);
}

#else

/* Nobody calls what does not fit. */
void net_conv_tiles_pack(const float *plain, int ins, int outs, bool transposed, void *to)
{
    (void)plain, (void)ins, (void)outs, (void)transposed, (void)to;
    g_assert_not_reached();
}

size_t net_conv_tiles_scratch_bytes(struct net_extent e, int in)
{
    (void)e, (void)in;
    return 0;
}

void net_conv_tiles(const struct net_conv_tiles *conv, struct net_extent e, const uint16_t *src, uint16_t *dst,
                    void *scratch)
{
    (void)conv, (void)e, (void)src, (void)dst, (void)scratch;
    g_assert_not_reached();
}

#endif

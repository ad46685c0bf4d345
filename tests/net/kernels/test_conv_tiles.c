/* Convolutions in bf16 on tiles, against sums by hand. */
#include "games/rng.h"
#include "net/kernels/dnnl/conv_tiles.h"
#include "net/kernels/packed.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static float float_of(uint16_t half)
{
    const uint32_t bits = (uint32_t)half << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Rounded to nearest, ties to even. */
static uint16_t half_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static void *aligned(size_t bytes)
{
    void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
    memset(memory, 0, (bytes + 127) / 64 * 64);
    return memory;
}

struct study {
    struct net_extent e;
    int ins, outs;
    float *plain, *bias;
    uint16_t *src, *dst;
};

static float weight_of(const struct study *s, int o, int i, int tap)
{
    return float_of(half_of(s->plain[((size_t)o * (size_t)s->ins + (size_t)i) * 9 + (size_t)tap]));
}

/* The sum for one value of the result; transposed: of the gradient of the data. *size: of the sum's terms. */
static double sum_of(const struct study *s, bool transposed, int row, int y, int x, int channel, double *size)
{
    const int in = transposed ? s->outs : s->ins;
    double sum = 0;
    *size = 0;
    for (int tap = 0; tap < 9; tap++) {
        const int fy = y + tap / 3 - 1, fx = x + tap % 3 - 1;
        if (fy < 0 || fy >= s->e.height || fx < 0 || fx >= s->e.width)
            continue;
        const uint16_t *from =
            s->src + (((size_t)row * (size_t)s->e.height + (size_t)fy) * (size_t)s->e.width + (size_t)fx) * (size_t)in;
        for (int i = 0; i < in; i++) {
            const double term = (double)float_of(from[i]) * (double)(transposed ? weight_of(s, i, channel, 8 - tap)
                                                                                : weight_of(s, channel, i, tap));
            sum += term;
            *size += fabs(term);
        }
    }
    return sum;
}

static void check(const struct study *s, bool transposed, bool add, bool relu, const uint16_t *before)
{
    const int out = transposed ? s->ins : s->outs;
    for (int row = 0; row < s->e.n; row++)
        for (int y = 0; y < s->e.height; y++)
            for (int x = 0; x < s->e.width; x++)
                for (int c = 0; c < out; c++) {
                    const size_t at =
                        (((size_t)row * (size_t)s->e.height + (size_t)y) * (size_t)s->e.width + (size_t)x) *
                            (size_t)out +
                        (size_t)c;
                    double size, wanted = sum_of(s, transposed, row, y, x, c, &size);
                    wanted += transposed ? 0 : (double)s->bias[c];
                    wanted += add ? (double)float_of(before[at]) : 0;
                    wanted = relu ? fmax(wanted, 0) : wanted;
                    cr_assert_float_eq((double)float_of(s->dst[at]), wanted, fabs(wanted) / 200 + 1e-5 * size,
                                       "%dx%d, %d to %d%s%s%s: row %d, (%d, %d), channel %d", s->e.width, s->e.height,
                                       s->ins, s->outs, transposed ? ", transposed" : "", add ? ", add" : "",
                                       relu ? ", relu" : "", row, x, y, c);
                }
}

/* Boards of all shapes, also smaller than a tile, with several rows, whose pipelines overlap. */
Test(conv_tiles, sums_by_hand)
{
    struct rng rng;
    rng_seed(&rng, 7);
    for (int i = 0; i < 48; i++) {
        struct study s = {.e = {1 + i % 20, 1 + (int)rng_below(&rng, 12), 1 + i % 4},
                          .ins = 32 * (1 + (int)rng_below(&rng, 3)),
                          .outs = 32 * (1 + (int)rng_below(&rng, 3))};
        const struct net_layout in = {s.ins, s.ins, s.ins}, out = {s.outs, s.outs, s.outs};
        if (!net_conv_tiles_fits(in, out))
            return;
        const bool transposed = i % 3 == 2, add = !transposed && i % 2, relu = !transposed && i % 5 < 3;
        const size_t places = (size_t)s.e.n * net_extent_points(s.e), most = places * (size_t)MAX(s.ins, s.outs);
        s.plain = aligned((size_t)(s.ins * s.outs * 9) * sizeof(float));
        s.bias = aligned((size_t)s.outs * sizeof(float));
        s.src = aligned(most * sizeof(uint16_t));
        s.dst = aligned(most * sizeof(uint16_t));
        fixture_fill(&rng, (size_t)(s.ins * s.outs * 9), -1, 1, s.plain);
        fixture_fill(&rng, (size_t)s.outs, -3, 3, s.bias);
        for (size_t k = 0; k < most; k++) {
            s.src[k] = half_of((float)rng_uniform(&rng) - 0.5f);
            s.dst[k] = half_of(8 * (float)rng_uniform(&rng) - 4);
        }
        uint16_t *before = g_memdup2(s.dst, most * sizeof *before);
        void *weights = aligned(net_conv_tiles_weights_bytes(s.ins, s.outs));
        void *scratch = aligned(net_conv_tiles_scratch_bytes(s.e, transposed ? s.outs : s.ins));
        net_conv_tiles_pack(s.plain, s.ins, s.outs, transposed, weights);
        const struct net_conv_tiles conv = {.in = transposed ? s.outs : s.ins,
                                            .out = transposed ? s.ins : s.outs,
                                            .weights = weights,
                                            .bias = transposed ? NULL : s.bias,
                                            .add = add,
                                            .relu = relu};
        net_conv_tiles(&conv, s.e, s.src, s.dst, scratch);
        check(&s, transposed, add, relu, before);
        for (size_t k = places * (size_t)conv.out; k < most; k++)
            cr_assert_eq(s.dst[k], before[k], "beyond the result");
        g_free(before);
        free(weights);
        free(scratch);
        free(s.plain);
        free(s.bias);
        free(s.src);
        free(s.dst);
    }
}

/* Other layouts are the library's. */
Test(conv_tiles, layouts)
{
    const struct net_layout all = {40, 64, 64}, blocks = {64, 64, 16}, narrow = {40, 48, 48};
    cr_expect_not(net_conv_tiles_fits(blocks, all));
    cr_expect_not(net_conv_tiles_fits(all, blocks));
    cr_expect_not(net_conv_tiles_fits(all, narrow));
}

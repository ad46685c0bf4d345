/* Packed activations against straightforward loops over (row, channel, point), for every layout and both element
 * types. */
#include "games/rng.h"
#include "net/kernels/packed.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* A tensor and its expected contents, [n][channels][points]. */
struct bench {
    const struct net_packed *packed;
    struct net_extent e;
    struct net_layout l;
    size_t points;
    void *data;
    float *model;
};

/* The nearest number with 8 bits of precision, ties to even. */
static float nearest_bf16(float value)
{
    int exponent;
    double fraction = frexp((double)value, &exponent) * 256;
    return (float)ldexp(nearbyint(fraction), exponent - 8);
}

static float stored(const struct bench *b, double value)
{
    return b->packed == &net_packed_bf16 ? nearest_bf16((float)value) : (float)value;
}

/* Relative error of one operation's result. */
static double precision(const struct bench *b)
{
    return b->packed == &net_packed_bf16 ? 1.0 / 256 : 1e-6;
}

static float *model_at(const struct bench *b, int row, int channel)
{
    return b->model + ((size_t)row * (size_t)b->l.channels + (size_t)channel) * b->points;
}

/* As the header describes the layout. */
static float element(const struct bench *b, int row, int c, size_t p)
{
    size_t block = (size_t)b->l.block;
    size_t at = (((size_t)(row * b->l.padded) / block + (size_t)c / block) * b->points + p) * block + (size_t)c % block;
    if (b->packed == &net_packed_real)
        return ((const float *)b->data)[at];
    uint32_t bits = (uint32_t)((const uint16_t *)b->data)[at] << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void expect_model(const struct bench *b, double tolerance, const char *after)
{
    for (int row = 0; row < b->e.n; row++)
        for (int c = 0; c < b->l.padded; c++)
            for (size_t p = 0; p < b->points; p++) {
                double wanted = c < b->l.channels ? (double)model_at(b, row, c)[p] : 0;
                double had = (double)element(b, row, c, p);
                cr_assert(fabs(had - wanted) <= tolerance * fmax(1, fabs(wanted)),
                          "%s: row %d of %d, channel %d of %d in blocks of %d, point %zu of %zu: %g instead of %g", after,
                          row, b->e.n, c, b->l.channels, b->l.block, p, b->points, had, wanted);
            }
}

static float random_value(struct rng *rng)
{
    return 2 * (float)rng_uniform(rng) - 1;
}

static void bench_load(struct bench *b, struct rng *rng)
{
    size_t count = (size_t)(b->e.n * b->l.channels) * b->points;
    float *planes = g_new(float, count);
    b->data = g_malloc((size_t)(b->e.n * b->l.padded) * b->points * b->packed->bytes);
    memset(b->data, 0xff, (size_t)(b->e.n * b->l.padded) * b->points * b->packed->bytes);
    b->model = g_new(float, count);
    for (size_t i = 0; i < count; i++) {
        planes[i] = random_value(rng);
        b->model[i] = stored(b, (double)planes[i]);
    }
    b->packed->load(b->e, b->l, planes, b->data);
    g_free(planes);
}

static void bench_free(struct bench *b)
{
    g_free(b->data);
    g_free(b->model);
}

/* Every block size in turn (0: channels last), on random boards and batches. */
static struct bench bench_of(struct rng *rng, const struct net_packed *packed, int number)
{
    static const int blocks[] = {0, 16, 8, 4, 1, 32}, sizes[] = {1, 2, 3, 5, 9, 11};
    int channels = 1 + (int)rng_below(rng, 40), block = blocks[number % 6];
    int width = sizes[rng_below(rng, 6)], height = rng_below(rng, 2) ? width : sizes[rng_below(rng, 6)];
    int padded = block ? (channels + block - 1) / block * block : channels;
    struct bench b = {.packed = packed,
                      .e = {width, height, 1 + (int)rng_below(rng, 3)},
                      .l = {channels, padded, block ? block : channels},
                      .points = (size_t)(width * height)};
    bench_load(&b, rng);
    return b;
}

/* A second tensor of the same shape. */
static struct bench bench_like(struct rng *rng, const struct bench *like)
{
    struct bench b = *like;
    bench_load(&b, rng);
    return b;
}

enum { CASES = 60 };
#define FOR_EACH_CASE(rng, b)                                                                                          \
    rng_seed(&rng, 21);                                                                                                \
    for (int number = 0; number < 2 * CASES; number++)                                                                 \
        for (struct bench b = bench_of(&rng, number % 2 ? &net_packed_bf16 : &net_packed_real, number / 2); b.data;    \
             bench_free(&b), b.data = NULL)

Test(packed, channels_go_in_and_out)
{
    struct rng rng;
    FOR_EACH_CASE(rng, b)
    {
        size_t stride = b.points + rng_below(&rng, 4), count = (size_t)b.e.n * stride;
        float *values = g_new(float, count);
        expect_model(&b, 0, "load");
        for (int c = 0; c < b.l.channels; c++) {
            b.packed->read(b.e, b.l, b.data, c, values, stride);
            for (int row = 0; row < b.e.n; row++)
                cr_assert_arr_eq(values + (size_t)row * stride, model_at(&b, row, c), b.points * sizeof(float));
        }
        int c = (int)rng_below(&rng, (uint32_t)b.l.channels);
        fixture_fill(&rng, count, -1, 1, values);
        b.packed->write(b.e, b.l, b.data, c, values, stride);
        for (int row = 0; row < b.e.n; row++)
            for (size_t p = 0; p < b.points; p++)
                model_at(&b, row, c)[p] = stored(&b, (double)values[(size_t)row * stride + p]);
        expect_model(&b, 0, "write");
        g_free(values);
    }
}

Test(packed, rows_go_in_and_out)
{
    struct rng rng;
    FOR_EACH_CASE(rng, b)
    {
        size_t channels = (size_t)b.l.channels;
        float *values = g_new(float, channels *b.points);
        for (int add = 0; add < 2; add++) {
            int row = (int)rng_below(&rng, (uint32_t)b.e.n);
            b.packed->read_row(b.e, b.l, b.data, row, values);
            for (size_t p = 0; p < b.points; p++)
                for (size_t c = 0; c < channels; c++)
                    cr_assert_eq(values[p * channels + c], model_at(&b, row, (int)c)[p]);
            fixture_fill(&rng, channels * b.points, -1, 1, values);
            b.packed->write_row(b.e, b.l, b.data, row, values, add);
            for (size_t p = 0; p < b.points; p++)
                for (size_t c = 0; c < channels; c++) {
                    float *at = model_at(&b, row, (int)c) + p;
                    *at = stored(&b, (double)(values[p * channels + c] + (add ? *at : 0)));
                }
            expect_model(&b, 0, add ? "write_row, adding" : "write_row");
        }
        g_free(values);
    }
}

Test(packed, masks_and_sums)
{
    struct rng rng;
    FOR_EACH_CASE(rng, b)
    {
        struct bench more = bench_like(&rng, &b), y = bench_like(&rng, &b);
        size_t count = (size_t)(b.e.n * b.l.channels) * b.points, padded = (size_t)(b.e.n * b.l.padded) * b.points;
        b.packed->add(padded, b.data, more.data);
        for (size_t k = 0; k < count; k++)
            b.model[k] = stored(&b, (double)(b.model[k] + more.model[k]));
        expect_model(&b, 0, "add");
        b.packed->mask(padded, b.data, more.data, y.data);
        for (size_t k = 0; k < count; k++)
            b.model[k] = y.model[k] > 0 ? stored(&b, (double)(b.model[k] + more.model[k])) : 0;
        expect_model(&b, 0, "mask of a sum");
        b.packed->mask(padded, b.data, NULL, more.data);
        for (size_t k = 0; k < count; k++)
            b.model[k] = more.model[k] > 0 ? b.model[k] : 0;
        expect_model(&b, 0, "mask");
        bench_free(&more);
        bench_free(&y);
    }
}

/* Zero, of either sign, is masked like a negative number. */
Test(packed, zero_is_masked)
{
    float gradient[4] = {1, 2, 3, 4}, y[4] = {0, -0.0f, 1e-30f, -1};
    static const float wanted[4] = {0, 0, 3, 0};
    uint16_t gradient16[4], y16[4];
    struct net_layout l = {1, 1, 1};
    struct net_extent e = {2, 2, 1};
    net_packed_bf16.load(e, l, gradient, gradient16);
    net_packed_bf16.load(e, l, y, y16);
    net_packed_real.mask(4, gradient, NULL, y);
    net_packed_bf16.mask(4, gradient16, NULL, y16);
    for (int i = 0; i < 4; i++) {
        cr_expect_eq(gradient[i], wanted[i], "real %d", i);
        cr_expect_eq(gradient16[i], wanted[i] > 0 ? 0x4040 : 0, "bf16 %d", i);
    }
}

/* A range of channels; in a quarter of the cases all of them. */
static void choose_range(struct rng *rng, const struct bench *b, int *first, int *count)
{
    bool all = rng_below(rng, 4) == 0;
    *first = all ? 0 : (int)rng_below(rng, (uint32_t)b->l.channels);
    *count = all ? b->l.channels : 1 + (int)rng_below(rng, (uint32_t)(b->l.channels - *first));
}

/* Mean, mean times (edge - 10) / 10 with the mean of width and height as edge, maximum; the gradient of the maximum goes to the first point that has it. */
Test(packed, pooling)
{
    struct rng rng;
    FOR_EACH_CASE(rng, b)
    {
        int first, count, outs;
        choose_range(&rng, &b, &first, &count);
        outs = 3 * count;
        double width = ((b.e.width + b.e.height) / 2.0 - 10) / 10;
        float *pooled = g_new(float, b.e.n *outs), *dout = g_new(float, b.e.n *outs);
        fixture_fill(&rng, (size_t)(b.e.n * outs), -1, 1, dout);
        float *zeros = g_new0(float, (size_t)b.e.n *b.points); /* a channel without a maximum above 0 */
        b.packed->write(b.e, b.l, b.data, first, zeros, b.points);
        for (int row = 0; row < b.e.n; row++)
            memcpy(model_at(&b, row, first), zeros, b.points * sizeof *zeros);
        g_free(zeros);
        b.packed->pool(b.e, b.l, b.data, first, count, pooled);
        struct bench dx = bench_like(&rng, &b);
        for (int row = 0; row < b.e.n; row++)
            for (int i = 0; i < count; i++) {
                const float *x = model_at(&b, row, first + i), *d = dout + row * outs + i;
                double sum = 0, most = 0;
                size_t best = 0;
                for (size_t p = 0; p < b.points; p++) {
                    sum += fmax(0, (double)x[p]);
                    best = (double)x[p] > most ? p : best;
                    most = fmax(most, (double)x[p]);
                }
                double mean = sum / (double)b.points;
                cr_assert_float_eq(pooled[row * outs + i], mean, 1e-5);
                cr_assert_float_eq(pooled[row * outs + count + i], mean * width, 1e-5);
                cr_assert_float_eq(pooled[row * outs + 2 * count + i], most, 0);
                double each = ((double)d[0] + (double)d[count] * width) / (double)b.points;
                for (size_t p = 0; p < b.points; p++)
                    model_at(&dx, row, first + i)[p] +=
                        (float)((x[p] > 0 ? each : 0) + (most > 0 && p == best ? (double)d[2 * count] : 0));
            }
        dx.packed->pool_backward(dx.e, dx.l, b.data, first, count, dout, dx.data);
        expect_model(&dx, 2 * precision(&b), "pool_backward");
        bench_free(&dx);
        g_free(pooled);
        g_free(dout);
    }
}

Test(packed, biases)
{
    struct rng rng;
    FOR_EACH_CASE(rng, b)
    {
        int first, count;
        choose_range(&rng, &b, &first, &count);
        float *bias = g_new(float, b.e.n *count), *dbias = g_new(float, b.e.n *count);
        fixture_fill(&rng, (size_t)(b.e.n * count), -1, 1, bias);
        memset(dbias, 0xff, (size_t)(b.e.n * count) * sizeof *dbias);
        b.packed->bias_relu(b.e, b.l, b.data, first, count, bias);
        struct bench dx = bench_like(&rng, &b);
        for (int row = 0; row < b.e.n; row++)
            for (int c = 0; c < b.l.channels; c++)
                for (size_t p = 0; p < b.points; p++) {
                    float *x = model_at(&b, row, c) + p, *d = model_at(&dx, row, c) + p;
                    float sum = *x + (c >= first && c < first + count ? bias[row * count + c - first] : 0);
                    *x = sum > 0 ? stored(&b, (double)sum) : 0;
                    *d = *x > 0 ? *d : 0;
                }
        expect_model(&b, 0, "bias_relu");
        b.packed->bias_relu_backward(b.e, b.l, b.data, dx.data, first, count, dbias);
        expect_model(&dx, 0, "bias_relu_backward");
        for (int row = 0; row < b.e.n; row++)
            for (int i = 0; i < count; i++) {
                double sum = 0;
                for (size_t p = 0; p < b.points; p++)
                    sum += (double)model_at(&dx, row, first + i)[p];
                cr_assert_float_eq(dbias[row * count + i], sum, 1e-4);
            }
        bench_free(&dx);
        g_free(bias);
        g_free(dbias);
    }
}

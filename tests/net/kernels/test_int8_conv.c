/* Quantised convolutions: scales of weights, compensation for rounding, and the layout of outputs. Each output is
 * compared with the same convolution of the dequantised input in f32. */
#include "games/rng.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/int8/int8.h"
#include "net/kernels/packed.h"
#include "net/memory.h"
#include "net/net.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>

enum { WIDTH = 5, HEIGHT = 4, ROWS = 2, POINTS = WIDTH * HEIGHT, MAX_CHANNELS = 48 };

struct bench {
    struct net_conv_spec spec;
    struct net_extent e;
    struct net_scales in, out;
    float in_u8[MAX_CHANNELS], in_u16[MAX_CHANNELS], mean[MAX_CHANNELS], out_u8[MAX_CHANNELS], out_u16[MAX_CHANNELS];
    int residue[NET_INT8_BLOCK];
    float *weight, *bias;
    float *x, *wanted; /* [ROWS][channels][POINTS], dequantised input, and the result in f32 */
    void *src, *dst;
    int in_padded, out_padded;
};

static bool skipped(void)
{
    return !net_has_int8();
}

static int padded(int channels)
{
    return (channels + 15) / 16 * 16;
}

/* Element (row, channel, point) of a tensor in blocks of 16 channels. */
static size_t at(int channels, int row, int c, int p)
{
    return (size_t)(((row * padded(channels) / 16 + c / 16) * POINTS + p) * 16 + c % 16);
}

static struct bench *bench_new(struct net_conv_spec spec)
{
    struct bench *b = g_new0(struct bench, 1);
    struct rng rng;
    b->spec = spec;
    b->e = (struct net_extent){WIDTH, HEIGHT, ROWS};
    b->in_padded = padded(spec.in);
    b->out_padded = padded(spec.out);
    rng_seed(&rng, 7);
    fixture_fill(&rng, MAX_CHANNELS, 0.002f, 0.01f, b->in_u8);
    fixture_fill(&rng, MAX_CHANNELS, 0.5f, 1, b->in_u16);
    fixture_fill(&rng, MAX_CHANNELS, 0.01f, 0.02f, b->out_u8);
    fixture_fill(&rng, MAX_CHANNELS, 0.01f, 0.02f, b->out_u16);
    b->in = (struct net_scales){.u8 = b->in_u8, .u16 = spec.u16_in ? b->in_u16 : NULL, .mean = b->mean};
    b->out = (struct net_scales){.u8 = b->out_u8, .u16 = spec.u16_out ? b->out_u16 : NULL};
    size_t weights = (size_t)(spec.in * spec.out * spec.kernel * spec.kernel);
    b->weight = g_new(float, weights);
    b->bias = g_new(float, spec.out);
    fixture_fill(&rng, weights, -0.1f, 0.1f, b->weight);
    fixture_fill(&rng, (size_t)spec.out, 0, 0.5f, b->bias);
    b->x = g_new0(float, ROWS *spec.in *POINTS);
    b->wanted = g_new0(float, ROWS *spec.out *POINTS);
    size_t places = ROWS * POINTS;
    b->src = net_memory_new(places * (size_t)b->in_padded * sizeof(float));
    b->dst = net_memory_new(places * (size_t)b->out_padded * sizeof(float));
    for (int row = 0; row < ROWS; row++)
        for (int c = 0; c < spec.in; c++)
            for (int p = 0; p < POINTS; p++) {
                float *x = &b->x[(row * spec.in + c) * POINTS + p];
                uint32_t number = rng_below(&rng, spec.quantised_in && !spec.u16_in ? 200 : 60000);
                size_t i = at(spec.in, row, c, p);
                if (!spec.quantised_in)
                    *x = ((float *)b->src)[i] = (float)number / 60000 - 0.5f;
                else if (spec.u16_in)
                    *x = b->in_u16[c] / 256 * (((uint16_t *)((uint8_t *)b->src + places * (size_t)b->in_padded))[i] =
                                                   (uint16_t)(number / 256));
                else
                    *x = b->in_u8[c] * (((uint8_t *)b->src)[i] = (uint8_t)number);
            }
    return b;
}

static void bench_free(struct bench *b)
{
    g_free(b->weight);
    g_free(b->bias);
    g_free(b->x);
    g_free(b->wanted);
    free(b->src);
    free(b->dst);
    g_free(b);
}

static void convolve(struct bench *b)
{
    const struct net_conv_spec *s = &b->spec;
    int reach = s->kernel / 2, taps = s->kernel * s->kernel;
    for (int row = 0; row < ROWS; row++)
        for (int o = 0; o < s->out; o++)
            for (int p = 0; p < POINTS; p++) {
                double sum = (double)b->bias[o];
                for (int t = 0; t < taps; t++) {
                    int y = p / WIDTH + t / s->kernel - reach, x = p % WIDTH + t % s->kernel - reach;
                    for (int i = 0; i < s->in && y >= 0 && x >= 0 && y < HEIGHT && x < WIDTH; i++)
                        sum += (double)b->weight[(o * s->in + i) * taps + t] *
                               (double)b->x[(row * s->in + i) * POINTS + y * WIDTH + x];
                }
                b->wanted[(row * s->out + o) * POINTS + p] = (float)(s->relu ? fmax(0, sum) : sum);
            }
}

static void run(struct bench *b)
{
    const struct net_arithmetic *int8 = &net_arithmetic_int8;
    struct net_conv *conv = int8->conv_create(&b->spec, NULL);
    cr_assert_not_null(conv);
    int8->conv_set(conv, b->weight, b->bias, &b->in, b->spec.quantised_out ? &b->out : NULL);
    struct net_conv_plan *plan = int8->plan_create(conv, b->e, NULL);
    char *text = int8->describe(plan);
    cr_expect_eq(g_str_has_suffix(text, " in f32"), !b->spec.quantised_in || b->spec.u16_in, "%s", text);
    cr_expect(g_str_has_prefix(text, net_int8_kernel_best()->name));
    g_free(text);
    cr_expect_eq(int8->plan_scratch(plan), 0);
    int8->forward(plan, b->src, b->dst, NULL);
    int8->plan_free(plan);
    int8->conv_free(conv);
    int8->conv_free(NULL);
    convolve(b);
}

/* The result at one place, from floats, bytes or 16-bit values. */
static double result(const struct bench *b, bool u16, int row, int o, int p)
{
    size_t i = at(b->spec.out, row, o, p);
    if (!b->spec.quantised_out)
        return (double)((const float *)b->dst)[i];
    if (!u16)
        return (double)(((const uint8_t *)b->dst)[i] * b->out_u8[o]);
    const uint8_t *high = (const uint8_t *)b->dst + (size_t)(ROWS * POINTS * b->out_padded);
    return (double)(((const uint16_t *)(const void *)high)[i] * b->out_u16[o] / 256);
}

/* Root mean square of the error. */
static double error_of(const struct bench *b, bool u16)
{
    double sum = 0;
    int count = ROWS * b->spec.out * POINTS;
    for (int i = 0; i < count; i++) {
        double off = result(b, u16, i / (b->spec.out * POINTS), i / POINTS % b->spec.out, i % POINTS);
        sum += pow(off - (double)b->wanted[i], 2);
    }
    return sqrt(sum / count);
}

/* Rounds every weight to a value that int8 represents exactly: the largest product of weight and scale of an output
 * channel becomes 127. */
static void make_exact(struct bench *b)
{
    int taps = b->spec.kernel * b->spec.kernel, each = b->spec.in * taps;
    for (int o = 0; o < b->spec.out; o++)
        for (int k = 0; k < each; k++) {
            float unit = 1e-5f * (float)(o + 1), *w = &b->weight[o * each + k];
            *w = (float)((int)(fabsf(*w) * 12700000) % 255 - 127) * unit / b->in_u8[k / taps];
            if (k == each - 1)
                *w = 127 * unit / b->in_u8[k / taps];
        }
}

/* With weights that int8 represents exactly, sums are exact, whatever the scales of the inputs. */
Test(int8_conv, representable_weights_are_exact)
{
    if (skipped())
        cr_skip_test("this processor has no instructions for int8");
    static const struct net_conv_spec specs[] = {
        {.in = 20, .out = 33, .kernel = 3, .quantised_in = true},
        {.in = 16, .out = 16, .kernel = 3, .quantised_in = true, .relu = true},
        {.in = 5, .out = 3, .kernel = 1, .quantised_in = true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct bench *b = bench_new(specs[i]);
        make_exact(b);
        run(b);
        cr_expect_lt(error_of(b, false), 1e-4, "case %zu: %g", i, error_of(b, false));
        bench_free(b);
    }
}

/* The error of a result in bytes is at most half a unit, that of one in 16 bits a 256th of that. */
Test(int8_conv, results_in_units_of_their_scales)
{
    if (skipped())
        cr_skip_test("this processor has no instructions for int8");
    for (int u16 = 0; u16 < 2; u16++) {
        struct bench *b = bench_new((struct net_conv_spec){.in = 12,
                                                           .out = 20,
                                                           .kernel = 3,
                                                           .relu = true,
                                                           .quantised_in = true,
                                                           .quantised_out = true,
                                                           .u16_out = u16});
        make_exact(b);
        run(b);
        for (int i = 0; i < ROWS * 20 * POINTS; i++) {
            int row = i / (20 * POINTS), o = i / POINTS % 20;
            double wanted = fmin((double)b->wanted[i], 255 * (double)b->out_u8[o]), off;
            off = result(b, false, row, o, i % POINTS) - wanted;
            cr_assert_leq(fabs(off), 0.501 * (double)b->out_u8[o]);
            wanted = fmin((double)b->wanted[i], 65535.0 / 256 * (double)b->out_u16[o]);
            off = u16 ? result(b, true, row, o, i % POINTS) - wanted : 0;
            cr_assert_leq(fabs(off), 0.51 / 256 * (double)b->out_u16[o]);
        }
        bench_free(b);
    }
}

/* Floats, and 16-bit values, are multiplied in f32. */
Test(int8_conv, inputs_in_f32_and_16_bits)
{
    if (skipped())
        cr_skip_test("this processor has no instructions for int8");
    static const struct net_conv_spec specs[] = {
        {.in = 20, .out = 33, .kernel = 1},
        {.in = 20, .out = 33, .kernel = 1, .quantised_in = true, .u16_in = true},
        {.in = 33, .out = 7, .kernel = 3},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct bench *b = bench_new(specs[i]);
        run(b);
        cr_expect_lt(error_of(b, false), 1e-5, "case %zu: %g", i, error_of(b, false));
        bench_free(b);
    }
}

/* If every input has its mean value, the error from rounding the weights is known, and the bias compensates for it. The
 * board's edge, where the mean does not apply, is excluded. */
Test(int8_conv, the_bias_compensates_for_rounding)
{
    if (skipped())
        cr_skip_test("this processor has no instructions for int8");
    double errors[2];
    for (int known = 0; known < 2; known++) {
        struct bench *b = bench_new((struct net_conv_spec){.in = 16, .out = 16, .kernel = 3, .quantised_in = true});
        for (int c = 0; c < 16; c++)
            b->mean[c] = known ? 150 * b->in_u8[c] : 0;
        for (int i = 0; i < ROWS * 16 * POINTS; i++)
            b->x[i] = 150 * b->in_u8[i / POINTS % 16];
        memset(b->src, 150, (size_t)(ROWS * POINTS * 16));
        run(b);
        errors[known] = 0;
        for (int o = 0; o < 16; o++)
            errors[known] = fmax(errors[known], fabs(result(b, false, 1, o, 7) - (double)b->wanted[(16 + o) * POINTS + 7]));
        bench_free(b);
    }
    cr_expect_lt(errors[1], 1e-4, "%g with known means", errors[1]);
    cr_expect_gt(errors[0], 1e-3, "%g without", errors[0]);
}

/* Planes with a copy for the residue have a hundredth of the others' rounding error. */
Test(int8_conv, copies_of_planes_make_rounding_finer)
{
    if (skipped())
        cr_skip_test("this processor has no instructions for int8");
    double errors[2];
    for (int copied = 0; copied < 2; copied++) {
        struct bench *b = bench_new((struct net_conv_spec){.in = 5, .out = 16, .kernel = 3, .quantised_in = true});
        struct net_layout l = {5, 16, NET_INT8_BLOCK};
        struct rng rng;
        rng_seed(&rng, 4);
        for (int c = 0; c < 5; c++)
            b->in_u8[c] = NET_INT8_PLANE_SCALE;
        b->in.residue = b->residue;
        b->in.residues = copied ? net_int8_residue(l, b->mean, b->residue) : 0;
        cr_assert_eq(b->in.residues, copied ? 5 : 0);
        for (int i = 0; i < ROWS * 5 * POINTS; i++)
            b->x[i] = rng_below(&rng, 2) ? 1 : 0;
        net_int8_load(b->e, l, b->residue, b->in.residues, b->x, b->src);
        run(b);
        errors[copied] = error_of(b, false);
        bench_free(b);
    }
    cr_expect_lt(errors[1], 0.02 * errors[0], "%g with copies, %g without", errors[1], errors[0]);
}

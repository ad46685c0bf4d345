/* int8: kernels against the plain one bit for bit, whole nets against f32, the ranges that a net stores. */
#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>

#include "games/rng.h"
#include "net/kernels/int8/int8.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "tests/net/fixtures.h"

static void *aligned(size_t bytes)
{
    void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
    memset(memory, 0, (bytes + 127) / 64 * 64);
    return memory;
}

static uint8_t *bytes_new(struct rng *rng, size_t count)
{
    uint8_t *bytes = aligned(count);
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)rng_below(rng, 256);
    return bytes;
}

static struct net_int8_conv conv_new(struct rng *rng, int i)
{
    struct net_int8_conv c = {.in = 16 * (1 + (int)rng_below(rng, 9)),
                              .out = 16 * (1 + i % 7),
                              .kernel = i % 3 ? 3 : 1,
                              .relu = rng_below(rng, 3) > 0,
                              .form = (enum net_int8_form)rng_below(rng, 3)};
    c.add = c.form == NET_INT8_U8_U16 && rng_below(rng, 2);
    c.relu |= c.form != NET_INT8_F32;
    size_t count = (size_t)(c.in * c.out * c.kernel * c.kernel);
    c.weight = (int8_t *)bytes_new(rng, count);
    c.real = aligned(count * sizeof(float));
    c.scale = aligned((size_t)c.out * sizeof(float));
    c.bias = aligned((size_t)c.out * sizeof(float));
    c.ratio = aligned((size_t)c.out * sizeof(float));
    fixture_fill(rng, (size_t)c.out, 0.5f, 4, c.ratio);
    fixture_fill(rng, count, -1, 1, c.real);
    fixture_fill(rng, (size_t)c.out, 1e-6f, i % 11 ? 1e-3f : 1e3f, c.scale); /* some far beyond 32 bits */
    fixture_fill(rng, (size_t)c.out, -20, 150, c.bias);
    return c;
}

static void conv_clear(struct net_int8_conv *c)
{
    free(c->weight);
    free(c->transformed);
    free(c->real);
    free(c->scale);
    free(c->bias);
    free(c->ratio);
}

static size_t tensor_bytes(struct net_extent e, int padded)
{
    return (size_t)e.n * net_extent_points(e) * (size_t)padded * sizeof(float); /* of any form */
}

static float furthest(const float *a, const float *b, size_t bytes)
{
    float far = 0;
    for (size_t i = 0; i < bytes / sizeof(float); i++)
        far = fmaxf(far, fabsf(a[i] - b[i]) / (1 + fabsf(b[i])));
    return far;
}

static void check_conv(const struct net_int8_kernel *kernel, struct rng *rng, int i)
{
    struct net_int8_conv c = conv_new(rng, i);
    struct net_extent e = {1 + i % 23, 1 + (int)rng_below(rng, 12), 1 + (int)rng_below(rng, 3)};
    size_t bytes = tensor_bytes(e, c.out);
    uint8_t *src = bytes_new(rng, tensor_bytes(e, c.in)), *before = bytes_new(rng, bytes);
    void *fast = g_memdup2(before, bytes), *plain = g_memdup2(before, bytes);
    const size_t transformed = kernel->transform && i % 2 ? kernel->transformed_bytes(&c) : 0;
    if (transformed > 0) {
        c.transformed = aligned(transformed);
        kernel->transform(&c, c.transformed);
    }
    kernel->conv(&c, e, src, fast);
    net_int8_plain.conv(&c, e, src, plain);
    cr_expect_eq(memcmp(fast, plain, bytes), 0, "%s: %dx%d, %d rows, %d to %d, kernel %d, form %d", kernel->name,
                 e.width, e.height, e.n, c.in, c.out, c.kernel, (int)c.form);
    cr_expect_neq(memcmp(fast, before, bytes), 0);
    g_free(fast);
    g_free(plain);
    free(src);
    free(before);
    conv_clear(&c);
}

/* From floats, and from 16-bit values. */
static void check_real(const struct net_int8_kernel *kernel, struct rng *rng, int i)
{
    struct net_int8_conv c = conv_new(rng, i);
    struct net_extent e = {1 + i % 23, 1 + (int)rng_below(rng, 12), 1 + (int)rng_below(rng, 3)};
    const size_t bytes = tensor_bytes(e, c.out), count = tensor_bytes(e, c.in) / sizeof(float);
    float *x = aligned(tensor_bytes(e, c.in)), *fast = aligned(bytes), *plain = aligned(bytes);
    uint8_t *words = bytes_new(rng, tensor_bytes(e, c.in));
    free(c.weight);
    c.weight = NULL;
    c.form = NET_INT8_F32;
    c.add = false;
    fixture_fill(rng, (size_t)c.out, 1e-6f, 1e-3f, c.scale);
    fixture_fill(rng, count, -1, 1, x);
    kernel->real(&c, e, x, fast);
    net_int8_plain.real(&c, e, x, plain);
    cr_expect_lt(furthest(fast, plain, bytes), 1e-5f, "%s", kernel->name);
    c.u16 = true;
    fixture_fill(rng, (size_t)c.out, 1e-6f, 2e-6f, c.scale); /* sums of about 1, to six digits */
    memset(c.bias, 0, (size_t)c.out * sizeof *c.bias);
    const size_t transformed = kernel->transform && i % 2 ? kernel->transformed_bytes(&c) : 0;
    if (transformed > 0) {
        c.transformed = aligned(transformed);
        kernel->transform(&c, c.transformed);
    }
    memset(fast, 99, bytes);
    kernel->real(&c, e, words, fast);
    net_int8_plain.real(&c, e, words, plain);
    cr_expect_lt(furthest(fast, plain, bytes), 1e-6f, "%s from 16 bits: %dx%d, %d rows, %d to %d, kernel %d%s",
                 kernel->name, e.width, e.height, e.n, c.in, c.out, c.kernel, c.transformed ? ", transformed" : "");
    free(x);
    free(words);
    free(fast);
    free(plain);
    conv_clear(&c);
}

static void check_bias_relu(const struct net_int8_kernel *kernel, struct rng *rng, int i)
{
    struct net_extent e = {1 + i % 20, 1 + i % 7, 1 + i % 3};
    struct net_layout l = {1 + (int)rng_below(rng, 70), 0, NET_INT8_BLOCK};
    l.padded = (l.channels + 15) / 16 * 16;
    int first = (int)rng_below(rng, (uint32_t)l.channels),
        count = 1 + (int)rng_below(rng, (uint32_t)(l.channels - first));
    size_t bytes = tensor_bytes(e, l.padded);
    float *x = aligned(bytes), bias[3 * 70], scales[70], scales16[70];
    void *fast = aligned(bytes), *plain = aligned(bytes);
    fixture_fill(rng, bytes / sizeof(float), -3, 3, x);
    fixture_fill(rng, G_N_ELEMENTS(bias), -1, 1, bias);
    fixture_fill(rng, G_N_ELEMENTS(scales), 0.001f, 0.1f, scales);
    fixture_fill(rng, G_N_ELEMENTS(scales), 0.001f, 0.1f, scales16);
    kernel->bias_relu(e, l, x, first, count, bias, scales, i % 2 ? scales16 : NULL, fast);
    net_int8_plain.bias_relu(e, l, x, first, count, bias, scales, i % 2 ? scales16 : NULL, plain);
    cr_expect_eq(memcmp(fast, plain, bytes), 0, "%s: bias %d", kernel->name, i);
    free(x);
    free(fast);
    free(plain);
}

Test(int8, kernels_equal_the_plain_one)
{
    struct rng rng;
    rng_seed(&rng, 5);
    for (int k = 0; net_int8_kernels[k] != &net_int8_plain; k++)
        for (int i = 0; i < 200 && net_int8_kernels[k]->fits(); i++) {
            check_conv(net_int8_kernels[k], &rng, i);
            check_real(net_int8_kernels[k], &rng, i);
            check_bias_relu(net_int8_kernels[k], &rng, i);
        }
}

/* The largest sums: all inputs 255, and weights of 127, -128, or both; of more channels than any kernel transforms, too. */
Test(int8, extreme_sums)
{
    static const int channels[] = {256, 272};
    const struct net_extent e = {5, 4, 1};
    for (int k = 0; net_int8_kernels[k] != &net_int8_plain; k++)
        for (int i = 0; i < 2 * 4 && net_int8_kernels[k]->fits(); i++) {
            const struct net_int8_kernel *kernel = net_int8_kernels[k];
            struct net_int8_conv c = {.in = channels[i / 4], .out = 16, .kernel = 3, .form = NET_INT8_F32};
            const size_t count = (size_t)(c.in * c.out * 9), bytes = tensor_bytes(e, c.out);
            uint8_t *src = aligned(tensor_bytes(e, c.in));
            void *fast = aligned(bytes), *plain = aligned(bytes);
            memset(src, 255, tensor_bytes(e, c.in));
            c.weight = aligned(count);
            c.scale = aligned(16 * sizeof(float));
            c.bias = aligned(16 * sizeof(float));
            c.ratio = aligned(16 * sizeof(float));
            for (size_t w = 0; w < count; w++)
                c.weight[w] = (int8_t)(i % 4 == 0                        ? 127
                                       : i % 4 == 1                      ? -128
                                       : (w / (i % 4 == 2 ? 1 : 64)) % 2 ? 127
                                                                         : -128);
            for (int o = 0; o < 16; o++) {
                c.scale[o] = 1;
                c.bias[o] = 0;
            }
            const size_t transformed = kernel->transform ? kernel->transformed_bytes(&c) : 0;
            cr_expect(!kernel->transform || (transformed > 0) == (kernel == &net_int8_amx || c.in <= 256));
            if (transformed > 0) {
                c.transformed = aligned(transformed);
                kernel->transform(&c, c.transformed);
            }
            kernel->conv(&c, e, src, fast);
            net_int8_plain.conv(&c, e, src, plain);
            cr_expect_eq(memcmp(fast, plain, bytes), 0, "%s: %d channels, case %d", kernel->name, c.in, i % 4);
            free(src);
            free(fast);
            free(plain);
            conv_clear(&c);
        }
}

/* One point, by hand: the sum 3 * 2 - 1 * 5 = 1, times 2 plus 7, is 9; with the previous 2.5 it is 11.5; its byte has a
 * scale half as large. */
Test(int8, a_point_by_hand)
{
    struct net_int8_conv c = {.in = 16, .out = 16, .kernel = 1, .relu = true, .add = true, .form = NET_INT8_U8_U16};
    uint8_t src[16] = {3, 1}, *dst = aligned(16 * 3);
    int8_t weight[256] __attribute__((aligned(64))) = {2, -5};
    float scale[16] = {2}, bias[16] = {7, -1, 300}, ratio[16] = {2, 2, 2};
    uint16_t *high = (uint16_t *)(dst + 16);
    c.weight = weight;
    c.scale = scale;
    c.bias = bias;
    c.ratio = ratio;
    high[0] = 2.5 * NET_INT8_U16_UNITS;
    for (int k = 0; net_int8_kernels[k]; k++) {
        if (!net_int8_kernels[k]->fits())
            continue;
        high[0] = 2.5 * NET_INT8_U16_UNITS;
        high[1] = high[2] = 0;
        net_int8_kernels[k]->conv(&c, (struct net_extent){1, 1, 1}, src, dst);
        cr_expect_eq(high[0], 11.5 * NET_INT8_U16_UNITS);
        cr_expect_eq(dst[0], 23);
        cr_expect_eq(dst[1], 0); /* below 0: ReLU */
        cr_expect_eq(dst[2], 255);
        cr_expect_eq(high[2], 65535);
    }
    free(dst);
}

/* ---- rows, in f32 ---- */

enum { ROW_CHANNELS = 18, ROW_PADDED = 32, ROW_POINTS = 6, ROW_COUNT = 2 };

/* Writes the second of two rows and reads it again. scale: of every channel, of the 16-bit values twice as much. */
static void check_rows(bool words)
{
    const struct net_extent e = {3, 2, ROW_COUNT};
    const struct net_layout l = {ROW_CHANNELS, ROW_PADDED, NET_INT8_BLOCK};
    float u8[ROW_CHANNELS], u16[ROW_CHANNELS], in[ROW_POINTS][ROW_CHANNELS], out[ROW_POINTS][ROW_CHANNELS];
    uint8_t *x = aligned(ROW_COUNT * ROW_POINTS * ROW_PADDED * 3);
    const uint16_t *high = (const uint16_t *)(x + ROW_COUNT * ROW_POINTS * ROW_PADDED);
    struct rng rng;
    rng_seed(&rng, 5);
    memset(x, 99, ROW_COUNT * ROW_POINTS * ROW_PADDED * 3);
    for (int c = 0; c < ROW_CHANNELS; c++) {
        u8[c] = 0.01f * (float)(1 + c);
        u16[c] = 2 * u8[c];
        for (int p = 0; p < ROW_POINTS; p++)
            in[p][c] = u8[c] * 300 * (float)(rng_uniform(&rng) - 0.05); /* some below 0, some above the highest */
    }
    net_int8_write_row(e, l, u8, words ? u16 : NULL, x, 1, in[0]);
    net_int8_read_row(e, l, u8, words ? u16 : NULL, x, 1, out[0]);
    for (int p = 0; p < ROW_POINTS; p++)
        for (int c = 0; c < ROW_PADDED; c++) {
            int at = ((2 + c / 16) * ROW_POINTS + p) * 16 + c % 16; /* two blocks of 16 in each row */
            float unit = c < ROW_CHANNELS ? (words ? u16[c] / 256 : u8[c]) : 1, v = c < ROW_CHANNELS ? in[p][c] : 0;
            float scale8 = c < ROW_CHANNELS ? u8[c] : 1, most = words ? 65535 : 255;
            cr_expect_eq(x[at], (int)fminf(fmaxf(v / scale8, 0) + 0.5f, 255.5f), "point %d, channel %d", p, c);
            if (words)
                cr_expect_eq(high[at], (int)fminf(fmaxf(v / unit, 0) + 0.5f, 65535.5f), "point %d, channel %d", p, c);
            if (c < ROW_CHANNELS)
                cr_expect_float_eq(out[p][c], fminf(fmaxf(v, 0), most * unit), 0.51f * unit, "point %d, channel %d", p,
                                   c);
        }
    for (int i = 0; i < ROW_POINTS * ROW_PADDED; i++)
        cr_assert_eq(x[i], 99, "the other row");
    free(x);
}

Test(int8, rows)
{
    check_rows(false);
    check_rows(true);
}

/* The planes with the highest means have a second byte each in the padding, in units of a half. */
Test(int8, residues_of_the_fullest_planes)
{
    struct net_layout l = {13, 16, NET_INT8_BLOCK}, full = {32, 32, NET_INT8_BLOCK}, few = {2, 16, NET_INT8_BLOCK};
    float mean[32] = {0, 0.5f, 0.1f, 0, 0.9f, 0, 0.5f}, planes[13] = {[1] = 1, [4] = 0.5f, [5] = 1};
    int residue[NET_INT8_BLOCK];
    uint8_t x[16];
    cr_assert_eq(net_int8_residue(l, mean, residue), 3);
    cr_expect_eq(residue[0], 4);
    cr_expect_eq(residue[1], 1);
    cr_expect_eq(residue[2], 6);
    net_int8_load((struct net_extent){1, 1, 1}, l, residue, 3, planes, x);
    for (int i = 0; i < 16; i++)
        cr_expect_eq(x[i], i == 1 || i == 5 ? 240 : i == 4 ? 120 : i == 13 ? 1 : i == 14 ? 2 : 0, "%d: %d", i, x[i]);
    cr_expect_eq(net_int8_residue(full, mean, residue), 0);
    cr_expect_eq(net_int8_residue(few, mean, residue), 2);
}

/* ---- nets ---- */

enum { SIZE = 7, ROWS = 48, PLANES = 11, GLOBALS = 3 };

struct fixture {
    struct net *net;
    float planes[ROWS * PLANES * SIZE * SIZE], globals[ROWS * GLOBALS];
};

static struct fixture *fixture_new(const char *trunk)
{
    struct fixture *f = g_new0(struct fixture, 1);
    struct net_info info = fixture_info(trunk, PLANES, GLOBALS, 1);
    struct rng rng;
    rng_seed(&rng, 3);
    cr_assert_eq(net_create(&f->net, &info, 4, NULL), 0);
    for (size_t i = 0; i < G_N_ELEMENTS(f->planes); i++)
        f->planes[i] = rng_below(&rng, 3) == 0;
    fixture_fill(&rng, G_N_ELEMENTS(f->globals), -1, 1, f->globals);
    return f;
}

static void fixture_clear(struct fixture *f)
{
    net_unref(f->net);
    g_free(f);
}

struct answers {
    float policy[ROWS * (SIZE * SIZE + 1)], wdl[ROWS * 3], score[ROWS], map[ROWS * SIZE * SIZE];
};

/* In batches of n rows. */
static enum net_dtype ask(const struct fixture *f, enum net_dtype dtype, int n, struct answers *a)
{
    struct net_runner *runner;
    GError *error = NULL;
    cr_assert_eq(net_runner_create(&runner, f->net, NET_BACKEND_FAST, dtype, n, &error), 0, "%s",
                 error ? error->message : "");
    for (int row = 0; row < ROWS; row += n) {
        const struct net_outputs out = {.policy = a->policy + row * (SIZE * SIZE + 1),
                                        .wdl = a->wdl + row * 3,
                                        .score = a->score + row,
                                        .map = a->map + row * SIZE * SIZE};
        net_runner_infer(runner, SIZE, SIZE, n, f->planes + row * PLANES * SIZE * SIZE, f->globals + row * GLOBALS,
                         &out);
    }
    dtype = net_runner_dtype(runner);
    net_runner_close(runner);
    return dtype;
}

static double distance(const float *a, const float *b, size_t count)
{
    double far = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        far += (double)((a[i] - b[i]) * (a[i] - b[i]));
        size += (double)(b[i] * b[i]);
    }
    return sqrt(far / size);
}

static const char *const trunks[] = {"conv:20 res:20 gpool:20 res:20", "conv:16 res:16 conv:33 gpool:33 conv:8 res:8"};

Test(int8, nets_stay_near_f32)
{
    for (size_t i = 0; i < G_N_ELEMENTS(trunks) && net_has_int8(); i++) {
        struct fixture *f = fixture_new(trunks[i]);
        struct answers *exact = g_new(struct answers, 1), *quantised = g_new(struct answers, 1);
        cr_assert_eq(net_calibrate(f->net, SIZE, SIZE, ROWS, f->planes, f->globals, NULL), 0);
        ask(f, NET_F32, ROWS, exact);
        cr_expect_eq(ask(f, NET_INT8, ROWS, quantised), NET_INT8);
        cr_expect_lt(distance(quantised->policy, exact->policy, G_N_ELEMENTS(exact->policy)), 0.05);
        cr_expect_lt(distance(quantised->map, exact->map, G_N_ELEMENTS(exact->map)), 0.05);
        cr_expect_lt(distance(quantised->wdl, exact->wdl, G_N_ELEMENTS(exact->wdl)), 0.01);
        cr_expect_lt(distance(quantised->score, exact->score, G_N_ELEMENTS(exact->score)), 0.05);
        struct answers *single = g_new(struct answers, 1);
        ask(f, NET_INT8, 1, single);
        cr_expect_eq(memcmp(single, quantised, sizeof *single), 0, "a row gives the same alone and in a batch");
        g_free(exact);
        g_free(quantised);
        g_free(single);
        fixture_clear(f);
    }
}

Test(int8, auto_selects_int8_once_a_net_is_calibrated)
{
    struct fixture *f = fixture_new(trunks[0]);
    struct answers *answers = g_new(struct answers, 1);
    struct net_runner *runner;
    GError *error = NULL;
    cr_expect_eq(ask(f, NET_AUTO, 1, answers), net_dtype_best(NET_BACKEND_FAST));
    cr_expect_neq(net_runner_create(&runner, f->net, NET_BACKEND_FAST, NET_INT8, 1, &error), 0);
    cr_assert_not_null(error);
    cr_expect(strstr(error->message, net_has_int8() ? "calibrated" : "instructions"));
    g_clear_error(&error);
    cr_expect_neq(net_runner_create(&runner, f->net, NET_BACKEND_PLAIN, NET_INT8, 1, &error), 0);
    g_clear_error(&error);
    cr_expect(!net_is_calibrated(f->net));
    cr_assert_eq(net_runner_create(&runner, f->net, NET_BACKEND_FAST, NET_AUTO, 1, NULL), 0);
    struct net *other;
    cr_assert_eq(net_create(&other, net_info(f->net), 9, NULL), 0);
    cr_assert_eq(net_calibrate(other, SIZE, SIZE, ROWS, f->planes, f->globals, NULL), 0);
    cr_assert_eq(net_runner_set_net(runner, other, NULL), 0);
    cr_expect_eq(net_runner_dtype(runner), net_has_int8() ? NET_INT8 : net_dtype_best(NET_BACKEND_FAST));
    cr_assert_eq(net_runner_set_net(runner, f->net, NULL), 0);
    cr_expect_eq(net_runner_dtype(runner), net_dtype_best(NET_BACKEND_FAST));
    net_runner_close(runner);
    net_unref(other);
    g_free(answers);
    fixture_clear(f);
}

Test(int8, ranges_are_kept_in_the_file)
{
    struct fixture *f = fixture_new(trunks[1]);
    struct answers *before = g_new(struct answers, 1), *after = g_new(struct answers, 1);
    char *path = g_strdup_printf("%s/tengen-int8-%d.safetensors", g_get_tmp_dir(), (int)getpid());
    GError *error = NULL;
    cr_assert_eq(net_calibrate(f->net, SIZE, SIZE, ROWS, f->planes, f->globals, NULL), 0);
    enum net_dtype dtype = ask(f, NET_AUTO, 1, before);
    cr_assert_eq(net_save(f->net, path, "calibrated", NULL), 0);
    net_unref(f->net);
    cr_assert_eq(net_load(&f->net, path, &error), 0, "%s", error ? error->message : "");
    cr_expect(net_is_calibrated(f->net));
    cr_expect_eq(ask(f, NET_AUTO, 1, after), dtype);
    cr_expect_eq(memcmp(before, after, sizeof *before), 0);
    g_unlink(path);
    g_free(path);
    g_free(before);
    g_free(after);
    fixture_clear(f);
}

/* Every operation of oneDNN's tables against the plain one, on random shapes. */
#include "games/rng.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static float *random_new(struct rng *rng, size_t count)
{
    float *values = g_new(float, count);
    fixture_fill(rng, count, -1, 1, values);
    return values;
}

/* A tensor of one table's layout, in its packed type or in f32, and back to [n][channels][points]. */
static void *tensor_new(const struct net_arithmetic *arithmetic, const struct net_packed *packed, struct net_extent e,
                        int channels, const float *values)
{
    struct net_layout l = arithmetic->layout(channels);
    void *tensor = aligned_alloc(64, ((size_t)(l.padded * e.n) * net_extent_points(e) * packed->bytes + 127) / 64 * 64);
    packed->load(e, l, values, tensor);
    return tensor;
}

static void tensor_read(const struct net_arithmetic *arithmetic, const struct net_packed *packed, struct net_extent e,
                        int channels, const void *tensor, float *out)
{
    size_t points = net_extent_points(e);
    for (int c = 0; c < channels; c++)
        packed->read(e, arithmetic->layout(channels), tensor, c, out + (size_t)c * points, (size_t)channels * points);
}

struct results {
    float *out, *dsrc, *dweight, *dbias;
};

static struct results results_new(const struct net_conv_spec *s, struct net_extent e)
{
    size_t points = net_extent_points(e) * (size_t)e.n;
    return (struct results){g_new0(float, points *(size_t)s->out), g_new0(float, points *(size_t)s->in),
                            g_new0(float, s->in * s->out * s->kernel * s->kernel), g_new0(float, s->out)};
}

static void results_free(struct results *r)
{
    g_free(r->out);
    g_free(r->dsrc);
    g_free(r->dweight);
    g_free(r->dbias);
}

/* Whether the library has an optimised kernel for every case: before AVX2 it has none for backward, and with AVX2 none
 * for the gradient of weights on a board with a side of 2. */
static bool never_reference(struct net_extent e)
{
    return fixture_library_has(dnnl_cpu_isa_avx512_core) ||
           (fixture_library_has(dnnl_cpu_isa_avx2) && MIN(e.width, e.height) > 2);
}

struct inputs {
    float *src, *weight, *bias, *residual, *dout;
};

static void conv_run(const struct net_arithmetic *arithmetic, const struct net_conv_spec *s, struct net_extent e,
                     const struct inputs *in, struct results *r)
{
    GError *error = NULL;
    struct net_conv *conv = arithmetic->conv_create(s, &error);
    cr_assert(conv, "%s", error ? error->message : "");
    arithmetic->conv_set(conv, in->weight, in->bias, NULL, NULL);
    struct net_conv_plan *plan = arithmetic->plan_create(conv, e, &error);
    cr_assert(plan, "%s", error ? error->message : "");
    void *scratch = aligned_alloc(64, (arithmetic->plan_scratch(plan) + 127) / 64 * 64);
    const struct net_packed *packed = arithmetic->packed, *out_packed = s->real_out ? &net_packed_real : packed;
    void *src = tensor_new(arithmetic, packed, e, s->in, in->src),
         *out = tensor_new(arithmetic, out_packed, e, s->out, in->residual);
    void *dout = tensor_new(arithmetic, packed, e, s->out, in->dout),
         *dsrc = tensor_new(arithmetic, packed, e, s->in, in->src);
    arithmetic->forward(plan, src, out, scratch);
    tensor_read(arithmetic, out_packed, e, s->out, out, r->out);
    arithmetic->conv_zero_gradient(conv);
    arithmetic->backward_weights(plan, src, dout, scratch);
    arithmetic->backward_weights(plan, src, dout, scratch); /* a second time, because it accumulates */
    arithmetic->conv_gradient(conv, r->dweight, r->dbias);
    arithmetic->backward_data(plan, dout, dsrc, scratch);
    tensor_read(arithmetic, packed, e, s->in, dsrc, r->dsrc);
    char *name = arithmetic->describe(plan);
    cr_expect(!never_reference(e) || !strstr(name, "ref"), "%d to %d channels on %dx%d, batch %d: %s", s->in, s->out,
              e.width, e.height, e.n, name);
    g_free(name);
    free(src);
    free(out);
    free(dout);
    free(dsrc);
    free(scratch);
    arithmetic->plan_free(plan);
    arithmetic->conv_free(conv);
}

/* The largest difference, relative to the largest value. */
static double difference(size_t count, const float *a, const float *b)
{
    double off = 0, most = 1e-3;
    for (size_t i = 0; i < count; i++) {
        off = fmax(off, fabs((double)a[i] - (double)b[i]));
        most = fmax(most, fabs((double)b[i]));
    }
    return off / most;
}

/* Rounds values to bf16, so that only the library's arithmetic is compared. */
static void to_bf16(size_t count, float *values)
{
    struct net_layout l = {1, 1, 1};
    uint16_t element;
    for (size_t i = 0; i < count; i++) {
        net_packed_bf16.load((struct net_extent){1, 1, 1}, l, &values[i], &element);
        net_packed_bf16.read((struct net_extent){1, 1, 1}, l, &element, 0, &values[i], 1);
    }
}

/* rounded: tolerance of results stored in the table's packed type; sums: of those in f32. */
static void conv_compare(const struct net_arithmetic *arithmetic, struct rng *rng, struct net_conv_spec s,
                         struct net_extent e, double rounded, double sums)
{
    size_t points = net_extent_points(e) * (size_t)e.n, weights = (size_t)(s.in * s.out * s.kernel * s.kernel);
    struct inputs in = {random_new(rng, points * (size_t)s.in), random_new(rng, weights),
                        random_new(rng, (size_t)s.out), random_new(rng, points * (size_t)s.out),
                        random_new(rng, points * (size_t)s.out)};
    struct results fast = results_new(&s, e), plain = results_new(&s, e);
    if (arithmetic->packed == &net_packed_bf16) {
        to_bf16(points * (size_t)s.in, in.src);
        to_bf16(weights, in.weight);
        to_bf16(points * (size_t)s.out, in.residual);
        to_bf16(points * (size_t)s.out, in.dout);
    }
    conv_run(arithmetic, &s, e, &in, &fast);
    conv_run(&net_arithmetic_plain, &s, e, &in, &plain);
    cr_expect_leq(difference(points * (size_t)s.out, fast.out, plain.out), s.real_out ? sums : rounded);
    cr_expect_leq(difference(points * (size_t)s.in, fast.dsrc, plain.dsrc), rounded);
    cr_expect_leq(difference(weights, fast.dweight, plain.dweight), sums);
    cr_expect_leq(difference((size_t)s.out, fast.dbias, plain.dbias), sums);
    results_free(&fast);
    results_free(&plain);
    float *memory[] = {in.src, in.weight, in.bias, in.residual, in.dout};
    for (size_t i = 0; i < G_N_ELEMENTS(memory); i++)
        g_free(memory[i]);
}

static void convolutions(const struct net_arithmetic *arithmetic, double rounded, double sums)
{
    struct rng rng;
    rng_seed(&rng, 11);
    net_dnnl_enter();
    for (int i = 0; i < 40; i++) {
        struct net_conv_spec s = {.in = 1 + (int)rng_below(&rng, 70),
                                  .out = 1 + (int)rng_below(&rng, 70),
                                  .kernel = i % 2 ? 3 : 1,
                                  .relu = i % 3 == 0,
                                  .add = i % 4 >= 2,
                                  .real_out = i % 5 == 0,
                                  .training = true,
                                  .want_data = true};
        struct net_extent e = {2 + (int)rng_below(&rng, 18), 2 + (int)rng_below(&rng, 18), 1 + (int)rng_below(&rng, 6)};
        conv_compare(arithmetic, &rng, s, e, rounded, sums);
    }
}

Test(ops, convolutions_agree)
{
    convolutions(&net_arithmetic_dnnl, 1e-5, 1e-5);
}

/* Rounding to 8 bits has a relative error of at most 1/256. */
Test(ops, convolutions_agree_in_bf16)
{
    if (net_dtype_best(NET_BACKEND_FAST) != NET_BF16)
        cr_skip_test("this processor does not compute in bf16");
    convolutions(&net_arithmetic_dnnl_bf16, 1.01 / 256, 1e-5);
}

/* Operations between convolutions give the same on bf16 tensors as on f32 ones, to the last bit that bf16 keeps. */
Test(ops, packed_tensors_agree_in_bf16)
{
    enum { N = 2, SIZE = 5, CHANNELS = 20, COUNT = 11, ALL = 32 * SIZE * SIZE * N };
    const struct net_packed *tables[] = {&net_packed_real, &net_packed_bf16};
    struct net_extent e = {SIZE, SIZE, N};
    struct net_layout l = {CHANNELS, 32, 16};
    struct rng rng;
    rng_seed(&rng, 13);
    float *x = random_new(&rng, CHANNELS * 25 * N), *y = random_new(&rng, CHANNELS * 25 * N);
    float *bias = random_new(&rng, COUNT * N), *dout = random_new(&rng, 3 * COUNT * N);
    float pools[2][N * 3 * COUNT], sums[2][N * COUNT], reads[2][5][N * 25];
    to_bf16(CHANNELS * 25 * N, x);
    to_bf16(CHANNELS * 25 * N, y);
    for (int t = 0; t < 2; t++) {
        const struct net_packed *packed = tables[t];
        char a[ALL * sizeof(float)], b[ALL * sizeof(float)];
        packed->load(e, l, x, a);
        packed->load(e, l, y, b);
        packed->pool(e, l, a, 5, COUNT, pools[t]);
        packed->pool_backward(e, l, a, 5, COUNT, dout, b);
        packed->read(e, l, b, 12, reads[t][0], 25);
        packed->bias_relu_backward(e, l, a, b, 5, COUNT, sums[t]);
        packed->read(e, l, b, 3, reads[t][1], 25);
        packed->bias_relu(e, l, a, 5, COUNT, bias);
        packed->read(e, l, a, 9, reads[t][2], 25);
        packed->mask(ALL, b, a, a);
        packed->add(ALL, b, a);
        packed->write(e, l, b, 2, reads[t][1], 25);
        packed->read(e, l, b, 9, reads[t][3], 25);
        packed->mask(ALL, b, NULL, a);
        packed->read(e, l, b, 2, reads[t][4], 25);
    }
    cr_expect_leq(difference(N * 3 * COUNT, pools[1], pools[0]), 1e-5);
    cr_expect_leq(difference(N * COUNT, sums[1], sums[0]), 0.01);
    for (int r = 0; r < 5; r++)
        cr_expect_leq(difference(N * 25, reads[1][r], reads[0][r]), 3.0 / 256, "read %d", r);
    g_free(x);
    g_free(y);
    g_free(bias);
    g_free(dout);
}

/* The same on any layout. */
Test(ops, packed_tensors_agree_on_layouts)
{
    struct rng rng;
    rng_seed(&rng, 12);
    const struct net_layout layouts[] = {{20, 20, 20}, {20, 32, 16}, {20, 24, 8}, {20, 20, 1}, {20, 32, 32}};
    struct net_extent e = {5, 5, 2};
    float *x = random_new(&rng, 20 * 25 * 2), *bias = random_new(&rng, 11 * 2);
    float pools[5][2 * 33], reads[5][25 * 2];
    for (int i = 0; i < 5; i++) {
        float tensor[32 * 25 * 2];
        net_packed_real.load(e, layouts[i], x, tensor);
        net_packed_real.bias_relu(e, layouts[i], tensor, 7, 11, bias);
        net_packed_real.pool(e, layouts[i], tensor, 5, 11, pools[i]);
        net_packed_real.read(e, layouts[i], tensor, 17, reads[i], 25);
        cr_expect_arr_eq(pools[i], pools[0], sizeof pools[0]);
        cr_expect_arr_eq(reads[i], reads[0], sizeof reads[0]);
    }
    /* Channel 17 is the last with a bias: one point of it by hand. */
    float expected = x[17 * 25 + 3] + bias[10];
    cr_expect_float_eq(reads[0][3], expected > 0 ? expected : 0, 0);
    g_free(x);
    g_free(bias);
}

/* A 3x3 kernel of ones on a 2x2 board sums all points at every point; one with only the upper left tap shifts. */
Test(ops, convolution_by_hand)
{
    const struct net_arithmetic *tables[] = {&net_arithmetic_plain, &net_arithmetic_dnnl, &net_arithmetic_dnnl_bf16};
    int count = net_dtype_best(NET_BACKEND_FAST) == NET_BF16 ? 3 : 2;
    float src[4] = {1, 2, 3, 4}, ones[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1}, corner[9] = {1}, bias[1] = {0.5f}, out[4];
    net_dnnl_enter();
    for (int t = 0; t < count; t++)
        for (int k = 0; k < 2; k++) {
            struct net_conv_spec s = {.in = 1, .out = 1, .kernel = 3};
            struct net_extent e = {2, 2, 1};
            struct net_conv *conv = tables[t]->conv_create(&s, NULL);
            tables[t]->conv_set(conv, k ? corner : ones, bias, NULL, NULL);
            struct net_conv_plan *plan = tables[t]->plan_create(conv, e, NULL);
            const struct net_packed *packed = tables[t]->packed;
            void *from = tensor_new(tables[t], packed, e, 1, src), *to = tensor_new(tables[t], packed, e, 1, src);
            void *scratch = aligned_alloc(64, (tables[t]->plan_scratch(plan) + 127) / 64 * 64);
            tables[t]->forward(plan, from, to, scratch);
            tensor_read(tables[t], packed, e, 1, to, out);
            for (int p = 0; p < 4; p++)
                cr_expect_float_eq(out[p], k ? (p == 3 ? 1.5f : 0.5f) : 10.5f, 1e-6);
            free(from);
            free(to);
            free(scratch);
            tables[t]->plan_free(plan);
            tables[t]->conv_free(conv);
        }
}

/* The same on a board of three columns and two rows, which reveals a wrong width: sums of the neighbours, and a shift
 * from the upper left. */
Test(ops, convolution_by_hand_on_a_rectangle)
{
    const struct net_arithmetic *tables[] = {&net_arithmetic_plain, &net_arithmetic_dnnl, &net_arithmetic_dnnl_bf16};
    int count = net_dtype_best(NET_BACKEND_FAST) == NET_BF16 ? 3 : 2;
    float src[6] = {1, 2, 3, 4, 5, 6}, ones[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1}, corner[9] = {1}, bias[1] = {0}, out[6];
    const float wanted[2][6] = {{12, 21, 16, 12, 21, 16}, {0, 0, 0, 0, 1, 2}};
    net_dnnl_enter();
    for (int t = 0; t < count; t++)
        for (int k = 0; k < 2; k++) {
            struct net_conv_spec s = {.in = 1, .out = 1, .kernel = 3};
            struct net_extent e = {3, 2, 1};
            struct net_conv *conv = tables[t]->conv_create(&s, NULL);
            tables[t]->conv_set(conv, k ? corner : ones, bias, NULL, NULL);
            struct net_conv_plan *plan = tables[t]->plan_create(conv, e, NULL);
            const struct net_packed *packed = tables[t]->packed;
            void *from = tensor_new(tables[t], packed, e, 1, src), *to = tensor_new(tables[t], packed, e, 1, src);
            void *scratch = aligned_alloc(64, (tables[t]->plan_scratch(plan) + 127) / 64 * 64);
            tables[t]->forward(plan, from, to, scratch);
            tensor_read(tables[t], packed, e, 1, to, out);
            for (int p = 0; p < 6; p++)
                cr_expect_float_eq(out[p], wanted[k][p], 1e-6, "%s, point %d: %g", tables[t]->name, p, (double)out[p]);
            free(from);
            free(to);
            free(scratch);
            tables[t]->plan_free(plan);
            tables[t]->conv_free(conv);
        }
}

/* The pool's second value is the mean times (edge - 10) / 10, where edge is the mean side: 6 on 8x4. */
Test(ops, the_pool_scales_by_the_mean_side)
{
    const struct net_layout l = {1, 1, 1};
    float x[32], pools[3];
    for (int p = 0; p < 32; p++)
        x[p] = p < 16 ? 2 : -1;
    net_packed_real.pool((struct net_extent){8, 4, 1}, l, x, 0, 1, pools);
    cr_expect_float_eq(pools[0], 1, 1e-6);
    cr_expect_float_eq(pools[1], -0.4f, 1e-6);
    cr_expect_float_eq(pools[2], 2, 1e-6);
}

/* ---- matrix products ---- */

/* Against sums in double, with and without what was in c. */
static void matmul_check(const struct net_arithmetic *arithmetic, struct rng *rng, struct net_matmul s)
{
    size_t size = (size_t)(s.m * s.n);
    float *a = random_new(rng, (size_t)(s.m * s.k)), *b = random_new(rng, (size_t)(s.k * s.n));
    float *c = random_new(rng, size), *wanted = g_memdup2(c, size * sizeof *c);
    for (int i = 0; i < s.m; i++)
        for (int j = 0; j < s.n; j++) {
            double sum = 0;
            for (int k = 0; k < s.k; k++)
                sum += (double)a[i * s.k + k] * (double)b[s.transposed ? j * s.k + k : k * s.n + j];
            wanted[i * s.n + j] = (float)((double)s.alpha * sum + (double)(s.beta * c[i * s.n + j]));
        }
    if (s.beta == 0)
        c[0] = NAN; /* is overwritten */
    arithmetic->matmul(&s, a, b, c);
    cr_expect_leq(difference(size, c, wanted), 1e-5, "%s: %d x %d x %d, transposed %d", arithmetic->name, s.m, s.n, s.k,
                  s.transposed);
    g_free(a);
    g_free(b);
    g_free(c);
    g_free(wanted);
}

Test(ops, matrix_products)
{
    static const struct net_arithmetic *const tables[] = {&net_arithmetic_plain, &net_arithmetic_dnnl,
                                                          &net_arithmetic_dnnl_bf16};
    struct rng rng;
    rng_seed(&rng, 17);
    net_dnnl_enter();
    for (int i = 0; i < 60; i++)
        matmul_check(tables[i % 3], &rng,
                     (struct net_matmul){.m = 1 + (int)rng_below(&rng, 70),
                                         .n = 1 + (int)rng_below(&rng, 200),
                                         .k = 1 + (int)rng_below(&rng, 300),
                                         .transposed = i % 2,
                                         .alpha = i % 4 < 2 ? 1 : -2.5f,
                                         .beta = i % 5 < 2 ? 0 : 0.75f});
}

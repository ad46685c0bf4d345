/* oneDNN's convolutions over the lifetime of their weights: several boards and batches, changing weights, accumulated
 * gradients; and the errors when the library fails. */
#include "games/rng.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/dnnl/library.h"
#include "net/kernels/dnnl/weights_gradient.h"
#include "net/kernels/packed.h"
#include "net/memory.h"
#include "net/net.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>
#include <omp.h>

enum { IN = 20, OUT = 40, MAX_POINTS = 8 * 7 * 3 };

/* One side of a convolution in two arithmetics, on any of several extents. */
struct side {
    const struct net_arithmetic *arithmetic;
    struct net_conv *conv;
    struct net_conv_plan *plans[3];
    float weight[OUT * IN * 9], bias[OUT];
};

static const struct net_extent extents[3] = {{7, 8, 3}, {5, 5, 1}, {8, 7, 2}};

static void side_open(struct side *side, const struct net_arithmetic *arithmetic)
{
    static const struct net_conv_spec spec = {.in = IN, .out = OUT, .kernel = 3, .training = true, .want_data = true};
    GError *error = NULL;
    side->arithmetic = arithmetic;
    side->conv = arithmetic->conv_create(&spec, &error);
    cr_assert_not_null(side->conv, "%s", error ? error->message : "");
    for (int i = 0; i < 3; i++) {
        side->plans[i] = arithmetic->plan_create(side->conv, extents[i], &error);
        cr_assert_not_null(side->plans[i], "%s", error ? error->message : "");
    }
}

static void side_close(struct side *side)
{
    for (int i = 0; i < 3; i++)
        side->arithmetic->plan_free(side->plans[i]);
    side->arithmetic->conv_free(side->conv);
}

static void *tensor_new(const struct side *side, struct net_extent e, int channels, const float *planes)
{
    struct net_layout l = side->arithmetic->layout(channels);
    void *data = net_memory_new((size_t)(l.padded * e.n) * net_extent_points(e) * sizeof(float));
    side->arithmetic->packed->load(e, l, planes, data);
    return data;
}

/* out: [channels][points] of row 0 after forward; dx: the result of backward_data. The weights' gradients accumulate.
 * */
static void side_run(const struct side *side, int extent, const float *x, const float *d, float *out, float *dx)
{
    struct net_extent e = extents[extent];
    const struct net_arithmetic *a = side->arithmetic;
    struct net_conv_plan *plan = side->plans[extent];
    void *src = tensor_new(side, e, IN, x), *dst = tensor_new(side, e, OUT, d), *diff = tensor_new(side, e, OUT, d);
    void *scratch = net_memory_new(a->plan_scratch(plan));
    a->forward(plan, src, dst, scratch);
    a->backward_weights(plan, src, diff, scratch);
    for (int c = 0; c < OUT; c++)
        a->packed->read(e, a->layout(OUT), dst, c, out + c * MAX_POINTS, net_extent_points(e));
    a->backward_data(plan, diff, src, scratch);
    for (int c = 0; c < IN; c++)
        a->packed->read(e, a->layout(IN), src, c, dx + c * MAX_POINTS, net_extent_points(e));
    free(src);
    free(dst);
    free(diff);
    free(scratch);
}

static double apart(size_t count, const float *a, const float *b)
{
    double off = 0, most = 1e-3;
    for (size_t i = 0; i < count; i++) {
        off = fmax(off, fabs((double)a[i] - (double)b[i]));
        most = fmax(most, fabs((double)b[i]));
    }
    return off / most;
}

/* Extents in any order, each more than once; weights are replaced in between; gradients of all accumulate in one sum,
 * which is then reset. */
static void extents_in_turn(const struct net_arithmetic *arithmetic, double rounded, double summed)
{
    static const int order[] = {0, 1, 0, 2, 1};
    struct side *sides[2] = {g_new0(struct side, 1), g_new0(struct side, 1)};
    float *x = g_new(float, IN *MAX_POINTS), *d = g_new(float, OUT *MAX_POINTS), *out[2], *dx[2];
    struct rng rng;
    rng_seed(&rng, 9);
    net_dnnl_enter();
    side_open(sides[0], arithmetic);
    side_open(sides[1], &net_arithmetic_plain);
    for (int s = 0; s < 2; s++) {
        out[s] = g_new0(float, OUT *MAX_POINTS);
        dx[s] = g_new0(float, IN *MAX_POINTS);
    }
    for (int round = 0; round < 2; round++) {
        float weight[OUT * IN * 9], bias[OUT];
        fixture_fill(&rng, G_N_ELEMENTS(weight), -1, 1, weight);
        fixture_fill(&rng, OUT, -1, 1, bias);
        for (int s = 0; s < 2; s++) {
            arithmetic = sides[s]->arithmetic;
            arithmetic->conv_set(sides[s]->conv, weight, bias, NULL, NULL);
            arithmetic->conv_zero_gradient(sides[s]->conv);
            memset(sides[s]->weight, 0, sizeof sides[s]->weight);
            memset(sides[s]->bias, 0, sizeof sides[s]->bias);
        }
        for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
            fixture_fill(&rng, IN * MAX_POINTS, -1, 1, x);
            fixture_fill(&rng, OUT * MAX_POINTS, -1, 1, d);
            for (int s = 0; s < 2; s++)
                side_run(sides[s], order[i], x, d, out[s], dx[s]);
            cr_expect_leq(apart(OUT * MAX_POINTS, out[0], out[1]), rounded, "%s, step %zu", sides[0]->arithmetic->name,
                          i);
            cr_expect_leq(apart(IN * MAX_POINTS, dx[0], dx[1]), rounded, "%s, step %zu", sides[0]->arithmetic->name, i);
        }
        for (int s = 0; s < 2; s++)
            sides[s]->arithmetic->conv_gradient(sides[s]->conv, sides[s]->weight, sides[s]->bias);
        cr_expect_leq(apart(OUT * IN * 9, sides[0]->weight, sides[1]->weight), summed);
        cr_expect_leq(apart(OUT, sides[0]->bias, sides[1]->bias), summed);
    }
    for (int s = 0; s < 2; s++) {
        side_close(sides[s]);
        g_free(sides[s]);
        g_free(out[s]);
        g_free(dx[s]);
    }
    g_free(x);
    g_free(d);
}

Test(library, extents_in_turn)
{
    extents_in_turn(&net_arithmetic_dnnl, 1e-5, 1e-5);
}

Test(library, extents_in_turn_in_bf16)
{
    if (!net_dnnl_has_bf16())
        cr_skip_test("this processor does not compute in bf16");
    extents_in_turn(&net_arithmetic_dnnl_bf16, 0.02, 0.02);
}

/* ---- our own kernel for the gradient of weights ---- */

/* Of `outs` registers of output channels, against sums by hand. */
static void check_gradient(const struct net_weights_kernel *kernel, struct net_extent e, int outs, struct rng *rng)
{
    struct net_layout in = {16 * (1 + outs % 3), 16 * (1 + outs % 3), outs % 2 ? 16 : 16 * (1 + outs % 3)},
                      out = {16 * outs, 16 * outs, outs % 2 ? 16 * outs : 16};
    int points = e.width * e.height;
    size_t ins_count = (size_t)(e.n * in.channels * points), outs_count = (size_t)(e.n * out.channels * points);
    float *x = g_new(float, ins_count), *d = g_new(float, outs_count);
    for (size_t i = 0; i < ins_count; i++) /* small whole numbers, so that every sum is exact */
        x[i] = (float)rng_below(rng, 9) - 4;
    for (size_t i = 0; i < outs_count; i++)
        d[i] = (float)rng_below(rng, 9) - 4;
    uint16_t *src = net_memory_new(ins_count * sizeof *src), *diff = net_memory_new(outs_count * sizeof *diff);
    net_packed_bf16.load(e, in, x, src);
    net_packed_bf16.load(e, out, d, diff);
    size_t weights = (size_t)(9 * in.channels * out.channels);
    float *weight = net_memory_new(weights * sizeof(float)),
          *bias = net_memory_new((size_t)out.channels * sizeof(float));
    for (size_t i = 0; i < weights; i++)
        weight[i] = 3; /* it accumulates */
    for (int o = 0; o < out.channels; o++)
        bias[o] = 5;
    const size_t bytes = kernel->scratch(e, in, out);
    cr_expect(kernel != &net_weights_vectors || bytes == (size_t)((in.channels + out.channels) * points) * 4);
    uint8_t *scratch = net_memory_new(bytes + 64);
    memset(scratch, 99, bytes + 64); /* of earlier use */
    kernel->add(e, in, out, src, diff, weight, bias, scratch);
    for (int i = 0; i < 64; i++)
        cr_assert_eq(scratch[bytes + (size_t)i], 99, "beyond its scratch memory");
    for (int k = 0; k < 500; k++) {
        int tap = (int)rng_below(rng, 9), i = (int)rng_below(rng, (uint32_t)in.channels),
            o = (int)rng_below(rng, (uint32_t)out.channels);
        float sum = 3, total = 5;
        for (int row = 0; row < e.n; row++)
            for (int p = 0; p < points; p++) {
                int y = p / e.width + tap / 3 - 1, at = p % e.width + tap % 3 - 1;
                float g = d[(row * out.channels + o) * points + p];
                total += g;
                if (y >= 0 && at >= 0 && y < e.height && at < e.width)
                    sum += g * x[(row * in.channels + i) * points + y * e.width + at];
            }
        cr_assert_eq(weight[(tap * in.channels + i) * out.channels + o], sum, "%s: %d blocks, tap %d", kernel->name,
                     outs, tap);
        cr_assert_eq(bias[o], total, "%s", kernel->name);
    }
    g_free(x);
    g_free(d);
    free(src);
    free(diff);
    free(weight);
    free(bias);
    free(scratch);
}

/* Every number of channel registers, one row and several, boards of one point and of more points than the registers
 * take at once. */
Test(library, gradient_of_weights)
{
    static const struct net_extent shapes[] = {{1, 1, 1}, {2, 3, 2}, {3, 3, 3}, {9, 9, 1}, {19, 12, 2}, {4, 30, 5}};
    const struct net_layout layout = {16, 16, 16};
    struct rng rng;
    rng_seed(&rng, 3);
    if (!net_weights_kernel_best(layout, layout))
        cr_skip_test("this processor does not compute in bf16");
    for (int k = 0; net_weights_kernels[k]; k++)
        for (int outs = 1; outs <= 18 && net_weights_kernels[k]->fits(layout, layout); outs++)
            check_gradient(net_weights_kernels[k], shapes[outs % 6], 1 + (outs - 1) % 9, &rng);
}

/* The kernels process 16 channels at a time, which are contiguous in both layouts. */
Test(library, layouts_of_the_gradient_of_weights)
{
    static const struct net_layout fitting[] = {{16, 16, 16}, {40, 48, 48}, {64, 64, 32}},
                                   others[] = {{16, 16, 8}, {40, 40, 40}, {16, 16, 1}};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            cr_expect_eq(net_weights_kernel_best(fitting[i], fitting[j]) != NULL, net_dnnl_has_bf16());
            cr_expect_null(net_weights_kernel_best(fitting[i], others[j]), "out %d", j);
            cr_expect_null(net_weights_kernel_best(others[j], fitting[i]), "in %d", j);
        }
}

/* A plan has scratch memory for each of its directions; our own kernel needs more than the library's. */
Test(library, scratch_for_every_direction)
{
    static const struct net_conv_spec spec = {.in = 48, .out = 48, .kernel = 3, .training = true, .want_data = true};
    if (!net_dnnl_has_bf16())
        cr_skip_test("this processor does not compute in bf16");
    const struct net_arithmetic *a = &net_arithmetic_dnnl_bf16;
    const struct net_extent e = {9, 8, 4};
    struct net_conv *conv = a->conv_create(&spec, NULL);
    struct net_conv_plan *plan = a->plan_create(conv, e, NULL);
    cr_expect_geq(a->plan_scratch(plan),
                  net_weights_kernel_best(a->layout(48), a->layout(48))->scratch(e, a->layout(48), a->layout(48)));
    a->plan_free(plan);
    a->conv_free(conv);
}

/* ---- the library itself ---- */

Test(library, failures_have_messages)
{
    GError *error = NULL;
    const dnnl_version_t *version = dnnl_version();
    cr_expect(net_dnnl_good(dnnl_success, "do nothing", &error));
    cr_expect_null(error);
    cr_expect_not(net_dnnl_good(dnnl_unimplemented, "convolve", &error));
    cr_assert(g_error_matches(error, NET_ERROR, NET_ERROR_LIBRARY));
    char *message = g_strdup_printf("oneDNN %d.%d.%d could not convolve (status %d)", version->major, version->minor,
                                    version->patch, (int)dnnl_unimplemented);
    cr_expect_str_eq(error->message, message);
    g_free(message);
    g_clear_error(&error);
}

Test(library, one_thread_and_whole_blocks)
{
    omp_set_num_threads(3);
    net_dnnl_enter();
    cr_expect_eq(omp_get_max_threads(), 1);
    static const int padded[][2] = {{1, 16}, {16, 16}, {17, 32}, {64, 64}};
    for (size_t i = 0; i < G_N_ELEMENTS(padded); i++) {
        cr_expect_eq(net_dnnl_padded(padded[i][0]), padded[i][1]);
        struct net_layout l = net_arithmetic_dnnl.layout(padded[i][0]);
        cr_expect(l.channels == padded[i][0] && l.padded == padded[i][1] && l.padded % l.block == 0);
    }
}

/* The description names the implementation in use, and those of backward where they exist. */
Test(library, descriptions)
{
    for (int training = 0; training < 2; training++)
        for (int data = 0; data <= training; data++) {
            struct net_conv_spec spec = {
                .in = 16, .out = 16, .kernel = 3, .training = training != 0, .want_data = data != 0};
            struct net_conv *conv = net_arithmetic_dnnl.conv_create(&spec, NULL);
            struct net_conv_plan *plan = net_arithmetic_dnnl.plan_create(conv, (struct net_extent){5, 5, 1}, NULL);
            char *text = net_arithmetic_dnnl.describe(plan);
            cr_expect_eq(strstr(text, ", backward data ") != NULL, data, "%s", text);
            cr_expect_eq(strstr(text, ", backward weights ") != NULL, training, "%s", text);
            char **parts = g_strsplit(text, ", ", -1);
            for (int i = 0; parts[i]; i++) { /* a non-empty name each */
                const char *name = i ? strrchr(parts[i], ' ') + 1 : parts[i];
                cr_expect(strlen(name) > 3 && strcmp(name, "unknown") != 0, "%s", text);
            }
            g_strfreev(parts);
            g_free(text);
            net_arithmetic_dnnl.plan_free(plan);
            net_arithmetic_dnnl.conv_free(conv);
        }
}

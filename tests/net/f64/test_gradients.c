/* The kernels of which operations are made, against finite differences in double precision. */
#include "games/rng.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "tests/net/f64/check.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void random_fill(struct rng *rng, size_t count, double *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = 2 * rng_uniform(rng) - 1;
}

static double *random_new(struct rng *rng, size_t count)
{
    double *values = g_new(double, count);
    random_fill(rng, count, values);
    return values;
}

static double worst_of(double (*f)(void *), void *context, double *x, const double *gradient, size_t count)
{
    double worst = 0;
    for (size_t i = 0; i < count; i++)
        worst = fmax(worst, mismatch(f, context, x + i, gradient[i], 1e-3));
    return worst;
}

/* ---- convolution: a weighted sum of its outputs ---- */

struct conv_case {
    struct net_conv_spec spec;
    struct net_extent e;
    struct net_conv *conv;
    struct net_conv_plan *plan;
    double *src, *weight, *bias, *residual, *out, *factors;
    size_t src_count, weight_count, out_count;
};

static double conv_value(void *context)
{
    struct conv_case *c = context;
    net_arithmetic_plain.conv_set(c->conv, c->weight, c->bias, NULL, NULL);
    memcpy(c->out, c->residual, c->out_count * sizeof(double));
    net_arithmetic_plain.forward(c->plan, c->src, c->out, NULL);
    double sum = 0;
    for (size_t i = 0; i < c->out_count; i++)
        sum += c->factors[i] * c->out[i];
    return sum;
}

static void conv_check(struct rng *rng, struct conv_case c)
{
    size_t points = net_extent_points(c.e);
    c.src_count = points * (size_t)(c.e.n * c.spec.in);
    c.out_count = points * (size_t)(c.e.n * c.spec.out);
    c.weight_count = (size_t)(c.spec.in * c.spec.out * c.spec.kernel * c.spec.kernel);
    c.src = random_new(rng, c.src_count);
    c.weight = random_new(rng, c.weight_count);
    c.bias = random_new(rng, (size_t)c.spec.out);
    c.residual = random_new(rng, c.out_count);
    c.factors = random_new(rng, c.out_count);
    c.out = g_new0(double, c.out_count);
    c.conv = net_arithmetic_plain.conv_create(&c.spec, NULL);
    c.plan = net_arithmetic_plain.plan_create(c.conv, c.e, NULL);
    double *dout = g_new(double, c.out_count), *dsrc = g_new(double, c.src_count);
    double *dweight = g_new0(double, c.weight_count), *dbias = g_new0(double, c.spec.out);
    conv_value(&c);
    memcpy(dout, c.factors, c.out_count * sizeof(double));
    if (c.spec.relu)
        net_packed_real.mask(c.out_count, dout, NULL, c.out);
    net_arithmetic_plain.conv_zero_gradient(c.conv);
    net_arithmetic_plain.backward_weights(c.plan, c.src, dout, NULL);
    net_arithmetic_plain.backward_data(c.plan, dout, dsrc, NULL);
    net_arithmetic_plain.conv_gradient(c.conv, dweight, dbias);
    cr_expect_leq(worst_of(conv_value, &c, c.src, dsrc, c.src_count), TOLERANCE);
    cr_expect_leq(worst_of(conv_value, &c, c.weight, dweight, c.weight_count), TOLERANCE);
    cr_expect_leq(worst_of(conv_value, &c, c.bias, dbias, (size_t)c.spec.out), TOLERANCE);
    if (c.spec.add)
        cr_expect_leq(worst_of(conv_value, &c, c.residual, dout, c.out_count), TOLERANCE);
    net_arithmetic_plain.plan_free(c.plan);
    net_arithmetic_plain.conv_free(c.conv);
    double *memory[] = {c.src, c.weight, c.bias, c.residual, c.factors, c.out, dout, dsrc, dweight, dbias};
    for (size_t i = 0; i < G_N_ELEMENTS(memory); i++)
        g_free(memory[i]);
}

Test(gradients, convolution)
{
    struct rng rng;
    rng_seed(&rng, 1);
    for (int i = 0; i < 12; i++) {
        struct conv_case c = {
            .spec = {.in = 1 + (int)rng_below(&rng, 5),
                     .out = 1 + (int)rng_below(&rng, 18),
                     .kernel = i % 2 ? 3 : 1,
                     .relu = i % 3 == 0,
                     .add = i % 4 == 1,
                     .training = true,
                     .want_data = true},
            .e = {1 + (int)rng_below(&rng, 5), 1 + (int)rng_below(&rng, 5), 1 + (int)rng_below(&rng, 3)}};
        conv_check(&rng, c);
    }
}

/* ---- operations between convolutions, in both layouts ---- */

struct layer_case {
    struct net_extent e;
    struct net_layout l;
    int first, count, outs;
    bool relu;
    double *x, *bias, *out, *factors, *work, *weight;
    size_t x_count, out_count;
};

static double weighted(const struct layer_case *c, const double *values)
{
    double sum = 0;
    for (size_t i = 0; i < c->out_count; i++)
        sum += c->factors[i] * values[i];
    return sum;
}

static double pool_value(void *context)
{
    struct layer_case *c = context;
    net_packed_real.pool(c->e, c->l, c->x, c->first, c->count, c->out);
    return weighted(c, c->out);
}

static double bias_value(void *context)
{
    struct layer_case *c = context;
    memcpy(c->work, c->x, c->x_count * sizeof(double));
    net_packed_real.bias_relu(c->e, c->l, c->work, c->first, c->count, c->bias);
    return weighted(c, c->work);
}

static double dense_value(void *context)
{
    struct layer_case *c = context;
    net_dense_forward(c->e.n, c->count, c->outs, c->relu, c->x, c->weight, c->bias, c->out);
    return weighted(c, c->out);
}

static struct layer_case layer_new(struct rng *rng, int block)
{
    struct layer_case c = {.e = {2 + (int)rng_below(rng, 4), 1 + (int)rng_below(rng, 4), 1 + (int)rng_below(rng, 3)}};
    int channels = 5 + (int)rng_below(rng, 30);
    int padded = block ? (channels + block - 1) / block * block : channels;
    c.l = (struct net_layout){channels, padded, block ? block : channels};
    c.first = (int)rng_below(rng, (uint32_t)channels - 1);
    c.count = 1 + (int)rng_below(rng, (uint32_t)(channels - c.first));
    c.x_count = net_extent_points(c.e) * (size_t)(padded * c.e.n);
    c.x = random_new(rng, c.x_count);
    c.work = g_new0(double, c.x_count);
    c.bias = random_new(rng, (size_t)(c.e.n * c.count));
    return c;
}

static void layer_free(struct layer_case *c)
{
    double *memory[] = {c->x, c->bias, c->out, c->factors, c->work, c->weight};
    for (size_t i = 0; i < G_N_ELEMENTS(memory); i++)
        g_free(memory[i]);
}

Test(gradients, pooling)
{
    struct rng rng;
    rng_seed(&rng, 2);
    for (int i = 0; i < 12; i++) {
        struct layer_case c = layer_new(&rng, (const int[]){0, 1, 8, 16}[i % 4]);
        c.out_count = (size_t)(c.e.n * 3 * c.count);
        c.out = g_new0(double, c.out_count);
        c.factors = random_new(&rng, c.out_count);
        double *dx = g_new0(double, c.x_count);
        net_packed_real.pool_backward(c.e, c.l, c.x, c.first, c.count, c.factors, dx);
        cr_expect_leq(worst_of(pool_value, &c, c.x, dx, c.x_count), TOLERANCE);
        g_free(dx);
        layer_free(&c);
    }
}

Test(gradients, bias_relu)
{
    struct rng rng;
    rng_seed(&rng, 3);
    for (int i = 0; i < 12; i++) {
        struct layer_case c = layer_new(&rng, (const int[]){0, 1, 8, 16}[i % 4]);
        c.out_count = c.x_count;
        c.factors = random_new(&rng, c.out_count);
        double *dx = g_memdup2(c.factors, c.x_count * sizeof(double));
        double *dbias = g_new0(double, c.e.n *c.count);
        bias_value(&c);
        net_packed_real.bias_relu_backward(c.e, c.l, c.work, dx, c.first, c.count, dbias);
        cr_expect_leq(worst_of(bias_value, &c, c.x, dx, c.x_count), TOLERANCE);
        cr_expect_leq(worst_of(bias_value, &c, c.bias, dbias, (size_t)(c.e.n * c.count)), TOLERANCE);
        g_free(dx);
        g_free(dbias);
        layer_free(&c);
    }
}

static void dense_check(struct rng *rng, bool relu)
{
    struct layer_case c = {.e = {1, 1, 1 + (int)rng_below(rng, 3)},
                           .count = 1 + (int)rng_below(rng, 20),
                           .outs = 1 + (int)rng_below(rng, 20),
                           .relu = relu};
    c.x_count = (size_t)(c.e.n * c.count);
    c.out_count = (size_t)(c.e.n * c.outs);
    size_t weights = (size_t)(c.count * c.outs);
    c.x = random_new(rng, c.x_count);
    c.weight = random_new(rng, weights);
    c.bias = random_new(rng, (size_t)c.outs);
    c.factors = random_new(rng, c.out_count);
    c.out = g_new0(double, c.out_count);
    double *dout = g_memdup2(c.factors, c.out_count * sizeof(double)), *dx = random_new(rng, c.x_count);
    double *before = g_memdup2(dx, c.x_count * sizeof(double));
    double *dweight = g_new0(double, weights), *dbias = g_new0(double, c.outs);
    dense_value(&c);
    net_dense_backward(c.e.n, c.count, c.outs, relu, c.x, c.weight, c.out, dout, dweight, dbias, dx, true);
    for (size_t i = 0; i < c.x_count; i++)
        dx[i] -= before[i];
    cr_expect_leq(worst_of(dense_value, &c, c.x, dx, c.x_count), TOLERANCE);
    cr_expect_leq(worst_of(dense_value, &c, c.weight, dweight, weights), TOLERANCE);
    cr_expect_leq(worst_of(dense_value, &c, c.bias, dbias, (size_t)c.outs), TOLERANCE);
    double *memory[] = {dout, dx, before, dweight, dbias};
    for (size_t i = 0; i < G_N_ELEMENTS(memory); i++)
        g_free(memory[i]);
    layer_free(&c);
}

Test(gradients, dense)
{
    struct rng rng;
    rng_seed(&rng, 4);
    for (int i = 0; i < 12; i++)
        dense_check(&rng, i % 2);
}

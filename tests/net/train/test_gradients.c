/* Every layer, and whole nets with their losses, against finite differences in double. */
#define NET_REAL_DOUBLE
#include "net/exec/exec.h"
#include "net/train/loss.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static const double TOLERANCE = 1e-6;

/* Difference of a gradient from the function's central differences. A step that crosses the kink of a relu or a maximum
 * says nothing, so smaller ones are tried; a wrong gradient agrees with none of them. Small gradients are held against
 * `floor`, below which rounding decides. */
static double mismatch(double (*f)(void *), void *context, double *x, double gradient, double floor)
{
    double best = INFINITY, keep = *x;
    for (double h = 1e-4; h > 5e-8 && best > TOLERANCE; h /= 10) {
        *x = keep + h;
        double up = f(context);
        *x = keep - h;
        double down = f(context);
        *x = keep;
        double slope = (up - down) / (2 * h);
        best = fmin(best, fabs(slope - gradient) / fmax(floor, fmax(fabs(slope), fabs(gradient))));
    }
    return best;
}

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

/* ---- convolution: the weighted sum of what comes out ---- */

struct conv_case {
    struct net_conv_spec spec;
    int size, n;
    struct net_conv *conv;
    struct net_conv_plan *plan;
    double *src, *weight, *bias, *residual, *out, *factors;
    size_t src_count, weight_count, out_count;
};

static double conv_value(void *context)
{
    struct conv_case *c = context;
    net_ops_plain.conv_set(c->conv, c->weight, c->bias, NULL);
    memcpy(c->out, c->residual, c->out_count * sizeof(double));
    net_ops_plain.forward(c->plan, c->src, c->out, NULL);
    double sum = 0;
    for (size_t i = 0; i < c->out_count; i++)
        sum += c->factors[i] * c->out[i];
    return sum;
}

static void conv_check(struct rng *rng, struct conv_case c)
{
    size_t points = (size_t)(c.size * c.size);
    c.src_count = points * (size_t)(c.n * c.spec.in);
    c.out_count = points * (size_t)(c.n * c.spec.out);
    c.weight_count = (size_t)(c.spec.in * c.spec.out * c.spec.kernel * c.spec.kernel);
    c.src = random_new(rng, c.src_count);
    c.weight = random_new(rng, c.weight_count);
    c.bias = random_new(rng, (size_t)c.spec.out);
    c.residual = random_new(rng, c.out_count);
    c.factors = random_new(rng, c.out_count);
    c.out = g_new0(double, c.out_count);
    c.conv = net_ops_plain.conv_create(&c.spec, NULL);
    c.plan = net_ops_plain.plan_create(c.conv, c.size, c.n, NULL);
    double *dout = g_new(double, c.out_count), *dsrc = g_new(double, c.src_count);
    double *dweight = g_new(double, c.weight_count), *dbias = g_new(double, c.spec.out);
    conv_value(&c);
    memcpy(dout, c.factors, c.out_count * sizeof(double));
    if (c.spec.relu)
        net_cells_real.mask(c.out_count, dout, NULL, c.out);
    net_ops_plain.conv_zero_gradient(c.conv);
    net_ops_plain.backward_weights(c.plan, c.src, dout, NULL);
    net_ops_plain.backward_data(c.plan, dout, dsrc, NULL);
    net_ops_plain.conv_gradient(c.conv, dweight, dbias);
    cr_expect_leq(worst_of(conv_value, &c, c.src, dsrc, c.src_count), TOLERANCE);
    cr_expect_leq(worst_of(conv_value, &c, c.weight, dweight, c.weight_count), TOLERANCE);
    cr_expect_leq(worst_of(conv_value, &c, c.bias, dbias, (size_t)c.spec.out), TOLERANCE);
    if (c.spec.add)
        cr_expect_leq(worst_of(conv_value, &c, c.residual, dout, c.out_count), TOLERANCE);
    net_ops_plain.plan_free(c.plan);
    net_ops_plain.conv_free(c.conv);
    double *memory[] = {c.src, c.weight, c.bias, c.residual, c.factors, c.out, dout, dsrc, dweight, dbias};
    for (size_t i = 0; i < G_N_ELEMENTS(memory); i++)
        g_free(memory[i]);
}

Test(gradients, convolution)
{
    struct rng rng;
    rng_seed(&rng, 1);
    for (int i = 0; i < 12; i++) {
        struct conv_case c = {.spec = {.in = 1 + (int)rng_below(&rng, 5),
                                       .out = 1 + (int)rng_below(&rng, 18),
                                       .kernel = i % 2 ? 3 : 1,
                                       .relu = i % 3 == 0,
                                       .add = i % 4 == 1,
                                       .training = true,
                                       .want_data = true},
                              .size = 1 + (int)rng_below(&rng, 5),
                              .n = 1 + (int)rng_below(&rng, 3)};
        conv_check(&rng, c);
    }
}

/* ---- steps, in both kinds of layout ---- */

struct step_case {
    struct net_extent e;
    struct net_layout l;
    int first, count, outs;
    bool relu;
    double *x, *bias, *out, *factors, *work, *weight;
    size_t x_count, out_count;
};

static double weighted(const struct step_case *c, const double *values)
{
    double sum = 0;
    for (size_t i = 0; i < c->out_count; i++)
        sum += c->factors[i] * values[i];
    return sum;
}

static double pool_value(void *context)
{
    struct step_case *c = context;
    net_cells_real.pool(c->e, c->l, c->x, c->first, c->count, c->out);
    return weighted(c, c->out);
}

static double shift_value(void *context)
{
    struct step_case *c = context;
    memcpy(c->work, c->x, c->x_count * sizeof(double));
    net_cells_real.shift(c->e, c->l, c->work, c->first, c->count, c->bias);
    return weighted(c, c->work);
}

static double dense_value(void *context)
{
    struct step_case *c = context;
    net_dense_forward(c->e.n, c->count, c->outs, c->relu, c->x, c->weight, c->bias, c->out);
    return weighted(c, c->out);
}

static struct step_case step_new(struct rng *rng, int block)
{
    struct step_case c = {.e = {2 + (int)rng_below(rng, 4), 1 + (int)rng_below(rng, 3)}};
    int channels = 5 + (int)rng_below(rng, 30);
    int padded = block ? (channels + block - 1) / block * block : channels;
    c.l = (struct net_layout){channels, padded, block ? block : channels};
    c.first = (int)rng_below(rng, (uint32_t)channels - 1);
    c.count = 1 + (int)rng_below(rng, (uint32_t)(channels - c.first));
    c.x_count = (size_t)(padded * c.e.size * c.e.size * c.e.n);
    c.x = random_new(rng, c.x_count);
    c.work = g_new0(double, c.x_count);
    c.bias = random_new(rng, (size_t)(c.e.n * c.count));
    return c;
}

static void step_free(struct step_case *c)
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
        struct step_case c = step_new(&rng, (const int[]){0, 1, 8, 16}[i % 4]);
        c.out_count = (size_t)(c.e.n * 3 * c.count);
        c.out = g_new0(double, c.out_count);
        c.factors = random_new(&rng, c.out_count);
        double *dx = g_new0(double, c.x_count);
        net_cells_real.pool_backward(c.e, c.l, c.x, c.first, c.count, c.factors, dx);
        cr_expect_leq(worst_of(pool_value, &c, c.x, dx, c.x_count), TOLERANCE);
        g_free(dx);
        step_free(&c);
    }
}

Test(gradients, shift)
{
    struct rng rng;
    rng_seed(&rng, 3);
    for (int i = 0; i < 12; i++) {
        struct step_case c = step_new(&rng, (const int[]){0, 1, 8, 16}[i % 4]);
        c.out_count = c.x_count;
        c.factors = random_new(&rng, c.out_count);
        double *dx = g_memdup2(c.factors, c.x_count * sizeof(double));
        double *dbias = g_new0(double, c.e.n *c.count);
        shift_value(&c);
        net_cells_real.shift_backward(c.e, c.l, c.work, dx, c.first, c.count, dbias);
        cr_expect_leq(worst_of(shift_value, &c, c.x, dx, c.x_count), TOLERANCE);
        cr_expect_leq(worst_of(shift_value, &c, c.bias, dbias, (size_t)(c.e.n * c.count)), TOLERANCE);
        g_free(dx);
        g_free(dbias);
        step_free(&c);
    }
}

static void dense_check(struct rng *rng, bool relu)
{
    struct step_case c = {.e = {1, 1 + (int)rng_below(rng, 3)},
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
    step_free(&c);
}

Test(gradients, dense)
{
    struct rng rng;
    rng_seed(&rng, 4);
    for (int i = 0; i < 12; i++)
        dense_check(&rng, i % 2);
}

/* ---- whole nets ---- */

struct net_case {
    struct net_graph *graph;
    struct net_exec *exec;
    struct net_samples *samples;
    double *params, *workspace;
    float weights[NET_LOSSES];
};

static double net_value(void *context)
{
    struct net_case *c = context;
    struct net_loss_sums sums = {0};
    net_exec_set(c->exec, c->params, NULL);
    net_exec_load(c->exec, c->samples->planes, c->samples->globals);
    net_exec_forward(c->exec);
    net_loss_compute(c->exec, c->graph, c->samples, 0, c->samples->n, c->weights, 0, &sums, c->workspace);
    double total = 0;
    for (int i = 0; i < NET_LOSSES; i++)
        total += (double)c->weights[i] * sums.loss[i];
    return total;
}

static void net_gradients(struct net_case *c, double *gradients)
{
    struct net_loss_sums sums = {0};
    net_exec_set(c->exec, c->params, NULL);
    net_exec_zero_gradients(c->exec);
    net_exec_load(c->exec, c->samples->planes, c->samples->globals);
    net_exec_forward(c->exec);
    net_loss_compute(c->exec, c->graph, c->samples, 0, c->samples->n, c->weights, 1, &sums, c->workspace);
    net_exec_backward(c->exec);
    net_exec_gradients(c->exec, gradients);
}

static void net_check(const char *trunk, int other_moves, int size, int n, uint64_t seed)
{
    struct net_info info = fixture_info(trunk, 3, 2, other_moves);
    struct net_case c = {.weights = {1, 0.5f, 2, 1.5f, 0.7f, 0.9f, 1.1f}};
    struct rng rng;
    GError *error = NULL;
    cr_assert_eq(net_graph_create(&c.graph, &info, &error), 0, "%s", error ? error->message : "");
    cr_assert_eq(net_exec_create(&c.exec, c.graph, &net_ops_plain, true, &error), 0);
    cr_assert_eq(net_exec_use(c.exec, size, n, &error), 0);
    c.samples = fixture_samples(&info, size, n, false, seed);
    c.params = g_new0(double, c.graph->parameters);
    c.workspace = g_new0(double, net_loss_workspace(c.graph, size, n));
    double *gradients = g_new0(double, c.graph->parameters);
    rng_seed(&rng, seed);
    random_fill(&rng, c.graph->parameters, c.params);
    for (size_t i = 0; i < c.graph->parameters; i++)
        c.params[i] *= 0.4;
    net_gradients(&c, gradients);
    for (int p = 0; p < c.graph->params; p++) {
        const struct net_param *param = &c.graph->param[p];
        for (size_t i = 0; i < param->count; i++) {
            size_t at = param->offset + i;
            double off = mismatch(net_value, &c, c.params + at, gradients[at], 1e-3);
            cr_expect_leq(off, TOLERANCE, "%s on %dx%d: %s[%zu] is off by %g", trunk, size, size, param->name, i, off);
        }
    }
    net_exec_close(c.exec);
    net_samples_free(c.samples);
    g_free(c.graph);
    g_free(c.params);
    g_free(c.workspace);
    g_free(gradients);
}

Test(gradients, net_with_every_block)
{
    net_check("conv:4 res:4 gpool:4 res:4", 1, 3, 2, 5);
}
Test(gradients, net_that_changes_width)
{
    net_check("conv:4 gpool:4 conv:5 res:5 conv:6", 3, 2, 3, 6);
}
Test(gradients, net_without_other_moves)
{
    net_check("conv:5 gpool:5", 0, 4, 1, 7);
}

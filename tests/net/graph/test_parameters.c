/* The parameters of nets: names and shapes, by which weights files are read, and their initialisation. */
#include "net/graph/graph.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>

/* A weight, which is followed by its bias. Convolution: [out][in][kernel][kernel], standard deviation gain * sqrt(2 /
 * inputs); dense: [in][out], gain * sqrt(1 / inputs). */
struct weight {
    const char *name;
    int kernel, in, out; /* kernel 0: dense */
    double gain;
};

/* The last layer of each of the n residual blocks has 0.7 / sqrt(n); in an se block twice that, as its gates begin half
 * open. A gpool block pools a quarter of its channels, an se block squeezes to a quarter. The heads split their
 * convolution into pooled, policy and value channels. Outputs: 4 over the points, 3 groups of 2 other moves, 7 values.
 */
static const struct weight of_64_channels[] = {
    {"0.conv.conv", 3, 7, 64, 1},
    {"0.conv.globals", 0, 3, 64, 0.5},
    {"1.gpool.conv1", 3, 64, 64, 1},
    {"1.gpool.pool", 0, 3 * 16, 48, 0.5},
    {"1.gpool.conv2", 3, 64, 64, 0.404145188},
    {"2.se.conv1", 3, 64, 64, 1},
    {"2.se.conv2", 3, 64, 64, 2 * 0.404145188},
    {"2.se.squeeze", 0, 3 * 64, 16, 1},
    {"2.se.excite", 0, 16, 64, 0.5},
    {"3.conv.conv", 3, 64, 40, 1},
    {"4.res.conv1", 3, 40, 40, 1},
    {"4.res.conv2", 3, 40, 40, 0.404145188},
    {"heads.conv", 1, 40, 10 + 10 + 20, 1},
    {"heads.policy.pool", 0, 3 * 10, 10, 0.5},
    {"heads.policy.others", 0, 3 * 10, 3 * 2, 0.1},
    {"heads.value.hidden", 0, 3 * 20, 40, 1},
    {"heads.value.out", 0, 40, 7, 0.1},
    {"heads.points", 1, 40, 4, 0.1},
};
/* The minimum sizes of blocks and heads. */
static const struct weight of_4_channels[] = {
    {"0.conv.conv", 3, 7, 4, 1},
    {"0.conv.globals", 0, 3, 4, 0.5},
    {"1.gpool.conv1", 3, 4, 4, 1},
    {"1.gpool.pool", 0, 3, 3, 0.5},
    {"1.gpool.conv2", 3, 4, 4, 0.494974747},
    {"2.se.conv1", 3, 4, 4, 1},
    {"2.se.conv2", 3, 4, 4, 2 * 0.494974747},
    {"2.se.squeeze", 0, 3 * 4, 4, 1},
    {"2.se.excite", 0, 4, 4, 0.5},
    {"heads.conv", 1, 4, 4 + 4 + 8, 1},
    {"heads.policy.pool", 0, 3 * 4, 4, 0.5},
    {"heads.value.hidden", 0, 3 * 8, 16, 1},
    {"heads.value.out", 0, 16, 7, 0.1},
    {"heads.points", 1, 16, 4, 0.1},
};

static struct net_graph *graph_of(const char *trunk, int other_moves)
{
    struct net_info info = fixture_info(trunk, 7, 3, other_moves);
    struct net_graph *graph;
    cr_assert_eq(net_graph_create(&graph, &info, NULL), 0);
    return graph;
}

static void expect_shape(const struct net_param *param, const char *name, const char *what, int rank, const int *shape)
{
    char *wanted = g_strdup_printf("%s.%s", name, what);
    size_t count = 1;
    cr_expect_str_eq(param->name, wanted);
    cr_expect_eq(param->rank, rank, "%s", wanted);
    for (int i = 0; i < rank; i++) {
        cr_expect_eq(param->shape[i], shape[i], "%s[%d] is %d", wanted, i, param->shape[i]);
        count *= (size_t)shape[i];
    }
    cr_expect_eq(param->count, count, "%s", wanted);
    g_free(wanted);
}

static void expect_weights(const char *trunk, int other_moves, const struct weight *list, int count)
{
    struct net_graph *graph = graph_of(trunk, other_moves);
    size_t offset = 0;
    cr_assert_eq(graph->params, 2 * count);
    for (int i = 0; i < count; i++) {
        const struct weight *w = &list[i];
        const struct net_param *weight = &graph->param[2 * i], *bias = weight + 1;
        double inputs = w->in * (w->kernel ? w->kernel * w->kernel / 2.0 : 1);
        if (w->kernel)
            expect_shape(weight, w->name, "weight", 4, (const int[]){w->out, w->in, w->kernel, w->kernel});
        else
            expect_shape(weight, w->name, "weight", 2, (const int[]){w->in, w->out});
        expect_shape(bias, w->name, "bias", 1, &w->out);
        cr_expect_float_eq(weight->deviation, w->gain / sqrt(inputs), 1e-6, "%s", w->name);
        cr_expect_eq(bias->deviation, 0, "%s", w->name);
        cr_expect_eq(weight->offset, offset, "%s", w->name);
        cr_expect_eq(bias->offset, offset + weight->count, "%s", w->name);
        offset += weight->count + bias->count;
    }
    cr_expect_eq(graph->parameters, offset);
    g_free(graph);
}

Test(parameters, names_shapes_and_deviations)
{
    expect_weights("conv:64 gpool:64 se:64 conv:40 res:40", 2, of_64_channels, (int)G_N_ELEMENTS(of_64_channels));
    expect_weights("conv:4 gpool:4 se:4", 0, of_4_channels, (int)G_N_ELEMENTS(of_4_channels));
}

/* Only the layers directly before an output change with the table of targets. */
Test(parameters, parameters_of_the_outputs)
{
    struct net_graph *graph = graph_of("conv:8 gpool:8", 2);
    for (int i = 0; i < graph->params; i++) {
        const char *name = graph->param[i].name;
        enum net_output wanted = g_str_has_prefix(name, "heads.points.")          ? NET_OUTPUT_POINTS
                                 : g_str_has_prefix(name, "heads.policy.others.") ? NET_OUTPUT_OTHERS
                                 : g_str_has_prefix(name, "heads.value.out.")     ? NET_OUTPUT_VALUES
                                                                                  : NET_OUTPUT_NONE;
        cr_expect_eq(graph->param[i].makes, wanted, "%s", name);
    }
    g_free(graph);
}

/* A normal distribution truncated at 2.5 standard deviations: variance 1 - 5 f(2.5) / (2 F(2.5) - 1) = 0.91127 with the
 * density f and the distribution F; 69.1 % lie within one standard deviation. Biases start at 0. */
Test(parameters, fresh_weights_are_normal_and_truncated)
{
    struct net_info info = fixture_info("conv:48 res:48 res:48", 7, 3, 1);
    struct net *net;
    cr_assert_eq(net_create(&net, &info, 1, NULL), 0);
    double sum = 0, square = 0, most = 0, pairs = 0, last = 0;
    int count = 0, within = 0, positive = 0;
    for (int i = 0; i < net->graph->params; i++) {
        const struct net_param *param = &net->graph->param[i];
        for (size_t j = 0; j < param->count; j++) {
            double x = (double)net->params[param->offset + j];
            if (param->deviation == 0) {
                cr_assert_eq(x, 0, "%s", param->name);
                continue;
            }
            x /= param->deviation;
            sum += x;
            square += x * x;
            pairs += x * last;
            last = x;
            most = fmax(most, fabs(x));
            within += fabs(x) < 1;
            positive += x > 0;
            count++;
        }
    }
    cr_assert_gt(count, 80000);
    cr_expect(most > 2.49 && most <= 2.5 + 1e-6, "%g", most);
    cr_expect_lt(fabs(sum / count), 0.015);
    cr_expect_float_eq(square / count, 0.91127, 0.02);
    cr_expect_float_eq((double)within / count, 0.691, 0.008);
    cr_expect_float_eq((double)positive / count, 0.5, 0.008);
    cr_expect_lt(fabs(pairs / count), 0.015, "successive weights are independent");
    net_unref(net);
}

/* Calibrated ranges of a net's values, and the int8 scales derived from them. */
#include "net/exec/exec.h"
#include "net/exec/exec_internal.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/int8/int8.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/train.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>

enum { SIZE = 3, POINTS = SIZE * SIZE, ROWS = 2, PLANES = 3 };

static struct net *net_of(const char *trunk)
{
    struct net_info info = fixture_info(trunk, PLANES, 2, 1);
    struct net *net;
    cr_assert_eq(net_create(&net, &info, 1, NULL), 0);
    return net;
}

static const float *range_of(const struct net *net, int tensor, bool mean)
{
    int range = net->graph->tensor[tensor].range;
    cr_assert_geq(range, 0);
    return net->ranges + range + (mean ? net->graph->ranges : 0);
}

static void calibrate(struct net *net, const float *planes)
{
    static const float globals[ROWS * 2] = {0.5f, -0.5f, 1, 0};
    GError *error = NULL;
    cr_assert_eq(net_calibrate(net, SIZE, SIZE, ROWS, planes, globals, &error), 0, "%s", error ? error->message : "");
}

/* Plane 0: nine ones in one of two rows, plane 1: a single 0.5 in each row, plane 2: zeros. A second call, in which
 * plane 1 is empty and plane 2 full, raises the maxima and averages the means of both. */
Test(scales, ranges_by_hand)
{
    struct net *net = net_of("conv:8 res:8");
    float planes[ROWS * PLANES * POINTS] = {0};
    cr_expect(!net_is_calibrated(net));
    for (int p = 0; p < POINTS; p++)
        planes[p] = 1;
    planes[POINTS] = planes[(PLANES + 1) * POINTS + 4] = 0.5f;
    calibrate(net, planes);
    cr_expect(net_is_calibrated(net));
    const float *highest = range_of(net, net->graph->planes, false), *mean = range_of(net, net->graph->planes, true);
    cr_expect(highest[0] == 1 && highest[1] == 0.5f && highest[2] == 0);
    cr_expect_float_eq(mean[0], 0.5, 1e-3);
    cr_expect_float_eq(mean[1], 0.5 / 9, 1e-3);
    cr_expect_eq(mean[2], 0);
    planes[POINTS] = planes[(PLANES + 1) * POINTS + 4] = 0;
    for (int row = 0; row < ROWS; row++)
        for (int p = 0; p < POINTS; p++)
            planes[(row * PLANES + 2) * POINTS + p] = 1;
    calibrate(net, planes);
    cr_expect(highest[0] == 1 && highest[1] == 0.5f && highest[2] == 1);
    cr_expect_float_eq(mean[0], 0.5, 1e-3);
    cr_expect_float_eq(mean[1], 0.25 / 9, 1e-3);
    cr_expect_float_eq(mean[2], 0.5, 1e-3);
    net_unref(net);
}

/* A tensor inside the net: the range of what the plain arithmetic computes there. */
Test(scales, ranges_of_every_quantised_tensor)
{
    struct net *net = net_of("conv:8 res:8");
    struct net_exec *exec;
    struct net_samples *s = fixture_samples(net_info(net), SIZE, ROWS, false, 3);
    int tensors = 0;
    cr_assert_eq(net_calibrate(net, SIZE, SIZE, ROWS, s->planes, s->globals, NULL), 0);
    cr_assert_eq(net_exec_create(&exec, net->graph, &net_arithmetic_plain, true, NULL), 0);
    cr_assert_eq(net_exec_use(exec, (struct net_extent){SIZE, SIZE, ROWS}, NULL), 0);
    net_exec_set(exec, net->params, NULL);
    net_exec_load(exec, s->planes, s->globals);
    net_exec_forward(exec, NULL);
    for (int t = 0; t < net->graph->tensors; t++) {
        if (net->graph->tensor[t].range < 0 || t == net->graph->planes)
            continue;
        tensors++;
        for (int c = 0; c < net->graph->tensor[t].channels; c++) {
            float values[ROWS * POINTS];
            double most = 0, sum = 0;
            net_exec_read(exec, t, c, values, POINTS);
            for (int i = 0; i < ROWS * POINTS; i++) {
                most = fmax(most, (double)values[i]);
                sum += (double)values[i];
            }
            cr_expect_float_eq(range_of(net, t, false)[c], most, 0.01 * most + 1e-4);
            cr_expect_float_eq(range_of(net, t, true)[c], sum / (ROWS * POINTS), 0.01 * most + 1e-4);
        }
    }
    cr_expect_eq(tensors, 3, "one of conv and two of res");
    net_exec_close(exec);
    net_samples_free(s);
    net_unref(net);
}

Test(scales, nets_that_cannot_be_calibrated)
{
    struct net *net = net_of("conv:8 res:8 se:8");
    struct net_samples *s = fixture_samples(net_info(net), SIZE, ROWS, false, 3);
    GError *error = NULL;
    cr_expect_neq(net_calibrate(net, SIZE, SIZE, ROWS, s->planes, s->globals, &error), 0);
    cr_assert(g_error_matches(error, NET_ERROR, NET_ERROR_SPEC));
    cr_expect_str_eq(error->message, "block 3, \"se:8\" does not support int8, so the net cannot be calibrated");
    cr_expect(!net_is_calibrated(net));
    g_clear_error(&error);
    net_samples_free(s);
    net_unref(net);
}

/* ---- scales ---- */

/* The output tensor of the operation with these weights. */
static int output_of(const struct net_graph *graph, const char *name)
{
    for (int i = 0; i < graph->ops; i++)
        if (graph->op[i].params && strcmp(graph->param[graph->op[i].param[0]].name, name) == 0)
            return graph->op[i].out;
    cr_assert_fail("%s", name);
    return -1;
}

/* A 255th of the geometric mean of the channel's range (at least a thousandth of the widest) and the widest range. */
static double scale_of(double range, double widest)
{
    return widest * sqrt(fmax(range / widest, 1e-3)) / 255;
}

Test(scales, from_ranges_by_hand)
{
    if (!net_has_int8())
        cr_skip_test("this processor has no instructions for int8");
    struct net *net = net_of("conv:8 res:8 conv:4");
    const struct net_graph *graph = net->graph;
    struct net_exec *exec;
    cr_assert_eq(net_exec_create(&exec, graph, &net_arithmetic_int8, false, NULL), 0);
    float *ranges = g_new0(float, 2 * graph->ranges);
    int bias = graph->op[2].out, inner = output_of(graph, "1.res.conv1.weight"),
        sum = output_of(graph, "1.res.conv2.weight"), last = output_of(graph, "2.conv.conv.weight");
    cr_assert_geq(graph->tensor[bias].range, 0);
    for (int c = 0; c < 8; c++) {
        ranges[graph->tensor[bias].range + c] = c == 0 ? 4 : c == 1 ? 1 : 0;
        ranges[graph->tensor[inner].range + c] = c == 0 ? 9 : 1;
        ranges[graph->tensor[sum].range + c] = c == 0 ? 1 : c == 1 ? 16 : 0;
    }
    static const float means[PLANES] = {0.1f, 0.3f, 0.2f};
    memcpy(ranges + graph->ranges + graph->tensor[graph->planes].range, means, sizeof means);
    net_exec_set(exec, net->params, ranges);

    const struct net_scales *of_bias = exec->operand[bias].scales, *of_inner = exec->operand[inner].scales,
                            *of_sum = exec->operand[sum].scales, *of_last = exec->operand[last].scales,
                            *of_planes = exec->operand[graph->planes].scales;
    cr_expect_float_eq(of_bias->u8[0], scale_of(4, 4), 1e-7);
    cr_expect_float_eq(of_bias->u8[1], scale_of(1, 4), 1e-7);
    cr_expect_float_eq(of_bias->u8[2], scale_of(0, 4), 1e-7);
    cr_expect_float_eq(of_inner->u8[0], scale_of(9, 9), 1e-7);
    cr_expect_float_eq(of_inner->u8[1], scale_of(1, 9), 1e-7);
    cr_expect_null(of_inner->u16, "it is not part of a residual stream");
    const struct net_scales *stream[] = {of_bias, of_sum}; /* channel 0 reaches 4, channel 1 16 */
    for (int i = 0; i < 2; i++) {
        cr_expect_float_eq(stream[i]->u16[0], scale_of(4, 16), 1e-7);
        cr_expect_float_eq(stream[i]->u16[1], scale_of(16, 16), 1e-7);
        cr_expect_float_eq(stream[i]->u16[2], scale_of(0, 16), 1e-7);
    }
    cr_expect_not_null(of_last->u16, "the heads read it");
    cr_expect_float_eq(of_last->u8[0], 1e-6 / 255 * sqrt(1e-3), 1e-12, "a range of 0 still has a scale");
    for (int c = 0; c < PLANES; c++)
        cr_expect_eq(of_planes->u8[c], NET_INT8_PLANE_SCALE);
    cr_expect_eq(of_planes->residues, PLANES);
    cr_expect(of_planes->residue[0] == 1 && of_planes->residue[1] == 2 && of_planes->residue[2] == 0);
    g_free(ranges);
    net_exec_close(exec);
    net_unref(net);
}

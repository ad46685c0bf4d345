/* The block "attn", in addition to the tests of every block of the table: results against its definition, on boards of
 * every size, in every number type; growth of a trained net; FLOPs. The kernel has its own tests in f64/. */
#include "games/rng.h"
#include "net/graph/blocks/blocks.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/attention.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/real.h"
#include "net/train.h"
#include "tests/net/fixtures.h"
#include "tests/net/graphs.h"

#include <criterion/criterion.h>
#include <math.h>

/* ---- the block on its own: the first output is its input, the second its result ---- */

enum { CHANNELS = 24, HEADS = 3, DEPTH = CHANNELS / HEADS };

static void block_alone(struct net_graph *g)
{
    struct net_builder builder = {.graph = g, .name = "1.attn", .modifiers = {.heads = HEADS}, .residuals = 1};
    builder.x = net_graph_conv(g, net_graph_conv_weights(g, "in", CASE_PLANES, CHANNELS, 3, 1), g->planes, true, -1);
    case_output(g, builder.x);
    net_block_attn.emit(&builder, CHANNELS);
    case_output(g, builder.x);
}

static const net_real *param_of(const struct graph_run *run, const char *name)
{
    for (int i = 0; i < run->graph->params; i++)
        if (strcmp(run->graph->param[i].name, name) == 0)
            return run->params + run->graph->param[i].offset;
    cr_assert_fail("no parameter %s", name);
    return NULL;
}

/* Queries, keys and values [points][3 channels] of the normalised x [points][channels], in double. */
static double *projected(const struct graph_run *run, const double *x, int points)
{
    const net_real *weight = param_of(run, "1.attn.qkv.weight"), *bias = param_of(run, "1.attn.qkv.bias");
    double *qkv = g_new(double, points * 3 * CHANNELS);
    for (int p = 0; p < points; p++) {
        double square = 0;
        for (int c = 0; c < CHANNELS; c++)
            square += x[p * CHANNELS + c] * x[p * CHANNELS + c];
        for (int o = 0; o < 3 * CHANNELS; o++) {
            double sum = (double)bias[o];
            for (int c = 0; c < CHANNELS; c++)
                sum += (double)weight[o * CHANNELS + c] * x[p * CHANNELS + c];
            sum /= sqrt(square / CHANNELS + 1e-5);
            qkv[p * 3 * CHANNELS + o] = o >= 2 * CHANNELS && sum < 0 ? 0 : sum;
        }
    }
    return qkv;
}

static double score(const struct graph_run *run, const double *qkv, int h, int i, int j)
{
    const net_real *table = param_of(run, "1.attn.offsets") + h * NET_ATTENTION_SIDE * NET_ATTENTION_SIDE;
    int width = run->e.width, y = i / width - j / width, x = i % width - j % width;
    double sum = 0;
    for (int d = 0; d < DEPTH; d++)
        sum += qkv[i * 3 * CHANNELS + h * DEPTH + d] * qkv[j * 3 * CHANNELS + CHANNELS + h * DEPTH + d];
    return sum / sqrt(DEPTH) + (double)table[(y + NET_ATTENTION_REACH) * NET_ATTENTION_SIDE + x + NET_ATTENTION_REACH];
}

/* The means of values [points][channels]. */
static double *attended(const struct graph_run *run, const double *qkv, int points)
{
    double *out = g_new0(double, points *CHANNELS);
    for (int h = 0; h < HEADS; h++)
        for (int i = 0; i < points; i++) {
            double total = 0;
            for (int j = 0; j < points; j++) {
                double share = exp(score(run, qkv, h, i, j));
                total += share;
                for (int d = 0; d < DEPTH; d++)
                    out[i * CHANNELS + h * DEPTH + d] += share * qkv[j * 3 * CHANNELS + 2 * CHANNELS + h * DEPTH + d];
            }
            for (int d = 0; d < DEPTH; d++)
                out[i * CHANNELS + h * DEPTH + d] /= total;
        }
    return out;
}

/* Root mean square difference of the block's result from the definition, relative to what the block adds; in the same
 * units the size of what it adds, relative to its input. */
static double block_distance(const struct net_arithmetic *arithmetic, int width, int height, int n, double *added)
{
    struct graph_run run = graph_open(graph_build(block_alone), arithmetic, width, height, n, 5);
    int points = width * height;
    double off = 0, size = 0, input = 0, *x = g_new(double, points *CHANNELS);
    run.pass.flavour = NET_INFERENCE;
    graph_forward(&run);
    const net_real *out = param_of(&run, "1.attn.out.weight"), *bias = param_of(&run, "1.attn.out.bias");
    for (int row = 0; row < n; row++) {
        for (int p = 0; p < points; p++)
            for (int c = 0; c < CHANNELS; c++)
                x[p * CHANNELS + c] = (double)run.values[(c * n + row) * points + p];
        double *qkv = projected(&run, x, points), *mean = attended(&run, qkv, points);
        for (int p = 0; p < points; p++)
            for (int o = 0; o < CHANNELS; o++) {
                double sum = x[p * CHANNELS + o] + (double)bias[o];
                for (int c = 0; c < CHANNELS; c++)
                    sum += (double)out[o * CHANNELS + c] * mean[p * CHANNELS + c];
                sum = fmax(sum, 0);
                off += pow(sum - (double)run.values[((CHANNELS + o) * n + row) * points + p], 2);
                size += pow(sum - x[p * CHANNELS + o], 2);
                input += pow(x[p * CHANNELS + o], 2);
            }
        g_free(qkv);
        g_free(mean);
    }
    g_free(x);
    graph_close(&run);
    *added = sqrt(size / input);
    return sqrt(off / size);
}

/* Any size from 5 to 19, rectangles, any batch; the input is that of the arithmetic itself, so that only the block's own
 * arithmetic counts. bf16 has 8 bits, in each of the block's three tensors. */
Test(attn, results_in_every_number_type_that_trains)
{
    const struct {
        const struct net_arithmetic *arithmetic;
        bool here;
        double tolerance;
    } types[] = {{&net_arithmetic_plain, true, 1e-5},
                 {&net_arithmetic_dnnl, true, 1e-5},
                 {&net_arithmetic_dnnl_bf16, net_dtype_best(NET_BACKEND_FAST) == NET_BF16, 0.01}};
    static const int boards[][3] = {{5, 5, 3}, {7, 6, 2}, {9, 9, 1}, {13, 13, 2}, {19, 19, 1}};
    net_dnnl_enter();
    for (size_t t = 0; t < G_N_ELEMENTS(types); t++)
        for (size_t b = 0; b < G_N_ELEMENTS(boards) && types[t].here; b++) {
            double added, off = block_distance(types[t].arithmetic, boards[b][0], boards[b][1], boards[b][2], &added);
            cr_expect_gt(added, 0.2, "the block adds %g only", added);
            cr_expect_lt(off, types[t].tolerance, "%s on %dx%d: off by %g", types[t].arithmetic->name, boards[b][0],
                         boards[b][1], off);
        }
}

/* ---- in a net ---- */

enum { SIZE = 9, POINTS = SIZE * SIZE, ROWS = 24, PLANES = 6, GLOBALS = 2 };

struct answers {
    float policy[ROWS * (POINTS + 1)], wdl[ROWS * 3], score[ROWS], map[ROWS * POINTS];
};

static struct answers *ask(struct net *net, enum net_backend backend, enum net_dtype dtype, const struct net_samples *s)
{
    struct answers *a = g_new0(struct answers, 1);
    struct net_runner *runner;
    GError *error = NULL;
    cr_assert_eq(net_runner_create(&runner, net, backend, dtype, ROWS, &error), 0, "%s", error ? error->message : "");
    net_runner_infer(runner, SIZE, SIZE, ROWS, s->planes, s->globals,
                     &(struct net_outputs){a->policy, a->wdl, a->score, a->map});
    net_runner_close(runner);
    return a;
}

static struct net *net_of(const char *trunk)
{
    struct net_info info = fixture_info(trunk, PLANES, GLOBALS, 1);
    struct net *net;
    cr_assert_eq(net_create(&net, &info, 2, NULL), 0);
    return net;
}

/* Rows with planes of 0 and 1. */
static struct net_samples *samples_of(const struct net *net)
{
    struct net_samples *s = fixture_samples(net_info(net), SIZE, ROWS, false, 3);
    for (int i = 0; i < ROWS * PLANES * POINTS; i++)
        s->planes[i] = s->planes[i] > 0.3f;
    return s;
}

/* Fills what a fresh net has at 0: the block's last convolution, and its offsets. */
static void randomise(struct net *net)
{
    struct rng rng;
    rng_seed(&rng, 8);
    for (int i = 0; i < net->graph->params; i++) {
        const struct net_param *param = &net->graph->param[i];
        bool out = g_str_has_suffix(param->name, "attn.out.weight"), offsets = g_str_has_suffix(param->name, "offsets");
        for (size_t k = 0; (out || offsets) && k < param->count; k++)
            net->params[param->offset + k] = (float)((2 * rng_uniform(&rng) - 1) * (out ? 0.35 : 2));
    }
}

static double distance(size_t count, const float *had, const float *wanted)
{
    double off = 0, size = 1e-12;
    for (size_t i = 0; i < count; i++) {
        off += pow((double)had[i] - (double)wanted[i], 2);
        size += pow((double)wanted[i], 2);
    }
    return sqrt(off / size);
}

static const bool *here(void)
{
    static bool types[NET_INT8 + 1];
    types[NET_F32] = true;
    types[NET_BF16] = net_dtype_best(NET_BACKEND_FAST) == NET_BF16;
    types[NET_INT8] = net_has_int8();
    return types;
}

static const char with[] = "conv:32 res:32 attn:32 res:32 attn:32+heads=2", without[] = "conv:32 res:32 res:32";

/* Every type against plain f32; the blocks count for much more than the tolerance. */
Test(attn, a_net_in_every_number_type)
{
    static const double tolerance[] = {[NET_F32] = 1e-4, [NET_BF16] = 0.05, [NET_INT8] = 0.05};
    struct net *net = net_of(with);
    struct net_samples *s = samples_of(net);
    struct answers *fresh = ask(net, NET_BACKEND_PLAIN, NET_F32, s);
    randomise(net);
    cr_assert_eq(net_calibrate(net, SIZE, SIZE, ROWS, s->planes, s->globals, NULL), 0);
    struct answers *plain = ask(net, NET_BACKEND_PLAIN, NET_F32, s);
    cr_expect_gt(distance(G_N_ELEMENTS(plain->policy), fresh->policy, plain->policy), 0.3);
    for (enum net_dtype dtype = NET_F32; dtype <= NET_INT8; dtype++) {
        if (!here()[dtype])
            continue;
        struct answers *fast = ask(net, NET_BACKEND_FAST, dtype, s);
        double off = fmax(distance(G_N_ELEMENTS(plain->policy), fast->policy, plain->policy),
                          distance(G_N_ELEMENTS(plain->map), fast->map, plain->map));
        cr_expect(off > 0 && off < tolerance[dtype], "%s: off by %g", net_dtype_name(dtype), off);
        g_free(fast);
    }
    g_free(fresh);
    g_free(plain);
    net_samples_free(s);
    net_unref(net);
}

/* A net that is given the blocks plays as before, bit for bit in f32 and bf16; in int8 the bytes of the residual stream are
 * rounded once more, from its 16-bit values. */
Test(attn, a_trained_net_grows)
{
    struct net *net = net_of(without), *grown;
    struct net_samples *s = samples_of(net);
    cr_assert_eq(net_reshape(&grown, net, with, 7, NULL), 0);
    cr_expect_not(net_is_calibrated(grown));
    cr_assert_eq(net_calibrate(net, SIZE, SIZE, ROWS, s->planes, s->globals, NULL), 0);
    cr_assert_eq(net_calibrate(grown, SIZE, SIZE, ROWS, s->planes, s->globals, NULL), 0);
    for (enum net_dtype dtype = NET_F32; dtype <= NET_INT8; dtype++) {
        if (!here()[dtype])
            continue;
        struct answers *before = ask(net, NET_BACKEND_FAST, dtype, s), *after = ask(grown, NET_BACKEND_FAST, dtype, s);
        double off = distance(G_N_ELEMENTS(before->policy), after->policy, before->policy);
        if (dtype == NET_INT8)
            cr_expect_lt(off, 0.002, "int8: off by %g", off);
        else
            cr_expect_arr_eq(before, after, sizeof *before, "%s", net_dtype_name(dtype));
        g_free(before);
        g_free(after);
    }
    /* It learns from there, and its new blocks do: their last convolutions first. */
    struct net_trainer_config config = net_trainer_defaults();
    struct net_trainer *trainer;
    cr_assert_eq(net_trainer_create(&trainer, grown, &config, NULL), 0);
    for (int i = 0; i < 3; i++)
        net_trainer_step(trainer, s, 0.01f, NULL);
    struct net *trained = net_trainer_snapshot(trainer, false);
    for (int i = 0; i < grown->graph->params; i++) {
        const struct net_param *p = &grown->graph->param[i];
        if (strstr(p->name, "attn"))
            cr_expect(memcmp(grown->params + p->offset, trained->params + p->offset, p->count * sizeof(float)) != 0,
                      "%s", p->name);
    }
    net_trainer_close(trainer);
    net_unref(trained);
    net_unref(grown);
    net_unref(net);
    net_samples_free(s);
}

/* Blocks of another number of heads are others. */
Test(attn, growth_keeps_the_heads)
{
    struct net *net = net_of("conv:32 attn:32"), *other;
    cr_expect_neq(net_reshape(&other, net, "conv:32 attn:32+heads=2", 1, NULL), 0);
    cr_assert_eq(net_reshape(&other, net, "conv:32 attn:32+heads=2 attn:32 attn:32", 1, NULL), 0);
    net_unref(other);
    net_unref(net);
}

/* On n points: 2 n (3 C C + C C) of the projections, 4 n n C of the attention. */
Test(attn, flops)
{
    struct net *net = net_of("conv:32 attn:32"), *plain = net_of("conv:32");
    cr_expect_float_eq(net_flops(net, 9, 7) - net_flops(plain, 9, 7), 2.0 * 63 * 4 * 32 * 32 + 4.0 * 63 * 63 * 32,
                       1e-3);
    net_unref(net);
    net_unref(plain);
}

/* In int8 the projections read bytes, and the residual stream stays quantised as a whole. */
Test(attn, quantised_tensors)
{
    struct net *net = net_of("conv:32 res:32 attn:32 res:32");
    const struct net_graph *graph = net->graph;
    char name[56];
    int attends = 0;
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        const struct net_tensor *out = &graph->tensor[op->out];
        if (strcmp(op->kind->name, "attend") == 0) {
            attends++;
            cr_expect(out->quantised && !out->u16);
            cr_expect_str_eq(net_graph_range_name(graph, op->out, name, sizeof name), "2.attn.qkv");
            cr_expect(!graph->tensor[op->in[0]].quantised && graph->tensor[op->in[1]].quantised);
        } else if (op->kind == &net_op_conv && op->block == 2) {
            cr_expect(graph->tensor[op->in[0]].quantised);
            cr_expect_eq(out->quantised, op->ins == 2, "what it adds to the trunk is");
        } else if (op->kind == &net_op_conv && op->ins == 2) {
            cr_expect(out->quantised && out->u16);
        }
    }
    cr_expect_eq(attends, 1);
    net_unref(net);
}

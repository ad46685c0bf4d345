/* Nets with blocks of attention: every number type, growth of a trained net, FLOPs, what int8 stores. The results of the
 * blocks are held to their definition in test_attention.c. */
#include "games/rng.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/train.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>

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
                     &(struct net_outputs){.policy = a->policy, .wdl = a->wdl, .score = a->score, .map = a->map});
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
        bool out = strstr(param->name, "attn.out.weight") || strstr(param->name, "tokens.out.weight");
        bool offsets = g_str_has_suffix(param->name, "offsets");
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

static const char with[] = "conv:32 res:32 attn:32 res:32 tokens:32 attn:32+heads=2",
                  without[] = "conv:32 res:32 res:32";

/* Every type against plain f32; the blocks count for much more than the tolerance. */
static void expect_every_type(const char *trunk)
{
    static const double tolerance[] = {[NET_F32] = 1e-4, [NET_BF16] = 0.05, [NET_INT8] = 0.05};
    struct net *net = net_of(trunk);
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
        cr_expect(off > 0 && off < tolerance[dtype], "%s in %s: off by %g", trunk, net_dtype_name(dtype), off);
        g_free(fast);
    }
    g_free(fresh);
    g_free(plain);
    net_samples_free(s);
    net_unref(net);
}

Test(attn, a_net_in_every_number_type)
{
    expect_every_type("conv:32 res:32 attn:32 res:32 attn:32+heads=2");
    expect_every_type("conv:32 res:32 tokens:32 res:32 tokens:32+heads=2");
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
        if (strstr(p->name, "attn") || strstr(p->name, "tokens"))
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

/* On n points: 2 n (3 C C + C C) of the projections, and 4 n n C of the attention: products, means. By tokens, with T = 8
 * of them and heads of d channels: 2 T n d of products and 4 T n d of means of keys and values, and then 2 T n d of each,
 * in each of C / d heads. */
Test(attn, flops)
{
    struct net *net = net_of("conv:32 attn:32"), *plain = net_of("conv:32"), *tokens = net_of("conv:32 tokens:32");
    cr_expect_float_eq(net_flops(tokens, 9, 7) - net_flops(plain, 9, 7), 2.0 * 63 * 4 * 32 * 32 + 10.0 * 8 * 63 * 32,
                       1e-3);
    net_unref(tokens);
    cr_expect_float_eq(net_flops(net, 9, 7) - net_flops(plain, 9, 7), 2.0 * 63 * 4 * 32 * 32 + 4.0 * 63 * 63 * 32,
                       1e-3);
    net_unref(net);
    net_unref(plain);
}

/* In int8 the projections read bytes, and the residual stream stays quantised as a whole. */
static void expect_quantised(const char *trunk, const char *kind, const char *range)
{
    struct net *net = net_of(trunk);
    const struct net_graph *graph = net->graph;
    char name[56];
    int attends = 0;
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        const struct net_tensor *out = &graph->tensor[op->out];
        if (strcmp(op->kind->name, kind) == 0) {
            attends++;
            cr_expect(out->quantised && !out->u16);
            cr_expect_str_eq(net_graph_range_name(graph, op->out, name, sizeof name), range);
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

Test(attn, quantised_tensors)
{
    expect_quantised("conv:32 res:32 attn:32 res:32", "attend", "2.attn.qkv");
    expect_quantised("conv:32 res:32 tokens:32 res:32", "tokens", "2.tokens.qkv");
}

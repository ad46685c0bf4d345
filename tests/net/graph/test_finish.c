/* What net_graph_finish decides: which tensors share memory, how gradients are accumulated and masked, which tensors
 * int8 stores in bytes and the names of their ranges. Values and gradients are compared with finite differences in
 * f64/; these decisions affect only memory and time. */
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/net.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>

enum flag {
    IN_PLACE = 1,
    SHARED_0 = 2,
    SHARED_1 = 4,
    WANT_0 = 8,
    WANT_1 = 16,
    ADD_0 = 32,
    ADD_1 = 64,
    MASK_IN = 128,
    MASK_OUT = 256,
};

static int flags_of(const struct net_op *op)
{
    return op->in_place * IN_PLACE | op->shared[0] * SHARED_0 | op->shared[1] * SHARED_1 | op->want[0] * WANT_0 |
           op->want[1] * WANT_1 | op->add[0] * ADD_0 | op->add[1] * ADD_1 | op->mask_in * MASK_IN |
           op->mask_out * MASK_OUT;
}

static struct net_graph *graph_of(const char *trunk, int other_moves)
{
    struct net_info info = fixture_info(trunk, 3, 2, other_moves);
    struct net_graph *graph;
    cr_assert_eq(net_graph_create(&graph, &info, NULL), 0);
    return graph;
}

/* Format: operation: flags. A residual sum and the tensor that it is added to share one gradient, and so do a bias's
 * output and its input. The first convolution of a block adds to that gradient, and masks its input if a convolution
 * made it: the ReLU of a bias masks its own. */
Test(finish, shared_memory)
{
    struct net_graph *graph = graph_of("conv:8 res:8 gpool:8", 1);
    static const struct {
        const char *kind, *what;
        int flags;
    } wanted[] = {
        {"conv", "the stem: the gradient of the planes is not needed", 0},
        {"dense", "the globals", 0},
        {"bias_relu", "the globals' bias", IN_PLACE | SHARED_0 | WANT_0 | WANT_1},
        {"conv", "res, first", WANT_0 | ADD_0},
        {"conv", "res, second", WANT_0 | WANT_1 | SHARED_1 | MASK_IN},
        {"conv", "gpool, first", WANT_0 | ADD_0 | MASK_IN},
        {"pool", "gpool's pool", WANT_0 | ADD_0},
        {"dense", "gpool's dense layer", WANT_0},
        {"bias_relu", "gpool's bias", IN_PLACE | SHARED_0 | WANT_0 | WANT_1},
        {"conv", "gpool, second", WANT_0 | WANT_1 | SHARED_1},
        {"conv", "the heads' convolution", WANT_0 | MASK_IN},
        {"pool", "the policy's pool", WANT_0 | ADD_0},
        {"dense", "the policy's dense layer", WANT_0 | ADD_0},
        {"dense", "other moves", WANT_0},
        {"bias_relu", "the policy's bias", IN_PLACE | SHARED_0 | WANT_0 | WANT_1},
        {"pool", "the value's pool", WANT_0 | ADD_0},
        {"dense", "hidden values", WANT_0},
        {"dense", "values", WANT_0},
        {"conv", "outputs over the points", WANT_0},
    };
    cr_assert_eq(graph->ops, (int)G_N_ELEMENTS(wanted));
    for (int i = 0; i < graph->ops; i++) {
        cr_expect_str_eq(graph->op[i].kind->name, wanted[i].kind, "%s", wanted[i].what);
        cr_expect_eq(flags_of(&graph->op[i]), wanted[i].flags, "%s: %d", wanted[i].what, flags_of(&graph->op[i]));
    }
    g_free(graph);
}

/* Two convolutions in a row: the second applies the ReLU mask of the first. The last one is read by the heads'
 * convolution. */
Test(finish, masks_are_left_to_the_next_convolution)
{
    struct net_graph *graph = graph_of("conv:8 conv:8 conv:8", 0);
    int masks = 0;
    for (int i = 0; i < graph->ops; i++) {
        cr_expect_not(graph->op[i].mask_out);
        masks += graph->op[i].mask_in;
    }
    cr_expect_eq(masks, 2);
    g_free(graph);
}

/* ---- int8 ---- */

static int op_of(const struct net_graph *graph, const char *name)
{
    for (int i = 0; i < graph->ops; i++)
        if (graph->op[i].params && strcmp(graph->param[graph->op[i].param[0]].name, name) == 0)
            return i;
    cr_assert_fail("no operation uses %s", name);
    return -1;
}

/* Planes, the outputs of convolutions that only convolutions read, and biases; tensors that are pooled or can be
 * negative stay in f32. A residual stream is also stored in 16 bits, and so is the input of the heads. */
Test(finish, quantised_tensors)
{
    struct net_graph *graph = graph_of("conv:8 res:8 gpool:8 conv:12 conv:8", 1);
    static const struct {
        const char *weights, *range;
        bool quantised, u16;
    } wanted[] = {
        {"1.res.conv1.weight", "1.res.conv1", true, false},
        {"1.res.conv2.weight", "1.res.conv2", true, true},
        {"2.gpool.conv1.weight", NULL, false, false},
        {"2.gpool.conv2.weight", "2.gpool.conv2", true, true},
        {"3.conv.conv.weight", "3.conv.conv", true, false},
        {"4.conv.conv.weight", "4.conv.conv", true, true},
        {"heads.conv.weight", NULL, false, false},
        {"heads.points.weight", NULL, false, false},
    };
    char name[56];
    int ranges = 3 + 8; /* planes, and the stem's bias */
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        int out = graph->op[op_of(graph, wanted[i].weights)].out;
        const struct net_tensor *tensor = &graph->tensor[out];
        cr_expect_eq(tensor->quantised, wanted[i].quantised, "%s", wanted[i].weights);
        cr_expect_eq(tensor->range >= 0, wanted[i].quantised, "%s", wanted[i].weights);
        if (!wanted[i].range)
            continue;
        cr_expect_eq(tensor->u16, wanted[i].u16, "%s", wanted[i].weights);
        cr_expect_str_eq(net_graph_range_name(graph, out, name, sizeof name), wanted[i].range);
        ranges += tensor->channels;
    }
    ranges += 8; /* gpool's bias */
    cr_expect_eq(graph->ranges, ranges);
    cr_expect_str_eq(net_graph_range_name(graph, graph->planes, name, sizeof name), "planes");
    int stem = graph->op[2].out, sum = graph->op[op_of(graph, "2.gpool.conv2.weight")].out;
    cr_expect_str_eq(net_graph_range_name(graph, stem, name, sizeof name), "0.conv.conv");
    cr_expect(graph->tensor[graph->planes].quantised && !graph->tensor[graph->planes].u16);
    cr_expect(graph->tensor[stem].quantised && graph->tensor[stem].u16);
    cr_expect_eq(graph->tensor[sum].stream, stem);
    cr_expect_eq(graph->tensor[stem].stream, stem);
    cr_expect_eq(graph->tensor[graph->planes].stream, graph->planes);
    g_free(graph);
}

/* An se block reads its residual stream in f32, so that no tensor of that stream is quantised. */
Test(finish, a_stream_is_quantised_as_a_whole)
{
    struct net_graph *graph = graph_of("conv:8 res:8 se:8 conv:8", 1);
    static const char *const in_f32[] = {"1.res.conv2.weight", "2.se.conv2.weight"};
    static const char *const in_bytes[] = {"1.res.conv1.weight", "2.se.conv1.weight", "3.conv.conv.weight"};
    for (size_t i = 0; i < G_N_ELEMENTS(in_f32); i++)
        cr_expect_not(graph->tensor[graph->op[op_of(graph, in_f32[i])].out].quantised, "%s", in_f32[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(in_bytes); i++)
        cr_expect(graph->tensor[graph->op[op_of(graph, in_bytes[i])].out].quantised, "%s", in_bytes[i]);
    g_free(graph);
}

/* The second use of the same weights has a range of its own. */
Test(finish, ranges_of_tied_weights)
{
    struct net_graph *graph = g_new0(struct net_graph, 1);
    char name[56];
    graph->planes = net_graph_tensor(graph, 4, true);
    graph->globals = net_graph_tensor(graph, 2, false);
    struct net_weights tied = net_graph_conv_weights(graph, "tied", 4, 4, 3, 1);
    int once = net_graph_conv(graph, tied, graph->planes, true, -1);
    int twice = net_graph_conv(graph, tied, once, true, -1);
    int thrice = net_graph_conv(graph, tied, twice, true, -1);
    graph->tensor[thrice].output = true;
    net_graph_finish(graph);
    cr_expect_str_eq(net_graph_range_name(graph, once, name, sizeof name), "tied");
    cr_expect_str_eq(net_graph_range_name(graph, twice, name, sizeof name), "tied#2");
    cr_expect_str_eq(net_graph_range_name(graph, thrice, name, sizeof name), "tied#3");
    g_free(graph);
}

/* A loop: one residual block whose weights are used in every step (Bansal et al. 2022, "End-to-end algorithm synthesis with
 * recurrent networks: logical extrapolation without overthinking").
 *
 *   x0 --conv 1x1, relu--> recalled            once
 *   x ---conv 3x3--(+ recalled, relu)--> h     each step, beginning with x = x0
 *   h ---conv 3x3--(+ x, relu)--> x
 *
 * Each step reads the block's input again, so that x need not preserve it. The authors' block concatenates x and the input; here
 * the input's contribution, which is the same in every step, is computed once. It is rectified, so that int8 can store it in
 * bytes. The heads must be able to read x after any step, so no block may follow. */
#include "net/graph/blocks/blocks.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/graph.h"

#include <math.h>

struct weights {
    struct net_weights first, second;
};

static int step(struct net_graph *graph, const struct weights *weights, int x, int recalled)
{
    int h = net_graph_conv(graph, weights->first, x, true, recalled);
    return net_graph_conv(graph, weights->second, h, true, x);
}

/* Steps one after the other, of which half are before the heads' early answer. */
static int unroll(struct net_graph *graph, const struct weights *weights, int x, int recalled)
{
    struct net_loop *loop = &graph->loop;
    int half = (loop->unrolled + 1) / 2;
    for (int i = 1; i <= loop->unrolled; i++) {
        x = step(graph, weights, x, recalled);
        if (i == half && i < loop->unrolled && graph->training && loop->early > 0)
            loop->half = x;
    }
    return x;
}

/* Every step adds the result of the same weights to the trunk, so updating these moves the answer about `steps` times as far as in
 * a block that is used once; the learning rate is divided by that. At the full rate, a loop was seen to learn to add nothing,
 * presumably because its first updates overshoot. */
static void slow_down(struct net_graph *graph, struct net_weights weights, int steps)
{
    graph->param[weights.weight].rate = graph->param[weights.bias].rate = 1.0 / steps;
}

/* Both inputs of h have half of its variance; the second convolution adds up over the steps. */
static void emit(struct net_builder *builder, int channels)
{
    struct net_graph *graph = builder->graph;
    struct net_loop *loop = &graph->loop;
    double share = sqrt(0.5);
    loop->steps = builder->modifiers.steps;
    loop->early = builder->modifiers.early;
    loop->unrolled = loop->unrolled == NET_UNROLLED_MOST ? loop->steps.most : loop->unrolled;
    struct net_weights recall = net_builder_conv_weights(builder, "recall", channels, channels, 1, share);
    struct weights weights;
    weights.first = net_builder_conv_weights(builder, "conv1", channels, channels, 3, share);
    weights.second = net_builder_conv_weights(builder, "conv2", channels, channels, 3,
                                              net_builder_last_gain(builder) / loop->steps.most);
    slow_down(graph, weights.second, loop->steps.most);
    int recalled = net_graph_conv(graph, recall, builder->x, true, NET_NO_TENSOR);
    if (loop->unrolled) {
        builder->x = unroll(graph, &weights, builder->x, recalled);
        return;
    }
    loop->in = builder->x;
    loop->from = graph->ops;
    loop->out = builder->x = step(graph, &weights, builder->x, recalled);
    loop->to = graph->ops;
}

const struct net_block net_block_loop = {
    .name = "loop",
    .help =
        "residual block of two 3x3 convolutions, repeated with the same weights and with its input recalled; the last "
        "block of a trunk",
    .residual = true,
    .last = "conv2",
    .ends = true,
    .takes = NET_TAKES_STEPS,
    .emit = emit,
};

#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/net.h"
#include "net/targets.h"

#include <string.h>

/* What the heads' dense layers are made with. */
struct heads {
    struct net_graph *graph;
    int choice; /* the tensor that says which expert a position uses; NET_NO_TENSOR: there is one */
};

static struct net_weights dense_weights(struct net_graph *graph, const char *name, int in, int channels, double gain)
{
    struct net_weights weights;
    if (!net_graph_find_weights(graph, name, &weights))
        weights = net_graph_dense_weights(graph, name, graph->tensor[in].channels, channels, gain);
    return weights;
}

/* The first expert has the name of the layer, the others "NAME.expert2" and so on. */
static int dense(const struct heads *heads, const char *name, int in, int channels, bool relu, double gain)
{
    struct net_graph *graph = heads->graph;
    struct net_weights weights[NET_EXPERTS_MAX] = {dense_weights(graph, name, in, channels, gain)};
    if (heads->choice < 0)
        return net_graph_dense(graph, weights[0], in, relu);
    for (int e = 1; e < graph->info.head_experts; e++) {
        char own[48];
        g_snprintf(own, sizeof own, "%s.expert%d", name, e + 1);
        weights[e] = dense_weights(graph, own, in, channels, gain);
    }
    return net_graph_dense_experts(graph, graph->info.head_experts, weights, in, heads->choice, relu);
}

static int conv(struct net_graph *graph, const char *name, int in, int channels, double gain)
{
    struct net_weights weights;
    if (!net_graph_find_weights(graph, name, &weights))
        weights = net_graph_conv_weights(graph, name, graph->tensor[in].channels, channels, 1, gain);
    return net_graph_conv(graph, weights, in, false, NET_NO_TENSOR);
}

static void mark_output(struct net_graph *graph, int tensor, enum net_output output)
{
    graph->tensor[tensor].output = true;
    for (int i = 0; i < graph->ops; i++)
        for (int k = 0; k < graph->op[i].params && graph->op[i].out == tensor; k++)
            graph->param[graph->op[i].param[k]].makes = output;
}

static int points(struct net_graph *graph, int h)
{
    int out = conv(graph, "heads.points", h, graph->places.points, 0.1);
    graph->tensor[out].real = true;
    return out;
}

/* What the heads of outcomes and score read of the map. */
struct tally {
    int sum, deviation, odds; /* in units of the score; the last two: NET_NO_TENSOR with info.tally 1 */
};

static int odds_weights(struct net_graph *graph)
{
    for (int i = 0; i < graph->params; i++)
        if (strcmp(graph->param[i].name, NET_ODDS_MARGIN) == 0)
            return i;
    return net_graph_param(graph, "heads.odds", "margin", 1, &graph->info.globals, 0);
}

static struct tally read_map(struct net_graph *graph, int points)
{
    const int channel = graph->places.at[NET_TARGET_MAP];
    const double scale = 1 / (double)net_targets[NET_TARGET_SCORE].unit;
    struct tally tally = {net_graph_tally(graph, points, channel, scale), NET_NO_TENSOR, NET_NO_TENSOR};
    if (graph->info.tally > 1) {
        tally.deviation = net_graph_spread(graph, points, channel, scale);
        tally.odds = net_graph_odds(graph, tally.sum, tally.deviation, graph->globals, odds_weights(graph));
    }
    return tally;
}

/* Appends the tally and the globals to a flat tensor, at its end, so that zero weights turn a net without them into one with them. */
static int with_tally(struct net_graph *graph, int in, const struct tally *tally)
{
    int joined = net_graph_join(graph, 3, (int[]){in, tally->sum, graph->globals});
    return tally->odds < 0 ? joined : net_graph_join(graph, 3, (int[]){joined, tally->deviation, tally->odds});
}

/* Spatial targets, including the moves on points, come from one 1x1 convolution; pass and other moves from pooled features;
 * outcomes and numbers from a two-layer head on pooled features and, in a net with a tally, on the tally and the globals.
 * Channels: [pooled | policy | value]. With head experts there are several of each dense layer; a position's expert is chosen by the
 * features that are pooled for the policy. */
struct net_answer net_heads_emit(struct net_graph *graph, int x)
{
    int channels = graph->tensor[x].channels;
    int pooled = MAX(4, channels / 4), policy = MAX(4, channels / 4), value = MAX(8, channels / 2);
    int raw = conv(graph, "heads.conv", x, pooled + policy + value, 1);
    int pool = net_graph_pool(graph, raw, 0, pooled);
    struct heads heads = {graph, NET_NO_TENSOR};
    if (graph->info.head_experts > 0) /* by the means, which come first */
        heads.choice = net_graph_route(graph, "heads.route", pool, 0, pooled, graph->info.head_experts);
    int bias = dense(&heads, "heads.policy.pool", pool, policy, false, 0.5);
    struct net_answer answer = {-1, -1, -1, -1};
    if (graph->info.other_moves > 0)
        answer.others =
            dense(&heads, "heads.policy.others", pool, graph->places.groups * graph->info.other_moves, false, 0.1);
    int h = net_graph_bias_relu(graph, raw, bias, pooled, policy);
    int value_pool = answer.pooled = net_graph_pool(graph, h, pooled + policy, value);
    struct tally tally = {NET_NO_TENSOR, NET_NO_TENSOR, NET_NO_TENSOR};
    if (graph->info.tally) {
        answer.points = points(graph, h);
        tally = read_map(graph, answer.points);
        value_pool = with_tally(graph, value_pool, &tally);
    }
    int hidden = dense(&heads, "heads.value.hidden", value_pool, MAX(16, channels), true, 1);
    if (graph->info.tally)
        hidden = with_tally(graph, hidden, &tally);
    answer.values = dense(&heads, "heads.value.out", hidden, graph->places.values, false, 0.1);
    if (!graph->info.tally)
        answer.points = points(graph, h);
    mark_output(graph, answer.points, NET_OUTPUT_POINTS);
    mark_output(graph, answer.values, NET_OUTPUT_VALUES);
    if (answer.others >= 0)
        mark_output(graph, answer.others, NET_OUTPUT_OTHERS);
    return answer;
}

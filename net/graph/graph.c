#include "net/graph/graph.h"

#include <math.h>
#include <string.h>

int net_graph_tensor(struct net_graph *graph, int channels, bool spatial)
{
    g_assert(graph->tensors < 2 * NET_MAX_OPS);
    int t = graph->tensors++;
    graph->tensor[t] = (struct net_tensor){.channels = channels, .spatial = spatial, .memory = t, .gradient = t};
    return t;
}

static struct net_op *append(struct net_graph *graph, enum net_op_kind kind, int in)
{
    g_assert(graph->ops < NET_MAX_OPS);
    struct net_op *op = &graph->op[graph->ops++];
    *op = (struct net_op){.kind = kind, .in = in, .other = -1, .weight = -1, .bias = -1};
    return op;
}

static int append_param(struct net_graph *graph, const char *name, const char *what, int rank, const int *shape,
                        double spread)
{
    g_assert(graph->params < 2 * NET_MAX_OPS);
    struct net_param *param = &graph->param[graph->params];
    *param =
        (struct net_param){.rank = rank, .offset = graph->parameters, .count = 1, .decay = rank > 1, .spread = spread};
    g_snprintf(param->name, sizeof param->name, "%s.%s", name, what);
    for (int i = 0; i < rank; i++) {
        param->shape[i] = shape[i];
        param->count *= (size_t)shape[i];
    }
    graph->parameters += param->count;
    return graph->params++;
}

int net_graph_conv(struct net_graph *graph, const char *name, int in, int channels, int kernel, bool relu, int add,
                   double gain)
{
    struct net_op *op = append(graph, NET_OP_CONV, in);
    int inputs = graph->tensor[in].channels;
    op->kernel = kernel;
    op->relu = relu;
    op->other = add;
    op->out = net_graph_tensor(graph, channels, true);
    if (add >= 0)
        graph->tensor[op->out].gradient = graph->tensor[add].gradient;
    op->weight = append_param(graph, name, "weight", 4, (int[]){channels, inputs, kernel, kernel},
                              gain * sqrt(2.0 / (inputs * kernel * kernel)));
    op->bias = append_param(graph, name, "bias", 1, &channels, 0);
    return op->out;
}

int net_graph_pool(struct net_graph *graph, int in, int first, int count)
{
    struct net_op *op = append(graph, NET_OP_POOL, in);
    op->first = first;
    op->count = count;
    op->out = net_graph_tensor(graph, 3 * count, false);
    return op->out;
}

int net_graph_dense(struct net_graph *graph, const char *name, int in, int channels, bool relu, double gain)
{
    struct net_op *op = append(graph, NET_OP_DENSE, in);
    int inputs = graph->tensor[in].channels;
    op->relu = relu;
    op->out = net_graph_tensor(graph, channels, false);
    op->weight = append_param(graph, name, "weight", 2, (int[]){inputs, channels}, gain * sqrt(1.0 / inputs));
    op->bias = append_param(graph, name, "bias", 1, &channels, 0);
    return op->out;
}

int net_graph_shift(struct net_graph *graph, int in, int bias, int first, int count)
{
    struct net_op *op = append(graph, NET_OP_SHIFT, in);
    op->relu = true;
    op->other = bias;
    op->first = first;
    op->count = count;
    op->out = net_graph_tensor(graph, graph->tensor[in].channels, true);
    graph->tensor[op->out].memory = graph->tensor[in].memory;
    graph->tensor[op->out].gradient = graph->tensor[in].gradient;
    return op->out;
}

/* The tensor that the first sum of t's residual stream was added to. */
static int stream_of(const int *stream, int t)
{
    while (stream[t] != t)
        t = stream[t];
    return t;
}

/* A residual stream is narrow as a whole or not at all. */
static void find_narrow(struct net_graph *graph)
{
    int *stream = g_new(int, graph->tensors);
    bool *read = g_new0(bool, graph->tensors); /* by another operation than a convolution, at the stream's root */
    for (int t = 0; t < graph->tensors; t++) {
        stream[t] = t;
        graph->tensor[t].range = -1;
    }
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        graph->tensor[op->out].narrow = graph->tensor[op->out].spatial && op->relu;
        graph->tensor[op->in].narrow |= op->in == graph->planes;
        graph->tensor[op->in].wide |= op->kind == NET_OP_CONV && op->kernel == 1 && op->in != graph->planes;
        if (op->kind != NET_OP_CONV || op->other < 0)
            continue;
        stream[op->out] = op->other;
        graph->tensor[op->other].wide = graph->tensor[op->out].wide = true;
    }
    for (int i = 0; i < graph->ops; i++)
        if (graph->op[i].kind != NET_OP_CONV)
            graph->tensor[graph->op[i].in].narrow = false;
    for (int t = 0; t < graph->tensors; t++)
        read[stream_of(stream, t)] |= !graph->tensor[t].narrow;
    for (int t = 0; t < graph->tensors; t++) {
        graph->tensor[t].stream = stream_of(stream, t);
        graph->tensor[t].narrow &= !read[graph->tensor[t].stream];
        if (!graph->tensor[t].narrow)
            continue;
        graph->tensor[t].range = graph->ranges;
        graph->ranges += graph->tensor[t].channels;
    }
    g_free(stream);
    g_free(read);
}

/* Walks backward as the gradients will flow. A relu fused into a convolution is undone by its first reader, which is
 * the last to add to that gradient. */
void net_graph_finish(struct net_graph *graph)
{
    bool *written = g_new0(bool, graph->tensors), *fused = g_new0(bool, graph->tensors);
    int *first_reader = g_new(int, graph->tensors);
    for (int t = 0; t < graph->tensors; t++)
        first_reader[t] = -1;
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        if (first_reader[op->in] < 0)
            first_reader[op->in] = i;
        fused[op->out] = op->relu && op->kind == NET_OP_CONV;
    }
    for (int t = 0; t < graph->tensors; t++)
        g_assert(!fused[t] || (first_reader[t] >= 0 && graph->op[first_reader[t]].kind == NET_OP_CONV));
    for (int i = graph->ops - 1; i >= 0; i--) {
        struct net_op *op = &graph->op[i];
        int gradient = graph->tensor[op->in].gradient;
        written[graph->tensor[op->out].gradient] = true;
        op->want_in = op->in != graph->planes && op->in != graph->globals;
        op->add_in = written[gradient];
        op->mask_in = fused[op->in] && first_reader[op->in] == i;
        if (op->want_in)
            written[gradient] = true;
    }
    g_free(written);
    g_free(fused);
    g_free(first_reader);
    find_narrow(graph);
}

const char *net_graph_range_name(const struct net_graph *graph, int tensor, char *out, size_t size)
{
    g_strlcpy(out, "planes", size);
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        if (op->kind != NET_OP_CONV || graph->tensor[op->out].memory != graph->tensor[tensor].memory)
            continue;
        g_strlcpy(out, graph->param[op->weight].name, size);
        char *dot = strrchr(out, '.');
        if (dot)
            *dot = 0;
    }
    return out;
}

static bool info_check(const struct net_info *info, GError **error)
{
    if (info->planes < 1 || info->planes > NET_MAX_CHANNELS || info->globals < 1 || info->globals > NET_MAX_CHANNELS ||
        info->other_moves < 0 || info->other_moves > 64) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                    "a net of %d planes, %d globals and %d other moves: planes and globals are 1 to %d, other moves "
                    "0 to 64",
                    info->planes, info->globals, info->other_moves, NET_MAX_CHANNELS);
        return false;
    }
    if (!memchr(info->trunk, 0, sizeof info->trunk) || !memchr(info->game, 0, sizeof info->game) ||
        !memchr(info->features, 0, sizeof info->features) || !info->game[0] || !info->features[0]) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "a net needs the names of its game and its features");
        return false;
    }
    return true;
}

int net_graph_create(struct net_graph **out, const struct net_info *info, GError **error)
{
    *out = NULL;
    if (!info_check(info, error))
        return -1;
    struct net_graph *graph = g_new0(struct net_graph, 1);
    graph->info = *info;
    graph->others = -1;
    if (!net_trunk_emit(graph, error)) {
        g_free(graph);
        return -1;
    }
    net_graph_finish(graph);
    *out = graph;
    return 0;
}

double net_graph_flops(const struct net_graph *graph, int size)
{
    double flops = 0;
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        if (op->weight >= 0)
            flops += 2.0 * (double)graph->param[op->weight].count * (op->kind == NET_OP_CONV ? size * size : 1);
    }
    return flops;
}

bool net_graph_same(const struct net_graph *a, const struct net_graph *b)
{
    return a->info.planes == b->info.planes && a->info.globals == b->info.globals &&
           a->info.other_moves == b->info.other_moves && strcmp(a->info.trunk, b->info.trunk) == 0;
}

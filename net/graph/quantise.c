/* Selects the tensors that int8 stores as bytes, and those of which it also has 16-bit values: the residual streams, and
 * what the 1x1 convolution of the heads reads. The 1x1 convolutions of blocks read bytes. */
#include "net/graph/graph.h"
#include "net/graph/op.h"

#include <string.h>

/* The residual stream of t: the tensor to which its first sum was added. */
static int stream_of(const int *stream, int t)
{
    while (stream[t] != t)
        t = stream[t];
    return t;
}

static bool is_conv(const struct net_op *op)
{
    return op->kind == &net_op_conv;
}

/* Finds the tensors that are never negative, those that need 16 bits, and the stream of each. */
static void find_candidates(struct net_graph *graph, int *stream)
{
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        struct net_tensor *out = &graph->tensor[op->out], *in = &graph->tensor[op->in[0]];
        out->quantised = out->spatial && op->relu;
        in->quantised |= op->in[0] == graph->planes;
        in->u16 |= is_conv(op) && op->kernel == 1 && op->block < 0 && op->in[0] != graph->planes;
        if (!is_conv(op) || op->ins < 2)
            continue;
        stream[op->out] = op->in[1];
        graph->tensor[op->in[1]].u16 = out->u16 = true;
    }
    for (int i = 0; i < graph->ops; i++)
        for (int k = 0; k < graph->op[i].ins && !is_conv(&graph->op[i]); k++)
            graph->tensor[graph->op[i].in[k]].quantised &= graph->op[i].kind->reads_quantised >> k & 1;
}

/* A residual stream is quantised as a whole or not at all. */
void net_graph_quantise(struct net_graph *graph)
{
    int *stream = g_new(int, graph->tensors);
    bool *broken = g_new0(bool, graph->tensors); /* by stream: one of its tensors cannot be quantised */
    for (int t = 0; t < graph->tensors; t++) {
        stream[t] = t;
        graph->tensor[t].range = -1;
    }
    find_candidates(graph, stream);
    for (int t = 0; t < graph->tensors; t++)
        broken[stream_of(stream, t)] |= !graph->tensor[t].quantised;
    for (int t = 0; t < graph->tensors; t++) {
        graph->tensor[t].stream = stream_of(stream, t);
        graph->tensor[t].quantised &= !broken[graph->tensor[t].stream];
        if (!graph->tensor[t].quantised)
            continue;
        if (net_graph_repeats(graph) && t == graph->loop.out) { /* the next step reads it in place of loop.in */
            graph->tensor[t].range = graph->tensor[graph->loop.in].range;
            continue;
        }
        graph->tensor[t].range = graph->ranges;
        graph->ranges += graph->tensor[t].channels;
    }
    g_free(stream);
    g_free(broken);
}

/* The number of earlier operations that use the weights of operation i. */
static int uses_before(const struct net_graph *graph, int i)
{
    int uses = 0;
    for (int earlier = 0; earlier < i; earlier++)
        uses += graph->op[earlier].params > 0 && graph->op[earlier].param[0] == graph->op[i].param[0];
    return uses;
}

/* The operation that produces a tensor; -1: it is an input. */
static int producer_of(const struct net_graph *graph, int tensor)
{
    for (int i = 0; i < graph->ops; i++)
        if (graph->op[i].out == tensor)
            return i;
    return -1;
}

const char *net_graph_range_name(const struct net_graph *graph, int tensor, char *out, size_t size)
{
    int i = producer_of(graph, tensor);
    while (i >= 0 && !graph->op[i].kind->convolves)
        i = producer_of(graph, graph->op[i].in[0]);
    g_strlcpy(out, "planes", size);
    if (i < 0)
        return out;
    int uses = uses_before(graph, i);
    g_strlcpy(out, graph->param[graph->op[i].param[0]].name, size);
    char *dot = strrchr(out, '.');
    if (dot)
        *dot = 0;
    if (uses > 0)
        g_snprintf(out + strlen(out), size - strlen(out), "#%d", uses + 1);
    return out;
}

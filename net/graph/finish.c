/* Analyses a finished graph for the backward pass: which tensors share memory, and how gradients accumulate.
 *
 * The backward pass runs the operations from last to first. A tensor's gradient is first written by its last reader and
 * is complete once its first reader has added to it. If an operation passes its output's gradient to an input unchanged
 * (`through`), the two gradients share memory; but only if the operation is the input's last reader, because what a
 * later reader wrote there would be taken for the output's gradient. */
#include "net/graph/graph.h"
#include "net/graph/op.h"

struct readers {
    int first[2 * NET_MAX_OPS], last[2 * NET_MAX_OPS]; /* operations, -1: none */
};

static void find_readers(const struct net_graph *graph, struct readers *readers)
{
    for (int t = 0; t < graph->tensors; t++)
        readers->first[t] = readers->last[t] = -1;
    for (int i = 0; i < graph->ops; i++)
        for (int k = 0; k < graph->op[i].ins; k++) {
            int t = graph->op[i].in[k];
            readers->last[t] = i;
            if (readers->first[t] < 0)
                readers->first[t] = i;
        }
    for (int t = 0; t < graph->tensors; t++) /* every tensor is used */
        g_assert(readers->last[t] >= 0 || graph->tensor[t].output || net_graph_is_input(graph, t));
}

/* Whether operation i is the last to read its input k, inside or outside the graph, so that it may overwrite it. */
static bool is_last_use(const struct net_graph *graph, const struct readers *readers, int i, int k)
{
    const struct net_op *op = &graph->op[i];
    for (int other = 0; other < op->ins; other++)
        if (other != k && op->in[other] == op->in[k])
            return false;
    return readers->last[op->in[k]] == i && !graph->tensor[op->in[k]].output && !net_graph_is_input(graph, op->in[k]);
}

/* Whether the backward passes of earlier readers stay correct if operation i overwrites its first input: they do if
 * they rectify what they read, and read only channels that operation i merely rectifies. */
static bool can_overwrite(const struct net_graph *graph, int i)
{
    const struct net_op *op = &graph->op[i];
    for (int r = 0; r < i; r++)
        for (int k = 0; k < graph->op[r].ins; k++) {
            const struct net_op *reader = &graph->op[r];
            bool disjoint = reader->first + reader->count <= op->first || op->first + op->count <= reader->first;
            if (reader->in[k] == op->in[0] && !(reader->kind->rectifies && disjoint))
                return false;
        }
    return true;
}

static void share_memory(struct net_graph *graph, const struct readers *readers)
{
    for (int i = 0; i < graph->ops; i++) {
        struct net_op *op = &graph->op[i];
        int through = op->kind->through;
        if (through < 0 || through >= op->ins || !is_last_use(graph, readers, i, through))
            continue;
        op->shared[through] = true;
        graph->tensor[op->out].gradient = graph->tensor[op->in[through]].gradient;
        op->in_place = op->kind->in_place && can_overwrite(graph, i);
        if (op->in_place)
            graph->tensor[op->out].memory = graph->tensor[op->in[through]].memory;
    }
}

/* Whether this reader is a convolution that, as the tensor's first reader, adds the last term to its gradient. */
static bool adds_last(const struct net_graph *graph, int reader, int tensor)
{
    const struct net_op *op = &graph->op[reader];
    return op->kind == &net_op_conv && op->in[0] == tensor && (op->ins < 2 || op->in[1] != tensor);
}

/* The mask of a convolution's ReLU is applied to the gradient of its result by the operation that adds the last term to
 * it, if that is another convolution; otherwise at the start of the convolution's own backward pass. */
static void place_masks(struct net_graph *graph, const struct readers *readers)
{
    for (int i = 0; i < graph->ops; i++) {
        struct net_op *op = &graph->op[i];
        if (op->kind != &net_op_conv || !op->relu)
            continue;
        int reader = readers->first[op->out];
        if (reader >= 0 && adds_last(graph, reader, op->out))
            graph->op[reader].mask_in = true;
        else
            op->mask_out = true;
    }
}

void net_graph_finish(struct net_graph *graph)
{
    struct readers *readers = g_new(struct readers, 1);
    bool *written = g_new0(bool, graph->tensors);
    find_readers(graph, readers);
    share_memory(graph, readers);
    place_masks(graph, readers);
    for (int t = 0; t < graph->tensors; t++)
        written[graph->tensor[t].gradient] |= graph->tensor[t].output;
    for (int i = graph->ops - 1; i >= 0; i--) {
        struct net_op *op = &graph->op[i];
        g_assert(written[graph->tensor[op->out].gradient]);
        for (int k = 0; k < op->ins; k++) {
            int gradient = graph->tensor[op->in[k]].gradient;
            op->want[k] = !net_graph_is_input(graph, op->in[k]);
            op->add[k] = written[gradient] && !op->shared[k];
            written[gradient] |= op->want[k];
        }
    }
    g_free(written);
    g_free(readers);
    net_graph_quantise(graph);
}

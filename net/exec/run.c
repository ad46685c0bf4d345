/* Runs the operations of a graph forward and backward; loads inputs and reads outputs. */
#include "net/exec/exec.h"
#include "net/exec/exec_internal.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <string.h>

static size_t places(const struct net_exec *exec, const struct net_operand *operand)
{
    struct net_extent extent = exec->plan->extent;
    return (operand->spatial ? net_extent_points(extent) : 1) * (size_t)extent.n;
}

void net_exec_load(struct net_exec *exec, const float *planes, const float *globals)
{
    const struct net_graph *graph = exec->graph;
    const struct net_operand *x = &exec->plan->operand[graph->planes], *g = &exec->plan->operand[graph->globals];
    if (x->scales)
        exec->arithmetic->quantisation->load(exec->plan->extent, x->layout, x->scales->residue, x->scales->residues,
                                             planes, x->data);
    else
        exec->arithmetic->packed->load(exec->plan->extent, x->layout, planes, x->data);
    for (size_t i = 0; i < places(exec, g) * (size_t)g->layout.channels; i++)
        ((net_real *)g->data)[i] = (net_real)globals[i];
    if (graph->carry.moves) {
        const struct net_operand *state = &exec->plan->operand[graph->carry.in];
        memset(state->data, 0, state->width * places(exec, state));
    }
}

void net_exec_load_states(struct net_exec *exec, const float *states)
{
    const struct net_operand *x = &exec->plan->operand[exec->graph->carry.in];
    g_assert(exec->graph->carry.moves);
    exec->arithmetic->packed->load(exec->plan->extent, x->layout, states, x->data);
}

/* Runs operations [from, to). */
static void forward(struct net_exec *exec, int from, int to)
{
    for (int i = from; i < to; i++)
        exec->graph->op[i].kind->forward(&exec->plan->run[i]);
}

void net_exec_forward(struct net_exec *exec, const struct net_pass *pass)
{
    exec->pass = pass ? *pass : (struct net_pass){.flavour = NET_INFERENCE};
    g_assert(exec->training || exec->pass.flavour == NET_INFERENCE);
    const struct net_loop *loop = &exec->graph->loop;
    forward(exec, 0, loop->from);
    for (int step = exec->pass.steps ? exec->pass.steps : loop->steps.most; step > 1; step--)
        forward(exec, loop->from, loop->to);
    forward(exec, loop->from, exec->graph->ops);
}

void net_exec_step(struct net_exec *exec)
{
    g_assert(net_graph_repeats(exec->graph));
    forward(exec, exec->graph->loop.from, exec->graph->ops);
}

void net_exec_carry(struct net_exec *exec)
{
    g_assert(exec->graph->carry.moves);
    exec->pass = (struct net_pass){.flavour = NET_INFERENCE};
    forward(exec, 0, exec->graph->carry.op + 1);
}

/* times: how often the range is raised, of which the mean is taken. */
static void raise_range(struct net_exec *exec, int tensor, int times, float *highest, float *mean)
{
    const struct net_operand *x = &exec->plan->operand[tensor];
    int n = exec->plan->extent.n, channels = exec->graph->tensor[tensor].channels;
    net_real *pooled = g_new(net_real, 3 * n * channels);
    exec->arithmetic->packed->pool(exec->plan->extent, x->layout, x->data, 0, channels, pooled);
    for (int row = 0; row < n; row++)
        for (int c = 0; c < channels; c++) {
            highest[c] = MAX(highest[c], (float)pooled[(3 * row + 2) * channels + c]);
            mean[c] += (float)pooled[3 * row * channels + c] / (float)(n * times);
        }
    g_free(pooled);
}

/* Runs operation i, and raises the range of its result. */
static void calibrate_op(struct net_exec *exec, int i, int times, float *highest, float *mean)
{
    const struct net_tensor *out = &exec->graph->tensor[exec->graph->op[i].out];
    exec->graph->op[i].kind->forward(&exec->plan->run[i]);
    if (out->quantised)
        raise_range(exec, exec->graph->op[i].out, times, highest + out->range, mean + out->range);
}

/* How often the range of operation i's result is raised: once a step in a loop, and once more what a loop replaces. */
static int repeated(const struct net_exec *exec, int i)
{
    const struct net_graph *graph = exec->graph;
    if (!net_graph_repeats(graph))
        return 1;
    if (graph->op[i].out == graph->loop.in || graph->op[i].out == graph->loop.out)
        return graph->loop.steps.most + 1;
    return net_graph_repeats_op(graph, i) ? graph->loop.steps.most : 1;
}

void net_exec_calibrate(struct net_exec *exec, float *highest, float *mean)
{
    const struct net_graph *graph = exec->graph;
    const struct net_loop *loop = &graph->loop;
    int planes = graph->tensor[graph->planes].range;
    g_assert(!exec->arithmetic->quantisation);
    exec->pass = (struct net_pass){.flavour = NET_INFERENCE};
    if (planes >= 0)
        raise_range(exec, graph->planes, 1, highest + planes, mean + planes);
    for (int i = 0; i < loop->from; i++)
        calibrate_op(exec, i, repeated(exec, i), highest, mean);
    for (int step = 0; step < loop->steps.most; step++)
        for (int i = loop->from; i < loop->to; i++)
            calibrate_op(exec, i, repeated(exec, i), highest, mean);
    for (int i = loop->to; i < graph->ops; i++)
        calibrate_op(exec, i, 1, highest, mean);
}

void net_exec_read(const struct net_exec *exec, int tensor, int channel, net_real *out, size_t stride)
{
    const struct net_operand *x = &exec->plan->operand[tensor];
    if (x->spatial)
        (x->real ? &net_packed_real : exec->arithmetic->packed)
            ->read(exec->plan->extent, x->layout, x->data, channel, out, stride);
    else
        memcpy(out, x->data, x->width * places(exec, x));
}

void net_exec_put(struct net_exec *exec, int tensor, int channel, const net_real *in, size_t stride)
{
    const struct net_operand *x = &exec->plan->operand[tensor];
    if (x->spatial)
        exec->arithmetic->packed->write(exec->plan->extent, x->layout, x->gradient, channel, in, stride);
    else
        memcpy(x->gradient, in, x->gradient_width * places(exec, x));
}

void net_exec_backward(struct net_exec *exec)
{
    for (int i = exec->graph->ops - 1; i >= 0; i--)
        exec->graph->op[i].kind->backward(&exec->plan->run[i]);
}

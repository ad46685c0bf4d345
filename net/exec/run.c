/* Runs the operations of a graph forward and backward; loads inputs and reads outputs. */
#include "net/exec/exec.h"
#include "net/exec/exec_internal.h"
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
}

void net_exec_forward(struct net_exec *exec, const struct net_pass *pass)
{
    exec->pass = pass ? *pass : (struct net_pass){.flavour = NET_INFERENCE};
    g_assert(exec->training || exec->pass.flavour == NET_INFERENCE);
    for (int i = 0; i < exec->graph->ops; i++)
        exec->graph->op[i].kind->forward(&exec->plan->run[i]);
}

static void raise_range(struct net_exec *exec, int tensor, float *highest, float *mean)
{
    const struct net_operand *x = &exec->plan->operand[tensor];
    int n = exec->plan->extent.n, channels = exec->graph->tensor[tensor].channels;
    net_real *pooled = g_new(net_real, 3 * n * channels);
    exec->arithmetic->packed->pool(exec->plan->extent, x->layout, x->data, 0, channels, pooled);
    for (int row = 0; row < n; row++)
        for (int c = 0; c < channels; c++) {
            highest[c] = MAX(highest[c], (float)pooled[(3 * row + 2) * channels + c]);
            mean[c] += (float)pooled[3 * row * channels + c] / (float)n;
        }
    g_free(pooled);
}

void net_exec_calibrate(struct net_exec *exec, float *highest, float *mean)
{
    const struct net_graph *graph = exec->graph;
    int planes = graph->tensor[graph->planes].range;
    g_assert(!exec->arithmetic->quantisation);
    exec->pass = (struct net_pass){.flavour = NET_INFERENCE};
    if (planes >= 0)
        raise_range(exec, graph->planes, highest + planes, mean + planes);
    for (int i = 0; i < graph->ops; i++) {
        const struct net_tensor *out = &graph->tensor[graph->op[i].out];
        graph->op[i].kind->forward(&exec->plan->run[i]);
        if (out->quantised)
            raise_range(exec, graph->op[i].out, highest + out->range, mean + out->range);
    }
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

void net_exec_zero_gradients(struct net_exec *exec)
{
    memset(exec->gradients, 0, exec->graph->parameters * sizeof *exec->gradients);
    for (int i = 0; i < exec->graph->ops; i++)
        if (exec->run[i].layer)
            exec->run[i].op->kind->layer->zero_gradient(&exec->run[i]);
}

void net_exec_backward(struct net_exec *exec)
{
    for (int i = exec->graph->ops - 1; i >= 0; i--)
        exec->graph->op[i].kind->backward(&exec->plan->run[i]);
}

void net_exec_gradients(struct net_exec *exec, net_real *gradients)
{
    for (int i = 0; i < exec->graph->ops; i++)
        if (exec->run[i].layer)
            exec->run[i].op->kind->layer->gradient(&exec->run[i]);
    memcpy(gradients, exec->gradients, exec->graph->parameters * sizeof *gradients);
}

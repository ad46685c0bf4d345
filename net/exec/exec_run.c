/* Running a graph: its operations forward and backward, and what goes in and comes out. */
#include <string.h>

#include "net/exec/exec_internal.h"

void net_exec_load(struct net_exec *exec, const float *planes, const float *globals)
{
    const struct net_graph *graph = exec->graph;
    if (is_narrow(exec, graph->planes))
        net_int8_load(extent(exec), exec->layout[graph->planes], exec->steps.fine, exec->steps.fines, planes,
                      values(exec, graph->planes));
    else
        exec->ops->cells->load(extent(exec), exec->layout[graph->planes], planes, values(exec, graph->planes));
    net_real *to = values(exec, graph->globals);
    for (size_t i = 0; i < elements(exec, graph->globals); i++)
        to[i] = (net_real)globals[i];
}

static void shift_forward(struct net_exec *exec, const struct net_op *op)
{
    void *in = values(exec, op->in), *bias = values(exec, op->other);
    if (is_narrow(exec, op->out))
        exec->int8->shift(extent(exec), exec->layout[op->in], in, op->first, op->count, bias, steps_of(exec, op->out),
                          wide_steps_of(exec, op->out), values(exec, op->out));
    else
        exec->ops->cells->shift(extent(exec), exec->layout[op->in], in, op->first, op->count, bias);
}

static void op_forward(struct net_exec *exec, int i)
{
    const struct net_graph *graph = exec->graph;
    const struct net_op *op = &graph->op[i];
    const struct net_cells *cells = exec->ops->cells;
    void *in = values(exec, op->in), *out = values(exec, op->out);
    const net_real *params = exec->params;
    switch (op->kind) {
    case NET_OP_CONV:
        if (op->other >= 0 && values(exec, op->other) != out)
            memcpy(out, values(exec, op->other), width_of(exec, op->out) * places(exec, op->out));
        exec->ops->forward(exec->plan->conv[i], in, out, exec->scratch);
        break;
    case NET_OP_POOL:
        cells->pool(extent(exec), exec->layout[op->in], in, op->first, op->count, out);
        break;
    case NET_OP_DENSE:
        net_dense_forward(exec->plan->n, graph->tensor[op->in].channels, graph->tensor[op->out].channels, op->relu, in,
                          params + graph->param[op->weight].offset, params + graph->param[op->bias].offset, out);
        break;
    case NET_OP_SHIFT:
        shift_forward(exec, op);
        break;
    }
}

void net_exec_forward(struct net_exec *exec)
{
    for (int i = 0; i < exec->graph->ops; i++)
        op_forward(exec, i);
}

static void range_widen(struct net_exec *exec, int tensor, float *highest, float *mean)
{
    int n = exec->plan->n, channels = exec->graph->tensor[tensor].channels;
    net_real *pooled = g_new(net_real, 3 * n * channels);
    exec->ops->cells->pool(extent(exec), exec->layout[tensor], values(exec, tensor), 0, channels, pooled);
    for (int row = 0; row < n; row++)
        for (int c = 0; c < channels; c++) {
            highest[c] = MAX(highest[c], (float)pooled[(3 * row + 2) * channels + c]);
            mean[c] += (float)pooled[3 * row * channels + c] / (float)n;
        }
    g_free(pooled);
}

void net_exec_widen(struct net_exec *exec, float *highest, float *mean)
{
    const struct net_graph *graph = exec->graph;
    int planes = graph->tensor[graph->planes].range;
    g_assert(!exec->ops->narrow);
    range_widen(exec, graph->planes, highest + planes, mean + planes);
    for (int i = 0; i < graph->ops; i++) {
        const struct net_tensor *out = &graph->tensor[graph->op[i].out];
        op_forward(exec, i);
        if (out->narrow)
            range_widen(exec, graph->op[i].out, highest + out->range, mean + out->range);
    }
}

void net_exec_read(const struct net_exec *exec, int tensor, int channel, net_real *out, size_t stride)
{
    const struct net_cells *cells = in_cells(exec, tensor) ? exec->ops->cells : &net_cells_real;
    if (exec->graph->tensor[tensor].spatial)
        cells->read(extent(exec), exec->layout[tensor], values(exec, tensor), channel, out, stride);
    else
        memcpy(out, values(exec, tensor), elements(exec, tensor) * sizeof *out);
}

void net_exec_put(struct net_exec *exec, int tensor, int channel, const net_real *in, size_t stride)
{
    if (exec->graph->tensor[tensor].spatial)
        exec->ops->cells->write(extent(exec), exec->layout[tensor], gradient(exec, tensor), channel, in, stride);
    else
        memcpy(gradient(exec, tensor), in, elements(exec, tensor) * sizeof *in);
}

void net_exec_zero_gradients(struct net_exec *exec)
{
    memset(exec->gradients, 0, exec->graph->parameters * sizeof *exec->gradients);
    for (int i = 0; i < exec->graph->ops; i++)
        if (exec->conv[i])
            exec->ops->conv_zero_gradient(exec->conv[i]);
}

static void conv_backward(struct net_exec *exec, int i)
{
    const struct net_op *op = &exec->graph->op[i];
    struct net_conv_plan *plan = exec->plan->conv[i];
    const void *dout = gradient(exec, op->out), *in = values(exec, op->in);
    exec->ops->backward_weights(plan, in, dout, exec->scratch);
    if (!op->want_in)
        return;
    void *din = gradient(exec, op->in), *spare = slot_at(exec, exec->spare)->data;
    exec->ops->backward_data(plan, dout, op->add_in ? spare : din, exec->scratch);
    if (op->mask_in)
        exec->ops->cells->mask(elements(exec, op->in), din, op->add_in ? spare : NULL, in);
    else if (op->add_in)
        exec->ops->cells->add(elements(exec, op->in), din, spare);
}

static void dense_backward(struct net_exec *exec, const struct net_op *op)
{
    const struct net_graph *graph = exec->graph;
    size_t weight = graph->param[op->weight].offset, bias = graph->param[op->bias].offset;
    net_dense_backward(exec->plan->n, graph->tensor[op->in].channels, graph->tensor[op->out].channels, op->relu,
                       values(exec, op->in), exec->params + weight, values(exec, op->out), gradient(exec, op->out),
                       exec->gradients + weight, exec->gradients + bias, op->want_in ? gradient(exec, op->in) : NULL,
                       op->add_in);
}

static void op_backward(struct net_exec *exec, int i)
{
    const struct net_op *op = &exec->graph->op[i];
    const struct net_cells *cells = exec->ops->cells;
    switch (op->kind) {
    case NET_OP_CONV:
        conv_backward(exec, i);
        break;
    case NET_OP_POOL:
        g_assert(op->add_in); /* whoever reads the whole tensor comes later, and wrote its gradient */
        cells->pool_backward(extent(exec), exec->layout[op->in], values(exec, op->in), op->first, op->count,
                             gradient(exec, op->out), gradient(exec, op->in));
        break;
    case NET_OP_DENSE:
        dense_backward(exec, op);
        break;
    case NET_OP_SHIFT:
        cells->shift_backward(extent(exec), exec->layout[op->in], values(exec, op->out), gradient(exec, op->in),
                              op->first, op->count, gradient(exec, op->other));
        break;
    }
}

void net_exec_backward(struct net_exec *exec)
{
    for (int i = exec->graph->ops - 1; i >= 0; i--)
        op_backward(exec, i);
}

void net_exec_gradients(const struct net_exec *exec, net_real *gradients)
{
    const struct net_graph *graph = exec->graph;
    memcpy(gradients, exec->gradients, graph->parameters * sizeof *gradients);
    for (int i = 0; i < graph->ops; i++)
        if (exec->conv[i])
            exec->ops->conv_gradient(exec->conv[i], gradients + graph->param[graph->op[i].weight].offset,
                                     gradients + graph->param[graph->op[i].bias].offset);
}

/* Creation and destruction of an exec, its weights, and plans for board and batch sizes. */
#include "net/exec/exec_internal.h"
#include "net/exec/exec.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/memory.h"
#include "net/real.h"

#include <stdlib.h>
#include <string.h>

static void operand_create(struct net_exec *exec, int t)
{
    const struct net_arithmetic *arithmetic = exec->arithmetic;
    const struct net_tensor *tensor = &exec->graph->tensor[t];
    int channels = tensor->channels;
    struct net_operand *operand = &exec->operand[t];
    *operand = (struct net_operand){
        .spatial = tensor->spatial, .real = tensor->real, .layout = {channels, channels, channels}};
    if (tensor->spatial)
        operand->layout = arithmetic->layout(channels);
    size_t padded = (size_t)operand->layout.padded;
    operand->gradient_width = padded * (tensor->spatial ? arithmetic->packed->bytes : sizeof(net_real));
    operand->width = tensor->real ? padded * sizeof(net_real) : operand->gradient_width;
    exec->memory[t] = tensor->memory;
    if (is_quantised(exec, t)) {
        operand->scales = &exec->scales[t];
        operand->width = arithmetic->quantisation->width((int)padded, tensor->u16);
        exec->memory[t] = t;
    }
    if (net_graph_repeats(exec->graph) && t == exec->graph->loop.out)
        exec->memory[t] = exec->memory[exec->graph->loop.in];
}

static bool run_create(struct net_exec *exec, int i, GError **error)
{
    const struct net_graph *graph = exec->graph;
    const struct net_op *op = &graph->op[i];
    struct net_run *run = &exec->run[i];
    *run = (struct net_run){.graph = graph,
                            .op = op,
                            .arithmetic = exec->arithmetic,
                            .pass = &exec->pass,
                            .training = exec->training,
                            .out = &exec->operand[op->out]};
    for (int k = 0; k < op->ins; k++)
        run->in[k] = &exec->operand[op->in[k]];
    for (int k = 0; k < op->params; k++) {
        size_t offset = graph->param[op->param[k]].offset;
        run->param[k] = exec->params + offset;
        run->param_gradient[k] = exec->training ? exec->gradients + offset : NULL;
        exec->layered[op->param[k]] = op->kind->layer != NULL;
    }
    return !op->kind->layer || op->kind->layer->create(run, error);
}

int net_exec_create(struct net_exec **out, const struct net_graph *graph, const struct net_arithmetic *arithmetic,
                    bool training, GError **error)
{
    g_assert(!training || !net_graph_repeats(graph)); /* the backward pass needs all steps */
    struct net_exec *exec = *out = g_new0(struct net_exec, 1);
    exec->graph = graph;
    exec->arithmetic = arithmetic;
    exec->training = training;
    exec->params = net_memory_new(graph->parameters * sizeof(net_real));
    exec->gradients = training ? net_memory_new(graph->parameters * sizeof(net_real)) : NULL;
    exec->operand = g_new0(struct net_operand, graph->tensors);
    exec->run = g_new0(struct net_run, graph->ops);
    exec->memory = g_new0(int, graph->tensors);
    exec->layered = g_new0(bool, graph->params);
    exec->keep = g_new0(struct keep, graph->ops);
    net_exec_scales_create(exec);
    for (int t = 0; t < graph->tensors; t++)
        operand_create(exec, t);
    net_exec_memory_assign(exec);
    for (int i = 0; i < graph->ops; i++)
        if (!run_create(exec, i, error)) {
            net_exec_close(exec);
            *out = NULL;
            return -1;
        }
    return 0;
}

static void plan_free(struct net_exec *exec, struct plan *plan)
{
    for (int i = 0; i < exec->graph->ops; i++)
        if (plan->run[i].plan)
            plan->run[i].op->kind->layer->plan_free(&plan->run[i]);
    g_free(plan->run);
    g_free(plan->operand);
    g_free(plan);
}

void net_exec_close(struct net_exec *exec)
{
    if (!exec)
        return;
    for (int i = 0; i < exec->plan_count; i++)
        plan_free(exec, exec->plans[i]);
    for (int i = 0; i < exec->graph->ops; i++)
        if (exec->run[i].layer)
            exec->run[i].op->kind->layer->free(&exec->run[i]);
    net_exec_memory_free(exec);
    net_exec_scales_free(exec);
    g_free(exec->plans);
    g_free(exec->operand);
    g_free(exec->run);
    g_free(exec->memory);
    g_free(exec->layered);
    g_free(exec->keep);
    free(exec->params);
    free(exec->gradients);
    g_free(exec);
}

void net_exec_set(struct net_exec *exec, const net_real *params, const float *ranges)
{
    memcpy(exec->params, params, exec->graph->parameters * sizeof *params);
    if (exec->arithmetic->quantisation)
        net_exec_scales_set(exec, ranges);
    for (int i = 0; i < exec->graph->ops; i++)
        if (exec->run[i].layer)
            exec->run[i].op->kind->layer->set(&exec->run[i]);
}

static bool same_extent(struct net_extent a, struct net_extent b)
{
    return a.width == b.width && a.height == b.height && a.n == b.n;
}

static struct plan *plan_find(const struct net_exec *exec, struct net_extent extent)
{
    if (exec->plan && same_extent(exec->plan->extent, extent))
        return exec->plan;
    for (int i = 0; i < exec->plan_count; i++)
        if (same_extent(exec->plans[i]->extent, extent))
            return exec->plans[i];
    return NULL;
}

static struct plan *plan_create(struct net_exec *exec, struct net_extent extent, GError **error)
{
    const struct net_graph *graph = exec->graph;
    struct plan *plan = g_new0(struct plan, 1);
    *plan = (struct plan){.extent = extent,
                          .run = g_memdup2(exec->run, (size_t)graph->ops * sizeof *exec->run),
                          .operand = g_memdup2(exec->operand, (size_t)graph->tensors * sizeof *exec->operand)};
    for (int i = 0; i < graph->ops; i++) {
        struct net_run *run = &plan->run[i];
        const struct net_op *op = run->op;
        run->extent = extent;
        run->out = &plan->operand[op->out];
        for (int k = 0; k < op->ins; k++)
            run->in[k] = &plan->operand[op->in[k]];
        if (op->kind->layer && !op->kind->layer->plan(run, error)) {
            plan_free(exec, plan);
            return NULL;
        }
    }
    return plan;
}

int net_exec_use(struct net_exec *exec, struct net_extent extent, GError **error)
{
    struct plan *plan = plan_find(exec, extent);
    if (!plan) {
        if (!(plan = plan_create(exec, extent, error)))
            return -1;
        net_exec_memory_grow(exec, plan);
        net_exec_memory_place(exec, plan);
        exec->plans = g_renew(struct plan *, exec->plans, exec->plan_count + 1);
        exec->plans[exec->plan_count++] = plan;
    } else if (plan->moved != exec->moved) {
        net_exec_memory_place(exec, plan);
    }
    exec->plan = plan;
    return 0;
}

char *net_exec_describe(const struct net_exec *exec)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < exec->graph->ops; i++) {
        const struct net_run *run = &exec->plan->run[i];
        if (!run->layer)
            continue;
        char *one = run->op->kind->layer->describe(run);
        g_string_append_printf(text, "%s %s\n", exec->graph->param[run->op->param[0]].name, one);
        g_free(one);
    }
    return g_string_free(text, FALSE);
}

/* Hands over the gradients of the parameters that backward passes have accumulated. */
#include "net/exec/exec.h"
#include "net/exec/exec_internal.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <string.h>

static void source_add(struct net_exec *exec, int i)
{
    const struct net_op *op = &exec->graph->op[i];
    struct gradient_source *first = &exec->source[op->param[0]];
    for (int k = 1; k < op->params; k++) {
        struct gradient_source *other = &exec->source[op->param[k]];
        g_assert(!other->layers ||
                 (other->follows && other->user == op->param[0])); /* or it would have several turns */
        *other = (struct gradient_source){.layers = true, .follows = true, .user = op->param[0]};
    }
    if (first->layers)
        exec->next_user[i] = first->user; /* in descending order: what is found last is added first */
    *first = (struct gradient_source){.layers = true, .user = i};
}

void net_exec_sources_create(struct net_exec *exec)
{
    const struct net_graph *graph = exec->graph;
    if (!exec->training)
        return;
    exec->source = g_new0(struct gradient_source, graph->params);
    exec->next_user = g_new(int, graph->ops);
    for (int i = graph->ops - 1; i >= 0; i--) {
        exec->next_user[i] = -1;
        if (graph->op[i].kind->layer)
            source_add(exec, i);
    }
}

/* The layers of all operations with this parameter, which is their first. */
static void take_layers(struct net_exec *exec, int param, net_real *sum)
{
    const struct net_graph *graph = exec->graph;
    for (int i = exec->source[param].user; i >= 0; i = exec->next_user[i]) {
        struct net_run run = exec->run[i];
        for (int k = 0; k < run.op->params; k++)
            run.param_gradient[k] = sum + graph->param[run.op->param[k]].offset;
        run.op->kind->layer->gradient(&run);
        run.op->kind->layer->zero_gradient(&run);
    }
}

void net_exec_take_gradients(struct net_exec *exec, net_real *sum, const struct net_exec_turns *turns)
{
    for (int p = 0; p < exec->graph->params; p++) {
        const struct net_param *param = &exec->graph->param[p];
        if (exec->source[p].follows)
            continue;
        if (turns)
            turns->begin(turns->user, p);
        if (exec->source[p].layers) {
            take_layers(exec, p, sum);
        } else {
            net_packed_real.add(param->count, sum + param->offset, exec->gradients + param->offset);
            memset(exec->gradients + param->offset, 0, param->count * sizeof *exec->gradients);
        }
        if (turns)
            turns->end(turns->user, p);
    }
}

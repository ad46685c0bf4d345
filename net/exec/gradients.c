/* Hands over the gradients that backward passes have accumulated. */
#include "net/exec/exec.h"
#include "net/exec/exec_internal.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/real.h"

void net_exec_take_gradients(struct net_exec *exec, net_real *sum)
{
    for (int i = 0; i < exec->graph->ops; i++)
        if (exec->run[i].layer) {
            exec->run[i].op->kind->layer->gradient(&exec->run[i]);
            exec->run[i].op->kind->layer->zero_gradient(&exec->run[i]);
        }
    net_move_sum(exec->graph->parameters, exec->gradients, sum);
}

/* The first part is what operations add to without a layer, then there is one for each with a layer. */
void net_exec_move_gradients(struct net_exec *from, struct net_exec *to, const struct net_exec_turns *turns)
{
    const struct net_graph *graph = from->graph;
    turns->begin(turns->user, 0);
    for (int p = 0; p < graph->params; p++)
        if (!from->layered[p])
            net_move_sum(graph->param[p].count, from->gradients + graph->param[p].offset,
                         to->gradients + graph->param[p].offset);
    turns->end(turns->user, 0);
    for (int i = 0; i < graph->ops; i++) {
        if (!from->run[i].layer)
            continue;
        turns->begin(turns->user, i + 1);
        graph->op[i].kind->layer->move_gradient(&from->run[i], &to->run[i]);
        turns->end(turns->user, i + 1);
    }
}

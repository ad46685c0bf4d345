/* Which tensors of an exec share a slot of memory: those of which one is done with before the other begins. */
#include "net/exec/exec_internal.h"
#include "net/memory.h"

static int slot_add(struct net_exec *exec, struct slot slot)
{
    exec->slots = g_renew(struct slot, exec->slots, exec->slot_count + 1);
    exec->slots[exec->slot_count] = slot;
    return exec->slot_count++;
}

static int slot_take(struct net_exec *exec, int tensor, size_t width)
{
    bool spatial = exec->graph->tensor[tensor].spatial;
    for (int i = 0; spatial && i < exec->slot_count; i++) {
        struct slot *slot = slot_at(exec, i);
        if (slot->spatial && !slot->busy) {
            slot->busy = true;
            slot->width = MAX(slot->width, width);
            return i;
        }
    }
    return slot_add(exec, (struct slot){.spatial = spatial, .busy = true, .width = width});
}

static bool is_output(const struct net_graph *graph, int tensor)
{
    return tensor == graph->points || tensor == graph->others || tensor == graph->values;
}

/* last[memory]: the last operation that touches it. */
static void values_assign(struct net_exec *exec)
{
    const struct net_graph *graph = exec->graph;
    int *last = g_new0(int, graph->tensors);
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        last[exec->memory[op->in]] = last[exec->memory[op->out]] = i;
        if (op->other >= 0)
            last[exec->memory[op->other]] = i;
    }
    for (int t = 0; t < graph->tensors; t++)
        exec->slot[t] = -1;
    exec->slot[graph->planes] = slot_take(exec, graph->planes, width_of(exec, graph->planes));
    exec->slot[graph->globals] = slot_take(exec, graph->globals, width_of(exec, graph->globals));
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        int out = exec->memory[op->out], other = op->other < 0 ? -1 : exec->memory[op->other];
        bool in_place = !exec->training && op->kind == NET_OP_CONV && other >= 0 && last[other] == i;
        if (exec->slot[out] < 0)
            exec->slot[out] = in_place ? exec->slot[other] : slot_take(exec, out, width_of(exec, out));
        for (int t = 0; t < graph->tensors && !exec->training; t++)
            if (exec->slot[t] >= 0 && last[t] == i && !is_output(graph, t) && exec->slot[t] != exec->slot[out])
                slot_at(exec, exec->slot[t])->busy = false;
    }
    g_free(last);
}

/* Gradients over the points are in cells, that of the output too. */
static size_t gradient_width(const struct net_exec *exec, int tensor)
{
    bool spatial = exec->graph->tensor[tensor].spatial;
    return (size_t)exec->layout[tensor].padded * (spatial ? exec->ops->cells->bytes : sizeof(net_real));
}

/* As values_assign, walking backward: a gradient begins at its last reader and ends at what made its tensor. */
static void gradients_assign(struct net_exec *exec)
{
    const struct net_graph *graph = exec->graph;
    int *end = g_new(int, graph->tensors);
    for (int t = 0; t < graph->tensors; t++) {
        exec->gradient_slot[t] = -1;
        end[t] = graph->ops;
    }
    for (int i = graph->ops - 1; i >= 0; i--)
        end[graph->tensor[graph->op[i].out].gradient] = i;
    for (int i = graph->ops - 1; i >= 0; i--) {
        const struct net_op *op = &graph->op[i];
        int roots[3] = {graph->tensor[op->out].gradient, op->want_in ? graph->tensor[op->in].gradient : -1,
                        op->kind == NET_OP_SHIFT ? graph->tensor[op->other].gradient : -1};
        for (int r = 0; r < 3; r++)
            if (roots[r] >= 0 && exec->gradient_slot[roots[r]] < 0)
                exec->gradient_slot[roots[r]] = slot_take(exec, roots[r], gradient_width(exec, roots[r]));
        /* Outputs are put before backward begins, so theirs are never shared. */
        if (end[roots[0]] == i && !is_output(graph, op->out))
            slot_at(exec, exec->gradient_slot[roots[0]])->busy = false;
    }
    g_free(end);
}

static void spare_assign(struct net_exec *exec)
{
    int widest = exec->graph->planes;
    for (int t = 0; t < exec->graph->tensors; t++)
        if (exec->graph->tensor[t].spatial && exec->layout[t].padded > exec->layout[widest].padded)
            widest = t;
    size_t width = (size_t)exec->layout[widest].padded * exec->ops->cells->bytes;
    exec->spare = slot_add(exec, (struct slot){.spatial = true, .busy = true, .width = width});
}

void net_exec_memory_assign(struct net_exec *exec)
{
    values_assign(exec);
    if (exec->training) {
        gradients_assign(exec);
        spare_assign(exec);
    }
}

void net_exec_memory_grow(struct net_exec *exec, int size, int n)
{
    for (int i = 0; i < exec->slot_count; i++) {
        struct slot *slot = slot_at(exec, i);
        size_t points = slot->spatial ? (size_t)size * (size_t)size : 1;
        size_t bytes = slot->width * points * (size_t)n;
        if (bytes <= slot->bytes)
            continue;
        free(slot->data);
        slot->data = net_memory_new(bytes);
        slot->bytes = bytes;
    }
}

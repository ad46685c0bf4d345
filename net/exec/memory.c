/* Assigns tensors to memory slots. Spatial tensors in inference, and spatial gradients, share a slot if the last use of one precedes
 * the first use of the other; everything else has a slot of its own. */
#include "net/exec/exec_internal.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/packed.h"
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
        struct slot *slot = &exec->slots[i];
        if (slot->spatial && !slot->busy) {
            slot->busy = true;
            slot->width = MAX(slot->width, width);
            return i;
        }
    }
    return slot_add(exec, (struct slot){.spatial = spatial, .busy = true, .width = width});
}

/* The last operation that uses each memory. */
static void find_ends(const struct net_exec *exec, int *last)
{
    const struct net_graph *graph = exec->graph;
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        last[exec->memory[op->out]] = i;
        for (int k = 0; k < op->ins; k++)
            last[exec->memory[op->in[k]]] = i;
    }
    for (int t = 0; t < graph->tensors; t++)
        if (graph->tensor[t].output)
            last[exec->memory[t]] = graph->ops; /* read after the last operation */
    /* What is made before a loop is read in it by each step. */
    for (int i = graph->loop.from; i < graph->loop.to; i++)
        for (int k = 0; k < graph->op[i].ins; k++)
            if (graph->op[i].in[k] < graph->op[graph->loop.from].out)
                last[exec->memory[graph->op[i].in[k]]] = graph->ops;
}

static void values_assign(struct net_exec *exec)
{
    const struct net_graph *graph = exec->graph;
    int *last = g_new0(int, graph->tensors);
    find_ends(exec, last);
    for (int t = 0; t < graph->tensors; t++)
        exec->slot[t] = -1;
    exec->slot[graph->planes] = slot_take(exec, graph->planes, exec->operand[graph->planes].width);
    exec->slot[graph->globals] = slot_take(exec, graph->globals, exec->operand[graph->globals].width);
    if (graph->carry.moves)
        exec->slot[graph->carry.in] = slot_take(exec, graph->carry.in, exec->operand[graph->carry.in].width);
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        bool accumulates = op->kind->accumulates && op->kind->through < op->ins;
        int out = exec->memory[op->out], residual = accumulates ? exec->memory[op->in[op->kind->through]] : -1;
        bool in_place = !exec->training && residual >= 0 && last[residual] == i && exec->memory[op->in[0]] != residual;
        if (exec->slot[out] < 0)
            exec->slot[out] = in_place ? exec->slot[residual] : slot_take(exec, out, exec->operand[op->out].width);
        for (int t = 0; t < graph->tensors && !exec->training; t++)
            if (exec->slot[t] >= 0 && last[t] == i && exec->slot[t] != exec->slot[out])
                exec->slots[exec->slot[t]].busy = false;
    }
    g_free(last);
}

static void gradient_take(struct net_exec *exec, int tensor)
{
    int root = exec->graph->tensor[tensor].gradient;
    if (exec->gradient_slot[root] < 0)
        exec->gradient_slot[root] = slot_take(exec, root, exec->operand[root].gradient_width);
}

/* Like values_assign, in reverse: a gradient is first written by the tensor's last reader and last read by its
 * producer. */
static void gradients_assign(struct net_exec *exec)
{
    const struct net_graph *graph = exec->graph;
    int *end = g_new(int, graph->tensors);
    bool *kept = g_new0(bool, graph->tensors);
    for (int t = 0; t < graph->tensors; t++) {
        exec->gradient_slot[t] = -1;
        end[t] = graph->ops;
        kept[graph->tensor[t].gradient] |= graph->tensor[t].output;
    }
    for (int i = graph->ops - 1; i >= 0; i--)
        end[graph->tensor[graph->op[i].out].gradient] = i;
    for (int t = 0; t < graph->tensors; t++)
        if (graph->tensor[t].output) /* set before the backward pass, so never shared */
            gradient_take(exec, t);
    for (int i = graph->ops - 1; i >= 0; i--) {
        const struct net_op *op = &graph->op[i];
        int root = graph->tensor[op->out].gradient;
        gradient_take(exec, op->out);
        for (int k = 0; k < op->ins; k++)
            if (op->want[k])
                gradient_take(exec, op->in[k]);
        if (end[root] == i && !kept[root])
            exec->slots[exec->gradient_slot[root]].busy = false;
    }
    g_free(end);
    g_free(kept);
}

static void spare_assign(struct net_exec *exec)
{
    size_t width = 0;
    for (int t = 0; t < exec->graph->tensors; t++)
        if (exec->operand[t].spatial)
            width = MAX(width, exec->operand[t].gradient_width);
    exec->spare = slot_add(exec, (struct slot){.spatial = true, .busy = true, .width = width});
}

void net_exec_memory_assign(struct net_exec *exec)
{
    exec->slot = g_new0(int, exec->graph->tensors);
    exec->gradient_slot = g_new0(int, exec->graph->tensors);
    exec->spare = -1;
    values_assign(exec);
    if (exec->training) {
        gradients_assign(exec);
        spare_assign(exec);
    }
}

/* Ensures that memory has at least `bytes`; its contents are lost if it has to grow. */
static void grow(struct net_exec *exec, void **data, size_t *had, size_t bytes)
{
    if (bytes <= *had)
        return;
    free(*data);
    *data = net_memory_new(bytes);
    *had = bytes;
    exec->moved++;
}

void net_exec_memory_grow(struct net_exec *exec, const struct plan *plan)
{
    size_t points = net_extent_points(plan->extent), rows = (size_t)plan->extent.n;
    for (int i = 0; i < exec->slot_count; i++) {
        struct slot *slot = &exec->slots[i];
        grow(exec, &slot->data, &slot->bytes, slot->width * rows * (slot->spatial ? points : 1));
    }
    for (int i = 0; i < exec->graph->ops; i++) {
        const struct net_op_kind *kind = exec->graph->op[i].kind;
        if (kind->scratch)
            grow(exec, &exec->scratch, &exec->scratch_bytes, kind->scratch(&plan->run[i]));
        if (kind->keep && exec->training)
            grow(exec, &exec->keep[i].data, &exec->keep[i].bytes, kind->keep(&plan->run[i]));
    }
}

void net_exec_memory_place(struct net_exec *exec, struct plan *plan)
{
    const struct net_graph *graph = exec->graph;
    for (int t = 0; t < graph->tensors; t++) {
        int gradient = exec->training ? exec->gradient_slot[graph->tensor[t].gradient] : -1;
        plan->operand[t].data = exec->slots[exec->slot[exec->memory[t]]].data;
        plan->operand[t].gradient = gradient >= 0 ? exec->slots[gradient].data : NULL;
    }
    for (int i = 0; i < graph->ops; i++) {
        struct net_run *run = &plan->run[i];
        run->keep = exec->keep[i].data;
        run->scratch = exec->scratch;
        run->spare = exec->spare >= 0 ? exec->slots[exec->spare].data : NULL;
    }
    plan->moved = exec->moved;
}

void net_exec_memory_free(struct net_exec *exec)
{
    for (int i = 0; i < exec->slot_count; i++)
        free(exec->slots[i].data);
    for (int i = 0; i < exec->graph->ops; i++)
        free(exec->keep[i].data);
    free(exec->scratch);
    g_free(exec->slots);
    g_free(exec->slot);
    g_free(exec->gradient_slot);
}

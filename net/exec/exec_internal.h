/* What the parts of an exec share: its memory (exec_memory.c), its life and weights (exec.c), running (exec_run.c). */
#ifndef TENGEN_NET_EXEC_EXEC_INTERNAL_H
#define TENGEN_NET_EXEC_EXEC_INTERNAL_H

#include "net/exec/exec.h"
#include "net/kernels/int8.h"

/* Of the narrow tensors. */
struct steps {
    float *narrow, *wide; /* [graph->ranges]; only wide tensors have wide ones */
    int fine[NET_INT8_BLOCK], fines;
};

/* Memory for one spatial tensor at a time, or for one flat one. */
struct slot {
    bool spatial, busy;
    size_t width; /* bytes of a point of a row, the most of its tensors */
    size_t bytes;
    void *data;
};

struct plan {
    int size, n;
    struct net_conv_plan **conv; /* [ops], NULL where it is none */
};

struct net_exec {
    const struct net_graph *graph;
    const struct net_ops *ops;
    bool training;
    net_real *params;                   /* [parameters]; dense operations read it */
    net_real *gradients;                /* [parameters]; dense operations add to it */
    struct net_conv **conv;             /* [ops] */
    struct net_layout *layout;          /* [tensors] */
    int *memory;                        /* [tensors]: whose memory each shares; as in the graph, but for narrow ones */
    struct steps steps;                 /* NULL in a table without narrow tensors */
    const struct net_int8_kernel *int8; /* likewise */
    int *slot, *gradient_slot;          /* [tensors], -1: none */
    struct slot *slots; /* not a GArray: its memory moves between threads in ways ThreadSanitizer cannot see */
    int slot_count;
    int spare; /* slot for a gradient about to be added, -1 outside training */
    struct plan **plans;
    int plan_count;
    struct plan *plan; /* in use */
    void *scratch;
    size_t scratch_bytes;
};

static inline struct slot *slot_at(const struct net_exec *exec, int i)
{
    return &exec->slots[i];
}

static inline bool is_narrow(const struct net_exec *exec, int tensor)
{
    return exec->ops->narrow && exec->graph->tensor[tensor].narrow;
}

/* Tensors over the points are in the table's cells; flat ones, and the output over the points, in net_real. */
static inline bool in_cells(const struct net_exec *exec, int tensor)
{
    return exec->graph->tensor[tensor].spatial && tensor != exec->graph->points;
}

/* Bytes of a point of a row; of a row of a flat tensor. */
static inline size_t width_of(const struct net_exec *exec, int tensor)
{
    int padded = exec->layout[tensor].padded;
    if (is_narrow(exec, tensor))
        return net_int8_width(padded, exec->graph->tensor[tensor].wide);
    return (size_t)padded * (in_cells(exec, tensor) ? exec->ops->cells->bytes : sizeof(net_real));
}

static inline void *values(const struct net_exec *exec, int tensor)
{
    return slot_at(exec, exec->slot[exec->memory[tensor]])->data;
}

/* Of a narrow tensor's channels; NULL for others. */
static inline const float *steps_of(const struct net_exec *exec, int tensor)
{
    if (!is_narrow(exec, tensor))
        return NULL;
    return exec->steps.narrow + exec->graph->tensor[tensor].range;
}

static inline bool is_wide(const struct net_exec *exec, int tensor)
{
    return is_narrow(exec, tensor) && exec->graph->tensor[tensor].wide;
}

static inline const float *wide_steps_of(const struct net_exec *exec, int tensor)
{
    return is_wide(exec, tensor) ? exec->steps.wide + exec->graph->tensor[tensor].range : NULL;
}

/* The wide part of a tensor is for residual sums, and for the heads. */
static inline bool reads_wide(const struct net_exec *exec, const struct net_op *op)
{
    return op->kernel == 1 && is_wide(exec, op->in);
}

static inline void *gradient(const struct net_exec *exec, int tensor)
{
    return slot_at(exec, exec->gradient_slot[exec->graph->tensor[tensor].gradient])->data;
}

static inline struct net_extent extent(const struct net_exec *exec)
{
    return (struct net_extent){exec->plan->size, exec->plan->n};
}

/* Points of all rows; rows of a flat tensor. */
static inline size_t places(const struct net_exec *exec, int tensor)
{
    size_t points = exec->graph->tensor[tensor].spatial ? (size_t)exec->plan->size * (size_t)exec->plan->size : 1;
    return points * (size_t)exec->plan->n;
}

static inline size_t elements(const struct net_exec *exec, int tensor)
{
    return (size_t)exec->layout[tensor].padded * places(exec, tensor);
}

/* Which tensors share memory; before use. */
void net_exec_memory_assign(struct net_exec *exec);
/* At least enough for this size and batch. */
void net_exec_memory_grow(struct net_exec *exec, int size, int n);

#endif

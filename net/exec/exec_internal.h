/* Shared by the files of an exec: memory (memory.c); creation, weights and plans (exec.c); scales for int8 (scales.c);
 * passes (run.c); gradients (gradients.c). */
#ifndef TENGEN_NET_EXEC_EXEC_INTERNAL_H
#define TENGEN_NET_EXEC_EXEC_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/real.h"

/* Memory for one tensor at a time. */
struct slot {
    bool spatial, busy;
    size_t width; /* bytes per point and row, the maximum of its tensors */
    size_t bytes;
    void *data;
};

/* Memory that an operation keeps from the forward to the backward pass. */
struct keep {
    void *data;
    size_t bytes;
};

/* One board and batch size. */
struct plan {
    struct net_extent extent;
    unsigned moved;              /* exec->moved when its pointers were set */
    struct net_run *run;         /* [ops] */
    struct net_operand *operand; /* [tensors] */
};

struct net_exec {
    const struct net_graph *graph;
    const struct net_arithmetic *arithmetic;
    bool training;
    net_real *params;            /* [parameters] */
    net_real *gradients;         /* [parameters]; NULL in inference */
    struct net_operand *operand; /* [tensors], without their memory */
    struct net_run *run;         /* [ops], without plans: common to all plans */
    bool *layered;               /* [params]: its gradient is in the layers of operations, rather than in `gradients` */
    int *memory;                 /* [tensors]: the tensor whose memory it shares; as in the graph unless quantised */
    /* Quantised tensors, if the arithmetic has them. */
    struct net_scales *scales; /* [tensors] */
    float *u8, *u16, *mean;    /* [graph->ranges] */
    int *residue;              /* [channels of the planes] */
    int *slot, *gradient_slot; /* [tensors], -1: none */
    struct slot *slots;        /* not a GArray: ThreadSanitizer cannot see how GLib synchronises its memory */
    int slot_count;
    int spare;         /* slot for a gradient that is yet to be added; -1 outside training */
    struct keep *keep; /* [ops] */
    void *scratch;
    size_t scratch_bytes;
    unsigned moved; /* incremented when memory moves: older plans must then set their pointers again */
    struct plan **plans;
    int plan_count;
    struct plan *plan; /* in use */
    struct net_pass pass;
};

static inline bool is_quantised(const struct net_exec *exec, int tensor)
{
    return exec->arithmetic->quantisation && exec->graph->tensor[tensor].quantised;
}

/* Allocates the scales of all tensors; computes their values from ranges. */
void net_exec_scales_create(struct net_exec *exec);
void net_exec_scales_set(struct net_exec *exec, const float *ranges);
void net_exec_scales_free(struct net_exec *exec);
/* Decides which tensors share memory; before the first plan. */
void net_exec_memory_assign(struct net_exec *exec);
/* Grows memory to at least what a plan needs. */
void net_exec_memory_grow(struct net_exec *exec, const struct plan *plan);
/* Sets the pointers of a plan. */
void net_exec_memory_place(struct net_exec *exec, struct plan *plan);
void net_exec_memory_free(struct net_exec *exec);

#endif

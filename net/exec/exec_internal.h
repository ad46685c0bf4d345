/* What the parts of an exec share: its memory (memory.c), its life, weights and plans (exec.c), int8's scales
 * (scales.c), running (run.c). */
#ifndef TENGEN_NET_EXEC_EXEC_INTERNAL_H
#define TENGEN_NET_EXEC_EXEC_INTERNAL_H

#include "net/exec/exec.h"

/* Memory for one spatial tensor at a time, or for one flat one. */
struct slot {
    bool spatial, busy;
    size_t width; /* bytes of a point of a row, the most of its tensors */
    size_t bytes;
    void *data;
};

/* What an operation keeps from forward to backward. */
struct keep {
    void *data;
    size_t bytes;
};

/* One board and batch size. */
struct plan {
    struct net_extent extent;
    unsigned moved;              /* exec->moved when its pointers were taken */
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
    struct net_run *run;         /* [ops], without a plan: what holds for all of them */
    int *memory;                 /* [tensors]: whose memory each shares; as in the graph, but for quantised ones */
    /* Quantised tensors, where the arithmetic has them. */
    struct net_scales *scales; /* [tensors] */
    float *u8, *u16, *mean;    /* [graph->ranges] */
    int *residue;              /* [channels of the planes] */
    int *slot, *gradient_slot; /* [tensors], -1: none */
    struct slot *slots;        /* not a GArray: its memory moves between threads in ways ThreadSanitizer cannot see */
    int slot_count;
    int spare;         /* slot for a gradient about to be added, -1 outside training */
    struct keep *keep; /* [ops] */
    void *scratch;
    size_t scratch_bytes;
    unsigned moved; /* how often memory has moved: plans made before take their pointers anew */
    struct plan **plans;
    int plan_count;
    struct plan *plan; /* in use */
    struct net_pass pass;
};

static inline bool is_quantised(const struct net_exec *exec, int tensor)
{
    return exec->arithmetic->quantisation && exec->graph->tensor[tensor].quantised;
}

/* Scales of every tensor, without numbers yet; the numbers, from ranges. */
void net_exec_scales_create(struct net_exec *exec);
void net_exec_scales_set(struct net_exec *exec, const float *ranges);
void net_exec_scales_free(struct net_exec *exec);
/* Which tensors share memory; before use. */
void net_exec_memory_assign(struct net_exec *exec);
/* At least enough for a plan. */
void net_exec_memory_grow(struct net_exec *exec, const struct plan *plan);
/* Where everything lies, into the plan. */
void net_exec_memory_place(struct net_exec *exec, struct plan *plan);
void net_exec_memory_free(struct net_exec *exec);

#endif

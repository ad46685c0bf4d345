#include "net/exec.h"

#include "net/int8.h"
#include "net/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP_SHARE 0.5f /* of a channel's own range in its step */

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
static size_t width_of(const struct net_exec *exec, int tensor)
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
static const float *steps_of(const struct net_exec *exec, int tensor)
{
    if (!is_narrow(exec, tensor))
        return NULL;
    return exec->steps.narrow + exec->graph->tensor[tensor].range;
}

static bool is_wide(const struct net_exec *exec, int tensor)
{
    return is_narrow(exec, tensor) && exec->graph->tensor[tensor].wide;
}

static const float *wide_steps_of(const struct net_exec *exec, int tensor)
{
    return is_wide(exec, tensor) ? exec->steps.wide + exec->graph->tensor[tensor].range : NULL;
}

/* The wide part of a tensor is for residual sums, and for the heads. */
static bool reads_wide(const struct net_exec *exec, const struct net_op *op)
{
    return op->kernel == 1 && is_wide(exec, op->in);
}

static inline void *gradient(const struct net_exec *exec, int tensor)
{
    return slot_at(exec, exec->gradient_slot[exec->graph->tensor[tensor].gradient])->data;
}

/* ---- memory: which tensors share a slot ---- */

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

static void slots_grow(struct net_exec *exec, int size, int n)
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

/* ---- life ---- */

static bool convs_create(struct net_exec *exec, GError **error)
{
    const struct net_graph *graph = exec->graph;
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        if (op->kind != NET_OP_CONV)
            continue;
        struct net_conv_spec spec = {.in = graph->tensor[op->in].channels,
                                     .out = graph->tensor[op->out].channels,
                                     .kernel = op->kernel,
                                     .relu = op->relu,
                                     .add = op->other >= 0,
                                     .real_out = op->out == graph->points,
                                     .narrow_in = is_narrow(exec, op->in),
                                     .narrow_out = is_narrow(exec, op->out),
                                     .wide_in = reads_wide(exec, op),
                                     .wide_out = is_wide(exec, op->out),
                                     .training = exec->training,
                                     .want_data = exec->training && op->want_in};
        if (!(exec->conv[i] = exec->ops->conv_create(&spec, error)))
            return false;
    }
    return true;
}

int net_exec_create(struct net_exec **out, const struct net_graph *graph, const struct net_ops *ops, bool training,
                    GError **error)
{
    struct net_exec *exec = g_new0(struct net_exec, 1);
    exec->graph = graph;
    exec->ops = ops;
    exec->training = training;
    exec->spare = -1;
    exec->params = net_memory_new(graph->parameters * sizeof(net_real));
    exec->conv = g_new0(struct net_conv *, graph->ops);
    exec->layout = g_new0(struct net_layout, graph->tensors);
    exec->memory = g_new0(int, graph->tensors);
    exec->slot = g_new0(int, graph->tensors);
    exec->gradient_slot = g_new0(int, graph->tensors);
    for (int t = 0; t < graph->tensors; t++) {
        int channels = graph->tensor[t].channels;
        exec->layout[t] =
            graph->tensor[t].spatial ? ops->layout(channels) : (struct net_layout){channels, channels, channels};
        exec->memory[t] = is_narrow(exec, t) ? t : graph->tensor[t].memory;
    }
    if (ops->narrow) {
        exec->steps.narrow = g_new(float, graph->ranges);
        exec->steps.wide = g_new(float, graph->ranges);
        exec->int8 = net_int8_kernel_best();
    }
    values_assign(exec);
    if (training) {
        exec->gradients = net_memory_new(graph->parameters * sizeof(net_real));
        gradients_assign(exec);
        spare_assign(exec);
    }
    *out = exec;
    if (convs_create(exec, error))
        return 0;
    net_exec_close(exec);
    *out = NULL;
    return -1;
}

static void plan_free(struct net_exec *exec, struct plan *plan)
{
    for (int i = 0; i < exec->graph->ops; i++)
        if (plan->conv[i])
            exec->ops->plan_free(plan->conv[i]);
    g_free(plan->conv);
    g_free(plan);
}

void net_exec_close(struct net_exec *exec)
{
    if (!exec)
        return;
    for (int i = 0; i < exec->plan_count; i++)
        plan_free(exec, exec->plans[i]);
    for (int i = 0; i < exec->graph->ops; i++)
        if (exec->conv[i])
            exec->ops->conv_free(exec->conv[i]);
    for (int i = 0; i < exec->slot_count; i++)
        free(slot_at(exec, i)->data);
    g_free(exec->plans);
    g_free(exec->slots);
    g_free(exec->conv);
    g_free(exec->layout);
    g_free(exec->memory);
    g_free(exec->steps.narrow);
    g_free(exec->steps.wide);
    g_free(exec->slot);
    g_free(exec->gradient_slot);
    free(exec->params);
    free(exec->gradients);
    free(exec->scratch);
    g_free(exec);
}

/* A step is a 255th of the range of its channel; of a mean with the widest of its tensor, as small a step makes the
 * weights behind it large beside those of other channels, which then lose by rounding. */
static void set_steps(int channels, const float *range, float *steps)
{
    float widest = 1e-6f;
    for (int c = 0; c < channels; c++)
        widest = MAX(widest, range[c]);
    for (int c = 0; c < channels; c++)
        steps[c] = widest * powf(MAX(range[c] / widest, 1e-3f), STEP_SHARE) / 255;
}

/* A wide tensor's wide steps are from the range of its whole residual stream. */
static void set_wide_steps(struct net_exec *exec, const struct net_tensor *tensor, const float *ranges)
{
    const struct net_graph *graph = exec->graph;
    float range[NET_MAX_CHANNELS] = {0};
    for (int other = 0; other < graph->tensors; other++)
        for (int c = 0; c < tensor->channels && graph->tensor[other].range >= 0; c++)
            if (graph->tensor[other].stream == tensor->stream)
                range[c] = MAX(range[c], ranges[graph->tensor[other].range + c]);
    set_steps(tensor->channels, range, exec->steps.wide + tensor->range);
}

static void set_all_steps(struct net_exec *exec, const float *ranges)
{
    const struct net_graph *graph = exec->graph;
    const float *means = ranges + graph->ranges;
    for (int t = 0; t < graph->tensors; t++) {
        const struct net_tensor *tensor = &graph->tensor[t];
        if (tensor->range < 0)
            continue;
        float *steps = exec->steps.narrow + tensor->range;
        set_steps(tensor->channels, ranges + tensor->range, steps);
        for (int c = 0; c < tensor->channels && t == graph->planes; c++)
            steps[c] = NET_INT8_PLANE_STEP;
        if (tensor->wide)
            set_wide_steps(exec, tensor, ranges);
    }
    exec->steps.fines =
        net_int8_fine(exec->layout[graph->planes], means + graph->tensor[graph->planes].range, exec->steps.fine);
}

void net_exec_set(struct net_exec *exec, const net_real *params, const float *ranges)
{
    const struct net_graph *graph = exec->graph;
    memcpy(exec->params, params, graph->parameters * sizeof *params);
    if (exec->ops->narrow)
        set_all_steps(exec, ranges);
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        if (!exec->conv[i])
            continue;
        struct net_steps steps = {.in = steps_of(exec, op->in),
                                  .out = steps_of(exec, op->out),
                                  .wide_in = reads_wide(exec, op) ? wide_steps_of(exec, op->in) : NULL,
                                  .wide_out = wide_steps_of(exec, op->out),
                                  .fine = exec->steps.fine,
                                  .fines = op->in == graph->planes ? exec->steps.fines : 0};
        if (steps.in)
            steps.mean = ranges + graph->ranges + graph->tensor[op->in].range;
        exec->ops->conv_set(exec->conv[i], params + graph->param[op->weight].offset,
                            params + graph->param[op->bias].offset, &steps);
    }
}

static struct plan *plan_find(const struct net_exec *exec, int size, int n)
{
    if (exec->plan && exec->plan->size == size && exec->plan->n == n)
        return exec->plan;
    for (int i = 0; i < exec->plan_count; i++)
        if (exec->plans[i]->size == size && exec->plans[i]->n == n)
            return exec->plans[i];
    return NULL;
}

int net_exec_use(struct net_exec *exec, int size, int n, GError **error)
{
    struct plan *plan = plan_find(exec, size, n);
    if (plan) {
        exec->plan = plan;
        return 0;
    }
    plan = g_new0(struct plan, 1);
    *plan = (struct plan){size, n, g_new0(struct net_conv_plan *, exec->graph->ops)};
    size_t scratch = 0;
    for (int i = 0; i < exec->graph->ops; i++) {
        if (!exec->conv[i])
            continue;
        if (!(plan->conv[i] = exec->ops->plan_create(exec->conv[i], size, n, error))) {
            plan_free(exec, plan);
            return -1;
        }
        scratch = MAX(scratch, exec->ops->plan_scratch(plan->conv[i]));
    }
    if (scratch > exec->scratch_bytes) {
        free(exec->scratch);
        exec->scratch = net_memory_new(scratch);
        exec->scratch_bytes = scratch;
    }
    slots_grow(exec, size, n);
    exec->plans = g_renew(struct plan *, exec->plans, exec->plan_count + 1);
    exec->plans[exec->plan_count++] = plan;
    exec->plan = plan;
    return 0;
}

/* ---- running ---- */

static inline struct net_extent extent(const struct net_exec *exec)
{
    return (struct net_extent){exec->plan->size, exec->plan->n};
}

/* Points of all rows; rows of a flat tensor. */
static size_t places(const struct net_exec *exec, int tensor)
{
    size_t points = exec->graph->tensor[tensor].spatial ? (size_t)exec->plan->size * (size_t)exec->plan->size : 1;
    return points * (size_t)exec->plan->n;
}

static size_t elements(const struct net_exec *exec, int tensor)
{
    return (size_t)exec->layout[tensor].padded * places(exec, tensor);
}

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

char *net_exec_describe(const struct net_exec *exec)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < exec->graph->ops; i++) {
        if (!exec->conv[i])
            continue;
        char *one = exec->ops->describe(exec->plan->conv[i]);
        g_string_append_printf(text, "%s %s\n", exec->graph->param[exec->graph->op[i].weight].name, one);
        g_free(one);
    }
    return g_string_free(text, FALSE);
}

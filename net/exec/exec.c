/* The life of an exec: its convolutions, its weights in the forms they like, a plan for each board size and batch. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/exec/exec_internal.h"
#include "net/memory.h"

#define STEP_SHARE 0.5f /* of a channel's own range in its step */

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
    if (training)
        exec->gradients = net_memory_new(graph->parameters * sizeof(net_real));
    net_exec_memory_assign(exec);
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
    net_exec_memory_grow(exec, size, n);
    exec->plans = g_renew(struct plan *, exec->plans, exec->plan_count + 1);
    exec->plans[exec->plan_count++] = plan;
    exec->plan = plan;
    return 0;
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

#include "net/graph/conv_layer.h"

#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/real.h"

enum { MOST = NET_OP_PARAMS / 2 };

struct layer {
    int count;
    struct net_conv *conv[MOST];
};
struct plans {
    struct net_conv_plan *plan[MOST];
};

void net_conv_layer_free(struct net_run *run)
{
    struct layer *layer = run->layer;
    for (int i = 0; i < layer->count; i++)
        run->arithmetic->conv_free(layer->conv[i]);
    g_free(layer);
    run->layer = NULL;
}

bool net_conv_layer_create(struct net_run *run, const struct net_conv_spec *spec, int count, GError **error)
{
    struct layer *layer = run->layer = g_new0(struct layer, 1);
    g_assert(count >= 1 && count <= MOST && run->op->params >= 2 * count);
    for (; layer->count < count; layer->count++)
        if (!(layer->conv[layer->count] = run->arithmetic->conv_create(spec, error))) {
            net_conv_layer_free(run);
            return false;
        }
    return true;
}

void net_conv_layer_set(const struct net_run *run)
{
    const struct layer *layer = run->layer;
    for (int i = 0; i < layer->count; i++)
        run->arithmetic->conv_set(layer->conv[i], run->param[2 * i], run->param[2 * i + 1], run->in[0]->scales,
                                  run->out->scales);
}

void net_conv_layer_zero_gradient(const struct net_run *run)
{
    const struct layer *layer = run->layer;
    for (int i = 0; i < layer->count; i++)
        run->arithmetic->conv_zero_gradient(layer->conv[i]);
}

void net_conv_layer_gradient(const struct net_run *run)
{
    const struct layer *layer = run->layer;
    for (int i = 0; i < layer->count; i++)
        run->arithmetic->conv_gradient(layer->conv[i], run->param_gradient[2 * i], run->param_gradient[2 * i + 1]);
}

void net_conv_layer_move_gradient(const struct net_run *from, const struct net_run *to)
{
    const struct layer *source = from->layer, *target = to->layer;
    for (int i = 0; i < source->count; i++)
        from->arithmetic->conv_move_gradient(source->conv[i], target->conv[i]);
}

void net_conv_layer_plan_free(struct net_run *run)
{
    const struct layer *layer = run->layer;
    struct plans *plans = run->plan;
    for (int i = 0; i < layer->count; i++)
        if (plans->plan[i])
            run->arithmetic->plan_free(plans->plan[i]);
    g_free(plans);
    run->plan = NULL;
}

static bool plan_for(struct net_run *run, struct net_extent extent, GError **error)
{
    const struct layer *layer = run->layer;
    struct plans *plans = run->plan = g_new0(struct plans, 1);
    for (int i = 0; i < layer->count; i++)
        if (!(plans->plan[i] = run->arithmetic->plan_create(layer->conv[i], extent, error))) {
            net_conv_layer_plan_free(run);
            return false;
        }
    return true;
}

bool net_conv_layer_plan(struct net_run *run, GError **error)
{
    return plan_for(run, run->extent, error);
}

bool net_conv_layer_plan_row(struct net_run *run, GError **error)
{
    return plan_for(run, (struct net_extent){run->extent.width, run->extent.height, 1}, error);
}

struct net_conv_plan *net_conv_layer_plan_of(const struct net_run *run, int i)
{
    return ((const struct plans *)run->plan)->plan[i];
}

size_t net_conv_layer_scratch(const struct net_run *run)
{
    const struct layer *layer = run->layer;
    size_t most = 0;
    for (int i = 0; i < layer->count; i++)
        most = MAX(most, run->arithmetic->plan_scratch(net_conv_layer_plan_of(run, i)));
    return most;
}

char *net_conv_layer_describe(const struct net_run *run)
{
    return run->arithmetic->describe(net_conv_layer_plan_of(run, 0));
}

double net_conv_layer_flops(const struct net_graph *graph, const struct net_op *op, size_t points)
{
    return 2.0 * (double)graph->param[op->param[0]].count * (double)points;
}

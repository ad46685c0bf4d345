/* Computes the scales of quantised tensors from the ranges of their channels. */
#include "net/exec/exec_internal.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"

#include <math.h>

#define CHANNEL_SHARE 0.5f /* weight of a channel's own range, as opposed to the widest one, in its scale */

void net_exec_scales_create(struct net_exec *exec)
{
    const struct net_graph *graph = exec->graph;
    if (!exec->arithmetic->quantisation)
        return;
    exec->scales = g_new0(struct net_scales, graph->tensors);
    exec->u8 = g_new0(float, graph->ranges);
    exec->u16 = g_new0(float, graph->ranges);
    exec->mean = g_new0(float, graph->ranges);
    exec->residue = g_new0(int, graph->tensor[graph->planes].channels);
    for (int t = 0; t < graph->tensors; t++) {
        const struct net_tensor *tensor = &graph->tensor[t];
        if (tensor->quantised)
            exec->scales[t] = (struct net_scales){.u8 = exec->u8 + tensor->range,
                                                  .u16 = tensor->u16 ? exec->u16 + tensor->range : NULL,
                                                  .mean = exec->mean + tensor->range};
    }
}

/* A scale is 1/255 of a range between the channel's own and the widest of the tensor. If each channel had only its own,
 * small scales would make the folded weights of a channel large relative to those of others, which would then suffer
 * from rounding. */
static void scales_of(int channels, const float *range, float *scales)
{
    float widest = 1e-6f;
    for (int c = 0; c < channels; c++)
        widest = MAX(widest, range[c]);
    for (int c = 0; c < channels; c++)
        scales[c] = widest * powf(MAX(range[c] / widest, 1e-3f), CHANNEL_SHARE) / 255;
}

/* The scale of 16-bit values covers the range of the whole residual stream. */
static void set_u16(struct net_exec *exec, const struct net_tensor *tensor, const float *ranges)
{
    const struct net_graph *graph = exec->graph;
    float range[NET_MAX_CHANNELS] = {0};
    for (int other = 0; other < graph->tensors; other++)
        for (int c = 0; c < tensor->channels && graph->tensor[other].range >= 0; c++)
            if (graph->tensor[other].stream == tensor->stream)
                range[c] = MAX(range[c], ranges[graph->tensor[other].range + c]);
    scales_of(tensor->channels, range, exec->u16 + tensor->range);
}

void net_exec_scales_set(struct net_exec *exec, const float *ranges)
{
    const struct net_graph *graph = exec->graph;
    const struct net_quantisation *quantisation = exec->arithmetic->quantisation;
    struct net_scales *planes = &exec->scales[graph->planes];
    for (int r = 0; r < graph->ranges; r++)
        exec->mean[r] = ranges[graph->ranges + r];
    for (int t = 0; t < graph->tensors; t++) {
        const struct net_tensor *tensor = &graph->tensor[t];
        if (!tensor->quantised)
            continue;
        scales_of(tensor->channels, ranges + tensor->range, exec->u8 + tensor->range);
        if (tensor->u16)
            set_u16(exec, tensor, ranges);
    }
    if (!graph->tensor[graph->planes].quantised)
        return;
    for (int c = 0; c < graph->tensor[graph->planes].channels; c++)
        exec->u8[graph->tensor[graph->planes].range + c] = quantisation->plane_scale;
    planes->residue = exec->residue;
    planes->residues = quantisation->residue(exec->operand[graph->planes].layout, planes->mean, exec->residue);
}

void net_exec_scales_free(struct net_exec *exec)
{
    g_free(exec->scales);
    g_free(exec->u8);
    g_free(exec->u16);
    g_free(exec->mean);
    g_free(exec->residue);
}

/* A tower of oneDNN's int8 convolutions, as a benchmark for our own: unsigned bytes as input, signed bytes as weights,
 * scales per channel that are fixed at creation, fused residual sum and ReLU. Its results are meaningless. */
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/memory.h"

#include <dnnl.h>
#include <stdlib.h>

struct layer {
    dnnl_primitive_t primitive;
    dnnl_memory_t src, weights, bias, dst, scratch;
    void *weights_data, *scratch_data;
    float *bias_data;
};

struct net_dnnl_tower {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    struct layer *layers;
    int count;
    void *planes, *x, *h;
};

static dnnl_memory_desc_t tensor_md(dnnl_data_type_t type, int channels, struct net_extent e)
{
    dnnl_memory_desc_t md;
    dnnl_dims_t dims = {e.n, channels, e.height, e.width};
    dnnl_memory_desc_init_by_tag(&md, 4, dims, type, dnnl_nhwc);
    return md;
}

static dnnl_status_t describe(dnnl_engine_t engine, const dnnl_memory_desc_t *src, const dnnl_memory_desc_t *dst,
                              const dnnl_memory_desc_t *bias, int in, int out, bool add, dnnl_primitive_desc_t *pd)
{
    dnnl_memory_desc_t weights;
    dnnl_dims_t dims = {out, in, 3, 3}, ones = {1, 1};
    dnnl_convolution_desc_t desc;
    dnnl_primitive_attr_t attr;
    dnnl_post_ops_t ops;
    float *scales = g_new(float, out);
    for (int o = 0; o < out; o++)
        scales[o] = 0.001f;
    dnnl_memory_desc_init_by_tag(&weights, 4, dims, dnnl_s8, dnnl_format_tag_any);
    dnnl_primitive_attr_create(&attr);
    dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    dnnl_primitive_attr_set_output_scales(attr, out, 2, scales);
    dnnl_post_ops_create(&ops);
    if (add)
        dnnl_post_ops_append_sum(ops, 1);
    dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0);
    dnnl_primitive_attr_set_post_ops(attr, ops);
    dnnl_status_t status = dnnl_convolution_forward_desc_init(&desc, dnnl_forward_inference, dnnl_convolution_direct,
                                                              src, &weights, bias, dst, ones, ones, ones);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(pd, &desc, attr, engine, NULL);
    dnnl_post_ops_destroy(ops);
    dnnl_primitive_attr_destroy(attr);
    g_free(scales);
    return status;
}

static bool layer_create(struct net_dnnl_tower *tower, struct layer *layer, int in, int out, struct net_extent e,
                         bool add)
{
    dnnl_memory_desc_t src = tensor_md(dnnl_u8, in, e), dst = tensor_md(dnnl_u8, out, e), bias;
    dnnl_dims_t bias_dims = {out};
    dnnl_primitive_desc_t pd;
    dnnl_memory_desc_init_by_tag(&bias, 1, bias_dims, dnnl_f32, dnnl_a);
    if (describe(tower->engine, &src, &dst, &bias, in, out, add, &pd) != dnnl_success)
        return false;
    const dnnl_memory_desc_t *weights = dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0);
    const dnnl_memory_desc_t *scratch = dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
    layer->weights_data = net_memory_new(dnnl_memory_desc_get_size(weights));
    layer->scratch_data = net_memory_new(dnnl_memory_desc_get_size(scratch));
    layer->bias_data = g_new0(float, out);
    dnnl_engine_t engine = tower->engine;
    bool made = dnnl_primitive_create(&layer->primitive, pd) == dnnl_success &&
                dnnl_memory_create(&layer->src, &src, engine, DNNL_MEMORY_NONE) == dnnl_success &&
                dnnl_memory_create(&layer->dst, &dst, engine, DNNL_MEMORY_NONE) == dnnl_success &&
                dnnl_memory_create(&layer->weights, weights, engine, layer->weights_data) == dnnl_success &&
                dnnl_memory_create(&layer->bias, &bias, engine, layer->bias_data) == dnnl_success &&
                dnnl_memory_create(&layer->scratch, scratch, engine, layer->scratch_data) == dnnl_success;
    dnnl_primitive_desc_destroy(pd);
    return made;
}

static void layer_free(struct layer *layer)
{
    dnnl_memory_t memories[] = {layer->src, layer->weights, layer->bias, layer->dst, layer->scratch};
    dnnl_primitive_destroy(layer->primitive);
    for (size_t i = 0; i < G_N_ELEMENTS(memories); i++)
        dnnl_memory_destroy(memories[i]);
    free(layer->weights_data);
    free(layer->scratch_data);
    g_free(layer->bias_data);
}

struct net_dnnl_tower *net_dnnl_tower_create(int blocks, int planes, int channels, struct net_extent e)
{
    struct net_dnnl_tower *tower = g_new0(struct net_dnnl_tower, 1);
    size_t points = net_extent_points(e) * (size_t)e.n;
    net_dnnl_enter();
    tower->layers = g_new0(struct layer, 1 + 2 * blocks);
    tower->planes = net_memory_new(points * (size_t)planes);
    tower->x = net_memory_new(points * (size_t)channels);
    tower->h = net_memory_new(points * (size_t)channels);
    bool made = dnnl_engine_create(&tower->engine, dnnl_cpu, 0) == dnnl_success &&
                dnnl_stream_create(&tower->stream, tower->engine, dnnl_stream_default_flags) == dnnl_success;
    for (int i = 0; i < 1 + 2 * blocks && made; i++) {
        made = layer_create(tower, &tower->layers[i], i ? channels : planes, channels, e, i && i % 2 == 0);
        tower->count++;
    }
    if (made)
        return tower;
    net_dnnl_tower_free(tower);
    return NULL;
}

void net_dnnl_tower_free(struct net_dnnl_tower *tower)
{
    if (!tower)
        return;
    for (int i = 0; i < tower->count; i++)
        layer_free(&tower->layers[i]);
    dnnl_stream_destroy(tower->stream);
    dnnl_engine_destroy(tower->engine);
    g_free(tower->layers);
    free(tower->planes);
    free(tower->x);
    free(tower->h);
    g_free(tower);
}

static void layer_run(const struct net_dnnl_tower *tower, const struct layer *layer, void *src, void *dst)
{
    dnnl_memory_set_data_handle(layer->src, src);
    dnnl_memory_set_data_handle(layer->dst, dst);
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, layer->src},
                                    {DNNL_ARG_WEIGHTS, layer->weights},
                                    {DNNL_ARG_BIAS, layer->bias},
                                    {DNNL_ARG_DST, layer->dst},
                                    {DNNL_ARG_SCRATCHPAD, layer->scratch}};
    if (dnnl_primitive_execute(layer->primitive, tower->stream, 5, args) != dnnl_success)
        g_error("oneDNN could not run a convolution in int8");
    dnnl_stream_wait(tower->stream);
}

void net_dnnl_tower_run(struct net_dnnl_tower *tower)
{
    layer_run(tower, &tower->layers[0], tower->planes, tower->x);
    for (int i = 1; i + 1 < tower->count; i += 2) {
        layer_run(tower, &tower->layers[i], tower->x, tower->h);
        layer_run(tower, &tower->layers[i + 1], tower->h, tower->x);
    }
}

/* Convolutions with oneDNN: primitives for each board and batch size, and the arithmetic tables. */
#include "net/kernels/arithmetic.h"
#include "net/kernels/attention.h"
#include "net/kernels/dnnl/conv_tiles.h"
#include "net/kernels/dnnl/library.h"
#include "net/kernels/dnnl/weights_gradient.h"
#include "net/kernels/packed.h"

#include <stdlib.h>

struct part {
    dnnl_primitive_t primitive;
    struct net_dnnl_weights *packed;
    dnnl_memory_t src, weights, bias, dst, scratch;
    size_t scratch_bytes;
    char name[64];
};

struct net_conv_plan {
    struct net_conv *conv;
    struct net_extent extent;
    struct part forward, data, weights;
};

static void part_free(struct part *part)
{
    dnnl_memory_t memories[] = {part->src, part->weights, part->bias, part->dst, part->scratch};
    dnnl_primitive_destroy(part->primitive);
    for (size_t i = 0; i < G_N_ELEMENTS(memories); i++)
        dnnl_memory_destroy(memories[i]);
}

/* Consumes pd. */
static bool part_create(struct part *part, enum net_dnnl_direction direction, struct net_conv *conv,
                        dnnl_primitive_desc_t pd, struct net_extent e, GError **error)
{
    const char *name = "unknown";
    dnnl_memory_desc_t src = net_dnnl_src(conv, e), dst = net_dnnl_dst(conv, direction, e);
    dnnl_memory_desc_t bias_md = net_dnnl_bias(conv);
    const dnnl_memory_desc_t *scratch = dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
    const dnnl_memory_desc_t *weights = dnnl_primitive_desc_query_md(
        pd, direction == NET_DNNL_WEIGHTS ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0);
    float *bias = direction == NET_DNNL_FORWARD ? conv->bias : conv->bias_fresh;
    dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, (void *)&name);
    g_strlcpy(part->name, name, sizeof part->name);
    part->scratch_bytes = dnnl_memory_desc_get_size(scratch);
    part->packed = net_dnnl_weights_get(conv, direction, weights, error);
    bool made = part->packed &&
                net_dnnl_good(dnnl_primitive_create(&part->primitive, pd), "make a convolution", error) &&
                net_dnnl_good(dnnl_memory_create(&part->src, &src, net_dnnl_engine, DNNL_MEMORY_NONE), "hold a tensor",
                              error) &&
                net_dnnl_good(dnnl_memory_create(&part->dst, &dst, net_dnnl_engine, DNNL_MEMORY_NONE), "hold a tensor",
                              error) &&
                net_dnnl_good(dnnl_memory_create(&part->weights, weights, net_dnnl_engine, part->packed->data),
                              "hold weights", error) &&
                net_dnnl_good(dnnl_memory_create(&part->scratch, scratch, net_dnnl_engine, DNNL_MEMORY_NONE),
                              "hold memory", error) &&
                net_dnnl_good(dnnl_memory_create(&part->bias, &bias_md, net_dnnl_engine, bias), "hold weights", error);
    dnnl_primitive_desc_destroy(pd);
    return made;
}

static void parts_free(struct net_conv_plan *plan)
{
    part_free(&plan->forward);
    part_free(&plan->data);
    part_free(&plan->weights);
    g_free(plan);
}

static void plan_free(struct net_conv_plan *plan)
{
    pthread_mutex_lock(&net_dnnl_primitives);
    parts_free(plan);
    pthread_mutex_unlock(&net_dnnl_primitives);
}

/* A part that our own kernel on tiles computes. */
static void part_of_tiles(struct part *part, struct net_extent e, int in)
{
    g_strlcpy(part->name, "own:amx_bf16", sizeof part->name);
    part->scratch_bytes = net_conv_tiles_scratch_bytes(e, in);
}

static bool backward_create(struct net_conv_plan *plan, dnnl_primitive_desc_t hint, struct net_extent e, GError **error)
{
    struct net_conv *conv = plan->conv;
    dnnl_primitive_desc_t pd;
    if (conv->tiles_data)
        part_of_tiles(&plan->data, e, conv->out);
    else if (conv->spec.want_data && (!net_dnnl_good(net_dnnl_describe(conv, NET_DNNL_DATA, e, hint, &pd),
                                                     "differentiate a convolution", error) ||
                                      !part_create(&plan->data, NET_DNNL_DATA, conv, pd, e, error)))
        return false;
    if (conv->own) {
        g_strlcpy(plan->weights.name, conv->own->name, sizeof plan->weights.name);
        plan->weights.scratch_bytes = conv->own->scratch(e, net_dnnl_layout(conv->type, conv->spec.in),
                                                         net_dnnl_layout(conv->type, conv->spec.out));
        return true;
    }
    return net_dnnl_good(net_dnnl_describe(conv, NET_DNNL_WEIGHTS, e, hint, &pd), "differentiate a convolution",
                         error) &&
           part_create(&plan->weights, NET_DNNL_WEIGHTS, conv, pd, e, error);
}

static struct net_conv_plan *parts_create(struct net_conv *conv, struct net_extent e, GError **error)
{
    struct net_conv_plan *plan = g_new0(struct net_conv_plan, 1);
    dnnl_primitive_desc_t pd, hint = NULL;
    plan->conv = conv;
    plan->extent = e;
    if (conv->tiles_forward) { /* then all directions are our own, and need no primitives */
        part_of_tiles(&plan->forward, e, conv->in);
        if (conv->spec.training && !backward_create(plan, NULL, e, error))
            goto error;
        return plan;
    }
    if (!net_dnnl_good(net_dnnl_describe(conv, NET_DNNL_FORWARD, e, NULL, &pd), "make a convolution", error))
        goto error;
    if (conv->spec.training && !net_dnnl_good(dnnl_primitive_desc_clone(&hint, pd), "make a convolution", error)) {
        dnnl_primitive_desc_destroy(pd);
        goto error;
    }
    if (!part_create(&plan->forward, NET_DNNL_FORWARD, conv, pd, e, error) ||
        (conv->spec.training && !backward_create(plan, hint, e, error)))
        goto error;
    dnnl_primitive_desc_destroy(hint);
    return plan;
error:
    dnnl_primitive_desc_destroy(hint);
    parts_free(plan);
    return NULL;
}

static struct net_conv_plan *plan_create(struct net_conv *conv, struct net_extent e, GError **error)
{
    net_dnnl_enter();
    pthread_mutex_lock(&net_dnnl_primitives);
    struct net_conv_plan *plan = parts_create(conv, e, error);
    pthread_mutex_unlock(&net_dnnl_primitives);
    return plan;
}

static size_t plan_scratch(const struct net_conv_plan *plan)
{
    return MAX(plan->forward.scratch_bytes, MAX(plan->data.scratch_bytes, plan->weights.scratch_bytes));
}

static void run(const struct net_conv_plan *plan, const struct part *part, const dnnl_exec_arg_t *args, int count)
{
    if (dnnl_primitive_execute(part->primitive, plan->conv->stream, count, args) != dnnl_success)
        g_error("oneDNN could not run %s", part->name);
    dnnl_stream_wait(plan->conv->stream);
}

static void point(const struct part *part, const void *src, const void *dst, void *scratch)
{
    dnnl_memory_set_data_handle(part->src, (void *)src);
    dnnl_memory_set_data_handle(part->dst, (void *)dst);
    dnnl_memory_set_data_handle(part->scratch, scratch);
}

static void forward(struct net_conv_plan *plan, const void *src, void *dst, void *scratch)
{
    const struct part *part = &plan->forward;
    const struct net_conv *conv = plan->conv;
    if (conv->tiles_forward) {
        const struct net_conv_tiles tiles = {.in = conv->in,
                                             .out = conv->out,
                                             .weights = conv->tiles_forward,
                                             .bias = conv->bias,
                                             .add = conv->spec.add,
                                             .relu = conv->spec.relu};
        net_conv_tiles(&tiles, plan->extent, src, dst, scratch);
        return;
    }
    point(part, src, dst, scratch);
    dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, part->src},
                              {DNNL_ARG_WEIGHTS, part->weights},
                              {DNNL_ARG_BIAS, part->bias},
                              {DNNL_ARG_DST, part->dst},
                              {DNNL_ARG_SCRATCHPAD, part->scratch}};
    run(plan, part, args, 5);
}

static void backward_data(struct net_conv_plan *plan, const void *diff_dst, void *diff_src, void *scratch)
{
    const struct part *part = &plan->data;
    const struct net_conv *conv = plan->conv;
    if (conv->tiles_data) {
        const struct net_conv_tiles tiles = {.in = conv->out, .out = conv->in, .weights = conv->tiles_data};
        net_conv_tiles(&tiles, plan->extent, diff_dst, diff_src, scratch);
        return;
    }
    point(part, diff_src, diff_dst, scratch);
    dnnl_exec_arg_t args[] = {{DNNL_ARG_DIFF_SRC, part->src},
                              {DNNL_ARG_WEIGHTS, part->weights},
                              {DNNL_ARG_DIFF_DST, part->dst},
                              {DNNL_ARG_SCRATCHPAD, part->scratch}};
    run(plan, part, args, 4);
}

static void backward_weights(struct net_conv_plan *plan, const void *src, const void *diff_dst, void *scratch)
{
    const struct part *part = &plan->weights;
    struct net_conv *conv = plan->conv;
    if (conv->own) {
        conv->own->add(plan->extent, net_dnnl_layout(conv->type, conv->spec.in),
                       net_dnnl_layout(conv->type, conv->spec.out), src, diff_dst, conv->taps, conv->bias_sum, scratch);
        return;
    }
    point(part, src, diff_dst, scratch);
    dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, part->src},
                              {DNNL_ARG_DIFF_WEIGHTS, part->weights},
                              {DNNL_ARG_DIFF_BIAS, part->bias},
                              {DNNL_ARG_DIFF_DST, part->dst},
                              {DNNL_ARG_SCRATCHPAD, part->scratch}};
    dnnl_memory_set_data_handle(part->weights, conv->fresh); /* a later plan may have reallocated it */
    run(plan, part, args, 5);
    net_packed_real.add(dnnl_memory_desc_get_size(&part->packed->md) / sizeof(float), part->packed->data, conv->fresh);
    net_packed_real.add((size_t)conv->out, conv->bias_sum, conv->bias_fresh);
}

static char *describe(const struct net_conv_plan *plan)
{
    GString *text = g_string_new(plan->forward.name);
    if (plan->data.name[0])
        g_string_append_printf(text, ", backward data %s", plan->data.name);
    if (plan->weights.name[0])
        g_string_append_printf(text, ", backward weights %s", plan->weights.name);
    return g_string_free(text, FALSE);
}

/* ---- the tables ---- */

static struct net_layout layout_f32(int channels)
{
    return net_dnnl_layout(&net_dnnl_f32, channels);
}

static struct net_layout layout_bf16(int channels)
{
    return net_dnnl_layout(&net_dnnl_bf16, channels);
}

static struct net_conv *conv_create_f32(const struct net_conv_spec *spec, GError **error)
{
    return net_dnnl_conv_create(&net_dnnl_f32, spec, error);
}

static struct net_conv *conv_create_bf16(const struct net_conv_spec *spec, GError **error)
{
    return net_dnnl_conv_create(&net_dnnl_bf16, spec, error);
}

/* On one thread (net_dnnl_enter) the library adds in a fixed order. */
static void matmul(const struct net_matmul *s, const float *a, const float *b, float *c)
{
    dnnl_status_t status = dnnl_sgemm('N', s->transposed ? 'T' : 'N', s->m, s->n, s->k, s->alpha, a, s->k, b,
                                      s->transposed ? s->k : s->n, s->beta, c, s->n);
    if (status != dnnl_success)
        g_error("oneDNN could not multiply matrices (status %d)", (int)status);
}

#define DNNL_TABLE(type, table_packed, attend)                                                                         \
    {                                                                                                                  \
        .name = "oneDNN " #type, .packed = table_packed, .enter = net_dnnl_enter, .layout = layout_##type,             \
        .conv_create = conv_create_##type, .conv_free = net_dnnl_conv_free, .conv_set = net_dnnl_conv_set,             \
        .conv_zero_gradient = net_dnnl_conv_zero_gradient, .conv_gradient = net_dnnl_conv_gradient,                    \
        .conv_move_gradient = net_dnnl_conv_move_gradient, .plan_create = plan_create, .plan_free = plan_free,         \
        .plan_scratch = plan_scratch, .forward = forward, .backward_data = backward_data,                              \
        .backward_weights = backward_weights, .describe = describe, .matmul = matmul, .attention = (attend),           \
    }
const struct net_arithmetic net_arithmetic_dnnl = DNNL_TABLE(f32, &net_packed_real, net_attention_forward);
const struct net_arithmetic net_arithmetic_dnnl_bf16 = DNNL_TABLE(bf16, &net_packed_bf16, net_attention_forward_bf16);

/* Convolutions by oneDNN 2.x. Layouts are the library's choice, made once for each convolution; channels are padded by
 * us, to a multiple that divides into any of its blocks, so that it never has padding of its own to look after. */
#include "net/net.h"
#include "net/ops.h"

#include <dnnl.h>
#include <omp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNEL_MULTIPLE = 16, NHWC = -1 };

struct reorder {
    dnnl_primitive_t primitive;
    dnnl_memory_t from, to;
};

struct net_conv {
    struct net_conv_spec spec;
    int in, out; /* padded */
    dnnl_stream_t stream;
    dnnl_memory_desc_t forward_md, backward_md, gradient_md; /* of weights, as the library likes them */
    float *plain;                                            /* [out][in][k][k] */
    float *forward, *backward, *bias;
    float *gradient, *gradient_sum; /* of one execution, and of all since zeroed */
    float *bias_gradient, *bias_sum;
    struct reorder to_forward, to_backward, from_gradient;
};

struct part {
    dnnl_primitive_t primitive;
    dnnl_memory_t src, weights, bias, dst, scratch;
    size_t scratch_bytes;
    char name[64];
};

struct net_conv_plan {
    struct net_conv *conv;
    struct part forward, data, weights;
};

/* ---- the library ---- */

static dnnl_engine_t engine;
static int block; /* channels together in an activation tensor; NHWC: all */
static dnnl_status_t start_status;
static pthread_once_t started = PTHREAD_ONCE_INIT;

void net_ops_dnnl_enter(void)
{
    if (omp_get_max_threads() != 1)
        omp_set_num_threads(1);
}

static bool good(dnnl_status_t status, const char *what, GError **error)
{
    if (status != dnnl_success)
        g_set_error(error, NET_ERROR, NET_ERROR_LIBRARY, "oneDNN %d.%d.%d could not %s (status %d)",
                    dnnl_version()->major, dnnl_version()->minor, dnnl_version()->patch, what, (int)status);
    return status == dnnl_success;
}

static int padded(int channels) { return (channels + CHANNEL_MULTIPLE - 1) / CHANNEL_MULTIPLE * CHANNEL_MULTIPLE; }

static dnnl_memory_desc_t desc4(int a, int b, int c, int d, dnnl_format_tag_t tag)
{
    dnnl_memory_desc_t md;
    dnnl_dims_t dims = {a, b, c, d};
    dnnl_memory_desc_init_by_tag(&md, 4, dims, dnnl_f32, tag);
    return md;
}

static dnnl_memory_desc_t desc1(int a)
{
    dnnl_memory_desc_t md;
    dnnl_dims_t dims = {a};
    dnnl_memory_desc_init_by_tag(&md, 1, dims, dnnl_f32, dnnl_a);
    return md;
}

static dnnl_format_tag_t activation_tag(void)
{
    return block == 16 ? dnnl_nChw16c : block == 8 ? dnnl_nChw8c : block == 4 ? dnnl_nChw4c :
           block == 1  ? dnnl_nchw    : dnnl_nhwc;
}

static int block_of(const dnnl_memory_desc_t *md)
{
    const dnnl_blocking_desc_t *b = &md->format_desc.blocking;
    if (md->format_kind == dnnl_blocked && b->inner_nblks == 0)
        return b->strides[1] == 1 ? NHWC : 1;
    bool channels = md->format_kind == dnnl_blocked && b->inner_nblks == 1 && b->inner_idxs[0] == 1;
    return channels && CHANNEL_MULTIPLE % b->inner_blks[0] == 0 ? (int)b->inner_blks[0] : NHWC;
}

/* Asks what layout the library would have for the activations of a middling convolution. */
static void start(void)
{
    dnnl_convolution_desc_t conv;
    dnnl_primitive_desc_t pd;
    dnnl_dims_t ones = {1, 1};
    dnnl_memory_desc_t x = desc4(1, 64, 9, 9, dnnl_format_tag_any), w = desc4(64, 64, 3, 3, dnnl_format_tag_any);
    net_ops_dnnl_enter();
    if ((start_status = dnnl_engine_create(&engine, dnnl_cpu, 0)) != dnnl_success)
        return;
    start_status = dnnl_convolution_forward_desc_init(&conv, dnnl_forward_inference, dnnl_convolution_direct, &x, &w,
                                                      NULL, &x, ones, ones, ones);
    if (start_status != dnnl_success)
        return;
    start_status = dnnl_primitive_desc_create(&pd, &conv, NULL, engine, NULL);
    if (start_status != dnnl_success)
        return;
    block = block_of(dnnl_primitive_desc_query_md(pd, dnnl_query_src_md, 0));
    dnnl_primitive_desc_destroy(pd);
}

static struct net_layout layout(int channels)
{
    pthread_once(&started, start);
    return (struct net_layout){channels, padded(channels), block == NHWC ? padded(channels) : block};
}

static float *aligned(size_t count)
{
    size_t bytes = (count * sizeof(float) + 127) / 64 * 64;
    float *memory = aligned_alloc(64, bytes);
    if (!memory)
        g_error("out of memory: %zu bytes for the network's arithmetic", bytes);
    memset(memory, 0, bytes);
    return memory;
}

/* ---- primitive descriptors ---- */

enum direction { FORWARD, DATA, WEIGHTS };

static dnnl_primitive_attr_t attributes(const struct net_conv_spec *spec, enum direction direction)
{
    dnnl_primitive_attr_t attr;
    dnnl_post_ops_t ops;
    dnnl_primitive_attr_create(&attr);
    dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    if (direction != FORWARD)
        return attr;
    dnnl_post_ops_create(&ops);
    if (spec->add)
        dnnl_post_ops_append_sum(ops, 1);
    if (spec->relu)
        dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0);
    dnnl_primitive_attr_set_post_ops(attr, ops);
    dnnl_post_ops_destroy(ops);
    return attr;
}

/* weights NULL: of the library's choice. */
static dnnl_status_t describe_conv(const struct net_conv *conv, enum direction direction, int size, int n,
                                   const dnnl_memory_desc_t *weights, dnnl_primitive_desc_t hint,
                                   dnnl_primitive_desc_t *pd)
{
    const struct net_conv_spec *spec = &conv->spec;
    dnnl_convolution_desc_t desc;
    dnnl_dims_t strides = {1, 1}, pad = {spec->kernel / 2, spec->kernel / 2};
    dnnl_memory_desc_t src = desc4(n, conv->in, size, size, activation_tag());
    dnnl_memory_desc_t dst = desc4(n, conv->out, size, size, activation_tag());
    dnnl_memory_desc_t any = desc4(conv->out, conv->in, spec->kernel, spec->kernel, dnnl_format_tag_any);
    dnnl_memory_desc_t bias = desc1(conv->out);
    dnnl_status_t status;
    if (!weights)
        weights = &any;
    if (direction == FORWARD)
        status = dnnl_convolution_forward_desc_init(&desc, spec->training ? dnnl_forward_training
                                                                          : dnnl_forward_inference,
                                                    dnnl_convolution_direct, &src, weights, &bias, &dst, strides, pad,
                                                    pad);
    else if (direction == DATA)
        status = dnnl_convolution_backward_data_desc_init(&desc, dnnl_convolution_direct, &src, weights, &dst, strides,
                                                          pad, pad);
    else
        status = dnnl_convolution_backward_weights_desc_init(&desc, dnnl_convolution_direct, &src, weights, &bias,
                                                             &dst, strides, pad, pad);
    if (status != dnnl_success)
        return status;
    dnnl_primitive_attr_t attr = attributes(spec, direction);
    status = dnnl_primitive_desc_create(pd, &desc, attr, engine, hint);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

/* ---- convolutions ---- */

static bool reorder_create(struct reorder *reorder, const dnnl_memory_desc_t *from, float *from_data,
                           const dnnl_memory_desc_t *to, float *to_data, GError **error)
{
    dnnl_primitive_desc_t pd;
    if (!good(dnnl_reorder_primitive_desc_create(&pd, from, engine, to, engine, NULL), "reorder weights", error))
        return false;
    bool made = good(dnnl_primitive_create(&reorder->primitive, pd), "reorder weights", error) &&
                good(dnnl_memory_create(&reorder->from, from, engine, from_data), "hold weights", error) &&
                good(dnnl_memory_create(&reorder->to, to, engine, to_data), "hold weights", error);
    dnnl_primitive_desc_destroy(pd);
    return made;
}

static void reorder_run(const struct reorder *reorder, dnnl_stream_t stream)
{
    dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, reorder->from}, {DNNL_ARG_TO, reorder->to}};
    if (dnnl_primitive_execute(reorder->primitive, stream, 2, args) != dnnl_success)
        g_error("oneDNN could not reorder weights");
    dnnl_stream_wait(stream);
}

static void reorder_free(struct reorder *reorder)
{
    dnnl_primitive_destroy(reorder->primitive);
    dnnl_memory_destroy(reorder->from);
    dnnl_memory_destroy(reorder->to);
}

/* The weights' layouts, chosen on a middling board and batch and then kept for all. */
static bool weights_choose(struct net_conv *conv, GError **error)
{
    int n = conv->spec.training ? 16 : 1;
    dnnl_primitive_desc_t forward = NULL, pd;
    bool made = good(describe_conv(conv, FORWARD, 9, n, NULL, NULL, &forward), "make a convolution", error);
    if (made)
        conv->forward_md = *dnnl_primitive_desc_query_md(forward, dnnl_query_weights_md, 0);
    if (made && conv->spec.want_data &&
        (made = good(describe_conv(conv, DATA, 9, n, NULL, forward, &pd), "differentiate a convolution", error))) {
        conv->backward_md = *dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0);
        dnnl_primitive_desc_destroy(pd);
    }
    if (made && conv->spec.training &&
        (made = good(describe_conv(conv, WEIGHTS, 9, n, NULL, forward, &pd), "differentiate a convolution", error))) {
        conv->gradient_md = *dnnl_primitive_desc_query_md(pd, dnnl_query_diff_weights_md, 0);
        dnnl_primitive_desc_destroy(pd);
    }
    dnnl_primitive_desc_destroy(forward);
    return made;
}

static size_t md_count(const dnnl_memory_desc_t *md) { return dnnl_memory_desc_get_size(md) / sizeof(float); }

static bool weights_create(struct net_conv *conv, GError **error)
{
    int k = conv->spec.kernel;
    dnnl_memory_desc_t plain = desc4(conv->out, conv->in, k, k, dnnl_oihw);
    conv->plain = aligned(md_count(&plain));
    conv->forward = aligned(md_count(&conv->forward_md));
    conv->bias = aligned((size_t)conv->out);
    if (!reorder_create(&conv->to_forward, &plain, conv->plain, &conv->forward_md, conv->forward, error))
        return false;
    if (conv->spec.want_data) {
        conv->backward = aligned(md_count(&conv->backward_md));
        if (!reorder_create(&conv->to_backward, &plain, conv->plain, &conv->backward_md, conv->backward, error))
            return false;
    }
    if (!conv->spec.training)
        return true;
    conv->gradient = aligned(md_count(&conv->gradient_md));
    conv->gradient_sum = aligned(md_count(&conv->gradient_md));
    conv->bias_gradient = aligned((size_t)conv->out);
    conv->bias_sum = aligned((size_t)conv->out);
    return reorder_create(&conv->from_gradient, &conv->gradient_md, conv->gradient_sum, &plain, conv->plain, error);
}

static void conv_free(struct net_conv *conv)
{
    if (!conv)
        return;
    reorder_free(&conv->to_forward);
    reorder_free(&conv->to_backward);
    reorder_free(&conv->from_gradient);
    dnnl_stream_destroy(conv->stream);
    float *memory[] = {conv->plain,    conv->forward,      conv->backward,      conv->bias,
                       conv->gradient, conv->gradient_sum, conv->bias_gradient, conv->bias_sum};
    for (size_t i = 0; i < G_N_ELEMENTS(memory); i++)
        free(memory[i]);
    g_free(conv);
}

static struct net_conv *conv_create(const struct net_conv_spec *spec, GError **error)
{
    pthread_once(&started, start);
    net_ops_dnnl_enter();
    if (!good(start_status, "start", error))
        return NULL;
    struct net_conv *conv = g_new0(struct net_conv, 1);
    conv->spec = *spec;
    conv->in = padded(spec->in);
    conv->out = padded(spec->out);
    if (good(dnnl_stream_create(&conv->stream, engine, dnnl_stream_default_flags), "start a stream", error) &&
        weights_choose(conv, error) && weights_create(conv, error))
        return conv;
    conv_free(conv);
    return NULL;
}

static void conv_set(struct net_conv *conv, const float *weight, const float *bias)
{
    const struct net_conv_spec *s = &conv->spec;
    size_t taps = (size_t)(s->kernel * s->kernel);
    memset(conv->plain, 0, (size_t)conv->out * (size_t)conv->in * taps * sizeof(float));
    for (size_t o = 0; o < (size_t)s->out; o++)
        memcpy(conv->plain + o * (size_t)conv->in * taps, weight + o * (size_t)s->in * taps,
               (size_t)s->in * taps * sizeof(float));
    memcpy(conv->bias, bias, (size_t)s->out * sizeof(float));
    reorder_run(&conv->to_forward, conv->stream);
    if (conv->backward)
        reorder_run(&conv->to_backward, conv->stream);
}

static void conv_zero_gradient(struct net_conv *conv)
{
    memset(conv->gradient_sum, 0, dnnl_memory_desc_get_size(&conv->gradient_md));
    memset(conv->bias_sum, 0, (size_t)conv->out * sizeof(float));
}

static void conv_gradient(const struct net_conv *conv, float *weight, float *bias)
{
    const struct net_conv_spec *s = &conv->spec;
    size_t taps = (size_t)(s->kernel * s->kernel);
    reorder_run(&conv->from_gradient, conv->stream);
    for (size_t o = 0; o < (size_t)s->out; o++)
        memcpy(weight + o * (size_t)s->in * taps, conv->plain + o * (size_t)conv->in * taps,
               (size_t)s->in * taps * sizeof(float));
    memcpy(bias, conv->bias_sum, (size_t)s->out * sizeof(float));
}

/* ---- one size and batch ---- */

static void part_free(struct part *part)
{
    dnnl_memory_t memories[] = {part->src, part->weights, part->bias, part->dst, part->scratch};
    dnnl_primitive_destroy(part->primitive);
    for (size_t i = 0; i < G_N_ELEMENTS(memories); i++)
        dnnl_memory_destroy(memories[i]);
}

/* Consumes pd. weights, bias: the memory they stay in, bias may be NULL. */
static bool part_create(struct part *part, const struct net_conv *conv, dnnl_primitive_desc_t pd, int size, int n,
                        const dnnl_memory_desc_t *weights_md, float *weights, float *bias, GError **error)
{
    const char *name = "unknown";
    dnnl_memory_desc_t src = desc4(n, conv->in, size, size, activation_tag());
    dnnl_memory_desc_t dst = desc4(n, conv->out, size, size, activation_tag());
    dnnl_memory_desc_t bias_md = desc1(conv->out);
    const dnnl_memory_desc_t *scratch = dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
    dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, (void *)&name);
    g_strlcpy(part->name, name, sizeof part->name);
    part->scratch_bytes = dnnl_memory_desc_get_size(scratch);
    bool made = good(dnnl_primitive_create(&part->primitive, pd), "make a convolution", error) &&
                good(dnnl_memory_create(&part->src, &src, engine, DNNL_MEMORY_NONE), "hold a tensor", error) &&
                good(dnnl_memory_create(&part->dst, &dst, engine, DNNL_MEMORY_NONE), "hold a tensor", error) &&
                good(dnnl_memory_create(&part->weights, weights_md, engine, weights), "hold weights", error) &&
                good(dnnl_memory_create(&part->scratch, scratch, engine, DNNL_MEMORY_NONE), "hold memory", error) &&
                (!bias || good(dnnl_memory_create(&part->bias, &bias_md, engine, bias), "hold weights", error));
    dnnl_primitive_desc_destroy(pd);
    return made;
}

static void plan_free(struct net_conv_plan *plan)
{
    part_free(&plan->forward);
    part_free(&plan->data);
    part_free(&plan->weights);
    g_free(plan);
}

static bool backward_create(struct net_conv_plan *plan, dnnl_primitive_desc_t hint, int size, int n, GError **error)
{
    struct net_conv *conv = plan->conv;
    dnnl_primitive_desc_t pd;
    if (conv->spec.want_data &&
        (!good(describe_conv(conv, DATA, size, n, &conv->backward_md, hint, &pd), "differentiate a convolution",
               error) ||
         !part_create(&plan->data, conv, pd, size, n, &conv->backward_md, conv->backward, NULL, error)))
        return false;
    return good(describe_conv(conv, WEIGHTS, size, n, &conv->gradient_md, hint, &pd), "differentiate a convolution",
                error) &&
           part_create(&plan->weights, conv, pd, size, n, &conv->gradient_md, conv->gradient, conv->bias_gradient,
                       error);
}

static struct net_conv_plan *plan_create(struct net_conv *conv, int size, int n, GError **error)
{
    struct net_conv_plan *plan = g_new0(struct net_conv_plan, 1);
    dnnl_primitive_desc_t pd, hint = NULL;
    plan->conv = conv;
    net_ops_dnnl_enter();
    if (!good(describe_conv(conv, FORWARD, size, n, &conv->forward_md, NULL, &pd), "make a convolution", error))
        goto error;
    if (conv->spec.training && !good(dnnl_primitive_desc_clone(&hint, pd), "make a convolution", error)) {
        dnnl_primitive_desc_destroy(pd);
        goto error;
    }
    if (!part_create(&plan->forward, conv, pd, size, n, &conv->forward_md, conv->forward, conv->bias, error) ||
        (conv->spec.training && !backward_create(plan, hint, size, n, error)))
        goto error;
    dnnl_primitive_desc_destroy(hint);
    return plan;
error:
    dnnl_primitive_desc_destroy(hint);
    plan_free(plan);
    return NULL;
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

static void point(const struct part *part, const float *src, const float *dst, void *scratch)
{
    dnnl_memory_set_data_handle(part->src, (void *)src);
    dnnl_memory_set_data_handle(part->dst, (void *)dst);
    dnnl_memory_set_data_handle(part->scratch, scratch);
}

static void forward(struct net_conv_plan *plan, const float *src, float *dst, void *scratch)
{
    const struct part *part = &plan->forward;
    point(part, src, dst, scratch);
    dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, part->src},   {DNNL_ARG_WEIGHTS, part->weights},
                              {DNNL_ARG_BIAS, part->bias}, {DNNL_ARG_DST, part->dst},
                              {DNNL_ARG_SCRATCHPAD, part->scratch}};
    run(plan, part, args, 5);
}

static void backward_data(struct net_conv_plan *plan, const float *diff_dst, float *diff_src, void *scratch)
{
    const struct part *part = &plan->data;
    point(part, diff_src, diff_dst, scratch);
    dnnl_exec_arg_t args[] = {{DNNL_ARG_DIFF_SRC, part->src}, {DNNL_ARG_WEIGHTS, part->weights},
                              {DNNL_ARG_DIFF_DST, part->dst}, {DNNL_ARG_SCRATCHPAD, part->scratch}};
    run(plan, part, args, 4);
}

static void backward_weights(struct net_conv_plan *plan, const float *src, const float *diff_dst, void *scratch)
{
    const struct part *part = &plan->weights;
    struct net_conv *conv = plan->conv;
    point(part, src, diff_dst, scratch);
    dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, part->src},
                              {DNNL_ARG_DIFF_WEIGHTS, part->weights},
                              {DNNL_ARG_DIFF_BIAS, part->bias},
                              {DNNL_ARG_DIFF_DST, part->dst},
                              {DNNL_ARG_SCRATCHPAD, part->scratch}};
    run(plan, part, args, 5);
    net_step_add(md_count(&conv->gradient_md), conv->gradient_sum, conv->gradient);
    net_step_add((size_t)conv->out, conv->bias_sum, conv->bias_gradient);
}

static char *describe(const struct net_conv_plan *plan)
{
    GString *text = g_string_new(plan->forward.name);
    if (plan->data.primitive)
        g_string_append_printf(text, ", backward data %s", plan->data.name);
    if (plan->weights.primitive)
        g_string_append_printf(text, ", backward weights %s", plan->weights.name);
    return g_string_free(text, FALSE);
}

const struct net_ops net_ops_dnnl = {
    .name = "oneDNN",
    .layout = layout,
    .conv_create = conv_create,
    .conv_free = conv_free,
    .conv_set = conv_set,
    .conv_zero_gradient = conv_zero_gradient,
    .conv_gradient = conv_gradient,
    .plan_create = plan_create,
    .plan_free = plan_free,
    .plan_scratch = plan_scratch,
    .forward = forward,
    .backward_data = backward_data,
    .backward_weights = backward_weights,
    .describe = describe,
};

/* Convolutions by oneDNN 2.x, in f32 and in bf16 with f32 sums. Layouts are the library's choice, made once for each
 * convolution; channels are padded by us, to a multiple that divides into any of its blocks, so that it never has
 * padding of its own to look after. */
#include "net/kernels/kernels.h"
#include "net/memory.h"
#include "net/net.h"
#include "net/kernels/ops.h"

#include <dnnl.h>
#include <omp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNEL_MULTIPLE = 16, NHWC = -1 };

/* Weights, or the sum of their gradients, in one of the layouts that the library likes: board sizes and batches may
 * differ in it, and forcing one on all of them ends in the reference kernel. */
struct packed {
    dnnl_memory_desc_t md;
    void *data;
    dnnl_primitive_t reorder; /* from plain, or to it for gradients */
    dnnl_memory_t from, to;
    struct packed *next;
};

/* The arithmetic of one table: what activations and weights are in. Sums, biases and gradients of weights are in f32.
 */
struct arithmetic {
    dnnl_data_type_t type;
    int block; /* channels together in an activation tensor; NHWC: all */
    dnnl_status_t status;
};

struct net_conv {
    const struct arithmetic *arithmetic;
    struct net_conv_spec spec;
    int in, out; /* padded */
    dnnl_stream_t stream;
    float *plain, *bias; /* [out][in][k][k], [out]; kept, as a new size may want the weights in a new layout */
    float *unpacked;     /* a gradient in the plain layout */
    struct packed *forward, *backward, *gradient; /* lists */
    float *fresh;                                 /* gradient of one execution */
    size_t fresh_bytes;
    float *bias_fresh, *bias_sum;
    float *taps; /* [3][3][in][out] gradient by our own kernel, NULL where the library's is used */
};

struct part {
    dnnl_primitive_t primitive;
    struct packed *packed;
    dnnl_memory_t src, weights, bias, dst, scratch;
    size_t scratch_bytes;
    char name[64];
};

struct net_conv_plan {
    struct net_conv *conv;
    struct net_extent extent;
    struct part forward, data, weights;
};

/* ---- the library ---- */

static dnnl_engine_t engine;
static struct arithmetic f32 = {.type = dnnl_f32}, bf16 = {.type = dnnl_bf16};
static pthread_once_t started = PTHREAD_ONCE_INIT;
/* Primitives come from a cache of the library's that all threads share. It guards itself, by means that
 * ThreadSanitizer cannot see; they are made and freed so seldom that one lock more costs nothing. */
static pthread_mutex_t primitives = PTHREAD_MUTEX_INITIALIZER;

void net_ops_dnnl_enter(void)
{
    if (omp_get_max_threads() != 1)
        omp_set_num_threads(1);
}

bool net_ops_dnnl_has_bf16(void)
{
    return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}

static bool good(dnnl_status_t status, const char *what, GError **error)
{
    if (status != dnnl_success)
        g_set_error(error, NET_ERROR, NET_ERROR_LIBRARY, "oneDNN %d.%d.%d could not %s (status %d)",
                    dnnl_version()->major, dnnl_version()->minor, dnnl_version()->patch, what, (int)status);
    return status == dnnl_success;
}

static int padded(int channels)
{
    return (channels + CHANNEL_MULTIPLE - 1) / CHANNEL_MULTIPLE * CHANNEL_MULTIPLE;
}

static dnnl_memory_desc_t desc4(dnnl_data_type_t type, int a, int b, int c, int d, dnnl_format_tag_t tag)
{
    dnnl_memory_desc_t md;
    dnnl_dims_t dims = {a, b, c, d};
    dnnl_memory_desc_init_by_tag(&md, 4, dims, type, tag);
    return md;
}

static dnnl_memory_desc_t desc1(int a)
{
    dnnl_memory_desc_t md;
    dnnl_dims_t dims = {a};
    dnnl_memory_desc_init_by_tag(&md, 1, dims, dnnl_f32, dnnl_a);
    return md;
}

static dnnl_format_tag_t activation_tag(int block)
{
    return block == 16  ? dnnl_nChw16c
           : block == 8 ? dnnl_nChw8c
           : block == 4 ? dnnl_nChw4c
           : block == 1 ? dnnl_nchw
                        : dnnl_nhwc;
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
static dnnl_status_t ask_layout(struct arithmetic *a)
{
    dnnl_convolution_desc_t conv;
    dnnl_primitive_desc_t pd;
    dnnl_dims_t ones = {1, 1};
    dnnl_memory_desc_t x = desc4(a->type, 1, 64, 9, 9, dnnl_format_tag_any);
    dnnl_memory_desc_t w = desc4(a->type, 64, 64, 3, 3, dnnl_format_tag_any);
    dnnl_status_t status = dnnl_convolution_forward_desc_init(&conv, dnnl_forward_inference, dnnl_convolution_direct,
                                                              &x, &w, NULL, &x, ones, ones, ones);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(&pd, &conv, NULL, engine, NULL);
    if (status != dnnl_success)
        return status;
    a->block = block_of(dnnl_primitive_desc_query_md(pd, dnnl_query_src_md, 0));
    dnnl_primitive_desc_destroy(pd);
    return dnnl_success;
}

static void start(void)
{
    net_ops_dnnl_enter();
    f32.status = bf16.status = dnnl_engine_create(&engine, dnnl_cpu, 0);
    if (f32.status != dnnl_success)
        return;
    f32.status = ask_layout(&f32);
    bf16.status = ask_layout(&bf16);
}

static struct net_layout layout(const struct arithmetic *arithmetic, int channels)
{
    pthread_once(&started, start);
    return (struct net_layout){channels, padded(channels),
                               arithmetic->block == NHWC ? padded(channels) : arithmetic->block};
}

/* ---- primitive descriptors ---- */

enum direction { FORWARD, DATA, WEIGHTS };

static dnnl_memory_desc_t src_md(const struct net_conv *conv, int size, int n)
{
    return desc4(conv->arithmetic->type, n, conv->in, size, size, activation_tag(conv->arithmetic->block));
}

static dnnl_memory_desc_t dst_md(const struct net_conv *conv, enum direction direction, int size, int n)
{
    bool real = direction == FORWARD && conv->spec.real_out;
    return desc4(real ? dnnl_f32 : conv->arithmetic->type, n, conv->out, size, size,
                 activation_tag(conv->arithmetic->block));
}

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

static dnnl_status_t describe_conv(const struct net_conv *conv, enum direction direction, int size, int n,
                                   dnnl_primitive_desc_t hint, dnnl_primitive_desc_t *pd)
{
    const struct net_conv_spec *spec = &conv->spec;
    dnnl_convolution_desc_t desc;
    dnnl_dims_t strides = {1, 1}, pad = {spec->kernel / 2, spec->kernel / 2};
    dnnl_memory_desc_t src = src_md(conv, size, n), dst = dst_md(conv, direction, size, n);
    dnnl_memory_desc_t weights = desc4(direction == WEIGHTS ? dnnl_f32 : conv->arithmetic->type, conv->out, conv->in,
                                       spec->kernel, spec->kernel, dnnl_format_tag_any);
    dnnl_memory_desc_t bias = desc1(conv->out);
    dnnl_status_t status;
    if (direction == FORWARD)
        status =
            dnnl_convolution_forward_desc_init(&desc, spec->training ? dnnl_forward_training : dnnl_forward_inference,
                                               dnnl_convolution_direct, &src, &weights, &bias, &dst, strides, pad, pad);
    else if (direction == DATA)
        status = dnnl_convolution_backward_data_desc_init(&desc, dnnl_convolution_direct, &src, &weights, &dst, strides,
                                                          pad, pad);
    else
        status = dnnl_convolution_backward_weights_desc_init(&desc, dnnl_convolution_direct, &src, &weights, &bias,
                                                             &dst, strides, pad, pad);
    if (status != dnnl_success)
        return status;
    dnnl_primitive_attr_t attr = attributes(spec, direction);
    status = dnnl_primitive_desc_create(pd, &desc, attr, engine, hint);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

/* ---- convolutions ---- */

static dnnl_memory_desc_t plain_md(const struct net_conv *conv)
{
    return desc4(dnnl_f32, conv->out, conv->in, conv->spec.kernel, conv->spec.kernel, dnnl_oihw);
}

static bool reorder_create(struct packed *packed, const dnnl_memory_desc_t *from, void *from_data,
                           const dnnl_memory_desc_t *to, void *to_data, GError **error)
{
    dnnl_primitive_desc_t pd;
    if (!good(dnnl_reorder_primitive_desc_create(&pd, from, engine, to, engine, NULL), "reorder weights", error))
        return false;
    bool made = good(dnnl_primitive_create(&packed->reorder, pd), "reorder weights", error) &&
                good(dnnl_memory_create(&packed->from, from, engine, from_data), "hold weights", error) &&
                good(dnnl_memory_create(&packed->to, to, engine, to_data), "hold weights", error);
    dnnl_primitive_desc_destroy(pd);
    return made;
}

static void reorder_run(const struct packed *packed, dnnl_stream_t stream)
{
    dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, packed->from}, {DNNL_ARG_TO, packed->to}};
    if (dnnl_primitive_execute(packed->reorder, stream, 2, args) != dnnl_success)
        g_error("oneDNN could not reorder weights");
    dnnl_stream_wait(stream);
}

/* The packed form of that layout, made and filled when it is the first of its kind. NULL on error. */
static struct packed *packed_get(struct net_conv *conv, struct packed **list, const dnnl_memory_desc_t *md,
                                 GError **error)
{
    for (struct packed *old = *list; old; old = old->next)
        if (dnnl_memory_desc_equal(&old->md, md))
            return old;
    bool gradient = list == &conv->gradient;
    size_t bytes = dnnl_memory_desc_get_size(md);
    dnnl_memory_desc_t plain = plain_md(conv);
    struct packed *packed = g_new0(struct packed, 1);
    packed->md = *md;
    packed->data = net_memory_new(bytes);
    packed->next = *list;
    *list = packed;
    if (gradient && bytes > conv->fresh_bytes) {
        free(conv->fresh);
        conv->fresh_bytes = bytes;
        conv->fresh = net_memory_new(bytes);
    }
    if (gradient)
        return reorder_create(packed, md, packed->data, &plain, conv->unpacked, error) ? packed : NULL;
    if (!reorder_create(packed, &plain, conv->plain, md, packed->data, error))
        return NULL;
    reorder_run(packed, conv->stream);
    return packed;
}

static void packed_free(struct packed *packed)
{
    while (packed) {
        struct packed *next = packed->next;
        dnnl_primitive_destroy(packed->reorder);
        dnnl_memory_destroy(packed->from);
        dnnl_memory_destroy(packed->to);
        free(packed->data);
        g_free(packed);
        packed = next;
    }
}

static size_t taps_count(const struct net_conv *conv)
{
    return 9 * (size_t)conv->in * (size_t)conv->out;
}

static void conv_free(struct net_conv *conv)
{
    if (!conv)
        return;
    pthread_mutex_lock(&primitives);
    packed_free(conv->forward);
    packed_free(conv->backward);
    packed_free(conv->gradient);
    dnnl_stream_destroy(conv->stream);
    pthread_mutex_unlock(&primitives);
    free(conv->plain);
    free(conv->unpacked);
    free(conv->bias);
    free(conv->fresh);
    free(conv->bias_fresh);
    free(conv->bias_sum);
    free(conv->taps);
    g_free(conv);
}

static struct net_conv *conv_create(const struct arithmetic *arithmetic, const struct net_conv_spec *spec,
                                    GError **error)
{
    pthread_once(&started, start);
    net_ops_dnnl_enter();
    if (!good(arithmetic->status, arithmetic == &bf16 ? "convolve in bf16 on this processor" : "start", error))
        return NULL;
    struct net_conv *conv = g_new0(struct net_conv, 1);
    conv->arithmetic = arithmetic;
    conv->spec = *spec;
    conv->in = padded(spec->in);
    conv->out = padded(spec->out);
    dnnl_memory_desc_t plain = plain_md(conv);
    conv->plain = net_memory_new(dnnl_memory_desc_get_size(&plain));
    conv->unpacked = net_memory_new(dnnl_memory_desc_get_size(&plain));
    conv->bias = net_memory_new((size_t)conv->out * sizeof(float));
    conv->bias_fresh = net_memory_new((size_t)conv->out * sizeof(float));
    conv->bias_sum = net_memory_new((size_t)conv->out * sizeof(float));
    if (spec->training && spec->kernel == 3 && arithmetic == &bf16 &&
        net_weights_kernel_fits(layout(arithmetic, spec->in), layout(arithmetic, spec->out)))
        conv->taps = net_memory_new(taps_count(conv) * sizeof(float));
    if (good(dnnl_stream_create(&conv->stream, engine, dnnl_stream_default_flags), "start a stream", error))
        return conv;
    conv_free(conv);
    return NULL;
}

static void conv_set(struct net_conv *conv, const float *weight, const float *bias, const struct net_steps *steps)
{
    (void)steps;
    const struct net_conv_spec *s = &conv->spec;
    size_t taps = (size_t)(s->kernel * s->kernel);
    memset(conv->plain, 0, (size_t)conv->out * (size_t)conv->in * taps * sizeof(float));
    for (size_t o = 0; o < (size_t)s->out; o++)
        memcpy(conv->plain + o * (size_t)conv->in * taps, weight + o * (size_t)s->in * taps,
               (size_t)s->in * taps * sizeof(float));
    memcpy(conv->bias, bias, (size_t)s->out * sizeof(float));
    for (struct packed *packed = conv->forward; packed; packed = packed->next)
        reorder_run(packed, conv->stream);
    for (struct packed *packed = conv->backward; packed; packed = packed->next)
        reorder_run(packed, conv->stream);
}

static void conv_zero_gradient(struct net_conv *conv)
{
    for (struct packed *packed = conv->gradient; packed; packed = packed->next)
        memset(packed->data, 0, dnnl_memory_desc_get_size(&packed->md));
    memset(conv->bias_sum, 0, (size_t)conv->out * sizeof(float));
    if (conv->taps)
        memset(conv->taps, 0, taps_count(conv) * sizeof(float));
}

static void conv_gradient(const struct net_conv *conv, float *weight, float *bias)
{
    const struct net_conv_spec *s = &conv->spec;
    size_t taps = (size_t)(s->kernel * s->kernel);
    memset(weight, 0, (size_t)s->out * (size_t)s->in * taps * sizeof(float));
    for (struct packed *packed = conv->gradient; packed; packed = packed->next) {
        reorder_run(packed, conv->stream);
        for (size_t o = 0; o < (size_t)s->out; o++)
            net_cells_real.add((size_t)s->in * taps, weight + o * (size_t)s->in * taps,
                               conv->unpacked + o * (size_t)conv->in * taps);
    }
    for (size_t o = 0; o < (size_t)s->out && conv->taps; o++)
        for (size_t i = 0; i < (size_t)s->in; i++)
            for (size_t t = 0; t < taps; t++)
                weight[(o * (size_t)s->in + i) * taps + t] =
                    conv->taps[(t * (size_t)conv->in + i) * (size_t)conv->out + o];
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

/* Consumes pd. */
static bool part_create(struct part *part, enum direction direction, struct net_conv *conv, dnnl_primitive_desc_t pd,
                        int size, int n, GError **error)
{
    const char *name = "unknown";
    dnnl_memory_desc_t src = src_md(conv, size, n), dst = dst_md(conv, direction, size, n);
    dnnl_memory_desc_t bias_md = desc1(conv->out);
    const dnnl_memory_desc_t *scratch = dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
    const dnnl_memory_desc_t *weights =
        dnnl_primitive_desc_query_md(pd, direction == WEIGHTS ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0);
    float *bias = direction == FORWARD ? conv->bias : conv->bias_fresh;
    dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, (void *)&name);
    g_strlcpy(part->name, name, sizeof part->name);
    part->scratch_bytes = dnnl_memory_desc_get_size(scratch);
    part->packed = packed_get(conv,
                              direction == FORWARD ? &conv->forward
                              : direction == DATA  ? &conv->backward
                                                   : &conv->gradient,
                              weights, error);
    bool made = part->packed && good(dnnl_primitive_create(&part->primitive, pd), "make a convolution", error) &&
                good(dnnl_memory_create(&part->src, &src, engine, DNNL_MEMORY_NONE), "hold a tensor", error) &&
                good(dnnl_memory_create(&part->dst, &dst, engine, DNNL_MEMORY_NONE), "hold a tensor", error) &&
                good(dnnl_memory_create(&part->weights, weights, engine, part->packed->data), "hold weights", error) &&
                good(dnnl_memory_create(&part->scratch, scratch, engine, DNNL_MEMORY_NONE), "hold memory", error) &&
                good(dnnl_memory_create(&part->bias, &bias_md, engine, bias), "hold weights", error);
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
    pthread_mutex_lock(&primitives);
    parts_free(plan);
    pthread_mutex_unlock(&primitives);
}

static bool backward_create(struct net_conv_plan *plan, dnnl_primitive_desc_t hint, int size, int n, GError **error)
{
    struct net_conv *conv = plan->conv;
    dnnl_primitive_desc_t pd;
    if (conv->spec.want_data &&
        (!good(describe_conv(conv, DATA, size, n, hint, &pd), "differentiate a convolution", error) ||
         !part_create(&plan->data, DATA, conv, pd, size, n, error)))
        return false;
    if (conv->taps) {
        g_strlcpy(plan->weights.name, "own:avx512_bf16", sizeof plan->weights.name);
        plan->weights.scratch_bytes = net_weights_kernel_scratch(layout(conv->arithmetic, conv->spec.in),
                                                                 layout(conv->arithmetic, conv->spec.out), size);
        return true;
    }
    return good(describe_conv(conv, WEIGHTS, size, n, hint, &pd), "differentiate a convolution", error) &&
           part_create(&plan->weights, WEIGHTS, conv, pd, size, n, error);
}

static struct net_conv_plan *parts_create(struct net_conv *conv, int size, int n, GError **error)
{
    struct net_conv_plan *plan = g_new0(struct net_conv_plan, 1);
    dnnl_primitive_desc_t pd, hint = NULL;
    plan->conv = conv;
    plan->extent = (struct net_extent){size, n};
    if (!good(describe_conv(conv, FORWARD, size, n, NULL, &pd), "make a convolution", error))
        goto error;
    if (conv->spec.training && !good(dnnl_primitive_desc_clone(&hint, pd), "make a convolution", error)) {
        dnnl_primitive_desc_destroy(pd);
        goto error;
    }
    if (!part_create(&plan->forward, FORWARD, conv, pd, size, n, error) ||
        (conv->spec.training && !backward_create(plan, hint, size, n, error)))
        goto error;
    dnnl_primitive_desc_destroy(hint);
    return plan;
error:
    dnnl_primitive_desc_destroy(hint);
    parts_free(plan);
    return NULL;
}

static struct net_conv_plan *plan_create(struct net_conv *conv, int size, int n, GError **error)
{
    net_ops_dnnl_enter();
    pthread_mutex_lock(&primitives);
    struct net_conv_plan *plan = parts_create(conv, size, n, error);
    pthread_mutex_unlock(&primitives);
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
    if (conv->taps) {
        net_weights_kernel(plan->extent, layout(conv->arithmetic, conv->spec.in),
                           layout(conv->arithmetic, conv->spec.out), src, diff_dst, conv->taps, conv->bias_sum,
                           scratch);
        return;
    }
    point(part, src, diff_dst, scratch);
    dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, part->src},
                              {DNNL_ARG_DIFF_WEIGHTS, part->weights},
                              {DNNL_ARG_DIFF_BIAS, part->bias},
                              {DNNL_ARG_DIFF_DST, part->dst},
                              {DNNL_ARG_SCRATCHPAD, part->scratch}};
    dnnl_memory_set_data_handle(part->weights, conv->fresh); /* a later plan may have made it larger elsewhere */
    run(plan, part, args, 5);
    net_cells_real.add(dnnl_memory_desc_get_size(&part->packed->md) / sizeof(float), part->packed->data, conv->fresh);
    net_cells_real.add((size_t)conv->out, conv->bias_sum, conv->bias_fresh);
}

static char *describe(const struct net_conv_plan *plan)
{
    GString *text = g_string_new(plan->forward.name);
    if (plan->data.primitive)
        g_string_append_printf(text, ", backward data %s", plan->data.name);
    if (plan->weights.name[0])
        g_string_append_printf(text, ", backward weights %s", plan->weights.name);
    return g_string_free(text, FALSE);
}

/* ---- the tables ---- */

static struct net_layout layout_f32(int channels)
{
    return layout(&f32, channels);
}

static struct net_layout layout_bf16(int channels)
{
    return layout(&bf16, channels);
}

static struct net_conv *conv_create_f32(const struct net_conv_spec *spec, GError **error)
{
    return conv_create(&f32, spec, error);
}

static struct net_conv *conv_create_bf16(const struct net_conv_spec *spec, GError **error)
{
    return conv_create(&bf16, spec, error);
}

#define DNNL_TABLE(type, table_cells)                                                                                  \
    {                                                                                                                  \
        .name = "oneDNN " #type, .cells = table_cells, .layout = layout_##type, .conv_create = conv_create_##type,     \
        .conv_free = conv_free, .conv_set = conv_set, .conv_zero_gradient = conv_zero_gradient,                        \
        .conv_gradient = conv_gradient, .plan_create = plan_create, .plan_free = plan_free,                            \
        .plan_scratch = plan_scratch, .forward = forward, .backward_data = backward_data,                              \
        .backward_weights = backward_weights, .describe = describe,                                                    \
    }
const struct net_ops net_ops_dnnl = DNNL_TABLE(f32, &net_cells_real);
const struct net_ops net_ops_dnnl_bf16 = DNNL_TABLE(bf16, &net_cells_bf16);

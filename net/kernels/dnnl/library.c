/* The library's engine, its preferred layouts, and descriptors of convolutions. */
#include "net/kernels/dnnl/library.h"

#include "net/net.h"

#include <omp.h>

enum { CHANNEL_MULTIPLE = 16 };

dnnl_engine_t net_dnnl_engine;
struct net_dnnl_type net_dnnl_f32 = {.type = dnnl_f32}, net_dnnl_bf16 = {.type = dnnl_bf16};
static pthread_once_t started = PTHREAD_ONCE_INIT;
pthread_mutex_t net_dnnl_primitives = PTHREAD_MUTEX_INITIALIZER;

void net_dnnl_enter(void)
{
    if (omp_get_max_threads() != 1)
        omp_set_num_threads(1);
}

bool net_dnnl_has_bf16(void)
{
    return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}

bool net_dnnl_good(dnnl_status_t status, const char *what, GError **error)
{
    if (status != dnnl_success)
        g_set_error(error, NET_ERROR, NET_ERROR_LIBRARY, "oneDNN %d.%d.%d could not %s (status %d)",
                    dnnl_version()->major, dnnl_version()->minor, dnnl_version()->patch, what, (int)status);
    return status == dnnl_success;
}

int net_dnnl_padded(int channels)
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
        return b->strides[1] == 1 ? NET_DNNL_NHWC : 1;
    bool channels = md->format_kind == dnnl_blocked && b->inner_nblks == 1 && b->inner_idxs[0] == 1;
    return channels && CHANNEL_MULTIPLE % b->inner_blks[0] == 0 ? (int)b->inner_blks[0] : NET_DNNL_NHWC;
}

/* Queries the library's preferred layout for the activations of a convolution of medium size. */
static dnnl_status_t ask_layout(struct net_dnnl_type *a)
{
    dnnl_convolution_desc_t conv;
    dnnl_primitive_desc_t pd;
    dnnl_dims_t ones = {1, 1};
    dnnl_memory_desc_t x = desc4(a->type, 1, 64, 9, 9, dnnl_format_tag_any);
    dnnl_memory_desc_t w = desc4(a->type, 64, 64, 3, 3, dnnl_format_tag_any);
    dnnl_status_t status = dnnl_convolution_forward_desc_init(&conv, dnnl_forward_inference, dnnl_convolution_direct,
                                                              &x, &w, NULL, &x, ones, ones, ones);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(&pd, &conv, NULL, net_dnnl_engine, NULL);
    if (status != dnnl_success)
        return status;
    a->block = block_of(dnnl_primitive_desc_query_md(pd, dnnl_query_src_md, 0));
    dnnl_primitive_desc_destroy(pd);
    return dnnl_success;
}

static void start(void)
{
    net_dnnl_enter();
    net_dnnl_f32.status = net_dnnl_bf16.status = dnnl_engine_create(&net_dnnl_engine, dnnl_cpu, 0);
    if (net_dnnl_f32.status != dnnl_success)
        return;
    net_dnnl_f32.status = ask_layout(&net_dnnl_f32);
    net_dnnl_bf16.status = ask_layout(&net_dnnl_bf16);
}

void net_dnnl_start(void)
{
    pthread_once(&started, start);
}

struct net_layout net_dnnl_layout(const struct net_dnnl_type *type, int channels)
{
    net_dnnl_start();
    return (struct net_layout){channels, net_dnnl_padded(channels),
                               type->block == NET_DNNL_NHWC ? net_dnnl_padded(channels) : type->block};
}

/* ---- descriptors ---- */

dnnl_memory_desc_t net_dnnl_src(const struct net_conv *conv, struct net_extent e)
{
    return desc4(conv->type->type, e.n, conv->in, e.height, e.width, activation_tag(conv->type->block));
}

dnnl_memory_desc_t net_dnnl_dst(const struct net_conv *conv, enum net_dnnl_direction direction, struct net_extent e)
{
    bool real = direction == NET_DNNL_FORWARD && conv->spec.real_out;
    return desc4(real ? dnnl_f32 : conv->type->type, e.n, conv->out, e.height, e.width,
                 activation_tag(conv->type->block));
}

static dnnl_primitive_attr_t attributes(const struct net_conv_spec *spec, enum net_dnnl_direction direction)
{
    dnnl_primitive_attr_t attr;
    dnnl_post_ops_t ops;
    dnnl_primitive_attr_create(&attr);
    dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    if (direction != NET_DNNL_FORWARD)
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

dnnl_status_t net_dnnl_describe(const struct net_conv *conv, enum net_dnnl_direction direction, struct net_extent e,
                                dnnl_primitive_desc_t hint, dnnl_primitive_desc_t *pd)
{
    const struct net_conv_spec *spec = &conv->spec;
    dnnl_convolution_desc_t desc;
    dnnl_dims_t strides = {1, 1}, pad = {spec->kernel / 2, spec->kernel / 2};
    dnnl_memory_desc_t src = net_dnnl_src(conv, e), dst = net_dnnl_dst(conv, direction, e);
    dnnl_memory_desc_t weights = desc4(direction == NET_DNNL_WEIGHTS ? dnnl_f32 : conv->type->type, conv->out, conv->in,
                                       spec->kernel, spec->kernel, dnnl_format_tag_any);
    dnnl_memory_desc_t bias = net_dnnl_bias(conv);
    dnnl_status_t status;
    if (direction == NET_DNNL_FORWARD)
        status =
            dnnl_convolution_forward_desc_init(&desc, spec->training ? dnnl_forward_training : dnnl_forward_inference,
                                               dnnl_convolution_direct, &src, &weights, &bias, &dst, strides, pad, pad);
    else if (direction == NET_DNNL_DATA)
        status = dnnl_convolution_backward_data_desc_init(&desc, dnnl_convolution_direct, &src, &weights, &dst, strides,
                                                          pad, pad);
    else
        status = dnnl_convolution_backward_weights_desc_init(&desc, dnnl_convolution_direct, &src, &weights, &bias,
                                                             &dst, strides, pad, pad);
    if (status != dnnl_success)
        return status;
    dnnl_primitive_attr_t attr = attributes(spec, direction);
    status = dnnl_primitive_desc_create(pd, &desc, attr, net_dnnl_engine, hint);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

dnnl_memory_desc_t net_dnnl_plain_weights(const struct net_conv *conv)
{
    return desc4(dnnl_f32, conv->out, conv->in, conv->spec.kernel, conv->spec.kernel, dnnl_oihw);
}

dnnl_memory_desc_t net_dnnl_bias(const struct net_conv *conv)
{
    return desc1(conv->out);
}

/* A convolution's weights: in the caller's layout, and in all layouts that board and batch sizes need. */
#include "net/kernels/arithmetic.h"
#include "net/kernels/dnnl/conv_tiles.h"
#include "net/kernels/dnnl/library.h"
#include "net/kernels/dnnl/weights_gradient.h"
#include "net/kernels/packed.h"
#include "net/memory.h"

#include <stdlib.h>
#include <string.h>

static bool reorder_create(struct net_dnnl_weights *packed, const dnnl_memory_desc_t *from, void *from_data,
                           const dnnl_memory_desc_t *to, void *to_data, GError **error)
{
    dnnl_primitive_desc_t pd;
    if (!net_dnnl_good(dnnl_reorder_primitive_desc_create(&pd, from, net_dnnl_engine, to, net_dnnl_engine, NULL),
                       "reorder weights", error))
        return false;
    bool made =
        net_dnnl_good(dnnl_primitive_create(&packed->reorder, pd), "reorder weights", error) &&
        net_dnnl_good(dnnl_memory_create(&packed->from, from, net_dnnl_engine, from_data), "hold weights", error) &&
        net_dnnl_good(dnnl_memory_create(&packed->to, to, net_dnnl_engine, to_data), "hold weights", error);
    dnnl_primitive_desc_destroy(pd);
    return made;
}

static void reorder_run(const struct net_dnnl_weights *packed, dnnl_stream_t stream)
{
    dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, packed->from}, {DNNL_ARG_TO, packed->to}};
    if (dnnl_primitive_execute(packed->reorder, stream, 2, args) != dnnl_success)
        g_error("oneDNN could not reorder weights");
    dnnl_stream_wait(stream);
}

struct net_dnnl_weights *net_dnnl_weights_get(struct net_conv *conv, enum net_dnnl_direction direction,
                                              const dnnl_memory_desc_t *md, GError **error)
{
    bool gradient = direction == NET_DNNL_WEIGHTS;
    struct net_dnnl_weights **list = direction == NET_DNNL_FORWARD ? &conv->forward
                                     : direction == NET_DNNL_DATA  ? &conv->backward
                                                                   : &conv->gradient;
    for (struct net_dnnl_weights *old = *list; old; old = old->next)
        if (dnnl_memory_desc_equal(&old->md, md))
            return old;
    size_t bytes = dnnl_memory_desc_get_size(md);
    dnnl_memory_desc_t plain = net_dnnl_plain_weights(conv);
    struct net_dnnl_weights *packed = g_new0(struct net_dnnl_weights, 1);
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

static void packed_free(struct net_dnnl_weights *packed)
{
    while (packed) {
        struct net_dnnl_weights *next = packed->next;
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

void net_dnnl_conv_free(struct net_conv *conv)
{
    if (!conv)
        return;
    pthread_mutex_lock(&net_dnnl_primitives);
    packed_free(conv->forward);
    packed_free(conv->backward);
    packed_free(conv->gradient);
    dnnl_stream_destroy(conv->stream);
    pthread_mutex_unlock(&net_dnnl_primitives);
    free(conv->plain);
    free(conv->unpacked);
    free(conv->bias);
    free(conv->fresh);
    free(conv->bias_fresh);
    free(conv->bias_sum);
    free(conv->taps);
    free(conv->tiles_forward);
    free(conv->tiles_data);
    g_free(conv);
}

/* Our own kernel on tiles, where it fits. */
static void tiles_create(struct net_conv *conv)
{
    const struct net_conv_spec *s = &conv->spec;
    if (s->kernel != 3 || s->real_out || conv->type != &net_dnnl_bf16 ||
        !net_conv_tiles_fits(net_dnnl_layout(conv->type, s->in), net_dnnl_layout(conv->type, s->out)))
        return;
    conv->tiles_forward = net_memory_new(net_conv_tiles_weights_bytes(conv->in, conv->out));
    if (s->training && s->want_data)
        conv->tiles_data = net_memory_new(net_conv_tiles_weights_bytes(conv->in, conv->out));
}

struct net_conv *net_dnnl_conv_create(const struct net_dnnl_type *type, const struct net_conv_spec *spec,
                                      GError **error)
{
    net_dnnl_start();
    net_dnnl_enter();
    if (!net_dnnl_good(type->status, type == &net_dnnl_bf16 ? "convolve in bf16 on this processor" : "start", error))
        return NULL;
    struct net_conv *conv = g_new0(struct net_conv, 1);
    conv->type = type;
    conv->spec = *spec;
    conv->in = net_dnnl_padded(spec->in);
    conv->out = net_dnnl_padded(spec->out);
    dnnl_memory_desc_t plain = net_dnnl_plain_weights(conv);
    conv->plain = net_memory_new(dnnl_memory_desc_get_size(&plain));
    conv->unpacked = net_memory_new(dnnl_memory_desc_get_size(&plain));
    conv->bias = net_memory_new((size_t)conv->out * sizeof(float));
    conv->bias_fresh = net_memory_new((size_t)conv->out * sizeof(float));
    conv->bias_sum = net_memory_new((size_t)conv->out * sizeof(float));
    if (spec->training && spec->kernel == 3 && type == &net_dnnl_bf16)
        conv->own = net_weights_kernel_best(net_dnnl_layout(type, spec->in), net_dnnl_layout(type, spec->out));
    if (conv->own)
        conv->taps = net_memory_new(taps_count(conv) * sizeof(float));
    tiles_create(conv);
    if (net_dnnl_good(dnnl_stream_create(&conv->stream, net_dnnl_engine, dnnl_stream_default_flags), "start a stream",
                      error))
        return conv;
    net_dnnl_conv_free(conv);
    return NULL;
}

void net_dnnl_conv_set(struct net_conv *conv, const float *weight, const float *bias, const struct net_scales *in,
                       const struct net_scales *out)
{
    (void)in;
    (void)out;
    const struct net_conv_spec *s = &conv->spec;
    size_t taps = (size_t)(s->kernel * s->kernel);
    memset(conv->plain, 0, (size_t)conv->out * (size_t)conv->in * taps * sizeof(float));
    for (size_t o = 0; o < (size_t)s->out; o++)
        memcpy(conv->plain + o * (size_t)conv->in * taps, weight + o * (size_t)s->in * taps,
               (size_t)s->in * taps * sizeof(float));
    memcpy(conv->bias, bias, (size_t)s->out * sizeof(float));
    for (struct net_dnnl_weights *packed = conv->forward; packed; packed = packed->next)
        reorder_run(packed, conv->stream);
    for (struct net_dnnl_weights *packed = conv->backward; packed; packed = packed->next)
        reorder_run(packed, conv->stream);
    if (conv->tiles_forward)
        net_conv_tiles_pack(conv->plain, conv->in, conv->out, false, conv->tiles_forward);
    if (conv->tiles_data)
        net_conv_tiles_pack(conv->plain, conv->in, conv->out, true, conv->tiles_data);
}

void net_dnnl_conv_zero_gradient(struct net_conv *conv)
{
    for (struct net_dnnl_weights *packed = conv->gradient; packed; packed = packed->next)
        memset(packed->data, 0, dnnl_memory_desc_get_size(&packed->md));
    memset(conv->bias_sum, 0, (size_t)conv->out * sizeof(float));
    if (conv->own)
        memset(conv->taps, 0, taps_count(conv) * sizeof(float));
}

/* Adds our own kernel's gradient to the plain layout, in blocks of output channels, each of which is adjacent there. */
static void taps_add(const struct net_conv *conv, float *weight)
{
    enum { TAPS = 9, BLOCK = 16 };
    const struct net_conv_spec *s = &conv->spec;
    for (int first = 0; first < s->out; first += BLOCK)
        for (size_t i = 0; i < (size_t)s->in; i++) {
            const float *from = conv->taps + i * (size_t)conv->out + (size_t)first;
            float *to = weight + ((size_t)first * (size_t)s->in + i) * TAPS;
            for (int o = 0; o < MIN(BLOCK, s->out - first); o++)
                for (size_t t = 0; t < TAPS; t++)
                    to[(size_t)o * (size_t)s->in * TAPS + t] +=
                        from[t * (size_t)conv->in * (size_t)conv->out + (size_t)o];
        }
}

void net_dnnl_conv_gradient(const struct net_conv *conv, float *weight, float *bias)
{
    const struct net_conv_spec *s = &conv->spec;
    size_t taps = (size_t)(s->kernel * s->kernel);
    for (struct net_dnnl_weights *packed = conv->gradient; packed; packed = packed->next) {
        reorder_run(packed, conv->stream);
        for (size_t o = 0; o < (size_t)s->out; o++)
            net_packed_real.add((size_t)s->in * taps, weight + o * (size_t)s->in * taps,
                                conv->unpacked + o * (size_t)conv->in * taps);
    }
    if (conv->own)
        taps_add(conv, weight);
    net_packed_real.add((size_t)s->out, bias, conv->bias_sum);
}

/* The sum's layout may be new to the other convolution. */
static struct net_dnnl_weights *layout_of(struct net_conv *conv, const dnnl_memory_desc_t *md)
{
    GError *error = NULL;
    pthread_mutex_lock(&net_dnnl_primitives);
    struct net_dnnl_weights *packed = net_dnnl_weights_get(conv, NET_DNNL_WEIGHTS, md, &error);
    pthread_mutex_unlock(&net_dnnl_primitives);
    if (!packed)
        g_error("%s", error->message);
    return packed;
}

void net_dnnl_conv_move_gradient(struct net_conv *from, struct net_conv *to)
{
    for (struct net_dnnl_weights *packed = from->gradient; packed; packed = packed->next)
        net_move_sum(dnnl_memory_desc_get_size(&packed->md) / sizeof(float), packed->data,
                     layout_of(to, &packed->md)->data);
    if (from->own)
        net_move_sum(taps_count(from), from->taps, to->taps);
    net_move_sum((size_t)from->out, from->bias_sum, to->bias_sum);
}

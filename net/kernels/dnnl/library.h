/* What the files of dnnl/ share: oneDNN 2.x behind two tables, f32 and bf16 with f32 sums.
 *
 * Layouts are the library's choice, made once for each table; channels are padded here, to a multiple that divides into
 * any of its blocks, so that the library never has padding of its own to look after. */
#ifndef TENGEN_NET_KERNELS_DNNL_LIBRARY_H
#define TENGEN_NET_KERNELS_DNNL_LIBRARY_H

#include "net/kernels/arithmetic.h"

#include <dnnl.h>
#include <pthread.h>

/* What activations and weights of one table are in. Sums, biases and gradients of weights are in f32. */
struct net_dnnl_type {
    dnnl_data_type_t type;
    int block; /* channels together in an activation tensor; NET_DNNL_NHWC: all */
    dnnl_status_t status;
};
enum { NET_DNNL_NHWC = -1 };

/* Weights, or the sum of their gradients, in one of the layouts that the library likes: boards and batch sizes may
 * differ in it, and forcing one on all of them ends in the reference kernel. */
struct net_dnnl_weights {
    dnnl_memory_desc_t md;
    void *data;
    dnnl_primitive_t reorder; /* from plain, or to it for gradients */
    dnnl_memory_t from, to;
    struct net_dnnl_weights *next;
};

struct net_conv {
    const struct net_dnnl_type *type;
    struct net_conv_spec spec;
    int in, out; /* padded */
    dnnl_stream_t stream;
    float *plain, *bias; /* [out][in][k][k], [out]; kept, as a new extent may want the weights in a new layout */
    float *unpacked;     /* a gradient in the plain layout */
    struct net_dnnl_weights *forward, *backward, *gradient; /* lists */
    float *fresh;                                           /* gradient of one execution */
    size_t fresh_bytes;
    float *bias_fresh, *bias_sum;
    float *taps; /* [3][3][in][out] gradient by our own kernel, NULL where the library's is used */
};

enum net_dnnl_direction { NET_DNNL_FORWARD, NET_DNNL_DATA, NET_DNNL_WEIGHTS };

/* ---- library.c ---- */

extern struct net_dnnl_type net_dnnl_f32, net_dnnl_bf16;
extern dnnl_engine_t net_dnnl_engine; /* there once net_dnnl_start has run */
/* Primitives come from a cache of the library's that all threads share. It guards itself, by means that ThreadSanitizer
 * cannot see; they are made and freed so seldom that one more lock costs nothing. */
extern pthread_mutex_t net_dnnl_primitives;

void net_dnnl_start(void); /* any thread, any number of times */
/* Whether status is success; an error that says what could not be done. */
bool net_dnnl_good(dnnl_status_t status, const char *what, GError **error);
int net_dnnl_padded(int channels);
struct net_layout net_dnnl_layout(const struct net_dnnl_type *type, int channels);
/* Memory of a convolution's tensors and parameters. */
dnnl_memory_desc_t net_dnnl_src(const struct net_conv *conv, struct net_extent e);
dnnl_memory_desc_t net_dnnl_dst(const struct net_conv *conv, enum net_dnnl_direction direction, struct net_extent e);
dnnl_memory_desc_t net_dnnl_plain_weights(const struct net_conv *conv);
dnnl_memory_desc_t net_dnnl_bias(const struct net_conv *conv);
/* hint: the forward descriptor, for the other directions. */
dnnl_status_t net_dnnl_describe(const struct net_conv *conv, enum net_dnnl_direction direction, struct net_extent e,
                                dnnl_primitive_desc_t hint, dnnl_primitive_desc_t *pd);

/* ---- weights.c ---- */

struct net_conv *net_dnnl_conv_create(const struct net_dnnl_type *type, const struct net_conv_spec *spec,
                                      GError **error);
void net_dnnl_conv_free(struct net_conv *conv);
void net_dnnl_conv_set(struct net_conv *conv, const float *weight, const float *bias, const struct net_scales *in,
                       const struct net_scales *out);
void net_dnnl_conv_zero_gradient(struct net_conv *conv);
void net_dnnl_conv_gradient(const struct net_conv *conv, float *weight, float *bias);
/* The form of the weights, or of their gradient, in that layout: made, and weights filled in, when it is the first of
 * its kind. NULL on error. */
struct net_dnnl_weights *net_dnnl_weights_get(struct net_conv *conv, enum net_dnnl_direction direction,
                                              const dnnl_memory_desc_t *md, GError **error);

#endif

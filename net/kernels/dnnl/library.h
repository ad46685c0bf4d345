/* Shared by the files of dnnl/: oneDNN 2.x behind two tables, f32 and bf16 with f32 sums.
 *
 * The library chooses the layouts, once for each table. We pad channels to a multiple of its block sizes, so that the
 * library never adds padding of its own. */
#ifndef TENGEN_NET_KERNELS_DNNL_LIBRARY_H
#define TENGEN_NET_KERNELS_DNNL_LIBRARY_H

#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"

#include <dnnl.h>
#include <pthread.h>

/* The element type of the activations and weights of a table. Sums, biases and weight gradients are in f32. */
struct net_dnnl_type {
    dnnl_data_type_t type;
    int block; /* adjacent channels in an activation tensor; NET_DNNL_NHWC: all */
    dnnl_status_t status;
};
enum { NET_DNNL_NHWC = -1 };

/* Weights, or the accumulated gradient, in one of the library's layouts. The preferred layout may differ between board
 * and batch sizes, and forcing a single one makes the library fall back to its reference kernel. */
struct net_dnnl_weights {
    dnnl_memory_desc_t md;
    void *data;
    dnnl_primitive_t reorder; /* from plain; for gradients, to plain */
    dnnl_memory_t from, to;
    struct net_dnnl_weights *next;
};

struct net_conv {
    const struct net_dnnl_type *type;
    struct net_conv_spec spec;
    int in, out; /* padded */
    dnnl_stream_t stream;
    float *plain, *bias; /* [out][in][k][k], [out]; kept, because a new extent may need the weights in a new layout */
    float *unpacked;     /* a gradient in the plain layout */
    struct net_dnnl_weights *forward, *backward, *gradient; /* lists */
    float *fresh;                                           /* gradient of one execution */
    size_t fresh_bytes;
    float *bias_fresh, *bias_sum;
    const struct net_weights_kernel *own; /* for the gradient of the weights; NULL: the library's is used */
    float *taps;                          /* [3][3][in][out]: its sums */
    /* Weights for our own kernel on tiles (conv_tiles.h), forward and for the gradient of the data; NULL: the library computes it. */
    void *tiles_forward, *tiles_data;
};

enum net_dnnl_direction { NET_DNNL_FORWARD, NET_DNNL_DATA, NET_DNNL_WEIGHTS };

/* ---- library.c ---- */

extern struct net_dnnl_type net_dnnl_f32, net_dnnl_bf16;
extern dnnl_engine_t net_dnnl_engine; /* valid after net_dnnl_start */
/* Held while primitives are created or freed. The library's cache of primitives, shared by all threads, is thread-safe,
 * but ThreadSanitizer cannot see that; this happens so rarely that the lock costs nothing. */
extern pthread_mutex_t net_dnnl_primitives;

void net_dnnl_start(void); /* any thread, any number of times */
/* Whether status is success; otherwise sets an error "could not WHAT". */
bool net_dnnl_good(dnnl_status_t status, const char *what, GError **error);
int net_dnnl_padded(int channels);
struct net_layout net_dnnl_layout(const struct net_dnnl_type *type, int channels);
/* Memory descriptors of a convolution's tensors and parameters. */
dnnl_memory_desc_t net_dnnl_src(const struct net_conv *conv, struct net_extent e);
dnnl_memory_desc_t net_dnnl_dst(const struct net_conv *conv, enum net_dnnl_direction direction, struct net_extent e);
dnnl_memory_desc_t net_dnnl_plain_weights(const struct net_conv *conv);
dnnl_memory_desc_t net_dnnl_bias(const struct net_conv *conv);
/* hint: the forward descriptor, which the other directions need. */
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
void net_dnnl_conv_move_gradient(struct net_conv *from, struct net_conv *to);
/* The weights, or their gradient, in that layout; created (and weights filled in) when first requested. NULL on
 * error. */
struct net_dnnl_weights *net_dnnl_weights_get(struct net_conv *conv, enum net_dnnl_direction direction,
                                              const dnnl_memory_desc_t *md, GError **error);

#endif

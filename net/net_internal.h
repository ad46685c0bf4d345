/* What the files of net/ share of a net; nobody else includes this. */
#ifndef TENGEN_NET_NET_INTERNAL_H
#define TENGEN_NET_NET_INTERNAL_H

#include "net/graph/graph.h"
#include "net/kernels/ops.h"
#include "net/io/safetensors.h"
#include <stdatomic.h>

enum { NET_BOARD_MAX = 32 }; /* edge */

struct net {
    struct net_graph *graph;
    float *params; /* [graph->parameters] */
    float *ranges; /* [2][graph->ranges], highest and mean of narrow tensors (int8.h); NULL: never calibrated */
    int calibrations;
    char *note;
    uint64_t generation;
    atomic_int references;
};

/* Takes graph and params (g_malloc). */
struct net *net_wrap(struct net_graph *graph, float *params, const char *note);
/* What `auto` stands for when this net is evaluated: int8 only with ranges. */
enum net_dtype net_dtype_resolve(const struct net *net, enum net_backend backend, enum net_dtype dtype);
/* An error for a backend or number type that cannot be had, NULL if it can. */
const struct net_ops *net_ops_select(enum net_backend backend, enum net_dtype dtype, GError **error);

/* Files: metadata and parameters under names with a prefix ("" for the weights themselves). */
struct net_metadata {
    GArray *texts; /* struct safetensors_text; values owned */
};
void net_metadata_init(struct net_metadata *metadata, const struct net_info *info, const char *format);
void net_metadata_add(struct net_metadata *metadata, const char *key, const char *format, ...) G_GNUC_PRINTF(3, 4);
void net_metadata_clear(struct net_metadata *metadata);
/* info from a file's metadata, checked. */
bool net_metadata_info(const struct safetensors *file, const char *path, const char *format, struct net_info *info,
                       GError **error);
/* Appends one safetensors_tensor for each parameter; names are owned by the array's free function. */
GArray *net_tensors_new(void);
/* Writes both to a file, whole or not at all, and frees them. */
int net_tensors_save(const char *path, GArray *tensors, struct net_metadata *metadata, GError **error);
void net_tensors_add(GArray *tensors, const struct net_graph *graph, const char *prefix, const float *values);
/* Fills values; refuses a missing tensor, another shape, a number that is not finite. */
bool net_tensors_read(const struct safetensors *file, const char *path, const struct net_graph *graph,
                      const char *prefix, float *values, GError **error);

#endif

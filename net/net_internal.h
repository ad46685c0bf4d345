/* What the files of net/ share of a net; nobody else includes this. */
#ifndef TENGEN_NET_NET_INTERNAL_H
#define TENGEN_NET_NET_INTERNAL_H

#include "net/graph/graph.h"
#include "net/io/safetensors.h"
#include <stdatomic.h>

enum { NET_BOARD_MAX = 32 }; /* edge */

struct net {
    struct net_graph *graph;
    float *params; /* [graph->parameters] */
    float *ranges; /* [2][graph->ranges], highest and mean of quantised tensors; NULL: never calibrated */
    int calibrations;
    char *note;
    uint64_t generation;
    atomic_int references;
};

/* Takes graph and params (g_malloc). */
struct net *net_wrap(struct net_graph *graph, float *params, const char *note);
/* NULL where this backend or processor has none. */
const struct net_arithmetic *net_arithmetic_select(enum net_backend backend, enum net_dtype dtype);
/* The arithmetic for a net. *dtype: what was asked for; NET_AUTO becomes the fastest that backend, processor and every
 * operation of the graph support in this flavour. int8 needs `calibrated`. NULL with an error that names the block, or
 * says what the machine lacks. */
const struct net_arithmetic *net_arithmetic_for(const struct net_graph *graph, enum net_backend backend,
                                                enum net_dtype *dtype, enum net_flavour flavour, bool calibrated,
                                                GError **error);

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
/* Both as a file's bytes, which the caller frees; frees the two. */
GBytes *net_tensors_write(GArray *tensors, struct net_metadata *metadata);
void net_tensors_add(GArray *tensors, const struct net_graph *graph, const char *prefix, const float *values);
/* Fills values; refuses a missing tensor, another shape, a number that is not finite. A file that was written when the
 * table of targets (net/targets.h) had fewer entries is read, too: the outputs that it lacks are 0. */
bool net_tensors_read(const struct safetensors *file, const char *path, const struct net_graph *graph,
                      const char *prefix, float *values, GError **error);

#endif

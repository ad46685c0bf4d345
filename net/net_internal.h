/* Shared by the files of net/; not for other folders. */
#ifndef TENGEN_NET_NET_INTERNAL_H
#define TENGEN_NET_NET_INTERNAL_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/net.h"

struct safetensors;

enum { NET_BOARD_MAX = 32 }; /* width and height, at most */

static inline bool net_extent_valid(struct net_extent e)
{
    return e.width >= 1 && e.width <= NET_BOARD_MAX && e.height >= 1 && e.height <= NET_BOARD_MAX && e.n >= 1;
}

struct net {
    struct net_graph *graph;
    float *params; /* [graph->parameters] */
    float *ranges; /* [2][graph->ranges], maxima and means of the channels of quantised tensors; NULL: not calibrated */
    int calibrations;
    char *note, *scope, *history; /* texts of the file; "" if there is none */
    uint64_t generation;
    atomic_int references;
};

/* Creates a net without texts; takes ownership of graph and params (both from g_malloc). */
struct net *net_wrap(struct net_graph *graph, float *params);
/* Copies note, scope and history. */
void net_copy_texts(struct net *to, const struct net *from);
/* Replaces one of them; NULL: by "". */
void net_set_text(char **text, const char *by);
/* A net whose blocks have this many channels and that gives the same outputs; new channels have random weights from the seed. NULL
 * if a block cannot be widened, its blocks differ in channels, or it has more. Without note, scope and calibration. */
struct net *net_widened(const struct net *net, int channels, uint64_t seed);
/* NULL if the backend or the processor does not support the number type. */
const struct net_arithmetic *net_arithmetic_select(enum net_backend backend, enum net_dtype dtype);
/* The arithmetic for a net. *dtype: the requested number type; NET_AUTO becomes the fastest that the backend, the
 * processor and all operations of the graph support in this flavour. int8 requires `calibrated`. Returns NULL with an
 * error that names the block that does not support the type, or what the machine lacks. */
const struct net_arithmetic *net_arithmetic_for(const struct net_graph *graph, enum net_backend backend,
                                                enum net_dtype *dtype, enum net_flavour flavour, bool calibrated,
                                                GError **error);

/* Files: metadata, and parameters whose names have a prefix ("" for the weights themselves). */
struct net_metadata {
    GArray *texts; /* struct safetensors_text; values owned */
};
void net_metadata_init(struct net_metadata *metadata, const struct net_info *info, const char *format);
void net_metadata_add(struct net_metadata *metadata, const char *key, const char *format, ...) G_GNUC_PRINTF(3, 4);
void net_metadata_clear(struct net_metadata *metadata);
/* Reads and validates a file's metadata. */
bool net_metadata_info(const struct safetensors *file, const char *path, const char *format, struct net_info *info,
                       GError **error);
/* An empty array of struct safetensors_tensor, which owns their names. */
GArray *net_tensors_new(void);
/* Serialises both to the bytes of a file (released by the caller) and frees them. */
GBytes *net_tensors_write(GArray *tensors, struct net_metadata *metadata);
/* Appends one tensor for each parameter. */
void net_tensors_add(GArray *tensors, const struct net_graph *graph, const char *prefix, const float *values);
/* Fills `values`; fails if a tensor is missing or has another shape, or a value is not finite. Also reads files written
 * when the table of targets (net/targets.h) had fewer entries: the outputs that are missing are 0. */
bool net_tensors_read(const struct safetensors *file, const char *path, const struct net_graph *graph,
                      const char *prefix, float *values, GError **error);

#endif

/* A model in the making: nodes, constants and values with names, from the operations of a graph.
 *
 *   onnx_node(onnx, "Relu", ONNX_IN(x), NULL)   appends a node; its result is the name of a new value
 *
 * A value is known by its name, which belongs to the model. Constants are stored once, however often they are used. */
#ifndef TENGEN_NET_ONNX_BUILDER_H
#define TENGEN_NET_ONNX_BUILDER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/graph/graph.h"

struct onnx {
    const struct net_graph *graph;
    const float *params;           /* [graph->parameters] */
    GByteArray *nodes, *constants; /* fields of the model's graph */
    GStringChunk *names;
    GHashTable *known; /* names of constants, and what onnx_shared made, by its key */
    int values;        /* made so far, for their names */
    const char
        *tensor[2 * NET_MAX_OPS]; /* the value of each tensor of the graph; spatial ones as [n][channels][y][x] */
};

/* An attribute of a node: integers; a single one is stored as ONNX's INT if `single`. */
struct onnx_attribute {
    const char *name; /* NULL ends a list */
    bool single;
    int count;
    int64_t values[4];
};
#define ONNX_IN(...)                                                                                                   \
    (const char *const[])                                                                                              \
    {                                                                                                                  \
        __VA_ARGS__, NULL                                                                                              \
    }
#define ONNX_WITH(...)                                                                                                 \
    (const struct onnx_attribute[])                                                                                    \
    {                                                                                                                  \
        __VA_ARGS__,                                                                                                   \
        {                                                                                                              \
            .name = NULL                                                                                               \
        }                                                                                                              \
    }

/* Appends a node with one result, and returns its name. attributes: NULL for none. */
const char *onnx_node(struct onnx *onnx, const char *type, const char *const *inputs,
                      const struct onnx_attribute *attributes);
/* The same, and the result has this name: an output of the model. */
void onnx_node_named(struct onnx *onnx, const char *name, const char *type, const char *const *inputs,
                     const struct onnx_attribute *attributes);
/* Constants: a vector of integers, a number without dimensions. */
const char *onnx_ints(struct onnx *onnx, int count, const int64_t *values);
const char *onnx_int(struct onnx *onnx, int64_t value);
const char *onnx_number(struct onnx *onnx, float value);

/* Common steps. */
const char *onnx_slice(struct onnx *onnx, const char *value, int axis, int first, int count);
const char *onnx_reshape(struct onnx *onnx, const char *value, int rank, const int64_t *shape);
const char *onnx_relu(struct onnx *onnx, const char *value);
const char *onnx_two(struct onnx *onnx, const char *type, const char *a, const char *b);
const char *onnx_join(struct onnx *onnx, const char *const *values, int axis);

/* A value that only depends on the size of the board, made at its first use. */
typedef const char *onnx_maker(struct onnx *onnx);
const char *onnx_shared(struct onnx *onnx, const char *name, onnx_maker *make);
/* Height or width (axis 2, 3), as an integer vector of one element. */
const char *onnx_side(struct onnx *onnx, int axis);

/* The value of an operation's input, the name of its parameter. */
const char *onnx_input(const struct onnx *onnx, const struct net_op *op, int k);
const char *onnx_param(const struct onnx *onnx, const struct net_op *op, int k);
/* Adds all parameters of the graph as constants, under their own names. */
void onnx_add_params(struct onnx *onnx);
int onnx_channels(const struct onnx *onnx, int tensor);

/* Operations of graph/blocks; each returns the value of its result. */
const char *onnx_attend(struct onnx *onnx, const struct net_op *op);
const char *onnx_tokens(struct onnx *onnx, const struct net_op *op);

/* For tests: the file of a graph with these parameters, as net_onnx_write. */
GBytes *onnx_write_graph(const struct net_graph *graph, const float *params, const char *const *metadata,
                         GError **error);

#endif

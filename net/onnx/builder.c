#include "net/onnx/builder.h"

#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/onnx/proto.h"

#include <stddef.h>

/* Of onnx.proto: NodeProto, AttributeProto, TensorProto, GraphProto. */
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_TYPE = 4, NODE_ATTRIBUTE = 5 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_INT = 3, ATTRIBUTE_INTS = 8, ATTRIBUTE_TYPE = 20, TYPE_INT = 2, TYPE_INTS = 7 };
enum { TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_NAME = 8, TENSOR_DATA = 9, TENSOR_FLOAT = 1, TENSOR_INT64 = 7 };
enum { GRAPH_NODE = 1, GRAPH_CONSTANT = 5 };

static GByteArray *attribute_message(const struct onnx_attribute *attribute)
{
    GByteArray *message = g_byte_array_new();
    proto_text(message, ATTRIBUTE_NAME, attribute->name);
    for (int i = 0; i < attribute->count; i++)
        proto_int(message, attribute->single ? ATTRIBUTE_INT : ATTRIBUTE_INTS, attribute->values[i]);
    proto_int(message, ATTRIBUTE_TYPE, attribute->single ? TYPE_INT : TYPE_INTS);
    return message;
}

void onnx_node_named(struct onnx *onnx, const char *name, const char *type, const char *const *inputs,
                     const struct onnx_attribute *attributes)
{
    GByteArray *node = g_byte_array_new();
    for (int i = 0; inputs[i]; i++)
        proto_text(node, NODE_INPUT, inputs[i]);
    proto_text(node, NODE_OUTPUT, name);
    proto_text(node, NODE_TYPE, type);
    for (int i = 0; attributes && attributes[i].name; i++)
        proto_message(node, NODE_ATTRIBUTE, attribute_message(&attributes[i]));
    proto_message(onnx->nodes, GRAPH_NODE, node);
}

const char *onnx_node(struct onnx *onnx, const char *type, const char *const *inputs,
                      const struct onnx_attribute *attributes)
{
    char name[64];
    g_snprintf(name, sizeof name, "%s_%d", type, onnx->values++);
    const char *kept = g_string_chunk_insert(onnx->names, name);
    onnx_node_named(onnx, kept, type, inputs, attributes);
    return kept;
}

/* ---- constants ---- */

static void add_constant(struct onnx *onnx, const char *name, int type, int rank, const int64_t *shape,
                         const void *data, size_t size)
{
    GByteArray *tensor = g_byte_array_new();
    for (int d = 0; d < rank; d++)
        proto_int(tensor, TENSOR_DIMS, shape[d]);
    proto_int(tensor, TENSOR_TYPE, type);
    proto_text(tensor, TENSOR_NAME, name);
    proto_bytes(tensor, TENSOR_DATA, data, size); /* little endian, as the processors that Tengen runs on */
    proto_message(onnx->constants, GRAPH_CONSTANT, tensor);
}

/* The constant of this name; adds it at its first use. */
static const char *constant(struct onnx *onnx, const char *name, int type, int rank, const int64_t *shape,
                            const void *data, size_t size)
{
    const char *known = g_hash_table_lookup(onnx->known, name);
    if (known)
        return known;
    known = g_string_chunk_insert(onnx->names, name);
    g_hash_table_insert(onnx->known, (gpointer)known, (gpointer)known);
    add_constant(onnx, known, type, rank, shape, data, size);
    return known;
}

const char *onnx_ints(struct onnx *onnx, int count, const int64_t *values)
{
    GString *name = g_string_new("ints");
    for (int i = 0; i < count; i++)
        g_string_append_printf(name, "_%" G_GINT64_FORMAT, values[i]);
    const char *known =
        constant(onnx, name->str, TENSOR_INT64, 1, (int64_t[]){count}, values, (size_t)count * sizeof *values);
    g_string_free(name, TRUE);
    return known;
}

const char *onnx_int(struct onnx *onnx, int64_t value)
{
    char name[48];
    g_snprintf(name, sizeof name, "int_%" G_GINT64_FORMAT, value);
    return constant(onnx, name, TENSOR_INT64, 0, NULL, &value, sizeof value);
}

const char *onnx_number(struct onnx *onnx, float value)
{
    char name[64], digits[G_ASCII_DTOSTR_BUF_SIZE];
    g_snprintf(name, sizeof name, "number_%s", g_ascii_dtostr(digits, sizeof digits, (double)value));
    return constant(onnx, name, TENSOR_FLOAT, 0, NULL, &value, sizeof value);
}

const char *onnx_param(const struct onnx *onnx, const struct net_op *op, int k)
{
    return onnx->graph->param[op->param[k]].name;
}

void onnx_add_params(struct onnx *onnx)
{
    for (int i = 0; i < onnx->graph->params; i++) {
        const struct net_param *param = &onnx->graph->param[i];
        int64_t shape[4];
        for (int d = 0; d < param->rank; d++)
            shape[d] = param->shape[d];
        add_constant(onnx, param->name, TENSOR_FLOAT, param->rank, shape, onnx->params + param->offset,
                     param->count * sizeof *onnx->params);
    }
}

/* ---- common steps ---- */

const char *onnx_slice(struct onnx *onnx, const char *value, int axis, int first, int count)
{
    return onnx_node(onnx, "Slice",
                     ONNX_IN(value, onnx_ints(onnx, 1, (int64_t[]){first}),
                             onnx_ints(onnx, 1, (int64_t[]){first + count}), onnx_ints(onnx, 1, (int64_t[]){axis})),
                     NULL);
}

const char *onnx_reshape(struct onnx *onnx, const char *value, int rank, const int64_t *shape)
{
    return onnx_two(onnx, "Reshape", value, onnx_ints(onnx, rank, shape));
}

const char *onnx_relu(struct onnx *onnx, const char *value)
{
    return onnx_node(onnx, "Relu", ONNX_IN(value), NULL);
}

const char *onnx_two(struct onnx *onnx, const char *type, const char *a, const char *b)
{
    return onnx_node(onnx, type, ONNX_IN(a, b), NULL);
}

const char *onnx_join(struct onnx *onnx, const char *const *values, int axis)
{
    return onnx_node(onnx, "Concat", values, ONNX_WITH({"axis", true, 1, {axis}}));
}

/* ---- the board ---- */

const char *onnx_shared(struct onnx *onnx, const char *name, onnx_maker *make)
{
    const char *known = g_hash_table_lookup(onnx->known, name);
    if (!known) {
        known = make(onnx);
        g_hash_table_insert(onnx->known, (gpointer)name, (gpointer)known);
    }
    return known;
}

static const char *make_shape(struct onnx *onnx)
{
    return onnx_node(onnx, "Shape", ONNX_IN(onnx->tensor[onnx->graph->planes]), NULL);
}

const char *onnx_side(struct onnx *onnx, int axis)
{
    return onnx_slice(onnx, onnx_shared(onnx, "shape", make_shape), 0, axis, 1);
}

const char *onnx_input(const struct onnx *onnx, const struct net_op *op, int k)
{
    return onnx->tensor[op->in[k]];
}

int onnx_channels(const struct onnx *onnx, int tensor)
{
    return onnx->graph->tensor[tensor].channels;
}

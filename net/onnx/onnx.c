#include "net/onnx/onnx.h"

#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/onnx/builder.h"
#include "net/onnx/proto.h"
#include "net/targets.h"

#include <string.h>

/* ---- operations: see NET_OPS in net/graph/op.h, and net/graph/blocks ---- */

static const char *rectified(struct onnx *onnx, const struct net_op *op, const char *value)
{
    return op->relu ? onnx_relu(onnx, value) : value;
}

/* Of the first input, with parameters `first`, the weights, and the next one, the bias. */
static const char *convolve(struct onnx *onnx, const struct net_op *op, int first)
{
    const int64_t kernel = op->kernel, pad = kernel / 2;
    return onnx_node(onnx, "Conv",
                     ONNX_IN(onnx_input(onnx, op, 0), onnx_param(onnx, op, first), onnx_param(onnx, op, first + 1)),
                     ONNX_WITH({"kernel_shape", false, 2, {kernel, kernel}}, {"pads", false, 4, {pad, pad, pad, pad}}));
}

static const char *write_conv(struct onnx *onnx, const struct net_op *op)
{
    const char *sum = convolve(onnx, op, 0);
    if (op->ins > 1)
        sum = onnx_two(onnx, "Add", sum, onnx_input(onnx, op, 1));
    return rectified(onnx, op, sum);
}

/* [n][channels] as [n][channels][1][1]. */
static const char *on_points(struct onnx *onnx, const char *value)
{
    return onnx_two(onnx, "Unsqueeze", value, onnx_ints(onnx, 2, (int64_t[]){2, 3}));
}

/* ONNX has no layer with weights by row: all experts compute, and all but the chosen one are multiplied by 0. */
typedef const char *layer_writer(struct onnx *onnx, const struct net_op *op, int param);

static const char *chosen(struct onnx *onnx, const struct net_op *op, bool spatial, layer_writer *layer)
{
    const char *choice = onnx_input(onnx, op, 1), *sum = NULL;
    for (int64_t e = 0; e < op->experts; e++) {
        const char *equal = onnx_two(onnx, "Equal", choice, onnx_ints(onnx, 1, &e));
        const char *factor = onnx_node(onnx, "Cast", ONNX_IN(equal), ONNX_WITH({"to", true, 1, {1 /* FLOAT */}}));
        const char *own =
            onnx_two(onnx, "Mul", layer(onnx, op, 2 * (int)e), spatial ? on_points(onnx, factor) : factor);
        sum = sum ? onnx_two(onnx, "Add", sum, own) : own;
    }
    return sum;
}

static const char *write_expert(struct onnx *onnx, const struct net_op *op)
{
    return rectified(onnx, op, chosen(onnx, op, true, convolve));
}

/* With parameter number `param` and the one after it. */
static const char *multiply(struct onnx *onnx, const struct net_op *op, int param)
{
    return onnx_node(onnx, "Gemm",
                     ONNX_IN(onnx_input(onnx, op, 0), onnx_param(onnx, op, param), onnx_param(onnx, op, param + 1)),
                     NULL);
}

static const char *write_dense(struct onnx *onnx, const struct net_op *op)
{
    return rectified(onnx, op, op->experts > 0 ? chosen(onnx, op, false, multiply) : multiply(onnx, op, 0));
}

/* (edge - 10) / 10, the edge being the mean of width and height. */
static const char *make_edge_scale(struct onnx *onnx)
{
    const char *sum = onnx_two(onnx, "Add", onnx_side(onnx, 2), onnx_side(onnx, 3));
    const char *real = onnx_node(onnx, "Cast", ONNX_IN(sum), ONNX_WITH({"to", true, 1, {1 /* FLOAT */}}));
    return onnx_two(onnx, "Div", onnx_two(onnx, "Sub", real, onnx_number(onnx, 20)), onnx_number(onnx, 20));
}

static const char *over_points(struct onnx *onnx, const char *type, const char *value)
{
    return onnx_node(onnx, type, ONNX_IN(value), ONNX_WITH({"axes", false, 2, {2, 3}}, {"keepdims", true, 1, {0}}));
}

static const char *write_pool(struct onnx *onnx, const struct net_op *op)
{
    const char *x = onnx_relu(onnx, onnx_slice(onnx, onnx_input(onnx, op, 0), 1, op->first, op->count));
    const char *mean = over_points(onnx, "ReduceMean", x), *most = over_points(onnx, "ReduceMax", x);
    const char *scaled = onnx_two(onnx, "Mul", mean, onnx_shared(onnx, "edge_scale", make_edge_scale));
    return onnx_join(onnx, ONNX_IN(mean, scaled, most), 1);
}

static const char *write_bias_relu(struct onnx *onnx, const struct net_op *op)
{
    int after = onnx_channels(onnx, op->out) - op->first - op->count;
    const char *bias = onnx_input(onnx, op, 1); /* other channels: 0 */
    const char *padded = onnx_two(onnx, "Pad", bias, onnx_ints(onnx, 4, (int64_t[]){0, op->first, 0, after}));
    return onnx_relu(onnx, onnx_two(onnx, "Add", onnx_input(onnx, op, 0), on_points(onnx, padded)));
}

static const char *write_sum(struct onnx *onnx, const struct net_op *op)
{
    return onnx_relu(onnx, onnx_two(onnx, "Add", onnx_input(onnx, op, 0), onnx_input(onnx, op, 1)));
}

/* The map, [n][1][y][x]. */
static const char *write_map(struct onnx *onnx, const struct net_op *op)
{
    const char *channel = onnx_slice(onnx, onnx_input(onnx, op, 0), 1, op->first, 1);
    return onnx_node(onnx, "Tanh", ONNX_IN(channel), NULL);
}

static const char *sum_over_points(struct onnx *onnx, const char *value)
{
    return onnx_node(onnx, "ReduceSum", ONNX_IN(value, onnx_ints(onnx, 2, (int64_t[]){2, 3})),
                     ONNX_WITH({"keepdims", true, 1, {0}}));
}

static const char *write_tally(struct onnx *onnx, const struct net_op *op)
{
    return onnx_two(onnx, "Mul", sum_over_points(onnx, write_map(onnx, op)), onnx_number(onnx, (float)op->scale));
}

static const char *write_spread(struct onnx *onnx, const struct net_op *op)
{
    const char *map = write_map(onnx, op);
    const char *rest = onnx_two(onnx, "Sub", onnx_number(onnx, 1), onnx_two(onnx, "Mul", map, map));
    const char *variance = onnx_two(onnx, "Add", sum_over_points(onnx, rest), onnx_number(onnx, 0.25f));
    return onnx_two(onnx, "Mul", onnx_node(onnx, "Sqrt", ONNX_IN(variance), NULL), onnx_number(onnx, (float)op->scale));
}

static const char *write_odds(struct onnx *onnx, const struct net_op *op)
{
    const char *weighed = onnx_two(onnx, "Mul", onnx_input(onnx, op, 2), onnx_param(onnx, op, 0));
    const char *rest = onnx_node(onnx, "ReduceSum", ONNX_IN(weighed, onnx_ints(onnx, 1, (int64_t[]){1})),
                                 ONNX_WITH({"keepdims", true, 1, {1}}));
    const char *margin = onnx_two(onnx, "Add", onnx_input(onnx, op, 0), rest);
    const char *z = onnx_two(onnx, "Div", margin, onnx_input(onnx, op, 1)), *limit = onnx_number(onnx, 4);
    return onnx_two(onnx, "Mul", onnx_node(onnx, "Tanh", ONNX_IN(onnx_two(onnx, "Div", z, limit)), NULL), limit);
}

static const char *write_join(struct onnx *onnx, const struct net_op *op)
{
    const char *inputs[NET_OP_INPUTS + 1] = {NULL};
    for (int k = 0; k < op->ins; k++)
        inputs[k] = onnx_input(onnx, op, k);
    return onnx_join(onnx, inputs, 1);
}

static const char *write_gate(struct onnx *onnx, const struct net_op *op)
{
    const char *gate = onnx_node(onnx, "Sigmoid", ONNX_IN(onnx_input(onnx, op, 2)), NULL);
    const char *gated = onnx_two(onnx, "Mul", onnx_input(onnx, op, 0), on_points(onnx, gate));
    return onnx_relu(onnx, onnx_two(onnx, "Add", onnx_input(onnx, op, 1), gated));
}

/* The centroid with the largest bias less squared distance, of which the part that all have in common is left out. */
static const char *write_route(struct onnx *onnx, const struct net_op *op)
{
    const char *centroids = onnx_param(onnx, op, 0);
    const char *features = onnx_slice(onnx, onnx_input(onnx, op, 0), 1, op->first, op->count);
    if (onnx->graph->tensor[op->in[0]].spatial)
        features = over_points(onnx, "ReduceMean", features);
    const char *lengths = onnx_node(
        onnx, "ReduceSum", ONNX_IN(onnx_two(onnx, "Mul", centroids, centroids), onnx_ints(onnx, 1, (int64_t[]){1})),
        ONNX_WITH({"keepdims", true, 1, {0}}));
    const char *columns = onnx_node(onnx, "Transpose", ONNX_IN(centroids), ONNX_WITH({"perm", false, 2, {1, 0}}));
    const char *twice = onnx_two(onnx, "Mul", onnx_two(onnx, "MatMul", features, columns), onnx_number(onnx, 2));
    const char *scores = onnx_two(onnx, "Add", onnx_two(onnx, "Sub", twice, lengths), onnx_param(onnx, op, 1));
    return onnx_node(onnx, "ArgMax", ONNX_IN(scores), ONNX_WITH({"axis", true, 1, {1}}, {"keepdims", true, 1, {1}}));
}

/* Dropout is missing: it is in no graph for inference. */
static const struct {
    const char *kind;
    const char *(*write)(struct onnx *onnx, const struct net_op *op);
} operations[] = {{"conv", write_conv},           {"dense", write_dense},  {"pool", write_pool},
                  {"bias_relu", write_bias_relu}, {"sum", write_sum},      {"tally", write_tally},
                  {"spread", write_spread},       {"odds", write_odds},    {"join", write_join},
                  {"gate", write_gate},           {"attend", onnx_attend}, {"tokens", onnx_tokens},
                  {"route", write_route},         {"expert", write_expert}};

static bool write_operations(struct onnx *onnx, GError **error)
{
    for (int i = 0; i < onnx->graph->ops; i++) {
        const struct net_op *op = &onnx->graph->op[i];
        size_t k = 0;
        while (k < G_N_ELEMENTS(operations) && strcmp(operations[k].kind, op->kind->name) != 0)
            k++;
        if (k == G_N_ELEMENTS(operations)) {
            char *where = net_graph_where(onnx->graph, i);
            g_set_error(
                error, NET_ERROR, NET_ERROR_MISMATCH,
                "%s has the operation \"%s\", which cannot be expressed in ONNX; export a net without this block",
                where, op->kind->name);
            g_free(where);
            return false;
        }
        onnx->tensor[op->out] = operations[k].write(onnx, op);
    }
    return true;
}

/* ---- outputs ---- */

/* One channel of the spatial output, [n][points]. */
static const char *points_of(struct onnx *onnx, enum net_target_id target)
{
    const struct net_graph *graph = onnx->graph;
    const char *channel = onnx_slice(onnx, onnx->tensor[graph->points], 1, graph->places.at[target], 1);
    return onnx_reshape(onnx, channel, 2, (int64_t[]){0, -1});
}

static const char *values_of(struct onnx *onnx, enum net_target_id target, int count)
{
    return onnx_slice(onnx, onnx->tensor[onnx->graph->values], 1, onnx->graph->places.at[target], count);
}

static void write_outputs(struct onnx *onnx)
{
    const struct net_graph *graph = onnx->graph;
    const char *points = points_of(onnx, NET_TARGET_POLICY);
    int others = graph->info.other_moves;
    if (others > 0)
        onnx_node_named(onnx, "policy", "Concat",
                        ONNX_IN(points, onnx_slice(onnx, onnx->tensor[graph->others], 1,
                                                   graph->places.group[NET_TARGET_POLICY] * others, others)),
                        ONNX_WITH({"axis", true, 1, {1}}));
    else
        onnx_node_named(onnx, "policy", "Identity", ONNX_IN(points), NULL);
    onnx_node_named(onnx, "wdl", "Softmax", ONNX_IN(values_of(onnx, NET_TARGET_VALUE, NET_OUTCOMES)),
                    ONNX_WITH({"axis", true, 1, {1}}));
    const char *score = onnx_reshape(onnx, values_of(onnx, NET_TARGET_SCORE, 1), 1, (int64_t[]){-1});
    onnx_node_named(onnx, "score", "Mul", ONNX_IN(score, onnx_number(onnx, net_targets[NET_TARGET_SCORE].unit)), NULL);
    onnx_node_named(onnx, "map", "Tanh", ONNX_IN(points_of(onnx, NET_TARGET_MAP)), NULL);
}

/* ---- the model: ModelProto, GraphProto, ValueInfoProto and what is in them ---- */

enum { MODEL_IR = 1, MODEL_PRODUCER = 2, MODEL_VERSION = 3, MODEL_GRAPH = 7, MODEL_OPSET = 8, MODEL_METADATA = 14 };
enum { GRAPH_NAME = 2, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { IR_VERSION = 8 /* of ONNX 1.12, the first with opset 17 */ };

/* A dimension that varies has a name. */
struct dimension {
    const char *name;
    int size;
};

static void declare(GByteArray *graph, int field, const char *name, int rank, const struct dimension *shape)
{
    GByteArray *dimensions = g_byte_array_new(), *tensor = g_byte_array_new(), *type = g_byte_array_new(),
               *value = g_byte_array_new();
    for (int d = 0; d < rank; d++) {
        GByteArray *dimension = g_byte_array_new();
        if (shape[d].name)
            proto_text(dimension, 2, shape[d].name);
        else
            proto_int(dimension, 1, shape[d].size);
        proto_message(dimensions, 1, dimension);
    }
    proto_int(tensor, 1, 1 /* FLOAT */);
    proto_message(tensor, 2, dimensions);
    proto_message(type, 1, tensor);
    proto_text(value, 1, name);
    proto_message(value, 2, type);
    proto_message(graph, field, value);
}

static void declare_all(GByteArray *graph, const struct net_info *info)
{
    const struct dimension n = {"n", 0};
    declare(graph, GRAPH_INPUT, "planes", 4,
            (const struct dimension[]){n, {NULL, info->planes}, {"height", 0}, {"width", 0}});
    declare(graph, GRAPH_INPUT, "globals", 2, (const struct dimension[]){n, {NULL, info->globals}});
    declare(graph, GRAPH_OUTPUT, "policy", 2, (const struct dimension[]){n, {"moves", 0}});
    declare(graph, GRAPH_OUTPUT, "wdl", 2, (const struct dimension[]){n, {NULL, NET_OUTCOMES}});
    declare(graph, GRAPH_OUTPUT, "score", 1, &n);
    declare(graph, GRAPH_OUTPUT, "map", 2, (const struct dimension[]){n, {"points", 0}});
}

static GBytes *model(const struct onnx *onnx, const char *const *metadata)
{
    GByteArray *graph = g_byte_array_new(), *opset = g_byte_array_new(), *file = g_byte_array_new();
    g_byte_array_append(graph, onnx->nodes->data, onnx->nodes->len);
    proto_text(graph, GRAPH_NAME, "tengen");
    g_byte_array_append(graph, onnx->constants->data, onnx->constants->len);
    declare_all(graph, &onnx->graph->info);
    proto_int(file, MODEL_IR, IR_VERSION);
    proto_text(file, MODEL_PRODUCER, "tengen");
    proto_text(file, MODEL_VERSION, TENGEN_VERSION);
    proto_message(file, MODEL_GRAPH, graph);
    proto_int(opset, 2, NET_ONNX_OPSET);
    proto_message(file, MODEL_OPSET, opset);
    for (int i = 0; metadata[i]; i += 2) {
        GByteArray *entry = g_byte_array_new();
        proto_text(entry, 1, metadata[i]);
        proto_text(entry, 2, metadata[i + 1]);
        proto_message(file, MODEL_METADATA, entry);
    }
    return g_byte_array_free_to_bytes(file);
}

GBytes *onnx_write_graph(const struct net_graph *graph, const float *params, const char *const *metadata,
                         GError **error)
{
    struct onnx onnx = {.graph = graph,
                        .params = params,
                        .nodes = g_byte_array_new(),
                        .constants = g_byte_array_new(),
                        .names = g_string_chunk_new(4096),
                        .known = g_hash_table_new(g_str_hash, g_str_equal)};
    GBytes *bytes = NULL;
    onnx.tensor[graph->planes] = "planes";
    onnx.tensor[graph->globals] = "globals";
    onnx_add_params(&onnx);
    if (write_operations(&onnx, error)) {
        write_outputs(&onnx);
        bytes = model(&onnx, metadata);
    }
    g_byte_array_unref(onnx.nodes);
    g_byte_array_unref(onnx.constants);
    g_string_chunk_free(onnx.names);
    g_hash_table_unref(onnx.known);
    return bytes;
}

GBytes *net_onnx_write(const struct net *net, GError **error)
{
    const struct net_info *info = net_info(net);
    const char *const metadata[] = {"game",  info->game,     "features", info->features, "trunk",   info->trunk,
                                    "scope", net_scope(net), "note",     net_note(net),  "history", net_history(net),
                                    NULL};
    struct net_graph *graph; /* an ONNX graph repeats nothing */
    g_assert(net_graph_create_unrolled(&graph, info, 0, false, NULL) == 0);
    GBytes *bytes = onnx_write_graph(graph, net->params, metadata, error);
    g_free(graph);
    return bytes;
}

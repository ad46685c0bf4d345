/* The operations of the blocks `attn` and `tokens`. Both read queries | keys and values, [n][3 channels][y][x], and divide them
 * by the root mean square of another tensor's channels; values are rectified. Per head, values become
 * [n][heads][depth][points]: points last, so that a board comes from them and goes back to them without a transposition. */
#include "net/onnx/builder.h"

#include "net/graph/op.h"
#include "net/kernels/attention.h"

#include <math.h>

static const float EPSILON = 1e-5f; /* of net/kernels/rms.h */

/* 1 / root mean square over the channels, [n][1][y][x]. */
static const char *norms(struct onnx *onnx, const char *x)
{
    const char *mean = onnx_node(onnx, "ReduceMean", ONNX_IN(onnx_two(onnx, "Mul", x, x)),
                                 ONNX_WITH({"axes", false, 1, {1}}, {"keepdims", true, 1, {1}}));
    const char *root = onnx_node(onnx, "Sqrt", ONNX_IN(onnx_two(onnx, "Add", mean, onnx_number(onnx, EPSILON))), NULL);
    return onnx_node(onnx, "Reciprocal", ONNX_IN(root), NULL);
}

static const char *by_heads(struct onnx *onnx, const char *value, int heads, int each)
{
    return onnx_reshape(onnx, value, 4, (int64_t[]){0, heads, each, -1});
}

static const char *transposed(struct onnx *onnx, const char *value)
{
    return onnx_node(onnx, "Transpose", ONNX_IN(value), ONNX_WITH({"perm", false, 4, {0, 1, 3, 2}}));
}

/* [n][heads][depth][points] to the shape of `like`, which has as many channels. */
static const char *to_board(struct onnx *onnx, const char *value, const char *like)
{
    return onnx_two(onnx, "Reshape", value, onnx_node(onnx, "Shape", ONNX_IN(like), NULL));
}

static const char *softmax(struct onnx *onnx, const char *value, int axis)
{
    return onnx_node(onnx, "Softmax", ONNX_IN(value), ONNX_WITH({"axis", true, 1, {axis}}));
}

/* 1 / sqrt(depth), the further factor of queries. */
static const char *query_scale(struct onnx *onnx, int depth)
{
    return onnx_number(onnx, 1 / (float)sqrt((double)depth));
}

/* ---- attn ---- */

/* Differences of a coordinate [points] between query and key, limited to the table, [keys][queries]. */
static const char *offsets(struct onnx *onnx, const char *coordinate)
{
    const char *query = onnx_two(onnx, "Unsqueeze", coordinate, onnx_ints(onnx, 1, (int64_t[]){0}));
    const char *key = onnx_two(onnx, "Unsqueeze", coordinate, onnx_ints(onnx, 1, (int64_t[]){1}));
    const char *clipped = onnx_node(onnx, "Clip",
                                    ONNX_IN(onnx_two(onnx, "Sub", query, key), onnx_int(onnx, -NET_ATTENTION_REACH),
                                            onnx_int(onnx, NET_ATTENTION_REACH)),
                                    NULL);
    return onnx_two(onnx, "Add", clipped, onnx_int(onnx, NET_ATTENTION_REACH));
}

/* The places in a head's table of the biases of all pairs, [keys][queries]. */
static const char *make_places(struct onnx *onnx)
{
    const char *width = onnx_node(onnx, "Squeeze", ONNX_IN(onnx_side(onnx, 3)), NULL);
    const char *height = onnx_node(onnx, "Squeeze", ONNX_IN(onnx_side(onnx, 2)), NULL);
    const char *count = onnx_two(onnx, "Mul", height, width);
    const char *point = onnx_node(onnx, "Range", ONNX_IN(onnx_int(onnx, 0), count, onnx_int(onnx, 1)), NULL);
    const char *y = offsets(onnx, onnx_two(onnx, "Div", point, width));
    const char *x = offsets(onnx, onnx_two(onnx, "Mod", point, width));
    return onnx_two(onnx, "Add", onnx_two(onnx, "Mul", y, onnx_int(onnx, NET_ATTENTION_SIDE)), x);
}

/* [heads][keys][queries]. */
static const char *biases(struct onnx *onnx, const char *table)
{
    const char *flat = onnx_reshape(onnx, table, 2, (int64_t[]){0, -1});
    return onnx_node(onnx, "Gather", ONNX_IN(flat, onnx_shared(onnx, "places", make_places)),
                     ONNX_WITH({"axis", true, 1, {1}}));
}

const char *onnx_attend(struct onnx *onnx, const struct net_op *op)
{
    int channels = onnx_channels(onnx, op->out), heads = op->heads, depth = channels / heads;
    const char *x = onnx_input(onnx, op, 1);
    const char *qkv = onnx_two(onnx, "Mul", onnx_input(onnx, op, 0), norms(onnx, x));
    const char *query = by_heads(onnx, onnx_slice(onnx, qkv, 1, 0, channels), heads, depth);
    const char *key = by_heads(onnx, onnx_slice(onnx, qkv, 1, channels, channels), heads, depth);
    const char *value = onnx_relu(onnx, by_heads(onnx, onnx_slice(onnx, qkv, 1, 2 * channels, channels), heads, depth));
    const char *scaled = onnx_two(onnx, "Mul", query, query_scale(onnx, depth));
    const char *products = onnx_two(onnx, "MatMul", transposed(onnx, key), scaled); /* [n][heads][keys][queries] */
    const char *shares = softmax(onnx, onnx_two(onnx, "Add", products, biases(onnx, onnx_param(onnx, op, 0))), 2);
    return to_board(onnx, onnx_two(onnx, "MatMul", value, shares), x);
}

/* ---- tokens ---- */

/* The learned queries [tokens][channels] as [heads][tokens][depth], scaled. */
static const char *token_queries(struct onnx *onnx, const struct net_op *op, int heads, int depth)
{
    const char *split = onnx_reshape(onnx, onnx_param(onnx, op, 0), 3, (int64_t[]){0, heads, depth});
    const char *turned = onnx_node(onnx, "Transpose", ONNX_IN(split), ONNX_WITH({"perm", false, 3, {1, 0, 2}}));
    return onnx_two(onnx, "Mul", turned, query_scale(onnx, depth));
}

const char *onnx_tokens(struct onnx *onnx, const struct net_op *op)
{
    int channels = onnx_channels(onnx, op->out), heads = op->heads, depth = channels / heads;
    const char *x = onnx_input(onnx, op, 1);
    const char *qkv = onnx_two(onnx, "Mul", onnx_input(onnx, op, 0), norms(onnx, x));
    const char *query = by_heads(onnx, onnx_slice(onnx, qkv, 1, 0, channels), heads, depth);
    /* Each head's keys, then its values. */
    const char *both = by_heads(onnx, onnx_slice(onnx, qkv, 1, channels, 2 * channels), heads, 2 * depth);
    const char *key = onnx_slice(onnx, both, 2, 0, depth);
    const char *value = onnx_relu(onnx, onnx_slice(onnx, both, 2, depth, depth));
    const char *pooled = onnx_two(onnx, "MatMul", token_queries(onnx, op, heads, depth), key);
    const char *shares = transposed(onnx, softmax(onnx, pooled, 3)); /* [n][heads][points][tokens] */
    const char *token_key = onnx_two(onnx, "MatMul", key, shares);   /* [n][heads][depth][tokens] */
    const char *token_value = onnx_two(onnx, "MatMul", value, shares);
    const char *scaled = onnx_two(onnx, "Mul", query, query_scale(onnx, depth));
    const char *products =
        onnx_two(onnx, "MatMul", transposed(onnx, token_key), scaled); /* [n][heads][tokens][points] */
    return to_board(onnx, onnx_two(onnx, "MatMul", token_value, softmax(onnx, products, 2)), x);
}

/* Models as ONNX: their structure, taken apart here by the wire format of protocol buffers. That runtimes compute the same as we
 * do is shown by tests/acceptance/net/onnx.sh. */
#include <criterion/criterion.h>
#include <string.h>

#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/onnx/builder.h"
#include "net/onnx/onnx.h"
#include "net/onnx/proto.h"

/* ---- the wire format ---- */

struct field {
    int number, wire;
    uint64_t value; /* of a varint */
    const guint8 *data;
    size_t size;
};

static uint64_t varint(const guint8 **at, const guint8 *end)
{
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        cr_assert(*at < end && shift < 64);
        value |= (uint64_t)(**at & 0x7f) << shift;
        if (!(*(*at)++ & 0x80))
            return value;
    }
}

/* The next field of a message; false at its end. */
static bool next(const guint8 **at, const guint8 *end, struct field *field)
{
    if (*at == end)
        return false;
    const uint64_t key = varint(at, end);
    *field = (struct field){.number = (int)(key >> 3), .wire = (int)(key & 7)};
    cr_assert(field->wire == 0 || field->wire == 2);
    if (field->wire == 0) {
        field->value = varint(at, end);
        return true;
    }
    field->size = varint(at, end);
    cr_assert(field->size <= (size_t)(end - *at));
    field->data = *at;
    *at += field->size;
    return true;
}

static char *text_of(const struct field *field)
{
    return g_strndup((const char *)field->data, field->size);
}

/* The first field of a number, which must exist. */
static struct field field_of(const guint8 *data, size_t size, int number)
{
    struct field field;
    for (const guint8 *at = data; next(&at, data + size, &field);)
        if (field.number == number)
            return field;
    cr_assert_fail("no field %d", number);
    return field;
}

Test(onnx, wire_format)
{
    /* By hand, from the description of the encoding: 150 is 96 01, -1 ten bytes. */
    static const guint8 want[] = {0x08, 0x96, 0x01, 0x12, 0x02, 'h',  'i',  0x22, 0x02, 0x08, 0x01,
                                  0x28, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
    GByteArray *message = g_byte_array_new(), *inner = g_byte_array_new();
    proto_int(message, 1, 150);
    proto_text(message, 2, "hi");
    proto_int(inner, 1, 1);
    proto_message(message, 4, inner);
    proto_int(message, 5, -1);
    cr_assert_eq(message->len, sizeof want);
    cr_assert(memcmp(message->data, want, sizeof want) == 0);
    g_byte_array_unref(message);
}

/* ---- models ---- */

static struct net *net_of(const char *trunk, int tally)
{
    struct net_info info = {
        .game = "go", .features = "go-v1", .planes = 4, .globals = 3, .other_moves = 1, .tally = tally};
    struct net *net;
    GError *error = NULL;
    g_strlcpy(info.trunk, trunk, sizeof info.trunk);
    cr_assert_eq(net_create(&net, &info, 1, &error), 0, "%s", error ? error->message : "");
    return net;
}

/* A node reads what is defined before it, and defines what is not yet. */
static void check_node(const struct field *node, GHashTable *defined)
{
    struct field field;
    for (const guint8 *at = node->data; next(&at, node->data + node->size, &field);) {
        char *name = field.number <= 2 ? text_of(&field) : NULL;
        if (field.number == 1)
            cr_assert(g_hash_table_contains(defined, name), "\"%s\" is read before it is there", name);
        if (field.number == 2)
            cr_assert(g_hash_table_add(defined, g_strdup(name)), "\"%s\" is defined twice", name);
        g_free(name);
    }
}

/* A weight is there under its name, with its shape and values. */
static void check_parameter(const struct net *net, const struct field *tensor)
{
    char *name;
    struct field field = field_of(tensor->data, tensor->size, 8);
    name = text_of(&field);
    for (int i = 0; i < net->graph->params; i++) {
        const struct net_param *param = &net->graph->param[i];
        int rank = 0;
        if (strcmp(param->name, name) != 0)
            continue;
        for (const guint8 *at = tensor->data; next(&at, tensor->data + tensor->size, &field);)
            if (field.number == 1)
                cr_assert_eq((int)field.value, param->shape[rank++]);
        cr_assert_eq(rank, param->rank);
        field = field_of(tensor->data, tensor->size, 9);
        cr_assert_eq(field.size, param->count * sizeof(float));
        cr_assert(memcmp(field.data, net->params + param->offset, field.size) == 0);
    }
    g_free(name);
}

static void check_model(const struct net *net)
{
    GError *error = NULL;
    GBytes *bytes = net_onnx_write(net, &error);
    cr_assert(bytes, "%s", error ? error->message : "");
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    GHashTable *defined = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct field graph = field_of(data, size, 7), opset = field_of(data, size, 8), field;
    int constants = 0, outputs = 0;
    cr_assert_eq(field_of(data, size, 1).value, 8, "version of the format");
    cr_assert_eq(field_of(opset.data, opset.size, 2).value, 17);
    /* Inputs and constants may stand after the nodes that read them. */
    for (const guint8 *at = graph.data; next(&at, graph.data + graph.size, &field);)
        if (field.number == 5 || field.number == 11) {
            struct field name = field_of(field.data, field.size, field.number == 5 ? 8 : 1);
            cr_assert(g_hash_table_add(defined, text_of(&name)));
            if (field.number == 5)
                check_parameter(net, &field);
            constants += field.number == 5;
        }
    cr_assert_geq(constants, net->graph->params);
    cr_assert(g_hash_table_contains(defined, "planes") && g_hash_table_contains(defined, "globals"));
    for (const guint8 *at = graph.data; next(&at, graph.data + graph.size, &field);)
        if (field.number == 1)
            check_node(&field, defined);
    for (const guint8 *at = graph.data; next(&at, graph.data + graph.size, &field);)
        if (field.number == 12) {
            static const char *const names[] = {"policy", "wdl", "score", "map"};
            struct field name = field_of(field.data, field.size, 1);
            char *text = text_of(&name);
            cr_assert(outputs < 4);
            cr_assert_str_eq(text, names[outputs++]);
            cr_assert(g_hash_table_contains(defined, text));
            g_free(text);
        }
    cr_assert_eq(outputs, 4);
    g_hash_table_unref(defined);
    g_bytes_unref(bytes);
}

/* A model has no input for a state. */
static void expect_refused(const struct net *net, const char *operation)
{
    GError *error = NULL;
    cr_expect_null(net_onnx_write(net, &error));
    cr_expect(error && strstr(error->message, operation), "%s", error ? error->message : "nothing");
    g_clear_error(&error);
}

Test(onnx, every_block)
{
    const char *name, *help;
    for (int i = 0; net_block_at(i, &name, &help); i++)
        for (int tally = 0; tally <= NET_TALLIES; tally++) {
            char *trunk = g_strdup_printf("conv:8 %s:8", name);
            struct net *net = net_of(trunk, tally);
            if (net_moves(net))
                expect_refused(net, "carry");
            else
                check_model(net);
            net_unref(net);
            g_free(trunk);
        }
}

Test(onnx, head_experts)
{
    struct net *plain = net_of("conv:8 res:8", 2), *net;
    cr_assert_eq(net_add_head_experts(&net, plain, 3, 1, NULL), 0);
    check_model(net);
    net_unref(net);
    net_unref(plain);
}

Test(onnx, without_other_moves)
{
    struct net_info info = {.game = "gomoku", .features = "x", .trunk = "conv:8", .planes = 4, .globals = 3};
    struct net *net;
    cr_assert_eq(net_create(&net, &info, 1, NULL), 0);
    check_model(net);
    net_unref(net);
}

/* An operation that the table does not have, in the third block of four. */
Test(onnx, refuses_by_the_name_of_the_block)
{
    static const struct net_op_kind unknown = {.name = "swirl"};
    struct net *net = net_of("conv:8 res:8 res:8+drop=0.1 res:8", 0);
    struct net_graph *graph = g_memdup2(net->graph, sizeof *graph);
    GError *error = NULL;
    int op = 0;
    while (graph->op[op].block != 2)
        op++;
    graph->op[op].kind = &unknown;
    cr_assert_null(onnx_write_graph(graph, net->params, (const char *const[]){NULL}, &error));
    cr_assert(error && strstr(error->message, "block 3, \"res:8+drop=0.1\"") && strstr(error->message, "swirl"), "%s",
              error ? error->message : "");
    g_clear_error(&error);
    g_free(graph);
    net_unref(net);
}

/* Metadata says what the inputs are. */
Test(onnx, metadata)
{
    struct net *net = net_of("conv:8", 0);
    net_set_scope(net, "3 size:9=3");
    GBytes *bytes = net_onnx_write(net, NULL);
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    GString *all = g_string_new(NULL);
    struct field field;
    for (const guint8 *at = data; next(&at, data + size, &field);)
        if (field.number == 14) {
            struct field key = field_of(field.data, field.size, 1), value = field_of(field.data, field.size, 2);
            g_string_append_printf(all, "%.*s=%.*s;", (int)key.size, (const char *)key.data, (int)value.size,
                                   (const char *)value.data);
        }
    cr_assert_str_eq(all->str, "game=go;features=go-v1;trunk=conv:8;scope=3 size:9=3;note=;history=;");
    g_string_free(all, TRUE);
    g_bytes_unref(bytes);
    net_unref(net);
}

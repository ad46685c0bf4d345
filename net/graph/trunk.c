/* The block table, the trunk's text, and the heads. A block is an entry here: its name, what its number means, and the
 * operations it emits; forward, backward, parameters, files and tests follow from those. */
#include "net/graph/graph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct builder {
    struct net_graph *graph;
    int x;         /* the trunk so far */
    int residuals; /* of the whole trunk: their last convolutions are scaled by it */
    char name[24]; /* of the block at hand: prefix of its parameters */
};

struct net_block_ops {
    const char *name, *help;
    bool residual; /* keeps the trunk's channels and adds to it */
    void (*emit)(struct builder *builder, int channels);
};

static const char *param_name(const struct builder *builder, const char *part, char *out, size_t size)
{
    g_snprintf(out, (gulong)size, "%s.%s", builder->name, part);
    return out;
}

static int conv(struct builder *builder, const char *part, int in, int channels, bool relu, int add, double gain)
{
    char name[48];
    return net_graph_conv(builder->graph, param_name(builder, part, name, sizeof name), in, channels, 3, relu, add,
                          gain);
}

/* The first one takes the planes, and the globals enter behind it as a bias for each channel. */
static void emit_conv(struct builder *builder, int channels)
{
    if (builder->x != builder->graph->planes) {
        builder->x = conv(builder, "conv", builder->x, channels, true, -1, 1);
        return;
    }
    char name[48];
    int raw = conv(builder, "conv", builder->x, channels, false, -1, 1);
    int bias = net_graph_dense(builder->graph, param_name(builder, "globals", name, sizeof name),
                               builder->graph->globals, channels, false, 0.5);
    builder->x = net_graph_shift(builder->graph, raw, bias, 0, channels);
}

/* Without normalisation, a sum of many blocks keeps its scale if each adds little: the last convolution is small. */
static double last_gain(const struct builder *builder)
{
    return 0.7 / sqrt(MAX(1, builder->residuals));
}

static void emit_res(struct builder *builder, int channels)
{
    int h = conv(builder, "conv1", builder->x, channels, true, -1, 1);
    builder->x = conv(builder, "conv2", h, channels, true, builder->x, last_gain(builder));
}

/* The first quarter of the inner channels is pooled over the whole board; what that says is a bias for the others
 * (global pooling as in Wu 2019, "Accelerating self-play learning in Go", section 3.3). */
static void emit_gpool(struct builder *builder, int channels)
{
    char name[48];
    int pooled = MAX(1, channels / 4);
    int raw = conv(builder, "conv1", builder->x, channels, false, -1, 1);
    int pool = net_graph_pool(builder->graph, raw, 0, pooled);
    int bias = net_graph_dense(builder->graph, param_name(builder, "pool", name, sizeof name), pool, channels - pooled,
                               false, 0.5);
    int h = net_graph_shift(builder->graph, raw, bias, pooled, channels - pooled);
    builder->x = conv(builder, "conv2", h, channels, true, builder->x, last_gain(builder));
}

static const struct net_block_ops blocks[] = {
    {"conv", "3x3 convolution to that many channels, ReLU; the first block of every trunk", false, emit_conv},
    {"res", "residual block of two 3x3 convolutions", true, emit_res},
    {"gpool", "residual block, a quarter of its inner channels pooled over the board as a bias for the rest", true,
     emit_gpool},
};

char *net_trunk_help(void)
{
    GString *help = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++)
        g_string_append_printf(help, "%s%s:CHANNELS (%s)", i ? ", " : "", blocks[i].name, blocks[i].help);
    return g_string_free(help, FALSE);
}

/* Policy, reply and soft policy over the points come with the map from one 1x1 convolution; pass and other moves from
 * pooled features; value, near value and score from a pooled two-layer head. Channels: [pooled | policy | value]. */
static void emit_heads(struct builder *builder)
{
    struct net_graph *graph = builder->graph;
    int channels = graph->tensor[builder->x].channels;
    int pooled = MAX(4, channels / 4), policy = MAX(4, channels / 4), value = MAX(8, channels / 2);
    int raw = net_graph_conv(graph, "heads.conv", builder->x, pooled + policy + value, 1, false, -1, 1);
    int pool = net_graph_pool(graph, raw, 0, pooled);
    int bias = net_graph_dense(graph, "heads.policy.pool", pool, policy, false, 0.5);
    if (graph->info.other_moves > 0)
        graph->others = net_graph_dense(graph, "heads.policy.others", pool, 3 * graph->info.other_moves, false, 0.1);
    int h = net_graph_shift(graph, raw, bias, pooled, policy);
    int value_pool = net_graph_pool(graph, h, pooled + policy, value);
    int hidden = net_graph_dense(graph, "heads.value.hidden", value_pool, MAX(16, channels), true, 1);
    graph->values = net_graph_dense(graph, "heads.value.out", hidden, NET_VALUE_OUTPUTS, false, 0.1);
    graph->points = net_graph_conv(graph, "heads.points", h, NET_POINT_OUTPUTS, 1, false, -1, 0.1);
}

struct piece {
    const struct net_block_ops *ops;
    int channels;
};

static bool piece_parse(const char *word, struct piece *piece, GError **error)
{
    const char *colon = strchr(word, ':');
    piece->ops = NULL;
    for (size_t i = 0; colon && i < G_N_ELEMENTS(blocks); i++)
        if (strlen(blocks[i].name) == (size_t)(colon - word) &&
            memcmp(blocks[i].name, word, (size_t)(colon - word)) == 0)
            piece->ops = &blocks[i];
    if (!piece->ops) {
        char *help = net_trunk_help();
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "unknown block \"%s\" in the trunk; the blocks are %s", word,
                    help);
        g_free(help);
        return false;
    }
    guint64 channels;
    if (!g_ascii_string_to_unsigned(colon + 1, 10, 4, NET_MAX_CHANNELS, &channels, NULL)) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "block \"%s\": give it 4 to %d channels, as in \"%s:64\"", word,
                    NET_MAX_CHANNELS, piece->ops->name);
        return false;
    }
    piece->channels = (int)channels;
    return true;
}

static bool order_check(const struct piece *pieces, int count, GError **error)
{
    if (count == 0 || pieces[0].ops != &blocks[0]) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "a trunk begins with a conv block, as in \"conv:64 res:64\"");
        return false;
    }
    for (int i = 1; i < count; i++)
        if (pieces[i].ops->residual && pieces[i].channels != pieces[i - 1].channels) {
            g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                        "block %d, \"%s:%d\", adds to %d channels: give it as many, or put a conv:%d before it", i + 1,
                        pieces[i].ops->name, pieces[i].channels, pieces[i - 1].channels, pieces[i].channels);
            return false;
        }
    return true;
}

/* pieces: NET_TRUNK_MAX / 2, more than the text can hold. Returns the count, -1 on error. */
static int trunk_parse(const char *text, struct piece *pieces, GError **error)
{
    char **words = g_strsplit_set(text, " \t\n", -1);
    int count = 0;
    bool good = true;
    for (int i = 0; words[i] && good; i++)
        if (words[i][0] && (good = piece_parse(words[i], &pieces[count], error)))
            count++;
    g_strfreev(words);
    return good && order_check(pieces, count, error) ? count : -1;
}

bool net_trunk_emit(struct net_graph *graph, GError **error)
{
    struct piece pieces[NET_TRUNK_MAX / 2];
    int count = trunk_parse(graph->info.trunk, pieces, error);
    if (count < 0)
        return false;
    struct builder builder = {.graph = graph};
    for (int i = 0; i < count; i++)
        builder.residuals += pieces[i].ops->residual;
    graph->blocks = count;
    graph->planes = net_graph_tensor(graph, graph->info.planes, true);
    graph->globals = net_graph_tensor(graph, graph->info.globals, false);
    builder.x = graph->planes;
    for (int i = 0; i < count; i++) {
        g_snprintf(builder.name, sizeof builder.name, "%d.%s", i, pieces[i].ops->name);
        pieces[i].ops->emit(&builder, pieces[i].channels);
    }
    emit_heads(&builder);
    return true;
}

/* "5x64": five residual blocks, every third with global pooling, beginning with the second. */
static bool shape_expand(int count, int channels, char *trunk, GError **error)
{
    GString *text = g_string_new(NULL);
    g_string_printf(text, "conv:%d", channels);
    for (int i = 0; i < count; i++)
        g_string_append_printf(text, " %s:%d", i % 3 == 1 ? "gpool" : "res", channels);
    bool fits = text->len < NET_TRUNK_MAX;
    if (fits)
        memcpy(trunk, text->str, text->len + 1);
    else
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "%dx%d: too many blocks; 40 fit", count, channels);
    g_string_free(text, TRUE);
    return fits;
}

bool net_expand_shape(const char *shape, char *trunk, GError **error)
{
    trunk[0] = 0;
    if (strchr(shape, ':')) {
        struct piece pieces[NET_TRUNK_MAX / 2];
        if (strlen(shape) >= NET_TRUNK_MAX) {
            g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "the trunk is longer than %d characters", NET_TRUNK_MAX - 1);
            return false;
        }
        if (trunk_parse(shape, pieces, error) < 0)
            return false;
        strcpy(trunk, shape);
        return true;
    }
    int count, channels, end = 0;
    if (sscanf(shape, "%3dx%4d%n", &count, &channels, &end) != 2 || shape[end] || count < 0 || count > 40 ||
        channels < 4 || channels > NET_MAX_CHANNELS) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                    "net shape \"%s\": write BLOCKSxCHANNELS, as in 5x64 (blocks 0 to 40, channels 4 to %d), or a list "
                    "of blocks, as in \"conv:64 res:64 gpool:64\"",
                    shape, NET_MAX_CHANNELS);
        return false;
    }
    return shape_expand(count, channels, trunk, error);
}

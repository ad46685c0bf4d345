/* Extends a net without changing what it computes, or drops outputs that only training uses. */
#include "net/graph/blocks/blocks.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/graph.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/targets.h"

#include <string.h>

/* Copies an array into the leading part of a larger one of the same rank. */
static void copy_leading(const struct net_param *from, const float *old, const struct net_param *to, float *new)
{
    int at[4] = {0};
    for (size_t i = 0; i < from->count; i++) {
        size_t place = 0;
        for (int d = 0; d < to->rank; d++)
            place = place * (size_t)to->shape[d] + (size_t)at[d];
        new[place] = old[i];
        for (int d = from->rank - 1; d >= 0 && ++at[d] == from->shape[d]; d--)
            at[d] = 0;
    }
}

/* With the parameters of a graph that has the same inner tensors. */
static struct net *wrap(const struct net *net, struct net_graph *graph, float *params)
{
    struct net *out = net_wrap(graph, params);
    net_copy_texts(out, net);
    if (net->ranges)
        out->ranges = g_memdup2(net->ranges, sizeof *net->ranges * 2 * (size_t)graph->ranges);
    out->calibrations = net->calibrations;
    return out;
}

static const struct net_param *param_named(const struct net_graph *graph, const char *name)
{
    for (int i = 0; i < graph->params; i++)
        if (strcmp(graph->param[i].name, name) == 0)
            return &graph->param[i];
    return NULL;
}

/* A net some of whose layers have more inputs, after those that they had; the weights of these, and parameters that `net` does not have,
 * are 0. NULL with the error set if info is invalid. */
static struct net *enlarge(const struct net *net, const struct net_info *info, GError **error)
{
    struct net_graph *graph;
    if (net_graph_create(&graph, info, error) != 0)
        return NULL;
    float *params = g_new0(float, graph->parameters);
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *to = &graph->param[i], *from = param_named(net->graph, to->name);
        if (from)
            copy_leading(from, net->params + from->offset, to, params + to->offset);
    }
    return wrap(net, graph, params);
}

int net_add_inputs(struct net **out, const struct net *net, const char *features, int planes, int globals,
                   GError **error)
{
    *out = NULL;
    struct net_info info = net->graph->info;
    if (planes < info.planes || globals < info.globals) {
        g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH,
                    "a net of %d planes and %d globals cannot be extended to %d and %d, which are fewer", info.planes,
                    info.globals, planes, globals);
        return -1;
    }
    info.planes = planes;
    info.globals = globals;
    g_strlcpy(info.features, features, sizeof info.features);
    *out = enlarge(net, &info, error);
    return *out ? 0 : -1;
}

/* Copies the values that both nets have, each to its own place. Values are the last dimension of weights and biases. */
static void copy_values(const struct net *net, const struct net_param *from, const struct net_graph *graph,
                        const struct net_param *to, float *new)
{
    const struct net_places *had = &net->graph->places, *has = &graph->places;
    const size_t rows = from->count / (size_t)had->values;
    for (int t = 0; t < NET_TARGETS; t++) {
        const enum net_shape shape = net_targets[t].shape;
        if (had->at[t] < 0 || has->at[t] < 0 || shape == NET_SHAPE_MOVES || shape == NET_SHAPE_POINTS)
            continue;
        for (size_t row = 0; row < rows; row++)
            memcpy(&new[to->offset + row * (size_t)has->values + (size_t)has->at[t]],
                   &net->params[from->offset + row * (size_t)had->values + (size_t)had->at[t]],
                   (size_t)net_target_count(&net_targets[t], 0, 0) * sizeof *new);
    }
}

int net_set_outputs(struct net **out, const struct net *net, int horizons, int value_error, GError **error)
{
    *out = NULL;
    struct net_info info = net->graph->info;
    struct net_graph *graph;
    info.horizons = horizons;
    info.value_error = value_error;
    if (net_graph_create(&graph, &info, error) != 0)
        return -1;
    float *params = g_new0(float, graph->parameters);
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *from = &net->graph->param[i], *to = &graph->param[i];
        if (to->makes == NET_OUTPUT_VALUES)
            copy_values(net, from, graph, to, params);
        else
            memcpy(params + to->offset, net->params + from->offset, to->count * sizeof *params);
    }
    *out = wrap(net, graph, params);
    return 0;
}

/* Makes the score the sum of the map + margin * globals. */
static void set_score(struct net *net, const float *margin)
{
    const struct net_graph *graph = net->graph;
    const struct net_param *weight = param_named(graph, "heads.value.out.weight");
    const struct net_param *bias = param_named(graph, "heads.value.out.bias");
    const size_t values = (size_t)weight->shape[1], globals = (size_t)graph->info.globals;
    const size_t tally = param_named(graph, "heads.value.hidden.bias")->count; /* its row, after the hidden layer's */
    float *score = net->params + weight->offset + graph->places.at[NET_TARGET_SCORE];
    for (size_t row = 0; row < tally; row++)
        score[row * values] = 0;
    score[tally * values] = 1;
    for (size_t i = 0; i < globals; i++)
        score[(tally + 1 + i) * values] = margin[i] / net_targets[NET_TARGET_SCORE].unit;
    net->params[bias->offset + (size_t)graph->places.at[NET_TARGET_SCORE]] = 0;
}

/* The odds are those of the sum of the map + margin * globals. */
static void set_odds(struct net *net, const float *margin)
{
    const struct net_param *weights = param_named(net->graph, NET_ODDS_MARGIN);
    for (size_t i = 0; i < weights->count; i++)
        net->params[weights->offset + i] = margin[i] / net_targets[NET_TARGET_SCORE].unit;
}

int net_add_tally(struct net **out, const struct net *net, int tally, const float *margin, GError **error)
{
    const int had = net->graph->info.tally;
    struct net_info info = net->graph->info;
    info.tally = MAX(tally, had);
    *out = enlarge(net, &info, error);
    if (*out && margin && had < 1 && info.tally > 0)
        set_score(*out, margin);
    if (*out && margin && had < 2 && info.tally > 1)
        set_odds(*out, margin);
    return *out ? 0 : -1;
}

/* The parameter of the first expert that corresponds to this one: "heads.value.out.bias" for "heads.value.out.expert2.bias". NULL: the
 * name is not that of a further expert of the heads. */
static const struct net_param *first_expert(const struct net_graph *graph, const char *name)
{
    const char *expert = strstr(name, ".expert");
    if (!expert || !g_str_has_prefix(name, "heads."))
        return NULL;
    char *first = g_strdup_printf("%.*s%s", (int)(expert - name), name, strchr(expert + 1, '.'));
    const struct net_param *param = param_named(graph, first);
    g_free(first);
    return param;
}

int net_add_head_experts(struct net **out, const struct net *net, int experts, uint64_t seed, GError **error)
{
    *out = NULL;
    struct net_info info = net->graph->info;
    if (info.head_experts != 0 && info.head_experts != experts) {
        g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH,
                    "a net with %d experts in its heads cannot become one with %d", info.head_experts, experts);
        return -1;
    }
    info.head_experts = experts;
    if (net_create(out, &info, seed, error) != 0)
        return -1;
    const struct net_graph *graph = (*out)->graph;
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *to = &graph->param[i], *from = param_named(net->graph, to->name);
        from = from ? from : first_expert(net->graph, to->name);
        if (from)
            memcpy((*out)->params + to->offset, net->params + from->offset, to->count * sizeof(float));
    }
    net_copy_texts(*out, net);
    if (net->ranges)
        (*out)->ranges = g_memdup2(net->ranges, sizeof *net->ranges * 2 * (size_t)graph->ranges);
    (*out)->calibrations = net->calibrations;
    return 0;
}

static const struct net_block *block_named(const char *name)
{
    for (int i = 0; net_blocks[i]; i++)
        if (strcmp(net_blocks[i]->name, name) == 0)
            return net_blocks[i];
    return NULL;
}

/* The same if block number `from` of the old net is of another kind, which the new block can replace. parts: of the new name. */
static const struct net_param *replaced(const struct net_graph *old, int from, char **parts)
{
    const struct net_block *block = g_strv_length(parts) == 4 ? block_named(parts[1]) : NULL;
    const char *part = block && block->continues ? block->continued_part(parts[2]) : NULL;
    char *name = part ? g_strdup_printf("%d.%s.%s.%s", from, block->continues, part, parts[3]) : NULL;
    const struct net_param *param = name ? param_named(old, name) : NULL;
    g_free(name);
    return param;
}

/* The parameter of the old net that this one continues; NULL: it is new. */
static const struct net_param *continued(const struct net_graph *old, const struct net_param *param, const int *match)
{
    if (!g_ascii_isdigit(param->name[0])) /* not of a block, as "3.res.conv1.weight" is */
        return param_named(old, param->name);
    const int from = match[g_ascii_strtoull(param->name, NULL, 10)];
    if (from < 0)
        return NULL;
    char **parts = g_strsplit(param->name, ".", -1), *name = g_strdup_printf("%d%s", from, strchr(param->name, '.'));
    const struct net_param *found = param_named(old, name);
    if (!found)
        found = replaced(old, from, parts);
    g_strfreev(parts);
    g_free(name);
    return found;
}

/* Whether this parameter of a new block, "3.res.conv2.weight", is to be 0 at first. */
static bool starts_at_zero(const struct net_param *param)
{
    char **parts = g_strsplit(param->name, ".", -1);
    const struct net_block *block = g_strv_length(parts) == 4 ? block_named(parts[1]) : NULL;
    const bool zero = block && g_strcmp0(parts[2], block->last) == 0;
    g_strfreev(parts);
    return zero;
}

static void refuse_shape(const char *from, const char *to, GError **error)
{
    GString *kinds = g_string_new(NULL);
    for (int i = 0; net_blocks[i]; i++)
        if (net_blocks[i]->grows || net_blocks[i]->last)
            g_string_append_printf(kinds, "%s%s", kinds->len ? ", " : "", net_blocks[i]->name);
    g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH,
                "a net of shape \"%s\" cannot become \"%s\": only these may change: dropout, the steps of a loop, the moves of an "
                "lstm, additional blocks (%s), moe in place of res and, for nets of conv, res and gpool only, more channels",
                from, to, kinds->len ? kinds->str : "there are none");
    g_string_free(kinds, TRUE);
}

/* The number of channels of a trunk's first block. */
static int first_channels(const char *trunk)
{
    return (int)g_ascii_strtoll(strchr(trunk, ':') + 1, NULL, 10);
}

/* More blocks, in a net that has as many channels as the trunk. */
static int add_blocks(struct net **out, const struct net *net, const char *trunk, uint64_t seed, GError **error)
{
    struct net_info info = net->graph->info;
    const struct net_graph *old = net->graph;
    int match[NET_TRUNK_MAX / 2], new = 0;
    g_strlcpy(info.trunk, trunk, sizeof info.trunk);
    int blocks = net_trunk_match(old->info.trunk, info.trunk, match);
    if (blocks < 0) {
        refuse_shape(old->info.trunk, info.trunk, error);
        return -1;
    }
    if (net_create(out, &info, seed, error) != 0)
        return -1;
    const struct net_graph *graph = (*out)->graph;
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *param = &graph->param[i], *from = continued(old, param, match);
        new += from == NULL;
        if (!from && starts_at_zero(param))
            memset((*out)->params + param->offset, 0, param->count * sizeof(float));
        if (from)
            memcpy((*out)->params + param->offset, net->params + from->offset, param->count * sizeof(float));
    }
    net_copy_texts(*out, net);
    bool calibrated = new == 0 && net->ranges && old->loop.steps.most == graph->loop.steps.most;
    if (calibrated)
        (*out)->ranges = g_memdup2(net->ranges, sizeof *net->ranges * 2 * (size_t)graph->ranges);
    (*out)->calibrations = calibrated ? net->calibrations : 0;
    return 0;
}

int net_reshape(struct net **out, const struct net *net, const char *shape, uint64_t seed, GError **error)
{
    char trunk[NET_TRUNK_MAX];
    *out = NULL;
    if (!net_expand_shape(shape, trunk, error))
        return -1;
    const int channels = first_channels(trunk);
    if (channels <= first_channels(net->graph->info.trunk))
        return add_blocks(out, net, trunk, seed, error);
    struct net *wider = net_widened(net, channels, seed);
    int status = -1;
    if (wider) {
        net_copy_texts(wider, net);
        status = add_blocks(out, wider, trunk, seed + 1, error);
    } else {
        refuse_shape(net->graph->info.trunk, trunk, error);
    }
    net_unref(wider);
    return status;
}

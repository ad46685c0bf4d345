/* Builds graphs, and answers queries about them. */
#include "net/graph/graph.h"

#include <math.h>
#include <string.h>

/* ---- building ---- */

int net_graph_tensor(struct net_graph *graph, int channels, bool spatial)
{
    g_assert(graph->tensors < 2 * NET_MAX_OPS && channels >= 1);
    int t = graph->tensors++;
    graph->tensor[t] = (struct net_tensor){.channels = channels, .spatial = spatial, .memory = t, .gradient = t};
    return t;
}

int net_graph_param(struct net_graph *graph, const char *name, const char *what, int rank, const int *shape,
                    double deviation)
{
    g_assert(graph->params < 2 * NET_MAX_OPS);
    struct net_param *param = &graph->param[graph->params];
    *param = (struct net_param){
        .rank = rank, .offset = graph->parameters, .count = 1, .decay = rank > 1, .deviation = deviation, .rate = 1};
    g_snprintf(param->name, sizeof param->name, "%s.%s", name, what);
    for (int i = 0; i < graph->params; i++)
        g_assert(strcmp(graph->param[i].name, param->name) != 0); /* weights files identify them by name */
    for (int i = 0; i < rank; i++) {
        param->shape[i] = shape[i];
        param->count *= (size_t)shape[i];
    }
    graph->parameters += param->count;
    return graph->params++;
}

int net_graph_add(struct net_graph *graph, const struct net_op *op, int channels, bool spatial)
{
    g_assert(graph->ops < NET_MAX_OPS && op->ins >= 1 && op->ins <= NET_OP_INPUTS && op->params <= NET_OP_PARAMS);
    struct net_op *added = &graph->op[graph->ops++];
    *added = *op;
    added->block = graph->block;
    added->out = net_graph_tensor(graph, channels, spatial);
    return added->out;
}

struct net_weights net_graph_conv_weights(struct net_graph *graph, const char *name, int in, int channels, int kernel,
                                          double gain)
{
    struct net_weights weights;
    weights.weight = net_graph_param(graph, name, "weight", 4, (int[]){channels, in, kernel, kernel},
                                     gain * sqrt(2.0 / (in * kernel * kernel)));
    weights.bias = net_graph_param(graph, name, "bias", 1, &channels, 0);
    return weights;
}

struct net_weights net_graph_dense_weights(struct net_graph *graph, const char *name, int in, int channels, double gain)
{
    struct net_weights weights;
    weights.weight = net_graph_param(graph, name, "weight", 2, (int[]){in, channels}, gain * sqrt(1.0 / in));
    weights.bias = net_graph_param(graph, name, "bias", 1, &channels, 0);
    return weights;
}

/* -1: there is none. */
static int param_named(const struct net_graph *graph, const char *name, const char *what)
{
    const size_t length = strlen(name);
    for (int i = 0; i < graph->params; i++) {
        const char *own = graph->param[i].name;
        if (strncmp(own, name, length) == 0 && own[length] == '.' && strcmp(own + length + 1, what) == 0)
            return i;
    }
    return -1;
}

bool net_graph_find_weights(const struct net_graph *graph, const char *name, struct net_weights *weights)
{
    const int weight = param_named(graph, name, "weight");
    if (weight >= 0)
        *weights = (struct net_weights){weight, weight + 1};
    return weight >= 0;
}

int net_graph_conv(struct net_graph *graph, struct net_weights weights, int in, bool relu, int add)
{
    const struct net_param *weight = &graph->param[weights.weight];
    g_assert(weight->shape[1] == graph->tensor[in].channels && graph->tensor[in].spatial);
    g_assert(add < 0 || graph->tensor[add].channels == weight->shape[0]);
    const struct net_op op = {.kind = &net_op_conv,
                              .ins = add < 0 ? 1 : 2,
                              .in = {in, add},
                              .params = 2,
                              .param = {weights.weight, weights.bias},
                              .kernel = weight->shape[2],
                              .relu = relu};
    return net_graph_add(graph, &op, weight->shape[0], true);
}

int net_graph_dense(struct net_graph *graph, struct net_weights weights, int in, bool relu)
{
    const struct net_param *weight = &graph->param[weights.weight];
    g_assert(weight->shape[0] == graph->tensor[in].channels && !graph->tensor[in].spatial);
    const struct net_op op = {.kind = &net_op_dense,
                              .ins = 1,
                              .in = {in},
                              .params = 2,
                              .param = {weights.weight, weights.bias},
                              .relu = relu};
    return net_graph_add(graph, &op, weight->shape[1], false);
}

int net_graph_dense_experts(struct net_graph *graph, int experts, const struct net_weights *weights, int in, int choice,
                            bool relu)
{
    const struct net_param *weight = &graph->param[weights->weight];
    g_assert(weight->shape[0] == graph->tensor[in].channels && !graph->tensor[in].spatial);
    struct net_op op = {
        .kind = &net_op_dense, .ins = 2, .in = {in, choice}, .params = 2 * experts, .relu = relu, .experts = experts};
    for (int e = 0; e < experts; e++) {
        op.param[2 * e] = weights[e].weight;
        op.param[2 * e + 1] = weights[e].bias;
    }
    return net_graph_add(graph, &op, weight->shape[1], false);
}

int net_graph_route(struct net_graph *graph, const char *name, int in, int first, int count, int experts)
{
    struct net_op op = {
        .kind = &net_op_route, .ins = 1, .in = {in}, .params = 2, .first = first, .count = count, .experts = experts};
    const int known = param_named(graph, name, "centroids");
    op.param[0] = known >= 0 ? known : net_graph_param(graph, name, "centroids", 2, (int[]){experts, count}, 0.05);
    op.param[1] = known >= 0 ? known + 1 : net_graph_param(graph, name, "bias", 1, &experts, 0);
    for (int k = 0; k < op.params; k++) {
        graph->param[op.param[k]].decay = false;
        graph->param[op.param[k]].by_rule = true;
    }
    return net_graph_add(graph, &op, 1, false);
}

int net_graph_pool(struct net_graph *graph, int in, int first, int count)
{
    const struct net_op op = {.kind = &net_op_pool, .ins = 1, .in = {in}, .first = first, .count = count};
    return net_graph_add(graph, &op, 3 * count, false);
}

int net_graph_bias_relu(struct net_graph *graph, int in, int bias, int first, int count)
{
    const struct net_op op = {
        .kind = &net_op_bias_relu, .ins = 2, .in = {in, bias}, .first = first, .count = count, .relu = true};
    return net_graph_add(graph, &op, graph->tensor[in].channels, true);
}

int net_graph_sum(struct net_graph *graph, int in, int add)
{
    g_assert(graph->tensor[in].channels == graph->tensor[add].channels);
    const struct net_op op = {.kind = &net_op_sum, .ins = 2, .in = {in, add}, .relu = true};
    return net_graph_add(graph, &op, graph->tensor[in].channels, true);
}

int net_graph_drop(struct net_graph *graph, int in, int drop, double rate)
{
    g_assert(graph->training && rate > 0 && rate < 1);
    const struct net_op op = {.kind = &net_op_drop, .ins = 1, .in = {in}, .drop = drop, .rate = rate};
    return net_graph_add(graph, &op, graph->tensor[in].channels, true);
}

int net_graph_tally(struct net_graph *graph, int in, int channel, double scale)
{
    const struct net_op op = {
        .kind = &net_op_tally, .ins = 1, .in = {in}, .first = channel, .count = 1, .scale = scale};
    return net_graph_add(graph, &op, 1, false);
}

int net_graph_spread(struct net_graph *graph, int in, int channel, double scale)
{
    const struct net_op op = {
        .kind = &net_op_spread, .ins = 1, .in = {in}, .first = channel, .count = 1, .scale = scale};
    return net_graph_add(graph, &op, 1, false);
}

int net_graph_odds(struct net_graph *graph, int margin, int deviation, int globals, int weights)
{
    const struct net_op op = {
        .kind = &net_op_odds, .ins = 3, .in = {margin, deviation, globals}, .params = 1, .param = {weights}};
    return net_graph_add(graph, &op, 1, false);
}

int net_graph_join(struct net_graph *graph, int count, const int *in)
{
    struct net_op op = {.kind = &net_op_join, .ins = count};
    int channels = 0;
    for (int k = 0; k < count; k++) {
        g_assert(!graph->tensor[in[k]].spatial);
        op.in[k] = in[k];
        channels += graph->tensor[in[k]].channels;
    }
    return net_graph_add(graph, &op, channels, false);
}

static bool info_check(const struct net_info *info, GError **error)
{
    if (info->planes < 1 || info->planes > NET_MAX_CHANNELS || info->globals < 1 || info->globals > NET_MAX_CHANNELS ||
        info->other_moves < 0 || info->other_moves > 64) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                    "a net of %d planes, %d globals and %d other moves: planes and globals are 1 to %d, other moves "
                    "0 to 64",
                    info->planes, info->globals, info->other_moves, NET_MAX_CHANNELS);
        return false;
    }
    if (info->horizons < 0 || info->horizons > NET_HORIZONS) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "%d further horizons: a net has 0 to %d", info->horizons,
                    NET_HORIZONS);
        return false;
    }
    if (info->value_error < 0 || info->value_error > 1) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "value_error %d: it must be 0 or 1", info->value_error);
        return false;
    }
    if (info->head_experts != 0 && (info->head_experts < 2 || info->head_experts > NET_EXPERTS_MAX)) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "head_experts %d: it must be 0, or 2 to %d",
                    info->head_experts, NET_EXPERTS_MAX);
        return false;
    }
    if (info->tally < 0 || info->tally > NET_TALLIES) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "tally %d: it must be 0 to %d", info->tally, NET_TALLIES);
        return false;
    }
    if (!memchr(info->trunk, 0, sizeof info->trunk) || !memchr(info->game, 0, sizeof info->game) ||
        !memchr(info->features, 0, sizeof info->features) || !info->game[0] || !info->features[0]) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "a net needs the names of its game and its features");
        return false;
    }
    return true;
}

static int create(struct net_graph **out, const struct net_info *info, bool training, int unrolled, GError **error)
{
    *out = NULL;
    if (!info_check(info, error))
        return -1;
    struct net_graph *graph = g_new0(struct net_graph, 1);
    int x;
    graph->info = *info;
    graph->training = training;
    graph->loop.unrolled = unrolled;
    graph->loop.half = NET_NO_TENSOR;
    graph->early = (struct net_answer){-1, -1, -1, -1};
    graph->places = net_places_of(net_targets, NET_TARGETS, info->horizons, info->value_error);
    graph->planes = net_graph_tensor(graph, info->planes, true);
    graph->globals = net_graph_tensor(graph, info->globals, false);
    if (!net_trunk_emit(graph, &x, error)) {
        g_free(graph);
        return -1;
    }
    graph->block = -1;
    if (graph->loop.half >= 0)
        graph->early = net_heads_emit(graph, graph->loop.half);
    struct net_answer answer = net_heads_emit(graph, x);
    graph->points = answer.points;
    graph->others = answer.others;
    graph->values = answer.values;
    graph->pooled = answer.pooled;
    net_graph_finish(graph);
    *out = graph;
    return 0;
}

int net_graph_create(struct net_graph **out, const struct net_info *info, GError **error)
{
    return create(out, info, false, 0, error);
}

int net_graph_create_training(struct net_graph **out, const struct net_info *info, GError **error)
{
    return net_graph_create_unrolled(out, info, 0, true, error);
}

int net_graph_create_unrolled(struct net_graph **out, const struct net_info *info, int steps, bool training,
                              GError **error)
{
    g_assert(steps >= 0 && steps <= NET_STEPS_MAX);
    return create(out, info, training, steps ? steps : NET_UNROLLED_MOST, error);
}

/* ---- queries ---- */

bool net_graph_repeats(const struct net_graph *graph)
{
    return graph->loop.from < graph->loop.to;
}

bool net_graph_repeats_op(const struct net_graph *graph, int op)
{
    return op >= graph->loop.from && op < graph->loop.to;
}

bool net_graph_owns_range(const struct net_graph *graph, int tensor)
{
    return graph->tensor[tensor].range >= 0 && !(net_graph_repeats(graph) && tensor == graph->loop.out);
}

size_t net_graph_active_parameters(const struct net_graph *graph)
{
    size_t unused = 0;
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        for (int k = 2; op->experts > 0 && k < op->params; k++) /* those after weights and bias of the first */
            unused += graph->param[op->param[k]].count;
    }
    return graph->parameters - unused;
}

double net_graph_flops_at(const struct net_graph *graph, size_t points, double steps)
{
    double flops = 0;
    for (int i = 0; i < graph->ops; i++)
        if (graph->op[i].kind->flops)
            flops +=
                graph->op[i].kind->flops(graph, &graph->op[i], points) * (net_graph_repeats_op(graph, i) ? steps : 1);
    return flops;
}

double net_graph_flops(const struct net_graph *graph, size_t points)
{
    return net_graph_flops_at(graph, points, graph->loop.steps.most);
}

bool net_graph_same(const struct net_graph *a, const struct net_graph *b)
{
    return a->info.planes == b->info.planes && a->info.globals == b->info.globals &&
           a->info.other_moves == b->info.other_moves && a->info.horizons == b->info.horizons &&
           a->info.tally == b->info.tally && a->info.value_error == b->info.value_error &&
           a->info.head_experts == b->info.head_experts && strcmp(a->info.trunk, b->info.trunk) == 0;
}

int net_graph_unsupported(const struct net_graph *graph, enum net_dtype dtype, enum net_flavour flavour)
{
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op_kind *kind = graph->op[i].kind;
        if (!((flavour == NET_TRAINING ? kind->training : kind->inference) & NET_DTYPE_BIT(dtype)))
            return i;
    }
    return -1;
}

char *net_graph_where(const struct net_graph *graph, int op)
{
    int block = graph->op[op].block, at = 0;
    char *where = NULL, **words = g_strsplit_set(graph->info.trunk, net_trunk_separators, -1);
    for (int i = 0; words[i] && !where; i++)
        if (words[i][0] && at++ == block)
            where = g_strdup_printf("block %d, \"%s\"", at, words[i]);
    g_strfreev(words);
    return where ? where : g_strdup("the heads");
}

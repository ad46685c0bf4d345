#include "net/net.h"

#include "games/rng.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/net_internal.h"

#include <math.h>

G_DEFINE_QUARK(net - error - quark, net_error)

struct net *net_wrap(struct net_graph *graph, float *params)
{
    static atomic_ullong generations;
    struct net *net = g_new0(struct net, 1);
    net->graph = graph;
    net->params = params;
    net->note = g_strdup("");
    net->scope = g_strdup("");
    net->history = g_strdup("");
    net->generation = atomic_fetch_add(&generations, 1) + 1;
    atomic_init(&net->references, 1);
    return net;
}

void net_set_text(char **text, const char *by)
{
    g_free(*text);
    *text = g_strdup(by ? by : "");
}

void net_copy_texts(struct net *to, const struct net *from)
{
    net_set_text(&to->note, from->note);
    net_set_text(&to->scope, from->scope);
    net_set_text(&to->history, from->history);
}

/* Box-Muller transform of two uniform variates. */
static double normal(struct rng *rng)
{
    double radius = sqrt(-2 * log(1 - rng_uniform(rng)));
    return radius * cos(6.283185307179586 * rng_uniform(rng));
}

int net_create(struct net **out, const struct net_info *info, uint64_t seed, GError **error)
{
    *out = NULL;
    struct net_graph *graph;
    if (net_graph_create(&graph, info, error) != 0)
        return -1;
    float *params = g_new0(float, graph->parameters);
    struct rng rng;
    rng_seed(&rng, seed);
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *param = &graph->param[i];
        for (size_t j = 0; param->deviation > 0 && j < param->count; j++) {
            double x;
            do
                x = normal(&rng);
            while (fabs(x) > 2.5);
            params[param->offset + j] = (float)(param->deviation * x);
        }
    }
    *out = net_wrap(graph, params);
    return 0;
}

size_t net_active_parameters(const struct net *net)
{
    return net_graph_active_parameters(net->graph);
}

bool net_count_parameters(const struct net_info *info, size_t *count, GError **error)
{
    struct net_graph *graph;
    if (net_graph_create(&graph, info, error) != 0)
        return false;
    *count = graph->parameters;
    g_free(graph);
    return true;
}

struct net *net_ref(struct net *net)
{
    atomic_fetch_add_explicit(&net->references, 1, memory_order_relaxed);
    return net;
}

void net_unref(struct net *net)
{
    if (!net || atomic_fetch_sub_explicit(&net->references, 1, memory_order_acq_rel) != 1)
        return;
    g_free(net->graph);
    g_free(net->params);
    g_free(net->ranges);
    g_free(net->note);
    g_free(net->scope);
    g_free(net->history);
    g_free(net);
}

const struct net_info *net_info(const struct net *net)
{
    return &net->graph->info;
}

const char *net_note(const struct net *net)
{
    return net->note;
}

const char *net_scope(const struct net *net)
{
    return net->scope;
}

void net_set_scope(struct net *net, const char *scope)
{
    net_set_text(&net->scope, scope);
}

const char *net_history(const struct net *net)
{
    return net->history;
}

void net_set_history(struct net *net, const char *history)
{
    net_set_text(&net->history, history);
}

uint64_t net_generation(const struct net *net)
{
    return net->generation;
}

int net_steps(const struct net *net)
{
    return net->graph->loop.steps.most;
}

int net_steps_least(const struct net *net)
{
    return net->graph->loop.steps.least;
}

int net_moves(const struct net *net)
{
    return net->graph->carry.moves;
}

char *net_fingerprint(const struct net *net)
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, (const guchar *)net->graph->info.trunk, -1);
    g_checksum_update(sum, (const guchar *)net->params, (gssize)(net->graph->parameters * sizeof *net->params));
    char *text = g_strdup(g_checksum_get_string(sum));
    g_checksum_free(sum);
    return text;
}

size_t net_pooled_size(const struct net *net)
{
    return (size_t)net->graph->tensor[net->graph->pooled].channels;
}

size_t net_state_size(const struct net *net, size_t points)
{
    const struct net_carry *carry = &net->graph->carry;
    return carry->moves ? (size_t)net->graph->tensor[carry->in].channels * points : 0;
}

bool net_effort_check(const struct net *net, const struct net_effort *effort, GError **error)
{
    bool none = effort->steps == 0 && effort->settle == 0;
    if (effort->steps < 0 || effort->steps > NET_STEPS_MAX || !(effort->settle >= 0 && effort->settle <= 1)) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "%d steps, settle %g: steps must be 0 to %d (0: as trained) and settle 0 to 1",
                    effort->steps, (double)effort->settle, NET_STEPS_MAX);
        return false;
    }
    if (none || net_steps(net) > 0)
        return true;
    g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH,
                "steps and settle need a net with a loop, as in \"conv:64 res:64 loop:64\"; this one is \"%s\"",
                net_info(net)->trunk);
    return false;
}

double net_flops(const struct net *net, int width, int height)
{
    return net_graph_flops(net->graph, (size_t)(width * height));
}

double net_flops_at(const struct net *net, int width, int height, double steps)
{
    return net_graph_flops_at(net->graph, (size_t)(width * height), steps);
}

void net_tower_like(const struct net *net, int *blocks, int *channels)
{
    const struct net_graph *graph = net->graph;
    int convolutions = 0;
    *channels = 0;
    for (int i = 0; i < graph->ops; i++) {
        if (!graph->op[i].kind->convolves || graph->op[i].kernel != 3)
            continue;
        convolutions += net_graph_repeats_op(graph, i) ? graph->loop.steps.most : 1;
        if (*channels == 0)
            *channels = graph->tensor[graph->op[i].out].channels;
    }
    *blocks = (convolutions - 1) / 2;
}

/* Gives a net more channels without changing what it computes.
 *
 * Each channel of a wider tensor is one of the old net's or new. The channels of a tensor form segments, since some operations read a
 * range of them (a pooled quarter, say); old channels are the first of their segment. New channels have random weights, and the weights
 * by which old channels read new ones are 0. So new channels compute something, but do not affect old ones at first (Chen, Goodfellow
 * and Shlens 2016, "Net2Net", duplicate channels instead, which stay identical in training unless noise breaks the symmetry). */
#include <string.h>

#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/net.h"
#include "net/net_internal.h"

enum { POOL_STATISTICS = 3 };

struct widening {
    const struct net_graph *old, *new;
    int *origin
        [2 *
         NET_MAX_OPS]; /* by tensor of the new net: the old net's channel that each channel continues; -1: it is new */
};

/* ---- where channels come from ---- */

/* Where the segments of a tensor begin: cut[channel]. */
static void find_cuts(const struct net_graph *graph, int tensor, bool *cut)
{
    memset(cut, 0, (NET_MAX_CHANNELS + 1) * sizeof *cut);
    cut[0] = true;
    cut[graph->tensor[tensor].channels] = true;
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        if (op->in[0] != tensor || (op->kind != &net_op_pool && op->kind != &net_op_bias_relu))
            continue;
        cut[op->first] = true;
        cut[op->first + op->count] = true;
        if (op->kind == &net_op_bias_relu) { /* its result has the same channels, of which others may read ranges */
            bool below[NET_MAX_CHANNELS + 1];
            find_cuts(graph, op->out, below);
            for (int c = 0; c <= graph->tensor[tensor].channels; c++)
                cut[c] |= below[c];
        }
    }
}

/* The first channel of the next segment. */
static int next_cut(const bool *cut, int after)
{
    do
        after++;
    while (!cut[after]);
    return after;
}

/* Of a tensor that a layer computes: segment by segment. False if the segments do not correspond, or one would shrink. */
static bool by_segments(const struct widening *w, int tensor)
{
    bool old_cut[NET_MAX_CHANNELS + 1], new_cut[NET_MAX_CHANNELS + 1];
    const int old_channels = w->old->tensor[tensor].channels, channels = w->new->tensor[tensor].channels;
    int *origin = w->origin[tensor], from = 0, at = 0;
    find_cuts(w->old, tensor, old_cut);
    find_cuts(w->new, tensor, new_cut);
    while (at < channels && from < old_channels) {
        const int old_end = next_cut(old_cut, from), end = next_cut(new_cut, at);
        if (end - at < old_end - from)
            return false;
        for (int c = at; c < end; c++)
            origin[c] = c - at < old_end - from ? from + c - at : -1;
        from = old_end;
        at = end;
    }
    return at == channels && from == old_channels;
}

/* Of the statistics of a range of channels. */
static void by_pool(const struct widening *w, const struct net_op *op, const struct net_op *old)
{
    for (int s = 0; s < POOL_STATISTICS; s++)
        for (int c = 0; c < op->count; c++) {
            const int from = w->origin[op->in[0]][op->first + c];
            w->origin[op->out][s * op->count + c] = from < 0 ? -1 : s * old->count + from - old->first;
        }
}

static void by_join(const struct widening *w, const struct net_op *op)
{
    int at = 0, from = 0;
    for (int i = 0; i < op->ins; i++) {
        const int channels = w->new->tensor[op->in[i]].channels;
        for (int c = 0; c < channels; c++)
            w->origin[op->out][at + c] = w->origin[op->in[i]][c] < 0 ? -1 : from + w->origin[op->in[i]][c];
        at += channels;
        from += w->old->tensor[op->in[i]].channels;
    }
}

static bool is_layer(const struct net_op *op)
{
    return op->kind == &net_op_conv || op->kind == &net_op_dense;
}

static bool find_origin(const struct widening *w, int i)
{
    const struct net_op *op = &w->new->op[i];
    const size_t channels = (size_t)w->new->tensor[op->out].channels;
    if (is_layer(op))
        return by_segments(w, op->out);
    if (op->kind == &net_op_pool)
        by_pool(w, op, &w->old->op[i]);
    else if (op->kind == &net_op_join)
        by_join(w, op);
    else if (op->kind == &net_op_tally || op->kind == &net_op_spread || op->kind == &net_op_odds)
        w->origin[op->out][0] = 0;
    else if (op->kind == &net_op_bias_relu || op->kind == &net_op_sum || op->kind == &net_op_drop)
        memcpy(w->origin[op->out], w->origin[op->in[0]], channels * sizeof(int));
    else
        return false;
    return true;
}

/* ---- weights ---- */

/* Weights and biases of a layer; those of its new channels stay as they are. */
static void set_weights(const struct widening *w, const struct net_op *op, const struct net_op *old_op,
                        const float *old, float *new)
{
    const struct net_param *param = &w->new->param[op->param[0]], *from = &w->old->param[old_op->param[0]];
    const bool conv = op->kind == &net_op_conv;
    const size_t ins = (size_t)w->new->tensor[op->in[0]].channels, outs = (size_t)w->new->tensor[op->out].channels,
                 old_ins = (size_t)w->old->tensor[old_op->in[0]].channels,
                 old_outs = (size_t)w->old->tensor[old_op->out].channels, each = param->count / ins / outs;
    for (size_t o = 0; o < outs; o++) {
        const int out = w->origin[op->out][o];
        for (size_t i = 0; i < ins && out >= 0; i++) {
            const int in = w->origin[op->in[0]][i];
            float *to = &new[param->offset + (conv ? o * ins + i : i * outs + o) * each];
            const size_t place = conv ? (size_t)out * old_ins + (size_t)in : (size_t)in * old_outs + (size_t)out;
            if (in >= 0)
                memcpy(to, &old[from->offset + place * each], each * sizeof *to);
            else
                memset(to, 0, each * sizeof *to);
        }
        if (out >= 0)
            new[w->new->param[op->param[1]].offset + o] = old[w->old->param[old_op->param[1]].offset + (size_t)out];
    }
}

static bool same_operations(const struct net_graph *old, const struct net_graph *new)
{
    bool same = old->ops == new->ops;
    for (int i = 0; same && i < old->ops; i++)
        same = old->op[i].kind == new->op[i].kind &&
               old->op[i].out == new->op[i].out &&memcmp(old->op[i].in, new->op[i].in, sizeof old->op[i].in) == 0;
    return same;
}

static bool widen(const struct widening *w, const float *old, float *new)
{
    for (int t = 0; t < 2; t++) { /* the inputs continue themselves */
        const int input = t ? w->new->globals : w->new->planes;
        for (int c = 0; c < w->new->tensor[input].channels; c++)
            w->origin[input][c] = c;
    }
    for (int i = 0; i < w->new->ops; i++) {
        if (!find_origin(w, i))
            return false;
        const struct net_op *op = &w->new->op[i], *from = &w->old->op[i];
        if (is_layer(op))
            set_weights(w, op, from, old, new);
        else if (op->params > 0) /* of as many numbers as before: of odds */
            memcpy(new + w->new->param[op->param[0]].offset, old + w->old->param[from->param[0]].offset,
                   w->new->param[op->param[0]].count * sizeof *new);
    }
    return true;
}

/* The trunk with so many channels in every block; NULL if its blocks have different numbers. */
static char *trunk_with(const char *trunk, int channels)
{
    char **blocks = g_strsplit(trunk, " ", -1), *rest;
    const gint64 had = g_ascii_strtoll(strchr(blocks[0], ':') + 1, NULL, 10);
    GString *text = g_string_new(NULL);
    bool same = true;
    for (int i = 0; blocks[i]; i++) {
        char *colon = strchr(blocks[i], ':');
        same = same && g_ascii_strtoll(colon + 1, &rest, 10) == had;
        g_string_append_printf(text, "%s%.*s:%d%s", i ? " " : "", (int)(colon - blocks[i]), blocks[i], channels, rest);
    }
    g_strfreev(blocks);
    if (same)
        return g_string_free(text, FALSE);
    g_string_free(text, TRUE);
    return NULL;
}

static bool copy_widened(const struct net *net, struct net *wider)
{
    struct widening w = {.old = net->graph, .new = wider->graph};
    if (net_graph_repeats(w.old) || !same_operations(w.old, w.new))
        return false;
    for (int t = 0; t < w.new->tensors; t++)
        w.origin[t] = g_new0(int, MAX(w.new->tensor[t].channels, 1));
    bool good = widen(&w, net->params, wider->params);
    for (int t = 0; t < w.new->tensors; t++)
        g_free(w.origin[t]);
    return good;
}

struct net *net_widened(const struct net *net, int channels, uint64_t seed)
{
    struct net_info info = net->graph->info;
    struct net *wider = NULL;
    char *trunk = trunk_with(info.trunk, channels);
    if (trunk && g_strlcpy(info.trunk, trunk, sizeof info.trunk) < sizeof info.trunk &&
        net_create(&wider, &info, seed, NULL) == 0 && !copy_widened(net, wider)) {
        net_unref(wider);
        wider = NULL;
    }
    g_free(trunk);
    return wider;
}

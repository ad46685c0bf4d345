#include "net/train/optimiser.h"

#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/memory.h"
#include "net/net.h"
#include "net/real.h"
#include "net/train/muon.h"

#include <math.h>
#include <string.h>

const char *const net_optimiser_names[] = {
    [NET_SGD] = "sgd", [NET_ADAMW] = "adamw", [NET_MUON] = "muon", [NET_OPTIMISERS] = NULL};
const struct net_optimiser_preset net_optimiser_presets[NET_OPTIMISERS] = {
    [NET_SGD] = {.rate = 0.015, .momentum = 0.9, .weight_decay = 1e-4},
    [NET_ADAMW] = {.rate = 0.002, .momentum = 0.9, .weight_decay = 0.01},
    [NET_MUON] = {.rate = 0.002, .momentum = 0.95, .weight_decay = 0.01},
};

bool net_optimiser_parse(enum net_optimiser *optimiser, const char *name, GError **error)
{
    for (int i = 0; i < NET_OPTIMISERS; i++)
        if (strcmp(name, net_optimiser_names[i]) == 0) {
            *optimiser = (enum net_optimiser)i;
            return true;
        }
    char *names = g_strjoinv(", ", (char **)net_optimiser_names);
    g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "unknown optimiser \"%s\"; the optimisers are %s", name, names);
    g_free(names);
    return false;
}

static const float ADAM_FIRST = 0.9f, ADAM_SECOND = 0.999f, ADAM_EPSILON = 1e-8f;

NET_CLONES static void sgd(size_t count, const struct optimiser_step *s, float decay, const float *restrict gradient,
                           float *restrict params, float *restrict first)
{
    float scale = s->scale, momentum = s->momentum, rate = s->rate;
    for (size_t i = 0; i < count; i++) {
        float g = gradient[i] * scale;
        first[i] = momentum * first[i] + g;
        params[i] -= rate * (g + momentum * first[i]) + decay * params[i];
    }
}

NET_CLONES static void adamw(size_t count, const struct optimiser_step *s, float decay, float correct_first,
                             float correct_second, const float *restrict gradient, float *restrict params,
                             float *restrict first, float *restrict second)
{
    float scale = s->scale, rate = s->rate;
    for (size_t i = 0; i < count; i++) {
        float g = gradient[i] * scale;
        first[i] = ADAM_FIRST * first[i] + (1 - ADAM_FIRST) * g;
        second[i] = ADAM_SECOND * second[i] + (1 - ADAM_SECOND) * g * g;
        float update = first[i] * correct_first / (sqrtf(second[i] * correct_second) + ADAM_EPSILON);
        params[i] -= rate * update + decay * params[i];
    }
}

enum net_optimiser optimiser_rule(const struct net_graph *graph, int param, enum net_optimiser kind)
{
    if (graph->param[param].by_rule) /* a step of the others has the same length however small the gradient is */
        return NET_SGD;
    if (kind != NET_MUON)
        return kind;
    bool trunk = false;
    for (int i = 0; i < graph->ops; i++) {
        const struct net_op *op = &graph->op[i];
        for (int k = 0; k < op->params; k++) {
            if (op->param[k] != param)
                continue;
            if (!op->kind->convolves || graph->param[param].rank < 4 || op->block < 0 || op->in[0] == graph->planes)
                return NET_ADAMW;
            trunk = true;
        }
    }
    return trunk ? NET_MUON : NET_ADAMW;
}

bool optimiser_has_second(enum net_optimiser kind)
{
    return kind != NET_SGD;
}

/* Muon needs memory for the largest of its parameters. */
float *optimiser_workspace(const struct net_graph *graph, enum net_optimiser kind)
{
    size_t most = 0;
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *p = &graph->param[i];
        if (optimiser_rule(graph, i, kind) == NET_MUON)
            most = MAX(most, p->count + muon_workspace(p->shape[0], (int)(p->count / (size_t)p->shape[0])));
    }
    return net_memory_new(most * sizeof(float));
}

void optimiser_apply(const struct net_graph *graph, int param, const struct optimiser_step *step, const float *gradient,
                     float *params, float *first, float *second, float *workspace)
{
    const struct net_param *p = &graph->param[param];
    struct optimiser_step own = *step;
    own.rate *= (float)p->rate;
    float decay = p->decay ? own.rate * own.weight_decay : 0;
    enum net_optimiser rule = optimiser_rule(graph, param, step->kind);
    if (p->by_rule) {
        own.rate *= (float)(net_optimiser_presets[NET_SGD].rate / net_optimiser_presets[step->kind].rate);
        own.scale = 1; /* they have no part in the norm that is clipped */
    }
    if (rule == NET_SGD) {
        sgd(p->count, &own, decay, gradient + p->offset, params + p->offset, first + p->offset);
    } else if (rule == NET_MUON) {
        muon_apply(p, &own, decay, gradient + p->offset, params + p->offset, first + p->offset, workspace);
    } else {
        float correct_first = (float)(1 / (1 - pow(ADAM_FIRST, (double)step->step)));
        float correct_second = (float)(1 / (1 - pow(ADAM_SECOND, (double)step->step)));
        adamw(p->count, &own, decay, correct_first, correct_second, gradient + p->offset, params + p->offset,
              first + p->offset, second + p->offset);
    }
}

NET_CLONES double optimiser_norm(const float *values, size_t count)
{
    double sums[8] = {0}, sum = 0;
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (size_t j = 0; j < 8; j++)
            sums[j] += (double)values[i + j] * (double)values[i + j];
    for (; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    for (size_t j = 0; j < 8; j++)
        sum += sums[j];
    return sqrt(sum);
}

float optimiser_early_decay(uint64_t step, float decay)
{
    const float early = (float)((1.0 + (double)step) / (10.0 + (double)step));
    return MIN(early, decay);
}

NET_CLONES void optimiser_average(size_t count, float decay, const float *restrict params, float *restrict average)
{
    const float share = 1 - decay;
    for (size_t i = 0; i < count; i++)
        average[i] += share * (params[i] - average[i]);
}

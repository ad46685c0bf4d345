#include "net/train/optimiser.h"

#include "net/graph/graph.h"
#include "net/real.h"
#include <math.h>

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

void optimiser_apply(const struct net_graph *graph, const struct optimiser_step *step, const float *gradient,
                     float *params, float *first, float *second)
{
    double steps = (double)step->step;
    float correct_first = (float)(1 / (1 - pow(ADAM_FIRST, steps)));
    float correct_second = (float)(1 / (1 - pow(ADAM_SECOND, steps)));
    for (int i = 0; i < graph->params; i++) {
        const struct net_param *p = &graph->param[i];
        float decay = p->decay ? step->rate * step->weight_decay : 0;
        if (step->kind == NET_SGD)
            sgd(p->count, step, decay, gradient + p->offset, params + p->offset, first + p->offset);
        else
            adamw(p->count, step, decay, correct_first, correct_second, gradient + p->offset, params + p->offset,
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

NET_CLONES void optimiser_average(size_t count, uint64_t step, float decay, const float *restrict params,
                                  float *restrict average)
{
    float early = (float)((1.0 + (double)step) / (10.0 + (double)step));
    float share = 1 - MIN(early, decay);
    for (size_t i = 0; i < count; i++)
        average[i] += share * (params[i] - average[i]);
}

#include "mcts/search/gumbel.h"

#include <glib.h>
#include <math.h>

static int ceil_log2(int m)
{
    int bits = 0;
    while ((1 << bits) < m)
        bits++;
    return bits;
}

static void open_phase(struct halving *halving)
{
    int rounds = ceil_log2(halving->first);
    int64_t each = rounds ? halving->budget / ((int64_t)rounds * halving->considered) : halving->budget;
    each = MAX(each, 1);
    int64_t left = halving->budget - halving->spent;
    halving->phase_visits = MIN(each * halving->considered, left);
    atomic_store_explicit(&halving->phase_given, 0, memory_order_relaxed);
}

void halving_start(struct halving *halving, int m, int64_t n)
{
    m = m < n ? m : (int)n;
    *halving = (struct halving){.budget = n, .first = m, .considered = m};
    open_phase(halving);
}

int halving_next_phase(struct halving *halving)
{
    if (halving->considered > 2)
        halving->considered = halving->considered / 2 > 2 ? halving->considered / 2 : 2;
    halving->spent += halving->phase_visits;
    open_phase(halving);
    return halving->considered;
}

int halving_take(struct halving *halving)
{
    const int64_t given = atomic_fetch_add_explicit(&halving->phase_given, 1, memory_order_relaxed);
    if (given < halving->phase_visits)
        return (int)(given % halving->considered);
    atomic_fetch_sub_explicit(&halving->phase_given, 1, memory_order_relaxed);
    return -1;
}

float gumbel_sigma(const struct gumbel_scale *scale, int64_t max_visits, float q)
{
    return (scale->c_visit + (float)max_visits) * scale->c_scale * q;
}

float gumbel_mixed_value(float value, int n, const struct gumbel_arm *arms)
{
    double visits = 0, mass = 0, weighted = 0;
    for (int i = 0; i < n; i++) {
        if (!arms[i].visits)
            continue;
        visits += (double)arms[i].visits;
        mass += arms[i].prior;
        weighted += (double)arms[i].prior * arms[i].q;
    }
    if (visits == 0 || mass <= 0)
        return value;
    return (float)((value + visits * (weighted / mass)) / (1.0 + visits));
}

void gumbel_improve(const struct gumbel_scale *scale, float value, int64_t max_visits, int n,
                    const struct gumbel_arm *arms, float *improved)
{
    float mixed = gumbel_mixed_value(value, n, arms), highest = -INFINITY;
    for (int i = 0; i < n; i++) {
        const float q = arms[i].visits ? arms[i].q : mixed;
        improved[i] = arms[i].out ? -INFINITY : arms[i].logit + gumbel_sigma(scale, max_visits, q);
        highest = MAX(improved[i], highest);
    }
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += improved[i] = expf(improved[i] - highest);
    for (int i = 0; i < n; i++)
        improved[i] = (float)(improved[i] / sum);
}

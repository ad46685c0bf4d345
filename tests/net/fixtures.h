/* Small nets and random rows for the tests of net/. */
#ifndef TENGEN_TESTS_NET_FIXTURES_H
#define TENGEN_TESTS_NET_FIXTURES_H

#include "games/rng.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"

#include <dnnl.h>
#include <string.h>

/* Whether the library may use these kernels: the processor has them and ONEDNN_MAX_CPU_ISA allows them. */
static inline bool fixture_library_has(dnnl_cpu_isa_t isa)
{
    return ((int)dnnl_get_effective_cpu_isa() & (int)isa) == (int)isa;
}

static inline struct net_info fixture_info(const char *trunk, int planes, int globals, int other_moves)
{
    struct net_info info = {
        .game = "go", .features = "go-v1", .planes = planes, .globals = globals, .other_moves = other_moves};
    g_strlcpy(info.trunk, trunk, sizeof info.trunk);
    return info;
}

static inline void fixture_fill(struct rng *rng, size_t count, float low, float high, float *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = low + (high - low) * (float)rng_uniform(rng);
}

/* Random numbers that sum to 1; `sharp`: a single 1. */
static inline void fixture_distribution(struct rng *rng, int count, bool sharp, float *values)
{
    float sum = 0;
    for (int i = 0; i < count; i++)
        sum += values[i] = sharp ? 0 : 0.01f + (float)rng_uniform(rng);
    for (int i = 0; i < count && !sharp; i++)
        values[i] /= sum;
    if (sharp)
        values[rng_below(rng, (uint32_t)count)] = 1;
}

/* A row of a target, within the range of its shape. */
static inline void fixture_target(struct rng *rng, const struct net_target *target, int count, bool sharp,
                                  float *values)
{
    if (target->shape == NET_SHAPE_MOVES || target->shape == NET_SHAPE_OUTCOME)
        fixture_distribution(rng, count, sharp, values);
    else if (target->shape == NET_SHAPE_NUMBER)
        fixture_fill(rng, (size_t)count, -1.5f * target->unit, 1.5f * target->unit, values);
    else
        for (int i = 0; i < count; i++)
            values[i] = (float)rng_below(rng, 3) - 1;
}

/* Sequences of rows for a net that carries a state: each row after an earlier one of its sequence, or after none. */
static inline void fixture_sequences(struct rng *rng, struct net_samples *s)
{
    for (int row = 0; s->sequence > 1 && row < s->n; row++)
        s->back[row] = (float)rng_below(rng, (uint32_t)(row % s->sequence + 1));
}

/* Rows with every target set; sharp: distributions with one non-zero entry, and all weights 1. */
static inline struct net_samples *fixture_samples_on(const struct net_info *info, int width, int height, int n,
                                                     bool sharp, uint64_t seed)
{
    struct net_samples *s = net_samples_new(info, width, height, n);
    int points = width * height;
    struct rng rng;
    rng_seed(&rng, seed);
    fixture_fill(&rng, (size_t)(n * info->planes * points), -1, 1, s->planes);
    fixture_fill(&rng, (size_t)(n * info->globals), -1, 1, s->globals);
    fixture_fill(&rng, (size_t)n, sharp ? 1 : 0.5f, sharp ? 1 : 1.5f, s->row_weight);
    for (int t = 0; t < NET_TARGETS; t++) {
        fixture_fill(&rng, (size_t)n, sharp ? 1 : 0.5f, sharp ? 1 : 1.5f, s->weight[t]);
        for (int row = 0; row < n; row++)
            fixture_target(&rng, &net_targets[t], net_samples_count(s, t), sharp, net_samples_row(s, t, row));
    }
    fixture_sequences(&rng, s);
    return s;
}

static inline struct net_samples *fixture_samples(const struct net_info *info, int size, int n, bool sharp,
                                                  uint64_t seed)
{
    return fixture_samples_on(info, size, size, n, sharp, seed);
}

#endif

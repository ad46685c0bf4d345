/* Small nets and random rows for the tests of net/. */
#ifndef TENGEN_TESTS_NET_FIXTURES_H
#define TENGEN_TESTS_NET_FIXTURES_H

#include "games/rng.h"
#include "net/train.h"

#include <dnnl.h>
#include <string.h>

/* Whether the library may use these kernels: what the processor has, less what ONEDNN_MAX_CPU_ISA holds down. */
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

/* Random numbers that sum to 1; `sharp`: all of it on one. */
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

/* Rows with every target set; sharp: distributions with one non-zero entry. */
static inline struct net_samples *fixture_samples(const struct net_info *info, int size, int n, bool sharp,
                                                  uint64_t seed)
{
    struct net_samples *s = net_samples_new(info, size, n);
    int points = size * size, moves = points + info->other_moves;
    struct rng rng;
    rng_seed(&rng, seed);
    fixture_fill(&rng, (size_t)(n * info->planes * points), -1, 1, s->planes);
    fixture_fill(&rng, (size_t)(n * info->globals), -1, 1, s->globals);
    float *weights[] = {s->weight, s->policy_weight, s->reply_weight, s->soon_weight, s->score_weight, s->map_weight};
    for (int i = 0; i < 6; i++)
        fixture_fill(&rng, (size_t)n, sharp ? 1 : 0.5f, sharp ? 1 : 1.5f, weights[i]);
    for (int row = 0; row < n; row++) {
        fixture_distribution(&rng, moves, sharp, s->policy + row * moves);
        fixture_distribution(&rng, moves, sharp, s->reply + row * moves);
        fixture_distribution(&rng, 3, sharp, s->wdl + row * 3);
        fixture_distribution(&rng, 3, sharp, s->soon + row * 3);
    }
    fixture_fill(&rng, (size_t)n, -30, 30, s->score);
    for (int i = 0; i < n * points; i++)
        s->map[i] = (float)rng_below(&rng, 3) - 1;
    return s;
}

#endif

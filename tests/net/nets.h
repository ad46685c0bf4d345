/* Small nets, runners, and a runner's results for a batch. */
#ifndef TENGEN_TESTS_NET_NETS_H
#define TENGEN_TESTS_NET_NETS_H

#include "games/rng.h"
#include "net/net.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>

static inline struct net *net_of(const char *trunk, int other_moves, uint64_t seed)
{
    struct net_info info = fixture_info(trunk, 7, 3, other_moves);
    struct net *net;
    GError *error = NULL;
    cr_assert_eq(net_create(&net, &info, seed, &error), 0, "%s", error ? error->message : "");
    return net;
}

static inline struct net_runner *runner_of(struct net *net, enum net_backend backend, int max_batch)
{
    struct net_runner *runner;
    GError *error = NULL;
    cr_assert_eq(net_runner_create(&runner, net, backend, NET_F32, max_batch, &error), 0, "%s",
                 error ? error->message : "");
    return runner;
}

struct results {
    float policy[8 * 401], wdl[8 * 3], score[8], map[8 * 400];
};

static inline void infer(struct net_runner *runner, int size, int n, const float *planes, const float *globals,
                  struct results *r)
{
    struct net_outputs outputs = {.policy = r->policy, .wdl = r->wdl, .score = r->score, .map = r->map};
    memset(r, 0, sizeof *r);
    net_runner_infer(runner, size, size, n, planes, globals, &outputs);
}

static inline void input_fill(uint64_t seed, int size, int n, float *planes, float *globals)
{
    struct rng rng;
    rng_seed(&rng, seed);
    fixture_fill(&rng, (size_t)(n * 7 * size * size), 0, 1, planes);
    fixture_fill(&rng, (size_t)(n * 3), -1, 1, globals);
}

#endif

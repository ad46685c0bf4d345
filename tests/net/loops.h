/* Nets with a loop, and what they answer with some number of steps. */
#ifndef TENGEN_TESTS_NET_LOOPS_H
#define TENGEN_TESTS_NET_LOOPS_H

#include "games/rng.h"
#include "net/exec/exec.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>

enum {
    LOOP_SIZE = 7,
    LOOP_POINTS = LOOP_SIZE * LOOP_SIZE,
    LOOP_ROWS = 12,
    LOOP_PLANES = 6,
    LOOP_GLOBALS = 2,
    LOOP_MOVES = LOOP_POINTS + 1
};

struct loop_answers {
    float policy[LOOP_ROWS * LOOP_MOVES], wdl[LOOP_ROWS * 3], score[LOOP_ROWS], map[LOOP_ROWS * LOOP_POINTS],
        error[LOOP_ROWS];
    int steps[LOOP_ROWS];
};

/* Steps that change much: the last convolution of a loop begins small. */
static inline struct net *loop_net(const char *trunk, uint64_t seed)
{
    struct net_info info = fixture_info(trunk, LOOP_PLANES, LOOP_GLOBALS, 1);
    struct net *net;
    struct rng rng;
    GError *error = NULL;
    info.value_error = 1;
    cr_assert_eq(net_create(&net, &info, seed, &error), 0, "%s", error ? error->message : "");
    rng_seed(&rng, seed + 100);
    for (int i = 0; i < net->graph->params; i++) {
        const struct net_param *param = &net->graph->param[i];
        double factor = strstr(param->name, "loop.conv2.weight")        ? 5
                        : g_str_has_prefix(param->name, "heads.points") ? 10
                                                                        : 1;
        for (size_t k = 0; k < param->count; k++)
            net->params[param->offset + k] *= (float)factor;
        if (strstr(param->name, "loop") && param->rank == 1)
            fixture_fill(&rng, param->count, -0.1f, 0.1f, net->params + param->offset);
    }
    return net;
}

static inline struct net_samples *loop_samples(const struct net *net)
{
    struct net_samples *s = fixture_samples(net_info(net), LOOP_SIZE, LOOP_ROWS, false, 3);
    for (int i = 0; i < LOOP_ROWS * LOOP_PLANES * LOOP_POINTS; i++)
        s->planes[i] = s->planes[i] > 0.3f;
    return s;
}

/* n <= LOOP_ROWS rows from row `first`; steps: of row 0 and on. */
static inline void loop_infer(struct net_runner *runner, const struct net_samples *s, int first, int n,
                              struct loop_answers *a)
{
    memset(a, 0, sizeof *a);
    net_runner_infer(runner, LOOP_SIZE, LOOP_SIZE, n, s->planes + (size_t)first * LOOP_PLANES * LOOP_POINTS,
                     s->globals + (size_t)first * LOOP_GLOBALS,
                     &(struct net_outputs){a->policy, a->wdl, a->score, a->map, a->error});
    memcpy(a->steps, net_runner_steps(runner), (size_t)n * sizeof(int));
}

static inline struct net_runner *loop_runner(struct net *net, enum net_backend backend, enum net_dtype dtype,
                                             struct net_effort effort)
{
    struct net_runner *runner;
    GError *error = NULL;
    cr_assert_eq(net_runner_create(&runner, net, backend, dtype, LOOP_ROWS, &error), 0, "%s",
                 error ? error->message : "");
    cr_assert_eq(net_runner_set_effort(runner, &effort, &error), 0, "%s", error ? error->message : "");
    return runner;
}

static inline struct loop_answers *loop_ask(struct net *net, enum net_backend backend, enum net_dtype dtype,
                                            const struct net_samples *s, struct net_effort effort)
{
    struct loop_answers *a = g_new0(struct loop_answers, 1);
    struct net_runner *runner = loop_runner(net, backend, dtype, effort);
    loop_infer(runner, s, 0, LOOP_ROWS, a);
    net_runner_close(runner);
    return a;
}

/* The policy from the unrolled graph, on plain arithmetic. */
static inline struct loop_answers *loop_ask_unrolled(const struct net *net, const struct net_samples *s, int steps)
{
    struct loop_answers *a = g_new0(struct loop_answers, 1);
    struct net_graph *graph;
    struct net_exec *exec;
    float others[LOOP_ROWS * 16];
    cr_assert_eq(net_graph_create_unrolled(&graph, net_info(net), steps, false, NULL), 0);
    cr_assert_eq(net_exec_create(&exec, graph, &net_arithmetic_plain, false, NULL), 0);
    cr_assert_eq(net_exec_use(exec, (struct net_extent){LOOP_SIZE, LOOP_SIZE, LOOP_ROWS}, NULL), 0);
    net_exec_set(exec, net->params, NULL);
    net_exec_load(exec, s->planes, s->globals);
    net_exec_forward(exec, NULL);
    net_exec_read(exec, graph->points, graph->places.at[NET_TARGET_POLICY], a->policy, LOOP_MOVES);
    net_exec_read(exec, graph->others, 0, others, 0);
    for (int row = 0; row < LOOP_ROWS; row++)
        a->policy[row * LOOP_MOVES + LOOP_POINTS] =
            others[row * graph->places.groups + graph->places.group[NET_TARGET_POLICY]];
    net_exec_close(exec);
    g_free(graph);
    return a;
}

/* Of policies and maps, relative to the size of those wanted. */
static inline double loop_distance(const struct loop_answers *had, const struct loop_answers *wanted)
{
    double off = 0, size = 1e-12;
    for (size_t i = 0; i < G_N_ELEMENTS(had->policy); i++) {
        off += pow((double)had->policy[i] - (double)wanted->policy[i], 2);
        size += pow((double)wanted->policy[i], 2);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(had->map); i++) {
        off += pow((double)had->map[i] - (double)wanted->map[i], 2);
        size += pow((double)wanted->map[i], 2);
    }
    return sqrt(off / size);
}

static inline const bool *loop_types(void)
{
    static bool types[NET_INT8 + 1];
    types[NET_F32] = true;
    types[NET_BF16] = net_dtype_best(NET_BACKEND_FAST) == NET_BF16;
    types[NET_INT8] = net_has_int8();
    return types;
}

#endif

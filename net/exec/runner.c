#include "net/exec/exec.h"
#include "net/exec/settle.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/heads.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/targets.h"

#include <string.h>

struct net_runner {
    struct net *net;
    struct net_graph *graph; /* of the first net with these operations; used by exec */
    const struct net_arithmetic *arithmetic;
    struct net_exec *exec;
    enum net_backend backend;
    enum net_dtype wanted, dtype; /* as requested, and the resulting one for this net */
    int max_batch;
    struct net_effort effort;
    struct settle settle;
    int *steps;    /* [max_batch], of the last evaluation */
    float *values; /* [max_batch][places.values] */
    float *others; /* [max_batch][places.groups][other_moves] */
};

static void enter(const struct net_runner *runner)
{
    if (runner->arithmetic->enter)
        runner->arithmetic->enter();
}

/* Prepares the exec for this net; leaves the runner unchanged on error. */
static int choose_exec(struct net_runner *runner, const struct net *net, GError **error)
{
    enum net_dtype dtype = runner->wanted;
    const struct net_arithmetic *arithmetic =
        net_arithmetic_for(net->graph, runner->backend, &dtype, NET_INFERENCE, net_is_calibrated(net), error);
    if (!arithmetic)
        return -1;
    if (runner->exec && runner->arithmetic == arithmetic && net_graph_same(runner->graph, net->graph))
        return 0;
    struct net_graph *graph = g_memdup2(net->graph, sizeof *graph);
    struct net_exec *exec;
    if (net_exec_create(&exec, graph, arithmetic, false, error) != 0) {
        g_free(graph);
        return -1;
    }
    net_exec_close(runner->exec);
    g_free(runner->graph);
    runner->exec = exec;
    runner->graph = graph;
    runner->arithmetic = arithmetic;
    runner->dtype = dtype;
    runner->others =
        g_renew(float, runner->others, runner->max_batch * graph->places.groups * MAX(1, graph->info.other_moves));
    runner->values = g_renew(float, runner->values, runner->max_batch * graph->places.values);
    return 0;
}

int net_runner_set_net(struct net_runner *runner, struct net *net, GError **error)
{
    if (!net_effort_check(net, &runner->effort, error) || choose_exec(runner, net, error) != 0)
        return -1;
    enter(runner);
    net_exec_set(runner->exec, net->params, net->ranges);
    net_ref(net);
    net_unref(runner->net);
    runner->net = net;
    return 0;
}

int net_runner_create(struct net_runner **out, struct net *net, enum net_backend backend, enum net_dtype dtype,
                      int max_batch, GError **error)
{
    *out = NULL;
    g_assert(max_batch >= 1);
    struct net_runner *runner = g_new0(struct net_runner, 1);
    runner->backend = backend;
    runner->wanted = dtype;
    runner->max_batch = max_batch;
    runner->steps = g_new0(int, max_batch);
    if (net_runner_set_net(runner, net, error) != 0) {
        net_runner_close(runner);
        return -1;
    }
    *out = runner;
    return 0;
}

void net_runner_close(struct net_runner *runner)
{
    if (!runner)
        return;
    net_exec_close(runner->exec);
    g_free(runner->graph);
    net_unref(runner->net);
    settle_clear(&runner->settle);
    g_free(runner->steps);
    g_free(runner->values);
    g_free(runner->others);
    g_free(runner);
}

int net_runner_set_effort(struct net_runner *runner, const struct net_effort *effort, GError **error)
{
    if (!net_effort_check(runner->net, effort, error))
        return -1;
    runner->effort = *effort;
    return 0;
}

const int *net_runner_steps(const struct net_runner *runner)
{
    return runner->steps;
}

enum net_dtype net_runner_dtype(const struct net_runner *runner)
{
    return runner->dtype;
}

/* The logits of a target of shape moves. */
static void read_moves(struct net_runner *runner, enum net_target_id target, struct net_extent extent, float *logits)
{
    const struct net_graph *graph = runner->graph;
    size_t points = net_extent_points(extent), others = (size_t)graph->info.other_moves;
    net_exec_read(runner->exec, graph->points, graph->places.at[target], logits, points + others);
    if (others == 0)
        return;
    net_exec_read(runner->exec, graph->others, 0, runner->others, 0);
    const float *from = runner->others + (size_t)graph->places.group[target] * others;
    for (size_t row = 0; row < (size_t)extent.n; row++, from += (size_t)graph->places.groups * others)
        memcpy(logits + row * (points + others) + points, from, others * sizeof *logits);
}

/* The output's unit is half a value; an error is not negative. */
static float read_error(const struct net_places *places, const float *x)
{
    const int at = places->at[NET_TARGET_VALUE_ERROR];
    return at < 0 ? -1 : CLAMP(x[at] * net_targets[NET_TARGET_VALUE_ERROR].unit, 0, 2);
}

static void read_values(struct net_runner *runner, int n, const struct net_outputs *outputs)
{
    const struct net_places *places = &runner->graph->places;
    net_exec_read(runner->exec, runner->graph->values, 0, runner->values, 0);
    for (int row = 0; row < n; row++) {
        const float *x = runner->values + row * places->values;
        if (outputs->score)
            outputs->score[row] = x[places->at[NET_TARGET_SCORE]] * net_targets[NET_TARGET_SCORE].unit;
        if (outputs->error)
            outputs->error[row] = read_error(places, x);
        if (outputs->wdl)
            settle_softmax(x + places->at[NET_TARGET_VALUE], outputs->wdl + row * NET_OUTCOMES, NET_OUTCOMES);
    }
}

static void use(struct net_runner *runner, struct net_extent extent)
{
    g_assert(net_extent_valid(extent) && extent.n <= runner->max_batch);
    enter(runner);
    GError *error = NULL;
    /* Not an input error: the library has run this net's convolutions before, on other boards. */
    if (net_exec_use(runner->exec, extent, &error) != 0)
        g_error("network on %dx%d, batch %d: %s", extent.width, extent.height, extent.n, error->message);
}

static void read_map(struct net_runner *runner, struct net_extent extent, float *map)
{
    size_t points = net_extent_points(extent);
    net_exec_read(runner->exec, runner->graph->points, runner->graph->places.at[NET_TARGET_MAP], map, points);
    net_tanh((size_t)extent.n * points, map);
}

static void read_outputs(struct net_runner *runner, struct net_extent extent, const struct net_outputs *outputs)
{
    if (outputs->policy)
        read_moves(runner, NET_TARGET_POLICY, extent, outputs->policy);
    if (outputs->wdl || outputs->score || outputs->error)
        read_values(runner, extent.n, outputs);
    if (outputs->map)
        read_map(runner, extent, outputs->map);
}

/* Runs the loop step by step until all positions have settled. */
static void infer_settling(struct net_runner *runner, struct net_extent extent, int most,
                           const struct net_outputs *outputs)
{
    const struct net_info *info = &runner->graph->info;
    const struct net_pass pass = {.flavour = NET_INFERENCE, .steps = MIN(runner->graph->loop.steps.least, most)};
    size_t points = net_extent_points(extent);
    settle_begin(&runner->settle, extent.n, points + (size_t)info->other_moves, points);
    net_exec_forward(runner->exec, &pass);
    for (int step = pass.steps;; step++) {
        const struct net_outputs now = settle_buffers(&runner->settle, outputs);
        read_outputs(runner, extent, &now);
        if (settle_take(&runner->settle, runner->effort.settle, step, outputs, runner->steps) || step >= most)
            return;
        net_exec_step(runner->exec);
    }
}

void net_runner_infer_with(struct net_runner *runner, int width, int height, int n, const float *planes,
                           const float *globals, const float *states, const struct net_outputs *outputs)
{
    const struct net_extent extent = {width, height, n};
    const int most = runner->effort.steps ? runner->effort.steps : runner->graph->loop.steps.most;
    const struct net_pass pass = {.flavour = NET_INFERENCE, .steps = most};
    use(runner, extent);
    net_exec_load(runner->exec, planes, globals);
    if (states)
        net_exec_load_states(runner->exec, states);
    if (runner->effort.settle > 0) {
        infer_settling(runner, extent, most, outputs);
        return;
    }
    net_exec_forward(runner->exec, &pass);
    read_outputs(runner, extent, outputs);
    for (int row = 0; row < n; row++)
        runner->steps[row] = most;
}

void net_runner_infer(struct net_runner *runner, int width, int height, int n, const float *planes,
                      const float *globals, const struct net_outputs *outputs)
{
    net_runner_infer_with(runner, width, height, n, planes, globals, NULL, outputs);
}

void net_runner_pooled(const struct net_runner *runner, float *pooled)
{
    net_exec_read(runner->exec, runner->graph->pooled, 0, pooled, 0);
}

void net_runner_carry(struct net_runner *runner, int width, int height, const float *planes, const float *globals,
                      const float *state, float *next)
{
    const struct net_extent extent = {width, height, 1};
    const struct net_carry *carry = &runner->graph->carry;
    const size_t points = net_extent_points(extent);
    use(runner, extent);
    net_exec_load(runner->exec, planes, globals);
    if (state)
        net_exec_load_states(runner->exec, state);
    net_exec_carry(runner->exec);
    for (int c = 0; c < runner->graph->tensor[carry->out].channels; c++)
        net_exec_read(runner->exec, carry->out, c, next + (size_t)c * points, points);
}

int net_heads(const struct net *net, int i, struct net_head *head)
{
    const struct net_graph *graph = net->graph;
    int heads = 0;
    for (int k = 0; k < graph->ops; k++) {
        const int more = graph->op[k].heads;
        if (head && i >= heads && i < heads + more)
            *head = (struct net_head){graph->op[k].block, i - heads, more};
        heads += more;
    }
    return heads;
}

void net_runner_attention(struct net_runner *runner, int width, int height, const float *planes, const float *globals,
                          int point, float *weights)
{
    const struct net_extent extent = {width, height, 1};
    g_assert(point >= 0 && point < width * height);
    struct net_watch watch = {.point = point, .most = net_heads(runner->net, 0, NULL), .weights = weights};
    const struct net_pass pass = {.flavour = NET_INFERENCE, .steps = runner->graph->loop.steps.most, .watch = &watch};
    use(runner, extent);
    net_exec_load(runner->exec, planes, globals);
    net_exec_forward(runner->exec, &pass);
}

char *net_runner_describe(struct net_runner *runner, int width, int height, int n)
{
    use(runner, (struct net_extent){width, height, n});
    return net_exec_describe(runner->exec);
}

#include "net/exec/exec.h"
#include "net/net_internal.h"

#include <math.h>
#include <string.h>

struct net_runner {
    struct net *net;
    struct net_graph *graph; /* of the first net with these operations; exec holds on to it */
    const struct net_arithmetic *arithmetic;
    struct net_exec *exec;
    enum net_backend backend;
    enum net_dtype wanted, dtype; /* as asked for, and what that is for this net */
    int max_batch;
    float *values; /* [max_batch][7] */
    float *others; /* [max_batch][3][other_moves] */
};

static void enter(const struct net_runner *runner)
{
    if (runner->arithmetic->enter)
        runner->arithmetic->enter();
}

/* For this net; leaves the runner as it is on error. */
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
    runner->others = g_renew(float, runner->others, runner->max_batch * 3 * MAX(1, graph->info.other_moves));
    return 0;
}

int net_runner_set_net(struct net_runner *runner, struct net *net, GError **error)
{
    if (choose_exec(runner, net, error) != 0)
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
    runner->values = g_new0(float, max_batch *NET_VALUE_OUTPUTS);
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
    g_free(runner->values);
    g_free(runner->others);
    g_free(runner);
}

enum net_dtype net_runner_dtype(const struct net_runner *runner)
{
    return runner->dtype;
}

static void read_policy(struct net_runner *runner, int size, int n, float *policy)
{
    size_t points = (size_t)(size * size), others = (size_t)runner->graph->info.other_moves;
    net_exec_read(runner->exec, runner->graph->points, NET_POINTS_POLICY, policy, points + others);
    if (others == 0)
        return;
    net_exec_read(runner->exec, runner->graph->others, 0, runner->others, 0);
    for (size_t row = 0; row < (size_t)n; row++)
        memcpy(policy + row * (points + others) + points, runner->others + row * 3 * others, others * sizeof *policy);
}

static void read_values(struct net_runner *runner, int n, float *wdl, float *score)
{
    net_exec_read(runner->exec, runner->graph->values, 0, runner->values, 0);
    for (int row = 0; row < n; row++) {
        const float *x = runner->values + row * NET_VALUE_OUTPUTS;
        if (score)
            score[row] = x[6] * NET_MAP_SCORE_SCALE;
        if (!wdl)
            continue;
        float most = MAX(x[0], MAX(x[1], x[2])), sum = 0, e[3];
        for (int i = 0; i < 3; i++)
            sum += e[i] = expf(x[i] - most);
        for (int i = 0; i < 3; i++)
            wdl[row * 3 + i] = e[i] / sum;
    }
}

static void use(struct net_runner *runner, int size, int n)
{
    g_assert(size >= 1 && size <= NET_BOARD_MAX && n >= 1 && n <= runner->max_batch);
    enter(runner);
    GError *error = NULL;
    /* The library ran this net's convolutions before; that it refuses another size of them is no one's input. */
    if (net_exec_use(runner->exec, size, n, &error) != 0)
        g_error("network on %dx%d, batch %d: %s", size, size, n, error->message);
}

void net_runner_infer(struct net_runner *runner, int size, int n, const float *planes, const float *globals,
                      const struct net_outputs *outputs)
{
    use(runner, size, n);
    net_exec_load(runner->exec, planes, globals);
    net_exec_forward(runner->exec, NULL);
    if (outputs->policy)
        read_policy(runner, size, n, outputs->policy);
    if (outputs->wdl || outputs->score)
        read_values(runner, n, outputs->wdl, outputs->score);
    if (outputs->map) {
        size_t points = (size_t)(size * size);
        net_exec_read(runner->exec, runner->graph->points, NET_POINTS_MAP, outputs->map, points);
        for (size_t i = 0; i < (size_t)n * points; i++)
            outputs->map[i] = tanhf(outputs->map[i]);
    }
}

char *net_runner_describe(struct net_runner *runner, int size, int n)
{
    use(runner, size, n);
    return net_exec_describe(runner->exec);
}

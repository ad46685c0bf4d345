/* The ranges of a net's values, measured on positions: what int8 takes its scales from. */
#include "net/exec/exec.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/net_internal.h"

bool net_is_calibrated(const struct net *net)
{
    return net->ranges != NULL;
}

static bool computes_in_int8(const struct net *net, GError **error)
{
    int op = net_graph_unsupported(net->graph, NET_INT8, NET_INFERENCE);
    if (op < 0)
        return true;
    char *where = net_graph_where(net->graph, op);
    g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "%s does not support int8, so the net cannot be calibrated", where);
    g_free(where);
    return false;
}

int net_calibrate(struct net *net, int width, int height, int n, const float *planes, const float *globals,
                  GError **error)
{
    if (!computes_in_int8(net, error))
        return -1;
    enum net_dtype dtype = NET_AUTO;
    const struct net_arithmetic *arithmetic =
        net_arithmetic_for(net->graph, NET_BACKEND_FAST, &dtype, NET_INFERENCE, false, error);
    struct net_exec *exec;
    net_dnnl_enter();
    if (!arithmetic || net_exec_create(&exec, net->graph, arithmetic, false, error) != 0)
        return -1;
    net_exec_set(exec, net->params, NULL);
    int status = net_exec_use(exec, (struct net_extent){width, height, n}, error);
    if (status == 0) {
        int count = net->graph->ranges;
        float *sums = g_new0(float, count);
        if (!net->ranges)
            net->ranges = g_new0(float, 2 * count);
        net_exec_load(exec, planes, globals);
        net_exec_calibrate(exec, net->ranges, sums);
        net->calibrations++;
        for (int i = 0; i < count; i++)
            net->ranges[count + i] += (sums[i] - net->ranges[count + i]) / (float)net->calibrations;
        g_free(sums);
    }
    net_exec_close(exec);
    return status;
}

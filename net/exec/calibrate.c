/* How far a net's values go, from positions: what int8 takes its steps from. */
#include "net/exec/exec.h"
#include "net/net_internal.h"

bool net_is_calibrated(const struct net *net)
{
    return net->ranges != NULL;
}

int net_calibrate(struct net *net, int size, int n, const float *planes, const float *globals, GError **error)
{
    const struct net_ops *ops = net_ops_select(NET_BACKEND_FAST, net_dtype_best(NET_BACKEND_FAST), error);
    struct net_exec *exec;
    net_ops_dnnl_enter();
    if (!ops || net_exec_create(&exec, net->graph, ops, false, error) != 0)
        return -1;
    net_exec_set(exec, net->params, NULL);
    int status = net_exec_use(exec, size, n, error);
    if (status == 0) {
        int count = net->graph->ranges;
        float *sums = g_new0(float, count);
        if (!net->ranges)
            net->ranges = g_new0(float, 2 * count);
        net_exec_load(exec, planes, globals);
        net_exec_widen(exec, net->ranges, sums);
        net->calibrations++;
        for (int i = 0; i < count; i++)
            net->ranges[count + i] += (sums[i] - net->ranges[count + i]) / (float)net->calibrations;
        g_free(sums);
    }
    net_exec_close(exec);
    return status;
}

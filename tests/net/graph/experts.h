/* Parameters of a net by name, and the experts that its rows use. */
#ifndef TENGEN_TESTS_NET_GRAPH_EXPERTS_H
#define TENGEN_TESTS_NET_GRAPH_EXPERTS_H

#include "net/exec/exec.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/net_internal.h"
#include "net/train.h"

#include <criterion/criterion.h>
#include <string.h>

static inline float *param_of(struct net *net, const char *name, size_t *count)
{
    for (int i = 0; i < net->graph->params; i++)
        if (strcmp(net->graph->param[i].name, name) == 0) {
            *count = net->graph->param[i].count;
            return net->params + net->graph->param[i].offset;
        }
    cr_assert_fail("no parameter %s", name);
    return NULL;
}

static inline void copy_param(struct net *to, const char *name, struct net *from, const char *other)
{
    size_t count, others;
    float *values = param_of(to, name, &count);
    const float *source = param_of(from, other, &others);
    cr_assert_eq(count, others);
    memcpy(values, source, count * sizeof *values);
}

/* The expert of each row, of the last layer that has any. choice: [rows]. */
static inline void choices_of(const struct net *net, const struct net_samples *s, int size, int rows, float *choice)
{
    struct net_exec *exec;
    cr_assert_eq(net_exec_create(&exec, net->graph, &net_arithmetic_plain, true, NULL), 0);
    cr_assert_eq(net_exec_use(exec, (struct net_extent){size, size, rows}, NULL), 0);
    net_exec_set(exec, net->params, NULL);
    net_exec_load(exec, s->planes, s->globals);
    net_exec_forward(exec, NULL);
    for (int i = 0; i < net->graph->ops; i++)
        if (strcmp(net->graph->op[i].kind->name, "route") == 0)
            net_exec_read(exec, net->graph->op[i].out, 0, choice, 1);
    net_exec_close(exec);
}

#endif

/* The block "se", in addition to the tests of every block of the table. */
#include "net/graph/graph.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/train.h"
#include "tests/net/fixtures.h"

#include <criterion/criterion.h>
#include <math.h>

enum { SIZE = 5, POINTS = SIZE * SIZE };

static struct net *net_of(const char *trunk)
{
    struct net_info info = fixture_info(trunk, 4, 2, 1);
    struct net *net;
    cr_assert_eq(net_create(&net, &info, 2, NULL), 0);
    return net;
}

/* A copy of the net with one parameter filled with a value. */
static struct net *with(struct net *net, const char *name, float value)
{
    const struct net_param *param = NULL;
    for (int i = 0; i < net->graph->params; i++)
        if (strcmp(net->graph->param[i].name, name) == 0)
            param = &net->graph->param[i];
    cr_assert_not_null(param, "%s", name);
    for (size_t i = 0; i < param->count; i++)
        net->params[param->offset + i] = value;
    return net;
}

static void map_of(struct net *net, float map[POINTS])
{
    struct net_samples *s = fixture_samples(net_info(net), SIZE, 1, false, 3);
    struct net_runner *runner;
    const struct net_outputs out = {.map = map};
    cr_assert_eq(net_runner_create(&runner, net, NET_BACKEND_PLAIN, NET_F32, 1, NULL), 0);
    net_runner_infer(runner, SIZE, SIZE, 1, s->planes, s->globals, &out);
    net_runner_close(runner);
    net_samples_free(s);
    net_unref(net);
}

/* With its gates closed the block changes nothing, with its gates open it is a residual block. */
Test(se, gates_closed_and_open)
{
    float shut[POINTS], open[POINTS], empty[POINTS], half[POINTS];
    map_of(with(net_of("conv:8 se:8"), "1.se.excite.bias", -100), shut);
    map_of(with(net_of("conv:8 se:8"), "1.se.excite.bias", 100), open);
    map_of(net_of("conv:8 se:8"), half);
    struct net *none = with(with(net_of("conv:8 se:8"), "1.se.conv2.weight", 0), "1.se.conv2.bias", 0);
    map_of(none, empty);
    double off = 0, apart = 0, between = 0;
    for (int p = 0; p < POINTS; p++) {
        off = fmax(off, fabs((double)shut[p] - (double)empty[p]));
        apart = fmax(apart, fabs((double)open[p] - (double)empty[p]));
        between = fmax(between, fabs((double)half[p] - (double)empty[p]));
    }
    cr_expect_lt(off, 1e-6);
    cr_expect_gt(apart, 1e-3);
    cr_expect(between > 1e-3 && between < apart, "%g and %g", between, apart);
}

/* More blocks than a graph has room for. */
Test(se, a_trunk_too_long_is_refused)
{
    GString *trunk = g_string_new("conv:4");
    for (int i = 0; i < 90; i++)
        g_string_append(trunk, " se:4");
    struct net_info info = fixture_info(trunk->str, 4, 2, 1);
    struct net *net;
    GError *error = NULL;
    cr_expect_neq(net_create(&net, &info, 1, &error), 0);
    cr_expect(error && strstr(error->message, "too long"));
    g_clear_error(&error);
    g_string_free(trunk, TRUE);
}

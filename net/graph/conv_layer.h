/* The layers (net_op_layer) of operations that contain convolutions: one, or several alike of which each row uses one. Parameters 2 i and
 * 2 i + 1 of the operation are weights and bias of convolution i. */
#ifndef TENGEN_NET_GRAPH_CONV_LAYER_H
#define TENGEN_NET_GRAPH_CONV_LAYER_H

#include <glib.h>
#include <stdbool.h>

struct net_conv_plan;
struct net_conv_spec;
struct net_graph;
struct net_op;
struct net_run;

/* For a kind's own `create`. */
bool net_conv_layer_create(struct net_run *run, const struct net_conv_spec *spec, int count, GError **error);
/* `plan`: for the whole batch, or for one row at a time. */
bool net_conv_layer_plan(struct net_run *run, GError **error);
bool net_conv_layer_plan_row(struct net_run *run, GError **error);
/* The plan of convolution i. */
struct net_conv_plan *net_conv_layer_plan_of(const struct net_run *run, int i);
/* Bytes that a forward or backward pass of any of them needs, for net_op_kind. */
size_t net_conv_layer_scratch(const struct net_run *run);
/* Those of one of the convolutions, for net_op_kind. */
double net_conv_layer_flops(const struct net_graph *graph, const struct net_op *op, size_t points);

/* The other functions, for NET_CONV_LAYER. */
void net_conv_layer_free(struct net_run *run);
void net_conv_layer_set(const struct net_run *run); /* with the scales of the first input and of the output */
void net_conv_layer_zero_gradient(const struct net_run *run);
void net_conv_layer_gradient(const struct net_run *run);
void net_conv_layer_move_gradient(const struct net_run *from, const struct net_run *to);
void net_conv_layer_plan_free(struct net_run *run);
char *net_conv_layer_describe(const struct net_run *run); /* the first one's implementation */

#define NET_CONV_LAYER(own_create, own_plan)                                                                           \
    {                                                                                                                  \
        .create = (own_create), .free = net_conv_layer_free, .set = net_conv_layer_set,                                \
        .zero_gradient = net_conv_layer_zero_gradient, .gradient = net_conv_layer_gradient,                            \
        .move_gradient = net_conv_layer_move_gradient, .plan = (own_plan), .plan_free = net_conv_layer_plan_free,      \
        .describe = net_conv_layer_describe                                                                            \
    }

#endif

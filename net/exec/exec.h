/* Runs the forward and backward passes of a graph on one arithmetic. An exec owns the memory of the tensors and what
 * the operations need for each board and batch size used so far. It belongs to one thread.
 *
 *   use(extent) -> load(planes, globals) -> forward -> read outputs [-> put output gradients -> backward]
 *
 * In inference, tensors share a few slots of memory, which are reused once a tensor's last reader has run, and residual
 * sums are computed in place; in training all tensors are kept, and gradients share slots in the same way. Memory is
 * shared where net_graph_finish found that it can be. */
#ifndef TENGEN_NET_EXEC_EXEC_H
#define TENGEN_NET_EXEC_EXEC_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "net/graph/graph.h"
#include "net/real.h"

struct net_arithmetic;
struct net_extent;
struct net_graph;
struct net_pass;
struct net_exec;

/* graph outlives the exec, and supports the arithmetic. training: with gradients; passes may be of either flavour. */
int net_exec_create(struct net_exec **out, const struct net_graph *graph, const struct net_arithmetic *arithmetic,
                    bool training, GError **error);
void net_exec_close(struct net_exec *exec); /* NULL is fine */
/* All weights [graph->parameters], and for an arithmetic with quantised tensors [2][graph->ranges]: the highest value
 * and the mean of their channels (else NULL); copied into the forms that the operations want. */
void net_exec_set(struct net_exec *exec, const net_real *params, const float *ranges);
/* Chooses board and batch size; allocates what a new extent needs, and nothing for one that has been seen. Returns 0, or -1 with the
 * error set and the extent in use unchanged. */
int net_exec_use(struct net_exec *exec, struct net_extent extent, GError **error);

/* Loads planes [n][planes][points] and globals [n][globals] for the extent in use. The state of a net that carries one becomes 0. */
void net_exec_load(struct net_exec *exec, const float *planes, const float *globals);
/* After net_exec_load: the states [n][channels][points] with which such a net sees the positions. */
void net_exec_load_states(struct net_exec *exec, const float *states);
/* pass: flavour and random state; NULL: inference. The training flavour needs an exec for training. */
void net_exec_forward(struct net_exec *exec, const struct net_pass *pass);
/* After a forward pass over a graph that repeats a loop: one step of it more, and what follows the loop. */
void net_exec_step(struct net_exec *exec);
/* After loading, for a net that carries a state: runs the operations up to the one that computes the next state. */
void net_exec_carry(struct net_exec *exec);
/* Forward in inference, on an arithmetic without quantised tensors; for each channel [graph->ranges] of those that
 * would be quantised, raises `highest` to its highest value and adds its mean to `mean`. */
void net_exec_calibrate(struct net_exec *exec, float *highest, float *mean);
/* Copies a tensor's values: of a spatial one, one channel, [n][points] with rows `stride` numbers apart; of a flat one all, [n][channels]
 * (channel is 0, stride unused). */
void net_exec_read(const struct net_exec *exec, int tensor, int channel, net_real *out, size_t stride);

/* Sets the gradient of an output, laid out as for net_exec_read; every output needs one before the backward pass. */
void net_exec_put(struct net_exec *exec, int tensor, int channel, const net_real *in, size_t stride);
/* Adds to the gradients of all parameters, after a forward pass and in its flavour. */
void net_exec_backward(struct net_exec *exec);
/* Adds the gradients accumulated since creation or the last call to sum [graph->parameters], and zeroes them. */
void net_exec_take_gradients(struct net_exec *exec, net_real *sum);
/* Called before and after the gradient of each part of the graph is moved, in ascending order of parts: in `begin`, execs that add to
 * the same exec wait for their turns. */
struct net_exec_turns {
    void (*begin)(void *user, int part), (*end)(void *user, int part);
    void *user;
};
enum { NET_EXEC_PARTS = NET_MAX_OPS + 1 };
/* Adds these gradients to those of another exec of the same graph and arithmetic instead, and zeroes them. `to` may belong to another
 * thread, provided that it does not touch its gradients meanwhile. */
void net_exec_move_gradients(struct net_exec *from, struct net_exec *to, const struct net_exec_turns *turns);

/* The implementation of each operation that has several, for the extent in use, one per line; freed with g_free. */
char *net_exec_describe(const struct net_exec *exec);

#endif

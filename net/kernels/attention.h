/* Attention of one head in one row of the batch (Vaswani et al. 2017, "Attention is all you need", section 3.2): each query
 * takes the mean of the values, weighted by the softmax of its dot products with the keys plus a bias, which depends on the
 * offset between the two points of the board.
 *
 *   out(i) = sum over j of p(i,j) value(j),   p(i,.) = softmax of query(i) . key(j) + bias(i - j)
 *
 * Queries are processed 16 at a time, one in each lane of a vector, so that nothing is reordered: results are the same bit
 * for bit on every machine, but for those in bf16. Numbers in memory are net_real. Pure functions, any thread. */
#ifndef TENGEN_NET_KERNELS_ATTENTION_H
#define TENGEN_NET_KERNELS_ATTENTION_H

#include "net/kernels/packed.h"
#include "net/real.h"

#include <stdbool.h>
#include <stddef.h>

enum { NET_ATTENTION_REACH = 19 }; /* offsets up to it have a bias of their own; those beyond have that of the nearest */
enum { NET_ATTENTION_SIDE = 2 * NET_ATTENTION_REACH + 1 };

struct net_attention {
    int queries, keys;
    int depth, width; /* values of a query and of a key; of a value and of a result */
    /* From one query to the next, and so on. */
    size_t query_stride, key_stride, value_stride, out_stride;
    struct net_extent board; /* with a bias: queries and keys are its points */
    const net_real *bias;    /* laid out by net_attention_bias; NULL: none */
};

/* Workspace of all functions, in net_real, aligned to 64 bytes. */
size_t net_attention_workspace(const struct net_attention *a);
typedef void net_attention_function(const struct net_attention *a, const net_real *query, const net_real *key,
                                    const net_real *value, net_real *out, net_real *workspace);
net_attention_function net_attention_forward;
#ifndef NET_REAL_DOUBLE
/* Rounds what is multiplied to bf16, where the processor has instructions for that; elsewhere the same as
 * net_attention_forward. For 19x19, 64 channels and four heads it is 1.9 times as fast. */
net_attention_function net_attention_forward_bf16;
bool net_attention_has_bf16(void);
#endif
/* The weights p(i, .) of query i: weights[keys], which sum to 1. query: all of them, [queries]. For display; not vectorised. */
void net_attention_weights(const struct net_attention *a, int i, const net_real *query, const net_real *key,
                           net_real *weights);
/* Adds to the gradients of queries, keys, values, and of the bias in its layout (NULL without one); strides are those of
 * the values. dout: gradient of the result. */
void net_attention_backward(const struct net_attention *a, const net_real *query, const net_real *key,
                            const net_real *value, const net_real *dout, net_real *dquery, net_real *dkey,
                            net_real *dvalue, net_real *dbias, net_real *workspace);

/* ---- bias by offset ---- */

/* Lays a table [2 reach + 1][2 reach + 1] of the offsets in y and x from key to query out for a board, so that the biases
 * of adjacent queries to one key are adjacent. */
size_t net_attention_bias_count(struct net_extent board);
void net_attention_bias(struct net_extent board, const net_real *table, net_real *bias);
/* Biases [keys][16] of the 16 queries from `first`, or 0 without a bias; those of queries past the last are undefined. */
void net_attention_biases(const struct net_attention *a, int first, net_real *biases);
/* Adds the gradient of the layout to that of the table. */
void net_attention_bias_gradient(struct net_extent board, const net_real *dbias, net_real *dtable);

#endif

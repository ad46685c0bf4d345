/* What the attention of a net looks at, for display. */
#ifndef TENGEN_NET_HEADS_H
#define TENGEN_NET_HEADS_H

struct net;
struct net_runner;

/* A head of attention: the place of its block in the trunk, and its place among so many heads of the block, from 0. */
struct net_head {
    int block, head, heads;
};
/* The heads of all blocks with attention, in the order of the trunk; the i-th if i is less. head: may be NULL. */
int net_heads(const struct net *net, int i, struct net_head *head);
/* What each head attends to from a point, in one position: weights[net_heads][points], each row of which sums to 1. In blocks that
 * attend by way of tokens, what the tokens pool, as much as the point attends to each. The net's effort is that of play; one that carries a
 * state begins without. */
void net_runner_attention(struct net_runner *runner, int width, int height, const float *planes, const float *globals,
                          int point, float *weights);

#endif

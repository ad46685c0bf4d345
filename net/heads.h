/* What the attention of a net looks at, for display. */
#ifndef TENGEN_NET_HEADS_H
#define TENGEN_NET_HEADS_H

struct net;
struct net_runner;

/* An attention head: the index of its block in the trunk, its index among the heads of that block, both from 0, and the number of
 * heads of that block. */
struct net_head {
    int block, head, heads;
};
/* Returns the number of heads in all attention blocks together, and sets *head to the i-th of them in trunk order, if i is less
 * than that number. head: may be NULL. Any thread. */
int net_heads(const struct net *net, int i, struct net_head *head);
/* What each head attends to from one point of one position: weights[net_heads][points], each row of which sums to 1. For blocks that
 * attend by way of tokens, the points that the tokens pool, weighted by how much `point` attends to each token. A loop makes as many
 * steps as in play, whatever the runner's effort; a carried state is 0. planes, globals: as for net_runner_infer with n = 1. */
void net_runner_attention(struct net_runner *runner, int width, int height, const float *planes, const float *globals,
                          int point, float *weights);

#endif

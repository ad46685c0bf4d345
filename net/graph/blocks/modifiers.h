/* The modifiers of a block: what follows its channels in the text of a trunk, "res:64+drop=0.1". They are rows of a table
 * (modifiers.c); each block says which it takes.
 *
 * Dropout (Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting") acts in training
 * only. What is kept is divided by the share that is kept, so that inference needs no correction, and has no operation
 * for it: a net gives the same bits as the net without the modifier. */
#ifndef TENGEN_NET_GRAPH_BLOCKS_MODIFIERS_H
#define TENGEN_NET_GRAPH_BLOCKS_MODIFIERS_H

#include <glib.h>
#include <stdbool.h>

/* What an operation drops together: single values; channels, over the whole board (Tompson et al. 2015, "Efficient object
 * localization using convolutional networks"); everything that a residual block adds (Huang et al. 2016, "Deep networks
 * with stochastic depth"). */
enum net_drop { NET_DROP_VALUES, NET_DROP_CHANNELS, NET_DROP_BRANCH, NET_DROPS };

/* How often a loop is repeated. */
struct net_steps {
    int least, most; /* in training a number from this range, in play the last */
};

struct net_modifiers {
    double drop[NET_DROPS]; /* the share that is dropped; 0: none */
    int heads;              /* of attention; 0 for other blocks */
    struct net_steps steps; /* of a loop; 0 for other blocks */
    double early;           /* weight of a loop's answers at half the depth; 0 for other blocks */
    int experts;            /* of a mixture; 0 for other blocks */
    int state, moves;       /* channels of a state, and how many moves it is carried along; 0 for other blocks */
};

/* Bits of struct net_block's `takes`. */
enum {
    NET_TAKES_DROP = 1,     /* drop and spatial: in its inner activations */
    NET_TAKES_BRANCH = 2,   /* depth: it adds to the trunk */
    NET_TAKES_HEADS = 4,    /* heads, which divide its channels */
    NET_TAKES_STEPS = 8,    /* steps and early: it is a loop */
    NET_TAKES_STATE = 16,   /* state and moves: it carries a state along the moves played */
    NET_TAKES_EXPERTS = 32, /* experts: it is a mixture of them */
};

struct net_block;

/* Reads what follows the channels of a block, "+drop=0.1+depth=0.2" or "". word: the whole block, for messages. Returns
 * false with the error set for a modifier that is unknown, that the block does not take, that comes twice, or whose value
 * is out of range or does not fit the channels. */
bool net_modifiers_parse(const char *text, const struct net_block *block, int channels, const char *word,
                         struct net_modifiers *modifiers, GError **error);

#endif

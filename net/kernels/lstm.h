/* The cells of a long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), one for each
 * point and channel:
 *
 *   c' = f c + i g   h' = o tanh(c')        i, o: sigmoids, f: sigmoid(its gate + 1), g: tanh of their gates
 *
 * gates [points][4 channels]: i | f | o | g, before their non-linearities; states [points][2 channels]: h | c. The forget gate's
 * 1 lets a new net remember. Pure functions, any thread; the same bits on every machine. */
#ifndef TENGEN_NET_KERNELS_LSTM_H
#define TENGEN_NET_KERNELS_LSTM_H

#include <stddef.h>

#include "net/real.h"

void net_lstm_forward(size_t points, size_t channels, const net_real *gates, const net_real *state, net_real *next);
/* Overwrites dgates and dstate with the gradients that follow from dnext. dstate has only what passes directly through the cells, so its
 * half for h is 0: h acts through the gates, whose gradient the caller propagates. */
void net_lstm_backward(size_t points, size_t channels, const net_real *gates, const net_real *state,
                       const net_real *dnext, net_real *dgates, net_real *dstate);

#endif

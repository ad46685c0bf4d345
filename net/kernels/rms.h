/* Root mean square normalisation (Zhang and Sennrich 2019, "Root mean square layer normalization") of what attention
 * reads: a projection of x to queries, keys and values. x itself is projected, so that the projection reads the same tensor as
 * other convolutions, and the result is divided by the root mean square of x. That is equivalent, except that the projection's
 * bias is divided, too. Gains for the
 * channels of x would only scale the columns of the projection, so there are none.
 *
 *   qkv [points][3 channels]: queries [channels], then in turn `chunk` keys and `chunk` values
 *
 * Values are rectified, too. All in net_real; pure functions, any thread; results are the same bit for bit on every
 * machine. */
#ifndef TENGEN_NET_KERNELS_RMS_H
#define TENGEN_NET_KERNELS_RMS_H

#include "net/real.h"

#include <stddef.h>

struct net_rms {
    size_t points, channels, chunk;
    net_real query_scale; /* a further factor of queries */
};

/* norm [points] becomes the reciprocal root mean square of the channels of x [points][channels], to which 1e-5 is added
 * under the root; qkv is normalised in place. */
void net_rms_normalise(const struct net_rms *rms, const net_real *x, net_real *norm, net_real *qkv);
/* Turns the gradient dqkv of the normalised qkv into that of the projection; dx is set to the part of the norms in the
 * gradient of x. */
void net_rms_backward(const struct net_rms *rms, const net_real *x, const net_real *norm, const net_real *qkv,
                      net_real *dqkv, net_real *dx);

#endif

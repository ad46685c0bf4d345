/* The machine's own limits for network arithmetic, measured when asked: what `tengen bench` holds a net against. Each
 * runs on the calling thread for about that many seconds of its processor time, and returns 0 where the machine or this
 * build has no such arithmetic. */
#ifndef TENGEN_NET_BENCH_H
#define TENGEN_NET_BENCH_H

#include "net/net.h"

/* Positions of width x height a second through the bare library's tower: a stem and `blocks` residual pairs of 3x3 convolutions
 * with bias, relu and sum fused, and nothing else. The median of several stretches. */
double net_bench_tower(int blocks, int channels, int width, int height, int batch, enum net_dtype dtype,
                       double seconds);
/* Operations a second (a multiply-add is two) of fused multiply-adds or dot products that stay in registers. The best
 * of several stretches. */
double net_bench_peak(enum net_dtype dtype, double seconds);

#endif

/* The limits of this machine for network arithmetic, with which `tengen bench` compares a net. Each function runs on
 * the calling thread for about `seconds` of CPU time and returns 0 if the machine or this build does not support the
 * number type. */
#ifndef TENGEN_NET_BENCH_H
#define TENGEN_NET_BENCH_H

#include "net/net.h"

/* Positions of width x height per second through a bare tower of convolutions: a stem and `blocks` residual pairs of 3x3
 * convolutions with fused bias, ReLU and residual sum, and nothing else. They are those of the fast backend in f32 and
 * bf16, oneDNN's in int8. The median of several measurements. */
double net_bench_tower(int blocks, int channels, int width, int height, int batch, enum net_dtype dtype,
                       double seconds);
/* Peak operations per second (a multiply-add counts as two) of fused multiply-adds or dot products in registers. The
 * best of several measurements. */
double net_bench_peak(enum net_dtype dtype, double seconds);

#endif

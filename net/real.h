/* Number types of our own arithmetic.
 *
 *   net_real      for computing: float, or double if NET_REAL_DOUBLE is defined. The tests compile graph, operations
 *                 and losses a second time with double (tests/net/f64/), to check gradients against finite differences
 *   net_element   for storing spatial tensors: net_real, or bf16 in packed_bf16.c, which includes packed.c a second
 *                 time with NET_ELEMENT_BF16 defined */
#ifndef TENGEN_NET_REAL_H
#define TENGEN_NET_REAL_H

#include <math.h> /* IWYU pragma: keep */
#include <stdint.h>
#include <string.h> /* IWYU pragma: keep */

#ifdef NET_REAL_DOUBLE
typedef double net_real;
#define net_real_exp exp
#define net_real_log log
#define net_real_tanh tanh
#else
typedef float net_real;
#define net_real_exp expf
#define net_real_log logf
#define net_real_tanh tanhf
#endif

/* Compiles a function for several instruction sets, selected when the program starts. Nothing is contracted or
 * reordered, so all versions give the same bits. Their resolvers would run before a sanitizer is initialised, so
 * sanitizer builds have a single version. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__) &&   \
    defined(__OPTIMIZE__)
#define NET_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define NET_CLONES
#endif

/* A vector of 16 values, and the result of comparing two of them. */
typedef net_real net_lanes __attribute__((vector_size(16 * sizeof(net_real))));
#ifdef NET_REAL_DOUBLE
typedef int64_t net_lane_mask __attribute__((vector_size(16 * sizeof(int64_t))));
#else
typedef int32_t net_lane_mask __attribute__((vector_size(16 * sizeof(int32_t))));
#endif

#ifdef NET_ELEMENT_BF16
typedef uint16_t net_element; /* the upper half of a float */

static inline __attribute__((always_inline)) net_real net_element_get(net_element element)
{
    uint32_t bits = (uint32_t)element << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline __attribute__((always_inline)) void net_element_lanes(const net_element *elements, net_lanes *lanes)
{
    typedef uint16_t halves __attribute__((vector_size(16 * sizeof(uint16_t))));
    typedef uint32_t words __attribute__((vector_size(16 * sizeof(uint32_t))));
    halves half;
    memcpy(&half, elements, sizeof half);
    *lanes = (net_lanes)(__builtin_convertvector(half, words) << 16);
}

/* Rounds to nearest, ties to even; preserves infinities and the default NaN. */
static inline __attribute__((always_inline)) net_element net_element_put(net_real value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (net_element)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
/* y > 0 ? value : 0, written so that the compiler does not emit a branch. */
static inline __attribute__((always_inline)) net_element net_element_where(net_element y, net_element value)
{
    return (net_element)(value & -(int16_t)((int16_t)y > 0));
}
#else
typedef net_real net_element;
#define net_element_lanes(elements, lanes) memcpy(lanes, elements, sizeof *(lanes))
#define net_element_get(element) (element)
#define net_element_put(value) (value)
#define net_element_where(y, value) ((y) > 0 ? (value) : 0)
#endif

#endif

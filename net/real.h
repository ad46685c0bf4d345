/* The number types of the network's own arithmetic.
 *
 *   net_real   what is summed and multiplied in: float, or double for the tests, which include the .c files that use it
 *              a second time with NET_REAL_DOUBLE defined and hold gradients against finite differences
 *   net_cell   what a tensor over the points is stored in: net_real, or bf16 in cells_bf16.c, which includes cells.c a
 *              second time with NET_CELL_BF16 defined */
#ifndef TENGEN_NET_REAL_H
#define TENGEN_NET_REAL_H

#include <stdint.h>
#include <string.h>

#ifdef NET_REAL_DOUBLE
typedef double net_real;
#define net_real_exp exp
#define net_real_log log
#define net_real_tanh tanh
/* Every function that is compiled twice. */
#define net_cells_real net_cells_real_f64
#define net_dense_backward net_dense_backward_f64
#define net_dense_forward net_dense_forward_f64
#define net_exec_backward net_exec_backward_f64
#define net_exec_close net_exec_close_f64
#define net_exec_create net_exec_create_f64
#define net_exec_describe net_exec_describe_f64
#define net_exec_forward net_exec_forward_f64
#define net_exec_gradients net_exec_gradients_f64
#define net_exec_load net_exec_load_f64
#define net_exec_memory_assign net_exec_memory_assign_f64
#define net_exec_memory_grow net_exec_memory_grow_f64
#define net_exec_put net_exec_put_f64
#define net_exec_read net_exec_read_f64
#define net_exec_set net_exec_set_f64
#define net_exec_use net_exec_use_f64
#define net_exec_widen net_exec_widen_f64
#define net_exec_zero_gradients net_exec_zero_gradients_f64
#define net_loss_compute net_loss_compute_f64
#define net_ops_plain net_ops_plain_f64
#else
typedef float net_real;
#define net_real_exp expf
#define net_real_log logf
#define net_real_tanh tanhf
#endif

/* Compiled for several instruction sets, chosen when the program starts. Nothing is contracted or reordered, so each
 * gives the same bits. Resolvers run before a sanitizer is ready, so under one there is a single version. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__) &&   \
    defined(__OPTIMIZE__)
#define NET_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define NET_CLONES
#endif

/* 16 of them, and what comparing them gives. */
typedef net_real net_lanes __attribute__((vector_size(16 * sizeof(net_real))));
#ifdef NET_REAL_DOUBLE
typedef int64_t net_lane_mask __attribute__((vector_size(16 * sizeof(int64_t))));
#else
typedef int32_t net_lane_mask __attribute__((vector_size(16 * sizeof(int32_t))));
#endif

#ifdef NET_CELL_BF16
typedef uint16_t net_cell; /* the upper half of a float */

static inline __attribute__((always_inline)) net_real net_cell_get(net_cell cell)
{
    uint32_t bits = (uint32_t)cell << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline __attribute__((always_inline)) void net_cell_lanes(const net_cell *cells, net_lanes *lanes)
{
    typedef uint16_t halves __attribute__((vector_size(16 * sizeof(uint16_t))));
    typedef uint32_t words __attribute__((vector_size(16 * sizeof(uint32_t))));
    halves half;
    memcpy(&half, cells, sizeof half);
    *lanes = (net_lanes)(__builtin_convertvector(half, words) << 16);
}

/* To the nearest, ties to even; infinities stay, and so does the NaN that arithmetic makes. */
static inline __attribute__((always_inline)) net_cell net_cell_put(net_real value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (net_cell)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
/* value where y is above 0, else 0; without a branch, which the compiler would make of anything plainer. */
static inline __attribute__((always_inline)) net_cell net_cell_where(net_cell y, net_cell value)
{
    return (net_cell)(value & -(int16_t)((int16_t)y > 0));
}
#else
typedef net_real net_cell;
#define net_cell_lanes(cells, lanes) memcpy(lanes, cells, sizeof *(lanes))
#define net_cell_get(cell) (cell)
#define net_cell_put(value) (value)
#define net_cell_where(y, value) ((y) > 0 ? (value) : 0)
#endif

#endif

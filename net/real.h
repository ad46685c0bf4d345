/* The number type of the network's own arithmetic: float, or double for the tests, which include the .c files that use
 * it a second time with NET_REAL_DOUBLE defined and hold gradients against finite differences. */
#ifndef TENGEN_NET_REAL_H
#define TENGEN_NET_REAL_H

#ifdef NET_REAL_DOUBLE
typedef double net_real;
#define net_real_exp exp
#define net_real_log log
#define net_real_tanh tanh
/* Every function that is compiled twice. */
#define net_exec_backward net_exec_backward_f64
#define net_exec_close net_exec_close_f64
#define net_exec_create net_exec_create_f64
#define net_exec_describe net_exec_describe_f64
#define net_exec_forward net_exec_forward_f64
#define net_exec_gradients net_exec_gradients_f64
#define net_exec_load net_exec_load_f64
#define net_exec_put net_exec_put_f64
#define net_exec_read net_exec_read_f64
#define net_exec_set net_exec_set_f64
#define net_exec_use net_exec_use_f64
#define net_exec_zero_gradients net_exec_zero_gradients_f64
#define net_loss_compute net_loss_compute_f64
#define net_ops_plain net_ops_plain_f64
#define net_step_add net_step_add_f64
#define net_step_dense net_step_dense_f64
#define net_step_dense_backward net_step_dense_backward_f64
#define net_step_load net_step_load_f64
#define net_step_mask net_step_mask_f64
#define net_step_pool net_step_pool_f64
#define net_step_pool_backward net_step_pool_backward_f64
#define net_step_read net_step_read_f64
#define net_step_shift net_step_shift_f64
#define net_step_shift_backward net_step_shift_backward_f64
#define net_step_write net_step_write_f64
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

#endif

/* The steps between convolutions on tensors kept in bf16; sums are in f32. */
#define NET_CELL_BF16
#include "net/kernels/cells.c"

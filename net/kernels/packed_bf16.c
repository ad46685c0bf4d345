/* Packed activations in bf16; sums are in f32. */
#define NET_ELEMENT_BF16
#include "net/kernels/packed.c" /* NOLINT(bugprone-suspicious-include): a second version of its code */

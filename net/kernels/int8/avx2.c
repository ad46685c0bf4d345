/* The int8 kernels on AVX2, for processors without a dot product of bytes. */
#define NET_INT8_AVX2
#include "net/kernels/int8/vnni.c" /* NOLINT(bugprone-suspicious-include): a third version of its code */

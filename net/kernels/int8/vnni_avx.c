/* The int8 kernels on AVX-VNNI, for processors without AVX-512. */
#define NET_INT8_AVX
#include "net/kernels/int8/vnni.c" /* NOLINT(bugprone-suspicious-include): a second version of its code */

/* The network's own arithmetic a second time, in double. */
#define NET_REAL_DOUBLE
#include "net/kernels/cells.c"
#include "net/kernels/dense.c"
#include "net/exec/exec.c"
#include "net/exec/exec_memory.c"
#include "net/exec/exec_run.c"
#include "net/train/loss.c"
#include "net/kernels/ops_plain.c"

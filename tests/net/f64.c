/* The network's own arithmetic a second time, in double. */
#define NET_REAL_DOUBLE
#include "net/cells.c"
#include "net/dense.c"
#include "net/exec.c"
#include "net/exec_memory.c"
#include "net/exec_run.c"
#include "net/loss.c"
#include "net/ops_plain.c"

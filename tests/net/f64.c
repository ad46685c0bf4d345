/* The network's own arithmetic a second time, in double. */
#define NET_REAL_DOUBLE
#include "net/exec.c"
#include "net/loss.c"
#include "net/ops_plain.c"
#include "net/ops_steps.c"

#include "net/kernels/arithmetic.h"
#include "net/kernels/sigmoids.h"
#include "net/real.h"

NET_CLONES void net_tanh(size_t count, net_real *x)
{
    for (size_t i = 0; i < count; i++)
        x[i] = hyperbolic(x[i]);
}

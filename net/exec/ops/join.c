/* out = the inputs one after the other, flat tensors. */
#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <string.h>

static void forward(const struct net_run *run)
{
    const size_t width = (size_t)run->out->layout.channels;
    net_real *out = run->out->data;
    for (int k = 0; k < run->op->ins; k++) {
        const size_t count = (size_t)run->in[k]->layout.channels;
        const net_real *in = run->in[k]->data;
        for (size_t row = 0; row < (size_t)run->extent.n; row++)
            memcpy(out + row * width, in + row * count, count * sizeof *out);
        out += count;
    }
}

static void backward(const struct net_run *run)
{
    const size_t width = (size_t)run->out->layout.channels;
    const net_real *gradient = run->out->gradient;
    for (int k = 0; k < run->op->ins; k++) {
        const size_t count = (size_t)run->in[k]->layout.channels;
        if (run->op->want[k]) {
            net_real *to = net_run_gradient(run, k);
            for (size_t row = 0; row < (size_t)run->extent.n; row++)
                for (size_t i = 0; i < count; i++)
                    to[row * count + i] += gradient[row * width + i];
        }
        gradient += count;
    }
}

const struct net_op_kind net_op_join = {
    .name = "join",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .forward = forward,
    .backward = backward,
};

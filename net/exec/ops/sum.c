/* out = relu(in + second input): a residual sum that no convolution can include, because something comes between. */
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <string.h>

static size_t row_count(const struct net_run *run)
{
    return net_run_points(run) * (size_t)run->out->layout.channels;
}

static size_t scratch(const struct net_run *run)
{
    return 2 * row_count(run) * sizeof(net_real);
}

NET_CLONES static void add(size_t count, const net_real *restrict residual, net_real *restrict x)
{
    for (size_t i = 0; i < count; i++) {
        net_real v = x[i] + residual[i];
        x[i] = v > 0 ? v : 0;
    }
}

static void forward(const struct net_run *run)
{
    net_real *x = run->scratch, *residual = x + row_count(run);
    for (int row = 0; row < run->extent.n; row++) {
        net_run_read(run, run->in[0], row, x);
        net_run_read(run, run->in[1], row, residual);
        add(row_count(run), residual, x);
        net_run_write(run, run->out, row, x);
    }
}

static void backward(const struct net_run *run)
{
    const struct net_operand *out = run->out;
    const struct net_packed *packed = run->arithmetic->packed;
    size_t places = net_run_places(run, out), count = places * (size_t)out->layout.padded;
    packed->mask(count, out->gradient, NULL, out->data);
    for (int k = 0; k < 2; k++) {
        if (!run->op->want[k] || run->op->shared[k])
            continue;
        if (run->op->add[k])
            packed->add(count, run->in[k]->gradient, out->gradient);
        else
            memcpy(run->in[k]->gradient, out->gradient, out->gradient_width * places);
    }
}

const struct net_op_kind net_op_sum = {
    .name = "sum",
    .inference = NET_DTYPES_REAL,
    .training = NET_DTYPES_REAL,
    .through = 1,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
};

/* out = limit * tanh(z / limit) with z = (first input + weights * third input) / second input, flat: by how many standard deviations (second)
 * a margin is above 0, which is the sum of a map (first) and what the globals (third) add to it. A won game with one point to spare and
 * a lost one differ little in all other numbers. Parameter: the weights [globals]. */
#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/real.h"

static const net_real limit = 4;

/* Close to z where z is small, and within +-limit. */
static net_real squash(net_real z)
{
    return limit * net_real_tanh(z / limit);
}

static net_real margin_of(const struct net_run *run, int row)
{
    const size_t globals = (size_t)run->in[2]->layout.channels;
    const net_real *of = (const net_real *)run->in[2]->data + (size_t)row * globals;
    net_real margin = ((const net_real *)run->in[0]->data)[row];
    for (size_t i = 0; i < globals; i++)
        margin += run->param[0][i] * of[i];
    return margin;
}

static void forward(const struct net_run *run)
{
    const net_real *deviation = run->in[1]->data;
    net_real *out = run->out->data;
    for (int row = 0; row < run->extent.n; row++)
        out[row] = squash(margin_of(run, row) / deviation[row]);
}

static void backward(const struct net_run *run)
{
    const size_t globals = (size_t)run->in[2]->layout.channels;
    const net_real *deviation = run->in[1]->data, *out = run->out->data, *gradient = run->out->gradient;
    net_real *to[3];
    for (int k = 0; k < 3; k++)
        to[k] = run->op->want[k] ? net_run_gradient(run, k) : NULL;
    for (int row = 0; row < run->extent.n; row++) {
        const net_real *of = (const net_real *)run->in[2]->data + (size_t)row * globals;
        const net_real t = out[row] / limit, dmargin = gradient[row] * (1 - t * t) / deviation[row];
        if (to[0])
            to[0][row] += dmargin;
        if (to[1])
            to[1][row] -= dmargin * margin_of(run, row) / deviation[row];
        for (size_t i = 0; i < globals; i++) {
            run->param_gradient[0][i] += dmargin * of[i];
            if (to[2])
                to[2][(size_t)row * globals + i] += dmargin * run->param[0][i];
        }
    }
}

const struct net_op_kind net_op_odds = {
    .name = "odds",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .forward = forward,
    .backward = backward,
};

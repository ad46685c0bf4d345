/* Dropout: out = in * mask / kept share, with a mask drawn for each value, each channel, or each row of the batch. It is
 * only in graphs for training, where inference copies its input. The backward pass draws the same mask again. */
#include "games/rng.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/real.h"

static size_t row_count(const struct net_run *run)
{
    return net_run_points(run) * (size_t)run->out->layout.channels;
}

/* The values of a row, and their factors. */
static size_t scratch(const struct net_run *run)
{
    return 2 * row_count(run) * sizeof(net_real);
}

/* Each random number serves two positions: one draw a value would take a fifth of a training step. */
NET_CLONES static void choose(uint64_t key, uint32_t rate, net_real kept, size_t count, net_real *restrict factors)
{
    for (size_t i = 0; i < count / 2; i++) {
        uint64_t bits = rng_mix(key + i);
        factors[2 * i] = (uint32_t)bits < rate ? 0 : kept;
        factors[2 * i + 1] = (uint32_t)(bits >> 32) < rate ? 0 : kept;
    }
    if (count % 2)
        factors[count - 1] = (uint32_t)rng_mix(key + count / 2) < rate ? 0 : kept;
}

/* The factors of a row [points][channels]: 0 or 1 / kept share. */
static void draw(const struct net_run *run, int row, net_real *factors)
{
    size_t channels = (size_t)run->out->layout.channels, count = row_count(run);
    double rate = run->op->rate;
    size_t drawn = run->op->drop == NET_DROP_BRANCH ? 1 : run->op->drop == NET_DROP_CHANNELS ? channels : count;
    choose(net_run_key(run, row), (uint32_t)(rate * 0x1p32), (net_real)(1 / (1 - rate)), drawn, factors);
    for (size_t i = drawn; i < count; i++)
        factors[i] = factors[run->op->drop == NET_DROP_BRANCH ? 0 : i - channels];
}

NET_CLONES static void multiply(size_t count, const net_real *restrict factors, net_real *restrict values)
{
    for (size_t i = 0; i < count; i++)
        values[i] *= factors[i];
}

static void forward(const struct net_run *run)
{
    net_real *values = run->scratch, *factors = values + row_count(run);
    for (int row = 0; row < run->extent.n; row++) {
        net_run_read(run, run->in[0], row, values);
        if (run->pass->flavour == NET_TRAINING) {
            draw(run, row, factors);
            multiply(row_count(run), factors, values);
        }
        net_run_write(run, run->out, row, values);
    }
}

static void backward(const struct net_run *run)
{
    net_real *values = run->scratch, *factors = values + row_count(run);
    for (int row = 0; row < run->extent.n; row++) {
        net_run_read_gradient(run, row, values);
        if (run->pass->flavour == NET_TRAINING) {
            draw(run, row, factors);
            multiply(row_count(run), factors, values);
        }
        net_run_give_gradient(run, 0, row, values);
    }
}

const struct net_op_kind net_op_drop = {
    .name = "drop",
    .inference = NET_DTYPES_REAL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
};

/* Operations that no block has, for graphs made by hand (graphs.h): several inputs, memory that is kept from forward to
 * backward, random numbers. */
#ifndef TENGEN_TESTS_NET_KINDS_H
#define TENGEN_TESTS_NET_KINDS_H

#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/real.h"

static inline size_t row_count(const struct net_run *run)
{
    return net_run_points(run) * (size_t)run->out->layout.channels;
}

static size_t three_rows(const struct net_run *run)
{
    return 3 * row_count(run) * sizeof(net_real);
}

/* out = a * b, element by element. */
static void product_forward(const struct net_run *run)
{
    net_real *a = run->scratch, *b = a + row_count(run);
    for (int row = 0; row < run->extent.n; row++) {
        net_run_read(run, run->in[0], row, a);
        net_run_read(run, run->in[1], row, b);
        for (size_t i = 0; i < row_count(run); i++)
            a[i] *= b[i];
        net_run_write(run, run->out, row, a);
    }
}

static void product_backward(const struct net_run *run)
{
    net_real *a = run->scratch, *b = a + row_count(run), *d = b + row_count(run);
    for (int row = 0; row < run->extent.n; row++) {
        net_run_read(run, run->in[0], row, a);
        net_run_read(run, run->in[1], row, b);
        net_run_read_gradient(run, row, d);
        for (size_t i = 0; i < row_count(run); i++) {
            b[i] *= d[i];
            a[i] *= d[i];
        }
        net_run_give_gradient(run, 0, row, b);
        net_run_give_gradient(run, 1, row, a);
    }
}

static const struct net_op_kind product = {.name = "product",
                                           .inference = NET_DTYPES_REAL,
                                           .training = NET_DTYPES_REAL,
                                           .through = -1,
                                           .scratch = three_rows,
                                           .forward = product_forward,
                                           .backward = product_backward};

/* In training half of the values are dropped and the others doubled; the choice is kept for backward. */
static size_t drop_keep(const struct net_run *run)
{
    return (size_t)run->extent.n * row_count(run);
}

static void drop_apply(const struct net_run *run, int row, net_real *values)
{
    const uint8_t *kept = (const uint8_t *)run->keep + (size_t)row * row_count(run);
    for (size_t i = 0; run->pass->flavour == NET_TRAINING && i < row_count(run); i++)
        values[i] *= kept[i] ? 2 : 0;
}

static void drop_forward(const struct net_run *run)
{
    net_real *values = run->scratch;
    for (int row = 0; row < run->extent.n; row++) {
        uint8_t *kept = (uint8_t *)run->keep + (size_t)row * row_count(run);
        if (run->pass->flavour == NET_TRAINING) {
            uint64_t key = net_run_key(run, row);
            for (size_t i = 0; i < row_count(run); i++)
                kept[i] = net_run_uniform(key, i) < 0.5;
        }
        net_run_read(run, run->in[0], row, values);
        drop_apply(run, row, values);
        net_run_write(run, run->out, row, values);
    }
}

static void drop_backward(const struct net_run *run)
{
    net_real *values = run->scratch;
    for (int row = 0; row < run->extent.n; row++) {
        net_run_read_gradient(run, row, values);
        drop_apply(run, row, values);
        net_run_give_gradient(run, 0, row, values);
    }
}

static const struct net_op_kind drop = {.name = "drop",
                                        .inference = NET_DTYPES_REAL,
                                        .training = NET_DTYPES_REAL,
                                        .through = -1,
                                        .keep = drop_keep,
                                        .scratch = three_rows,
                                        .forward = drop_forward,
                                        .backward = drop_backward};

#endif

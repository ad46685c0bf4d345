/* Helpers for operations: access to rows in net_real, whatever the element type; gradient accumulation; random
 * numbers. */
#include "games/rng.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <string.h>

static const struct net_packed *packed_of(const struct net_run *run, const struct net_operand *operand)
{
    g_assert(operand->spatial);
    return operand->real ? &net_packed_real : run->arithmetic->packed;
}

void net_run_read(const struct net_run *run, const struct net_operand *operand, int row, net_real *values)
{
    if (operand->scales)
        run->arithmetic->quantisation->read_row(run->extent, operand->layout, operand->scales, operand->data, row, values);
    else
        packed_of(run, operand)->read_row(run->extent, operand->layout, operand->data, row, values);
}

void net_run_write(const struct net_run *run, const struct net_operand *operand, int row, const net_real *values)
{
    if (operand->scales)
        run->arithmetic->quantisation->write_row(run->extent, operand->layout, operand->scales, operand->data, row,
                                                 values);
    else
        packed_of(run, operand)->write_row(run->extent, operand->layout, operand->data, row, values, false);
}

void net_run_read_gradient(const struct net_run *run, int row, net_real *values)
{
    run->arithmetic->packed->read_row(run->extent, run->out->layout, run->out->gradient, row, values);
}

void net_run_give_gradient(const struct net_run *run, int k, int row, const net_real *values)
{
    if (run->op->want[k])
        run->arithmetic->packed->write_row(run->extent, run->in[k]->layout, run->in[k]->gradient, row, values,
                                           run->op->add[k]);
}

void *net_run_gradient(const struct net_run *run, int k)
{
    const struct net_operand *in = run->in[k];
    if (!run->op->add[k])
        memset(in->gradient, 0, in->gradient_width * net_run_places(run, in));
    return in->gradient;
}

uint64_t net_run_key(const struct net_run *run, int row)
{
    const struct net_pass *pass = run->pass;
    g_assert(pass->flavour == NET_TRAINING);
    uint64_t key = rng_mix(pass->seed ^ rng_mix(pass->step));
    key = rng_mix(key ^ (uint64_t)(run->op - run->graph->op));
    return rng_mix(key ^ (uint64_t)(pass->first_row + row));
}

double net_run_uniform(uint64_t key, uint64_t position)
{
    return (double)(rng_mix(key + position) >> 11) * 0x1p-53;
}

/* out = act(in * weight + bias), flat tensors; with experts, each row by the weights and bias of the one that the second input chooses. */
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/real.h"

static double flops(const struct net_graph *graph, const struct net_op *op, size_t points)
{
    (void)points;
    return 2.0 * (double)graph->param[op->param[0]].count;
}

/* Rows that are computed at once, and the expert that does it. */
struct part {
    int row, count;
    int expert;
};

static bool next_part(const struct net_run *run, struct part *part)
{
    part->row += part->count;
    if (part->row >= run->extent.n)
        return false;
    part->count = run->op->experts > 0 ? 1 : run->extent.n;
    part->expert = run->op->experts > 0 ? net_run_expert(run, part->row) : 0;
    return true;
}

static void forward(const struct net_run *run)
{
    const int ins = run->in[0]->layout.channels, outs = run->out->layout.channels;
    for (struct part p = {0}; next_part(run, &p);)
        net_dense_forward(p.count, ins, outs, run->op->relu, (const net_real *)run->in[0]->data + p.row * ins,
                          run->param[2 * p.expert], run->param[2 * p.expert + 1],
                          (net_real *)run->out->data + p.row * outs);
}

static void backward(const struct net_run *run)
{
    const int ins = run->in[0]->layout.channels, outs = run->out->layout.channels;
    for (struct part p = {0}; next_part(run, &p);)
        net_dense_backward(p.count, ins, outs, run->op->relu, (const net_real *)run->in[0]->data + p.row * ins,
                           run->param[2 * p.expert], (const net_real *)run->out->data + p.row * outs,
                           (net_real *)run->out->gradient + p.row * outs, run->param_gradient[2 * p.expert],
                           run->param_gradient[2 * p.expert + 1],
                           run->op->want[0] ? (net_real *)run->in[0]->gradient + p.row * ins : NULL, run->op->add[0]);
    if (run->op->experts > 0 && run->op->want[1])
        net_run_gradient(run, 1); /* a small change of features changes no choice */
}

const struct net_op_kind net_op_dense = {
    .name = "dense",
    .inference = NET_DTYPES_ALL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .flops = flops,
    .forward = forward,
    .backward = backward,
};

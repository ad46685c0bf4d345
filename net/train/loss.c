#include "net/train/loss.h"

#include <math.h>
#include <string.h>

#include "net/exec/exec.h"
#include "net/graph/graph.h"
#include "net/kernels/arithmetic.h"
#include "net/net.h"
#include "net/train.h"

struct job {
    struct net_exec *exec;
    const struct net_graph *graph;
    struct net_answer answer;
    const struct net_samples *samples;
    int first, n;
    const float *weights;
    double scale;
    struct net_loss_sums *sums;
    /* Outputs, which are replaced by their gradients: for each target [n] rows, `stride` apart. Those of outcomes and
     * numbers are in `values`. */
    net_real *x[NET_TARGETS];
    int stride[NET_TARGETS];
    net_real *others, *values; /* [n][places.groups][other_moves], [n][places.values] */
};

static bool is_spatial(const struct net_target *target)
{
    return target->shape == NET_SHAPE_MOVES || target->shape == NET_SHAPE_POINTS;
}

size_t net_loss_workspace(const struct net_graph *graph, int points, int n)
{
    int others = graph->info.other_moves;
    int each = graph->places.values + graph->places.groups * others;
    for (int t = 0; t < NET_TARGETS; t++)
        if (is_spatial(&net_targets[t]))
            each += net_target_count(&net_targets[t], points, points + others);
    return (size_t)n * (size_t)each;
}

/* ---- kinds of losses: each returns the loss of outputs x[count] and replaces them by factor * gradient ---- */

static double cross_entropy(int count, net_real *x, const net_real *target, net_real factor)
{
    net_real most = x[0], sum = 0, loss = 0, mass = 0;
    for (int i = 1; i < count; i++)
        most = MAX(x[i], most);
    for (int i = 0; i < count; i++)
        sum += net_real_exp(x[i] - most);
    net_real log_sum = net_real_log(sum) + most;
    for (int i = 0; i < count; i++) {
        loss += target[i] * (log_sum - x[i]);
        mass += target[i];
    }
    for (int i = 0; i < count; i++)
        x[i] = factor * (mass * net_real_exp(x[i] - log_sum) - target[i]);
    return (double)loss;
}

static double huber(int count, net_real *x, const net_real *target, net_real factor)
{
    net_real loss = 0;
    for (int i = 0; i < count; i++) {
        net_real error = x[i] - target[i], size = error < 0 ? -error : error;
        loss += size < 1 ? error * error / 2 : size - (net_real)0.5;
        x[i] = factor * (error > 1 ? 1 : error < -1 ? -1 : error);
    }
    return (double)loss;
}

static double entropy_term(double p, double log_p)
{
    return p > 0 ? p * log_p : 0;
}

/* With p = (1 + target) / 2 and q = sigmoid(2x) = (1 + tanh x) / 2: p log(p/q) + (1-p) log((1-p)/(1-q)), whose
 * derivative with respect to x is tanh x - target. */
static double divergence(double x, double target)
{
    double p = (1 + target) / 2, size = fabs(2 * x), soft = log1p(exp(-size));
    double log_q = (x < 0 ? 2 * x : 0) - soft, log_not_q = (x > 0 ? -2 * x : 0) - soft;
    return entropy_term(p, log(p > 0 ? p : 1) - log_q) + entropy_term(1 - p, log(p < 1 ? 1 - p : 1) - log_not_q);
}

static double binary(int count, net_real *x, const net_real *target, net_real factor)
{
    double loss = 0;
    factor /= (net_real)count;
    for (int i = 0; i < count; i++)
        loss += divergence((double)x[i], (double)target[i]);
    net_tanh((size_t)count, x);
    for (int i = 0; i < count; i++)
        x[i] = factor * (x[i] - target[i]);
    return loss / count;
}

static double (*const kinds[])(int count, net_real *x, const net_real *target, net_real factor) = {
    [NET_LOSS_CROSS_ENTROPY] = cross_entropy, [NET_LOSS_HUBER] = huber, [NET_LOSS_BINARY] = binary};

/* ---- targets ---- */

static void soften(int count, const float *policy, net_real *soft)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += sqrt(sqrt((double)policy[i]));
    for (int i = 0; i < count; i++)
        soft[i] = sum > 0 ? (net_real)(sqrt(sqrt((double)policy[i])) / sum) : 0;
}

/* Converts a row's values to the units of the output. */
static void prepare(const struct net_target *target, int count, const float *values, net_real *wanted)
{
    if (target->soft) {
        soften(count, values, wanted);
        return;
    }
    net_real unit = target->unit > 0 ? (net_real)target->unit : 1;
    for (int i = 0; i < count; i++)
        wanted[i] = (net_real)values[i] / unit;
}

static void target_losses(struct job *job, int t)
{
    const struct net_samples *s = job->samples;
    int count = net_samples_count(s, t);
    net_real wanted[count];
    for (int row = 0; row < job->n; row++) {
        int at = job->first + row;
        double weight = (double)s->row_weight[at] * s->weight[t][at];
        net_real *x = job->x[t] + (size_t)row * (size_t)job->stride[t];
        if (weight == 0) { /* its values are undefined */
            memset(x, 0, (size_t)count * sizeof *x);
            continue;
        }
        prepare(&net_targets[t], count, net_samples_row(s, t, at), wanted);
        net_real factor = (net_real)(weight * job->weights[t] * job->scale);
        job->sums->loss[t] += weight * kinds[net_targets[t].loss](count, x, wanted, factor);
        job->sums->weight[t] += weight;
    }
}

/* ---- outputs ---- */

/* The logits of other moves follow those of the points; copies them there, or back (out). */
static void gather(struct job *job, bool out)
{
    const struct net_places *places = &job->graph->places;
    int count = job->graph->info.other_moves, points = job->samples->width * job->samples->height;
    for (int t = 0; t < NET_TARGETS; t++)
        for (int row = 0; row < job->n && net_targets[t].shape == NET_SHAPE_MOVES; row++) {
            net_real *a = job->others + (row * places->groups + places->group[t]) * count;
            net_real *b = job->x[t] + (size_t)row * (size_t)job->stride[t] + points;
            memcpy(out ? a : b, out ? b : a, (size_t)count * sizeof *a);
        }
}

static void outputs_read(struct job *job)
{
    const struct net_graph *graph = job->graph;
    for (int t = 0; t < NET_TARGETS; t++)
        if (is_spatial(&net_targets[t]))
            net_exec_read(job->exec, job->answer.points, graph->places.at[t], job->x[t], (size_t)job->stride[t]);
    net_exec_read(job->exec, job->answer.values, 0, job->values, 0);
    if (job->answer.others >= 0)
        net_exec_read(job->exec, job->answer.others, 0, job->others, 0);
    gather(job, false);
}

static void gradients_put(struct job *job)
{
    const struct net_graph *graph = job->graph;
    gather(job, true);
    for (int t = 0; t < NET_TARGETS; t++)
        if (is_spatial(&net_targets[t]))
            net_exec_put(job->exec, job->answer.points, graph->places.at[t], job->x[t], (size_t)job->stride[t]);
    net_exec_put(job->exec, job->answer.values, 0, job->values, 0);
    if (job->answer.others >= 0)
        net_exec_put(job->exec, job->answer.others, 0, job->others, 0);
}

static void workspace_divide(struct job *job, net_real *workspace)
{
    const struct net_places *places = &job->graph->places;
    job->values = workspace;
    job->others = job->values + (size_t)job->n * (size_t)places->values;
    workspace = job->others + (size_t)(job->n * places->groups * job->graph->info.other_moves);
    for (int t = 0; t < NET_TARGETS; t++) {
        bool spatial = is_spatial(&net_targets[t]);
        if (places->at[t] < 0)
            continue;
        job->stride[t] = spatial ? net_samples_count(job->samples, t) : places->values;
        job->x[t] = spatial ? workspace : job->values + places->at[t];
        workspace += spatial ? (size_t)job->n * (size_t)job->stride[t] : 0;
    }
}

static void answer_losses(struct job *job, net_real *workspace)
{
    workspace_divide(job, workspace);
    outputs_read(job);
    for (int t = 0; t < NET_TARGETS; t++)
        if (job->graph->places.at[t] >= 0)
            target_losses(job, t);
    if (job->scale > 0)
        gradients_put(job);
}

void net_loss_compute(struct net_exec *exec, const struct net_graph *graph, const struct net_samples *samples,
                      int first, int n, const float weights[NET_TARGETS], double scale, struct net_loss_sums *sums,
                      net_real *workspace)
{
    const struct net_answer last = {graph->points, graph->others, graph->values, graph->pooled};
    struct job job = {exec, graph, last, samples, first, n, weights, scale, sums, {NULL}, {0}, NULL, NULL};
    answer_losses(&job, workspace);
    if (graph->early.points < 0)
        return;
    struct net_loss_sums early = {.early = 0};
    job.answer = graph->early;
    job.sums = &early;
    job.scale = scale * graph->loop.early;
    answer_losses(&job, workspace);
    for (int t = 0; t < NET_TARGETS; t++)
        sums->early += graph->loop.early * (double)weights[t] * early.loss[t];
}

#include "net/train/loss.h"

#include <math.h>
#include <string.h>

struct job {
    struct net_exec *exec;
    const struct net_graph *graph;
    const struct net_samples *samples;
    int first, n;
    const float *weights;
    double scale;
    struct net_loss_sums *sums;
    /* [3][n][moves], [n][points], [n][3][other_moves], [n][7]; logits, then their gradients */
    net_real *logits, *map, *others, *values;
    int moves, points;
};

size_t net_loss_workspace(const struct net_graph *graph, int size, int n)
{
    size_t points = (size_t)(size * size), others = (size_t)graph->info.other_moves;
    return (size_t)n * (3 * (points + others) + points + 3 * others + NET_VALUE_OUTPUTS);
}

static void account(struct job *job, enum net_loss which, double weight, double loss)
{
    /* A weight of 0 leaves a target out whatever is in it. */
    if (weight != 0) {
        job->sums->loss[which] += weight * loss;
        job->sums->weight[which] += weight;
    }
}

/* Cross-entropy of softmax(x) and target; x becomes factor * gradient. */
static net_real cross_entropy(int count, net_real *x, const net_real *target, net_real factor)
{
    net_real most = x[0], sum = 0, loss = 0, mass = 0;
    for (int i = 1; i < count; i++)
        most = x[i] > most ? x[i] : most;
    for (int i = 0; i < count; i++)
        sum += net_real_exp(x[i] - most);
    net_real log_sum = net_real_log(sum) + most;
    for (int i = 0; i < count; i++) {
        loss += target[i] * (log_sum - x[i]);
        mass += target[i];
    }
    for (int i = 0; i < count; i++)
        x[i] = factor * (mass * net_real_exp(x[i] - log_sum) - target[i]);
    return loss;
}

static void soften(int count, const float *policy, net_real *soft)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += sqrt(sqrt(policy[i]));
    for (int i = 0; i < count; i++)
        soft[i] = sum > 0 ? (net_real)(sqrt(sqrt(policy[i])) / sum) : 0;
}

static void policy_losses(struct job *job, enum net_loss which, int output, const float *targets, const float *weights)
{
    const struct net_samples *s = job->samples;
    net_real target[job->moves];
    for (int row = 0; row < job->n; row++) {
        size_t at = (size_t)(job->first + row);
        const float *from = targets + at * (size_t)job->moves;
        double weight = (double)s->weight[at] * weights[at];
        if (which == NET_LOSS_SOFT)
            soften(job->moves, from, target);
        else
            for (int i = 0; i < job->moves; i++)
                target[i] = (net_real)from[i];
        net_real *x = job->logits + ((size_t)output * (size_t)job->n + (size_t)row) * (size_t)job->moves;
        account(job, which, weight,
                (double)cross_entropy(job->moves, x, target, (net_real)(weight * job->weights[which] * job->scale)));
    }
}

static void outcome_losses(struct job *job, enum net_loss which, int offset, const float *targets, const float *weights)
{
    for (int row = 0; row < job->n; row++) {
        size_t at = (size_t)(job->first + row);
        double weight = (double)job->samples->weight[at] * (weights ? weights[at] : 1);
        net_real target[3];
        for (int i = 0; i < 3; i++)
            target[i] = (net_real)targets[at * 3 + (size_t)i];
        account(job, which, weight,
                (double)cross_entropy(3, job->values + row * NET_VALUE_OUTPUTS + offset, target,
                                      (net_real)(weight * job->weights[which] * job->scale)));
    }
}

static void score_losses(struct job *job)
{
    for (int row = 0; row < job->n; row++) {
        size_t at = (size_t)(job->first + row);
        double weight = (double)job->samples->weight[at] * job->samples->score_weight[at];
        net_real *x = job->values + row * NET_VALUE_OUTPUTS + 6;
        net_real error = *x - (net_real)job->samples->score[at] / NET_MAP_SCORE_SCALE;
        net_real size = error < 0 ? -error : error;
        account(job, NET_LOSS_SCORE, weight, (double)(size < 1 ? error * error / 2 : size - (net_real)0.5));
        *x = (net_real)(weight * job->weights[NET_LOSS_SCORE] * job->scale) * (error > 1 ? 1 : error < -1 ? -1 : error);
    }
}

static double entropy_term(double p, double log_p)
{
    return p > 0 ? p * log_p : 0;
}

/* With p = (1 + target) / 2 and q = sigmoid(2x) = (1 + tanh x) / 2: loss = p log(p/q) + (1-p) log((1-p)/(1-q)), whose
 * derivative by x is tanh x - target. */
static double map_loss(double x, double target)
{
    double p = (1 + target) / 2, size = fabs(2 * x), soft = log1p(exp(-size));
    double log_q = (x < 0 ? 2 * x : 0) - soft, log_not_q = (x > 0 ? -2 * x : 0) - soft;
    return entropy_term(p, log(p > 0 ? p : 1) - log_q) + entropy_term(1 - p, log(p < 1 ? 1 - p : 1) - log_not_q);
}

static void map_losses(struct job *job)
{
    for (int row = 0; row < job->n; row++) {
        size_t at = (size_t)(job->first + row);
        double weight = (double)job->samples->weight[at] * job->samples->map_weight[at], loss = 0;
        net_real factor = (net_real)(weight * job->weights[NET_LOSS_MAP] * job->scale) / (net_real)job->points;
        net_real *x = job->map + (size_t)row * (size_t)job->points;
        const float *target = job->samples->map + at * (size_t)job->points;
        for (int p = 0; p < job->points; p++) {
            if (weight != 0)
                loss += map_loss((double)x[p], target[p]);
            x[p] = factor * (net_real_tanh(x[p]) - (net_real)target[p]);
        }
        account(job, NET_LOSS_MAP, weight, loss / job->points);
    }
}

/* The logits of other moves follow those of the points; gather copies them in, or back out. */
static void gather(struct job *job, bool out)
{
    int count = job->graph->info.other_moves;
    for (int which = 0; which < 3; which++)
        for (int row = 0; row < job->n; row++)
            for (int i = 0; i < count; i++) {
                net_real *a = job->others + (row * 3 + which) * count + i;
                net_real *b = job->logits + (which * job->n + row) * job->moves + job->points + i;
                *(out ? a : b) = *(out ? b : a);
            }
}

static void outputs_read(struct job *job)
{
    const struct net_graph *graph = job->graph;
    size_t moves = (size_t)job->moves;
    for (int which = 0; which < 3; which++)
        net_exec_read(job->exec, graph->points, which, job->logits + (size_t)which * (size_t)job->n * moves, moves);
    net_exec_read(job->exec, graph->points, NET_POINTS_MAP, job->map, (size_t)job->points);
    net_exec_read(job->exec, graph->values, 0, job->values, NET_VALUE_OUTPUTS);
    if (graph->others >= 0)
        net_exec_read(job->exec, graph->others, 0, job->others, 0);
    gather(job, false);
}

static void gradients_put(struct job *job)
{
    const struct net_graph *graph = job->graph;
    size_t moves = (size_t)job->moves;
    gather(job, true);
    for (int which = 0; which < 3; which++)
        net_exec_put(job->exec, graph->points, which, job->logits + (size_t)which * (size_t)job->n * moves, moves);
    net_exec_put(job->exec, graph->points, NET_POINTS_MAP, job->map, (size_t)job->points);
    net_exec_put(job->exec, graph->values, 0, job->values, NET_VALUE_OUTPUTS);
    if (graph->others >= 0)
        net_exec_put(job->exec, graph->others, 0, job->others, 0);
}

void net_loss_compute(struct net_exec *exec, const struct net_graph *graph, const struct net_samples *samples,
                      int first, int n, const float weights[NET_LOSSES], double scale, struct net_loss_sums *sums,
                      net_real *workspace)
{
    int points = samples->size * samples->size, others = graph->info.other_moves;
    struct job job = {exec, graph, samples, first, n,    weights,         scale,
                      sums, NULL,  NULL,    NULL,  NULL, points + others, points};
    job.logits = workspace;
    job.map = job.logits + (size_t)3 * (size_t)n * (size_t)job.moves;
    job.others = job.map + (size_t)n * (size_t)points;
    job.values = job.others + (size_t)n * 3 * (size_t)others;
    outputs_read(&job);
    policy_losses(&job, NET_LOSS_POLICY, NET_POINTS_POLICY, samples->policy, samples->policy_weight);
    policy_losses(&job, NET_LOSS_SOFT, NET_POINTS_SOFT, samples->policy, samples->policy_weight);
    policy_losses(&job, NET_LOSS_REPLY, NET_POINTS_REPLY, samples->reply, samples->reply_weight);
    outcome_losses(&job, NET_LOSS_VALUE, 0, samples->wdl, NULL);
    outcome_losses(&job, NET_LOSS_SOON, 3, samples->soon, samples->soon_weight);
    score_losses(&job);
    map_losses(&job);
    if (scale > 0)
        gradients_put(&job);
}

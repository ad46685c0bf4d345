#include "net/graph/blocks/modifiers.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/targets.h"
#include "net/train.h"
#include "net/train/crew.h"
#include "net/train/loss.h"
#include "net/train/optimiser.h"
#include "net/train/trainer_internal.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

struct net_trainer_config net_trainer_defaults(void)
{
    struct net_trainer_config config = {
        .backend = NET_BACKEND_FAST, .dtype = NET_AUTO, .batch = 128, .clip = 4, .average_decay = 0.999f};
    for (int t = 0; t < NET_TARGETS; t++)
        config.loss_weight[t] = net_targets[t].weight;
    net_trainer_choose(&config, NET_SGD);
    return config;
}

void net_trainer_choose(struct net_trainer_config *config, enum net_optimiser optimiser)
{
    config->optimiser = optimiser;
    config->momentum = (float)net_optimiser_presets[optimiser].momentum;
    config->weight_decay = (float)net_optimiser_presets[optimiser].weight_decay;
}

static bool weights_check(const float loss_weight[NET_TARGETS], GError **error)
{
    for (int t = 0; t < NET_TARGETS; t++)
        if (!(loss_weight[t] >= 0 && isfinite(loss_weight[t]))) {
            g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "loss weight %g of the target %s (%s): must be 0 or more",
                        (double)loss_weight[t], net_targets[t].name, net_targets[t].help);
            return false;
        }
    return true;
}

static bool config_check(const struct net_trainer_config *c, GError **error)
{
    if (!weights_check(c->loss_weight, error))
        return false;
    if (c->batch >= 1 && c->momentum >= 0 && c->momentum < 1 && c->weight_decay >= 0 && c->clip >= 0 &&
        c->average_decay >= 0 && c->average_decay < 1 && c->optimiser < NET_OPTIMISERS)
        return true;
    g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                "training settings out of range: batch %d (1 or more), momentum %g (0 to below 1), weight decay %g and "
                "clip %g (0 or more), average decay %g (0 to below 1)",
                c->batch, (double)c->momentum, (double)c->weight_decay, (double)c->clip, (double)c->average_decay);
    return false;
}

int net_trainer_create(struct net_trainer **out, struct net *net, const struct net_trainer_config *config,
                       GError **error)
{
    *out = NULL;
    enum net_dtype dtype = config->dtype;
    const struct net_arithmetic *arithmetic =
        net_arithmetic_for(net->graph, config->backend, &dtype, NET_TRAINING, false, error);
    if (!arithmetic || !config_check(config, error))
        return -1;
    struct net_trainer *trainer = g_new0(struct net_trainer, 1);
    size_t count = net->graph->parameters;
    struct net_graph *graph;
    if (net_graph_create_training(&graph, &net->graph->info, error) != 0) {
        g_free(trainer);
        return -1;
    }
    g_assert(graph->parameters == count);
    trainer->graph = trainer->depth[graph->loop.steps.most] = graph;
    trainer->threads = 1;
    trainer->config = *config;
    trainer->arithmetic = arithmetic;
    trainer->params = g_memdup2(net->params, count * sizeof(float));
    trainer->average = g_memdup2(net->params, count * sizeof(float));
    trainer->gradient = g_new0(float, count + TRAINER_SHARED_SUMS);
    trainer->first = g_new0(float, count);
    trainer->second = g_new0(float, count);
    trainer_enter(trainer);
    if (!trainer_lane_use(trainer, 0, trainer_steps_in_play(trainer), error)) {
        net_trainer_close(trainer);
        return -1;
    }
    *out = trainer;
    return 0;
}

void net_trainer_close(struct net_trainer *trainer)
{
    if (!trainer)
        return;
    crew_end(&trainer->crew);
    trainer_lanes_free(trainer);
    g_free(trainer->params);
    g_free(trainer->gradient);
    g_free(trainer->first);
    g_free(trainer->second);
    g_free(trainer->average);
    g_free(trainer);
}

uint64_t net_trainer_steps(const struct net_trainer *trainer)
{
    return trainer->steps;
}

static void losses_fill(const struct net_trainer *trainer, const struct net_loss_sums *sums, int n,
                        struct net_losses *losses)
{
    double total = 0;
    *losses = (struct net_losses){0};
    for (int t = 0; t < NET_TARGETS; t++) {
        losses->target[t] = sums->weight[t] > 0 ? (float)(sums->loss[t] / sums->weight[t]) : NAN;
        total += (double)trainer->config.loss_weight[t] * sums->loss[t] / n;
    }
    losses->total = (float)total;
    losses->finite = isfinite(total);
}

void net_trainer_set_threads(struct net_trainer *trainer, int threads)
{
    g_assert(threads >= 1);
    trainer->threads = MIN(threads, TRAINER_SLICES);
}

static void run(struct net_trainer *trainer, const struct net_samples *samples, int steps, bool gradients,
                struct net_losses *losses)
{
    trainer->sums = trainer_run(trainer, samples, steps, gradients);
    losses_fill(trainer, &trainer->sums, samples->n, losses);
}

void net_trainer_losses(struct net_trainer *trainer, const struct net_samples *samples, struct net_losses *losses)
{
    run(trainer, samples, trainer_steps_in_play(trainer), false, losses);
}

void net_trainer_losses_at(struct net_trainer *trainer, const struct net_samples *samples, int steps,
                           struct net_losses *losses)
{
    g_assert(trainer_steps_in_play(trainer) > 0 && steps >= 1 && steps <= NET_STEPS_MAX);
    run(trainer, samples, steps, false, losses);
}

/* What the threads do with the gradient, a parameter at a time, in any order: each one's results depend on it alone. */
struct update {
    struct net_trainer *trainer;
    atomic_int next; /* parameter */
    double *norms;   /* [params] */
    struct optimiser_step step;
};

static void norm_work(void *user, int lane)
{
    (void)lane;
    struct update *update = user;
    const struct net_graph *graph = update->trainer->graph;
    for (int p; (p = atomic_fetch_add(&update->next, 1)) < graph->params;)
        if (!graph->param[p].by_rule)
            update->norms[p] =
                optimiser_norm(update->trainer->gradient + graph->param[p].offset, graph->param[p].count);
}

static void apply_work(void *user, int lane)
{
    struct update *update = user;
    struct net_trainer *t = update->trainer;
    float **workspace = &t->lane[lane].muon;
    const float kept =
        t->config.trained ? t->config.average_decay : optimiser_early_decay(t->steps, t->config.average_decay);
    trainer_enter(t);
    if (!*workspace)
        *workspace = optimiser_workspace(t->graph, update->step.kind);
    for (int p; (p = atomic_fetch_add(&update->next, 1)) < t->graph->params;) {
        const size_t at = t->graph->param[p].offset;
        optimiser_apply(t->graph, p, &update->step, t->gradient, t->params, t->first, t->second, *workspace);
        optimiser_average(t->graph->param[p].count, kept, t->params + at, t->average + at);
    }
}

static double gradient_norm(struct net_trainer *trainer)
{
    const int count = trainer->graph->params;
    struct update update = {.trainer = trainer, .norms = g_new0(double, count)};
    crew_run(&trainer->crew, trainer->threads, norm_work, &update);
    double sum = 0;
    for (int p = 0; p < count; p++)
        sum += update.norms[p] * update.norms[p];
    g_free(update.norms);
    return sqrt(sum);
}

void net_trainer_step(struct net_trainer *trainer, const struct net_samples *samples, float rate,
                      struct net_losses *losses)
{
    const struct net_trainer_config *c = &trainer->config;
    struct net_losses own;
    losses = losses ? losses : &own;
    run(trainer, samples, trainer_steps_drawn(trainer), true, losses);
    if (trainer->share.sum && !trainer_share_sum(trainer)) {
        losses->finite = false;
        return;
    }
    if (trainer->share.sum)
        losses_fill(trainer, &trainer->sums, trainer->share.rows, losses);
    double norm = gradient_norm(trainer);
    losses->grad_norm = (float)norm;
    losses->finite = losses->finite && isfinite(norm) && isfinite(rate);
    if (!losses->finite)
        return;
    trainer->steps++;
    struct update update = {
        .trainer = trainer,
        .step = {.kind = c->optimiser,
                 .step = trainer->steps - trainer->moments_from,
                 .rate = rate,
                 .momentum = c->momentum,
                 .weight_decay = c->weight_decay,
                 .scale = c->clip > 0 && norm > (double)c->clip ? (float)((double)c->clip / norm) : 1,
                 .arithmetic = trainer->arithmetic}};
    crew_run(&trainer->crew, trainer->threads, apply_work, &update);
    trainer_lanes_outdate(trainer);
}

struct net *net_trainer_snapshot(struct net_trainer *trainer, bool averaged)
{
    size_t bytes = trainer->graph->parameters * sizeof(float);
    struct net_graph *graph;
    g_assert(net_graph_create(&graph, &trainer->graph->info, NULL) == 0);
    return net_wrap(graph, g_memdup2(averaged ? trainer->average : trainer->params, bytes));
}

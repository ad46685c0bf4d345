#include "net/exec/exec.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/packed.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/targets.h"
#include "net/train.h"
#include "net/train/loss.h"
#include "net/train/optimiser.h"
#include "net/train/trainer_internal.h"

#include <math.h>
#include <string.h>

/* Number of rows per pass, small enough that a layer's tensors stay in the L2 cache. */
enum { CHUNK = 32 };

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
    trainer->graph = trainer->depth[graph->loop.steps.most].graph = graph;
    trainer->config = *config;
    trainer->arithmetic = arithmetic;
    trainer->params = g_memdup2(net->params, count * sizeof(float));
    trainer->average = g_memdup2(net->params, count * sizeof(float));
    trainer->gradient = g_new0(float, count + TRAINER_SHARED_SUMS);
    trainer->first = g_new0(float, count);
    trainer->second = g_new0(float, count);
    trainer_enter(trainer);
    if (!trainer_depth_use(trainer, trainer_steps_in_play(trainer), error)) {
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
    trainer_depths_free(trainer);
    g_free(trainer->params);
    g_free(trainer->gradient);
    g_free(trainer->first);
    g_free(trainer->second);
    g_free(trainer->average);
    g_free(trainer->workspace);
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

static struct trainer_depth *depth_of(struct net_trainer *trainer, int steps)
{
    GError *error = NULL;
    struct trainer_depth *depth = trainer_depth_use(trainer, steps, &error);
    if (!depth) /* not an input error: another number of steps has been used */
        g_error("training with %d steps of the loop: %s", steps, error->message);
    return depth;
}

/* The rows of a pass, which does not cut sequences. */
static int chunk_of(const struct net_samples *samples)
{
    return MAX(CHUNK / samples->sequence, 1) * samples->sequence;
}

/* Runs all chunks forward and, if gradients are needed, backward; the depth whose exec has them. */
static struct trainer_depth *run(struct net_trainer *trainer, const struct net_samples *s, int steps, bool gradients,
                                 struct net_losses *losses)
{
    const struct net_info *info = &trainer->graph->info;
    struct net_extent extent = {s->width, s->height, s->n};
    size_t points = net_extent_points(extent);
    struct net_loss_sums sums = {0};
    const int rows = trainer->share.sum ? trainer->share.rows : s->n; /* of the batch, of which these may be a part */
    g_assert(net_extent_valid(extent) && s->n <= trainer->config.batch);
    trainer_enter(trainer);
    struct trainer_depth *depth = depth_of(trainer, steps);
    const int chunk = chunk_of(s);
    trainer->workspace = g_renew(float, trainer->workspace, net_loss_workspace(trainer->graph, (int)points, chunk));
    struct net_pass pass = {
        .flavour = gradients ? NET_TRAINING : NET_INFERENCE, .seed = trainer->config.seed, .step = trainer->steps};
    if (gradients)
        net_exec_zero_gradients(depth->exec);
    for (int first = 0; first < s->n; first += chunk) {
        extent.n = MIN(chunk, s->n - first);
        GError *error = NULL;
        if (net_exec_use(depth->exec, extent, &error) != 0)
            g_error("training on %dx%d, batch %d: %s", extent.width, extent.height, extent.n, error->message);
        net_exec_load(depth->exec, s->planes + (size_t)first * (size_t)info->planes * points,
                      s->globals + (size_t)first * (size_t)info->globals);
        pass.first_row = trainer->share.first + first;
        pass.back = s->back + first;
        net_exec_forward(depth->exec, &pass);
        net_loss_compute(depth->exec, depth->graph, s, first, extent.n, trainer->config.loss_weight,
                         gradients ? 1.0 / rows : 0, &sums, trainer->workspace);
        if (gradients)
            net_exec_backward(depth->exec);
    }
    losses_fill(trainer, &sums, s->n, losses);
    trainer->sums = sums;
    return depth;
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

void net_trainer_step(struct net_trainer *trainer, const struct net_samples *samples, float rate,
                      struct net_losses *losses)
{
    const struct net_trainer_config *c = &trainer->config;
    struct net_losses own;
    losses = losses ? losses : &own;
    struct trainer_depth *depth = run(trainer, samples, trainer_steps_drawn(trainer), true, losses);
    net_exec_gradients(depth->exec, trainer->gradient);
    if (trainer->share.sum && !trainer_share_sum(trainer)) {
        losses->finite = false;
        return;
    }
    if (trainer->share.sum)
        losses_fill(trainer, &trainer->sums, trainer->share.rows, losses);
    double norm = optimiser_norm(trainer->gradient, trainer->graph->parameters);
    losses->grad_norm = (float)norm;
    losses->finite = losses->finite && isfinite(norm) && isfinite(rate);
    if (!losses->finite)
        return;
    trainer->steps++;
    struct optimiser_step step = {.kind = c->optimiser,
                                  .step = trainer->steps - trainer->moments_from,
                                  .rate = rate,
                                  .momentum = c->momentum,
                                  .weight_decay = c->weight_decay,
                                  .scale = c->clip > 0 && norm > (double)c->clip ? (float)((double)c->clip / norm) : 1,
                                  .arithmetic = trainer->arithmetic};
    optimiser_apply(trainer->graph, &step, trainer->gradient, trainer->params, trainer->first, trainer->second);
    optimiser_average(trainer->graph->parameters, trainer->steps, c->average_decay, trainer->params, trainer->average);
    trainer_depths_outdate(trainer);
}

struct net *net_trainer_snapshot(struct net_trainer *trainer, bool averaged)
{
    size_t bytes = trainer->graph->parameters * sizeof(float);
    struct net_graph *graph;
    g_assert(net_graph_create(&graph, &trainer->graph->info, NULL) == 0);
    return net_wrap(graph, g_memdup2(averaged ? trainer->average : trainer->params, bytes), NULL, NULL);
}

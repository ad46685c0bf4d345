#include "net/exec/exec.h"
#include "net/train/loss.h"
#include "net/net_internal.h"
#include "net/train/optimiser.h"

#include <math.h>
#include <string.h>

#define TRAINER_FORMAT "tengen-trainer-1"

/* Rows that go forward and backward together: few enough that a layer's tensors stay in the second-level cache. */
enum { CHUNK = 32 };

struct net_trainer {
    struct net_graph *graph;
    struct net_trainer_config config;
    const struct net_ops *ops;
    struct net_exec *exec;
    uint64_t steps;
    float *params, *gradient, *first, *second, *average; /* [parameters]; second only for AdamW */
    float *workspace;
    size_t workspace_count;
};

struct net_samples *net_samples_new(const struct net_info *info, int size, int n)
{
    size_t points = (size_t)(size * size), moves = points + (size_t)info->other_moves, rows = (size_t)n;
    struct net_samples *s = g_new0(struct net_samples, 1);
    s->size = size;
    s->n = n;
    s->planes = g_new0(float, rows *(size_t)info->planes *points);
    s->globals = g_new0(float, rows *(size_t)info->globals);
    s->weight = g_new0(float, rows);
    s->policy = g_new0(float, rows *moves);
    s->policy_weight = g_new0(float, rows);
    s->reply = g_new0(float, rows *moves);
    s->reply_weight = g_new0(float, rows);
    s->wdl = g_new0(float, rows * 3);
    s->soon = g_new0(float, rows * 3);
    s->soon_weight = g_new0(float, rows);
    s->score = g_new0(float, rows);
    s->score_weight = g_new0(float, rows);
    s->map = g_new0(float, rows *points);
    s->map_weight = g_new0(float, rows);
    return s;
}

void net_samples_free(struct net_samples *s)
{
    if (!s)
        return;
    float *arrays[] = {s->planes, s->globals, s->weight,      s->policy, s->policy_weight, s->reply, s->reply_weight,
                       s->wdl,    s->soon,    s->soon_weight, s->score,  s->score_weight,  s->map,   s->map_weight};
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        g_free(arrays[i]);
    g_free(s);
}

struct net_trainer_config net_trainer_defaults(void)
{
    return (struct net_trainer_config){.backend = NET_BACKEND_FAST,
                                       .dtype = NET_AUTO,
                                       .optimiser = NET_SGD,
                                       .batch = 128,
                                       .momentum = 0.9f,
                                       .weight_decay = 1e-4f,
                                       .clip = 4,
                                       .average_decay = 0.999f,
                                       .w_policy = 1,
                                       .w_soft = 2,
                                       .w_reply = 0.15f,
                                       .w_value = 1.2f,
                                       .w_soon = 0.6f,
                                       .w_score = 0.3f,
                                       .w_map = 0.6f};
}

static bool config_check(const struct net_trainer_config *c, GError **error)
{
    if (c->batch >= 1 && c->momentum >= 0 && c->momentum < 1 && c->weight_decay >= 0 && c->clip >= 0 &&
        c->average_decay >= 0 && c->average_decay < 1 && (c->optimiser == NET_SGD || c->optimiser == NET_ADAMW))
        return true;
    g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                "training settings out of range: batch %d (1 and up), momentum %g (0 to below 1), weight decay %g and "
                "clip %g (0 and up), average decay %g (0 to below 1)",
                c->batch, (double)c->momentum, (double)c->weight_decay, (double)c->clip, (double)c->average_decay);
    return false;
}

static void enter(const struct net_trainer *trainer)
{
    if (trainer->ops != &net_ops_plain)
        net_ops_dnnl_enter();
}

int net_trainer_create(struct net_trainer **out, struct net *net, const struct net_trainer_config *config,
                       GError **error)
{
    *out = NULL;
    const struct net_ops *ops = net_ops_select(config->backend, config->dtype, error);
    if (!ops || !config_check(config, error))
        return -1;
    if (ops->narrow) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "there is no training in %s; train with dtype=auto",
                    net_dtype_name(config->dtype));
        return -1;
    }
    struct net_trainer *trainer = g_new0(struct net_trainer, 1);
    size_t count = net->graph->parameters;
    trainer->graph = g_memdup2(net->graph, sizeof *net->graph);
    trainer->config = *config;
    trainer->ops = ops;
    trainer->params = g_memdup2(net->params, count * sizeof(float));
    trainer->average = g_memdup2(net->params, count * sizeof(float));
    trainer->gradient = g_new0(float, count);
    trainer->first = g_new0(float, count);
    trainer->second = g_new0(float, count);
    enter(trainer);
    if (net_exec_create(&trainer->exec, trainer->graph, ops, true, error) != 0) {
        net_trainer_close(trainer);
        return -1;
    }
    net_exec_set(trainer->exec, trainer->params, NULL);
    *out = trainer;
    return 0;
}

void net_trainer_close(struct net_trainer *trainer)
{
    if (!trainer)
        return;
    net_exec_close(trainer->exec);
    g_free(trainer->graph);
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

static void loss_weights(const struct net_trainer_config *c, float weights[NET_LOSSES])
{
    weights[NET_LOSS_POLICY] = c->w_policy;
    weights[NET_LOSS_SOFT] = c->w_soft;
    weights[NET_LOSS_REPLY] = c->w_reply;
    weights[NET_LOSS_VALUE] = c->w_value;
    weights[NET_LOSS_SOON] = c->w_soon;
    weights[NET_LOSS_SCORE] = c->w_score;
    weights[NET_LOSS_MAP] = c->w_map;
}

static void losses_fill(const struct net_trainer *trainer, const struct net_loss_sums *sums, int n,
                        struct net_losses *losses)
{
    float weights[NET_LOSSES];
    double mean[NET_LOSSES], total = 0;
    loss_weights(&trainer->config, weights);
    for (int i = 0; i < NET_LOSSES; i++) {
        mean[i] = sums->weight[i] > 0 ? sums->loss[i] / sums->weight[i] : 0;
        total += (double)weights[i] * sums->loss[i] / n;
    }
    *losses = (struct net_losses){.total = (float)total,
                                  .policy = (float)mean[NET_LOSS_POLICY],
                                  .soft = (float)mean[NET_LOSS_SOFT],
                                  .reply = (float)mean[NET_LOSS_REPLY],
                                  .value = (float)mean[NET_LOSS_VALUE],
                                  .soon = (float)mean[NET_LOSS_SOON],
                                  .score = (float)mean[NET_LOSS_SCORE],
                                  .map = (float)mean[NET_LOSS_MAP],
                                  .finite = isfinite(total)};
}

/* Every chunk forward, and backward too when gradients are wanted. */
static void run(struct net_trainer *trainer, const struct net_samples *s, bool gradients, struct net_losses *losses)
{
    const struct net_info *info = &trainer->graph->info;
    size_t points = (size_t)(s->size * s->size), wanted = net_loss_workspace(trainer->graph, s->size, CHUNK);
    float weights[NET_LOSSES];
    struct net_loss_sums sums = {0};
    g_assert(s->size >= 1 && s->size <= NET_BOARD_MAX && s->n >= 1 && s->n <= trainer->config.batch);
    enter(trainer);
    if (wanted > trainer->workspace_count) {
        trainer->workspace = g_renew(float, trainer->workspace, wanted);
        trainer->workspace_count = wanted;
    }
    loss_weights(&trainer->config, weights);
    if (gradients)
        net_exec_zero_gradients(trainer->exec);
    for (int first = 0; first < s->n; first += CHUNK) {
        int n = MIN(CHUNK, s->n - first);
        GError *error = NULL;
        if (net_exec_use(trainer->exec, s->size, n, &error) != 0)
            g_error("training on %dx%d, batch %d: %s", s->size, s->size, n, error->message);
        net_exec_load(trainer->exec, s->planes + (size_t)first * (size_t)info->planes * points,
                      s->globals + (size_t)first * (size_t)info->globals);
        net_exec_forward(trainer->exec);
        net_loss_compute(trainer->exec, trainer->graph, s, first, n, weights, gradients ? 1.0 / s->n : 0, &sums,
                         trainer->workspace);
        if (gradients)
            net_exec_backward(trainer->exec);
    }
    losses_fill(trainer, &sums, s->n, losses);
}

void net_trainer_losses(struct net_trainer *trainer, const struct net_samples *samples, struct net_losses *losses)
{
    run(trainer, samples, false, losses);
}

void net_trainer_step(struct net_trainer *trainer, const struct net_samples *samples, float rate,
                      struct net_losses *losses)
{
    const struct net_trainer_config *c = &trainer->config;
    struct net_losses own;
    losses = losses ? losses : &own;
    run(trainer, samples, true, losses);
    net_exec_gradients(trainer->exec, trainer->gradient);
    double norm = optimiser_norm(trainer->gradient, trainer->graph->parameters);
    losses->grad_norm = (float)norm;
    losses->finite = losses->finite && isfinite(norm) && isfinite(rate);
    if (!losses->finite)
        return;
    trainer->steps++;
    struct optimiser_step step = {
        c->optimiser, trainer->steps,  rate,
        c->momentum,  c->weight_decay, c->clip > 0 && norm > (double)c->clip ? (float)((double)c->clip / norm) : 1};
    optimiser_apply(trainer->graph, &step, trainer->gradient, trainer->params, trainer->first, trainer->second);
    optimiser_average(trainer->graph->parameters, trainer->steps, c->average_decay, trainer->params, trainer->average);
    net_exec_set(trainer->exec, trainer->params, NULL);
}

struct net *net_trainer_snapshot(struct net_trainer *trainer, bool averaged)
{
    size_t bytes = trainer->graph->parameters * sizeof(float);
    return net_wrap(g_memdup2(trainer->graph, sizeof *trainer->graph),
                    g_memdup2(averaged ? trainer->average : trainer->params, bytes), NULL);
}

/* ---- files ---- */

static const char *optimiser_name(enum net_optimiser optimiser)
{
    return optimiser == NET_SGD ? "sgd" : "adamw";
}

int net_trainer_save(const struct net_trainer *trainer, const char *path, GError **error)
{
    struct net_metadata metadata;
    net_metadata_init(&metadata, &trainer->graph->info, TRAINER_FORMAT);
    net_metadata_add(&metadata, "optimiser", "%s", optimiser_name(trainer->config.optimiser));
    net_metadata_add(&metadata, "steps", "%" G_GUINT64_FORMAT, trainer->steps);
    GArray *tensors = net_tensors_new();
    net_tensors_add(tensors, trainer->graph, "weights/", trainer->params);
    net_tensors_add(tensors, trainer->graph, "average/", trainer->average);
    net_tensors_add(tensors, trainer->graph, "first/", trainer->first);
    if (trainer->config.optimiser == NET_ADAMW)
        net_tensors_add(tensors, trainer->graph, "second/", trainer->second);
    return net_tensors_save(path, tensors, &metadata, error);
}

static bool same_net(const struct net_info *a, const struct net_info *b)
{
    return strcmp(a->game, b->game) == 0 && strcmp(a->features, b->features) == 0 && strcmp(a->trunk, b->trunk) == 0 &&
           a->planes == b->planes && a->globals == b->globals && a->other_moves == b->other_moves;
}

static bool state_check(const struct net_trainer *trainer, const struct safetensors *file, const char *path,
                        guint64 *steps, GError **error)
{
    struct net_info info;
    if (!net_metadata_info(file, path, TRAINER_FORMAT, &info, error))
        return false;
    const struct net_info *own = &trainer->graph->info;
    if (!same_net(&info, own)) {
        g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH,
                    "%s: training state of another net (%s, %s, \"%s\"), and this one is (%s, %s, \"%s\")", path,
                    info.game, info.features, info.trunk, own->game, own->features, own->trunk);
        return false;
    }
    const char *optimiser = safetensors_metadata(file, "optimiser"), *text = safetensors_metadata(file, "steps");
    const char *wanted = optimiser_name(trainer->config.optimiser);
    if (!optimiser || strcmp(optimiser, wanted) != 0) {
        g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH, "%s: state of the optimiser %s, and the run uses %s", path,
                    optimiser ? optimiser : "(none)", wanted);
        return false;
    }
    if (!text || !g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT64, steps, NULL)) {
        g_set_error(error, NET_ERROR, NET_ERROR_FILE, "%s: its metadata has no usable \"steps\"", path);
        return false;
    }
    return true;
}

/* Into fresh memory first: a refused file changes nothing. */
static int state_read(struct net_trainer *trainer, const struct safetensors *file, const char *path, GError **error)
{
    const char *const prefixes[] = {"weights/", "average/", "first/", "second/"};
    float **const into[] = {&trainer->params, &trainer->average, &trainer->first, &trainer->second};
    int arrays = trainer->config.optimiser == NET_ADAMW ? 4 : 3;
    float *read[4] = {NULL};
    guint64 steps = 0;
    bool good = state_check(trainer, file, path, &steps, error);
    for (int i = 0; i < arrays && good; i++) {
        read[i] = g_new(float, trainer->graph->parameters);
        good = net_tensors_read(file, path, trainer->graph, prefixes[i], read[i], error);
    }
    for (int i = 0; i < 4; i++) {
        if (!good || i >= arrays) {
            g_free(read[i]);
            continue;
        }
        g_free(*into[i]);
        *into[i] = read[i];
    }
    if (!good)
        return -1;
    trainer->steps = steps;
    net_exec_set(trainer->exec, trainer->params, NULL);
    return 0;
}

int net_trainer_load(struct net_trainer *trainer, const char *path, GError **error)
{
    struct safetensors *file;
    if (safetensors_load(&file, path, error) != 0)
        return -1;
    enter(trainer);
    int status = state_read(trainer, file, path, error);
    safetensors_close(file);
    return status;
}

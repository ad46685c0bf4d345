/* Saves and loads the state that a trainer needs to resume. */
#include "net/exec/exec.h"
#include "net/graph/graph.h"
#include "net/io/safetensors.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/train.h"
#include "net/train/trainer_internal.h"

#include <string.h>

#define TRAINER_FORMAT "tengen-trainer-1"

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
    return safetensors_save(path, net_tensors_write(tensors, &metadata), error);
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
                    "%s: training state of another net (%s, %s, \"%s\"); this one is (%s, %s, \"%s\")", path, info.game,
                    info.features, info.trunk, own->game, own->features, own->trunk);
        return false;
    }
    const char *optimiser = safetensors_metadata(file, "optimiser"), *text = safetensors_metadata(file, "steps");
    const char *wanted = optimiser_name(trainer->config.optimiser);
    if (!optimiser || strcmp(optimiser, wanted) != 0) {
        g_set_error(error, NET_ERROR, NET_ERROR_MISMATCH, "%s: state of the optimiser %s, but the run uses %s", path,
                    optimiser ? optimiser : "(none)", wanted);
        return false;
    }
    if (!text || !g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT64, steps, NULL)) {
        g_set_error(error, NET_ERROR, NET_ERROR_FILE, "%s: missing or invalid metadata \"steps\"", path);
        return false;
    }
    return true;
}

/* Reads to new memory first, so that an invalid file changes nothing. */
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
    trainer_enter(trainer);
    int status = state_read(trainer, file, path, error);
    safetensors_close(file);
    return status;
}

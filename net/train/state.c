/* Saves and loads the state that a trainer needs to resume. */
#include "net/graph/graph.h"
#include "net/io/safetensors.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "net/train.h"
#include "net/train/optimiser.h"
#include "net/train/trainer_internal.h"

#include <string.h>

#define TRAINER_FORMAT "tengen-trainer-1"

int net_trainer_save(const struct net_trainer *trainer, const char *path, GError **error)
{
    struct net_metadata metadata;
    net_metadata_init(&metadata, &trainer->graph->info, TRAINER_FORMAT);
    net_metadata_add(&metadata, "optimiser", "%s", net_optimiser_names[trainer->config.optimiser]);
    net_metadata_add(&metadata, "steps", "%" G_GUINT64_FORMAT, trainer->steps);
    if (trainer->moments_from > 0)
        net_metadata_add(&metadata, "moments_from", "%" G_GUINT64_FORMAT, trainer->moments_from);
    GArray *tensors = net_tensors_new();
    net_tensors_add(tensors, trainer->graph, "weights/", trainer->params);
    net_tensors_add(tensors, trainer->graph, "average/", trainer->average);
    net_tensors_add(tensors, trainer->graph, "first/", trainer->first);
    if (optimiser_has_second(trainer->config.optimiser))
        net_tensors_add(tensors, trainer->graph, "second/", trainer->second);
    return safetensors_save(path, net_tensors_write(tensors, &metadata), error);
}

static bool same_net(const struct net_info *a, const struct net_info *b)
{
    return strcmp(a->game, b->game) == 0 && strcmp(a->features, b->features) == 0 && strcmp(a->trunk, b->trunk) == 0 &&
           a->planes == b->planes && a->globals == b->globals && a->other_moves == b->other_moves &&
           a->horizons == b->horizons && a->tally == b->tally && a->value_error == b->value_error &&
           a->head_experts == b->head_experts;
}

/* What the file's metadata says of the state. */
struct state {
    enum net_optimiser optimiser;
    guint64 steps, moments_from;
};

static bool read_count(const struct safetensors *file, const char *path, const char *key, guint64 most, guint64 *count,
                       GError **error)
{
    const char *text = safetensors_metadata(file, key);
    if (text && g_ascii_string_to_unsigned(text, 10, 0, most, count, NULL))
        return true;
    g_set_error(error, NET_ERROR, NET_ERROR_FILE, "%s: missing or invalid metadata \"%s\"", path, key);
    return false;
}

static bool read_metadata(const struct net_trainer *trainer, const struct safetensors *file, const char *path,
                          struct state *state, GError **error)
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
    const char *optimiser = safetensors_metadata(file, "optimiser");
    if (!net_optimiser_parse(&state->optimiser, optimiser ? optimiser : "", error)) {
        g_prefix_error(error, "%s: ", path);
        return false;
    }
    if (!read_count(file, path, "steps", G_MAXUINT64, &state->steps, error))
        return false;
    return !safetensors_metadata(file, "moments_from") ||
           read_count(file, path, "moments_from", state->steps, &state->moments_from, error);
}

/* Reads to new memory first, so that an invalid file changes nothing. */
static bool state_read(struct net_trainer *trainer, const struct safetensors *file, const char *path,
                       struct state *state, GError **error)
{
    const char *const prefixes[] = {"weights/", "average/", "first/", "second/"};
    float **const into[] = {&trainer->params, &trainer->average, &trainer->first, &trainer->second};
    float *read[4] = {NULL};
    size_t count = trainer->graph->parameters;
    if (!read_metadata(trainer, file, path, state, error))
        return false;
    int arrays = state->optimiser != trainer->config.optimiser ? 2 : optimiser_has_second(state->optimiser) ? 4 : 3;
    bool good = true;
    for (int i = 0; i < 4 && good; i++) {
        read[i] = g_new0(float, count);
        good = i >= arrays || net_tensors_read(file, path, trainer->graph, prefixes[i], read[i], error);
    }
    for (int i = 0; i < 4; i++) {
        if (good) {
            g_free(*into[i]);
            *into[i] = read[i];
        } else {
            g_free(read[i]);
        }
    }
    return good;
}

int net_trainer_load(struct net_trainer *trainer, const char *path, enum net_optimiser *saved, GError **error)
{
    struct safetensors *file;
    struct state state = {0};
    if (safetensors_load(&file, path, error) != 0)
        return -1;
    bool good = state_read(trainer, file, path, &state, error);
    safetensors_close(file);
    if (!good)
        return -1;
    trainer->steps = state.steps;
    trainer->moments_from = state.optimiser == trainer->config.optimiser ? state.moments_from : state.steps;
    if (saved)
        *saved = state.optimiser;
    trainer_lanes_outdate(trainer);
    return 0;
}

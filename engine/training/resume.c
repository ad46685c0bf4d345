#include "engine/training/resume.h"

#include <stdio.h>

#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "net/net.h"
#include "net/train.h"

int resume_load_state(struct store *store, struct net_trainer *trainer, const struct store_checkpoint *at,
                      enum net_optimiser *saved, GError **error)
{
    if (!store_checkpoint_is_sound(at)) {
        g_set_error(error, NET_ERROR, NET_ERROR_FILE, "%s: the totals of generation %u are damaged",
                    store_folder(store), at->generation);
        return -1;
    }
    char *name = store_state_name(at->generation), *path = store_net_path(store, name);
    int result = net_trainer_load(trainer, path, saved, error);
    g_free(name);
    g_free(path);
    return result;
}

static void report_optimiser(const struct settings *settings, enum net_optimiser saved)
{
    if ((int)saved != settings->optimiser)
        fprintf(stderr,
                "tengen train: the run was trained with %s so far; weights, averages and the step count continue, the "
                "momentum of %s starts from zero (rate %g)\n",
                net_optimiser_names[saved], net_optimiser_names[settings->optimiser], settings->rate);
}

bool resume_trainer(struct store *store, const struct settings *settings, struct net_trainer *trainer,
                    struct store_checkpoint *at, bool *resume, GError **error)
{
    enum net_optimiser saved = NET_SGD;
    GError *first = NULL, *problem = NULL;
    GArray *damaged = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    bool good = store_last_checkpoint(store, at, resume, error);
    while (good && *resume && resume_load_state(store, trainer, at, &saved, &problem) != 0) {
        uint32_t generation = at->generation;
        g_array_append_val(damaged, generation);
        if (!first)
            first = g_steal_pointer(&problem);
        g_clear_error(&problem);
        good = store_checkpoint_before(store, generation, at, resume, error);
    }
    if (good && first && !*resume) {
        g_propagate_error(error, g_steal_pointer(&first));
        good = false;
    }
    for (guint i = 0; good && i < damaged->len; i++)
        good = store_set_state_aside(store, g_array_index(damaged, uint32_t, i), error);
    if (good && first)
        fprintf(stderr, "tengen train: %s; training resumes from generation %u, before it\n", first->message,
                at->generation);
    if (good && *resume)
        report_optimiser(settings, saved);
    g_clear_error(&first);
    g_array_unref(damaged);
    return good;
}

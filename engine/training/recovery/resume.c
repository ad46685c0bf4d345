#include "engine/training/recovery/resume.h"

#include <stdio.h>

#include "engine/settings/settings.h"
#include "engine/store/files/sums.h"
#include "engine/store/store.h"
#include "net/net.h"
#include "net/train.h"

/* Whether a file may be whole although it could not be read: it must not be set aside. */
static bool is_machines_fault(const GError *error)
{
    return g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOMEM) ||
           g_error_matches(error, NET_ERROR, NET_ERROR_LIBRARY);
}

int resume_load_state(struct store *store, struct net_trainer *trainer, const struct store_checkpoint *at,
                      enum net_optimiser *saved, GError **error)
{
    if (!store_checkpoint_is_sound(at)) {
        g_set_error(error, NET_ERROR, NET_ERROR_FILE, "%s: the totals of generation %u are damaged",
                    store_folder(store), at->generation);
        return -1;
    }
    char *name = store_state_name(at->generation), *path = store_net_path(store, name);
    const int result = sums_check(store, name, error) ? net_trainer_load(trainer, path, saved, error) : -1;
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
        if (is_machines_fault(problem)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            good = false;
            break;
        }
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
        fprintf(stderr, "tengen train: %s; training resumes from the earlier generation %u\n", first->message,
                at->generation);
    if (good && *resume)
        report_optimiser(settings, saved);
    g_clear_error(&first);
    g_array_unref(damaged);
    return good;
}

static bool leave_newest(struct store *store, GError **error)
{
    struct store_checkpoint newest, before;
    bool found;
    if (!store_last_checkpoint(store, &newest, &found, error))
        return false;
    if (!found)
        return true;
    return store_checkpoint_before(store, newest.generation, &before, &found, error) &&
           (!found || store_set_state_aside(store, newest.generation, error));
}

bool resume_back(struct store *store, const struct settings *settings, struct net_trainer *trainer, bool again,
                 struct store_checkpoint *to, GError **error)
{
    bool found;
    return (!again || leave_newest(store, error)) && resume_trainer(store, settings, trainer, to, &found, error);
}

/* Loads a generation's net, or sets it aside. *net: NULL if it was. */
static bool resume_net(struct store *store, uint32_t generation, struct net **net, GError **error)
{
    char *name = store_generation_name(generation), *path = store_net_path(store, name);
    GError *problem = NULL;
    *net = NULL;
    bool good = sums_check(store, name, &problem) && net_load(net, path, &problem) == 0;
    if (!good && !is_machines_fault(problem)) {
        fprintf(stderr, "tengen train: %s; the net is set aside\n", problem->message);
        good = store_set_net_aside(store, generation, error);
    } else if (!good) {
        g_propagate_error(error, g_steal_pointer(&problem));
    }
    g_clear_error(&problem);
    g_free(name);
    g_free(path);
    return good;
}

bool resume_nets(struct store *store, struct net **net, GError **error)
{
    bool held;
    const uint32_t newest = store_newest_generation(store), best = store_best(store, &held);
    if (!resume_net(store, newest, net, error))
        return false;
    if (!held || best == newest)
        return true;
    struct net *other;
    const bool good = resume_net(store, best, &other, error) && (other || store_hold_best(store, STORE_NEWEST, error));
    net_unref(other);
    if (!good)
        g_clear_pointer(net, net_unref);
    return good;
}

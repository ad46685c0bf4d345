#include "engine/lab/lab.h"

#include <string.h>

#include "engine/lab/ledger.h"
#include "engine/lab/plan.h"
#include "engine/lab/results.h"
#include "engine/match/yaml_file.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"

char *lab_run_folder(const struct lab *lab, int arm, int seed)
{
    return g_strdup_printf("%s/runs/%s-%" G_GINT64_FORMAT, lab->folder, lab->plan->arms[arm].name,
                           lab->plan->seeds[seed]);
}

/* The run may grow while the lab works: its arms see the games that it has now. */
static bool fix_data(struct lab *lab, GError **error)
{
    struct store_counts counts;
    lab->data.held_out = lab->plan->keys.held_out;
    if (!store_count(lab->data.store, &counts, error))
        return false;
    lab->data.before = ledger_number(lab->ledger, "games of data", (int64_t)counts.next_number, error);
    return lab->data.before >= 0;
}

/* All arms have the same games, whatever their settings. */
static bool check_data(const struct lab *lab, const char *folder, GError **error)
{
    const struct lab_arm *arm = &lab->plan->arms[0];
    GPtrArray *records;
    if (!store_load_games(lab->data.store, arm->games, arm->game_count, 1, &records, error))
        return false;
    bool any = records->len > 0;
    g_ptr_array_unref(records);
    return any || settings_fail(error, "%s has no training rows of %s; name a run that has games of it", folder,
                                arm->settings.game);
}

static bool open_data(struct lab *lab, GError **error)
{
    const struct lab_plan *plan = lab->plan;
    const char *run = plan->keys.data;
    if (plan->keys.kind != LAB_SAME_DATA)
        return true;
    char *folder = strchr(run, '/') ? g_strdup(run) : g_build_filename("runs", run, NULL);
    GError *why = NULL;
    bool good = store_open(&lab->data.store, folder, STORE_READ, &why) == 0 && check_data(lab, folder, &why);
    if (!good)
        yaml_place_fail(plan->file, lab_plan_where(plan, "data"), error, "%s", why->message);
    g_clear_error(&why);
    g_free(folder);
    return good;
}

/* Specs of agents, which name the nets by their paths, have commas between their parts. */
static bool check_folder(const char *folder, GError **error)
{
    if (!strchr(folder, ',') && !store_exists(folder))
        return true;
    g_set_error(error, LAB_ERROR, LAB_ERROR_PLACE,
                strchr(folder, ',') ? "the folder's name must not contain ',': %s; give another --out"
                                    : "%s holds a training run; give another --out",
                folder);
    return false;
}

/* What can be said before the folder is touched. */
static bool begin(struct lab *lab, const struct lab_plan *plan, const char *folder, GError **error)
{
    *lab = (struct lab){.plan = plan, .folder = g_strdup(folder), .threads = 1};
    return check_folder(folder, error) && open_data(lab, error) && lab_check_comparison(lab, error);
}

bool lab_check(const struct lab_plan *plan, const char *folder, GError **error)
{
    struct lab lab;
    bool good = begin(&lab, plan, folder, error);
    lab_close(&lab);
    return good;
}

bool lab_open(struct lab *lab, const struct lab_plan *plan, const char *folder, GError **error)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free), *values = g_ptr_array_new_with_free_func(g_free);
    lab_plan_describe(plan, names, values);
    bool good = begin(lab, plan, folder, error) && ledger_open(&lab->ledger, folder, error) == 0 &&
                ledger_check(lab->ledger, names, values, "compare games", error) &&
                (plan->keys.kind != LAB_SAME_DATA || fix_data(lab, error));
    g_ptr_array_unref(names);
    g_ptr_array_unref(values);
    if (!good)
        lab_close(lab);
    return good;
}

bool lab_join(struct lab *lab, const struct lab_plan *plan, const char *folder, int64_t before, GError **error)
{
    *lab = (struct lab){.plan = plan, .folder = g_strdup(folder), .threads = 1};
    bool good = open_data(lab, error);
    lab->data.held_out = plan->keys.held_out;
    lab->data.before = before;
    if (!good)
        lab_close(lab);
    return good;
}

void lab_close(struct lab *lab)
{
    ledger_close(lab->ledger);
    store_close(lab->data.store);
    g_free(lab->folder);
    *lab = (struct lab){0};
}

static bool take_measures(struct lab *lab, struct lab_results *results, GError **error)
{
    const struct lab_plan *plan = lab->plan;
    const char *names[LAB_MEASURES];
    for (int i = 0; i < LAB_MEASURES; i++)
        names[i] = lab_metrics[i].key;
    for (int arm = 0; arm < plan->arm_count; arm++)
        for (int seed = 0; seed < plan->seed_count; seed++) {
            double values[LAB_MEASURES];
            bool found;
            struct ledger_progress progress;
            const char *name = plan->arms[arm].name;
            if (!ledger_measures(lab->ledger, name, plan->seeds[seed], names, values, LAB_MEASURES, &found, error) ||
                !ledger_progress(lab->ledger, name, plan->seeds[seed], &progress, error))
                return false;
            if (!found && progress.seconds > 0) /* still in training */
                values[LAB_SECONDS] = progress.seconds;
            for (int i = 0; i < LAB_MEASURES; i++)
                results->values[arm][seed][i].value = values[i];
        }
    return true;
}

enum lab_end lab_run(struct lab *lab, struct lab_results *results, GError **error)
{
    enum lab_end end = lab_train(lab, error);
    if (end == LAB_FINISHED)
        end = lab_measure(lab, error);
    if (end == LAB_FINISHED)
        end = lab_compare(lab, results, error);
    if (end != LAB_FAILED && !take_measures(lab, results, error))
        end = LAB_FAILED;
    results->finished = end == LAB_FINISHED;
    return end;
}

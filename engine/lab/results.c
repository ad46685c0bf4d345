#include "engine/lab/results.h"

#include <math.h>

#include "engine/lab/bootstrap.h"

const struct lab_metric_info lab_metrics[LAB_METRICS] = {
    [LAB_PARAMETERS] = {"parameters", "parameters", 0, false},
    [LAB_ACTIVE] = {"active_parameters", "active", 0, false},
    [LAB_EVALUATIONS] = {"evaluations_per_s", "evals/s", 0, true},
    [LAB_STEPS] = {"steps", "steps", 0, true},
    [LAB_SAMPLES] = {"samples", "samples", 0, false},
    [LAB_GAMES] = {"games", "games", 0, true},
    [LAB_ROWS] = {"rows", "rows", 0, false},
    [LAB_SECONDS] = {"processor_s", "processor s", 1, false},
    [LAB_LOSS] = {"loss", "loss", 3, true},
    [LAB_POLICY_LOSS] = {"policy_loss", "policy loss", 3, true},
    [LAB_VALUE_LOSS] = {"value_loss", "value loss", 3, true},
    [LAB_HELD_LOSS] = {"held_out_loss", "held-out loss", 3, true},
    [LAB_HELD_POLICY_LOSS] = {"held_out_policy_loss", "held-out policy", 3, true},
    [LAB_HELD_VALUE_LOSS] = {"held_out_value_loss", "held-out value", 3, true},
    [LAB_ELO_VISITS] = {"elo_visits", "Elo, equal visits", 0, true},
    [LAB_ELO_TIME] = {"elo_time", "Elo, equal time", 0, true},
};

static void clear_other(void *other)
{
    g_free(((struct lab_other *)other)->name);
}

void lab_results_init(struct lab_results *results, const struct lab_plan *plan)
{
    *results = (struct lab_results){.plan = plan, .others = g_array_new(FALSE, FALSE, sizeof(struct lab_other))};
    g_array_set_clear_func(results->others, clear_other);
    results->values = g_malloc0(sizeof *results->values * (size_t)plan->arm_count);
    for (int arm = 0; arm < plan->arm_count; arm++)
        for (int seed = 0; seed < LAB_MAX_SEEDS; seed++)
            for (int metric = 0; metric < LAB_METRICS; metric++)
                results->values[arm][seed][metric] = (struct lab_value){NAN, NAN, NAN};
}

void lab_results_clear(struct lab_results *results)
{
    g_free(results->values);
    g_array_unref(results->others);
}

bool lab_results_has(const struct lab_results *results, enum lab_metric metric)
{
    for (int arm = 0; arm < results->plan->arm_count; arm++)
        for (int seed = 0; seed < results->plan->seed_count; seed++)
            if (isfinite(results->values[arm][seed][metric].value))
                return true;
    return false;
}

bool lab_is_compared(const struct lab_results *results, enum lab_metric metric)
{
    bool same_data = results->plan->keys.kind == LAB_SAME_DATA;
    bool is_loss = metric == LAB_LOSS || metric == LAB_POLICY_LOSS || metric == LAB_VALUE_LOSS;
    bool meaningless = same_data ? metric == LAB_GAMES : is_loss;
    return lab_metrics[metric].compared && !meaningless && lab_results_has(results, metric);
}

struct lab_summary lab_summarise(const struct lab_results *results, int arm, enum lab_metric metric)
{
    struct lab_summary summary = {NAN, NAN, NAN, NAN, false};
    double sum = 0, differences[LAB_MAX_SEEDS], total = 0;
    int count = 0, pairs = 0;
    for (int seed = 0; seed < results->plan->seed_count; seed++) {
        double value = results->values[arm][seed][metric].value, base = results->values[0][seed][metric].value;
        if (!isfinite(value))
            continue;
        sum += value;
        count++;
        if (arm > 0 && isfinite(base))
            total += differences[pairs++] = value - base;
    }
    if (count)
        summary.mean = sum / count;
    if (!pairs || !lab_is_compared(results, metric))
        return summary;
    summary.difference = total / pairs;
    summary.differs =
        lab_bootstrap(differences, pairs, &summary.low, &summary.high) && (summary.low > 0 || summary.high < 0);
    return summary;
}

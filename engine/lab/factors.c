#include "engine/lab/factors.h"

#include <glib.h>
#include <math.h>

#include "engine/lab/plan.h"
#include "engine/match/statistics/student.h"

/* The first row of each design; the others are its cyclic shifts, and a row without any. */
static const struct {
    int arms;
    const char *row;
} designs[] = {{4, "++-"}, {8, "+++-+--"}, {12, "++-+++---+-"}, {16, "++++-+-++--+---"}};

int lab_design_arms(int factors)
{
    size_t i = 0;
    while (designs[i].arms <= factors)
        i++;
    return designs[i].arms;
}

bool lab_design_is_on(int arms, int arm, int factor)
{
    size_t i = 0;
    while (designs[i].arms != arms)
        i++;
    return arm > 0 && designs[i].row[(factor + arm - 1) % (arms - 1)] == '+';
}

static void add_copies(GArray *to, const GArray *from)
{
    for (guint i = 0; i < from->len; i++) {
        const struct lab_setting *s = &g_array_index(from, struct lab_setting, i);
        const struct lab_setting copy = {g_strdup(s->name), g_strdup(s->value), s->place};
        g_array_append_val(to, copy);
    }
}

void lab_make_arms(struct lab_plan *plan)
{
    plan->arm_count = lab_design_arms(plan->factor_count);
    for (int i = 0; i < plan->arm_count; i++) {
        struct lab_arm *arm = &plan->arms[i];
        arm->name = i ? g_strdup_printf("screen-%d", i) : g_strdup("base");
        arm->given = g_array_new(FALSE, FALSE, sizeof(struct lab_setting));
        arm->place = lab_plan_where(plan, "factors");
        for (int factor = 0; factor < plan->factor_count; factor++)
            if (lab_design_is_on(plan->arm_count, i, factor))
                add_copies(arm->given, plan->factors[factor].given);
    }
}

static bool is_complete(const struct lab_results *results, int seed, enum lab_metric metric)
{
    for (int arm = 0; arm < results->plan->arm_count; arm++)
        if (!isfinite(results->values[arm][seed][metric].value))
            return false;
    return true;
}

/* Sums over the arms of the complete seeds. */
struct sums {
    int seeds;
    double squares;                   /* around each seed's mean */
    double contrast[LAB_MAX_FACTORS]; /* with the factor less without */
    double total;
};

static void add_seed(const struct lab_results *results, int seed, enum lab_metric metric, struct sums *sums)
{
    const struct lab_plan *plan = results->plan;
    double mean = 0;
    for (int arm = 0; arm < plan->arm_count; arm++)
        mean += results->values[arm][seed][metric].value / plan->arm_count;
    for (int arm = 0; arm < plan->arm_count; arm++) {
        double value = results->values[arm][seed][metric].value - mean;
        sums->squares += value * value;
        for (int factor = 0; factor < plan->factor_count; factor++)
            sums->contrast[factor] += lab_design_is_on(plan->arm_count, arm, factor) ? value : -value;
    }
    sums->total += mean * plan->arm_count;
    sums->seeds++;
}

struct lab_effect lab_effect_of(const struct lab_results *results, int factor, enum lab_metric metric)
{
    const struct lab_plan *plan = results->plan;
    struct lab_effect effect = {NAN, NAN, NAN, NAN, NAN, false};
    struct sums sums = {0};
    for (int seed = 0; seed < plan->seed_count; seed++)
        if (is_complete(results, seed, metric))
            add_seed(results, seed, metric, &sums);
    if (sums.seeds == 0)
        return effect;
    double n = (double)plan->arm_count * sums.seeds, residual = sums.squares;
    effect.effect = 2 * sums.contrast[factor] / n;
    effect.off = sums.total / n - effect.effect / 2;
    effect.on = sums.total / n + effect.effect / 2;
    for (int i = 0; i < plan->factor_count; i++) /* the columns are orthogonal */
        residual -= sums.contrast[i] * sums.contrast[i] / n;
    double freedom = n - sums.seeds - plan->factor_count;
    if (freedom < 3)
        return effect;
    double half = student95(freedom) * 2 * sqrt(fmax(residual, 0) / freedom / n);
    effect.low = effect.effect - half;
    effect.high = effect.effect + half;
    effect.differs = effect.low > 0 || effect.high < 0;
    return effect;
}

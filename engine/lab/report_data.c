/* The report for scripts: CSV and JSON. */
#include <cjson/cJSON.h>
#include <math.h>

#include "engine/lab/factors.h"
#include "engine/lab/plan.h"
#include "engine/lab/report.h"
#include "engine/lab/results.h"

/* ---- CSV; names need no quotes: see file.c ---- */

static void print_number(double value, FILE *out)
{
    if (isfinite(value))
        fprintf(out, ",%.10g", value);
    else
        fputc(',', out);
}

static void print_header(FILE *out)
{
    fputs("row,arm,seed", out);
    for (int metric = 0; metric < LAB_METRICS; metric++) {
        const char *key = lab_metrics[metric].key;
        fprintf(out, ",%s", key);
        if (lab_metrics[metric].compared)
            fprintf(out, ",%s_low,%s_high", key, key);
    }
    fputc('\n', out);
}

static void print_value(const struct lab_value *value, int metric, FILE *out)
{
    print_number(value->value, out);
    if (!lab_metrics[metric].compared)
        return;
    print_number(value->low, out);
    print_number(value->high, out);
}

static void print_summary(const struct lab_results *results, int arm, bool difference, FILE *out)
{
    fprintf(out, "%s,%s,", difference ? "difference" : "mean", results->plan->arms[arm].name);
    for (int metric = 0; metric < LAB_METRICS; metric++) {
        const struct lab_summary s = lab_summarise(results, arm, metric);
        print_value(difference ? &(struct lab_value){s.difference, s.low, s.high}
                               : &(struct lab_value){s.mean, NAN, NAN},
                    metric, out);
    }
    fputc('\n', out);
}

static void print_effect(const struct lab_results *results, int factor, FILE *out)
{
    fprintf(out, "effect,%s,", results->plan->factors[factor].name);
    for (int metric = 0; metric < LAB_METRICS; metric++) {
        struct lab_value value = {NAN, NAN, NAN};
        if (lab_is_compared(results, metric)) {
            const struct lab_effect effect = lab_effect_of(results, factor, metric);
            value = (struct lab_value){effect.effect, effect.low, effect.high};
        }
        print_value(&value, metric, out);
    }
    fputc('\n', out);
}

void lab_print_csv(const struct lab_results *results, FILE *out)
{
    const struct lab_plan *plan = results->plan;
    print_header(out);
    for (int arm = 0; arm < plan->arm_count; arm++)
        for (int seed = 0; seed < plan->seed_count; seed++) {
            fprintf(out, "seed,%s,%" G_GINT64_FORMAT, plan->arms[arm].name, plan->seeds[seed]);
            for (int metric = 0; metric < LAB_METRICS; metric++)
                print_value(&results->values[arm][seed][metric], metric, out);
            fputc('\n', out);
        }
    for (int arm = 0; arm < plan->arm_count; arm++) {
        print_summary(results, arm, false, out);
        if (arm > 0 && plan->factor_count == 0)
            print_summary(results, arm, true, out);
    }
    for (int factor = 0; factor < plan->factor_count; factor++)
        print_effect(results, factor, out);
}

/* ---- JSON ---- */

static void add_number(cJSON *to, const char *key, double value)
{
    if (isfinite(value))
        cJSON_AddNumberToObject(to, key, value);
    else
        cJSON_AddNullToObject(to, key);
}

static void add_interval(cJSON *to, const char *key, const struct lab_value *value)
{
    cJSON *interval = cJSON_AddObjectToObject(to, key);
    add_number(interval, "value", value->value);
    add_number(interval, "low", value->low);
    add_number(interval, "high", value->high);
}

static cJSON *seed_json(const struct lab_results *results, int arm, int seed)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "seed", (double)results->plan->seeds[seed]);
    for (int metric = 0; metric < LAB_METRICS; metric++) {
        const struct lab_value *value = &results->values[arm][seed][metric];
        if (metric >= LAB_MEASURES)
            add_interval(object, lab_metrics[metric].key, value);
        else
            add_number(object, lab_metrics[metric].key, value->value);
    }
    return object;
}

static cJSON *arm_json(const struct lab_results *results, int arm)
{
    cJSON *object = cJSON_CreateObject();
    char *settings = lab_arm_describe(&results->plan->arms[arm]);
    cJSON_AddStringToObject(object, "name", results->plan->arms[arm].name);
    cJSON_AddStringToObject(object, "settings", settings);
    g_free(settings);
    cJSON *seeds = cJSON_AddArrayToObject(object, "seeds");
    for (int seed = 0; seed < results->plan->seed_count; seed++)
        cJSON_AddItemToArray(seeds, seed_json(results, arm, seed));
    cJSON *mean = cJSON_AddObjectToObject(object, "mean");
    cJSON *difference = arm && results->plan->factor_count == 0 ? cJSON_AddObjectToObject(object, "difference") : NULL;
    for (int metric = 0; metric < LAB_METRICS; metric++) {
        const struct lab_summary s = lab_summarise(results, arm, metric);
        add_number(mean, lab_metrics[metric].key, s.mean);
        if (!difference || !lab_metrics[metric].compared)
            continue;
        add_interval(difference, lab_metrics[metric].key, &(struct lab_value){s.difference, s.low, s.high});
        cJSON_AddBoolToObject(cJSON_GetObjectItem(difference, lab_metrics[metric].key), "differs", s.differs);
    }
    return object;
}

static cJSON *factor_json(const struct lab_results *results, int factor)
{
    cJSON *object = cJSON_CreateObject();
    char *settings = lab_describe_settings(results->plan->factors[factor].given);
    cJSON_AddStringToObject(object, "name", results->plan->factors[factor].name);
    cJSON_AddStringToObject(object, "settings", settings);
    g_free(settings);
    cJSON *effects = cJSON_AddObjectToObject(object, "effect");
    for (int metric = 0; metric < LAB_METRICS; metric++) {
        if (!lab_is_compared(results, metric))
            continue;
        const struct lab_effect e = lab_effect_of(results, factor, metric);
        add_interval(effects, lab_metrics[metric].key, &(struct lab_value){e.effect, e.low, e.high});
        cJSON_AddBoolToObject(cJSON_GetObjectItem(effects, lab_metrics[metric].key), "differs", e.differs);
    }
    return object;
}

void lab_print_json(const struct lab_results *results, FILE *out)
{
    const struct lab_plan *plan = results->plan;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "kind", plan->keys.kind == LAB_LOOP ? "loop" : "same-data");
    cJSON_AddStringToObject(object, "game", plan->keys.game);
    cJSON_AddStringToObject(object, "baseline", plan->arms[0].name);
    cJSON *arms = cJSON_AddArrayToObject(object, "arms"), *others = cJSON_AddArrayToObject(object, "others");
    for (int arm = 0; arm < plan->arm_count; arm++)
        cJSON_AddItemToArray(arms, arm_json(results, arm));
    cJSON *factors = plan->factor_count ? cJSON_AddArrayToObject(object, "factors") : NULL;
    for (int factor = 0; factor < plan->factor_count; factor++)
        cJSON_AddItemToArray(factors, factor_json(results, factor));
    for (guint i = 0; i < results->others->len; i++) {
        const struct lab_other *other = &g_array_index(results->others, struct lab_other, i);
        cJSON *line = cJSON_CreateObject();
        cJSON_AddStringToObject(line, "name", other->name);
        add_interval(line, lab_metrics[LAB_ELO_VISITS].key, &other->elo[0]);
        add_interval(line, lab_metrics[LAB_ELO_TIME].key, &other->elo[1]);
        cJSON_AddItemToArray(others, line);
    }
    cJSON_AddBoolToObject(object, "finished", results->finished);
    char *text = cJSON_PrintUnformatted(object);
    fprintf(out, "%s\n", text);
    cJSON_free(text);
    cJSON_Delete(object);
}

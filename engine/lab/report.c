/* The text report and what the forms share. */
#include "engine/lab/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/lab/factors.h"
#include "engine/lab/plan.h"
#include "engine/lab/results.h"
#include "net/io/atomic_file.h"

/* Rounds, but never to "-0". */
static double rounded(double value, int decimals)
{
    double unit = pow(10, decimals);
    return round(value * unit) / unit + 0.0;
}

static char *format_interval(double value, double low, double high, int decimals, char *buffer)
{
    if (!isfinite(value))
        g_strlcpy(buffer, "-", LAB_TEXT_MAX);
    else if (isfinite(low) && isfinite(high))
        g_snprintf(buffer, LAB_TEXT_MAX, "%.*f (%.*f..%.*f)", decimals, rounded(value, decimals), decimals,
                   rounded(low, decimals), decimals, rounded(high, decimals));
    else
        g_snprintf(buffer, LAB_TEXT_MAX, "%.*f", decimals, rounded(value, decimals));
    return buffer;
}

char *lab_format_value(const struct lab_value *value, int decimals, char buffer[LAB_TEXT_MAX])
{
    return format_interval(value->value, value->low, value->high, decimals, buffer);
}

char *lab_format_effect(const struct lab_effect *effect, int decimals, char buffer[LAB_TEXT_MAX])
{
    return format_interval(effect->effect, effect->low, effect->high, decimals, buffer);
}

char *lab_format_difference(const struct lab_summary *summary, int decimals, char buffer[LAB_TEXT_MAX])
{
    return format_interval(summary->difference, summary->low, summary->high, decimals, buffer);
}

char *lab_title(const struct lab_results *results)
{
    const struct lab_plan *plan = results->plan;
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%s, %s", plan->keys.game, plan->keys.kind == LAB_LOOP ? "whole loop" : "same data");
    if (plan->keys.data)
        g_string_append_printf(text, " (%s)", plan->keys.data);
    if (plan->budget.steps)
        g_string_append_printf(text, ", %" G_GINT64_FORMAT " steps", plan->budget.steps);
    else
        g_string_append_printf(text, ", %g s of processor time", plan->seconds);
    g_string_append_printf(text, " for each of %d arms and %d seed%s", plan->arm_count, plan->seed_count,
                           plan->seed_count == 1 ? "" : "s");
    return g_string_free(text, FALSE);
}

static void explain_elo(const struct lab_plan *plan, GString *text)
{
    const struct lab_compare *compare = &plan->compare;
    g_string_append(text, "Elo by maximum likelihood over one pool of all nets, ");
    g_string_append(text, plan->keys.from         ? "the common start at 0"
                          : compare->anchors->len ? "the first anchor at 0"
                                                  : "mean at 0");
    g_string_append_printf(text, ", with the 95 %% interval of the games (%" G_GINT64_FORMAT " each two players",
                           compare->games);
    if (compare->visits)
        g_string_append_printf(text, "; %" G_GINT64_FORMAT " visits", compare->visits);
    if (compare->time_ms)
        g_string_append_printf(text, "; %" G_GINT64_FORMAT " ms a move", compare->time_ms);
    g_string_append(text, ").\n");
}

static void explain_arms(const struct lab_plan *plan, GString *text)
{
    g_string_append_printf(text,
                           "Differences are to the baseline, %s, seed by seed, with the 95 %% interval of their mean "
                           "bootstrapped over the seeds; an arm differs only if that excludes 0.\n",
                           plan->arms[0].name);
    if (plan->seed_count == 1)
        g_string_append(text, "One seed has no such interval: nothing can be said to differ.\n");
    else if (plan->seed_count <= 5) /* the chance that all have the same sign */
        g_string_append_printf(
            text,
            "With %d seeds the interval is short: two arms that are the same come out as different in "
            "about %.0f %% of cases or more; six seeds or more are better.\n",
            plan->seed_count, 200 * pow(0.5, plan->seed_count));
}

static void explain_factors(const struct lab_plan *plan, GString *text)
{
    g_string_append_printf(
        text,
        "%d factors in %d arms (Plackett and Burman 1946), each on in half of them. Effects are on - off, "
        "with the 95 %% interval of least squares; a factor differs only if that excludes 0, which by "
        "chance alone one in twenty does. Joint effects of two factors are spread over the others: confirm what stands "
        "out by "
        "arms of its own.\n",
        plan->factor_count, plan->arm_count);
}

char *lab_explain(const struct lab_results *results)
{
    const struct lab_plan *plan = results->plan;
    GString *text = g_string_new(NULL);
    if (!results->finished)
        g_string_append(text, "Unfinished: what is missing is shown as \"-\".\n");
    if (plan->factor_count)
        explain_factors(plan, text);
    else
        explain_arms(plan, text);
    if (plan->keys.kind == LAB_SAME_DATA)
        g_string_append_printf(text, "Games and rows are those of the data; %g %% of the games are held out.\n",
                               100 * plan->keys.held_out);
    bool own = plan->keys.kind == LAB_LOOP;
    g_string_append_printf(text,
                           "Losses are the final net's, on up to 2,048 rows of %s newest games, with the preset "
                           "weights%s. Evaluations are of one thread.\n",
                           own ? "its own" : "the", own ? ", and are therefore not compared between arms" : "");
    explain_elo(plan, text);
    return g_string_free(text, FALSE);
}

/* ---- the table ---- */

/* Text cells, printed with columns as wide as their widest cell. */
struct table {
    GPtrArray *cells; /* char *, row by row */
    guint columns;
};

static void add(struct table *table, const char *text)
{
    g_ptr_array_add(table->cells, g_strdup(text));
}

/* Followed by an empty line; nothing if there are only heads. Frees the cells. */
static void print_table(const struct table *table, FILE *out)
{
    guint rows = table->cells->len / table->columns;
    int *width = g_new0(int, table->columns);
    for (guint i = 0; i < table->cells->len; i++)
        width[i % table->columns] = MAX(width[i % table->columns], (int)strlen(table->cells->pdata[i]));
    for (guint row = 0; rows > 1 && row <= rows; row++) {
        GString *line = g_string_new(NULL);
        for (guint i = 0; row < rows && i < table->columns; i++)
            g_string_append_printf(line, i ? "  %*s" : "%-*s", width[i],
                                   (const char *)table->cells->pdata[row * table->columns + i]);
        fprintf(out, "%s\n", g_strchomp(line->str));
        g_string_free(line, TRUE);
    }
    g_free(width);
    g_ptr_array_unref(table->cells);
}

/* One row for each arm and seed. */
static void print_seeds(const struct lab_results *results, FILE *out)
{
    const struct lab_plan *plan = results->plan;
    struct table table = {g_ptr_array_new_with_free_func(g_free), 2};
    char text[LAB_TEXT_MAX];
    add(&table, "arm");
    add(&table, "seed");
    for (int metric = 0; metric < LAB_METRICS; metric++)
        if (lab_results_has(results, metric)) {
            add(&table, lab_metrics[metric].title);
            table.columns++;
        }
    for (int arm = 0; arm < plan->arm_count; arm++)
        for (int seed = 0; seed < plan->seed_count; seed++) {
            add(&table, plan->arms[arm].name);
            g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, plan->seeds[seed]);
            add(&table, text);
            for (int metric = 0; metric < LAB_METRICS; metric++)
                if (lab_results_has(results, metric))
                    add(&table,
                        lab_format_value(&results->values[arm][seed][metric], lab_metrics[metric].decimals, text));
        }
    print_table(&table, out);
}

static const char *verdict(const struct lab_summary *summary)
{
    return summary->differs ? "differs" : "";
}

/* Means over the seeds, one row for each arm and metric that is compared. */
static void print_means(const struct lab_results *results, FILE *out)
{
    const struct lab_plan *plan = results->plan;
    struct table table = {g_ptr_array_new_with_free_func(g_free), 5};
    char text[LAB_TEXT_MAX];
    static const char *const heads[] = {"mean over seeds", "arm", "mean", "difference (95 %)", ""};
    for (size_t i = 0; i < G_N_ELEMENTS(heads); i++)
        add(&table, heads[i]);
    for (int metric = 0; metric < LAB_METRICS; metric++)
        for (int arm = 0; lab_is_compared(results, metric) && arm < plan->arm_count; arm++) {
            const struct lab_summary summary = lab_summarise(results, arm, metric);
            const struct lab_value mean = {summary.mean, NAN, NAN};
            add(&table, arm ? "" : lab_metrics[metric].title);
            add(&table, plan->arms[arm].name);
            add(&table, lab_format_value(&mean, lab_metrics[metric].decimals, text));
            add(&table, arm ? lab_format_difference(&summary, lab_metrics[metric].decimals, text) : "baseline");
            add(&table, verdict(&summary));
        }
    print_table(&table, out);
}

/* One row for each factor and metric that is compared. */
static void print_effects(const struct lab_results *results, FILE *out)
{
    const struct lab_plan *plan = results->plan;
    struct table table = {g_ptr_array_new_with_free_func(g_free), 6};
    char text[LAB_TEXT_MAX];
    static const char *const heads[] = {"effect", "factor", "off", "on", "on - off (95 %)", ""};
    for (size_t i = 0; i < G_N_ELEMENTS(heads); i++)
        add(&table, heads[i]);
    for (int metric = 0; metric < LAB_METRICS; metric++)
        for (int factor = 0; lab_is_compared(results, metric) && factor < plan->factor_count; factor++) {
            const struct lab_effect effect = lab_effect_of(results, factor, metric);
            const struct lab_value off = {effect.off, NAN, NAN}, on = {effect.on, NAN, NAN};
            int decimals = lab_metrics[metric].decimals;
            add(&table, factor ? "" : lab_metrics[metric].title);
            add(&table, plan->factors[factor].name);
            add(&table, lab_format_value(&off, decimals, text));
            add(&table, lab_format_value(&on, decimals, text));
            add(&table, lab_format_effect(&effect, decimals, text));
            add(&table, effect.differs ? "differs" : "");
        }
    print_table(&table, out);
}

static void print_others(const struct lab_results *results, FILE *out)
{
    char visits[LAB_TEXT_MAX], time[LAB_TEXT_MAX];
    struct table table = {g_ptr_array_new_with_free_func(g_free), 3};
    add(&table, "other players");
    add(&table, lab_metrics[LAB_ELO_VISITS].title);
    add(&table, lab_metrics[LAB_ELO_TIME].title);
    for (guint i = 0; i < results->others->len; i++) {
        const struct lab_other *other = &g_array_index(results->others, struct lab_other, i);
        add(&table, other->name);
        add(&table, lab_format_value(&other->elo[0], 0, visits));
        add(&table, lab_format_value(&other->elo[1], 0, time));
    }
    print_table(&table, out);
}

void lab_print_text(const struct lab_results *results, FILE *out)
{
    const struct lab_plan *plan = results->plan;
    char *title = lab_title(results), *explanation = lab_explain(results);
    fprintf(out, "%s\n", title);
    for (int arm = 0; arm < plan->arm_count; arm++) {
        char *settings = lab_arm_describe(&plan->arms[arm]);
        fprintf(out, "  %s: %s%s\n", plan->arms[arm].name, *settings ? settings : "the shared settings",
                arm ? "" : " (baseline)");
        g_free(settings);
    }
    fputc('\n', out);
    print_seeds(results, out);
    if (plan->factor_count)
        print_effects(results, out);
    else
        print_means(results, out);
    print_others(results, out);
    fputs(explanation, out);
    g_free(title);
    g_free(explanation);
}

/* ---- files ---- */

/* Writes atomically: a reader never sees a part. */
static bool write_file(const struct lab_results *results, const char *folder, const char *name,
                       void (*print)(const struct lab_results *, FILE *), GError **error)
{
    char *text = NULL, *path = g_build_filename(folder, name, NULL);
    size_t length = 0;
    struct atomic_file file;
    FILE *out = open_memstream(&text, &length);
    print(results, out);
    fclose(out);
    bool good = atomic_file_open(&file, path, error) && atomic_file_write(&file, text, length, error) &&
                atomic_file_commit(&file, error);
    free(text);
    g_free(path);
    return good;
}

bool lab_report_write(const struct lab_results *results, const char *folder, GError **error)
{
    return write_file(results, folder, "report.txt", lab_print_text, error) &&
           write_file(results, folder, "report.csv", lab_print_csv, error) &&
           write_file(results, folder, "report.json", lab_print_json, error) &&
           write_file(results, folder, "report.html", lab_print_html, error);
}

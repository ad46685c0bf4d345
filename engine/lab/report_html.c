/* The report as one self-contained HTML page. */
#include <math.h>

#include "engine/lab/factors.h"
#include "engine/lab/plan.h"
#include "engine/lab/report.h"
#include "engine/lab/results.h"
#include "engine/page/page.h"

static const char style[] =
    "body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:80em;padding:0 1em;color:#222;background:#fff}"
    "table{border-collapse:collapse;margin:.5em 0 1.5em}td,th{padding:.25em .6em;border-bottom:1px solid #ddd;"
    "text-align:right;white-space:nowrap}td.l,th.l{text-align:left}h1{font-size:1.5em}h2{font-size:1.15em;"
    "margin-top:1.6em}.w{color:#666}.d{font-weight:600;color:#a33}.wide{overflow-x:auto}svg text{font:13px "
    "system-ui,sans-serif}";

static void print_cell(const char *open, const char *text, const char *close, FILE *out)
{
    fputs(open, out);
    page_print_escaped(out, text);
    fputs(close, out);
}

static void print_arms(const struct lab_results *results, FILE *out)
{
    const struct lab_plan *plan = results->plan;
    fputs("<table><tr><th class=\"l\">arm</th><th class=\"l\">settings</th></tr>\n", out);
    for (int arm = 0; arm < plan->arm_count; arm++) {
        char *settings = lab_arm_describe(&plan->arms[arm]);
        print_cell("<tr><td class=\"l\">", plan->arms[arm].name,
                   arm || plan->factor_count ? "</td>" : " (baseline)</td>", out);
        print_cell("<td class=\"l\">", *settings ? settings : "the shared settings", "</td></tr>\n", out);
        g_free(settings);
    }
    fputs("</table>\n", out);
}

static void print_means(const struct lab_results *results, FILE *out)
{
    const struct lab_plan *plan = results->plan;
    char text[LAB_TEXT_MAX];
    fputs("<h2>Means over the seeds</h2>\n<div class=\"wide\"><table><tr><th class=\"l\"></th><th class=\"l\">arm</th>"
          "<th>mean</th><th>difference (95 %)</th><th class=\"l\"></th></tr>\n",
          out);
    for (int metric = 0; metric < LAB_METRICS; metric++)
        for (int arm = 0; lab_is_compared(results, metric) && arm < plan->arm_count; arm++) {
            const struct lab_summary summary = lab_summarise(results, arm, metric);
            const struct lab_value mean = {summary.mean, NAN, NAN};
            int decimals = lab_metrics[metric].decimals;
            print_cell("<tr><td class=\"l\">", arm ? "" : lab_metrics[metric].title, "</td>", out);
            print_cell("<td class=\"l\">", plan->arms[arm].name, "</td>", out);
            print_cell("<td>", lab_format_value(&mean, decimals, text), "</td>", out);
            print_cell("<td>", arm ? lab_format_difference(&summary, decimals, text) : "baseline", "</td>", out);
            print_cell("<td class=\"l d\">", summary.differs ? "differs" : "", "</td></tr>\n", out);
        }
    fputs("</table></div>\n", out);
}

static void print_effects(const struct lab_results *results, FILE *out)
{
    const struct lab_plan *plan = results->plan;
    char text[LAB_TEXT_MAX];
    fputs("<h2>Effects of the factors</h2>\n<div class=\"wide\"><table><tr><th class=\"l\"></th><th "
          "class=\"l\">factor</th>"
          "<th class=\"l\">settings</th><th>off</th><th>on</th><th>on - off (95 %)</th><th class=\"l\"></th></tr>\n",
          out);
    for (int metric = 0; metric < LAB_METRICS; metric++)
        for (int factor = 0; lab_is_compared(results, metric) && factor < plan->factor_count; factor++) {
            const struct lab_effect effect = lab_effect_of(results, factor, metric);
            const struct lab_value off = {effect.off, NAN, NAN}, on = {effect.on, NAN, NAN};
            int decimals = lab_metrics[metric].decimals;
            char *settings = lab_describe_settings(plan->factors[factor].given);
            print_cell("<tr><td class=\"l\">", factor ? "" : lab_metrics[metric].title, "</td>", out);
            print_cell("<td class=\"l\">", plan->factors[factor].name, "</td>", out);
            print_cell("<td class=\"l\">", settings, "</td>", out);
            print_cell("<td>", lab_format_value(&off, decimals, text), "</td>", out);
            print_cell("<td>", lab_format_value(&on, decimals, text), "</td>", out);
            print_cell("<td>", lab_format_effect(&effect, decimals, text), "</td>", out);
            print_cell("<td class=\"l d\">", effect.differs ? "differs" : "", "</td></tr>\n", out);
            g_free(settings);
        }
    fputs("</table></div>\n", out);
}

static void print_seeds(const struct lab_results *results, FILE *out)
{
    const struct lab_plan *plan = results->plan;
    char text[LAB_TEXT_MAX];
    fputs("<h2>Every arm and seed</h2>\n<div class=\"wide\"><table><tr><th class=\"l\">arm</th><th>seed</th>", out);
    for (int metric = 0; metric < LAB_METRICS; metric++)
        if (lab_results_has(results, metric))
            print_cell("<th>", lab_metrics[metric].title, "</th>", out);
    fputs("</tr>\n", out);
    for (int arm = 0; arm < plan->arm_count; arm++)
        for (int seed = 0; seed < plan->seed_count; seed++) {
            print_cell("<tr><td class=\"l\">", plan->arms[arm].name, "</td>", out);
            fprintf(out, "<td>%" G_GINT64_FORMAT "</td>", plan->seeds[seed]);
            for (int metric = 0; metric < LAB_METRICS; metric++)
                if (lab_results_has(results, metric))
                    print_cell(
                        "<td>",
                        lab_format_value(&results->values[arm][seed][metric], lab_metrics[metric].decimals, text),
                        "</td>", out);
            fputs("</tr>\n", out);
        }
    fputs("</table></div>\n", out);
}

static void print_others(const struct lab_results *results, FILE *out)
{
    char text[LAB_TEXT_MAX];
    if (results->others->len == 0)
        return;
    fputs("<h2>Other players</h2>\n<table><tr><th class=\"l\"></th>", out);
    for (int i = 0; i < 2; i++)
        print_cell("<th>", lab_metrics[LAB_ELO_VISITS + i].title, "</th>", out);
    fputs("</tr>\n", out);
    for (guint i = 0; i < results->others->len; i++) {
        const struct lab_other *other = &g_array_index(results->others, struct lab_other, i);
        print_cell("<tr><td class=\"l\">", other->name, "</td>", out);
        for (int k = 0; k < 2; k++)
            print_cell("<td>", lab_format_value(&other->elo[k], 0, text), "</td>", out);
        fputs("</tr>\n", out);
    }
    fputs("</table>\n", out);
}

/* ---- the plot: a dot with its interval for each seed, a bar for the arm's mean ---- */

static void find_range(const struct lab_results *results, enum lab_metric metric, double *min, double *max)
{
    *min = INFINITY;
    *max = -INFINITY;
    for (int arm = 0; arm < results->plan->arm_count; arm++)
        for (int seed = 0; seed < results->plan->seed_count; seed++) {
            const struct lab_value *v = &results->values[arm][seed][metric];
            if (!isfinite(v->value))
                continue;
            *min = fmin(*min, isfinite(v->low) ? v->low : v->value);
            *max = fmax(*max, isfinite(v->high) ? v->high : v->value);
        }
    if (*max <= *min) {
        *min -= 1;
        *max += 1;
    }
}

static void plot_arm(const struct lab_results *results, int arm, enum lab_metric metric, double min, double scale,
                     int left, int top, FILE *out)
{
    const struct lab_plan *plan = results->plan;
    const struct lab_summary summary = lab_summarise(results, arm, metric);
    int height = 12 * plan->seed_count;
    for (int seed = 0; seed < plan->seed_count; seed++) {
        const struct lab_value *v = &results->values[arm][seed][metric];
        int y = top + 12 * seed + 6;
        if (!isfinite(v->value))
            continue;
        if (isfinite(v->low) && isfinite(v->high))
            fprintf(out, "<path d=\"M%.1f %dH%.1f\" stroke=\"#8ab\"/>", left + scale * (v->low - min), y,
                    left + scale * (v->high - min));
        fprintf(out, "<circle cx=\"%.1f\" cy=\"%d\" r=\"3.5\" fill=\"#357\"/>", left + scale * (v->value - min), y);
    }
    if (isfinite(summary.mean))
        fprintf(out, "<path d=\"M%.1f %dv%d\" stroke=\"#c63\" stroke-width=\"2\"/>",
                left + scale * (summary.mean - min), top, height);
    fprintf(out, "<text x=\"0\" y=\"%d\">", top + height / 2 + 4);
    page_print_escaped(out, plan->arms[arm].name);
    fputs("</text>\n", out);
}

static void print_plot(const struct lab_results *results, enum lab_metric metric, FILE *out)
{
    enum { LEFT = 150, WIDTH = 500, GAP = 12 };
    const struct lab_plan *plan = results->plan;
    int row = 12 * plan->seed_count + GAP, height = plan->arm_count * row + 24;
    double min, max;
    if (!lab_results_has(results, metric))
        return;
    find_range(results, metric, &min, &max);
    print_cell("<h2>", lab_metrics[metric].title, "</h2>\n", out);
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" width=\"%d\">\n", LEFT + WIDTH + 60, height, LEFT + WIDTH + 60);
    for (int arm = 0; arm < plan->arm_count; arm++)
        plot_arm(results, arm, metric, min, WIDTH / (max - min), LEFT, arm * row + GAP / 2, out);
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%.0f</text>", LEFT, height - 6, min);
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%.0f</text></svg>\n", LEFT + WIDTH, height - 6, max);
}

void lab_print_html(const struct lab_results *results, FILE *out)
{
    char *title = lab_title(results), *explanation = lab_explain(results);
    char **sentences = g_strsplit(explanation, "\n", -1);
    print_cell("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>", title, "</title>\n", out);
    fprintf(out, "<style>%s</style></head><body>\n", style);
    print_cell("<h1>", title, "</h1>\n", out);
    print_arms(results, out);
    print_plot(results, LAB_ELO_VISITS, out);
    print_plot(results, LAB_ELO_TIME, out);
    if (results->plan->factor_count)
        print_effects(results, out);
    else
        print_means(results, out);
    print_seeds(results, out);
    print_others(results, out);
    for (int i = 0; sentences[i]; i++)
        if (*sentences[i])
            print_cell("<p class=\"w\">", sentences[i], "</p>\n", out);
    fputs("</body></html>\n", out);
    g_strfreev(sentences);
    g_free(title);
    g_free(explanation);
}

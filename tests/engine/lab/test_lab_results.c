/* Intervals over seeds, differences to the baseline, and reports, with expected values by hand. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/lab/bootstrap.h"
#include "engine/lab/plan.h"
#include "engine/lab/report.h"
#include "engine/lab/results.h"

static bool is_near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

/* n = 3: each end has probability 1/27 = 3.7 %, more than 2.5 %, so the interval is the range. */
Test(lab_bootstrap, three_differences_give_their_range)
{
    double low, high;
    cr_assert(lab_bootstrap((double[]){3, 9, 0}, 3, &low, &high));
    cr_assert(is_near(low, 0) && is_near(high, 9), "%g to %g", low, high);
}

/* n = 4, {1, 2, 3, 6}, 4^4 = 256 resamples. Sums from below: 4 once (1111), 5 in 4 ways (1112): together 5/256 = 1.95 %; 6 in
 * 4 + 6 ways (1113, 1122): 15/256 = 5.9 %, so the lower limit is 6/4. From above: 24 once, 21 in 4 ways (6663): 1.95 %; 20 in
 * 4 ways (6662): 9/256 = 3.5 %, so the upper limit is 20/4. */
Test(lab_bootstrap, four_differences_by_hand)
{
    double low, high;
    cr_assert(lab_bootstrap((double[]){1, 2, 3, 6}, 4, &low, &high));
    cr_assert(is_near(low, 1.5) && is_near(high, 5), "%g to %g", low, high);
}

/* Drawn rather than counted. Of n = 8 alternating signs the sum of a resample is 2 B - 8 with B binomial (8, 1/2):
 * P(B <= 0) = 1/256 = 0.4 %, P(B <= 1) = 9/256 = 3.5 %, so the limits are (2 - 8) / 8 = -0.75 and 0.75. */
Test(lab_bootstrap, eight_differences_are_binomial)
{
    double low, high;
    cr_assert(lab_bootstrap((double[]){1, -1, 1, -1, 1, -1, 1, -1}, 8, &low, &high));
    cr_assert(is_near(low, -0.75) && is_near(high, 0.75), "%g to %g", low, high);
}

Test(lab_bootstrap, needs_two_finite_differences)
{
    double low, high;
    cr_assert_not(lab_bootstrap((double[]){5}, 1, &low, &high));
    cr_assert(isnan(low) && isnan(high));
    cr_assert_not(lab_bootstrap((double[]){5, NAN}, 2, &low, &high));
    cr_assert_not(lab_bootstrap(NULL, 0, &low, &high));
}

/* ---- results ---- */

static struct lab_plan plan;
static struct lab_results results;

static void begin(const char *kind)
{
    static const char format[] = "%s\ngame: go:5\nseeds: [1, 2, 3]\nbudget: {minutes: 2}\n"
                                 "arms: [{name: base}, {name: better, rate: 0.1}, {name: same, net: 2x16}]\n"
                                 "compare: {games: 40, visits: 32, anchors: [random]}\n";
    char *text = g_strdup_printf(format, kind);
    cr_assert(lab_plan_parse(&plan, text, strlen(text), "lab.yaml", NULL));
    lab_results_init(&results, &plan);
    results.finished = true;
    g_free(text);
}

static void set_up(void)
{
    begin("kind: same-data\ndata: x");
}

static void tear_down(void)
{
    lab_results_clear(&results);
    lab_plan_clear(&plan);
}
TestSuite(lab_results, .init = set_up, .fini = tear_down);

static void fill(int arm, enum lab_metric metric, double a, double b, double c)
{
    const double values[] = {a, b, c};
    for (int seed = 0; seed < 3; seed++)
        results.values[arm][seed][metric].value = values[seed];
}

/* Differences 1, 3, 6: mean 10/3, all above 0; and -1, 1, 0. */
Test(lab_results, only_an_interval_without_0_differs)
{
    fill(0, LAB_ELO_VISITS, 10, 20, 30);
    fill(1, LAB_ELO_VISITS, 11, 23, 36);
    fill(2, LAB_ELO_VISITS, 9, 21, 30);
    const struct lab_summary base = lab_summarise(&results, 0, LAB_ELO_VISITS);
    cr_assert(base.mean == 20 && isnan(base.difference) && !base.differs);
    const struct lab_summary better = lab_summarise(&results, 1, LAB_ELO_VISITS);
    cr_assert(is_near(better.mean, 70 / 3.0) && is_near(better.difference, 10 / 3.0) && better.differs);
    cr_assert(is_near(better.low, 1) && is_near(better.high, 6));
    const struct lab_summary same = lab_summarise(&results, 2, LAB_ELO_VISITS);
    cr_assert(is_near(same.difference, 0) && is_near(same.low, -1) && is_near(same.high, 1) && !same.differs);
}

/* Only seeds that both arms have are compared; one of them has no interval. Metrics that are no outcome have no
 * difference. */
Test(lab_results, missing_values)
{
    fill(0, LAB_LOSS, 2, NAN, 4);
    fill(1, LAB_LOSS, 1, 5, NAN);
    fill(0, LAB_PARAMETERS, 5, 5, 5);
    fill(1, LAB_PARAMETERS, 6, 6, 6);
    const struct lab_summary s = lab_summarise(&results, 1, LAB_LOSS);
    cr_assert(s.mean == 3 && s.difference == -1 && isnan(s.low) && !s.differs);
    const struct lab_summary parameters = lab_summarise(&results, 1, LAB_PARAMETERS);
    cr_assert(parameters.mean == 6 && isnan(parameters.difference));
    cr_assert(lab_results_has(&results, LAB_LOSS) && !lab_results_has(&results, LAB_ELO_TIME));
}

/* Each arm of a loop is measured on games of its own, which are as hard to predict as its play makes them: the same values as
 * of the same games, but no verdict. */
Test(lab_results, losses_of_different_games_are_not_compared)
{
    static const enum lab_metric losses[] = {LAB_LOSS, LAB_POLICY_LOSS, LAB_VALUE_LOSS};
    for (int loop = 0; loop < 2; loop++) {
        for (size_t i = 0; i < G_N_ELEMENTS(losses); i++) {
            fill(0, losses[i], 2, 3, 4);
            fill(1, losses[i], 1, 2, 3);
            const struct lab_summary s = lab_summarise(&results, 1, losses[i]);
            cr_expect(s.mean == 2 && lab_is_compared(&results, losses[i]) == !loop && s.differs == !loop);
            cr_expect_eq(isnan(s.difference), loop);
        }
        char *text = lab_explain(&results);
        cr_expect_eq(strstr(text, "of its own newest games") != NULL, loop, "%s", text);
        g_free(text);
        tear_down();
        begin("kind: loop");
    }
    fill(0, LAB_GAMES, 2, 3, 4);
    fill(1, LAB_GAMES, 1, 2, 3);
    cr_expect(lab_summarise(&results, 1, LAB_GAMES).differs, "a loop's games are its own outcome");
}

/* ---- reports ---- */

static void make_up(void)
{
    for (int arm = 0; arm < 3; arm++)
        fill(arm, LAB_PARAMETERS, 1000, 1000, 1000);
    fill(0, LAB_POLICY_LOSS, 1.5, 1.25, 1.75);
    fill(1, LAB_POLICY_LOSS, 1.0, 1.0, 1.0);
    fill(2, LAB_POLICY_LOSS, 1.5, 1.25, 1.75);
    fill(0, LAB_ELO_VISITS, -60, -50, -40);
    fill(1, LAB_ELO_VISITS, 100, 110, 150);
    fill(2, LAB_ELO_VISITS, -70, -40, -40.2);
    results.values[1][1][LAB_ELO_VISITS].low = 80.4;
    results.values[1][1][LAB_ELO_VISITS].high = 139.6;
    const struct lab_other other = {g_strdup("random"), {{0, 0, 0}, {NAN, NAN, NAN}}};
    g_array_append_val(results.others, other);
}

static char *print(void (*form)(const struct lab_results *results, FILE *out))
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    form(&results, out);
    fclose(out);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    cr_assert(strstr(text, part), "no \"%s\" in:\n%s", part, text);
}

/* Differences of policy loss -0.5, -0.25, -0.75, of Elo 160, 160, 190; of the last arm -10, 10, -0.2. */
Test(lab_results, text_report)
{
    make_up();
    char *text = print(lab_print_text);
    assert_has(text, "go:5, same data (x), 120 s of processor time for each of 3 arms and 3 seeds\n");
    assert_has(text, "  base: the shared settings (baseline)\n  better: rate=0.1\n  same: net=2x16\n");
    assert_has(text, "arm     seed  parameters  policy loss  Elo, equal visits\n");
    assert_has(text, "base       1        1000        1.500                -60\n");
    assert_has(text, "better     2        1000        1.000      110 (80..140)\n");
    assert_has(text, "policy loss          base  1.500                 baseline\n");
    assert_has(text, "                   better  1.000  -0.500 (-0.750..-0.250)  differs\n");
    assert_has(text, "                     same  1.500     0.000 (0.000..0.000)\n");
    assert_has(text, "                   better    120           170 (160..190)  differs\n");
    assert_has(text, "                     same    -50              0 (-10..10)\n");
    assert_has(text,
               "With 3 seeds the interval is short: two arms that are the same come out as different in about 25 %");
    assert_has(text, "the first anchor at 0");
    cr_assert_not(strstr(text, "Unfinished") || strstr(text, "held-out"));
    free(text);
}

Test(lab_results, csv_report)
{
    make_up();
    char *text = print(lab_print_csv);
    char **lines = g_strsplit(text, "\n", -1);
    cr_assert_eq(g_strv_length(lines), 1 + 9 + 3 + 2 + 1);
    assert_has(lines[0], "row,arm,seed,parameters,active_parameters,evaluations_per_s,evaluations_per_s_low,");
    assert_has(lines[0], ",elo_visits,elo_visits_low,elo_visits_high,elo_time,elo_time_low,elo_time_high");
    /* After parameters: 3 empty fields of evaluations, 3 of steps, samples, 3 of games, rows, seconds, 3 of loss; then the
     * policy loss; 3 of value loss, 9 held out. */
    cr_assert_str_eq(lines[5], "seed,better,2,1000,,,,,,,,,,,,,,,,,1,,,,,,,,,,,,,,,110,80.4,139.6,,,");
    cr_assert_str_eq(lines[12], "difference,better,,,,,,,,,,,,,,,,,,,-0.5,-0.75,-0.25,,,,,,,,,,,,,170,160,190,,,");
    g_strfreev(lines);
    free(text);
}

Test(lab_results, json_report)
{
    make_up();
    char *text = print(lab_print_json);
    cJSON *json = cJSON_Parse(text);
    cr_assert(json);
    const cJSON *arm = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "arms"), 1);
    cr_assert_str_eq(cJSON_GetObjectItem(arm, "name")->valuestring, "better");
    const cJSON *difference = cJSON_GetObjectItem(cJSON_GetObjectItem(arm, "difference"), "elo_visits");
    cr_assert(cJSON_GetObjectItem(difference, "value")->valuedouble == 170);
    cr_assert(cJSON_IsTrue(cJSON_GetObjectItem(difference, "differs")));
    cr_assert(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetObjectItem(arm, "mean"), "elo_time")));
    cr_assert(cJSON_IsTrue(cJSON_GetObjectItem(json, "finished")));
    cJSON_Delete(json);
    free(text);
}

Test(lab_results, page)
{
    make_up();
    char *text = print(lab_print_html);
    assert_has(text, "<td>110 (80..140)</td>");
    assert_has(text, "differs</td>");
    assert_has(text, "<svg");
    cr_assert_not(strstr(text, "src=") || strstr(text, "href="), "the page refers to other files");
    free(text);
}

Test(lab_results, unfinished_report_says_so)
{
    fill(0, LAB_LOSS, 2, NAN, NAN);
    results.finished = false;
    char *text = print(lab_print_text);
    assert_has(text, "Unfinished");
    assert_has(text, "base       2      -\n");
    free(text);
}

/* Screening designs, the effects of factors, and their report, with expected values by hand. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/lab/factors.h"
#include "engine/lab/plan.h"
#include "engine/lab/report.h"
#include "engine/lab/results.h"

static struct lab_plan plan;
static struct lab_results results;

static void tear_down(void)
{
    if (results.plan)
        lab_results_clear(&results);
    lab_plan_clear(&plan);
}
TestSuite(lab_factors, .fini = tear_down);

static bool is_near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

static void read_plan(const char *factors, const char *seeds)
{
    GError *error = NULL;
    char *text = g_strdup_printf("game: go:5\nseeds: %s\nbudget: {steps: 7}\nsettings: {rate: 0.5}\nfactors: %s\n",
                                 seeds, factors);
    cr_assert(lab_plan_parse(&plan, text, strlen(text), "lab.yaml", &error), "%s", error ? error->message : "");
    g_free(text);
    lab_results_init(&results, &plan);
}

Test(lab_factors, the_smallest_design_that_holds_them)
{
    static const int arms[LAB_MAX_FACTORS + 1] = {0, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12, 16, 16, 16, 16};
    for (int factors = 1; factors <= LAB_MAX_FACTORS; factors++)
        cr_expect_eq(lab_design_arms(factors), arms[factors], "%d", factors);
    cr_assert(LAB_MAX_ARMS >= lab_design_arms(LAB_MAX_FACTORS));
}

/* Each factor is on in half of the arms, each two are on together in a quarter, and none is in the first arm. */
Test(lab_factors, designs_are_balanced)
{
    for (int arms = 4; arms <= 16; arms += 4)
        for (int f = 0; f < arms - 1; f++) {
            cr_assert_not(lab_design_is_on(arms, 0, f));
            for (int g = f; g < arms - 1; g++) {
                int both = 0;
                for (int arm = 0; arm < arms; arm++)
                    both += lab_design_is_on(arms, arm, f) && lab_design_is_on(arms, arm, g);
                cr_expect_eq(both, f == g ? arms / 2 : arms / 4, "%d arms, factors %d and %d: %d", arms, f, g, both);
            }
        }
}

Test(lab_factors, arms_have_the_settings_of_their_factors)
{
    read_plan("{muon: {optimiser: muon, rate: 0.004}, deep: {visits: 32}}", "[1]");
    static const char *const given[] = {"", "optimiser=muon rate=0.004 visits=32", "optimiser=muon rate=0.004",
                                        "visits=32"};
    cr_assert_eq(plan.arm_count, 4);
    int found[4] = {0};
    for (int arm = 0; arm < 4; arm++) {
        char *text = lab_arm_describe(&plan.arms[arm]);
        for (int i = 0; i < 4; i++)
            found[i] += strcmp(text, given[i]) == 0;
        g_free(text);
    }
    cr_assert(found[0] == 1 && found[1] == 1 && found[2] == 1 && found[3] == 1);
    cr_assert_str_eq(plan.arms[0].name, "base");
    cr_assert_str_eq(plan.arms[3].name, "screen-3");
    cr_assert(plan.arms[0].given->len == 0);
}

/* What a factor adds comes back, whatever the others and the seeds add. */
Test(lab_factors, effects_are_separated)
{
    read_plan("{a: {rate: 1}, b: {visits: 9}, c: {batch: 32}, d: {window: 999}}", "[1, 2]");
    static const double adds[] = {10, -4, 0, 2};
    for (int arm = 0; arm < plan.arm_count; arm++)
        for (int seed = 0; seed < 2; seed++) {
            double value = 100 + 50 * seed;
            for (int f = 0; f < 4; f++)
                value += lab_design_is_on(plan.arm_count, arm, f) ? adds[f] : 0;
            results.values[arm][seed][LAB_ELO_VISITS].value = value;
        }
    for (int f = 0; f < 4; f++) {
        const struct lab_effect e = lab_effect_of(&results, f, LAB_ELO_VISITS);
        cr_expect(is_near(e.effect, adds[f]), "%d: %g", f, e.effect);
        cr_expect(is_near(e.on - e.off, adds[f]));
        cr_expect(fabs(e.high - e.effect) < 1e-4 && e.differs == (adds[f] != 0), "%d: %g..%g", f, e.low, e.high);
    }
    const struct lab_effect a = lab_effect_of(&results, 0, LAB_ELO_VISITS);
    /* 125 is the mean of the seeds; of the other factors, -4 and 2 are on in half of the arms with a. */
    cr_expect(is_near(a.off, 125 - 1) && is_near(a.on, 125 - 1 + 10), "%g, %g", a.off, a.on);
}

/* One factor, four arms, one seed: 1, 2 without it and 5, 8 with it. The effect is 5; the residual sum of squares of 4 - 1 - 1 = 2
 * degrees of freedom is 0.5 + 4.5 = 5, too few for an interval. With a second seed of the same values plus 7 there are 8 - 2 - 1 =
 * 5: the sum is 10, the variance 2, the standard error of a difference of two means of four sqrt(2 (1/4 + 1/4)) = 1, and the
 * quantile of 5 degrees of freedom 2.5706. */
Test(lab_factors, interval_by_hand)
{
    read_plan("{a: {rate: 1}}", "[1, 2]");
    static const double off[] = {1, 2}, on[] = {5, 8};
    int offs = 0, ons = 0;
    for (int arm = 0; arm < 4; arm++)
        results.values[arm][0][LAB_ELO_TIME].value = lab_design_is_on(4, arm, 0) ? on[ons++] : off[offs++];
    struct lab_effect e = lab_effect_of(&results, 0, LAB_ELO_TIME);
    cr_assert(is_near(e.effect, 5) && isnan(e.low) && isnan(e.high) && !e.differs);
    for (int arm = 0; arm < 3; arm++)
        results.values[arm][1][LAB_ELO_TIME].value = results.values[arm][0][LAB_ELO_TIME].value + 7;
    e = lab_effect_of(&results, 0, LAB_ELO_TIME); /* the second seed lacks an arm */
    cr_assert(is_near(e.effect, 5) && isnan(e.low));
    results.values[3][1][LAB_ELO_TIME].value = results.values[3][0][LAB_ELO_TIME].value + 7;
    e = lab_effect_of(&results, 0, LAB_ELO_TIME);
    cr_assert(is_near(e.effect, 5) && e.differs);
    cr_assert(fabs(e.low - (5 - 2.5706)) < 0.01 && fabs(e.high - (5 + 2.5706)) < 0.01, "%g..%g", e.low, e.high);
}

Test(lab_factors, without_values_nothing_is_known)
{
    read_plan("{a: {rate: 1}}", "[1]");
    const struct lab_effect e = lab_effect_of(&results, 0, LAB_STEPS);
    cr_assert(isnan(e.effect) && isnan(e.low) && !e.differs);
}

static char *print(void (*printer)(const struct lab_results *, FILE *))
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    printer(&results, out);
    fclose(out);
    return text;
}

/* All forms show effects, and none a difference of a single arm, which means nothing here. */
Test(lab_factors, reports_show_effects)
{
    read_plan("{warm: {rate: 1}}", "[1, 2]");
    for (int arm = 0; arm < 4; arm++)
        for (int seed = 0; seed < 2; seed++)
            results.values[arm][seed][LAB_ELO_VISITS].value = arm + 100 * lab_design_is_on(4, arm, 0);
    char *text = print(lab_print_text), *csv = print(lab_print_csv), *html = print(lab_print_html),
         *json = print(lab_print_json);
    const struct lab_effect e = lab_effect_of(&results, 0, LAB_ELO_VISITS);
    char expected[LAB_TEXT_MAX];
    lab_format_effect(&e, 0, expected);
    cr_assert(strstr(text, expected) && strstr(text, "warm") && !strstr(text, "baseline\n"), "%s", text);
    cr_assert(strstr(html, expected) && strstr(html, "Effects of the factors"));
    cr_assert(strstr(csv, "\neffect,warm,") && !strstr(csv, "\ndifference,"), "%s", csv);
    cJSON *object = cJSON_Parse(json), *factor = cJSON_GetArrayItem(cJSON_GetObjectItem(object, "factors"), 0);
    cJSON *effect = cJSON_GetObjectItem(cJSON_GetObjectItem(factor, "effect"), "elo_visits");
    cr_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(factor, "settings")), "rate=1");
    cr_assert(cJSON_IsTrue(cJSON_GetObjectItem(effect, "differs")), "%s", json);
    cJSON_Delete(object);
    free(text);
    free(csv);
    free(html);
    free(json);
}

#define REST "game: go:5\nseeds: [1]\nbudget: {steps: 7}\n"

Test(lab_factors, errors_name_line_and_column)
{
    static const char *const cases[][2] = {
        {"factors: [a]\n", "lab.yaml, line 1, column 10: factors takes a mapping"},
        {"factors: {}\n", "lab.yaml, line 1, column 10: factors needs at least one"},
        {"factors: {a: 3}\n", "lab.yaml, line 1, column 14: a factor takes the settings"},
        {"factors: {a: {}}\n", "lab.yaml, line 1, column 14: a factor takes the settings"},
        {"factors: {a/b: {rate: 1}}\n", "lab.yaml, line 1, column 11: a factor's name has"},
        {"factors:\n  a: {rate: 1}\n  a: {visits: 9}\n", "lab.yaml, line 3, column 3: two factors have the name \"a\""},
        {"factors:\n  a: {rate: 1}\n  b: {rate: 2}\n", "lab.yaml, line 3, column 7: the factor a sets rate, too"},
        {"factors: {a: {seed: 1}}\n", "lab.yaml, line 1, column 15: seed is the same for all arms"},
        {REST "factors: {a: {rate: 1}}\narms: [{name: a}, {name: b}]\n",
         "lab.yaml, line 1, column 1: arms and factors exclude each other"},
        {REST, "lab.yaml, line 1, column 1: the key arms is missing"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        lab_plan_clear(&plan);
        cr_assert_not(lab_plan_parse(&plan, cases[i][0], strlen(cases[i][0]), "lab.yaml", &error), "%s", cases[i][0]);
        cr_assert(g_str_has_prefix(error->message, cases[i][1]), "\"%s\": %s", cases[i][0], error->message);
        g_clear_error(&error);
    }
}

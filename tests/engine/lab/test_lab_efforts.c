/* Players of a lab's comparison that are an arm's nets with another effort. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "engine/lab/efforts.h"
#include "engine/lab/lab.h"
#include "engine/lab/plan.h"
#include "engine/lab/results.h"
#include "tests/delete_folder.h"

static void read_plan(struct lab_plan *plan, const char *compare)
{
    GError *error = NULL;
    char *text = g_strdup_printf("game: gomoku:3,line=3\nseeds: [1, 2]\nbudget: {steps: 2}\n"
                                 "settings: {batch: 16, warmup: 5, visits: 4, first_rows: 20}\n"
                                 "arms: [{name: a, net: 'conv:8 res:8'}, {name: b, net: 'conv:8 loop:8+steps=1..2'}]\n"
                                 "compare: {games: 2, visits: 4%s}\n",
                                 compare);
    cr_assert(lab_plan_parse(plan, text, strlen(text), "lab.yaml", &error) && lab_plan_settle(plan, &error), "%s",
              error ? error->message : "");
    g_free(text);
}

Test(lab_efforts, text)
{
    static const char *const refused[][2] = {
        {"a+steps=3", "steps and settle need a net with a loop"},
        {"c+steps=3", "efforts has \"c+steps=3\": there is no such arm; write ARM+steps=N"},
        {"", "there is no such arm"},
        {"b", "it is the arm itself"},
        {"b+", "unknown option"},
        {"b+visits=3", "unknown option"},
        {"b+steps=17", "steps takes a whole number, 1 to 16"},
        {"b+settle=x", "settle takes a number"},
    };
    struct lab_plan plan = {0};
    struct lab_effort effort;
    read_plan(&plan, "");
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        GError *error = NULL;
        cr_assert_not(lab_effort_parse(&plan, refused[i][0], &effort, &error), "%s", refused[i][0]);
        cr_expect(error && strstr(error->message, refused[i][1]), "%s: %s", refused[i][0], error ? error->message : "");
        g_clear_error(&error);
    }
    cr_assert(lab_effort_parse(&plan, "b+steps=3+settle=0.1", &effort, NULL));
    cr_expect_eq(effort.arm, 1);
    cr_expect_str_eq(effort.name, "b+steps-3+settle-0.1");
    cr_expect_str_eq(effort.options, "steps=3,settle=0.1");
    lab_effort_clear(&effort);
    lab_plan_clear(&plan);
}

static char *folder;

static void set_up(void)
{
    folder = g_dir_make_tmp("tengen-efforts-XXXXXX", NULL);
    cr_assert(folder);
}

static void tear_down(void)
{
    delete_folder(folder);
    g_free(folder);
}

TestSuite(lab_efforts_run, .init = set_up, .fini = tear_down);

/* They play beside the arms, whose nets they are, and have ratings; errors are found before anything is trained. */
Test(lab_efforts_run, players)
{
    static const char *const names[] = {"b+steps-1/1", "b+steps-1/2", "b+steps-5+settle-0.1/1",
                                        "b+steps-5+settle-0.1/2"};
    struct lab_plan plan = {0};
    struct lab lab;
    struct lab_results results;
    GError *error = NULL;
    read_plan(&plan, ", efforts: [b+steps=1, a+steps=2]");
    cr_assert_not(lab_check(&plan, folder, &error));
    cr_expect(error && strstr(error->message, "lab.yaml: compare: steps and settle need a net with a loop"));
    g_clear_error(&error);
    lab_plan_clear(&plan);
    read_plan(&plan, ", efforts: [b+steps=1, b+steps=5+settle=0.1]");
    cr_assert(lab_open(&lab, &plan, folder, &error), "%s", error ? error->message : "");
    lab_results_init(&results, &plan);
    cr_assert_eq(lab_run(&lab, &results, &error), LAB_FINISHED, "%s", error ? error->message : "");
    cr_assert_eq(results.others->len, 4);
    for (guint i = 0; i < 4; i++) {
        const struct lab_other *other = &g_array_index(results.others, struct lab_other, i);
        cr_expect_str_eq(other->name, names[i]);
    }
    lab_results_clear(&results);
    lab_close(&lab);
    lab_plan_clear(&plan);
}

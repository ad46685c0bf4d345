/* What a session is expected to yield, and the choice of a network. */
#include "engine/plan/plan.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/commands/train/train.h"
#include "engine/settings/settings.h"
#include "games/game.h"
#include "net/net.h"

static struct game game;
static struct settings settings;

static void set_up(void)
{
    cr_assert(game_parse(&game, "go:5", NULL));
    settings_presets(&settings, &game);
    settings.samples_per_row = 6;
    settings.samples_floor = 2;
    settings.batch = 128;
    settings.ladder_share = 0;
}
TestSuite(plan, .init = set_up);

static struct plan_yield yield_of(double rows, double samples, int threads)
{
    return plan_yield(&(struct plan_rates){.rows = rows, .samples = samples}, &settings, threads, 100);
}

static void expect(struct plan_yield yield, double rows, double samples)
{
    cr_expect_float_eq(yield.rows, rows, 1e-6 * rows, "%g rows", yield.rows);
    cr_expect_float_eq(yield.samples, samples, 1e-6 * samples, "%g samples", yield.samples);
    cr_expect_eq(yield.steps, (int64_t)(samples / 128 + 0.5));
}

/* A row takes 10 ms of a thread, and its six samples 5 ms: two threads make 2 / 15 ms. */
Test(plan, threads_share_self_play_and_training)
{
    expect(yield_of(200, 1200, 2), 100 / 0.0075, 600 / 0.0075);
    expect(yield_of(100, 1200, 1), 100 / 0.015, 600 / 0.015);
    settings.ladder_share = 0.1;
    expect(yield_of(200, 1200, 2), 90 / 0.0075, 540 / 0.0075);
}

/* One thread trains on 300 samples a second, the other makes 100 rows: three samples for each. */
Test(plan, one_thread_trains_at_a_time)
{
    expect(yield_of(200, 300, 2), 10000, 30000);
    /* 150 samples a second are 1.5 for each row, below the floor: self-play waits. */
    expect(yield_of(200, 150, 2), 7500, 15000);
    settings.samples_per_row = 1; /* the floor is then that */
    expect(yield_of(200, 60, 2), 6000, 6000);
}

Test(plan, rows_grow_more_slowly_than_the_cost)
{
    cr_expect_float_eq(plan_least_rows(61e6, 81), 1e6, 1);
    cr_expect_float_eq(plan_least_rows(61e6 / 81 * 361, 361), 1e6, 1, "the same network on another board");
    cr_expect_float_eq(plan_least_rows(4 * 61e6, 81), 2329467.2, 1); /* 4^0.61 */
}

Test(plan, is_worth_it_from_the_least_rows_on)
{
    /* 20 million rows in 25 hours by two threads, less training */
    struct plan_rates rates = {.flops = 61e6 / 81 * 25, .rows = 200, .samples = 1200};
    const double rate = 1 / 0.0075;
    cr_expect(plan_is_worth(&rates, &settings, &game, 2, 1.01e6 / rate));
    cr_expect_not(plan_is_worth(&rates, &settings, &game, 2, 0.99e6 / rate));
    rates.flops *= 2;
    cr_expect_not(plan_is_worth(&rates, &settings, &game, 2, 1.01e6 / rate));
}

Test(plan, is_useful_for_new_runs_with_time)
{
    struct game tiny;
    cr_assert(game_parse(&tiny, "gomoku:3,line=3", NULL));
    cr_expect(plan_is_useful(&settings, &game, 120));
    cr_expect_not(plan_is_useful(&settings, &game, 119));
    cr_expect_not(plan_is_useful(&settings, &tiny, 120));
    settings.deterministic = 1;
    cr_expect_not(plan_is_useful(&settings, &game, 120));
    settings.deterministic = 0;
    g_strlcpy(settings.from, "default", sizeof settings.from);
    cr_expect_not(plan_is_useful(&settings, &game, 120));
}

/* In a minute none but the smallest is worth it, so the next is measured and left. */
Test(plan, measures_up_to_the_first_that_is_not_worth_it)
{
    struct plan plan;
    GError *error = NULL;
    const struct plan_question question = {
        .settings = &settings, .games = &game, .game_count = 1, .threads = 2, .seconds = 60};
    cr_assert(plan_measure(&plan, &question, &error), "%s", error ? error->message : "");
    cr_assert_eq(plan.count, 2);
    cr_expect_eq(plan.chosen, 0);
    cr_expect_str_eq(plan.rates[0].net, "4x48");
    cr_expect_str_eq(plan.rates[1].net, "5x64");
    for (int i = 0; i < 2; i++) {
        const struct plan_rates *rates = &plan.rates[i];
        cr_expect(rates->samples > 0 && rates->evaluations >= rates->rows && rates->rows > 0, "%s", rates->net);
    }
    cr_expect(plan.rates[0].flops < plan.rates[1].flops);
    cr_expect_float_eq(plan.seconds, fmax(60 - plan.spent, 1), 1e-9);
    cr_expect(plan.spent > 0);
}

static char *print(const struct plan *plan, bool json)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    plan_print(out, plan, &settings, &game, json);
    fclose(out);
    return text;
}

Test(plan, says_what_it_chose_and_why)
{
    const struct plan plan = {
        .rates = {{"4x48", 61e6 / 81 * 10, 4000, 200, 1200}, {"5x64", 61e6 / 81 * 25, 2000, 100, 600}},
        .count = 2,
        .threads = 2,
        .seconds = 3600,
        .spent = 12};
    char *text = print(&plan, false);
    cr_expect(
        strstr(text,
               "Measured for 12 s: 4x48 4000 evaluations/s, 1200 samples/s; 5x64 2000 evaluations/s, 600 samples/s."),
        "%s", text);
    cr_expect(strstr(text, "Net 4x48; 5x64 would see 240,000 rows and is worth its cost from 1.0 million on"), "%s",
              text);
    cr_expect(strstr(text, "Expected in 1 h 00 min: about 480,000 rows from self-play at 16 visits, and 22,000 steps "
                           "(2.9 million samples, "
                           "6.0 per row); the replay window grows to 125,000 rows, the learning rate falls from 0.015 "
                           "to 0.0015 at the end."),
              "%s", text);
    free(text);
    text = print(&plan, true);
    cJSON *object = cJSON_Parse(text), *net = cJSON_GetArrayItem(cJSON_GetObjectItem(object, "nets"), 1);
    cr_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(object, "event")), "plan", "%s", text);
    cr_expect_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(object, "net")), "4x48");
    cr_expect_eq(cJSON_GetObjectItem(object, "rows")->valueint, 480000);
    cr_expect_eq(cJSON_GetObjectItem(object, "steps")->valueint, 22500);
    cr_expect_eq(cJSON_GetObjectItem(net, "rows")->valueint, 240000);
    cr_expect_eq(cJSON_GetObjectItem(net, "least_rows")->valueint, 1000000);
    cJSON_Delete(object);
    free(text);
}

/* A network that the user gives is kept, in whatever way it is given; otherwise the measurement decides, and its time is deducted. */
Test(plan, a_given_network_is_kept)
{
    char *set[] = {"visits=8", "net=2x32", NULL}, *other[] = {"visits=8", NULL};
    const struct train_arguments given[] = {
        {.net = "2x32", .json = true}, {.set = set, .json = true}, {.backend = "plain", .json = true}};
    GError *error = NULL;
    double seconds = 120;
    g_strlcpy(settings.net, "2x32", sizeof settings.net);
    for (size_t i = 0; i < G_N_ELEMENTS(given); i++)
        cr_assert(train_plan(&given[i], &settings, &game, 1, 1, NET_AUTO, &seconds, &error));
    cr_expect_str_eq(settings.net, "2x32");
    cr_expect_eq(seconds, 120);
    const struct train_arguments none = {.set = other, .json = true};
    cr_assert(train_plan(&none, &settings, &game, 1, 1, NET_AUTO, &seconds, &error));
    cr_expect_str_eq(settings.net, "4x48");
    cr_expect(seconds < 119 && seconds > 60, "%g", seconds);
}

/* What a report finds in a run's store, and its JSON and CSV. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <sqlite3.h>

#include "engine/report/internal.h"
#include "engine/report/report.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/judge/quality.h"
#include "games/game.h"
#include "tests/engine/report/made_run.h"

static struct made_run made;
static struct report report;

static void set_up(void)
{
    GError *error = NULL;
    made_run_create(&made);
    cr_assert(report_read_all(made.store, &report, &error), "%s", error ? error->message : "");
}

static void tear_down(void)
{
    report_clear(&report);
    made_run_remove(&made);
}

TestSuite(report, .init = set_up, .fini = tear_down);

#define near(a, b) cr_expect_float_eq(a, b, 1e-3, "%s is %g", #a, (double)(a))

static const struct report_opening *opening(guint i)
{
    return &g_array_index(report.openings, struct report_opening, i);
}

/* The third report is of a session that began at the checkpoint of 210 s. */
Test(report, sessions_share_a_clock)
{
    static const double seconds[] = {100, 200, 310}, checkpoints[] = {0, 100, 210};
    cr_assert_eq(report.progress->len, 3);
    for (guint i = 0; i < 3; i++)
        near(g_array_index(report.progress, struct store_metric, i).seconds, seconds[i]);
    near(report.total_hours, 310.0 / 3600);
    for (guint i = 0; i < 3; i++)
        near(g_array_index(report.checkpoints, struct report_checkpoint, i).hours, checkpoints[i] / 3600);
    cr_expect_str_eq(report.name, "a<b>&\"c");
}

/* 30 games are one period, whose middle is at 150 s: the first player won 20 of 30, and the plies are 20 times 5 and 10 times 6. */
Test(report, periods)
{
    cr_assert(report.periods == 1 && report.shapes->len == 1);
    const struct report_shape *shape = &g_array_index(report.shapes, struct report_shape, 0);
    cr_expect(shape->shape.width == 3 && shape->shape.height == 3 && shape->games == 30);
    cr_expect(shape->periods[0].games == 30 && shape->periods[0].plies == 160);
    near(shape->periods[0].first_points, 20);
    near(report.hours[0], 150.0 / 3600);
    cr_expect(report_period_of(&report, 29, 0, 30) == 0 && report_period_of(&report, 30, 0, 30) == -1);
}

/* Of the 20 games from a corner half are turned: one line. Its image that comes first begins at 0, and goes on at 1. Of the 10 others the
 * first image begins at 1, and goes on at 0. */
Test(report, openings_are_one_with_their_images)
{
    cr_assert_geq(report.openings->len, 8);
    const struct report_opening *corner = opening(0), *edge = opening(4);
    cr_expect(corner->length == 1 && corner->moves[0] == 0 && corner->games == 20 && corner->of == 30 &&
              corner->searched == 0);
    near(corner->first_points, 20);
    cr_expect(opening(1)->length == 2 && opening(1)->moves[1] == 1 && opening(1)->games == 20 &&
              opening(1)->searched == 20);
    cr_expect(opening(3)->length == 4);
    cr_expect(edge->length == 1 && edge->moves[0] == 1 && edge->games == 10);
    near(edge->first_points, 0);
}

/* The net's -ln p(result) is ln 2 on all plies but the 4 of game 28, to whose mover it gives 0: at two plies the mover lost, at two it
 * won, which costs -ln of the least probability. */
Test(report, foresight)
{
    const struct report_foresight *f = &report.foresight[0];
    cr_assert(f->games == 30 && f->plies == 130 && f->policies == 130);
    cr_expect_float_eq(f->value_loss, 126 * log(2) - 2 * log(1e-4), 0.01, "as exact as it is stored");
    cr_expect_float_eq(f->policy_loss, 65, 0.5);
}

/* In game 28 the search changed the value from -1 to 0.5, at the second ply first; in the others from 0, of which the newest are taken. */
Test(report, picks)
{
    int count[REPORT_PICKS] = {0};
    for (guint i = 0; i < report.picks->len; i++) {
        const struct report_pick *pick = &g_array_index(report.picks, struct report_pick, i);
        cr_expect(i == 0 || pick->kind >= pick[-1].kind);
        if (count[pick->kind]++ == 0 && pick->kind == REPORT_SURPRISE) {
            cr_expect(pick->record->number == 28 && pick->ply == 1);
            near(pick->figure, 1.5);
        } else if (pick->kind == REPORT_SURPRISE) {
            static const uint64_t newest[] = {28, 29, 27, 26, 25};
            cr_expect_eq(pick->record->number, newest[count[REPORT_SURPRISE] - 1]);
        } else if (count[pick->kind] == 1 && pick->kind == REPORT_LONGEST) {
            cr_expect(pick->record->ply_count == 6);
        } else if (pick->kind == REPORT_TURNED) {
            near(pick->figure, 0.75);
        }
    }
    cr_expect(count[REPORT_LONGEST] == PICKS_EACH && count[REPORT_TURNED] == PICKS_EACH);
    cr_expect_eq(count[REPORT_CLOSEST], 0, "five values are too few to call a game close");
    cr_expect_eq(count[REPORT_SURPRISE], PICKS_SURPRISES);
}

Test(report, ladder)
{
    cr_expect(report.ladder_games == 6);
    near(report.ladder_seconds, 9);
    near(report.self_play_share, 0.75);
    cr_assert_eq(report.ratings->len, 2);
    near(g_array_index(report.ratings, struct report_rating, 1).hours, 210.0 / 3600);
}

/* ---- the forecast ---- */

static void fit(const double *hours, const double *elo, int count)
{
    g_array_set_size(report.ratings, 0);
    report.fit = (struct report_fit){0};
    report.total_hours = 0;
    for (int i = 0; i < count; i++) {
        const struct report_rating rating = {(uint32_t)i, hours[i], elo[i], elo[i] - 98, elo[i] + 98};
        g_array_append_val(report.ratings, rating);
    }
    report_fit(&report);
}

/* 100 Elo a doubling, standard errors of 50. x = 0..4 has squares of 10 about its mean 2, so the slope's error is 50 / sqrt(10) = 15.81;
 * at 32 hours, x = 5, the line's is 50 sqrt(1 / 5 + 9 / 10) = 52.44. Student's quantile for 3 degrees of freedom is 3.182. */
Test(report, forecast)
{
    static const double hours[] = {1, 2, 4, 8, 16, 0}, elo[] = {0, 100, 200, 300, 400, -500};
    fit(hours, elo, 6); /* the net at the start is at no logarithm */
    cr_assert(report.fit.known && report.fit.points == 5);
    near(report.fit.slope, 100);
    cr_expect_float_eq(report.fit.slope_high - report.fit.slope, 3.182 * 15.81, 1);
    near(report.fit.ahead[0].hours, 32);
    near(report.fit.ahead[0].elo, 500);
    cr_expect_float_eq(report.fit.ahead[0].high - 500, 3.182 * 52.44, 3);
    near(report.fit.ahead[1].elo, 600);
}

/* The residuals 300, -300, 0, -300, 300 leave the slope at 0 and have a chi square of 4 * 36 = 144 with 3 degrees of freedom: the errors
 * grow by sqrt(48). */
Test(report, forecast_of_scattered_points)
{
    static const double hours[] = {1, 2, 4, 8, 16}, elo[] = {300, -300, 0, -300, 300};
    fit(hours, elo, 5);
    cr_assert(report.fit.known);
    near(report.fit.slope, 0);
    cr_expect_float_eq(report.fit.slope_high, 3.182 * 15.81 * sqrt(48), 6);
}

Test(report, no_forecast_from_few_points)
{
    static const double hours[] = {1, 2, 4, 8, 16}, close[] = {4, 5, 6, 7, 8}, elo[] = {0, 100, 200, 300, 400};
    fit(hours, elo, 4);
    cr_expect(!report.fit.known && report.fit.points == 4);
    fit(close, elo, 5);
    cr_expect(!report.fit.known && report.fit.points == 5);
}

/* ---- for programs ---- */

static double number(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(object, name);
    cr_assert(cJSON_IsNumber(item), "%s", name);
    return item->valuedouble;
}

Test(report, json)
{
    cJSON *json = report_json(&report);
    const cJSON *openings = cJSON_GetObjectItem(json, "openings"), *picks = cJSON_GetObjectItem(json, "picks");
    const cJSON *periods = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "periods"), 0);
    cr_expect_eq(cJSON_GetArraySize(openings), (int)report.openings->len);
    cr_expect_str_eq(cJSON_GetObjectItem(cJSON_GetArrayItem(openings, 1), "moves")->valuestring, "A3 B3");
    cr_expect_eq(cJSON_GetArraySize(picks), (int)report.picks->len);
    cr_expect_str_eq(cJSON_GetObjectItem(periods, "board")->valuestring, "3");
    near(number(periods, "plies"), 160.0 / 30);
    near(number(periods, "first_score"), 20.0 / 30);
    cr_expect_eq(number(cJSON_GetObjectItem(json, "quality"), "games"), 30);
    cr_expect_eq(number(json, "best"), 2);
    near(number(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "progress"), 1), "unseen_value_loss"), 0.95);
    near(number(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "new_games"), 0), "policy_divergence"), 0.5);
    cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "progress")), 3);
    cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "checkpoints")), 3);
    cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "elo")), 2);
    cr_expect(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "forecast"), "elo_per_doubling")));
    cJSON_Delete(json);
}

/* A damaged game costs what is read from the games, not the report. */
Test(report, damaged_game)
{
    struct report damaged = {0};
    sqlite3 *db;
    GError *error = NULL;
    char *path = g_build_filename(made.folder, "run.db", NULL);
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, "UPDATE games SET data = x'00' WHERE number = 29", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    cr_assert(report_read(made.store, &damaged, &error), "%s", error ? error->message : "");
    cr_expect(damaged.quality.games == 0 && damaged.counts.games == 30 && report.quality.games == 30);
    report_clear(&damaged);
    g_free(path);
}

static int count_leaves(const cJSON *item)
{
    int count = 0;
    const cJSON *inner;
    if (!cJSON_IsObject(item) && !cJSON_IsArray(item))
        return 1;
    cJSON_ArrayForEach(inner, item) count += count_leaves(inner);
    return count;
}

/* One line for each figure of the JSON object. */
Test(report, csv)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    report_print_csv(&report, out);
    fclose(out);
    cJSON *json = report_json(&report);
    int lines = 0;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    cr_expect_eq(lines, count_leaves(json) + 1);
    cr_expect(g_str_has_prefix(text, "part,row,name,value\nrun,1,\"game\",\"gomoku:3,line=3\"\n"), "%.200s", text);
    cr_expect(strstr(text, "\nrun,1,\"run\",\"a<b>&\"\"c\"\n"));
    cr_expect(strstr(text, "\ncheckpoints,2,\"generation\",1\n"));
    cr_expect(strstr(text, "\nforecast,1,\"elo_per_doubling\",\n"), "unknown: an empty field");
    cJSON_Delete(json);
    free(text);
}

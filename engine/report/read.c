#include <math.h>
#include <sqlite3.h>
#include <stdio.h>

#include "engine/ladder/ladder.h"
#include "engine/match/statistics/rating.h"
#include "engine/report/internal.h"
#include "engine/report/report.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/judge/quality.h"
#include "engine/training/judge/verdict.h"
#include "games/game.h"

enum { LAST_GAMES = 1000, QUALITY_ROWS = 50000 };

static sqlite3_stmt *prepare(struct store *store, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(store_database(store), sql, -1, &statement, NULL);
    return statement;
}

/* The metrics that have losses. */
static GArray *read_metrics(struct store *store)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct store_metric));
    int64_t last = 0;
    guint kept = 0;
    store_read_metrics(store, &last, all);
    for (guint i = 0; i < all->len; i++) {
        const struct store_metric metric = g_array_index(all, struct store_metric, i);
        if (metric.loss > 0)
            g_array_index(all, struct store_metric, kept++) = metric;
    }
    return g_array_set_size(all, kept);
}

static struct last_games read_last_games(struct store *store)
{
    struct last_games last = {0};
    char *sql = g_strdup_printf("SELECT count(*), sum(outcome = %d), sum(outcome = %d), sum(outcome = %d),"
                                " count(DISTINCT moves), avg(plies) FROM (SELECT * FROM games ORDER BY number DESC"
                                " LIMIT %d)",
                                GAME_WON_0, GAME_WON_1, GAME_DRAWN, LAST_GAMES);
    sqlite3_stmt *s = prepare(store, sql);
    if (s && sqlite3_step(s) == SQLITE_ROW)
        last = (struct last_games){.games = sqlite3_column_int64(s, 0),
                                   .first_won = sqlite3_column_int64(s, 1),
                                   .second_won = sqlite3_column_int64(s, 2),
                                   .drawn = sqlite3_column_int64(s, 3),
                                   .distinct = sqlite3_column_int64(s, 4),
                                   .plies = sqlite3_column_double(s, 5)};
    sqlite3_finalize(s);
    g_free(sql);
    return last;
}

static void add_komi(struct komi *komi, double points, int64_t games)
{
    komi->min = komi->games ? fmin(komi->min, points) : points;
    komi->max = komi->games ? fmax(komi->max, points) : points;
    komi->games += games;
    komi->sum += (double)games * points;
    komi->squares += (double)games * points * points;
}

static void read_komi(struct store *store, struct komi komi[GAME_MAX_SIZE + 1])
{
    char *sql = g_strdup_printf("SELECT spec, count(*) FROM (SELECT spec FROM games ORDER BY number DESC LIMIT %d)"
                                " GROUP BY spec",
                                LAST_GAMES);
    sqlite3_stmt *s = prepare(store, sql);
    while (s && sqlite3_step(s) == SQLITE_ROW) {
        struct game game;
        if (game_parse(&game, (const char *)sqlite3_column_text(s, 0), NULL) && game.ops->komi)
            add_komi(&komi[MIN(game.width, game.height)], game_komi(&game) / 2.0, sqlite3_column_int64(s, 1));
    }
    sqlite3_finalize(s);
    g_free(sql);
}

double report_komi_mean(const struct komi *komi)
{
    return komi->sum / (double)komi->games;
}

double report_komi_stdev(const struct komi *komi)
{
    double mean = report_komi_mean(komi);
    return sqrt(fmax(0, komi->squares / (double)komi->games - mean * mean));
}

bool report_read(struct store *store, struct report *report, GError **error)
{
    bool found;
    struct game game, games[SETTINGS_MAX_GAMES];
    if (!store_load_settings(store, &report->settings, &found, error) ||
        !game_parse(&game, report->settings.game, error))
        return false;
    settings_presets(&report->settings, &game);
    if (!store_load_settings(store, &report->settings, &found, error) || !store_count(store, &report->counts, error) ||
        !store_last_checkpoint(store, &report->at, &report->trained, error) ||
        !store_ladder(store, &report->ladder, error))
        return false;
    report->name = g_path_get_basename(store_folder(store));
    const struct store_spent spent = store_spent(store);
    report->processor_seconds = spent.seconds;
    report->self_play_share = spent.divided > 0 ? spent.self_play / spent.divided : -1;
    report->best = store_best(store, &report->held);
    report->events = store_events(store);
    report->before = report_read_before(store, &report->at);
    report->last = read_last_games(store);
    read_komi(store, report->komi);
    report->metrics = read_metrics(store);
    GArray *played = store_rung_games(store);
    report->ladder_games = played->len;
    for (guint i = 0; i < played->len; i++)
        report->ladder_seconds += fmax(0, g_array_index(played, struct store_rung_game, i).seconds);
    report->strength = ladder_rate(played);
    report->gain = ladder_gain_of(played);
    g_array_unref(played);
    const int game_count = settings_games(&report->settings, games, NULL);
    report->verdict = verdict_of(report->metrics, &report->gain, &report->settings, games, game_count);
    GError *damaged = NULL;
    if (!quality_of(store, games, game_count, QUALITY_ROWS, &report->quality, &damaged)) {
        fprintf(stderr, "tengen report: the values of the newest games are left out: %s\n", damaged->message);
        g_error_free(damaged);
    }
    return true;
}

/* ---- the rest ---- */

static GArray *read_checkpoints(struct store *store)
{
    GArray *stored = store_checkpoints(store), *all = g_array_new(FALSE, FALSE, sizeof(struct report_checkpoint));
    for (guint i = 0; i < stored->len; i++) {
        const struct store_listed_checkpoint *c = &g_array_index(stored, struct store_listed_checkpoint, i);
        const struct report_checkpoint checkpoint = {.at = c->at, .has_net = c->has_net, .added = c->added};
        g_array_append_val(all, checkpoint);
    }
    g_array_unref(stored);
    return all;
}

static double hours_of_generation(const struct report *report, uint32_t generation)
{
    for (guint i = 0; i < report->checkpoints->len; i++) {
        const struct report_checkpoint *c = &g_array_index(report->checkpoints, struct report_checkpoint, i);
        if (c->at.generation == generation)
            return c->hours;
    }
    return NAN;
}

static void read_ratings(struct report *report)
{
    report->ratings = g_array_new(FALSE, FALSE, sizeof(struct report_rating));
    for (guint i = 0; i < report->strength->len; i++) {
        const struct ladder_rating *r = &g_array_index(report->strength, struct ladder_rating, i);
        const struct report_rating rating = {r->generation, hours_of_generation(report, r->generation), r->rating.elo,
                                             r->rating.low, r->rating.high};
        if (!r->name[0] && r->rating.known && isfinite(rating.hours))
            g_array_append_val(report->ratings, rating);
    }
}

bool report_read_all(struct store *store, struct report *report, GError **error)
{
    if (!report_read(store, report, error))
        return false;
    report->checkpoints = read_checkpoints(store);
    report_read_progress(store, report);
    read_ratings(report);
    report_read_periods(store, report);
    report_look(store, report);
    report_fit(report);
    return true;
}

static void free_picks(struct report *report)
{
    for (guint i = 0; report->picks && i < report->picks->len; i++)
        record_unref(g_array_index(report->picks, struct report_pick, i).record);
}

void report_clear(struct report *report)
{
    free_picks(report);
    GArray *arrays[] = {report->metrics, report->ladder, report->strength, report->progress, report->checkpoints,
                        report->ratings, report->before, report->shapes,   report->openings, report->picks};
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        if (arrays[i])
            g_array_unref(arrays[i]);
    if (report->events)
        g_ptr_array_unref(report->events);
    g_free(report->name);
    *report = (struct report){0};
}

/* The run over its hours: reports of all sessions on one clock, and the games by period. */
#include <math.h>
#include <sqlite3.h>

#include "engine/report/internal.h"
#include "engine/report/report.h"
#include "engine/store/store.h"
#include "games/game.h"

enum { LEAST_GAMES = 20 /* in a period on average */ };
#define MAX_SECONDS 1e10 /* some three centuries: a damaged file may hold anything */

/* The seconds at which the session of this report began, which continues the last checkpoint that it can have started from. */
static double session_start(const struct report *report, const struct store_metric *first, double before)
{
    double start = 0;
    for (guint i = 0; i < report->checkpoints->len; i++) {
        const struct report_checkpoint *c = &g_array_index(report->checkpoints, struct report_checkpoint, i);
        if (c->at.steps <= first->steps && c->at.games <= first->games)
            start = fmax(start, c->at.seconds);
    }
    return fmax(start, before);
}

struct moment {
    double games, seconds;
};

static int compare_moments(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;
    return (x->games > y->games) - (x->games < y->games);
}

/* Training time against games played, sorted by games: from the reports or, if there are none, from the checkpoints. */
static GArray *list_moments(const struct report *report)
{
    GArray *moments = g_array_new(FALSE, TRUE, sizeof(struct moment));
    g_array_set_size(moments, 1); /* no games at the start */
    for (guint i = 0; i < report->progress->len; i++) {
        const struct store_metric *m = &g_array_index(report->progress, struct store_metric, i);
        const struct moment moment = {(double)m->games, m->seconds};
        g_array_append_val(moments, moment);
    }
    for (guint i = 0; report->progress->len == 0 && i < report->checkpoints->len; i++) {
        const struct report_checkpoint *c = &g_array_index(report->checkpoints, struct report_checkpoint, i);
        const struct moment moment = {(double)c->at.games, c->at.seconds};
        g_array_append_val(moments, moment);
    }
    g_array_sort(moments, compare_moments);
    return moments;
}

static double hours_at(const GArray *moments, double games)
{
    for (guint i = 1; i < moments->len; i++) {
        const struct moment *to = &g_array_index(moments, struct moment, i), *from = to - 1;
        if (games <= to->games) {
            double span = to->games - from->games;
            double part = span > 0 ? (games - from->games) / span : 1;
            return (from->seconds + part * (to->seconds - from->seconds)) / 3600;
        }
    }
    return g_array_index(moments, struct moment, moments->len - 1).seconds / 3600;
}

void report_read_progress(struct store *store, struct report *report)
{
    int64_t last = 0;
    double start = 0, before = 0, previous = 0;
    report->progress = g_array_new(FALSE, FALSE, sizeof(struct store_metric));
    store_read_metrics(store, &last, report->progress);
    for (guint i = 0; i < report->progress->len; i++) {
        struct store_metric *m = &g_array_index(report->progress, struct store_metric, i);
        double seconds = isfinite(m->seconds) ? CLAMP(m->seconds, 0, MAX_SECONDS) : 0;
        if (i > 0 && seconds < previous)
            start = session_start(report, m, before);
        previous = seconds;
        m->seconds = before = fmin(fmax(before, start + seconds), MAX_SECONDS);
    }
    GArray *moments = list_moments(report);
    report->total_hours = before / 3600;
    for (guint i = 0; i < report->checkpoints->len; i++) {
        struct report_checkpoint *c = &g_array_index(report->checkpoints, struct report_checkpoint, i);
        c->hours = fmax(c->at.seconds / 3600, hours_at(moments, (double)c->at.games));
        report->total_hours = fmax(report->total_hours, c->hours);
    }
    g_array_unref(moments);
}

void report_number_range(struct store *store, uint64_t *first, uint64_t *end)
{
    sqlite3_stmt *s = NULL;
    *first = *end = 0;
    store_lock(store);
    if (sqlite3_prepare_v2(store_database(store), "SELECT min(number), max(number) + 1 FROM games", -1, &s, NULL) ==
            SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL) {
        *first = (uint64_t)sqlite3_column_int64(s, 0);
        *end = (uint64_t)sqlite3_column_int64(s, 1);
    }
    sqlite3_finalize(s);
    store_unlock(store);
}

int report_period_of(const struct report *report, uint64_t number, uint64_t first, uint64_t end)
{
    if (report->periods == 0 || number < first || number >= end)
        return -1;
    return (int)((double)(number - first) / (double)(end - first) * report->periods);
}

static struct report_shape *find_shape(GArray *shapes, const struct game *game)
{
    for (guint i = 0; i < shapes->len; i++) {
        struct report_shape *shape = &g_array_index(shapes, struct report_shape, i);
        if (shape->shape.width == game->width && shape->shape.height == game->height)
            return shape;
    }
    const struct report_shape fresh = {.shape = {game->width, game->height}};
    g_array_append_val(shapes, fresh);
    return &g_array_index(shapes, struct report_shape, shapes->len - 1);
}

static void count_game(struct report *report, sqlite3_stmt *row, int period)
{
    struct game game;
    int outcome = sqlite3_column_int(row, 3);
    int64_t day = sqlite3_column_int64(row, 4);
    if (period < 0 || !game_parse(&game, (const char *)sqlite3_column_text(row, 1), NULL))
        return;
    struct report_shape *shape = find_shape(report->shapes, &game);
    struct report_period *at = &shape->periods[period];
    shape->games++;
    at->games++;
    at->plies += sqlite3_column_int64(row, 2);
    at->first_points += outcome == GAME_WON_0 ? 1 : outcome == GAME_DRAWN ? 0.5 : 0;
    report->first_day = report->first_day ? MIN(report->first_day, day) : day;
    report->last_day = MAX(report->last_day, day);
}

static int compare_shapes(const void *a, const void *b)
{
    const struct report_shape *x = a, *y = b;
    return (y->games > x->games) - (y->games < x->games);
}

void report_read_periods(struct store *store, struct report *report)
{
    uint64_t first, end;
    sqlite3_stmt *s = NULL;
    report->shapes = g_array_new(FALSE, FALSE, sizeof(struct report_shape));
    report_number_range(store, &first, &end);
    report->periods = end > first ? (int)CLAMP((end - first) / LEAST_GAMES, 1, REPORT_PERIODS) : 0;
    GArray *moments = list_moments(report);
    for (int i = 0; i < report->periods; i++)
        report->hours[i] = hours_at(moments, (double)first + (i + 0.5) / report->periods * (double)(end - first));
    g_array_unref(moments);
    store_lock(store);
    if (sqlite3_prepare_v2(store_database(store),
                           "SELECT number, spec, plies, outcome, added FROM games WHERE spec IS NOT NULL", -1, &s,
                           NULL) == SQLITE_OK)
        while (sqlite3_step(s) == SQLITE_ROW)
            count_game(report, s, report_period_of(report, (uint64_t)sqlite3_column_int64(s, 0), first, end));
    sqlite3_finalize(s);
    store_unlock(store);
    g_array_sort(report->shapes, compare_shapes);
}

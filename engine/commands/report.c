/* tengen report: the state of a run, during or after training. Only reads the store. */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>

#include "engine/commands/command.h"
#include "engine/commands/report.h"
#include "engine/ladder/ladder.h"
#include "engine/match/statistics/rating.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/progress.h"
#include "engine/training/judge/quality.h"
#include "engine/training/judge/verdict.h"
#include "games/game.h"

enum { TABLE_ROWS = 12, LAST_GAMES = 1000, QUALITY_ROWS = 50000 };

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

static bool read_report(struct store *store, struct report *report, GError **error)
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
    report->processor_seconds = store_processor_time(store);
    report->best = store_best(store, &report->held);
    report->last = read_last_games(store);
    read_komi(store, report->komi);
    report->metrics = read_metrics(store);
    GArray *played = store_rung_games(store);
    report->strength = ladder_rate(played);
    const struct ladder_gain gain = ladder_gain_of(played);
    g_array_unref(played);
    const int game_count = settings_games(&report->settings, games, NULL);
    report->verdict = verdict_of(report->metrics, &gain, &report->settings, games, game_count);
    return quality_of(store, games, game_count, QUALITY_ROWS, &report->quality, error);
}

static const struct store_metric *metric_at(const struct report *report, guint i)
{
    return &g_array_index(report->metrics, struct store_metric, i);
}

static void print_table(const struct report *report)
{
    guint count = report->metrics->len, rows = MIN(count, TABLE_ROWS);
    if (rows == 0)
        return;
    printf("\n%12s %12s %6s %8s %8s %7s %10s\n", "games", "positions", "gen", "policy", "value", "plies", "openings");
    for (guint i = 0; i < rows; i++) {
        const struct store_metric *m = metric_at(report, rows == 1 ? 0 : i * (count - 1) / (rows - 1));
        printf("%12" G_GINT64_FORMAT " %12" G_GINT64_FORMAT " %6" G_GUINT32_FORMAT " %8.3f %8.3f %7.1f", m->games,
               m->positions, m->generation, m->policy_loss, m->value_loss, m->plies_per_game);
        if (m->diversity >= 0)
            printf(" %8.0f %%", 100 * m->diversity);
        putchar('\n');
    }
}

static void print_verdict(const struct report *report)
{
    const struct store_metric *last = report->metrics->len ? metric_at(report, report->metrics->len - 1) : NULL;
    printf("Verdict: %s (%s).\n", verdict_name(report->verdict.kind), report->verdict.why);
    if (last && last->diversity >= 0 && last->diversity < PROGRESS_DIVERSITY_ALARM)
        puts("Openings lack diversity: raise opening_plies or temperature (tengen train --set).");
}

/* How often the net won where it expected to, by tenths. */
static void print_quality(const struct quality *q)
{
    const char *separator = "";
    if (q->games == 0)
        return;
    printf("Values of the last %" G_GINT64_FORMAT " games, expected -> won, %%: ", q->games);
    for (int i = 0; i < QUALITY_BINS; i++)
        if (q->raw.plies[i] > 0) {
            printf("%s%.0f -> %.0f", separator, 100 * q->raw.predicted[i], 100 * q->raw.actual[i]);
            separator = ", ";
        }
    printf("; mean error %.1f points, after the search %.1f.\n", 100 * q->raw.error, 100 * q->searched.error);
    printf("Policy after the search: entropy %.2f nats, %.2f from the net's.\n", q->entropy, q->surprise);
}

static double share(int64_t part, int64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void print_komi(const struct report *report)
{
    bool any = false;
    for (int size = 0; size <= GAME_MAX_SIZE; size++) {
        const struct komi *komi = &report->komi[size];
        if (komi->games == 0)
            continue;
        printf("%s on %dx%d mean %.1f, range %g to %g", any ? ";" : "Komi:", size, size, report_komi_mean(komi), komi->min,
               komi->max);
        any = true;
    }
    if (any)
        puts(".");
}

static void print_strength(const struct report *report)
{
    if (report->strength->len == 0)
        return;
    printf("\n%-24s %6s %7s  %s\n", "strength", "games", "score", "Elo (95 %)");
    guint rungs = 0, count = report->strength->len;
    while (rungs < count && g_array_index(report->strength, struct ladder_rating, rungs).name[0])
        rungs++;
    guint rows = rungs + MIN(count - rungs, TABLE_ROWS);
    for (guint row = 0; row < rows; row++) {
        /* Of many checkpoints some, evenly spaced, with the first and the last. */
        guint i = row < rungs || count - rungs <= TABLE_ROWS
                      ? row
                      : rungs + (row - rungs) * (count - rungs - 1) / (TABLE_ROWS - 1);
        const struct ladder_rating *r = &g_array_index(report->strength, struct ladder_rating, i);
        char name[32];
        g_snprintf(name, sizeof name, "generation %u", r->generation);
        printf("%-24s %6d %5.1f %%", r->name[0] ? r->name : name, r->games, 100 * r->score);
        if (r->rating.known && i > 0)
            printf("  %.0f (%.0f..%.0f)", r->rating.elo, r->rating.low, r->rating.high);
        else if (i == 0)
            printf("  0");
        putchar('\n');
    }
}

static void print_text(const struct store *store, const struct report *report)
{
    char duration[32], visits[SETTINGS_VISITS_TEXT];
    const struct settings *s = &report->settings;
    printf("Run %s: %s%s%s, net %s, %s visits, seed %" G_GINT64_FORMAT "\n", store_folder(store), s->game,
           s->sizes[0] ? " on sizes " : "", s->sizes, s->net, settings_visits_text(s, visits), s->seed);
    printf("%" G_GINT64_FORMAT " games, %" G_GINT64_FORMAT " positions, %" G_GINT64_FORMAT " training rows",
           report->counts.games, report->counts.plies, report->counts.rows);
    if (report->trained)
        printf("; generation %u after %" G_GINT64_FORMAT " steps, %.1f samples per row, %s of training",
               report->at.generation, report->at.steps, (double)report->at.samples / fmax(1, (double)report->at.rows),
               progress_duration(report->at.seconds, duration));
    if (report->processor_seconds > 0)
        printf(", %.2f core-hours of processor time counted", report->processor_seconds / 3600);
    printf(".\nLast %" G_GINT64_FORMAT
           " games: first player wins %.0f %%, second %.0f %%, draws %.0f %%; mean length %.0f plies; "
           "%.0f %% distinct.\n",
           report->last.games, share(report->last.first_won, report->last.games),
           share(report->last.second_won, report->last.games), share(report->last.drawn, report->last.games),
           report->last.plies, share(report->last.distinct, report->last.games));
    print_komi(report);
    print_quality(&report->quality);
    print_verdict(report);
    print_table(report);
    print_strength(report);
    char *best = store_net_path(store, "best.safetensors");
    if (report->held)
        printf("\nNewer checkpoints measured weaker than generation %u, which stays the best net.", report->best);
    printf("\n%s net: %s; %u older generations are kept.\n"
           "To measure its strength: %s match --game %s --agent net:%s --agent rollout:1000\n",
           report->held ? "Best" : "Latest", best, report->ladder->len > 0 ? report->ladder->len - 1 : 0, command_program(), s->game,
           store_folder(store));
    g_free(best);
}

static int run(int argc, char **argv)
{
    gboolean json = FALSE;
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print one JSON object", NULL}, {0}};
    GOptionContext *context = g_option_context_new("[RUN]");
    g_option_context_set_summary(context,
                                 "Reports the state of a run. RUN: a name under runs/, or a path with a slash (go9).");
    g_option_context_add_main_entries(context, entries, NULL);
    int status = command_parse(context, &argc, &argv, "report");
    g_option_context_free(context);
    if (status >= 0)
        return status;
    struct report report = {0};
    struct store *store = NULL;
    GError *error = NULL;
    const char *name = argc > 1 ? argv[1] : "go9";
    char *folder = strchr(name, '/') ? g_strdup(name) : g_build_filename("runs", name, NULL);
    if (store_open(&store, folder, STORE_READ, &error) != 0 || !read_report(store, &report, &error))
        status = command_fail("report", COMMAND_USAGE, error);
    else
        status = COMMAND_OK;
    g_assert(status != COMMAND_OK ||
             (report.metrics && report.ladder && report.strength)); /* as read_report succeeded */
    if (status == COMMAND_OK && json)
        report_print_json(&report);
    else if (status == COMMAND_OK)
        print_text(store, &report);
    if (report.metrics)
        g_array_unref(report.metrics);
    if (report.strength)
        g_array_unref(report.strength);
    if (report.ladder)
        g_array_unref(report.ladder);
    store_close(store);
    g_free(folder);
    return status;
}

const struct command command_report = {"report", "report the state of a run", run};

/* tengen report: the state of a run, during or after training. Only reads the store. */
#include <math.h>
#include <stdio.h>

#include "engine/commands/command.h"
#include "engine/ladder/ladder.h"
#include "engine/match/report/report.h"
#include "engine/match/statistics/rating.h"
#include "engine/report/report.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/judge/quality.h"
#include "engine/training/judge/truth.h"
#include "engine/training/judge/verdict.h"
#include "engine/training/progress.h"
#include "engine/training/provenance/lineage.h"
#include "games/game.h"

enum { TABLE_ROWS = 12 };

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
    const struct truth_tally *t = &q->truth;
    const int64_t known = truth_known(t);
    if (known)
        printf("Where the truth is known (%" G_GINT64_FORMAT " positions: %" G_GINT64_FORMAT
               " searched to the end, %" G_GINT64_FORMAT " won by threats, %" G_GINT64_FORMAT
               " finished): error %.1f points and %.1f %% right, after the search %.1f and %.1f %%.\n",
               known, t->positions[TRUTH_EXACT], t->positions[TRUTH_THREATS], t->positions[TRUTH_FINISHED],
               100 * t->raw_error / (double)known, 100 * (double)t->raw_right / (double)known,
               100 * t->searched_error / (double)known, 100 * (double)t->searched_right / (double)known);
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

static void print_resources(const struct report *report)
{
    const struct settings *s = &report->settings;
    const struct store_metric *m =
        report->metrics->len ? &g_array_index(report->metrics, struct store_metric, report->metrics->len - 1) : NULL;
    if (!m || !(m->memory > 0) || !(m->disk > 0))
        return; /* an older run */
    printf("Memory %.0f MB", m->memory / 1e6);
    if (s->max_memory > 0)
        printf(" of at most %" G_GINT64_FORMAT, s->max_memory);
    printf(", disk %.0f MB", m->disk / 1e6);
    if (s->max_disk > 0)
        printf(" of at most %" G_GINT64_FORMAT, s->max_disk);
    printf(", at the last report of training.\n");
}

/* The runs that the first net came through. */
static void print_before(const struct report *report)
{
    double seconds = 0;
    int64_t games = 0;
    if (report->before->len == 0)
        return;
    printf("Before this run:");
    for (guint i = 0; i < report->before->len; i++) {
        const struct lineage_run *run = &g_array_index(report->before, struct lineage_run, i);
        char name[LINEAGE_NAME];
        g_strlcpy(name, run->name, sizeof name);
        printf("%s %s", i ? "," : "", command_printable(name));
        seconds += run->processor_seconds;
        games += run->games;
    }
    printf("; %" G_GINT64_FORMAT " games, %.2f core-hours.\n", games, seconds / 3600);
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
    if (report->self_play_share >= 0)
        printf(", %.0f %% of it in self-play", 100 * report->self_play_share);
    printf(".\nLast %" G_GINT64_FORMAT
           " games: first player wins %.0f %%, second %.0f %%, draws %.0f %%; mean length %.0f plies; "
           "%.0f %% distinct.\n",
           report->last.games, share(report->last.first_won, report->last.games),
           share(report->last.second_won, report->last.games), share(report->last.drawn, report->last.games),
           report->last.plies, share(report->last.distinct, report->last.games));
    print_resources(report);
    print_before(report);
    print_komi(report);
    print_quality(&report->quality);
    print_verdict(report);
    print_table(report);
    print_strength(report);
    if (report->events->len > 0)
        printf("\nWhat happened to the run:\n");
    for (guint i = 0; i < report->events->len; i++)
        printf("  %s\n", command_printable(report->events->pdata[i]));
    char *best = store_net_path(store, "best.safetensors");
    if (report->held)
        printf("\nNewer checkpoints measured weaker than generation %u, which stays the best net.", report->best);
    printf("\n%s net: %s; %u older generations are kept.\n"
           "To measure its strength: %s match --game %s --agent net:%s --agent rollout:1000\n",
           report->held ? "Best" : "Latest", best, report->ladder->len > 0 ? report->ladder->len - 1 : 0, command_program(), s->game,
           store_folder(store));
    g_free(best);
}

/* ---- the command ---- */

/* What was asked for. */
struct request {
    gboolean json, csv;
    bool html;
    char *page, *folder; /* page: the file; NULL: the run's report.html */
};

static gboolean take_html(const char *option, const char *value, void *data, GError **error)
{
    struct request *request = data;
    (void)option, (void)error;
    request->html = true;
    g_free(request->page);
    request->page = g_strdup(value);
    return TRUE;
}

static char *folder_of(const char *name)
{
    return strchr(name, '/') ? g_strdup(name) : g_build_filename("runs", name, NULL);
}

static bool names_run(const char *name)
{
    char *folder = folder_of(name);
    bool is = store_exists(folder);
    g_free(folder);
    return is;
}

static bool check(const struct request *request, int argc, GError **error)
{
    if (argc > 2)
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "takes one run");
    else if (request->json + request->csv + request->html > 1)
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "--json, --csv and --html are mutually exclusive");
    else if (argc < 2 && request->page && names_run(request->page))
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                    "--html takes a file, and %s is a run: put the run first, as in \"%s report %s --html\"",
                    request->page, command_program(), request->page);
    else
        return true;
    return false;
}

static bool write_page(const struct report *report, const char *path, GError **error)
{
    char *text = NULL, *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    report_print_html(report, out);
    fclose(out);
    bool good = match_report_write_file(folder, name, text, length, error);
    if (good)
        printf("Wrote %s.\n", path);
    free(text);
    g_free(folder);
    g_free(name);
    return good;
}

static int print(struct store *store, const struct request *request)
{
    struct report report = {0};
    GError *error = NULL;
    bool all = request->json || request->csv || request->html;
    int status = COMMAND_OK;
    if (!(all ? report_read_all : report_read)(store, &report, &error)) {
        report_clear(&report);
        return command_fail("report", COMMAND_USAGE, error);
    }
    if (request->json) {
        command_print_json(report_json(&report));
    } else if (request->csv) {
        report_print_csv(&report, stdout);
    } else if (request->html) {
        char *path = request->page ? g_strdup(request->page) : g_build_filename(request->folder, "report.html", NULL);
        if (!write_page(&report, path, &error))
            status = command_fail("report", COMMAND_MACHINE, error);
        g_free(path);
    } else {
        print_text(store, &report);
    }
    report_clear(&report);
    return status;
}

static int parse(struct request *request, int *argc, char ***argv)
{
    const GOptionEntry entries[] = {
        {"html", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, (gpointer)take_html,
         "write a page for a browser, with curves, openings and games (RUN/report.html)", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &request->json, "print everything as one JSON object", NULL},
        {"csv", 0, 0, G_OPTION_ARG_NONE, &request->csv, "print everything as a table: part, row, name, value", NULL},
        {0}};
    GOptionContext *context = g_option_context_new("[RUN]");
    GOptionGroup *group = g_option_group_new(NULL, NULL, NULL, request, NULL);
    g_option_context_set_summary(context,
                                 "Reports the state of a run. RUN: a name under runs/, or a path with a slash (go9).");
    g_option_group_add_entries(group, entries);
    g_option_context_set_main_group(context, group);
    int status = command_parse(context, argc, argv, "report");
    g_option_context_free(context);
    return status;
}

static int run(int argc, char **argv)
{
    struct request request = {0};
    struct store *store = NULL;
    GError *error = NULL;
    int status = parse(&request, &argc, &argv);
    if (status < 0) {
        request.folder = folder_of(argc > 1 ? argv[1] : "go9");
        if (!check(&request, argc, &error) || store_open(&store, request.folder, STORE_READ, &error) != 0)
            status = command_fail("report", COMMAND_USAGE, error);
        else
            status = print(store, &request);
    }
    store_close(store);
    g_free(request.folder);
    g_free(request.page);
    return status;
}

const struct command command_report = {"report", "report the state of a run", run};

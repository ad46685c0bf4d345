/* Text and CSV, and the files. */
#include "engine/robust/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agents/external/process.h"
#include "engine/match/count.h"
#include "engine/match/report/report.h"
#include "engine/match/statistics/rating.h"
#include "engine/robust/cells.h"
#include "engine/robust/report_internal.h"
#include "engine/robust/robust.h"
#include "games/game.h"

struct robust_totals robust_count(const struct robust_report *report)
{
    struct robust_totals totals = {.most = -1};
    for (int i = 0; i < report->config->cells->count; i++) {
        const struct robust_result *r = &report->result[i];
        totals.games += r->score.games;
        totals.seconds += r->seconds;
        totals.played += r->score.games > 0;
        totals.refused += r->refusal != NULL;
        if (r->lost.known && r->lost.elo > (totals.most < 0 ? 0 : report->result[totals.most].lost.elo))
            totals.most = i;
    }
    return totals;
}

void robust_figures(const struct robust_result *result, double figures[ROBUST_FIGURES])
{
    const struct rating *const ratings[2] = {&result->elo, &result->lost};
    double *at = figures;
    *at++ = match_mean_score(&result->score);
    at[0] = at[1] = NAN;
    if (result->score.games)
        rating_score_interval(figures[0], result->score.games, &at[0], &at[1]);
    at += 2;
    for (int i = 0; i < 2; i++) {
        *at++ = ratings[i]->known ? ratings[i]->elo : NAN;
        *at++ = ratings[i]->known ? ratings[i]->low : NAN;
        *at++ = ratings[i]->known ? ratings[i]->high : NAN;
    }
}

const char *const robust_figure_names[ROBUST_FIGURES] = {"score",    "score_low", "score_high", "elo",      "elo_low",
                                                         "elo_high", "lost",      "lost_low",   "lost_high"};

/* ---- text ---- */

static void print_heading(const struct robust_report *report, FILE *out)
{
    const struct robust_config *config = report->config;
    const struct robust_cell *main = &config->cells->cell[0];
    char spec[GAME_SPEC_MAX];
    GString *line = g_string_new(NULL);
    g_string_printf(line, "%s with %d visits, against", config->net, config->visits);
    for (int i = 0; i < config->anchor_count; i++)
        g_string_append_printf(line, "%s %s", i ? "," : "", config->anchors[i]);
    if (report->seed >= 0)
        g_string_append_printf(line, "; seed %" G_GINT64_FORMAT, report->seed);
    fprintf(out, "%s\n", process_printable(line->str));
    fprintf(out, "main cell: %s, %d random opening plies; in the others:\n", game_format(&main->game, spec),
            main->openings);
    g_string_free(line, TRUE);
}

/* "  123 (45..201)", padded to its column if more follows. */
static void print_rating(FILE *out, const struct rating *rating, bool more)
{
    char text[64] = "";
    if (rating->known)
        g_snprintf(text, sizeof text, "%5.0f (%.0f..%.0f)", match_rounded(rating->elo), match_rounded(rating->low),
                   match_rounded(rating->high));
    if (rating->known || more)
        fprintf(out, "  %-*s", more ? 20 : 0, text);
}

static char *make_notes(const struct robust_result *r)
{
    GString *notes = g_string_new(NULL);
    if (r->one_sided)
        g_string_append(notes, "  one-sided");
    if (r->score.forfeits)
        g_string_append_printf(notes, "  %d forfeited", r->score.forfeits);
    if (r->faults)
        g_string_append_printf(notes, "  %d forfeited by anchors", r->faults);
    if (r->withdrawn)
        g_string_append_printf(notes, "  %d withdrawn", r->withdrawn);
    if (r->repeated)
        g_string_append_printf(notes, "  %d repeated", r->repeated);
    if (!r->finished)
        g_string_append_printf(notes, "  unfinished%s%s", r->refusal ? ": " : "", r->refusal ? r->refusal : "");
    return process_printable(g_string_free(notes, FALSE));
}

static void print_row(FILE *out, const char *name, int width, const struct robust_result *r)
{
    if (r->refusal && !r->score.games) {
        char *why = process_printable(g_strdup(r->refusal));
        fprintf(out, "%-*s  cannot be played: %s\n", width, name, why);
        g_free(why);
    } else if (!r->score.games) {
        fprintf(out, "%-*s  not played yet\n", width, name);
    } else {
        char *notes = make_notes(r);
        match_print_score(out, name, width, &r->score);
        print_rating(out, &r->elo, r->lost.known || *notes);
        print_rating(out, &r->lost, *notes);
        fprintf(out, "%s\n", notes);
        g_free(notes);
    }
}

static int name_width(const struct robust_cells *cells)
{
    int width = 4;
    for (int i = 0; i < cells->count; i++)
        width = MAX(width, (int)strlen(cells->cell[i].name));
    return width;
}

static void print_legend(const struct robust_report *report, FILE *out)
{
    bool one_sided = false;
    for (int i = 0; i < report->config->cells->count; i++)
        one_sided = one_sided || report->result[i].one_sided;
    fputs("Elo above the mean of the anchors in the same cell, and Elo lost against the main cell; intervals of 95 %, "
          "Wilson's\n"
          "for scores and from pairs of games for Elo. Where a cell decides the game by itself (komi far from even, "
          "handicap),\n"
          "every player loses Elo: compare nets in the same cell there.\n",
          out);
    if (one_sided)
        fputs("one-sided: all games against an anchor were won or lost; half a win and half a loss were added, so that "
              "the true\n"
              "difference may be larger.\n",
              out);
}

static void print_summary(const struct robust_report *report, FILE *out)
{
    const struct robust_config *config = report->config;
    const struct robust_totals totals = robust_count(report);
    const int playable = config->cells->count - totals.refused;
    fprintf(out, "%d of %d games in %d of %d cells, %.1f s%s", totals.games, config->games * playable, totals.played,
            config->cells->count, totals.seconds,
            report->finished ? "" : "; not finished, rerun the command to continue");
    if (totals.refused)
        fprintf(out, "; %d cannot be played", totals.refused);
    if (totals.most > 0) {
        const struct rating *lost = &report->result[totals.most].lost;
        fprintf(out, "; most lost: %.0f Elo (%.0f..%.0f) with %s", match_rounded(lost->elo), match_rounded(lost->low),
                match_rounded(lost->high), config->cells->cell[totals.most].name);
    }
    putc('\n', out);
}

void robust_print_text(const struct robust_report *report, FILE *out)
{
    const struct robust_cells *cells = report->config->cells;
    const int width = name_width(cells);
    print_heading(report, out);
    fprintf(out, "%-*s %6s %6s %6s %6s  %-21s  %-20s  %s\n", width, "cell", "games", "wins", "draws", "losses",
            "score (95 %)", "  Elo (95 %)", "  Elo lost (95 %)");
    for (int i = 0; i < cells->count; i++)
        print_row(out, cells->cell[i].name, width, &report->result[i]);
    print_legend(report, out);
    print_summary(report, out);
}

void robust_print_cells(const struct robust_cells *cells, FILE *out)
{
    const int width = name_width(cells);
    char spec[GAME_SPEC_MAX];
    for (int i = 0; i < cells->count; i++)
        fprintf(out, "%-*s  %s, %d random opening plies\n", width, cells->cell[i].name,
                game_format(&cells->cell[i].game, spec), cells->cell[i].openings);
}

/* ---- CSV ---- */

void robust_print_csv(const struct robust_report *report, FILE *out)
{
    const struct robust_cells *cells = report->config->cells;
    char spec[GAME_SPEC_MAX];
    fputs("cell,game,openings,games,wins,draws,losses", out);
    for (int k = 0; k < ROBUST_FIGURES; k++)
        fprintf(out, ",%s", robust_figure_names[k]);
    fputs(",one_sided,forfeits,faults,repeated,finished,seconds,refusal\n", out);
    for (int i = 0; i < cells->count; i++) {
        const struct robust_result *r = &report->result[i];
        double figures[ROBUST_FIGURES];
        robust_figures(r, figures);
        match_print_csv_field(out, cells->cell[i].name);
        putc(',', out);
        match_print_csv_field(out, game_format(&cells->cell[i].game, spec));
        fprintf(out, ",%d,%d,%d,%d,%d", cells->cell[i].openings, r->score.games, r->score.wins, r->score.draws,
                r->score.losses);
        for (int k = 0; k < ROBUST_FIGURES; k++)
            if (isnan(figures[k]))
                putc(',', out);
            else
                fprintf(out, ",%.4f", figures[k]);
        fprintf(out, ",%d,%d,%d,%d,%d,%.3f,", r->one_sided, r->score.forfeits, r->faults, r->repeated, r->finished,
                r->seconds);
        match_print_csv_field(out, r->refusal);
        putc('\n', out);
    }
}

/* ---- files ---- */

bool robust_report_write(const struct robust_report *report, GError **error)
{
    static const struct {
        const char *name;
        void (*print)(const struct robust_report *report, FILE *out);
    } files[] = {{"report.txt", robust_print_text}, {"report.csv", robust_print_csv}};
    bool good = true;
    for (size_t i = 0; good && i < G_N_ELEMENTS(files); i++) {
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);
        files[i].print(report, out);
        fclose(out);
        good = match_report_write_file(report->config->folder, files[i].name, text, length, error);
        free(text);
    }
    return good;
}

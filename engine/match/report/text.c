/* A match as text for a terminal. */
#include <limits.h>
#include <math.h>

#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/match.h"
#include "engine/match/report/report.h"
#include "engine/match/schedule/schedule.h"
#include "engine/match/setup.h"
#include "engine/match/statistics/rating.h"
#include "engine/match/statistics/sprt.h"
#include "games/game.h"

/* Width of a character in terminal columns: two for CJK, none for combining characters. */
static int columns_of(gunichar c)
{
    return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

static int columns(const char *name)
{
    int count = 0;
    for (const char *at = name; *at; at = g_utf8_next_char(at))
        count += columns_of(g_utf8_get_char(at));
    return count;
}

/* Padded to `min` columns, truncated to `max`. */
static void print_name(FILE *out, const char *name, int min, int max)
{
    int count = 0;
    const char *at = name;
    for (; *at && count + columns_of(g_utf8_get_char(at)) <= max; at = g_utf8_next_char(at))
        count += columns_of(g_utf8_get_char(at));
    fprintf(out, "%.*s%*s", (int)(at - name), name, MAX(min - count, 0), "");
}

void match_print_score(FILE *out, const char *name, int width, const struct match_score *s)
{
    double low, high;
    rating_score_interval(match_mean_score(s), s->games, &low, &high);
    print_name(out, name, width, INT_MAX);
    fprintf(out, " %6d %6d %6d %6d", s->games, s->wins, s->draws, s->losses);
    if (s->games)
        fprintf(out, "  %5.1f %% (%4.1f..%5.1f)", 100 * match_mean_score(s), 100 * low, 100 * high);
}

double match_rounded(double value)
{
    return round(value) + 0.0;
}

static int name_width(const struct match_table *table)
{
    int width = 6;
    for (int i = 0; i < table->n; i++)
        width = MAX(width, columns(match_table_name(table, i)));
    return width;
}

static void print_players(const struct match_table *table, FILE *out)
{
    int width = name_width(table);
    fprintf(out, "%-*s %6s %6s %6s %6s  %-22s %6s\n", width, "player", "games", "wins", "draws", "losses",
            "score (95 %)", "Elo (95 %)");
    for (int i = 0; i < table->n; i++) {
        int p = table->standing[i];
        const struct rating *r = &table->ratings.ratings[p];
        match_print_score(out, match_table_name(table, p), width, &table->total[p]);
        if (r->known)
            fprintf(out, " %6.0f (%.0f..%.0f)", match_rounded(r->elo), match_rounded(r->low), match_rounded(r->high));
        if (table->total[p].forfeits)
            fprintf(out, "  %d forfeited", table->total[p].forfeits);
        if (table->report->withdrawn[p])
            fputs("  withdrawn", out);
        putc('\n', out);
    }
}

static void print_legend(const struct match_table *table, FILE *out)
{
    const struct match_setup *setup = table->setup;
    fputs("Wilson score intervals; Elo by maximum likelihood over all games, ", out);
    for (int i = 0; i < setup->anchor_count; i++)
        fprintf(out, "%s%s at %g", i ? ", " : "", match_table_name(table, setup->anchors[i].player),
                setup->anchors[i].elo);
    fprintf(out, "%s, intervals from pairs of games%s.\n", setup->anchor_count ? "" : "mean at 0",
            table->ratings.has_maximum ? "" : "; half a win and half a loss added to one-sided pairings");
    if (table->ratings.draw_even > 0)
        fprintf(out, "Davidson's draw model: %.1f %% draws between equals.\n", 100 * table->ratings.draw_even);
    else if (setup->davidson && table->report->done)
        fputs("Davidson's draw model cannot be fitted to these games (no draws, or too few upsets); a draw counts as "
              "half "
              "a win and half a loss.\n",
              out);
    if (table->repeated)
        fprintf(out, "%d games repeat an earlier one of the same players%s.\n", table->repeated,
                setup->repeated ? "" : " and are excluded from the ratings");
}

static void print_pairs(const struct match_table *table, FILE *out)
{
    int width = 2 * name_width(table) + 3;
    for (int i = 0; i < table->n; i++)
        for (int j = i + 1; j < table->n; j++) {
            int a = table->standing[i], b = table->standing[j];
            const struct match_score *s = &table->cross[a * table->n + b];
            if (!s->games)
                continue;
            char *name = g_strdup_printf("%s - %s", match_table_name(table, a), match_table_name(table, b));
            match_print_score(out, name, width, s);
            fprintf(out, "  P(stronger) %.1f %%\n", 100 * rating_superiority(&table->ratings, a, b));
            g_free(name);
        }
}

/* Each reason once, with the number of games. */
static void print_forfeits(const struct match_table *table, FILE *out)
{
    GHashTable *counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < table->report->count; i++) {
        const struct match_record *r = &table->report->records[i];
        if (!r->done || !match_is_fault(r->end))
            continue;
        char *line = g_strdup_printf("%s: %s", match_table_name(table, r->side[r->loser]),
                                     r->reason ? r->reason : "unknown reason");
        int before = GPOINTER_TO_INT(g_hash_table_lookup(counts, line));
        g_hash_table_insert(counts, line, GINT_TO_POINTER(before + 1));
    }
    GList *lines = g_list_sort(g_hash_table_get_keys(counts), (GCompareFunc)(void (*)(void))strcmp);
    for (GList *at = lines; at; at = at->next)
        fprintf(out, "forfeit: %s (%d)\n", (char *)at->data, GPOINTER_TO_INT(g_hash_table_lookup(counts, at->data)));
    g_list_free(lines);
    g_hash_table_destroy(counts);
}

static void print_ends(const struct match_table *table, FILE *out)
{
    int ends[MATCH_ENDS] = {0};
    for (int i = 0; i < table->report->count; i++)
        if (table->report->records[i].done)
            ends[table->report->records[i].end]++;
    if (!ends[MATCH_AGREED] && !ends[MATCH_CAPPED] && !ends[MATCH_TIME])
        return;
    fputs("ended by", out);
    const char *comma = "";
    for (int i = 0; i < MATCH_ENDS; i++)
        if (ends[i]) {
            fprintf(out, "%s %s %d", comma, match_end_names[i], ends[i]);
            comma = ",";
        }
    putc('\n', out);
}

static void print_test(const struct match_table *table, FILE *out)
{
    static const char *const verdicts[] = {"undecided", "H0 accepted", "H1 accepted"};
    const struct sprt *t = table->setup->config.sprt;
    const struct sprt_state *s = &table->report->sprt;
    if (!t)
        return;
    fprintf(out, "SPRT (%s Elo %g against %g, alpha %g, beta %g): %s, LLR %.2f in %.2f..%.2f; pairs",
            t->model == SPRT_NORMALISED ? "normalised" : "logistic", t->elo0, t->elo1, t->alpha, t->beta,
            verdicts[s->decision], s->llr, s->lower, s->upper);
    for (int i = 0; i < 5; i++)
        fprintf(out, " %" G_GINT64_FORMAT, s->pairs[i]);
    putc('\n', out);
}

static int expected(const struct match_report *report)
{
    return report->count - report->void_games;
}

static void print_summary(const struct match_table *table, FILE *out)
{
    const struct match_report *report = table->report;
    int64_t plies = 0;
    int first = 0, draws = 0, done = MAX(report->done, 1);
    for (int i = 0; i < report->count; i++)
        if (report->records[i].done) {
            first += report->records[i].outcome == GAME_WON_0;
            draws += report->records[i].outcome == GAME_DRAWN;
            plies += report->records[i].plies;
        }
    fprintf(out,
            "%d of %d games in %.1f s%s; %d distinct (%d up to symmetry); first player won %.1f %%, draws %.1f %%, "
            "%.1f plies per game\n",
            report->done, expected(report), report->seconds, report->finished ? "" : ", stopped",
            match_report_distinct(report, false), match_report_distinct(report, true), 100.0 * first / done,
            100.0 * draws / done, (double)plies / done);
}

static void print_standings(const struct match_table *table, FILE *out)
{
    const struct match_config *config = &table->setup->config;
    if (!config->schedule || !config->schedule->standing)
        return;
    fprintf(out, "%s:", config->schedule->name);
    for (int i = 0; i < table->n; i++)
        fprintf(out, "%s %d. %s", i ? "," : "", i + 1, match_table_name(table, table->standing[i]));
    putc('\n', out);
}

void match_print_text(const struct match_table *table, FILE *out)
{
    char spec[GAME_SPEC_MAX];
    fprintf(out, "%s, seed %" G_GUINT64_FORMAT "\n", game_format(&table->setup->game, spec), table->setup->config.seed);
    print_players(table, out);
    print_legend(table, out);
    print_standings(table, out);
    if (table->n > 2)
        print_pairs(table, out);
    else
        fprintf(out, "%s is stronger with probability %.1f %%.\n", match_table_name(table, table->standing[0]),
                100 * rating_superiority(&table->ratings, table->standing[0], table->standing[1]));
    print_test(table, out);
    print_summary(table, out);
    print_ends(table, out);
    print_forfeits(table, out);
}

int match_print_live(const struct match_table *table, FILE *out)
{
    const struct match_report *report = table->report;
    int shown = MIN(table->n, 20), lines = 1, width = MIN(name_width(table), 30);
    fprintf(out, "%d of %d games, %.0f s", report->done, expected(report), report->seconds);
    if (table->setup->config.sprt)
        fprintf(out, ", LLR %.2f in %.2f..%.2f", report->sprt.llr, report->sprt.lower, report->sprt.upper);
    fputs("\033[K\n", out);
    for (int i = 0; i < shown; i++, lines++) {
        int p = table->standing[i];
        const struct match_score *s = &table->total[p];
        const struct rating *r = &table->ratings.ratings[p];
        print_name(out, match_table_name(table, p), width, width);
        fprintf(out, " %5d: +%d =%d -%d", s->games, s->wins, s->draws, s->losses);
        if (s->games)
            fprintf(out, "  %.1f %%", 100 * match_mean_score(s));
        if (r->known)
            fprintf(out, "  Elo %.0f (%.0f..%.0f)", match_rounded(r->elo), match_rounded(r->low),
                    match_rounded(r->high));
        if (s->forfeits)
            fprintf(out, "  %d forfeited", s->forfeits);
        fprintf(out, "%s\033[K\n", report->withdrawn[p] ? "  withdrawn" : "");
    }
    return lines;
}

/* The figures of a match, and their forms for a terminal and for scripts. */
#include "engine/match/report/report.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "engine/match/schedule.h"

/* ---- figures ---- */

static void fit_ratings(struct match_table *table)
{
    const struct match_setup *setup = table->setup;
    const struct match_report *report = table->report;
    struct rating_game *games = g_new(struct rating_game, MAX(report->count, 1));
    bool *repeated = match_report_repeated(report, &table->repeated);
    int count = 0;
    for (int i = 0; i < report->count; i++) {
        const struct match_record *r = &report->records[i];
        double points = r->outcome == GAME_DRAWN ? 0.5 : r->outcome == GAME_WON_0 ? 1 : 0;
        if (r->done && (!repeated[i] || setup->repeated))
            games[count++] = (struct rating_game){r->side[0], r->side[1], points, r->pair};
    }
    const struct rating_config config = {table->n, games, count, setup->anchors, setup->anchor_count, setup->davidson};
    rating_fit(&config, &table->ratings);
    g_free(games);
    g_free(repeated);
}

static double strength(const struct match_table *table, int player)
{
    return table->ratings.ratings[player].known ? table->ratings.ratings[player].elo : -1e9;
}

static void find_standing(struct match_table *table)
{
    const struct match_config *config = &table->setup->config;
    const struct match_report *report = table->report;
    const struct schedule_view view = {table->n,        config->games, config->rounds,
                                       report->records, report->count, report->withdrawn};
    for (int i = 0; i < table->n; i++) {
        int at = i;
        for (; at > 0 && strength(table, table->standing[at - 1]) < strength(table, i); at--)
            table->standing[at] = table->standing[at - 1];
        table->standing[at] = i;
    }
    if (config->schedule && config->schedule->standing)
        config->schedule->standing(&view, table->standing);
}

void match_table_make(struct match_table *table, const struct match_setup *setup, const struct match_report *report)
{
    *table = (struct match_table){.setup = setup, .report = report, .n = report->player_count};
    table->cross = match_report_cross(report);
    for (int a = 0; a < table->n; a++)
        for (int b = 0; b < table->n; b++) {
            const struct match_score *s = &table->cross[a * table->n + b];
            struct match_score *t = &table->total[a];
            t->games += s->games;
            t->wins += s->wins;
            t->draws += s->draws;
            t->losses += s->losses;
            t->forfeits += s->forfeits;
        }
    fit_ratings(table);
    find_standing(table);
}

void match_table_clear(struct match_table *table)
{
    g_free(table->cross);
    rating_table_clear(&table->ratings);
}

double match_mean_score(const struct match_score *score)
{
    return score->games ? (score->wins + score->draws / 2.0) / score->games : NAN;
}

static const char *name_of(const struct match_table *table, int player)
{
    return table->setup->players[player].name;
}

/* ---- text ---- */

/* Columns that a character takes on a terminal: a Chinese one takes two, a combining one none. */
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

/* Filled up to `least` columns, cut after `most`. */
static void print_name(FILE *out, const char *name, int least, int most)
{
    int count = 0;
    const char *at = name;
    for (; *at && count + columns_of(g_utf8_get_char(at)) <= most; at = g_utf8_next_char(at))
        count += columns_of(g_utf8_get_char(at));
    fprintf(out, "%.*s%*s", (int)(at - name), name, MAX(least - count, 0), "");
}

static void print_score(FILE *out, const char *name, int width, const struct match_score *s)
{
    double low, high;
    rating_score_interval(match_mean_score(s), s->games, &low, &high);
    print_name(out, name, width, INT_MAX);
    fprintf(out, " %6d %6d %6d %6d", s->games, s->wins, s->draws, s->losses);
    if (s->games)
        fprintf(out, "  %5.1f %% (%4.1f..%5.1f)", 100 * match_mean_score(s), 100 * low, 100 * high);
}

/* Rounded, and never "-0". */
static double whole(double value)
{
    return round(value) + 0.0;
}

static int name_width(const struct match_table *table)
{
    int width = 6;
    for (int i = 0; i < table->n; i++)
        width = MAX(width, columns(name_of(table, i)));
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
        print_score(out, name_of(table, p), width, &table->total[p]);
        if (r->known)
            fprintf(out, " %6.0f (%.0f..%.0f)", whole(r->elo), whole(r->low), whole(r->high));
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
    fputs("Score intervals by Wilson; Elo by maximum likelihood over all games, ", out);
    for (int i = 0; i < setup->anchor_count; i++)
        fprintf(out, "%s%s at %g", i ? ", " : "", name_of(table, setup->anchors[i].player), setup->anchors[i].elo);
    fprintf(out, "%s, intervals from pairs of games%s.\n", setup->anchor_count ? "" : "the mean at 0",
            table->ratings.own ? "" : ", bounded by half a win and half a loss added to one-sided pairs of players");
    if (table->ratings.draw_even > 0)
        fprintf(out, "Davidson's draw model: equals draw %.1f %%.\n", 100 * table->ratings.draw_even);
    else if (setup->davidson && table->report->done)
        fputs("Davidson's draw model has no fit to these games (there are no draws, or too few upsets beside them); a "
              "draw "
              "counts as half a win and half a loss.\n",
              out);
    if (table->repeated)
        fprintf(out, "%d games repeat an earlier one of the same players%s.\n", table->repeated,
                setup->repeated ? "" : " and are left out of the ratings");
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
            char *name = g_strdup_printf("%s - %s", name_of(table, a), name_of(table, b));
            print_score(out, name, width, s);
            fprintf(out, "  stronger with %.1f %%\n", 100 * rating_superiority(&table->ratings, a, b));
            g_free(name);
        }
}

/* Each reason once, with the number of games that it ended. */
static void print_forfeits(const struct match_table *table, FILE *out)
{
    GHashTable *counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < table->report->count; i++) {
        const struct match_record *r = &table->report->records[i];
        if (!r->done || !match_is_fault(r->end))
            continue;
        char *line = g_strdup_printf("%s: %s", name_of(table, r->side[r->loser]), r->reason ? r->reason : "no reason");
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
    fprintf(out, "SPRT (%s Elo %g against %g, alpha %g, beta %g): %s, log likelihood ratio %.2f of %.2f..%.2f; pairs",
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
    int first = 0, draws = 0, plies = 0, done = MAX(report->done, 1);
    for (int i = 0; i < report->count; i++)
        if (report->records[i].done) {
            first += report->records[i].outcome == GAME_WON_0;
            draws += report->records[i].outcome == GAME_DRAWN;
            plies += report->records[i].plies;
        }
    fprintf(out,
            "%d of %d games in %.1f s%s; %d distinct (%d but for symmetry); first player won %.1f %%, draws %.1f %%, "
            "%.1f plies a game\n",
            report->done, expected(report), report->seconds, report->finished ? "" : ", stopped",
            match_report_distinct(report, false), match_report_distinct(report, true), 100.0 * first / done,
            100.0 * draws / done, (double)plies / done);
}

static void print_standing(const struct match_table *table, FILE *out)
{
    const struct match_config *config = &table->setup->config;
    if (!config->schedule || !config->schedule->standing)
        return;
    fprintf(out, "%s:", config->schedule->name);
    for (int i = 0; i < table->n; i++)
        fprintf(out, "%s %d. %s", i ? "," : "", i + 1, name_of(table, table->standing[i]));
    putc('\n', out);
}

void match_print_text(const struct match_table *table, FILE *out)
{
    char spec[GAME_SPEC_MAX];
    fprintf(out, "%s, seed %" G_GUINT64_FORMAT "\n", game_format(&table->setup->game, spec), table->setup->config.seed);
    print_players(table, out);
    print_legend(table, out);
    print_standing(table, out);
    if (table->n > 2)
        print_pairs(table, out);
    else
        fprintf(out, "%s is stronger with %.1f %%.\n", name_of(table, table->standing[0]),
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
        fprintf(out, ", log likelihood ratio %.2f of %.2f..%.2f", report->sprt.llr, report->sprt.lower,
                report->sprt.upper);
    fputs("\033[K\n", out);
    for (int i = 0; i < shown; i++, lines++) {
        int p = table->standing[i];
        const struct match_score *s = &table->total[p];
        const struct rating *r = &table->ratings.ratings[p];
        print_name(out, name_of(table, p), width, width);
        fprintf(out, " %5d: +%d =%d -%d", s->games, s->wins, s->draws, s->losses);
        if (s->games)
            fprintf(out, "  %.1f %%", 100 * match_mean_score(s));
        if (r->known)
            fprintf(out, "  Elo %.0f (%.0f..%.0f)", whole(r->elo), whole(r->low), whole(r->high));
        if (s->forfeits)
            fprintf(out, "  %d forfeited", s->forfeits);
        fprintf(out, "%s\033[K\n", report->withdrawn[p] ? "  withdrawn" : "");
    }
    return lines;
}

/* ---- JSON ---- */

static void print_object(FILE *out, cJSON *object)
{
    char *text = cJSON_PrintUnformatted(object);
    fprintf(out, "%s\n", text);
    cJSON_free(text);
    cJSON_Delete(object);
}

static void add_score(cJSON *to, const struct match_score *s)
{
    cJSON_AddNumberToObject(to, "games", s->games);
    cJSON_AddNumberToObject(to, "wins", s->wins);
    cJSON_AddNumberToObject(to, "draws", s->draws);
    cJSON_AddNumberToObject(to, "losses", s->losses);
    if (s->games)
        cJSON_AddNumberToObject(to, "score", match_mean_score(s));
    else
        cJSON_AddNullToObject(to, "score");
}

static void print_json_pair(const struct match_table *table, int a, int b, FILE *out)
{
    const struct match_score *s = &table->cross[a * table->n + b];
    double low, high;
    rating_score_interval(match_mean_score(s), s->games, &low, &high);
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "a", name_of(table, a));
    cJSON_AddStringToObject(line, "b", name_of(table, b));
    add_score(line, s);
    cJSON_AddNumberToObject(line, "score_low", low);
    cJSON_AddNumberToObject(line, "score_high", high);
    cJSON_AddNumberToObject(line, "games_first", s->first_games);
    cJSON_AddNumberToObject(line, "points_first", s->first_points2 / 2.0);
    cJSON_AddNumberToObject(line, "superiority", rating_superiority(&table->ratings, a, b));
    print_object(out, line);
}

static void print_json_test(const struct match_table *table, FILE *out)
{
    static const char *const verdicts[] = {"open", "H0", "H1"};
    const struct sprt *t = table->setup->config.sprt;
    const struct sprt_state *s = &table->report->sprt;
    cJSON *line = cJSON_CreateObject(), *test = cJSON_AddObjectToObject(line, "sprt");
    cJSON_AddStringToObject(test, "model", t->model == SPRT_NORMALISED ? "normalised" : "logistic");
    cJSON_AddNumberToObject(test, "elo0", t->elo0);
    cJSON_AddNumberToObject(test, "elo1", t->elo1);
    cJSON_AddNumberToObject(test, "llr", s->llr);
    cJSON_AddNumberToObject(test, "lower", s->lower);
    cJSON_AddNumberToObject(test, "upper", s->upper);
    cJSON_AddStringToObject(test, "decision", verdicts[s->decision]);
    cJSON *pairs = cJSON_AddArrayToObject(test, "pairs");
    for (int i = 0; i < 5; i++)
        cJSON_AddItemToArray(pairs, cJSON_CreateNumber((double)s->pairs[i]));
    print_object(out, line);
}

static void print_json_summary(const struct match_table *table, FILE *out)
{
    const struct match_config *config = &table->setup->config;
    char spec[GAME_SPEC_MAX];
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "game", game_format(&table->setup->game, spec));
    char *seed = g_strdup_printf("%" G_GUINT64_FORMAT, config->seed); /* text: a double holds 53 bits */
    cJSON_AddStringToObject(line, "seed", seed);
    g_free(seed);
    cJSON_AddNumberToObject(line, "distinct", match_report_distinct(table->report, false));
    cJSON_AddNumberToObject(line, "distinct_symmetric", match_report_distinct(table->report, true));
    cJSON *forfeits = cJSON_AddObjectToObject(line, "forfeits");
    for (int i = 0; i < table->n; i++)
        cJSON_AddNumberToObject(forfeits, name_of(table, i), table->total[i].forfeits);
    cJSON_AddNumberToObject(line, "repeated", table->repeated);
    cJSON_AddStringToObject(line, "schedule", config->schedule ? config->schedule->name : "round-robin");
    cJSON *standing = cJSON_AddArrayToObject(line, "standing"), *withdrawn = cJSON_AddArrayToObject(line, "withdrawn");
    for (int i = 0; i < table->n; i++) {
        cJSON_AddItemToArray(standing, cJSON_CreateString(name_of(table, table->standing[i])));
        if (table->report->withdrawn[i])
            cJSON_AddItemToArray(withdrawn, cJSON_CreateString(name_of(table, i)));
    }
    if (table->ratings.draw_even > 0)
        cJSON_AddNumberToObject(line, "draw_even", table->ratings.draw_even);
    print_object(out, line);
}

void match_print_json(const struct match_table *table, FILE *out)
{
    for (int a = 0; a < table->n; a++)
        for (int b = a + 1; b < table->n; b++)
            if (table->cross[a * table->n + b].games)
                print_json_pair(table, a, b, out);
    if (table->setup->config.sprt)
        print_json_test(table, out);
    print_json_summary(table, out);
    cJSON *line = cJSON_CreateObject(), *agents = cJSON_AddArrayToObject(line, "agents");
    for (int i = 0; i < table->n; i++) {
        const struct rating *r = &table->ratings.ratings[i];
        cJSON *agent = cJSON_CreateObject();
        cJSON_AddStringToObject(agent, "name", name_of(table, i));
        add_score(agent, &table->total[i]);
        const char *const names[] = {"elo", "elo_low", "elo_high"};
        const double values[] = {r->elo, r->low, r->high};
        for (int k = 0; k < 3; k++)
            if (r->known)
                cJSON_AddNumberToObject(agent, names[k], values[k]);
            else
                cJSON_AddNullToObject(agent, names[k]);
        cJSON_AddItemToArray(agents, agent);
    }
    cJSON_AddNumberToObject(line, "games", table->report->done);
    cJSON_AddNumberToObject(line, "seconds", table->report->seconds);
    cJSON_AddBoolToObject(line, "finished", table->report->finished);
    print_object(out, line);
}

/* ---- CSV ---- */

static void print_field(FILE *out, const char *text)
{
    putc('"', out);
    for (; text && *text; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

void match_print_csv(const struct match_table *table, FILE *out)
{
    fputs("game,round,pair,opening,first,second,result,ended,loser,margin,plies,seconds,reason\n", out);
    static const char *const results[] = {"", "1-0", "0-1", "1/2-1/2"};
    for (int i = 0; i < table->report->count; i++) {
        const struct match_record *r = &table->report->records[i];
        if (!r->done)
            continue;
        bool lost = match_is_fault(r->end) || r->end == MATCH_RESIGNED;
        fprintf(out, "%d,%d,%d,%d,", i + 1, r->round + 1, r->pair + 1, r->opening + 1);
        print_field(out, name_of(table, r->side[0]));
        putc(',', out);
        print_field(out, name_of(table, r->side[1]));
        fprintf(out, ",%s,%s,", results[r->outcome], match_end_names[r->end]);
        if (lost)
            print_field(out, name_of(table, r->side[r->loser]));
        fprintf(out, ",%g,%d,%.3f,", (double)r->margin, r->plies, r->seconds);
        print_field(out, r->reason);
        putc('\n', out);
    }
}

/* A match as JSON: one object per line for a stream, or one document for a file. */
#include "engine/match/report/json.h"

#include <cjson/cJSON.h>

#include "engine/match/count.h"
#include "engine/match/match.h"
#include "engine/match/report/report.h"
#include "engine/match/schedule/schedule.h"
#include "engine/match/setup.h"
#include "engine/match/statistics/rating.h"
#include "engine/match/statistics/sprt.h"
#include "games/game.h"

void match_json_print(FILE *out, cJSON *object)
{
    char *text = cJSON_PrintUnformatted(object);
    fprintf(out, "%s\n", text);
    cJSON_free(text);
    cJSON_Delete(object);
}

void match_json_add_score(cJSON *to, const struct match_score *s)
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

static cJSON *pair_json(const struct match_table *table, int a, int b)
{
    const struct match_score *s = &table->cross[a * table->n + b];
    double low, high;
    rating_score_interval(match_mean_score(s), s->games, &low, &high);
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "a", match_table_name(table, a));
    cJSON_AddStringToObject(line, "b", match_table_name(table, b));
    match_json_add_score(line, s);
    cJSON_AddNumberToObject(line, "score_low", low);
    cJSON_AddNumberToObject(line, "score_high", high);
    cJSON_AddNumberToObject(line, "games_first", s->first_games);
    cJSON_AddNumberToObject(line, "points_first", s->first_points2 / 2.0);
    cJSON_AddNumberToObject(line, "superiority", rating_superiority(&table->ratings, a, b));
    return line;
}

static cJSON *test_json(const struct match_table *table)
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
    return line;
}

static cJSON *summary_json(const struct match_table *table)
{
    const struct match_config *config = &table->setup->config;
    char spec[GAME_SPEC_MAX];
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "game", game_format(&table->setup->game, spec));
    char *seed = g_strdup_printf("%" G_GUINT64_FORMAT, config->seed); /* as text: a double holds only 53 bits */
    cJSON_AddStringToObject(line, "seed", seed);
    g_free(seed);
    cJSON_AddNumberToObject(line, "distinct", match_report_distinct(table->report, false));
    cJSON_AddNumberToObject(line, "distinct_symmetric", match_report_distinct(table->report, true));
    cJSON *forfeits = cJSON_AddObjectToObject(line, "forfeits");
    for (int i = 0; i < table->n; i++)
        cJSON_AddNumberToObject(forfeits, match_table_name(table, i), table->total[i].forfeits);
    cJSON_AddNumberToObject(line, "repeated", table->repeated);
    cJSON_AddStringToObject(line, "schedule", config->schedule ? config->schedule->name : "round-robin");
    cJSON *standing = cJSON_AddArrayToObject(line, "standing"), *withdrawn = cJSON_AddArrayToObject(line, "withdrawn");
    for (int i = 0; i < table->n; i++) {
        cJSON_AddItemToArray(standing, cJSON_CreateString(match_table_name(table, table->standing[i])));
        if (table->report->withdrawn[i])
            cJSON_AddItemToArray(withdrawn, cJSON_CreateString(match_table_name(table, i)));
    }
    if (table->ratings.draw_even > 0)
        cJSON_AddNumberToObject(line, "draw_even", table->ratings.draw_even);
    return line;
}

static cJSON *agents_json(const struct match_table *table)
{
    cJSON *line = cJSON_CreateObject(), *agents = cJSON_AddArrayToObject(line, "agents");
    for (int i = 0; i < table->n; i++) {
        const struct rating *r = &table->ratings.ratings[i];
        cJSON *agent = cJSON_CreateObject();
        cJSON_AddStringToObject(agent, "name", match_table_name(table, i));
        match_json_add_score(agent, &table->total[i]);
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
    return line;
}

static cJSON *pairs_json(const struct match_table *table)
{
    cJSON *pairs = cJSON_CreateArray();
    for (int a = 0; a < table->n; a++)
        for (int b = a + 1; b < table->n; b++)
            if (table->cross[a * table->n + b].games)
                cJSON_AddItemToArray(pairs, pair_json(table, a, b));
    return pairs;
}

void match_print_json_lines(const struct match_table *table, FILE *out)
{
    cJSON *pairs = pairs_json(table);
    for (cJSON *pair; (pair = cJSON_DetachItemFromArray(pairs, 0));)
        match_json_print(out, pair);
    cJSON_Delete(pairs);
    if (table->setup->config.sprt)
        match_json_print(out, test_json(table));
    match_json_print(out, summary_json(table));
    match_json_print(out, agents_json(table));
}

/* Moves the members of `from` to the end of `to`. */
static void move_members(cJSON *to, cJSON *from)
{
    while (from->child) {
        cJSON *member = cJSON_DetachItemViaPointer(from, from->child);
        cJSON_AddItemToObject(to, member->string, member);
    }
    cJSON_Delete(from);
}

void match_print_json(const struct match_table *table, FILE *out)
{
    cJSON *document = agents_json(table);
    cJSON_AddItemToObject(document, "pairs", pairs_json(table));
    if (table->setup->config.sprt)
        move_members(document, test_json(table));
    move_members(document, summary_json(table));
    char *text = cJSON_Print(document);
    fprintf(out, "%s\n", text);
    cJSON_free(text);
    cJSON_Delete(document);
}

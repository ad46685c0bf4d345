#include "engine/match/report/report.h"

#include <math.h>

#include "engine/match/match.h"
#include "engine/match/schedule/schedule.h"
#include "engine/match/setup.h"
#include "games/game.h"

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

const char *match_table_name(const struct match_table *table, int player)
{
    return table->setup->players[player].name;
}

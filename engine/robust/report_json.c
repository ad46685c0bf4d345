/* JSON lines. */
#include <cjson/cJSON.h>
#include <math.h>

#include "engine/match/count.h"
#include "engine/match/report/json.h"
#include "engine/robust/cells.h"
#include "engine/robust/report.h"
#include "engine/robust/report_internal.h"
#include "engine/robust/robust.h"
#include "games/game.h"

static cJSON *cell_json(const struct robust_cell *cell)
{
    char spec[GAME_SPEC_MAX];
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "cell", cell->name);
    cJSON_AddStringToObject(line, "game", game_format(&cell->game, spec));
    cJSON_AddNumberToObject(line, "openings", cell->openings);
    return line;
}

static cJSON *result_json(const struct robust_cell *cell, const struct robust_result *r)
{
    double figures[ROBUST_FIGURES];
    cJSON *line = cell_json(cell);
    match_json_add_score(line, &r->score);
    robust_figures(r, figures);
    for (int k = 1; k < ROBUST_FIGURES; k++) /* the score is there */
        if (isnan(figures[k]))
            cJSON_AddNullToObject(line, robust_figure_names[k]);
        else
            cJSON_AddNumberToObject(line, robust_figure_names[k], figures[k]);
    cJSON_AddBoolToObject(line, "one_sided", r->one_sided);
    cJSON_AddNumberToObject(line, "forfeits", r->score.forfeits);
    cJSON_AddNumberToObject(line, "faults", r->faults);
    cJSON_AddNumberToObject(line, "repeated", r->repeated);
    cJSON_AddBoolToObject(line, "finished", r->finished);
    cJSON_AddNumberToObject(line, "seconds", r->seconds);
    if (r->refusal)
        cJSON_AddStringToObject(line, "refusal", r->refusal);
    return line;
}

static cJSON *summary_json(const struct robust_report *report)
{
    const struct robust_config *config = report->config;
    const struct robust_totals totals = robust_count(report);
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "net", config->net);
    cJSON_AddNumberToObject(line, "visits", config->visits);
    cJSON *anchors = cJSON_AddArrayToObject(line, "anchors");
    for (int i = 0; i < config->anchor_count; i++)
        cJSON_AddItemToArray(anchors, cJSON_CreateString(config->anchors[i]));
    char *seed = g_strdup_printf("%" G_GINT64_FORMAT, report->seed); /* as text: a double holds only 53 bits */
    cJSON_AddItemToObject(line, "seed", report->seed >= 0 ? cJSON_CreateString(seed) : cJSON_CreateNull());
    g_free(seed);
    cJSON_AddNumberToObject(line, "cells", config->cells->count);
    cJSON_AddNumberToObject(line, "played", totals.played);
    cJSON_AddNumberToObject(line, "refused", totals.refused);
    cJSON_AddNumberToObject(line, "games", totals.games);
    cJSON_AddNumberToObject(line, "seconds", totals.seconds);
    if (totals.most > 0)
        cJSON_AddStringToObject(line, "most_lost", config->cells->cell[totals.most].name);
    else
        cJSON_AddNullToObject(line, "most_lost");
    cJSON_AddBoolToObject(line, "finished", report->finished);
    return line;
}

void robust_print_json(const struct robust_report *report, FILE *out)
{
    const struct robust_cells *cells = report->config->cells;
    for (int i = 0; i < cells->count; i++)
        match_json_print(out, result_json(&cells->cell[i], &report->result[i]));
    match_json_print(out, summary_json(report));
}

void robust_print_cells_json(const struct robust_cells *cells, FILE *out)
{
    for (int i = 0; i < cells->count; i++)
        match_json_print(out, cell_json(&cells->cell[i]));
}

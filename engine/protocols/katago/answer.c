/* Converts an agent's report to a response. */
#include <cjson/cJSON.h>
#include <math.h>

#include "agents/agent.h"
#include "engine/protocols/katago/analysis.h"
#include "engine/protocols/katago/session.h"
#include "games/game.h"

/* A response being built. Agents report from the perspective of the player to move; flip: the response is from the
 * opponent's. */
struct answer {
    const struct analysis_task *task;
    const struct game *game;
    bool flip;
};

/* Rounds to six decimals to keep responses short. */
static void add(cJSON *to, const char *name, double number)
{
    cJSON_AddNumberToObject(to, name, isfinite(number) ? round(number * 1e6) / 1e6 : 0);
}

/* Converts a value -1..1 of the player to move to a win rate 0..1 (a draw counts half) in the requested perspective. */
static double win_rate(const struct answer *answer, float value)
{
    return answer->flip ? 1 - agent_chance(value) : agent_chance(value);
}

static double in_view(const struct answer *answer, float number)
{
    return answer->flip ? -(double)number : (double)number;
}

static void add_move(const struct answer *answer, cJSON *list, game_move move)
{
    char text[GAME_MOVE_TEXT_MAX];
    cJSON_AddItemToArray(list, cJSON_CreateString(game_move_format(answer->game, move, text)));
}

/* KataGo distinguishes these fields; the search here only has the mean score. */
static void add_score(const struct answer *answer, cJSON *to, float score)
{
    if (!answer->game->has_score)
        score = 0;
    add(to, "scoreLead", in_view(answer, score));
    add(to, "scoreMean", in_view(answer, score));
    add(to, "scoreSelfplay", in_view(answer, score));
    add(to, "scoreStdev", 0);
}

static cJSON *move_info(const struct answer *answer, const struct agent_candidate *candidate, int order)
{
    cJSON *info = cJSON_CreateObject();
    char text[GAME_MOVE_TEXT_MAX];
    cJSON_AddStringToObject(info, "move", game_move_format(answer->game, candidate->move, text));
    cJSON_AddNumberToObject(info, "order", order);
    cJSON_AddNumberToObject(info, "visits", (double)candidate->visits);
    cJSON_AddNumberToObject(info, "weight", (double)candidate->visits);
    add(info, "winrate", win_rate(answer, candidate->value));
    add(info, "lcb", win_rate(answer, candidate->lcb));
    add(info, "prior", (double)candidate->prior);
    add(info, "utility", in_view(answer, candidate->value));
    add(info, "utilityLcb", in_view(answer, candidate->lcb));
    add_score(answer, info, candidate->score);
    cJSON *line = cJSON_AddArrayToObject(info, "pv");
    for (int i = 0; i < candidate->length; i++)
        add_move(answer, line, candidate->line[i]);
    if (answer->task->query->line_visits) {
        cJSON *visits = cJSON_AddArrayToObject(info, "pvVisits");
        for (int i = 0; i < candidate->length; i++)
            cJSON_AddItemToArray(visits, cJSON_CreateNumber((double)candidate->line_visits[i]));
    }
    return info;
}

static void add_root(const struct answer *answer, cJSON *to, const struct position *position,
                     const struct agent_report *report)
{
    cJSON *root = cJSON_AddObjectToObject(to, "rootInfo");
    char hash[40];
    g_snprintf(hash, sizeof hash, "%016" G_GINT64_MODIFIER "X", position->hash);
    cJSON_AddStringToObject(root, "currentPlayer", position->colour == GAME_BLACK ? "B" : "W");
    cJSON_AddNumberToObject(root, "visits", (double)report->visits);
    cJSON_AddNumberToObject(root, "weight", (double)report->visits);
    add(root, "winrate", win_rate(answer, report->value));
    add(root, "lcb", win_rate(answer, report->value));
    add(root, "utility", in_view(answer, report->value));
    add_score(answer, root, report->score);
    add(root, "rawWinrate", win_rate(answer, report->raw_value));
    add(root, "rawLead", answer->game->has_score ? in_view(answer, report->raw_score) : 0);
    add(root, "rawScoreSelfplay", answer->game->has_score ? in_view(answer, report->raw_score) : 0);
    add(root, "rawNoResultProb", 0);
    if (report->steps > 0)
        add(root, "steps", (double)report->steps);
    cJSON_AddStringToObject(root, "thisHash", hash);
}

static void add_numbers(cJSON *to, const char *name, const float *numbers, int count, float sign, double missing)
{
    cJSON *list = cJSON_AddArrayToObject(to, name);
    for (int i = 0; i < count; i++)
        cJSON_AddItemToArray(
            list, cJSON_CreateNumber(isfinite(numbers[i]) ? round((double)(sign * numbers[i]) * 1e6) / 1e6 : missing));
}

static cJSON *begin(const struct analysis_task *task, bool during)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", task->query->id);
    cJSON_AddNumberToObject(json, "turnNumber", task->turn);
    cJSON_AddBoolToObject(json, "isDuringSearch", during);
    return json;
}

cJSON *analysis_no_results(const struct analysis_task *task)
{
    cJSON *json = begin(task, false);
    cJSON_AddBoolToObject(json, "noResults", true);
    return json;
}

cJSON *analysis_answer(const struct analysis_task *task, const struct position *position,
                       const struct agent_report *report, const float *priors, bool during)
{
    const struct analysis_query *query = task->query;
    bool black = position->colour == GAME_BLACK;
    const struct answer answer = {task, &query->game,
                                  (query->view == ANALYSIS_VIEW_BLACK && !black) ||
                                      (query->view == ANALYSIS_VIEW_WHITE && black)};
    cJSON *json = begin(task, during), *infos = cJSON_AddArrayToObject(json, "moveInfos");
    for (int i = 0; i < agent_report_count(report, 0, 0); i++)
        if (report->candidates[i].visits > 0)
            cJSON_AddItemToArray(infos, move_info(&answer, &report->candidates[i], cJSON_GetArraySize(infos)));
    add_root(&answer, json, position, report);
    if (query->ownership && report->map)
        add_numbers(json, "ownership", report->map, query->game.points, answer.flip ? -1 : 1, 0);
    if (query->policy)
        add_numbers(json, "policy", priors, query->game.moves, 1, -1);
    return json;
}

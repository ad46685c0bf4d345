/* Runs a task: sets up its position, searches it and sends the response. */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "agents/agent.h"
#include "engine/protocols/katago/analysis.h"
#include "engine/protocols/katago/session.h"
#include "games/game.h"

struct search {
    struct analysis_worker *worker;
    struct analysis_task *task;
    struct agent *agent;
    float priors[GAME_MAX_MOVES]; /* NAN: illegal move */
    cJSON *last;                  /* the response for the latest report */
    bool found;                   /* a move has been visited, or there is none to visit */
    int64_t sent_us;              /* when the last report was sent */
};

/* Opens the worker's agent for the game, unless it is open already. Returns false with the error set. */
static bool open_agent(struct analysis_worker *worker, const struct game *game, GError **error)
{
    const struct analysis_config *config = &worker->analysis->config;
    const struct agent_config wanted = {.seed = config->seed, .threads = config->threads};
    if (worker->agent && game_equal(&worker->game, game))
        return true;
    agent_close(worker->agent);
    worker->agent = NULL;
    worker->game = *game;
    if (agent_open(&worker->agent, worker->analysis->agent_spec, &worker->game, &wanted, error) != 0)
        return false;
    g_assert(worker->agent); /* what agent_open returns on success */
    return true;
}

/* Sets the agent to the task's position with an empty tree, so that responses do not depend on earlier queries. */
static bool place_agent(struct search *search, GError **error)
{
    struct analysis_worker *worker = search->worker;
    const struct analysis_query *query = search->task->query;
    union any_position position;
    struct history history;
    if (!open_agent(worker, &query->game, error))
        return false;
    history_init(&history, search->task->turn + 1);
    bool ok = analysis_position(query, search->task->turn, &position.p, &history, error) &&
              agent_start_from(worker->agent, &position.p, &history, worker->analysis->config.seed, error);
    history_clear(&history);
    search->agent = worker->agent;
    if (ok)
        analysis_print_caution(worker->analysis, worker->agent);
    return ok;
}

static void take_priors(const struct agent_report *report, void *data)
{
    struct search *search = data;
    for (int i = 0; i < report->count; i++)
        search->priors[report->candidates[i].move] = report->candidates[i].prior;
}

/* Sets the priors of legal moves to 0, of others to NAN. Returns the number of legal moves. */
static int init_priors(struct search *search)
{
    const struct agent *agent = search->agent;
    game_move legal[GAME_MAX_MOVES];
    int count = agent->game->ops->legal_moves(agent->game, agent->position, &agent->history, legal);
    for (int i = 0; i < agent->game->moves; i++)
        search->priors[i] = NAN;
    for (int i = 0; i < count; i++)
        search->priors[legal[i]] = 0;
    return count;
}

static void take_report(const struct agent_report *report, void *data)
{
    struct search *search = data;
    const struct analysis_query *query = search->task->query;
    int64_t now = g_get_monotonic_time();
    bool restricted = query->restricted[search->agent->position->colour == GAME_WHITE];
    if (!restricted)
        take_priors(report, search);
    cJSON_Delete(search->last);
    search->last = analysis_answer(search->task, search->agent->position, report, search->priors, false);
    search->found |= report->count > 0 && report->candidates[0].visits > 0;
    /* The final report, which becomes the response, may closely follow an intermediate one and is not sent twice. The
     * threshold is 90 % of the interval (in microseconds), because reports are not exactly periodic. */
    if (!query->interval_ms || now - search->sent_us < query->interval_ms * 900 || !search->found)
        return;
    search->sent_us = now;
    analysis_send(search->worker->analysis,
                  analysis_answer(search->task, search->agent->position, report, search->priors, true));
    if (atomic_load(&search->worker->analysis->broken))
        atomic_store(&search->task->stop, true);
}

static bool analyse(struct search *search, GError **error)
{
    struct analysis_task *task = search->task;
    const struct analysis_query *query = task->query;
    int side = search->agent->position->colour == GAME_WHITE;
    const struct agent_clock one_visit = {.visits = 1}, clock = {.visits = query->visits, .move_ms = query->time_ms};
    const struct agent_analysis priors_only = {.report = take_priors, .data = search, .stop = &task->stop};
    const struct agent_analysis wanted = {.interval_ms = query->interval_ms,
                                          .map = query->ownership,
                                          .allowed = query->restricted[side] ? query->allowed[side] : NULL,
                                          .stop = &task->stop,
                                          .report = take_report,
                                          .data = search};
    /* The response contains the unrestricted policy, which a restricted search does not report. */
    if (query->policy && query->restricted[side] && search->agent->ops->analyse &&
        (!agent_analyse(search->agent, &one_visit, &priors_only, NULL, error) || !place_agent(search, error)))
        return false;
    search->sent_us = g_get_monotonic_time();
    return agent_analyse(search->agent, &clock, &wanted, NULL, error);
}

/* Without legal moves, reports the result of the game. */
static void report_result(struct search *search)
{
    const struct position *position = search->agent->position;
    struct game_result result = game_result(search->agent->game, position);
    float value = (float)game_result_sign(&result, position->player);
    float score = position->player ? -result.margin : result.margin;
    const struct agent_report report = {
        .visits = 1, .value = value, .raw_value = value, .score = score, .raw_score = score};
    search->last = analysis_answer(search->task, position, &report, search->priors, false);
}

/* Whether the query allows any legal move. */
static bool any_allowed(const struct search *search)
{
    const struct analysis_query *query = search->task->query;
    int side = search->agent->position->colour == GAME_WHITE;
    bool any = !query->restricted[side];
    for (int i = 0; i < query->game.moves && !any; i++)
        any = query->allowed[side][i] && !isnan(search->priors[i]);
    return any;
}

void analysis_run_task(struct analysis_worker *worker, struct analysis_task *task)
{
    struct analysis *analysis = worker->analysis;
    struct search search = {.worker = worker, .task = task};
    GError *error = NULL;
    if (atomic_load(&analysis->broken))
        return;
    bool ok = place_agent(&search, &error);
    if (ok && !init_priors(&search)) {
        report_result(&search);
        search.found = true;
    } else if (ok) {
        search.found = !any_allowed(&search); /* without an allowed move, the response is the evaluation alone */
        ok = analyse(&search, &error);
    }
    if (!ok) {
        analysis_send_error(analysis, task->query->id, NULL, error->message);
        g_clear_error(&error);
        agent_close(worker->agent);
        worker->agent = NULL;
    } else if (search.last && search.found) {
        analysis_send(analysis, search.last);
        search.last = NULL;
    } else {
        analysis_send(analysis, analysis_no_results(task));
    }
    cJSON_Delete(search.last);
}

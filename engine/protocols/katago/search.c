/* A task: its position, its search, its answer. */
#include <math.h>
#include <string.h>

#include "engine/protocols/katago/session.h"

struct search {
    struct analysis_worker *worker;
    struct analysis_task *task;
    struct agent *agent;
    float priors[GAME_MAX_MOVES]; /* NAN where a move is not legal */
    cJSON *last;                  /* the answer by the newest report */
    bool found;                   /* it knows of a move or needs none */
    int64_t sent_us;              /* when a report went out */
};

/* The worker's agent for the game; false with the error set. */
static bool open_agent(struct analysis_worker *worker, const struct game *game, GError **error)
{
    const struct analysis_config *config = &worker->analysis->config;
    const struct agent_config wanted = {.seed = config->seed, .threads = config->threads};
    if (worker->agent && game_equal(&worker->game, game))
        return true;
    agent_close(worker->agent);
    worker->agent = NULL;
    worker->game = *game;
    return agent_open(&worker->agent, worker->analysis->agent_spec, &worker->game, &wanted, error) == 0;
}

/* The agent before the turn, with an empty tree: an answer does not hang on what was asked before. */
static bool place_agent(struct search *search, GError **error)
{
    struct analysis_worker *worker = search->worker;
    const struct analysis_query *query = search->task->query;
    union any_position position;
    struct history history;
    if (!open_agent(worker, &query->game, error))
        return false;
    history_init(&history, search->task->turn + 1);
    bool fine = analysis_position(query, search->task->turn, &position.p, &history, error) &&
                agent_take_up(worker->agent, &position.p, &history, worker->analysis->config.seed, error);
    history_clear(&history);
    search->agent = worker->agent;
    return fine;
}

static void take_priors(const struct agent_report *report, void *data)
{
    struct search *search = data;
    for (int i = 0; i < report->count; i++)
        search->priors[report->candidates[i].move] = report->candidates[i].prior;
}

/* Marks the legal moves; returns their number. */
static int list_legal(struct search *search)
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
    /* The last report of a search comes whenever that ends, and is the answer. */
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
    const struct agent_analysis look = {.report = take_priors, .data = search, .stop = &task->stop};
    const struct agent_analysis wanted = {.interval_ms = query->interval_ms,
                                          .map = query->ownership,
                                          .allowed = query->restricted[side] ? query->allowed[side] : NULL,
                                          .stop = &task->stop,
                                          .report = take_report,
                                          .data = search};
    /* The policy is the whole one, also where few moves are allowed. */
    if (query->policy && query->restricted[side] && search->agent->ops->analyse &&
        (!agent_analyse(search->agent, &one_visit, &look, NULL, error) || !place_agent(search, error)))
        return false;
    search->sent_us = g_get_monotonic_time();
    return agent_analyse(search->agent, &clock, &wanted, NULL, error);
}

/* A position in which nobody can move is what its result says. */
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

/* Whether a move can be made that the query allows. */
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
    bool fine = place_agent(&search, &error);
    if (fine && !list_legal(&search)) {
        report_result(&search);
        search.found = true;
    } else if (fine) {
        search.found = !any_allowed(&search); /* nothing will be, and that is the answer */
        fine = analyse(&search, &error);
    }
    if (!fine) {
        analysis_send_error(analysis, task->query->id, NULL, error->message);
        g_clear_error(&error);
        agent_close(worker->agent);
        worker->agent = NULL;
    } else if (search.last && search.found) {
        analysis_send(analysis, search.last);
        search.last = NULL;
    } else {
        analysis_send(analysis, analysis_no_answer(task));
    }
    cJSON_Delete(search.last);
}

/* The session: reads queries and actions, sends responses. */
#include <cjson/cJSON.h>
#include <signal.h>
#include <string.h>

#include "agents/agent.h"
#include "engine/protocols/common/line_input.h"
#include "engine/protocols/common/protocol.h"
#include "engine/protocols/katago/analysis.h"
#include "engine/protocols/katago/session.h"
#include "games/game.h"

/* ---- output ---- */

void analysis_send(struct analysis *analysis, cJSON *object)
{
    char *text = cJSON_PrintUnformatted(object);
    GString *line = g_string_new(text);
    g_string_append_c(line, '\n');
    pthread_mutex_lock(&analysis->write_lock);
    if (!atomic_load(&analysis->broken) && !protocol_write(analysis->out, line->str, line->len))
        atomic_store(&analysis->broken, true);
    pthread_mutex_unlock(&analysis->write_lock);
    g_string_free(line, TRUE);
    cJSON_free(text);
    cJSON_Delete(object);
}

static void send_message(struct analysis *analysis, const char *kind, const char *id, const char *field,
                         const char *message)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, kind, message);
    if (field)
        cJSON_AddStringToObject(object, "field", field);
    if (id)
        cJSON_AddStringToObject(object, "id", id);
    analysis_send(analysis, object);
}

void analysis_send_error(struct analysis *analysis, const char *id, const char *field, const char *message)
{
    send_message(analysis, "error", id, field, message);
}

void analysis_send_warning(struct analysis *analysis, const char *id, const char *field, const char *message)
{
    send_message(analysis, "warning", id, field, message);
}

void analysis_print_caution(struct analysis *analysis, const struct agent *agent)
{
    pthread_mutex_lock(&analysis->write_lock);
    char *caution = agent_caution_once(agent, &analysis->cautions);
    if (caution)
        fprintf(stderr, "tengen analysis: %s\n", caution);
    pthread_mutex_unlock(&analysis->write_lock);
    g_free(caution);
}

/* ---- actions: the response is the query itself with additional fields ---- */

/* Clients compare the version and expect a commit hash; "<omitted>" is what KataGo sends if it has none. */
static bool query_version(struct analysis *analysis, const char *id, cJSON *json)
{
    (void)analysis, (void)id;
    cJSON_AddStringToObject(json, "version", TENGEN_VERSION);
    cJSON_AddStringToObject(json, "git_hash", "<omitted>");
    return true;
}

static bool query_models(struct analysis *analysis, const char *id, cJSON *json)
{
    (void)id;
    cJSON *list = cJSON_AddArrayToObject(json, "models"), *model = cJSON_CreateObject();
    cJSON_AddStringToObject(model, "name", analysis->agent_spec);
    cJSON_AddStringToObject(model, "internalName", analysis->agent_spec);
    cJSON_AddNumberToObject(model, "maxBatchSize", 1);
    cJSON_AddBoolToObject(model, "usesHumanSLProfile", false);
    cJSON_AddNumberToObject(model, "version", 0);
    cJSON_AddItemToArray(list, model);
    return true;
}

/* Makes each worker reopen its agent, and so start with an empty cache, before its next task. */
static bool clear_cache(struct analysis *analysis, const char *id, cJSON *json)
{
    (void)id, (void)json;
    pthread_mutex_lock(&analysis->lock);
    analysis->cache_generation++;
    pthread_mutex_unlock(&analysis->lock);
    return true;
}

/* Reads the field turnNumbers; *turns is NULL if it is absent. Returns false, with the error sent, if it is not a list
 * of numbers. */
static bool read_turns(struct analysis *analysis, const char *id, const cJSON *json, GArray **turns)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "turnNumbers"), *item;
    *turns = NULL;
    if (!list)
        return true;
    *turns = g_array_new(FALSE, FALSE, sizeof(int64_t));
    bool ok = cJSON_IsArray(list);
    cJSON_ArrayForEach(item, list)
    {
        int64_t turn = cJSON_IsNumber(item) ? item->valueint : 0;
        ok &= cJSON_IsNumber(item);
        g_array_append_val(*turns, turn);
    }
    if (ok)
        return true;
    g_array_free(*turns, TRUE);
    analysis_send_error(analysis, id, "turnNumbers", "must be a list of integers");
    return false;
}

static bool stop_tasks(struct analysis *analysis, const char *id, const cJSON *json, const char *which)
{
    GArray *turns;
    if (!read_turns(analysis, id, json, &turns))
        return false;
    analysis_queue_stop(analysis, which, turns);
    if (turns)
        g_array_free(turns, TRUE);
    return true;
}

static bool terminate(struct analysis *analysis, const char *id, cJSON *json)
{
    const cJSON *which = cJSON_GetObjectItemCaseSensitive(json, "terminateId");
    if (cJSON_IsString(which))
        return stop_tasks(analysis, id, json, which->valuestring);
    analysis_send_error(analysis, id, "terminateId", "must be the id of the query to terminate");
    return false;
}

static bool terminate_all(struct analysis *analysis, const char *id, cJSON *json)
{
    return stop_tasks(analysis, id, json, NULL);
}

/* run returns false if it sent an error. */
static const struct {
    const char *name;
    bool (*run)(struct analysis *analysis, const char *id, cJSON *json);
} actions[] = {
    {"query_version", query_version}, {"query_models", query_models},   {"clear_cache", clear_cache},
    {"terminate", terminate},         {"terminate_all", terminate_all},
};

/* ---- lines ---- */

/* Takes ownership of `json`. */
static void run_action(struct analysis *analysis, const char *id, cJSON *json)
{
    const cJSON *action = cJSON_GetObjectItemCaseSensitive(json, "action");
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
        if (cJSON_IsString(action) && strcmp(actions[i].name, action->valuestring) == 0) {
            if (actions[i].run(analysis, id, json))
                analysis_send(analysis, json);
            else
                cJSON_Delete(json);
            return;
        }
    analysis_send_error(analysis, id, "action",
                        "must be query_version, query_models, clear_cache, terminate or terminate_all");
    cJSON_Delete(json);
}

static void take_line(struct analysis *analysis, const char *line, bool too_long)
{
    if (!line[strspn(line, " ")])
        return;
    cJSON *json = too_long ? NULL : cJSON_ParseWithOpts(line, NULL, true);
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(json, "id");
    if (too_long)
        analysis_send_error(analysis, NULL, NULL, "line too long: the limit is 256 KiB");
    else if (!cJSON_IsObject(json))
        analysis_send_error(analysis, NULL, NULL, "expected a JSON object on one line");
    else if (!cJSON_IsString(id))
        analysis_send_error(analysis, NULL, "id", "is required and must be a string");
    else if (cJSON_HasObjectItem(json, "action")) {
        run_action(analysis, id->valuestring, json);
        return;
    } else {
        analysis_take_query(analysis, id->valuestring, json);
    }
    cJSON_Delete(json);
}

/* Nobody is left to read an answer: stops the searches. */
static void hung_up(void *data)
{
    struct analysis *analysis = data;
    atomic_store(&analysis->broken, true);
    analysis_queue_cancel(analysis);
}

int analysis_serve(struct analysis *analysis, int in, int out)
{
    const struct line_input_config config = {.in = in, .out = out, .hung_up = hung_up, .data = analysis};
    signal(SIGPIPE, SIG_IGN);
    analysis->out = out;
    struct line_input *input = line_input_start(&config);
    char *line;
    bool too_long;
    analysis_queue_start(analysis);
    while (!atomic_load(&analysis->broken) && (line = line_input_next(input, &too_long))) {
        take_line(analysis, line, too_long);
        g_free(line);
    }
    analysis_queue_end(analysis, analysis->config.quit_without_waiting || atomic_load(&analysis->broken));
    line_input_close(input);
    return atomic_load(&analysis->broken) ? -1 : 0;
}

int analysis_create(struct analysis **out, const struct analysis_config *config, GError **error)
{
    *out = NULL;
    struct analysis *analysis = g_new0(struct analysis, 1);
    struct analysis_worker *first = &analysis->workers[0];
    const struct agent_config agent = {.seed = config->seed, .threads = config->threads};
    analysis->config = *config;
    analysis->config.agent = analysis->agent_spec = g_strdup(config->agent);
    analysis->warned = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    analysis->tasks = g_sequence_new(NULL);
    pthread_mutex_init(&analysis->write_lock, NULL);
    pthread_mutex_init(&analysis->lock, NULL);
    pthread_cond_init(&analysis->changed, NULL);
    for (int i = 0; i < config->workers; i++)
        analysis->workers[i].analysis = analysis;
    if (!game_parse(&analysis->game, config->game, error)) {
        analysis_close(analysis);
        return -1;
    }
    first->game = analysis->game;
    if (agent_open(&first->agent, analysis->agent_spec, &first->game, &agent, error) < 0) {
        analysis_close(analysis);
        return -1;
    }
    *out = analysis;
    return 0;
}

void analysis_close(struct analysis *analysis)
{
    if (!analysis)
        return;
    for (int i = 0; i < analysis->config.workers; i++)
        agent_close(analysis->workers[i].agent);
    g_sequence_free(analysis->tasks);
    g_hash_table_destroy(analysis->warned);
    pthread_mutex_destroy(&analysis->write_lock);
    pthread_mutex_destroy(&analysis->lock);
    pthread_cond_destroy(&analysis->changed);
    g_free(analysis->agent_spec);
    g_clear_pointer(&analysis->cautions, g_hash_table_unref);
    g_free(analysis);
}

/* A query read from JSON: every field is checked before anything is queued. */
#include "engine/protocols/katago/reading.h"

/* ---- what to do with it ---- */

/* avoidMoves, allowMoves: for the first move of a search; deeper ones are not restricted. */
static bool read_restriction(const struct reading *reading, const char *field, const cJSON *entry, bool allow)
{
    struct analysis_query *query = reading->query;
    const cJSON *moves = reading_field(entry, "moves"), *depth = reading_field(entry, "untilDepth"), *item;
    uint8_t colour;
    if (!reading_is_player(reading_field(entry, "player"), &colour) || !cJSON_IsArray(moves) ||
        !reading_is_whole(depth, 1, 1e9))
        return reading_refuse(reading, field,
                              "an entry needs player (\"B\" or \"W\"), moves (a list of places) and untilDepth (1)");
    if (depth->valuedouble > 1)
        reading_warn(reading, field, "untilDepth",
                     "only the first move of a search is restricted: untilDepth is taken as 1");
    int side = colour == GAME_WHITE;
    if (!query->restricted[side])
        memset(query->allowed[side], !allow, sizeof query->allowed[side]);
    query->restricted[side] = true;
    cJSON_ArrayForEach(item, moves)
    {
        game_move move = reading_place(&query->game, item);
        if (move == GAME_NO_MOVE)
            return reading_refuse(reading, field, "\"%.20s\" is no place on a board of %d by %d",
                                  cJSON_IsString(item) ? item->valuestring : "", query->game.width, query->game.height);
        query->allowed[side][move] = allow;
    }
    return true;
}

static bool read_restrictions(const struct reading *reading, const char *field, bool allow)
{
    const cJSON *list = reading_field(reading->json, field), *entry;
    if (list && !cJSON_IsArray(list))
        return reading_refuse(reading, field, "must be a list of objects");
    if (list && allow && cJSON_GetArraySize(list) > 1)
        return reading_refuse(reading, field, "must have one entry at most");
    cJSON_ArrayForEach(entry, list) if (!read_restriction(reading, field, entry, allow)) return false;
    return true;
}

static void set_one(const struct reading *reading, const char *field, const char *name, const cJSON *value)
{
    char *why = NULL;
    if (!analysis_set(reading->query, name, value, &why))
        reading_warn(reading, field, name, why);
    g_free(why);
}

static bool read_settings(const struct reading *reading)
{
    static const char *const own_fields[] = {"rootPolicyTemperature", "rootFpuReductionMax"};
    const cJSON *settings = reading_field(reading->json, "overrideSettings"), *item;
    for (size_t i = 0; i < G_N_ELEMENTS(own_fields); i++)
        if ((item = reading_field(reading->json, own_fields[i])))
            set_one(reading, own_fields[i], own_fields[i], item);
    if (settings && !cJSON_IsObject(settings))
        return reading_refuse(reading, "overrideSettings", "must be an object");
    cJSON_ArrayForEach(item, settings) set_one(reading, "overrideSettings", item->string, item);
    return true;
}

static bool read_wishes(const struct reading *reading)
{
    static const char *const unknown[] = {"includeMovesOwnership", "includeOwnershipStdev",
                                          "includeMovesOwnershipStdev", "includeNoResultValue"};
    struct analysis_query *query = reading->query;
    const cJSON *every = reading_field(reading->json, "reportDuringSearchEvery");
    for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++) {
        bool wished = false;
        if (!reading_bool(reading, unknown[i], &wished))
            return false;
        if (wished)
            reading_warn(reading, unknown[i], "", "is not known here and left out of the answers");
    }
    if (every && !(cJSON_IsNumber(every) && every->valuedouble > 0 && every->valuedouble <= 1e6))
        return reading_refuse(reading, "reportDuringSearchEvery", "must be a number of seconds");
    if (every)
        query->interval_ms = MAX((int64_t)(every->valuedouble * 1000), 10);
    return reading_bool(reading, "includeOwnership", &query->ownership) &&
           reading_bool(reading, "includePolicy", &query->policy) &&
           reading_bool(reading, "includePVVisits", &query->line_visits) &&
           reading_int(reading, "maxVisits", 1, 1e15, &query->visits) &&
           read_restrictions(reading, "avoidMoves", false) && read_restrictions(reading, "allowMoves", true) &&
           read_settings(reading);
}

/* ---- turns ---- */

/* The list of whole numbers in a field, the greatest alone where there is no field; NULL, with the error sent, for
 * anything else. */
static GArray *read_list(const struct reading *reading, const char *field, double least, double most)
{
    const cJSON *list = reading_field(reading->json, field), *item;
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(int64_t));
    bool fine = !list || (cJSON_IsArray(list) && cJSON_GetArraySize(list) <= ANALYSIS_MAX_TURNS);
    if (!list) {
        int64_t only = (int64_t)most;
        g_array_append_val(numbers, only);
    }
    cJSON_ArrayForEach(item, list)
    {
        int64_t number = fine && reading_is_whole(item, least, most) ? (int64_t)item->valuedouble : 0;
        fine = fine && reading_is_whole(item, least, most);
        g_array_append_val(numbers, number);
    }
    if (fine)
        return numbers;
    reading_refuse(reading, field, "must be a list of whole numbers from %.0f to %.0f", least, most);
    g_array_free(numbers, TRUE);
    return NULL;
}

/* All positions up to the last one that is wanted can be reached. */
static bool check_positions(const struct reading *reading, int last)
{
    union any_position position;
    struct history history;
    GError *error = NULL;
    history_init(&history, last + 1);
    bool fine = analysis_position(reading->query, last, &position.p, &history, &error);
    history_clear(&history);
    return fine || reading_refuse_error(reading, error->code == GAME_ERROR_FILE ? "moves" : "initialStones", error);
}

static bool add_tasks(const struct reading *reading, const GArray *turns, const GArray *priorities, int64_t priority)
{
    if (priorities && priorities->len != turns->len)
        return reading_refuse(reading, "priorities", "must have as many entries as analyzeTurns: %u, not %u",
                              turns->len, priorities->len);
    if (!check_positions(reading, (int)reading->query->moves->len))
        return false;
    for (guint i = 0; i < turns->len; i++)
        analysis_queue_add(reading->analysis, reading->query, (int)g_array_index(turns, int64_t, i),
                           priorities ? g_array_index(priorities, int64_t, i) : priority);
    return true;
}

static void queue_turns(const struct reading *reading)
{
    const double most = 1e9, last = reading->query->moves->len;
    GArray *turns = read_list(reading, "analyzeTurns", 0, last), *priorities = NULL;
    int64_t priority = 0;
    if (turns && reading_int(reading, "priority", -most, most, &priority) &&
        (!reading_field(reading->json, "priorities") || (priorities = read_list(reading, "priorities", -most, most))))
        add_tasks(reading, turns, priorities, priority);
    if (turns)
        g_array_free(turns, TRUE);
    if (priorities)
        g_array_free(priorities, TRUE);
}

/* ---- the whole ---- */

void analysis_query_free(struct analysis_query *query)
{
    g_array_free(query->moves, TRUE);
    g_free(query->id);
    g_free(query);
}

static struct analysis_query *new_query(const struct analysis *analysis, const char *id)
{
    struct analysis_query *query = g_new0(struct analysis_query, 1);
    query->users = 1; /* the reader, until all tasks are queued */
    query->id = g_strdup(id);
    query->moves = g_array_new(FALSE, FALSE, sizeof(struct analysis_move));
    query->visits = analysis->config.visits;
    query->time_ms = analysis->config.time_ms;
    query->view = analysis->config.view;
    return query;
}

static void warn_unknown(const struct reading *reading)
{
    static const char *const known[] = {"id",
                                        "moves",
                                        "initialStones",
                                        "initialPlayer",
                                        "rules",
                                        "komi",
                                        "boardXSize",
                                        "boardYSize",
                                        "whiteHandicapBonus",
                                        "analyzeTurns",
                                        "maxVisits",
                                        "priority",
                                        "rootPolicyTemperature",
                                        "rootFpuReductionMax",
                                        "includeOwnership",
                                        "priorities",
                                        "includePolicy",
                                        "includeMovesOwnership",
                                        "includePVVisits",
                                        "avoidMoves",
                                        "allowMoves",
                                        "overrideSettings",
                                        "reportDuringSearchEvery",
                                        "includeOwnershipStdev",
                                        "includeNoResultValue",
                                        "includeMovesOwnershipStdev"};
    const cJSON *item;
    cJSON_ArrayForEach(item, reading->json)
    {
        bool found = false;
        for (size_t i = 0; i < G_N_ELEMENTS(known) && !found; i++)
            found = strcmp(known[i], item->string) == 0;
        if (!found)
            reading_warn(reading, item->string, "", "is no field of a query that is known here");
    }
}

void analysis_take_query(struct analysis *analysis, const char *id, const cJSON *json)
{
    const struct reading reading = {analysis, id, json, new_query(analysis, id)};
    warn_unknown(&reading);
    if (reading_game(&reading) && reading_stones(&reading) && reading_moves(&reading) && read_wishes(&reading))
        queue_turns(&reading);
    analysis_queue_release(analysis, reading.query);
}

/* Reads a query from JSON. All fields are checked before any task is queued. */
#include <cjson/cJSON.h>

#include "engine/protocols/katago/query_reader.h"

#include "engine/protocols/common/protocol.h"
#include "engine/protocols/katago/analysis.h"
#include "engine/protocols/katago/session.h"
#include "games/game.h"

/* ---- search options ---- */

/* avoidMoves, allowMoves: apply to the root move only. Allowed moves are read first, so that of these the ones to avoid
 * are taken out. */
static bool read_restriction(const struct query_reader *reader, const char *field, const cJSON *entry, bool allow)
{
    struct analysis_query *query = reader->query;
    const cJSON *moves = reader_field(entry, "moves"), *depth = reader_field(entry, "untilDepth"), *item;
    uint8_t colour;
    if (!reader_is_player(reader_field(entry, "player"), &colour) || !cJSON_IsArray(moves) ||
        !reader_is_integer(depth, 1, 1e9))
        return reader_fail(reader, field,
                           "an entry requires player (\"B\" or \"W\"), moves (a list of locations) and untilDepth (1)");
    if (depth->valuedouble > 1)
        reader_warn(reader, field, "untilDepth", "only root moves can be restricted: untilDepth is treated as 1");
    int side = colour == GAME_WHITE;
    if (allow && query->restricted[side])
        return reader_fail(reader, field, "must have at most one entry for each player");
    if (!query->restricted[side])
        memset(query->allowed[side], !allow, sizeof query->allowed[side]);
    query->restricted[side] = true;
    cJSON_ArrayForEach(item, moves)
    {
        game_move move = reader_location(&query->game, item);
        if (move == GAME_NO_MOVE)
            return reader_fail(reader, field, "invalid location \"%.20s\" on a %dx%d board",
                               cJSON_IsString(item) ? item->valuestring : "", query->game.width, query->game.height);
        query->allowed[side][move] = allow;
    }
    return true;
}

static bool read_restrictions(const struct query_reader *reader, const char *field, bool allow)
{
    const cJSON *list = reader_field(reader->json, field), *entry;
    if (list && !cJSON_IsArray(list))
        return reader_fail(reader, field, "must be a list of objects");
    cJSON_ArrayForEach(entry, list) if (!read_restriction(reader, field, entry, allow)) return false;
    return true;
}

static void set_one(const struct query_reader *reader, const char *field, const char *name, const cJSON *value)
{
    char *why = NULL;
    if (!analysis_set(reader->query, name, value, &why))
        reader_warn(reader, field, name, why);
    g_free(why);
}

static bool read_settings(const struct query_reader *reader)
{
    static const char *const own_fields[] = {"rootPolicyTemperature", "rootFpuReductionMax"};
    const cJSON *settings = reader_field(reader->json, "overrideSettings"), *item;
    for (size_t i = 0; i < G_N_ELEMENTS(own_fields); i++)
        if ((item = reader_field(reader->json, own_fields[i])))
            set_one(reader, own_fields[i], own_fields[i], item);
    if (settings && !cJSON_IsObject(settings))
        return reader_fail(reader, "overrideSettings", "must be an object");
    cJSON_ArrayForEach(item, settings) set_one(reader, "overrideSettings", item->string, item);
    return true;
}

static bool read_options(const struct query_reader *reader)
{
    static const char *const unsupported[] = {"includeMovesOwnership", "includeOwnershipStdev",
                                              "includeMovesOwnershipStdev", "includeNoResultValue"};
    struct analysis_query *query = reader->query;
    const cJSON *every = reader_field(reader->json, "reportDuringSearchEvery");
    for (size_t i = 0; i < G_N_ELEMENTS(unsupported); i++) {
        bool requested = false;
        if (!reader_bool(reader, unsupported[i], &requested))
            return false;
        if (requested)
            reader_warn(reader, unsupported[i], "", "is not supported and will be ignored");
    }
    if (every && !(cJSON_IsNumber(every) && every->valuedouble > 0 && every->valuedouble <= 1e6))
        return reader_fail(reader, "reportDuringSearchEvery", "must be a number of seconds");
    if (every)
        query->interval_ms = MAX((int64_t)(every->valuedouble * 1000), 10);
    return reader_bool(reader, "includeOwnership", &query->ownership) &&
           reader_bool(reader, "includePolicy", &query->policy) &&
           reader_bool(reader, "includePVVisits", &query->line_visits) &&
           reader_int(reader, "maxVisits", 1, 1e15, &query->visits) && read_restrictions(reader, "allowMoves", true) &&
           read_restrictions(reader, "avoidMoves", false) && read_settings(reader);
}

/* ---- turns ---- */

/* Reads a list of integers from min to max; if the field is absent, the list [max]. Freed by g_array_free. Returns
 * NULL, with the error sent, for anything else. */
static GArray *read_list(const struct query_reader *reader, const char *field, double min, double max)
{
    const cJSON *list = reader_field(reader->json, field), *item;
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(int64_t));
    bool ok = !list || (cJSON_IsArray(list) && cJSON_GetArraySize(list) <= ANALYSIS_MAX_TURNS);
    if (!list) {
        int64_t only = (int64_t)max;
        g_array_append_val(numbers, only);
    }
    cJSON_ArrayForEach(item, list)
    {
        int64_t number = ok && reader_is_integer(item, min, max) ? (int64_t)item->valuedouble : 0;
        ok = ok && reader_is_integer(item, min, max);
        g_array_append_val(numbers, number);
    }
    if (ok)
        return numbers;
    reader_fail(reader, field, "must be a list of integers from %.0f to %.0f", min, max);
    g_array_free(numbers, TRUE);
    return NULL;
}

/* Whether all positions up to turn `last` can be reached; otherwise sends an error. */
static bool check_positions(const struct query_reader *reader, int last)
{
    union any_position position;
    struct history history;
    GError *error = NULL;
    history_init(&history, last + 1);
    bool ok = analysis_position(reader->query, last, &position.p, &history, &error);
    history_clear(&history);
    return ok || reader_fail_error(reader, error->code == GAME_ERROR_FILE ? "moves" : "initialStones", error);
}

static bool add_tasks(const struct query_reader *reader, const GArray *turns, const GArray *priorities,
                      int64_t priority)
{
    if (!turns->len) /* without an answer, the client would wait for ever */
        return reader_fail(reader, "analyzeTurns", "must have at least one entry; omit it for the last position");
    if (priorities && priorities->len != turns->len)
        return reader_fail(reader, "priorities", "must have as many entries as analyzeTurns: %u, not %u", turns->len,
                           priorities->len);
    if (!check_positions(reader, (int)reader->query->moves->len))
        return false;
    for (guint i = 0; i < turns->len; i++)
        analysis_queue_add(reader->analysis, reader->query, (int)g_array_index(turns, int64_t, i),
                           priorities ? g_array_index(priorities, int64_t, i) : priority);
    return true;
}

static void queue_turns(const struct query_reader *reader)
{
    const double max = 1e9, last = reader->query->moves->len;
    GArray *turns = read_list(reader, "analyzeTurns", 0, last), *priorities = NULL;
    int64_t priority = 0;
    if (turns && reader_int(reader, "priority", -max, max, &priority) &&
        (!reader_field(reader->json, "priorities") || (priorities = read_list(reader, "priorities", -max, max))))
        add_tasks(reader, turns, priorities, priority);
    if (turns)
        g_array_free(turns, TRUE);
    if (priorities)
        g_array_free(priorities, TRUE);
}

/* ---- queries ---- */

void analysis_query_free(struct analysis_query *query)
{
    g_array_free(query->moves, TRUE);
    g_free(query->id);
    g_free(query);
}

static struct analysis_query *new_query(const struct analysis *analysis, const char *id)
{
    struct analysis_query *query = g_new0(struct analysis_query, 1);
    query->references = 1; /* of the reader, until all tasks are queued */
    query->id = g_strdup(id);
    query->moves = g_array_new(FALSE, FALSE, sizeof(struct protocol_move));
    query->visits = analysis->config.visits;
    query->time_ms = analysis->config.time_ms;
    query->view = analysis->config.view;
    return query;
}

static void warn_unknown(const struct query_reader *reader)
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
    cJSON_ArrayForEach(item, reader->json)
    {
        bool found = false;
        for (size_t i = 0; i < G_N_ELEMENTS(known) && !found; i++)
            found = strcmp(known[i], item->string) == 0;
        if (!found)
            reader_warn(reader, item->string, "", "unknown field");
    }
}

void analysis_take_query(struct analysis *analysis, const char *id, const cJSON *json)
{
    const struct query_reader reader = {analysis, id, json, new_query(analysis, id)};
    warn_unknown(&reader);
    if (reader_game(&reader) && reader_stones(&reader) && reader_moves(&reader) && read_options(&reader))
        queue_turns(&reader);
    analysis_queue_release(analysis, reader.query);
}

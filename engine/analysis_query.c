/* A query read from JSON: every field is checked before anything is queued. */
#include <math.h>
#include <stdarg.h>

#include "engine/analysis_session.h"
#include "engine/rules.h"
#include "games/go.h"

enum { MAX_TURNS = 10000 };

struct reading {
    struct analysis *analysis;
    const char *id;
    const cJSON *json;
    struct analysis_query *query;
};

/* Sends the error of a field; for `return`. */
static bool G_GNUC_PRINTF(3, 4) refuse(const struct reading *reading, const char *field, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *message = g_strdup_vprintf(format, list);
    va_end(list);
    analysis_send_error(reading->analysis, reading->id, field, message);
    g_free(message);
    return false;
}

static bool refuse_error(const struct reading *reading, const char *field, GError *error)
{
    refuse(reading, field, "%s", error ? error->message : "failed");
    g_clear_error(&error);
    return false;
}

/* What cannot be honoured is said once in a session for each subject: clients send it with every query. */
static void warn_once(const struct reading *reading, const char *field, const char *subject, const char *message)
{
    if (g_hash_table_add(reading->analysis->warned, g_strconcat(field, "/", subject, NULL)))
        analysis_send_warning(reading->analysis, reading->id, field, message);
}

/* ---- values ---- */

/* The field, NULL when it is absent or null. */
static const cJSON *field_of(const cJSON *json, const char *field)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, field);
    return cJSON_IsNull(item) ? NULL : item;
}

static bool is_whole(const cJSON *item, double least, double most)
{
    return cJSON_IsNumber(item) && item->valuedouble == floor(item->valuedouble) && item->valuedouble >= least &&
           item->valuedouble <= most;
}

/* A whole number, which stays as it was when the field is absent. */
static bool read_int(const struct reading *reading, const char *field, double least, double most, int64_t *value)
{
    const cJSON *item = field_of(reading->json, field);
    if (item && !is_whole(item, least, most))
        return refuse(reading, field, "must be a whole number from %.0f to %.0f", least, most);
    if (item)
        *value = (int64_t)item->valuedouble;
    return true;
}

static bool read_bool(const struct reading *reading, const char *field, bool *value)
{
    const cJSON *item = field_of(reading->json, field);
    if (item && !cJSON_IsBool(item))
        return refuse(reading, field, "must be true or false");
    *value = item && cJSON_IsTrue(item);
    return true;
}

static bool is_player(const cJSON *item, uint8_t *colour)
{
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    bool black = g_ascii_strcasecmp(text, "b") == 0 || g_ascii_strcasecmp(text, "black") == 0;
    bool white = g_ascii_strcasecmp(text, "w") == 0 || g_ascii_strcasecmp(text, "white") == 0;
    *colour = black ? GAME_BLACK : GAME_WHITE;
    return black || white;
}

/* "D4", "pass", or "(3,15)": x from the left, y from the top, both from 0. */
static game_move read_place(const struct game *game, const cJSON *item)
{
    int x, y, end = 0;
    if (!cJSON_IsString(item))
        return GAME_NO_MOVE;
    if (item->valuestring[0] != '(')
        return game_move_parse(game, item->valuestring);
    if (strlen(item->valuestring) > 20 || sscanf(item->valuestring, "( %4d , %4d )%n", &x, &y, &end) != 2 || !end ||
        item->valuestring[end] || x < 0 || y < 0 || x >= game->size || y >= game->size)
        return GAME_NO_MOVE;
    return (game_move)(y * game->size + x);
}

/* ---- the game ---- */

static bool read_size(const struct reading *reading, struct game *game)
{
    int64_t width = 0, height = 0;
    GError *error = NULL;
    if (!field_of(reading->json, "boardXSize") || !field_of(reading->json, "boardYSize"))
        return refuse(reading, field_of(reading->json, "boardXSize") ? "boardYSize" : "boardXSize",
                      "must be given: the size of the board, for example 19");
    if (!read_int(reading, "boardXSize", 1, 1000, &width) || !read_int(reading, "boardYSize", 1, 1000, &height))
        return false;
    if (width != height)
        return refuse(reading, "boardYSize", "a board of %d by %d is not square: only square boards are played",
                      (int)width, (int)height);
    return game_vary(game, game, (int)width, game->ops == &go_ops ? "handicap=0" : "", &error) ||
           refuse_error(reading, "boardXSize", error);
}

static bool read_rules(const struct reading *reading, struct game *game)
{
    const cJSON *rules = field_of(reading->json, "rules"), *bonus = field_of(reading->json, "whiteHandicapBonus");
    const char *loss = NULL, *field = "rules";
    GError *error = NULL;
    if (game->ops != &go_ops)
        return true;
    bool fine = true;
    if (cJSON_IsString(rules) && rules->valuestring[0] != '{') {
        fine = rules_set_named(game, game, rules->valuestring, &loss, &error);
    } else if (rules) { /* an object, also as a text; what it leaves out is as in tromp-taylor */
        cJSON *inner = cJSON_IsString(rules) ? cJSON_Parse(rules->valuestring) : NULL;
        const cJSON *object = inner ? inner : rules;
        bool is_object = cJSON_IsObject(object);
        fine = is_object && rules_set_named(game, game, "tromp-taylor", NULL, &error) &&
               rules_set_parts(game, game, object, &loss, &error);
        cJSON_Delete(inner);
        if (!is_object)
            return refuse(reading, "rules", "must be the name of a rule set, for example \"japanese\", or an object");
    }
    if (fine && bonus) {
        field = "whiteHandicapBonus";
        const char *value = cJSON_IsString(bonus) ? bonus->valuestring : is_whole(bonus, 0, 0) ? "0" : "?";
        fine = rules_set_part(game, game, field, value, &loss, &error);
    }
    if (loss)
        warn_once(reading, "rules", loss, loss);
    return fine || refuse_error(reading, field, error);
}

/* Where no komi is given, what is usual for the way of counting. */
static bool read_komi(const struct reading *reading, struct game *game)
{
    const cJSON *komi = field_of(reading->json, "komi");
    GError *error = NULL;
    char change[64];
    if (game->ops != &go_ops)
        return true;
    double value = go_rules(game).scoring == GO_TERRITORY ? 6.5 : 7.5;
    if (komi && (!cJSON_IsNumber(komi) || !(fabs(komi->valuedouble) <= 150) ||
                 komi->valuedouble * 2 != floor(komi->valuedouble * 2)))
        return refuse(reading, "komi", "must be a whole or half number from -150 to 150");
    if (komi)
        value = komi->valuedouble;
    int halves = (int)(value * 2);
    g_snprintf(change, sizeof change, "komi=%s%d%s", halves < 0 ? "-" : "", ABS(halves) / 2, halves % 2 ? ".5" : "");
    return game_vary(game, game, game->size, change, &error) || refuse_error(reading, "komi", error);
}

static bool read_game(const struct reading *reading)
{
    struct game game = reading->analysis->game;
    if (!read_size(reading, &game) || !read_rules(reading, &game) || !read_komi(reading, &game))
        return false;
    if (game.ops != &go_ops && (field_of(reading->json, "rules") || field_of(reading->json, "komi")))
        warn_once(reading, "rules", "not go", "rules and komi are Go's: this game is played by its own");
    reading->query->game = game;
    return true;
}

/* ---- stones and moves ---- */

/* The pair [player, place] at `index` of a list. */
static bool read_pair(const struct reading *reading, const char *field, int index, const cJSON *pair,
                      struct analysis_move *made)
{
    const struct game *game = &reading->query->game;
    const cJSON *place = cJSON_GetArrayItem(pair, 1);
    if (!cJSON_IsArray(pair) || cJSON_GetArraySize(pair) != 2 || !is_player(cJSON_GetArrayItem(pair, 0), &made->colour))
        return refuse(reading, field, "entry %d must be a player and a place, for example [\"B\",\"D4\"]", index + 1);
    made->move = read_place(game, place);
    return made->move != GAME_NO_MOVE || refuse(reading, field, "entry %d: \"%.20s\" is no place on a board of size %d",
                                                index + 1, cJSON_IsString(place) ? place->valuestring : "", game->size);
}

static bool read_stones(const struct reading *reading)
{
    static const char field[] = "initialStones";
    struct analysis_query *query = reading->query;
    const cJSON *list = field_of(reading->json, field), *pair;
    int index = 0;
    if (list && !cJSON_IsArray(list))
        return refuse(reading, field, "must be a list of stones, for example [[\"B\",\"D4\"]]");
    cJSON_ArrayForEach(pair, list)
    {
        struct analysis_move stone;
        if (!read_pair(reading, field, index++, pair, &stone))
            return false;
        if (stone.move >= query->game.points || query->stones[stone.move])
            return refuse(reading, field, "entry %d: %s", index,
                          stone.move >= query->game.points ? "a stone needs a point" : "a second stone on one point");
        query->stones[stone.move] = stone.colour;
        query->stone_count++;
    }
    return true;
}

static bool read_moves(const struct reading *reading)
{
    static const char field[] = "moves";
    const cJSON *list = field_of(reading->json, field), *pair;
    int index = 0;
    if (!cJSON_IsArray(list))
        return refuse(reading, field,
                      "must be a list of moves, for example [[\"B\",\"D4\"],[\"W\",\"Q16\"]]; [] for none");
    cJSON_ArrayForEach(pair, list)
    {
        struct analysis_move made;
        if (index >= MAX_TURNS)
            return refuse(reading, field, "there are more than %d moves", MAX_TURNS);
        if (!read_pair(reading, field, index++, pair, &made))
            return false;
        g_array_append_val(reading->query->moves, made);
    }
    const cJSON *player = field_of(reading->json, "initialPlayer");
    return !player || is_player(player, &reading->query->start_colour) ||
           refuse(reading, "initialPlayer", "must be \"B\" or \"W\"");
}

/* ---- what to do with it ---- */

/* avoidMoves, allowMoves: for the first move of a search; deeper ones are not restricted. */
static bool read_restriction(const struct reading *reading, const char *field, const cJSON *entry, bool allow)
{
    struct analysis_query *query = reading->query;
    const cJSON *moves = field_of(entry, "moves"), *depth = field_of(entry, "untilDepth"), *item;
    uint8_t colour;
    if (!is_player(field_of(entry, "player"), &colour) || !cJSON_IsArray(moves) || !is_whole(depth, 1, 1e9))
        return refuse(reading, field,
                      "an entry needs player (\"B\" or \"W\"), moves (a list of places) and untilDepth (1)");
    if (depth->valuedouble > 1)
        warn_once(reading, field, "untilDepth",
                  "only the first move of a search is restricted: untilDepth is taken as 1");
    int side = colour == GAME_WHITE;
    if (!query->restricted[side])
        memset(query->allowed[side], !allow, sizeof query->allowed[side]);
    query->restricted[side] = true;
    cJSON_ArrayForEach(item, moves)
    {
        game_move move = read_place(&query->game, item);
        if (move == GAME_NO_MOVE)
            return refuse(reading, field, "\"%.20s\" is no place on a board of size %d",
                          cJSON_IsString(item) ? item->valuestring : "", query->game.size);
        query->allowed[side][move] = allow;
    }
    return true;
}

static bool read_restrictions(const struct reading *reading, const char *field, bool allow)
{
    const cJSON *list = field_of(reading->json, field), *entry;
    if (list && !cJSON_IsArray(list))
        return refuse(reading, field, "must be a list of objects");
    if (list && allow && cJSON_GetArraySize(list) > 1)
        return refuse(reading, field, "must have one entry at most");
    cJSON_ArrayForEach(entry, list) if (!read_restriction(reading, field, entry, allow)) return false;
    return true;
}

static void set_one(const struct reading *reading, const char *field, const char *name, const cJSON *value)
{
    char *why = NULL;
    if (!analysis_set(reading->query, name, value, &why))
        warn_once(reading, field, name, why);
    g_free(why);
}

static bool read_settings(const struct reading *reading)
{
    static const char *const own_fields[] = {"rootPolicyTemperature", "rootFpuReductionMax"};
    const cJSON *settings = field_of(reading->json, "overrideSettings"), *item;
    for (size_t i = 0; i < G_N_ELEMENTS(own_fields); i++)
        if ((item = field_of(reading->json, own_fields[i])))
            set_one(reading, own_fields[i], own_fields[i], item);
    if (settings && !cJSON_IsObject(settings))
        return refuse(reading, "overrideSettings", "must be an object");
    cJSON_ArrayForEach(item, settings) set_one(reading, "overrideSettings", item->string, item);
    return true;
}

static bool read_wishes(const struct reading *reading)
{
    static const char *const unknown[] = {"includeMovesOwnership", "includeOwnershipStdev",
                                          "includeMovesOwnershipStdev", "includeNoResultValue"};
    struct analysis_query *query = reading->query;
    const cJSON *every = field_of(reading->json, "reportDuringSearchEvery");
    for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++) {
        bool wished = false;
        if (!read_bool(reading, unknown[i], &wished))
            return false;
        if (wished)
            warn_once(reading, unknown[i], "", "is not known here and left out of the answers");
    }
    if (every && !(cJSON_IsNumber(every) && every->valuedouble > 0 && every->valuedouble <= 1e6))
        return refuse(reading, "reportDuringSearchEvery", "must be a number of seconds");
    if (every)
        query->interval_ms = MAX((int64_t)(every->valuedouble * 1000), 10);
    return read_bool(reading, "includeOwnership", &query->ownership) &&
           read_bool(reading, "includePolicy", &query->policy) &&
           read_bool(reading, "includePVVisits", &query->line_visits) &&
           read_int(reading, "maxVisits", 1, 1e15, &query->visits) && read_restrictions(reading, "avoidMoves", false) &&
           read_restrictions(reading, "allowMoves", true) && read_settings(reading);
}

/* ---- turns ---- */

/* The list of whole numbers in a field, the greatest alone where there is no field; NULL, with the error sent, for
 * anything else. */
static GArray *read_list(const struct reading *reading, const char *field, double least, double most)
{
    const cJSON *list = field_of(reading->json, field), *item;
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(int64_t));
    bool fine = !list || (cJSON_IsArray(list) && cJSON_GetArraySize(list) <= MAX_TURNS);
    if (!list) {
        int64_t only = (int64_t)most;
        g_array_append_val(numbers, only);
    }
    cJSON_ArrayForEach(item, list)
    {
        int64_t number = fine && is_whole(item, least, most) ? (int64_t)item->valuedouble : 0;
        fine = fine && is_whole(item, least, most);
        g_array_append_val(numbers, number);
    }
    if (fine)
        return numbers;
    refuse(reading, field, "must be a list of whole numbers from %.0f to %.0f", least, most);
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
    return fine || refuse_error(reading, error->code == GAME_ERROR_FILE ? "moves" : "initialStones", error);
}

static bool add_tasks(const struct reading *reading, const GArray *turns, const GArray *priorities, int64_t priority)
{
    if (priorities && priorities->len != turns->len)
        return refuse(reading, "priorities", "must have as many entries as analyzeTurns: %u, not %u", turns->len,
                      priorities->len);
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
    if (turns && read_int(reading, "priority", -most, most, &priority) &&
        (!field_of(reading->json, "priorities") || (priorities = read_list(reading, "priorities", -most, most))))
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
            warn_once(reading, item->string, "", "is no field of a query that is known here");
    }
}

void analysis_take_query(struct analysis *analysis, const char *id, const cJSON *json)
{
    const struct reading reading = {analysis, id, json, new_query(analysis, id)};
    warn_unknown(&reading);
    if (read_game(&reading) && read_stones(&reading) && read_moves(&reading) && read_wishes(&reading))
        queue_turns(&reading);
    analysis_queue_release(analysis, reading.query);
}

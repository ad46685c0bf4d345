/* The fields of a query that define the game: size, rules, komi, stones and moves. */
#include <cjson/cJSON.h>
#include <math.h>

#include "engine/protocols/common/protocol.h"
#include "engine/protocols/katago/query_reader.h"
#include "engine/protocols/katago/session.h"
#include "games/game.h"
#include "games/go/go.h"
#include "games/record/rule_names.h"

/* ---- the game ---- */

static bool read_size(const struct query_reader *reader, struct game *game)
{
    int64_t width = 0, height = 0;
    GError *error = NULL;
    if (!reader_field(reader->json, "boardXSize") || !reader_field(reader->json, "boardYSize"))
        return reader_fail(reader, reader_field(reader->json, "boardXSize") ? "boardYSize" : "boardXSize",
                           "is required: the size of the board, for example 19");
    if (!reader_int(reader, "boardXSize", 1, 1000, &width) || !reader_int(reader, "boardYSize", 1, 1000, &height))
        return false;
    if (width != height && !game->ops->rectangles)
        return reader_fail(reader, "boardYSize", "unsupported size %dx%d: only square boards are supported", (int)width,
                           (int)height);
    return game_resize(game, game, (int)width, (int)height, &error) || reader_fail_error(reader, "boardXSize", error);
}

static bool read_rules(const struct query_reader *reader, struct game *game)
{
    const cJSON *rules = reader_field(reader->json, "rules"), *bonus = reader_field(reader->json, "whiteHandicapBonus");
    const char *loss = NULL, *field = "rules";
    GError *error = NULL;
    if (game->ops != &go_ops)
        return true;
    bool ok = true;
    if (cJSON_IsString(rules) && rules->valuestring[0] != '{') {
        ok = rules_set_named(game, game, rules->valuestring, &loss, &error);
    } else if (rules) { /* an object, or a string that contains one; missing fields are as in tromp-taylor */
        cJSON *inner = cJSON_IsString(rules) ? cJSON_Parse(rules->valuestring) : NULL;
        const cJSON *object = inner ? inner : rules;
        bool is_object = cJSON_IsObject(object);
        ok = is_object && rules_set_named(game, game, "tromp-taylor", NULL, &error) &&
             rules_set_parts(game, game, object, &loss, &error);
        cJSON_Delete(inner);
        if (!is_object)
            return reader_fail(reader, "rules",
                               "must be the name of a rule set, for example \"japanese\", or an object");
    }
    if (ok && bonus) {
        field = "whiteHandicapBonus";
        const char *value = cJSON_IsString(bonus) ? bonus->valuestring : reader_is_integer(bonus, 0, 0) ? "0" : "?";
        ok = rules_set_part(game, game, field, value, &loss, &error);
    }
    if (loss)
        reader_warn(reader, "rules", loss, loss);
    return ok || reader_fail_error(reader, field, error);
}

/* Whether the rules name the komi: in an object, in a string that contains one, or in KataGo's own string. */
static bool rules_have_komi(const cJSON *rules)
{
    if (!cJSON_IsString(rules))
        return cJSON_HasObjectItem(rules, "komi");
    cJSON *inner = cJSON_Parse(rules->valuestring);
    bool have = inner ? cJSON_HasObjectItem(inner, "komi") : rules_text_has_komi(rules->valuestring);
    cJSON_Delete(inner);
    return have;
}

/* The query's own komi, otherwise that of its rules, otherwise one that depends on the scoring rule. */
static bool read_komi(const struct query_reader *reader, struct game *game)
{
    const cJSON *komi = reader_field(reader->json, "komi");
    GError *error = NULL;
    char change[64];
    if (game->ops != &go_ops || (!komi && rules_have_komi(reader_field(reader->json, "rules"))))
        return true;
    double value = go_rules(game).scoring == GO_TERRITORY ? 6.5 : 7.5;
    if (komi && (!cJSON_IsNumber(komi) || !(fabs(komi->valuedouble) <= 150) ||
                 komi->valuedouble * 2 != floor(komi->valuedouble * 2)))
        return reader_fail(reader, "komi", "must be an integer or half-integer from -150 to 150");
    if (komi)
        value = komi->valuedouble;
    int halves = (int)(value * 2);
    g_snprintf(change, sizeof change, "komi=%s%d%s", halves < 0 ? "-" : "", ABS(halves) / 2, halves % 2 ? ".5" : "");
    return game_vary(game, game, change, &error) || reader_fail_error(reader, "komi", error);
}

bool reader_game(const struct query_reader *reader)
{
    struct game game = reader->analysis->game;
    if (!read_size(reader, &game) || !read_rules(reader, &game) || !read_komi(reader, &game))
        return false;
    if (game.ops != &go_ops && (reader_field(reader->json, "rules") || reader_field(reader->json, "komi")))
        reader_warn(reader, "rules", "not go", "rules and komi are ignored: they apply to Go only");
    reader->query->game = game;
    return true;
}

/* ---- stones and moves ---- */

/* Reads the pair [player, location] at `index` of a list. */
static bool read_pair(const struct query_reader *reader, const char *field, int index, const cJSON *pair,
                      struct protocol_move *made)
{
    const struct game *game = &reader->query->game;
    const cJSON *location = cJSON_GetArrayItem(pair, 1);
    if (!cJSON_IsArray(pair) || cJSON_GetArraySize(pair) != 2 ||
        !reader_is_player(cJSON_GetArrayItem(pair, 0), &made->colour))
        return reader_fail(reader, field, "entry %d must be a player and a location, for example [\"B\",\"D4\"]",
                           index + 1);
    made->move = reader_location(game, location);
    return made->move != GAME_NO_MOVE ||
           reader_fail(reader, field, "entry %d: invalid location \"%.20s\" on a %dx%d board", index + 1,
                       cJSON_IsString(location) ? location->valuestring : "", game->width, game->height);
}

bool reader_stones(const struct query_reader *reader)
{
    static const char field[] = "initialStones";
    struct analysis_query *query = reader->query;
    const cJSON *list = reader_field(reader->json, field), *pair;
    int index = 0;
    if (list && !cJSON_IsArray(list))
        return reader_fail(reader, field, "must be a list of stones, for example [[\"B\",\"D4\"]]");
    cJSON_ArrayForEach(pair, list)
    {
        struct protocol_move stone = {0};
        if (!read_pair(reader, field, index++, pair, &stone))
            return false;
        if (stone.move >= query->game.points || query->stones[stone.move])
            return reader_fail(reader, field, "entry %d: %s", index,
                               stone.move >= query->game.points ? "a stone must be on a point" : "duplicate point");
        query->stones[stone.move] = stone.colour;
        query->stone_count++;
    }
    return true;
}

bool reader_moves(const struct query_reader *reader)
{
    static const char field[] = "moves";
    const cJSON *list = reader_field(reader->json, field), *pair;
    int index = 0;
    if (!cJSON_IsArray(list))
        return reader_fail(reader, field,
                           "must be a list of moves, for example [[\"B\",\"D4\"],[\"W\",\"Q16\"]]; [] for none");
    cJSON_ArrayForEach(pair, list)
    {
        struct protocol_move made;
        if (index >= ANALYSIS_MAX_TURNS)
            return reader_fail(reader, field, "must not have more than %d entries", ANALYSIS_MAX_TURNS);
        if (!read_pair(reader, field, index++, pair, &made))
            return false;
        g_array_append_val(reader->query->moves, made);
    }
    const cJSON *player = reader_field(reader->json, "initialPlayer");
    return !player || reader_is_player(player, &reader->query->start_colour) ||
           reader_fail(reader, "initialPlayer", "must be \"B\" or \"W\"");
}

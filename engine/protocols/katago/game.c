/* The fields of a query that say what is played: size, rules, komi, stones and moves. */
#include <math.h>

#include "engine/protocols/katago/reading.h"
#include "games/record/rule_names.h"
#include "games/go/go.h"

/* ---- the game ---- */

static bool read_size(const struct reading *reading, struct game *game)
{
    int64_t width = 0, height = 0;
    GError *error = NULL;
    if (!reading_field(reading->json, "boardXSize") || !reading_field(reading->json, "boardYSize"))
        return reading_refuse(reading, reading_field(reading->json, "boardXSize") ? "boardYSize" : "boardXSize",
                              "must be given: the size of the board, for example 19");
    if (!reading_int(reading, "boardXSize", 1, 1000, &width) || !reading_int(reading, "boardYSize", 1, 1000, &height))
        return false;
    if (width != height && !game->ops->rectangles)
        return reading_refuse(reading, "boardYSize", "a board of %d by %d is not square: only square boards are played",
                              (int)width, (int)height);
    return game_resize(game, game, (int)width, (int)height, &error) ||
           reading_refuse_error(reading, "boardXSize", error);
}

static bool read_rules(const struct reading *reading, struct game *game)
{
    const cJSON *rules = reading_field(reading->json, "rules"),
                *bonus = reading_field(reading->json, "whiteHandicapBonus");
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
            return reading_refuse(reading, "rules",
                                  "must be the name of a rule set, for example \"japanese\", or an object");
    }
    if (fine && bonus) {
        field = "whiteHandicapBonus";
        const char *value = cJSON_IsString(bonus) ? bonus->valuestring : reading_is_whole(bonus, 0, 0) ? "0" : "?";
        fine = rules_set_part(game, game, field, value, &loss, &error);
    }
    if (loss)
        reading_warn(reading, "rules", loss, loss);
    return fine || reading_refuse_error(reading, field, error);
}

/* Where no komi is given, what is usual for the way of counting. */
static bool read_komi(const struct reading *reading, struct game *game)
{
    const cJSON *komi = reading_field(reading->json, "komi");
    GError *error = NULL;
    char change[64];
    if (game->ops != &go_ops)
        return true;
    double value = go_rules(game).scoring == GO_TERRITORY ? 6.5 : 7.5;
    if (komi && (!cJSON_IsNumber(komi) || !(fabs(komi->valuedouble) <= 150) ||
                 komi->valuedouble * 2 != floor(komi->valuedouble * 2)))
        return reading_refuse(reading, "komi", "must be a whole or half number from -150 to 150");
    if (komi)
        value = komi->valuedouble;
    int halves = (int)(value * 2);
    g_snprintf(change, sizeof change, "komi=%s%d%s", halves < 0 ? "-" : "", ABS(halves) / 2, halves % 2 ? ".5" : "");
    return game_vary(game, game, change, &error) || reading_refuse_error(reading, "komi", error);
}

bool reading_game(const struct reading *reading)
{
    struct game game = reading->analysis->game;
    if (!read_size(reading, &game) || !read_rules(reading, &game) || !read_komi(reading, &game))
        return false;
    if (game.ops != &go_ops && (reading_field(reading->json, "rules") || reading_field(reading->json, "komi")))
        reading_warn(reading, "rules", "not go", "rules and komi are Go's: this game is played by its own");
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
    if (!cJSON_IsArray(pair) || cJSON_GetArraySize(pair) != 2 ||
        !reading_is_player(cJSON_GetArrayItem(pair, 0), &made->colour))
        return reading_refuse(reading, field, "entry %d must be a player and a place, for example [\"B\",\"D4\"]",
                              index + 1);
    made->move = reading_place(game, place);
    return made->move != GAME_NO_MOVE ||
           reading_refuse(reading, field, "entry %d: \"%.20s\" is no place on a board of %d by %d", index + 1,
                          cJSON_IsString(place) ? place->valuestring : "", game->width, game->height);
}

bool reading_stones(const struct reading *reading)
{
    static const char field[] = "initialStones";
    struct analysis_query *query = reading->query;
    const cJSON *list = reading_field(reading->json, field), *pair;
    int index = 0;
    if (list && !cJSON_IsArray(list))
        return reading_refuse(reading, field, "must be a list of stones, for example [[\"B\",\"D4\"]]");
    cJSON_ArrayForEach(pair, list)
    {
        struct analysis_move stone;
        if (!read_pair(reading, field, index++, pair, &stone))
            return false;
        if (stone.move >= query->game.points || query->stones[stone.move])
            return reading_refuse(reading, field, "entry %d: %s", index,
                                  stone.move >= query->game.points ? "a stone needs a point"
                                                                   : "a second stone on one point");
        query->stones[stone.move] = stone.colour;
        query->stone_count++;
    }
    return true;
}

bool reading_moves(const struct reading *reading)
{
    static const char field[] = "moves";
    const cJSON *list = reading_field(reading->json, field), *pair;
    int index = 0;
    if (!cJSON_IsArray(list))
        return reading_refuse(reading, field,
                              "must be a list of moves, for example [[\"B\",\"D4\"],[\"W\",\"Q16\"]]; [] for none");
    cJSON_ArrayForEach(pair, list)
    {
        struct analysis_move made;
        if (index >= ANALYSIS_MAX_TURNS)
            return reading_refuse(reading, field, "there are more than %d moves", ANALYSIS_MAX_TURNS);
        if (!read_pair(reading, field, index++, pair, &made))
            return false;
        g_array_append_val(reading->query->moves, made);
    }
    const cJSON *player = reading_field(reading->json, "initialPlayer");
    return !player || reading_is_player(player, &reading->query->start_colour) ||
           reading_refuse(reading, "initialPlayer", "must be \"B\" or \"W\"");
}

#include "engine/protocols/katago/reading.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "engine/protocols/common/protocol.h"

bool G_GNUC_PRINTF(3, 4) reading_refuse(const struct reading *reading, const char *field, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *message = g_strdup_vprintf(format, list);
    va_end(list);
    analysis_send_error(reading->analysis, reading->id, field, message);
    g_free(message);
    return false;
}

bool reading_refuse_error(const struct reading *reading, const char *field, GError *error)
{
    reading_refuse(reading, field, "%s", error ? error->message : "failed");
    g_clear_error(&error);
    return false;
}

void reading_warn(const struct reading *reading, const char *field, const char *subject, const char *message)
{
    if (g_hash_table_add(reading->analysis->warned, g_strconcat(field, "/", subject, NULL)))
        analysis_send_warning(reading->analysis, reading->id, field, message);
}

const cJSON *reading_field(const cJSON *json, const char *field)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, field);
    return cJSON_IsNull(item) ? NULL : item;
}

bool reading_is_whole(const cJSON *item, double least, double most)
{
    return cJSON_IsNumber(item) && item->valuedouble == floor(item->valuedouble) && item->valuedouble >= least &&
           item->valuedouble <= most;
}

bool reading_int(const struct reading *reading, const char *field, double least, double most, int64_t *value)
{
    const cJSON *item = reading_field(reading->json, field);
    if (item && !reading_is_whole(item, least, most))
        return reading_refuse(reading, field, "must be a whole number from %.0f to %.0f", least, most);
    if (item)
        *value = (int64_t)item->valuedouble;
    return true;
}

bool reading_bool(const struct reading *reading, const char *field, bool *value)
{
    const cJSON *item = reading_field(reading->json, field);
    if (item && !cJSON_IsBool(item))
        return reading_refuse(reading, field, "must be true or false");
    *value = item && cJSON_IsTrue(item);
    return true;
}

bool reading_is_player(const cJSON *item, uint8_t *colour)
{
    enum game_colour named;
    bool is = cJSON_IsString(item) && protocol_is_colour(item->valuestring, &named);
    if (is)
        *colour = (uint8_t)named;
    return is;
}

game_move reading_place(const struct game *game, const cJSON *item)
{
    int x, y, end = 0;
    if (!cJSON_IsString(item))
        return GAME_NO_MOVE;
    if (item->valuestring[0] != '(')
        return game_move_parse(game, item->valuestring);
    if (strlen(item->valuestring) > 20 || sscanf(item->valuestring, "( %4d , %4d )%n", &x, &y, &end) != 2 || !end ||
        item->valuestring[end] || x < 0 || y < 0 || x >= game->width || y >= game->height)
        return GAME_NO_MOVE;
    return (game_move)(y * game->width + x);
}

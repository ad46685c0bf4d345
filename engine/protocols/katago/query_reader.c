#include "engine/protocols/katago/query_reader.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "engine/protocols/common/protocol.h"
#include "engine/protocols/katago/session.h"

bool G_GNUC_PRINTF(3, 4) reader_fail(const struct query_reader *reader, const char *field, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *message = g_strdup_vprintf(format, list);
    va_end(list);
    analysis_send_error(reader->analysis, reader->id, field, message);
    g_free(message);
    return false;
}

bool reader_fail_error(const struct query_reader *reader, const char *field, GError *error)
{
    reader_fail(reader, field, "%s", error ? error->message : "failed");
    g_clear_error(&error);
    return false;
}

void reader_warn(const struct query_reader *reader, const char *field, const char *subject, const char *message)
{
    if (g_hash_table_add(reader->analysis->warned, g_strconcat(field, "/", subject, NULL)))
        analysis_send_warning(reader->analysis, reader->id, field, message);
}

const cJSON *reader_field(const cJSON *json, const char *field)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, field);
    return cJSON_IsNull(item) ? NULL : item;
}

bool reader_is_integer(const cJSON *item, double min, double max)
{
    return cJSON_IsNumber(item) && item->valuedouble == floor(item->valuedouble) && item->valuedouble >= min &&
           item->valuedouble <= max;
}

bool reader_int(const struct query_reader *reader, const char *field, double min, double max, int64_t *value)
{
    const cJSON *item = reader_field(reader->json, field);
    if (item && !reader_is_integer(item, min, max))
        return reader_fail(reader, field, "must be an integer from %.0f to %.0f", min, max);
    if (item)
        *value = (int64_t)item->valuedouble;
    return true;
}

bool reader_bool(const struct query_reader *reader, const char *field, bool *value)
{
    const cJSON *item = reader_field(reader->json, field);
    if (item && !cJSON_IsBool(item))
        return reader_fail(reader, field, "must be true or false");
    *value = item && cJSON_IsTrue(item);
    return true;
}

bool reader_is_player(const cJSON *item, uint8_t *colour)
{
    enum game_colour named;
    bool is = cJSON_IsString(item) && protocol_is_colour(item->valuestring, &named);
    if (is)
        *colour = (uint8_t)named;
    return is;
}

game_move reader_location(const struct game *game, const cJSON *item)
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

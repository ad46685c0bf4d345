/* Internal to engine/protocols/katago/: reads the fields of a query from JSON. */
#ifndef TENGEN_ENGINE_PROTOCOLS_KATAGO_QUERY_READER_H
#define TENGEN_ENGINE_PROTOCOLS_KATAGO_QUERY_READER_H

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"

enum { ANALYSIS_MAX_TURNS = 10000 };

struct query_reader {
    struct analysis *analysis;
    const char *id;
    const cJSON *json;
    struct analysis_query *query;
};

/* Sends an error about a field. Returns false, for `return reader_fail(...)`. */
bool G_GNUC_PRINTF(3, 4) reader_fail(const struct query_reader *reader, const char *field, const char *format, ...);
bool reader_fail_error(const struct query_reader *reader, const char *field, GError *error); /* frees the error */
/* Sends a warning once per session for each pair of field and subject, because clients repeat the same settings in
 * every query. */
void reader_warn(const struct query_reader *reader, const char *field, const char *subject, const char *message);

/* The field, or NULL if it is absent or null. */
const cJSON *reader_field(const cJSON *json, const char *field);
bool reader_is_integer(const cJSON *item, double min, double max);
/* These return false, with the error sent, if the field has another type or is out of range. If it is absent,
 * reader_int leaves *value unchanged and reader_bool sets it to false. */
bool reader_int(const struct query_reader *reader, const char *field, double min, double max, int64_t *value);
bool reader_bool(const struct query_reader *reader, const char *field, bool *value);
bool reader_is_player(const cJSON *item, uint8_t *colour);
/* Parses "D4", "pass" or "(3,15)": x from the left, y from the top, both from 0. GAME_NO_MOVE for anything else. */
game_move reader_location(const struct game *game, const cJSON *item);

/* ---- game.c: these fill the query; they return false with the error sent ---- */

bool reader_game(const struct query_reader *reader);   /* size, rules, komi; call first */
bool reader_stones(const struct query_reader *reader); /* initialStones */
bool reader_moves(const struct query_reader *reader);  /* moves, initialPlayer */

#endif

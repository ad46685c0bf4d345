/* A query being read: what its fields share, and those of the game. For engine/protocols/katago/ alone. */
#ifndef TENGEN_ENGINE_PROTOCOLS_KATAGO_READING_H
#define TENGEN_ENGINE_PROTOCOLS_KATAGO_READING_H

#include "engine/protocols/katago/session.h"

enum { ANALYSIS_MAX_TURNS = 10000 };

struct reading {
    struct analysis *analysis;
    const char *id;
    const cJSON *json;
    struct analysis_query *query;
};

/* Sends the error of a field; false, for `return`. */
bool G_GNUC_PRINTF(3, 4) reading_refuse(const struct reading *reading, const char *field, const char *format, ...);
bool reading_refuse_error(const struct reading *reading, const char *field, GError *error); /* frees it */
/* Sends a warning, once in a session for each subject of a field: clients ask the same with every query. */
void reading_warn(const struct reading *reading, const char *field, const char *subject, const char *message);

/* The field, NULL when it is absent or null. */
const cJSON *reading_field(const cJSON *json, const char *field);
bool reading_is_whole(const cJSON *item, double least, double most);
/* False, with the error sent, when the field is of another kind. A number stays as it was when the field is absent. */
bool reading_int(const struct reading *reading, const char *field, double least, double most, int64_t *value);
bool reading_bool(const struct reading *reading, const char *field, bool *value);
bool reading_is_player(const cJSON *item, uint8_t *colour);
/* "D4", "pass", or "(3,15)": x from the left, y from the top, both from 0. GAME_NO_MOVE for anything else. */
game_move reading_place(const struct game *game, const cJSON *item);

/* ---- game.c: into the query; false with the error sent ---- */

bool reading_game(const struct reading *reading);   /* first: size, rules, komi */
bool reading_stones(const struct reading *reading); /* initialStones */
bool reading_moves(const struct reading *reading);  /* moves, initialPlayer */

#endif

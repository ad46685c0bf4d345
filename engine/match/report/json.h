/* Parts of a match's JSON that other reports share. */
#ifndef TENGEN_ENGINE_MATCH_REPORT_JSON_H
#define TENGEN_ENGINE_MATCH_REPORT_JSON_H

#include <cjson/cJSON.h>
#include <stdio.h>

struct match_score;

/* Adds "games", "wins", "draws", "losses" and "score", which is null without games. */
void match_json_add_score(cJSON *to, const struct match_score *score);
/* Prints the object as one line, and frees it. */
void match_json_print(FILE *out, cJSON *object);

#endif

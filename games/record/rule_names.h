/* Rules of Go as KGS and KataGo name them, whole ("japanese") or by part ({"ko":"SIMPLE"}), as options of a game spec.
 * For GTP and the analysis protocol alike. */
#ifndef TENGEN_GAMES_RECORD_RULE_NAMES_H
#define TENGEN_GAMES_RECORD_RULE_NAMES_H

#include <cjson/cJSON.h>

#include "games/game.h"

/* All functions: false with the error set when `from` is not Go, or there are no such rules, or they do not fit; `to`
 * (which may be `from`) is then as it was. lossy: set to a text (constant) when the rules have a part that is not
 * played here and was left out; with NULL such rules are refused. */

/* A whole rule set; options that stood apart from the old one go. */
bool rules_set_named(struct game *to, const struct game *from, const char *name, const char **lossy, GError **error);
/* The parts that the object names, of text or bool; others stay. */
bool rules_set_parts(struct game *to, const struct game *from, const cJSON *object, const char **lossy, GError **error);
/* One part. */
bool rules_set_part(struct game *to, const struct game *from, const char *key, const char *value, const char **lossy,
                    GError **error);

#endif

/* The one table of rule sets: what a set is called in specs, records, protocols and windows, and what it is as options
 * of a game spec. Rules of Go also by part, as KataGo has them ({"ko":"SIMPLE"}). */
#ifndef TENGEN_GAMES_RECORD_RULE_NAMES_H
#define TENGEN_GAMES_RECORD_RULE_NAMES_H

#include <cjson/cJSON.h>

#include "games/game.h"

struct rule_set {
    const char *game;    /* the game_ops' name */
    const char *name;    /* lower case, with "-" between words, as specs and KataGo have it */
    const char *title;   /* as SGF's RU has it and people read it; NULL: not written */
    const char *options; /* of a game spec */
    const char *kgs;     /* the nearest that KGS knows; NULL: not told to programs */
    const char *aliases; /* more names to read it by, separated by "|"; NULL for none */
    int gomocup;         /* number of Gomocup's INFO rule; -1: it has none */
    const char *lossy;   /* what the options leave out of the rules (a constant text); NULL: nothing */
};
extern const struct rule_set rule_sets[]; /* ends with a NULL name */

/* By name or alias; case does not matter, and a blank or "_" is as good as "-". NULL: there is none. */
const struct rule_set *rules_find(const struct game_ops *ops, const char *name);
const struct rule_set *rules_find_gomocup(int number);
/* The set that the game's option "rules" chooses, whatever other options change in it; NULL where there is none. */
const struct rule_set *rules_of(const struct game *game);

/* What people read for a choice of an option: its label, a rule set's title, or else its text. To be translated. */
const char *rules_choice_title(const struct game_ops *ops, const struct game_option *option, int choice);

/* Functions that set rules: false with the error set when `from` is not Go, or there are no such rules, or they do not
 * fit; `to` (which may be `from`) is then as it was. lossy: set to a text (constant) when the rules have a part that is
 * not played here and was left out; with NULL such rules are refused. */

/* A whole rule set; options that stood apart from the old one go. */
bool rules_set_named(struct game *to, const struct game *from, const char *name, const char **lossy, GError **error);
/* The parts that the object names, of text or bool; others stay. */
bool rules_set_parts(struct game *to, const struct game *from, const cJSON *object, const char **lossy, GError **error);
/* One part. */
bool rules_set_part(struct game *to, const struct game *from, const char *key, const char *value, const char **lossy,
                    GError **error);
/* All parts of a game of Go, as a JSON object; to be freed. */
char *rules_format_parts(const struct game *game);

#endif

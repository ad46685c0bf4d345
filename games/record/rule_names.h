/* The table of rule sets: the name of a set in specs, records, protocols and the window, and the options of a game spec
 * that it stands for. Rules of Go can also be set field by field, like KataGo's ({"ko":"SIMPLE"}). */
#ifndef TENGEN_GAMES_RECORD_RULE_NAMES_H
#define TENGEN_GAMES_RECORD_RULE_NAMES_H

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

struct game;
struct game_ops;
struct game_option;

struct rule_set {
    const char *game;    /* game_ops.name */
    const char *name;    /* lower case, with "-" between words, as in specs and in KataGo */
    const char *title;   /* in SGF's RU and for users; NULL: never written */
    const char *options; /* of a game spec */
    const char *kgs;     /* closest rule set of the command kgs-rules; NULL: not sent */
    const char *aliases; /* other accepted names, separated by "|"; NULL: none */
    int gomocup;         /* number in Gomocup's INFO rule; -1: none */
    const char *lossy;   /* what the options cannot express of the rules (a constant text); NULL: nothing */
};
extern const struct rule_set rule_sets[]; /* ends with a NULL name */

/* Finds a set by name or alias; ignores case, blanks, punctuation and a final "rules". NULL if there is none. */
const struct rule_set *rules_find(const struct game_ops *ops, const char *name);
const struct rule_set *rules_find_gomocup(int number);
/* The set that the game's option "rules" names, whatever other options change in it; NULL if there is none. */
const struct rule_set *rules_of(const struct game *game);

/* How to display a choice of an option: its label, the rule set's title, or else its text. To be translated. */
const char *rules_choice_title(const struct game_ops *ops, const struct game_option *option, int choice);

/* Functions that set rules of Go: *to becomes `from` with other rules. If `from` is not Go, or the rules are unknown or
 * do not fit, they return false, set the error and leave *to (which may be `from`) unchanged. lossy: set to a constant
 * text if part of the rules is not supported and was left out; if lossy is NULL, such rules are rejected. */

/* Sets a whole rule set, by name or by one of KataGo's strings such as koSIMPLEscoreAREAtaxNONEsui0komi7.5; options that
 * deviated from the old one are reset. */
bool rules_set_named(struct game *to, const struct game *from, const char *name, const char **lossy, GError **error);
/* Whether the text is one of KataGo's strings and specifies a komi. */
bool rules_text_has_komi(const char *text);
/* Sets the fields that are in the object: strings, booleans, and the number "komi"; the others are kept. */
bool rules_set_parts(struct game *to, const struct game *from, const cJSON *object, const char **lossy, GError **error);
/* Sets one field. */
bool rules_set_part(struct game *to, const struct game *from, const char *key, const char *value, const char **lossy,
                    GError **error);
/* All fields of a game of Go as a JSON object; freed by the caller. */
char *rules_format_parts(const struct game *game);

#endif

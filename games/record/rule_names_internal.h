/* Shared by rule_names.c and rule_parts.c. */
#ifndef TENGEN_GAMES_RECORD_RULE_NAMES_INTERNAL_H
#define TENGEN_GAMES_RECORD_RULE_NAMES_INTERNAL_H

#include "games/record/rule_names.h"

/* The options that a rule set presets, back to its presets. */
#define RULES_RESET "suicide=rule,ko=rule,scoring=rule,bonus=rule,last=rule,passstones=rule"

extern const char rules_no_button[], rules_no_tax[];

/* Whether the game is Go; otherwise sets the error. */
bool rules_are_of_go(const struct game *from, GError **error);
/* Whether the caller puts up with a loss (NULL: there is none), of which *lossy then tells; otherwise sets the error. */
bool rules_accept_loss(const char *loss, const char **lossy, GError **error);
/* Sets rules from a string of KataGo's. False, with the error set only if it is such a string and cannot be accepted. */
bool rules_set_string(struct game *to, const struct game *from, const char *text, const char **lossy, GError **error);

#endif

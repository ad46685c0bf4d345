/* Shared by rule_names.c and rule_parts.c. */
#ifndef TENGEN_GAMES_RECORD_RULE_NAMES_INTERNAL_H
#define TENGEN_GAMES_RECORD_RULE_NAMES_INTERNAL_H

#include <glib.h>
#include <stdbool.h>

struct game;

/* Resets the options that a rule set presets. */
#define RULES_RESET "suicide=rule,ko=rule,scoring=rule,bonus=rule,last=rule,passstones=rule"

extern const char rules_no_button[], rules_no_tax[];

/* Returns false, with the error set, if the game is not Go. */
bool rules_are_of_go(const struct game *from, GError **error);
/* Whether the caller accepts a loss (NULL: there is none), then stored in *lossy; otherwise sets the error. */
bool rules_accept_loss(const char *loss, const char **lossy, GError **error);
/* Sets rules from one of KataGo's strings. Returns false if it is none; the error is set only if it is, but cannot be
 * accepted. */
bool rules_set_string(struct game *to, const struct game *from, const char *text, const char **lossy, GError **error);

#endif
